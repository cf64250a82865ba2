"""Sheets, prior, ruler, drawing and signing in a real window, by real keys and clicks."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication
from review_acts import press
from seen import words_on
from sheet_cases import FILM, LATERAL, full_report, write_all
from written import write_out

from catheterview.export import read_report
from catheterview.store import open_store
from napari_catheterview import layers
from napari_catheterview.compat import camera
from napari_catheterview.hand.marks import HANDLES, MEASURE_LINES
from napari_catheterview.hanging import sheet_layers as sheets
from napari_catheterview.linked import BESIDE_ZOOM
from napari_catheterview.planes import Plane


@pytest.fixture
def out(tmp_path):
    """Return a triage output with one case that has everything that hangs."""
    folder = write_all(tmp_path / "case", "feet first")
    return write_out(tmp_path / "out", [full_report("feet first")], [folder])


def canvas(room):
    return room.viewer.window._qt_viewer.canvas.native


def click(room, qtbot, right, down):
    """Click so many pixels from the middle of the main canvas."""
    at = QPoint(canvas(room).width() // 2 + right, canvas(room).height() // 2 + down)
    qtbot.mouseMove(canvas(room), at)
    qtbot.mouseClick(canvas(room), Qt.MouseButton.LeftButton, pos=at)
    QApplication.processEvents()


def drag(room, to):
    """Move the mouse over the main canvas with its left button down, which qtbot cannot."""
    over = QPointF(to)
    there = canvas(room).mapToGlobal(over)
    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseMove, over, there, left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas(room), event)
    QApplication.processEvents()


def wait_for(room, qtbot, name):
    qtbot.waitUntil(lambda: name in room.desk.case.plan.name, timeout=60_000)


def test_sheets_by_key_and_by_finding(room, qtbot):
    """H steps through what hangs; a finding that lies on a film brings the film, one on the CT the CT."""
    assert room.desk.case.plan.name == "ct CT + PT 2026-03-02"
    assert len(room.desk.all(sheets.FUSED)) == 1
    press(room, qtbot, Qt.Key.Key_H)
    wait_for(room, qtbot, "run")
    assert not room.planes.isVisible()
    film_finding = next(f for f in room.session.findings if f.series_instance_uid == FILM)
    room.select(film_finding.id)
    wait_for(room, qtbot, "films")
    np.testing.assert_allclose(room.desk.at, (0, 12.0, 12.4))
    assert room.straight.dock.sheets.currentText().startswith("radiograph")
    room.select(next(f for f in room.session.findings if f.frame == "PATIENT").id)
    wait_for(room, qtbot, "ct CT")
    assert room.planes.isVisible()
    assert len(room.desk.layer(layers.FINDINGS).data) == 2


def test_what_was_missed_on_a_film_is_kept_there(room, out, qtbot):
    """M on a film keeps the row and column of the image under the crosshair."""
    room.straight.dock.sheet_requested.emit(2)
    wait_for(room, qtbot, "films")
    second = room.desk.case.films[1]
    room.views.clicked(room.desk, second.world((10.0, 20.0)))
    press(room, qtbot, Qt.Key.Key_M)
    qtbot.keyClicks(room.findings.reason.lineEdit(), "migration")
    qtbot.keyClick(room.findings.reason.lineEdit(), Qt.Key.Key_Return)
    with open_store(out / "worklist.sqlite") as store:
        (review,) = store.reviews("case-a")
    assert (review.mark.series_instance_uid, review.mark.points) == (LATERAL, ((10.0, 20.0),))
    assert len(room.desk.layer(layers.FINDINGS).data) == 2


def test_the_prior_hangs_beside_and_moves_along(room, qtbot):
    """B puts the prior into a side view in the main plane; it follows every jump; B again takes it away."""
    press(room, qtbot, Qt.Key.Key_B)
    side = room.views.desks[1]
    qtbot.waitUntil(lambda: "PRIOR" in side.beside, timeout=60_000)
    assert side.plane is Plane.AXIAL
    assert "PRIOR ct CT 2025-06-01" in words_on(side.viewer)["note"]
    assert len(room.desk.all(sheets.FUSED)) == 1
    assert camera(side.viewer).zoom >= BESIDE_ZOOM
    press(room, qtbot, Qt.Key.Key_N)
    np.testing.assert_allclose(side.at, room.desk.at, atol=1e-6)
    press(room, qtbot, Qt.Key.Key_B)
    assert side.beside == ""
    assert side.plane is Plane.CORONAL


def test_a_ruler_by_two_clicks(room, qtbot):
    """L and two clicks: the length on the canvas is that of the pixels between, in mm; clicks then move again."""
    press(room, qtbot, Qt.Key.Key_L)
    zoom = camera(room.viewer).zoom
    before = room.here()
    click(room, qtbot, -30, 0)
    click(room, qtbot, 30, 40)
    ((_, done),) = room.tools.measured
    assert done.value == pytest.approx(np.hypot(60, 40) / zoom, abs=1.0 / zoom)
    assert done.words.endswith(" mm")
    np.testing.assert_allclose(room.here(), before)
    assert len(room.desk.layer(MEASURE_LINES).data) == 1
    click(room, qtbot, 10, 10)
    assert np.linalg.norm(room.here() - before) > 0
    press(room, qtbot, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert room.desk.layer(MEASURE_LINES) is None


def test_the_catheter_is_drawn_anew_and_kept(room, out, qtbot):
    """E, a handle dragged with the mouse, E: the line is kept, drawn everywhere and undone by Ctrl+Z."""
    (found,) = room.desk.case.catheters
    press(room, qtbot, Qt.Key.Key_E)
    draft = room.tools.draft
    handle = int(np.argmin(np.linalg.norm(draft.places - room.here(), axis=1)))
    room.views.go_to_point(draft.places[handle])
    room.desk.look_at(room.desk.at, zoom=8.0)
    QApplication.processEvents()
    middle = QPoint(canvas(room).width() // 2, canvas(room).height() // 2)
    qtbot.mouseMove(canvas(room), middle)
    qtbot.mousePress(canvas(room), Qt.MouseButton.LeftButton, pos=middle)
    for step in (8, 16, 24):
        drag(room, middle + QPoint(step, 0))
    qtbot.mouseRelease(canvas(room), Qt.MouseButton.LeftButton, pos=middle + QPoint(24, 0))
    moved = np.linalg.norm(draft.catheter.points - found.points, axis=1).max()
    assert moved == pytest.approx(24 / camera(room.viewer).zoom, abs=0.3)
    press(room, qtbot, Qt.Key.Key_E)
    with open_store(out / "worklist.sqlite") as store:
        (review,) = store.reviews("case-a")
    assert (review.verdict, review.mark.kind, len(review.mark.points)) == ("corrected", None, len(found.points))
    assert room.desk.layer(HANDLES) is None
    (shown,) = room.desk.case.catheters
    assert np.linalg.norm(shown.points - found.points, axis=1).max() == pytest.approx(moved, abs=0.01)
    press(room, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    (shown,) = room.desk.case.catheters
    assert np.array_equal(shown.points, found.points)


def test_escape_drops_what_was_drawn(room, out, qtbot):
    """E, two clicks that trace again, Escape: nothing is kept and the catheter is as it was."""
    (found,) = room.desk.case.catheters
    press(room, qtbot, Qt.Key.Key_E)
    for at in (22, 36):
        room.views.clicked(room.desk, room.desk.case.place.frame.from_patient(found.points[at]))
    qtbot.waitUntil(lambda: "traced again" in room.findings.saved.text(), timeout=60_000)
    assert len(room.desk.case.catheters[0].points) != len(found.points)
    press(room, qtbot, Qt.Key.Key_Escape)
    assert np.array_equal(room.desk.case.catheters[0].points, found.points)
    with open_store(out / "worklist.sqlite") as store:
        assert store.reviews("case-a") == ()


def test_a_piece_is_traced_again_by_clicks_and_kept(room, out, qtbot):
    """E, two clicks on cuts, undo, redo, E: the traced line is kept, and verdicts are undone as before."""
    (found,) = room.desk.case.catheters
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    press(room, qtbot, Qt.Key.Key_E)
    room.desk.set_plane(Plane.CORONAL)
    for at in (22, 36):
        room.desk.look_at(room.desk.case.place.frame.from_patient(found.points[at]), zoom=6.0)
        QApplication.processEvents()
        click(room, qtbot, 0, 0)
    qtbot.waitUntil(lambda: "traced again" in room.findings.saved.text(), timeout=60_000)
    traced = room.desk.case.catheters[0].points
    assert len(traced) != len(found.points)
    press(room, qtbot, Qt.Key.Key_Z, control)
    assert np.array_equal(room.desk.case.catheters[0].points, found.points)
    press(room, qtbot, Qt.Key.Key_Z, control | shift)
    assert np.array_equal(room.desk.case.catheters[0].points, traced)
    press(room, qtbot, Qt.Key.Key_E)
    press(room, qtbot, Qt.Key.Key_Z, control)
    assert np.array_equal(room.desk.case.catheters[0].points, found.points)
    press(room, qtbot, Qt.Key.Key_Z, control | shift)
    with open_store(out / "worklist.sqlite") as store:
        assert [one.verdict for one in store.reviews("case-a")] == ["corrected", "withdrawn", "corrected"]
    np.testing.assert_allclose(room.desk.case.catheters[0].points, traced, atol=0.01)


def test_escape_stops_tracing_and_keeps_the_draft(room, qtbot):
    """While a thread traces, Escape wants it no more: what it brings is dropped, and drawing goes on."""
    (found,) = room.desk.case.catheters
    press(room, qtbot, Qt.Key.Key_E)
    for at in (22, 36):
        room.views.clicked(room.desk, room.desk.case.place.frame.from_patient(found.points[at]))
    assert room.tools.tracing
    press(room, qtbot, Qt.Key.Key_Escape)
    assert not room.tools.tracing
    qtbot.wait(500)
    assert room.tools.draft is not None
    assert not room.tools.draft.changed
    press(room, qtbot, Qt.Key.Key_Escape)
    assert room.tools.draft is None


def test_a_run_is_played_and_stopped_by_key(room, qtbot):
    """K steps through the frames of a run, round its end, until K again; on a CT there is nothing to play."""
    press(room, qtbot, Qt.Key.Key_K)
    assert not room.cine.playing
    assert "no run" in room.findings.saved.text()
    press(room, qtbot, Qt.Key.Key_H)
    wait_for(room, qtbot, "run")
    seen = []
    room.viewer.dims.events.current_step.connect(lambda _event: seen.append(room.viewer.dims.current_step[0]))
    press(room, qtbot, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: len(seen) >= 7, timeout=20_000)
    assert set(seen) == set(range(5))
    press(room, qtbot, Qt.Key.Key_K)
    assert not room.cine.playing


def test_a_click_in_three_dimensions_goes_to_what_is_seen(room, qtbot):
    """In 3-D a click brings every view to the brightest voxel under the pointer; past the volume it does nothing."""
    room.desk.set_plane(Plane.SOLID)
    pixels = room.desk.layer(layers.IMAGE)
    block = np.full(pixels.data.shape, -1000, dtype=np.int16)
    bright = tuple(n // 2 for n in block.shape)
    block[bright] = 3000
    pixels.data = block
    place = pixels.data_to_world(bright)
    eye = camera(room.viewer)
    eye.center = place
    room.views.move_to(pixels.data_to_world((2, 2, 2)))
    QApplication.processEvents()
    click(room, qtbot, 0, 0)
    np.testing.assert_allclose(room.desk.at, place, atol=1e-6)
    # A slider stands on whole steps.
    np.testing.assert_allclose(
        room.views.desks[1].viewer.dims.point, place, atol=room.desk.case.hung.scale_mm.max() / 2
    )
    click(room, qtbot, canvas(room).width() // 2 - 5, 0)
    np.testing.assert_allclose(room.desk.at, place, atol=1e-6)


def test_signing_writes_the_report_as_it_was_read(room, out, qtbot):
    """Ctrl+Return keeps the signature and writes the report without what was rejected, with the ladder's new step."""
    gap = room.session.current
    room.verdicts.say("rejected", reason="normal loop")
    left = room.session.undecided
    press(room, qtbot, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.session.signature.reader == "reader-1"
    signed = out / "cases" / "case-a" / "signed"
    qtbot.waitUntil(lambda: "written: report.json" in room.findings.saved.text(), timeout=60_000)
    assert f"{left} of {left + 1} findings without a verdict" in room.findings.saved.text()
    written = read_report(signed / "report.json")
    assert gap.id not in {finding.id for finding in written.findings}
    assert written.decision.step == room.ladder.said.decision.step
    first = json.loads((out / "cases" / "case-a" / "report.json").read_text(encoding="utf-8"))
    assert gap.id in {finding["id"] for finding in first["findings"]}
