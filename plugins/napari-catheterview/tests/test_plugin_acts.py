"""Every key and button: which test presses it, and those that no other test presses."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication
from review_acts import press
from sheet_cases import full_report, write_all
from written import write_out

from napari_catheterview import layers, opening
from napari_catheterview.desk import OPACITIES
from napari_catheterview.hanging import sheet_layers as sheets
from napari_catheterview.linked import WINDOW_DRAG_PX

#: The test in which a key is pressed on the canvas, and store and layers are looked at.
PRESSED = {
    "A": "test_keys_give_verdicts_that_are_kept_at_once",
    "U": "test_keys_give_verdicts_that_are_kept_at_once",
    "N": "test_next_and_previous_move_every_view",
    "P": "test_next_and_previous_move_every_view",
    "R": "test_a_rejection_asks_for_its_reason",
    "M": "test_a_missed_finding_is_marked_at_the_crosshair",
    "Control-Z": "test_undo_and_redo_by_key",
    "Control-Shift-Z": "test_undo_and_redo_by_key",
    "Control-Enter": "test_signing_writes_the_report_as_it_was_read",
    "S": "test_keys_set_planes_windows_and_slab",
    "1": "test_keys_set_planes_windows_and_slab",
    "2": "test_keys_set_planes_windows_and_slab",
    "3": "test_keys_set_planes_windows_and_slab",
    "4": "test_keys_set_planes_windows_and_slab",
    "F1": "test_keys_set_planes_windows_and_slab",
    "F2": "test_keys_set_planes_windows_and_slab",
    "F3": "test_keys_set_planes_windows_and_slab",
    "F4": "test_keys_set_planes_windows_and_slab",
    "F5": "test_keys_set_planes_windows_and_slab",
    "F6": "test_keys_set_planes_windows_and_slab",
    "H": "test_sheets_by_key_and_by_finding",
    "Shift-H": "test_back_a_sheet_and_the_shine_of_the_map",
    "O": "test_back_a_sheet_and_the_shine_of_the_map",
    "B": "test_the_prior_hangs_beside_and_moves_along",
    "K": "test_a_run_is_played_and_stopped_by_key",
    "L": "test_a_ruler_by_two_clicks",
    "Shift-L": "test_a_ruler_by_two_clicks",
    "G": "test_an_angle_by_three_clicks",
    "E": "test_the_catheter_is_drawn_anew_and_kept",
    "Escape": "test_escape_drops_what_was_drawn",
}


@pytest.fixture
def out(tmp_path):
    """Return a triage output with one case that has everything that hangs."""
    folder = write_all(tmp_path / "case", "feet first")
    return write_out(tmp_path / "out", [full_report("feet first")], [folder])


def canvas(room):
    return room.viewer.window._qt_viewer.canvas.native


def middle(room, right=0, down=0):
    return QPoint(canvas(room).width() // 2 + right, canvas(room).height() // 2 + down)


def test_every_key_is_pressed_in_a_test(room):
    """No key is bound that no test presses, and the tests that are named are there."""
    assert set(room.keys) == set(PRESSED)
    modules = [importlib.import_module(path.stem) for path in Path(__file__).parent.glob("test_*.py")]
    there = {name for module in modules for name in vars(module)}
    assert set(PRESSED.values()) <= there


def test_back_a_sheet_and_the_shine_of_the_map(room, qtbot):
    """O changes how the map shines in every view; Shift+H hangs the last sheet, which is the prior."""
    press(room, qtbot, Qt.Key.Key_O)
    for desk in room.views.desks:
        assert [layer.opacity for layer in desk.all(sheets.FUSED)] == [OPACITIES[1]]
    press(room, qtbot, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: room.desk.case.plan is room.desk.case.plans[-1], timeout=60_000)
    assert "2025-06-01" in room.desk.case.plan.name
    assert room.desk.all(sheets.FUSED) == []


def test_an_angle_by_three_clicks(room, qtbot):
    """G and three clicks: the angle at the second, drawn where it was clicked; the crosshair stays."""
    press(room, qtbot, Qt.Key.Key_G)
    before = room.here()
    for right, down in ((60, 0), (0, 0), (0, 60)):
        qtbot.mouseMove(canvas(room), middle(room, right, down))
        qtbot.mouseClick(canvas(room), Qt.MouseButton.LeftButton, pos=middle(room, right, down))
        QApplication.processEvents()
    ((_, done),) = room.tools.measured
    assert done.value == pytest.approx(90.0, abs=2.0)
    assert "°" in done.words
    np.testing.assert_allclose(room.here(), before)


def test_a_drag_with_shift_sets_the_window_everywhere(room, qtbot):
    """To the right with Shift held the window is wider, in every view that shows the study; the view does not move."""
    (low, high) = room.desk.layer(layers.IMAGE).contrast_limits
    center = tuple(room.desk.at)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseMove(canvas(room), middle(room))
    qtbot.mousePress(canvas(room), Qt.MouseButton.LeftButton, shift, middle(room))
    for right in (50, 100, 125):
        over = QPointF(middle(room, right))
        left = Qt.MouseButton.LeftButton
        move = QMouseEvent(QEvent.Type.MouseMove, over, canvas(room).mapToGlobal(over), left, left, shift)
        QApplication.sendEvent(canvas(room), move)
        qtbot.wait(50)  # moves that come faster than a canvas draws are taken together
    qtbot.mouseRelease(canvas(room), Qt.MouseButton.LeftButton, shift, middle(room, 125))
    for desk in room.views.desks:
        now = desk.layer(layers.IMAGE).contrast_limits
        assert now[1] - now[0] == pytest.approx((high - low) * np.exp(125 / WINDOW_DRAG_PX), rel=0.02)
    assert tuple(room.desk.at) == center


def test_cancel_stops_what_is_being_opened(room, qtbot, monkeypatch):
    """The button under the worklist stops an opening; what lies on the desk stays, and the list says so."""
    go, real = threading.Event(), opening.load_sheet
    monkeypatch.setattr(opening, "load_sheet", lambda *args: (go.wait(60), real(*args))[1])
    before = room.desk.case
    room.open("case-a")
    qtbot.waitUntil(lambda: "reading the pixels" in room.cases.status.text(), timeout=60_000)
    room.furniture.worklist_tab.raise_()
    QApplication.processEvents()
    qtbot.mouseClick(room.cases.cancel, Qt.MouseButton.LeftButton)
    go.set()
    assert room.cases.status.text() == "case-a: cancelled"
    qtbot.wait(300)
    assert room.desk.case is before


def test_the_worklist_is_narrowed_down_by_typing(room, qtbot):
    """Words typed above the list leave the cases that they are said of."""
    room.furniture.worklist_tab.raise_()
    qtbot.keyClicks(room.cases.sought, "kink -signed")
    assert [row.case_id for row in room.cases.model.rows] == ["case-a"]
    qtbot.keyClicks(room.cases.sought, " dragon")
    assert room.cases.model.rows == ()
    room.cases.sought.clear()


def test_the_button_signs(room, out, qtbot):
    """The button that signs writes what the key writes."""
    button = room.findings.buttons["Sign and export (Ctrl+Enter)"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "written: report.json" in room.findings.saved.text(), timeout=60_000)
    assert (out / "cases" / "case-a" / "signed" / "report.html").is_file()
