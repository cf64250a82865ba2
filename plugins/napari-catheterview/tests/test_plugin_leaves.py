"""A reading room comes into a window and leaves it as it was; napari finds the plugin by its manifest."""

from __future__ import annotations

import csv
import gc

import napari
import npe2
import numpy as np
import pytest
from napari.layers import Layer
from napari.qt import QtViewer
from review_cases import image, report
from written import write_ct, write_out

from napari_catheterview.app import open_room
from napari_catheterview.frame import hang
from napari_catheterview.layers import findings_layer
from napari_catheterview.place import place_of
from napari_catheterview.preferences import SLAB_MM, preferences, reader_name
from napari_catheterview.samples import drawn_film, fused_activity, oblique_catheter
from napari_catheterview.widgets import ReviewWidget
from napari_catheterview.windows import FIRST_WINDOW, WINDOWS
from napari_catheterview.writer import write_findings


def triaged(tmp_path):
    """Return a triage output with one case on its images."""
    folder = write_ct(image("oblique"), tmp_path / "ct")
    return write_out(tmp_path / "out", [report("oblique", case_id="case-b")], [folder])


@pytest.fixture
def viewer(qapp):
    """Return a window of the real application; napari's own fixture swaps plugin registries under later tests."""
    window = napari.Viewer(show=False)
    yield window
    window.close()


def canvases(qtbot) -> int:
    """Count the canvases that are alive once Qt, in a turn of its loop, and Python have thrown away what they can."""
    qtbot.wait(100)
    gc.collect()
    return sum(isinstance(one, QtViewer) for one in gc.get_objects())


def test_a_room_leaves_nothing_behind(tmp_path, viewer, qtbot):
    """A room that is closed takes its docks, layers and canvases with it."""
    before = canvases(qtbot)
    docks = len(viewer.window.dock_widgets)
    opened = open_room(viewer, triaged(tmp_path))
    qtbot.waitUntil(lambda: opened.session is not None, timeout=60_000)
    assert canvases(qtbot) == before + 2
    opened.close()
    assert canvases(qtbot) == before
    assert len(viewer.layers) == 0
    assert len(viewer.window.dock_widgets) == docks


def test_the_widget_opens_a_folder_or_says_why_not(tmp_path, viewer, qtbot):
    """From napari's own menu: a folder without worklist is named, one with a worklist is opened."""
    widget = ReviewWidget(viewer)
    qtbot.addWidget(widget)
    widget.open(tmp_path)
    assert "no worklist" in widget.said.text()
    widget.open(triaged(tmp_path))
    qtbot.waitUntil(lambda: widget.room.session is not None, timeout=60_000)
    assert widget.said.text() == "1 cases"
    widget.room.close()
    qtbot.wait(100)


def test_the_manifest_is_valid_and_leads_to_code():
    """Every command of the manifest can be imported, and napari finds reader, sample and widget."""
    manifest = npe2.PluginManifest.from_distribution("napari-catheterview")
    manifest.validate_imports()
    assert manifest.contributions.readers[0].accepts_directories
    assert [widget.display_name for widget in manifest.contributions.widgets] == ["Review a worklist"]
    assert len(manifest.contributions.sample_data) == 3
    assert {"Annotation", "IO", "Measurement", "Visualization"} <= set(manifest.categories)


def test_preferences_stand_where_nothing_is_set(monkeypatch):
    """Without a preference the catheter window and a slab of 10 mm; every window that may be preferred is one."""
    chosen = preferences()
    assert (chosen.window, chosen.slab_mm) == (FIRST_WINDOW, SLAB_MM)
    manifest = npe2.PluginManifest.from_distribution("napari-catheterview")
    reading = manifest.contributions.configurations["reading"]
    offered = reading.properties["window"].enum
    assert list(offered) == [window.name for window in WINDOWS]


def test_every_sample_opens_in_a_viewer():
    """Each sample is drawn, in mm, and its layers agree: the activity lies on the tube of the oblique volume."""
    for sample in (oblique_catheter, fused_activity, drawn_film):
        made = [Layer.create(*data) for data in sample()]
        assert all(str(layer.units[-1]) == "millimeter" for layer in made)
    tube, activity = (Layer.create(*data) for data in fused_activity())
    bright = np.array([tube.data_to_world(at) for at in np.argwhere(tube.data > 500)])
    hottest = activity.data_to_world(np.unravel_index(int(np.argmax(activity.data)), activity.data.shape))
    assert np.linalg.norm(bright - hottest, axis=1).min() < 4.0


def test_findings_are_written_as_a_table(tmp_path):
    """The writer keeps id, kind, verdict and LPS mm; any other points are left to another writer."""
    known = report("oblique")
    volume = image("oblique")
    status = {known.findings[0].id: "accepted"}
    data, shown, _ = findings_layer(known.findings, place_of(hang(volume)), status)
    path = tmp_path / "findings.csv"
    assert write_findings(str(path), data, shown) == [str(path)]
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["kind"], row["verdict"]) for row in rows] == [
        (known.findings[0].id, "kink", "accepted"),
        (known.findings[1].id, "discontinuity", "open"),
    ]
    np.testing.assert_allclose([float(v) for v in rows[0]["point"].split()], known.findings[0].point, atol=0.006)
    assert write_findings(str(tmp_path / "other.csv"), data, {"metadata": {}}) == []
    assert not (tmp_path / "other.csv").exists()


def test_the_reader_is_who_the_environment_says(monkeypatch):
    """A pseudonym in the environment goes before the login."""
    monkeypatch.setenv("CATHETERVIEW_READER", "reader-9")
    assert reader_name() == "reader-9"
    monkeypatch.delenv("CATHETERVIEW_READER")
    monkeypatch.setenv("LOGNAME", "someone")
    assert reader_name() == "someone"
