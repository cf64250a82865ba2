"""A reading room comes into a window and leaves it as it was; napari finds the plugin by its manifest."""

from __future__ import annotations

import gc

import napari
import npe2
import pytest
from napari.qt import QtViewer
from review_cases import image, report
from written import write_ct, write_out

from napari_catheterview.app import open_room, reader_name
from napari_catheterview.widgets import ReviewWidget


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
    assert len(manifest.contributions.sample_data) == 1


def test_the_reader_is_who_the_environment_says(monkeypatch):
    """A pseudonym in the environment goes before the login."""
    monkeypatch.setenv("CATHETERVIEW_READER", "reader-9")
    assert reader_name() == "reader-9"
    monkeypatch.delenv("CATHETERVIEW_READER")
    monkeypatch.setenv("LOGNAME", "someone")
    assert reader_name() == "someone"
