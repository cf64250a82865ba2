"""The reading room in a real window: real keys, real clicks, the real store; what is shown is what is kept."""

from __future__ import annotations

import napari
import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication
from review_cases import image, report
from written import write_ct, write_out

from catheterview.store import open_store
from napari_catheterview import layers
from napari_catheterview.app import open_room
from napari_catheterview.planes import Plane
from napari_catheterview.windows import WINDOWS
from napari_catheterview.words import REASONS, RESEARCH

CASES = {"case-a": "feet first", "case-b": "oblique"}


@pytest.fixture
def out(tmp_path):
    """Return a triage output with two cases on their images, and one whose report is broken."""
    reports = [report(name, case_id=case_id) for case_id, name in CASES.items()]
    made = write_out(tmp_path / "out", [*reports, report("prone", case_id="case-c")], [])
    for case_id, name in CASES.items():
        folder = write_ct(image(name), tmp_path / case_id)
        (made / "cases" / case_id / "source.json").write_text(f'{{"inputs": ["{folder}"]}}', encoding="utf-8")
    (made / "cases" / "case-c" / "report.json").write_text("{", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def furnished(qapp):
    """Keep one furnished window for all tests here, for it costs seconds; each test enters it with its own worklist."""
    window = napari.Viewer()
    window.window.resize(1100, 700)
    rooms = []
    yield window, rooms
    for one in rooms:
        one.close()
    window.close()


@pytest.fixture
def room(out, furnished, qtbot, monkeypatch):
    monkeypatch.setenv("CATHETERVIEW_READER", "reader-1")
    window, rooms = furnished
    opened = open_room(window, out, "case-a", room=rooms[0] if rooms else None)
    rooms[:] = [opened]
    qtbot.waitUntil(lambda: opened.session is not None, timeout=60_000)
    yield opened
    opened.cancel()
    opened.findings.drop_reason()
    opened.desk.set_plane(Plane.AXIAL)
    for layer in opened.viewer.layers:
        layer.visible = True


def press(room, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    """Press a key on the canvas, as a reader does who looks at the picture."""
    canvas = room.viewer.window._qt_viewer.canvas.native
    canvas.setFocus()
    qtbot.keyClick(canvas, key, modifier)
    QApplication.processEvents()


def kept(out):
    """Return (finding kind's id, verdict, reason) of all verdicts, by another connection."""
    with open_store(out / "worklist.sqlite") as store:
        return [(review.finding_id, review.verdict, review.reason) for review in store.reviews("case-a")]


def test_keys_give_verdicts_that_are_kept_at_once(room, out, qtbot):
    """A accepts the finding in sight, N goes on, U is unsure; each is in the store before the next key."""
    gap, kink = room.session.findings
    press(room, qtbot, Qt.Key.Key_A)
    assert kept(out) == [(gap.id, "accepted", "")]
    assert room.findings.saved.text().endswith("by reader-1: accepted")
    press(room, qtbot, Qt.Key.Key_N)
    press(room, qtbot, Qt.Key.Key_U)
    assert kept(out)[-1] == (kink.id, "unsure", "")
    assert list(room.desk.layer(layers.FINDINGS).features["state"]) == ["accepted", "unsure"]
    assert [row.status for row in room.findings.model.rows] == ["accepted", "unsure"]
    assert next(row.reviews for row in room.cases.model.rows if row.case_id == "case-a") == 2


def test_a_rejection_asks_for_its_reason(room, out, qtbot):
    """R opens the field for a reason, typed letters go there and give no verdict, Return keeps it."""
    gap = room.session.findings[0]
    press(room, qtbot, Qt.Key.Key_R)
    assert kept(out) == []
    assert room.findings.reason.isVisible()
    qtbot.keyClicks(room.findings.reason.lineEdit(), "an area of paper")
    qtbot.keyClick(room.findings.reason.lineEdit(), Qt.Key.Key_Return)
    assert kept(out) == [(gap.id, "rejected", "an area of paper")]
    assert not room.findings.reason.isVisible()


def test_escape_leaves_a_rejection(room, out, qtbot):
    """Escape in the field for a reason goes back, and nothing is kept."""
    press(room, qtbot, Qt.Key.Key_R)
    assert room.findings.reason.currentText() == REASONS[0]
    qtbot.keyClick(room.findings.reason.lineEdit(), Qt.Key.Key_Escape)
    assert not room.findings.reason.isVisible()
    assert kept(out) == []


@pytest.mark.parametrize("key", [Qt.Key.Key_N, Qt.Key.Key_P])
def test_next_and_previous_move_every_view(room, qtbot, key):
    """N and P bring the cut, the crosshair, the camera and the table to the other finding."""
    press(room, qtbot, key)
    kink = room.session.findings[1]
    world = room.desk.case.place.frame.from_patient(kink.point)
    assert room.session.current.id == kink.id
    np.testing.assert_allclose(room.viewer.dims.point, world, atol=1.3)
    np.testing.assert_allclose(room.viewer.scene.camera.center[-2:], world[1:], atol=1e-6)
    assert room.findings.view.selectionModel().selectedRows()[0].row() == 1
    assert "kink" in room.findings.message.text()


def test_buttons_do_what_keys_do(room, out, qtbot):
    """Every button of the findings dock works by click."""
    buttons = room.findings.buttons
    qtbot.mouseClick(buttons["Next (N)"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons["Accept (A)"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons["Previous (P)"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons["Unsure (U)"], Qt.MouseButton.LeftButton)
    assert [verdict for _, verdict, _ in kept(out)] == ["accepted", "unsure"]
    qtbot.mouseClick(buttons["Reject (R)"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(room.findings.reason.lineEdit(), Qt.Key.Key_Return)
    assert kept(out)[-1][1:] == ("rejected", REASONS[0])


def test_keys_work_in_the_table_too(room, out, qtbot):
    """With the focus in the table A still accepts, and does not search for a line that begins with a."""
    room.findings.view.setFocus()
    qtbot.keyClick(room.findings.view, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: [verdict for _, verdict, _ in kept(out)] == ["accepted"], timeout=2000)


def test_a_click_on_a_line_goes_to_its_finding(room, qtbot):
    """A click in the findings table jumps there."""
    view = room.findings.view
    middle = view.visualRect(room.findings.model.index(1, 1)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle))
    assert room.session.position == 1


def test_undo_and_redo_by_key(room, out, qtbot):
    """Ctrl+Z takes the verdict back, Ctrl+Shift+Z gives it again; all three stay in the store."""
    press(room, qtbot, Qt.Key.Key_A)
    press(room, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert room.session.undecided == 2
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(room, qtbot, Qt.Key.Key_Z, both)
    assert [verdict for _, verdict, _ in kept(out)] == ["accepted", "withdrawn", "accepted"]


def test_keys_set_planes_windows_and_slab(room, qtbot):
    """1 to 4 are the planes and 3-D, F1 to F6 the windows, S the slab."""
    for key, plane in zip("1234", Plane, strict=True):
        press(room, qtbot, getattr(Qt.Key, f"Key_{key}"))
        assert room.desk.plane is plane
    press(room, qtbot, Qt.Key.Key_1)
    for window in WINDOWS:
        press(room, qtbot, getattr(Qt.Key, f"Key_{window.key}"))
        assert tuple(room.desk.layer(layers.IMAGE).contrast_limits) == window.limits_hu
    press(room, qtbot, Qt.Key.Key_S)
    assert room.desk.layer(layers.IMAGE).projection_mode == "max"


def test_a_double_click_opens_the_next_case(room, qtbot):
    """The worklist opens a case by double click, and the desk holds that case alone."""
    rows = [row.case_id for row in room.cases.model.rows]
    assert rows == ["case-a", "case-b", "case-c"]
    room.worklist_tab.raise_()
    QApplication.processEvents()
    at = room.cases.view.visualRect(room.cases.model.index(1, 0)).center()
    qtbot.mouseClick(room.cases.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(room.cases.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: room.session.report.case_id == "case-b", timeout=60_000)
    assert len(room.desk.all(layers.IMAGE)) == 1
    assert not room.desk.case.place.frame.straight
    assert room.cases.status.text() == "case-b is open"


def test_a_case_that_fails_says_why_and_the_list_goes_on(room, qtbot):
    """A broken report is named in the worklist with its reason; the case on the desk stays, the next one opens."""
    room.open("case-c")
    qtbot.waitUntil(lambda: "case-c" in room.cases.troubles, timeout=60_000)
    assert "case-c/report.json" in room.cases.status.text()
    assert room.session.report.case_id == "case-a"
    room.open("case-b")
    qtbot.waitUntil(lambda: room.session.report.case_id == "case-b", timeout=60_000)


def test_only_the_last_case_asked_for_arrives(room, qtbot):
    """Two cases asked for at once: the first is dropped, even when it comes later."""
    room.open("case-b")
    room.open("case-a")
    qtbot.waitUntil(lambda: room.cases.status.text() == "case-a is open", timeout=60_000)
    qtbot.wait(500)
    assert room.session.report.case_id == "case-a"


def test_research_use_only_is_always_in_sight(room):
    """The canvas and every dock say it, in every plane."""
    for plane in Plane:
        room.desk.set_plane(plane)
        assert room.viewer.canvas.overlays["catheterview_research"].visible
    for dock in (room.cases, room.findings, room.ladder.dock, room.straight.dock):
        assert any(label.text() == RESEARCH for label in dock.findChildren(type(room.findings.saved)))


def test_the_left_of_the_patient_is_on_the_right_of_the_picture(room, qtbot):
    """Bright voxels on the patient's left appear on the right half, in the planes and in 3-D seen from the front."""
    pixels = room.desk.layer(layers.IMAGE)
    block = np.full(pixels.data.shape, -1000, dtype=np.int16)
    block[:, :, block.shape[2] // 2 + 2 :] = 3000
    pixels.data = block
    for layer in room.viewer.layers:
        layer.visible = layer is pixels
    for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SOLID):
        room.desk.set_plane(plane)
        room.viewer.reset_view()
        room.desk.set_plane(plane)
        picture = room.viewer.screenshot(canvas_only=True, flash=False)[..., :3].mean(axis=2)
        height, width = picture.shape
        band = picture[height // 3 : 2 * height // 3]
        assert band[:, width // 2 + 20 : -60].mean() > band[:, 60 : width // 2 - 20].mean() + 20, plane


def test_every_view_jumps_together(room, qtbot):
    """N moves coronal and sagittal, the strip and the crosshair of every view to the same place in the patient."""
    press(room, qtbot, Qt.Key.Key_N)
    kink = room.session.current
    for desk in room.views.desks:
        np.testing.assert_allclose(desk.viewer.dims.point, room.viewer.dims.point, atol=1e-6)
        at = np.median(desk.layer(layers.CURSOR).data[:, 0] * np.array(desk.layer(layers.CURSOR).scale), axis=0)
        np.testing.assert_allclose(desk.case.place.frame.to_patient(at), kink.point, atol=1e-6)
    assert room.straight.dock.words.text().endswith("0 mm from the catheter")
    assert [desk.plane for desk in room.views.desks] == [Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL]


def test_side_views_share_the_voxels(room):
    """Three planes of one volume hold it in memory once."""
    voxels = [desk.layer(layers.IMAGE).data for desk in room.views.desks]
    assert all(np.shares_memory(voxels[0], other) for other in voxels[1:])


def test_a_click_on_the_strip_goes_there(room, qtbot):
    """A click at the far end of the straightened catheter brings every view to its tip."""
    strip = room.straight.dock.strip
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() - 1, strip.height() // 2))
    tip = room.session.report.catheters[0].points[-1]
    assert np.linalg.norm(room.here() - tip) < 2.0


def test_a_click_on_a_cut_moves_the_crosshair(room, qtbot):
    """A click on the canvas, without a drag, cuts every view there; the place is napari's own reckoning of it."""
    canvas = room.viewer.window._qt_viewer.canvas.native
    before = room.here()
    pos = QPoint(canvas.width() // 2 + 40, canvas.height() // 2 + 24)
    qtbot.mouseMove(canvas, pos)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=pos)
    moved = room.desk.case.place.frame.from_patient(room.here() - before)
    zoom = room.viewer.scene.camera.zoom
    np.testing.assert_allclose(moved[1:], (24 / zoom, 40 / zoom), atol=1.5 / zoom)
    assert abs(moved[0]) <= room.desk.case.hung.scale_mm[0] / 2


def test_a_missed_finding_is_marked_at_the_crosshair(room, out, qtbot):
    """M, a kind, a remark, Return: kept with its place, shown in table and layer; Ctrl+Z takes it away again."""
    place = room.here()
    press(room, qtbot, Qt.Key.Key_M)
    qtbot.keyClicks(room.findings.reason.lineEdit(), "kink: seen on coronal")
    qtbot.keyClick(room.findings.reason.lineEdit(), Qt.Key.Key_Return)
    marked = room.session.current
    assert marked.kind == "kink"
    np.testing.assert_allclose(marked.point, place, atol=0.051)
    assert kept(out)[-1][1] == "missed"
    assert kept(out)[-1][2].endswith(": seen on coronal")
    assert len(room.desk.layer(layers.FINDINGS).data) == 3
    press(room, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(room.desk.layer(layers.FINDINGS).data) == 2


def test_words_that_are_no_kind_mark_nothing(room, out, qtbot):
    """What is no kind of finding is refused in words, and nothing is kept."""
    press(room, qtbot, Qt.Key.Key_M)
    qtbot.keyClicks(room.findings.reason.lineEdit(), "dragon")
    qtbot.keyClick(room.findings.reason.lineEdit(), Qt.Key.Key_Return)
    assert "is no kind" in room.findings.saved.text()
    assert kept(out) == []


def test_the_ladder_takes_answers_and_verdicts(room, out, qtbot):
    """An answer is kept beside the report and the ladder climbs again; an answer that makes no sense is refused."""
    dock = room.ladder.dock
    first = dock.question.text()
    qtbot.keyClicks(dock.reply, "perhaps a dragon")
    qtbot.keyClick(dock.reply, Qt.Key.Key_Return)
    assert dock.problem.text()
    assert dock.question.text() == first
    dock.reply.clear()
    qtbot.keyClicks(dock.reply, "no")
    qtbot.keyClick(dock.reply, Qt.Key.Key_Return)
    assert dock.question.text() != first
    assert (out / "cases" / "case-a" / "facts.json").is_file()


def test_a_click_on_a_reason_goes_to_its_finding(room, qtbot):
    """The first reason of the ladder is a finding, and a click goes there."""
    press(room, qtbot, Qt.Key.Key_N)
    reasons = room.ladder.dock.reasons
    item = reasons.item(0)
    assert item.text().startswith("finding:")
    wanted = item.data(Qt.ItemDataRole.UserRole)
    room.session.step(1) if room.session.current.id == wanted else None
    qtbot.mouseClick(reasons.viewport(), Qt.MouseButton.LeftButton, pos=reasons.visualItemRect(item).center())
    assert room.session.current.id == wanted
