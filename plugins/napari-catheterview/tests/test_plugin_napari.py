"""The plugin as napari itself finds it: folders dropped on the window, layers saved by its menu, the window killed."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import napari
import numpy as np
import pydicom
import pytest
from qtpy.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QApplication, QRadioButton
from review_cases import image, report
from written import write_ct, write_out

from catheterview.store import open_store
from napari_catheterview import app
from napari_catheterview.frame import hang
from napari_catheterview.layers import CATHETER, FINDINGS

PLUGIN = "napari-catheterview"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return the folder of a CT and the output folder of triage on it."""
    scratch = tmp_path_factory.mktemp("dropped")
    ct = write_ct(image("oblique"), scratch / "ct")
    return ct, write_out(scratch / "out", [report("oblique")], [ct])


@pytest.fixture(scope="module")
def window(qapp):
    made = napari.Viewer()
    made.window.resize(1100, 700)
    yield made
    for room in list(app._FURNISHED.values()):
        room.close()
    made.close()


def choose():
    """Answer napari's question which reader is to open a folder, as soon as it is asked."""
    asked = QApplication.activeModalWidget()
    if asked is None:
        QTimer.singleShot(50, choose)
        return
    next(one for one in asked.findChildren(QRadioButton) if one.text() == "catheterview").setChecked(True)
    asked.persist_checkbox.setChecked(False)
    asked.accept()


def drop(window, path):
    """Let go of a folder over the window, as a file manager does; napari itself could read folders too, and asks."""
    QTimer.singleShot(0, choose)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(50, 50), copy, data, left, Qt.KeyboardModifier.NoModifier)
    window.window._qt_viewer.dropEvent(event)


def test_a_dropped_folder_of_dicom_is_an_image(window, folders):
    """A folder dropped on napari opens by this plugin, in mm, where the scanner had it."""
    drop(window, folders[0])
    (layer,) = window.layers
    hung = hang(image("oblique"))
    assert layer.data.shape == hung.voxels.shape
    np.testing.assert_allclose(layer.scale, hung.scale_mm, rtol=1e-5)
    np.testing.assert_allclose(layer.translate, hung.translate_mm, atol=1e-3)
    assert {str(unit) for unit in layer.units} == {"millimeter"}
    assert layer.source.reader_plugin == PLUGIN
    window.layers.clear()


def test_a_dropped_worklist_is_read_and_its_layers_saved(window, folders, qtbot, tmp_path):
    """An output folder dropped on napari furnishes the window; napari's own saving writes table, report and mask."""
    drop(window, folders[1])
    room = app._FURNISHED[id(window)]
    qtbot.waitUntil(lambda: room.ready, timeout=60_000)
    assert room.session.report.case_id == "case-a"
    for what, name in ((FINDINGS, "f.csv"), (FINDINGS, "sr.dcm"), (CATHETER, "seg.dcm")):
        window.layers.selection = {room.desk.layer(what)}
        # In the dialog the kind of file chooses the writer; of two for .csv napari's own would come first.
        assert window.layers.save(str(tmp_path / name), selected=True, plugin=PLUGIN) == [str(tmp_path / name)]
    with (tmp_path / "f.csv").open(encoding="utf-8", newline="") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == ["discontinuity", "kink"]
    assert pydicom.dcmread(tmp_path / "sr.dcm").Modality == "SR"
    assert pydicom.dcmread(tmp_path / "seg.dcm").pixel_array.any()


READS_ON = """
import sys, time
from pathlib import Path
import napari
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from napari_catheterview.app import open_room
viewer = napari.Viewer()
room = open_room(viewer, Path(sys.argv[1]))
while not room.ready:
    QApplication.processEvents()
    time.sleep(0.01)
canvas = viewer.window._qt_viewer.canvas.native
while True:
    for key, verdict in ((Qt.Key.Key_A, "accepted"), (Qt.Key.Key_N, ""), (Qt.Key.Key_U, "unsure")):
        QTest.keyClick(canvas, key)
        if verdict and room.findings.saved.text().endswith(verdict):
            print(room.session.current.id, verdict, flush=True)
"""


def test_a_killed_window_loses_no_verdict_that_was_shown(folders, tmp_path):
    """A real window that is killed while keys give verdicts has in the store each that it had shown as saved."""
    out = write_out(tmp_path / "out", [report("oblique")], [folders[0]])
    here = {"PYTHONPATH": str(Path(__file__).parent), "CATHETERVIEW_READER": "reader-1"}
    with subprocess.Popen(
        [sys.executable, "-c", READS_ON, str(out)], env=os.environ | here, stdout=subprocess.PIPE, text=True
    ) as reading:
        shown = [reading.stdout.readline().split() for _ in range(7)]
        reading.send_signal(signal.SIGKILL)
        shown += [line.split() for line in reading.stdout.read().splitlines()]
    assert reading.returncode == -signal.SIGKILL
    with open_store(out / "worklist.sqlite") as store:
        kept = [[review.finding_id, review.verdict] for review in store.reviews("case-a")]
    assert kept[: len(shown)] == shown
    assert len(kept) - len(shown) <= 1
