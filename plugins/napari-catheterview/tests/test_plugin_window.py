"""The reading room in a real window: real keys, real clicks, the real store; what is shown is what is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication
from review_acts import kept, press
from review_cases import report

from catheterview.store import open_store
from napari_catheterview import layers
from napari_catheterview.session import ReviewSession
from napari_catheterview.words import REASONS


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


def test_a_rejection_by_mouse_alone(room, out, qtbot):
    """Reject, a reason from the list, Keep: kept; Back goes back, and nothing is kept."""
    dock = room.findings
    qtbot.mouseClick(dock.buttons["Reject (R)"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dock.back, Qt.MouseButton.LeftButton)
    assert kept(out) == []
    assert not dock.reason.isVisible()
    qtbot.mouseClick(dock.buttons["Reject (R)"], Qt.MouseButton.LeftButton)
    dock.reason.showPopup()
    offered = dock.reason.view()
    at = offered.visualRect(dock.reason.model().index(2, 0)).center()
    qtbot.mouseMove(offered.viewport(), at)
    qtbot.mouseClick(offered.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: dock.reason.currentText() == REASONS[2], timeout=2000)
    qtbot.mouseClick(dock.keep, Qt.MouseButton.LeftButton)
    assert [one[1:] for one in kept(out)] == [("rejected", REASONS[2])]


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


def test_what_another_reader_says_is_seen(room, out):
    """A verdict that another reader gives on the open case comes into table and layer; the finding in sight stays."""
    gap, kink = room.session.findings
    with open_store(out / "worklist.sqlite") as store:
        other = ReviewSession(room.session.report, ledger=store, reader="reader-2")
        other.select(kink.id)
        other.say("rejected", reason="normal loop")
    room.refresh_worklist()
    assert room.session.current.id == gap.id
    assert [row.status for row in room.findings.model.rows] == ["open", "rejected"]
    assert list(room.desk.layer(layers.FINDINGS).features["state"]) == ["open", "rejected"]
    room.verdicts.say("accepted")
    with open_store(out / "worklist.sqlite") as store:
        assert [(one.reader, one.verdict) for one in store.reviews("case-a")] == [
            ("reader-2", "rejected"),
            ("reader-1", "accepted"),
        ]


def test_undo_and_redo_by_key(room, out, qtbot):
    """Ctrl+Z takes the verdict back, Ctrl+Shift+Z gives it again; all three stay in the store."""
    press(room, qtbot, Qt.Key.Key_A)
    press(room, qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert room.session.undecided == 2
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(room, qtbot, Qt.Key.Key_Z, both)
    assert [verdict for _, verdict, _ in kept(out)] == ["accepted", "withdrawn", "accepted"]


def test_a_double_click_opens_the_next_case(room, qtbot):
    """The worklist opens a case by double click, and the desk holds that case alone."""
    rows = [row.case_id for row in room.cases.model.rows]
    assert rows == ["case-a", "case-b", "case-c"]
    room.furniture.worklist_tab.raise_()
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


def test_a_missed_finding_is_marked_at_the_crosshair(room, out, qtbot):
    """M, a kind, a remark, Return: kept with its place, shown in table and layer; Ctrl+Z takes it away again."""
    place = room.here()
    press(room, qtbot, Qt.Key.Key_M)
    qtbot.keyClicks(room.findings.reason.lineEdit(), "kink: seen on coronal")
    qtbot.keyClick(room.findings.reason.lineEdit(), Qt.Key.Key_Return)
    marked = room.session.current
    assert marked.kind == "kink"
    np.testing.assert_allclose(marked.point, place, atol=0.051)
    assert kept(out)[-1][1:] == ("missed", "seen on coronal")
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


def test_the_ladder_takes_answers_and_climbs_again(room, out, qtbot):
    """A field that is filled in is in the store, changes the step live and is then known; nonsense is refused."""
    dock = room.ladder.dock
    fields = dock.fields.fields
    assert {"pres.overdose_signs", "vol.aspirated_ml"} <= fields.keys()
    qtbot.keyClicks(fields["vol.aspirated_ml"], "a dragon")
    qtbot.keyClick(fields["vol.aspirated_ml"], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "dragon" in dock.problem.text(), timeout=2000)
    assert not dock.step.text().startswith("emergent")
    choice = fields["pres.overdose_signs"]
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: dock.step.text().startswith("emergent"), timeout=2000)
    assert "reader-1" in dock.fields.labels["pres.overdose_signs"].text()
    assert not dock.problem.isVisible()
    with open_store(out / "worklist.sqlite") as store:
        assert [(reply.fact, reply.value) for reply in store.replies("case-a")] == [("pres.overdose_signs", "yes")]


def test_the_worklist_is_live(room, out):
    """A case that a batch finishes while one reads appears in the list, in its place by urgency, and the mark stays."""
    with open_store(out / "worklist.sqlite") as store:
        store.save_report(replace(report("prone", case_id="case-0"), priority="emergent"))
    room.refresh_worklist()
    assert next(row.case_id for row in room.cases.model.rows) == "case-0"
    assert room.cases.view.selectionModel().selectedRows()[0].row() == 1
