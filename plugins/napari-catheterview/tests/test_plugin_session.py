"""One reader's way through a case: every verdict in the store at once, nothing ever deleted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from review_cases import UID, report

from catheterview.geometry import Frame
from catheterview.model import Kind, Mark
from catheterview.store import open_store
from napari_catheterview.corrected import with_points
from napari_catheterview.missed import finding_by_hand, missed_finding
from napari_catheterview.session import ReviewSession
from napari_catheterview.words import finding_rows, measure_words, progress_words, saved_words


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "worklist.sqlite") as opened:
        opened.save_report(report("feet first"))
        yield opened


def session(store, reader="reader-1"):
    return ReviewSession(report("feet first"), ledger=store, reader=reader)


def test_what_decided_the_ladder_is_read_first(store):
    """The finding that the ladder's step rests on comes before a surer one that it does not rest on."""
    order = [finding.kind for finding in session(store).findings]
    assert order == [Kind.DISCONTINUITY, Kind.KINK]


def test_next_and_previous_go_round(store):
    """From before the first, next is the first and previous the last; past an end it begins anew."""
    reading = session(store)
    assert reading.current is None
    assert [reading.step(1).kind for _ in range(3)] == [Kind.DISCONTINUITY, Kind.KINK, Kind.DISCONTINUITY]
    assert session(store).step(-1).kind is Kind.KINK


def test_a_verdict_is_in_the_store_when_say_returns(store, tmp_path):
    """Another connection sees the verdict, with reader, time and version, the moment it is given."""
    reading = session(store)
    reading.step(1)
    said = reading.say("accepted")
    with open_store(tmp_path / "worklist.sqlite") as other:
        assert other.reviews("case-a") == (said,)
    assert said.reader == "reader-1"
    assert said.at.endswith("+00:00")
    assert reading.status(said.finding_id) == "accepted"
    assert reading.undecided == 1


def test_a_verdict_that_cannot_be_kept_is_not_shown(store):
    """When the store refuses, the error is raised and the status stays open."""
    reading = session(store)
    finding = reading.step(1)
    store.close()
    with pytest.raises(Exception, match="closed"):
        reading.say("accepted")
    assert reading.status(finding.id) == "open"


def test_a_rejection_needs_a_reason(store):
    """Without a reason nothing is rejected and nothing is stored."""
    reading = session(store)
    reading.step(1)
    with pytest.raises(ValueError, match="reason"):
        reading.say("rejected", reason="  ")
    assert store.reviews("case-a") == ()
    assert reading.say("rejected", reason=" metal artefact ").reason == "metal artefact"


def test_undo_and_redo_append(store):
    """Undo brings back what stood before, redo what was undone; the store only grows."""
    reading = session(store)
    finding = reading.step(1)
    reading.say("unsure")
    reading.say("accepted")
    reading.undo()
    assert reading.status(finding.id) == "unsure"
    reading.undo()
    assert reading.status(finding.id) == "open"
    assert reading.undo() is None
    reading.redo()
    reading.redo()
    assert reading.status(finding.id) == "accepted"
    assert reading.redo() is None
    verdicts = [review.verdict for review in store.reviews("case-a")]
    assert verdicts == ["unsure", "accepted", "unsure", "withdrawn", "unsure", "accepted"]


def test_a_new_verdict_ends_redo(store):
    """After a new verdict there is nothing to redo."""
    reading = session(store)
    reading.step(1)
    reading.say("accepted")
    reading.undo()
    reading.say("unsure")
    assert reading.redo() is None


def test_two_readers_never_lose_a_verdict(store, tmp_path):
    """Two sessions at once: both verdicts stand, and taking one back leaves the other."""
    with open_store(tmp_path / "worklist.sqlite") as other:
        first, second = session(store), session(other, "reader-2")
        finding = first.step(1)
        second.step(1)
        first.say("accepted")
        second.say("rejected", reason="normal anatomy")
        first.refresh()
        assert [review.reader for review in first.standing(finding.id)] == ["reader-1", "reader-2"]
        second.undo()
        first.refresh()
        assert first.status(finding.id) == "accepted"
        assert len(store.reviews("case-a")) == 3


def test_a_session_goes_on_where_the_reader_left_off(store):
    """A new session over the same store knows all verdicts."""
    reading = session(store)
    finding = reading.step(1)
    reading.say("unsure", reason="ask a colleague")
    again = session(store)
    assert again.status(finding.id) == "unsure"
    assert finding_rows(again)[0].who.startswith("reader-1: unsure")
    assert progress_words(again) == "1 of 2 findings have a verdict"


def mark(*point, frame=Frame.PATIENT, sop=""):
    return Mark(series_instance_uid=UID, frame=frame, points=(point,), sop_instance_uid=sop)


def test_a_missed_finding_is_kept_with_its_place(store):
    """What a reader marks is a finding of the next session too: kind, place and remark; undo takes it off the list."""
    reading = session(store)
    marked = finding_by_hand(mark(12.34, -40.0, 871.55), Kind.KINK)
    review = reading.mark_missed(marked, remark="behind the pump: see coronal")
    assert reading.current.id == marked.id
    again = session(store).findings[-1]
    assert (again.id, again.kind, again.point) == (marked.id, Kind.KINK, (12.3, -40.0, 871.5))
    assert (review.reason, review.mark.kind) == ("behind the pump: see coronal", Kind.KINK)
    reading.undo()
    assert len(session(store).findings) == 2


def test_a_missed_finding_of_a_film_keeps_its_frame(store):
    """On a film the place is a row and a column of the image that was named."""
    marked = finding_by_hand(mark(120.26, 77.0, frame=Frame.DETECTOR, sop="1.2.9"), Kind.MIGRATION)
    session(store).mark_missed(marked)
    again = session(store).findings[-1]
    assert (again.frame, again.point, again.sop_instance_uid) == (Frame.DETECTOR, (120.3, 77.0), "1.2.9")


def test_only_a_missed_verdict_is_read_back_as_a_place(store):
    """A rejection is no finding; words of the first version of the file are read, unless their kind is unknown."""
    review = session(store).mark_missed(finding_by_hand(mark(1.0, 2.0, 3.0), Kind.KINK))
    assert missed_finding(replace(review, verdict="rejected")) is None
    old = replace(review, mark=None, reason=f"kink at (1.0, -2.5, 3.0) mm in {UID}: behind the pump")
    assert missed_finding(old).point == (1.0, -2.5, 3.0)
    assert missed_finding(old).series_instance_uid == UID
    assert missed_finding(replace(old, reason=old.reason.replace("kink", "dragon"))) is None


def test_a_corrected_catheter_is_kept_and_can_be_taken_back(store):
    """Another session draws the line as it was corrected, with its pieces; undo brings the machine's line back."""
    reading = session(store)
    (found,) = reading.report.catheters
    points = found.points[:30] + np.array([0.0, 1.5, 0.0])
    reading.correct(with_points(found, points, pieces=((0, 12), (13, 29))))
    again = session(store, reader="reader-2")
    line = again.catheter(found)
    np.testing.assert_allclose(line.points, points, atol=0.0051)
    assert line.pieces == ((0, 12), (13, 29))
    assert np.array_equal(line.radius, found.radius[:30])
    assert again.corrections == 1
    assert [finding.id for finding in again.findings] == [finding.id for finding in reading.findings]
    reading.undo()
    assert session(store).catheter(found) is found


def test_a_signature_stands_until_more_is_said(store):
    """A case is signed by whom and when; any later verdict, or undo, opens it again."""
    reading = session(store)
    assert reading.signature is None
    signed = reading.sign()
    assert (signed.finding_id, signed.verdict) == ("", "signed")
    assert session(store).signature == signed
    reading.step(1)
    reading.say("accepted")
    assert reading.signature is None
    reading.undo()
    assert reading.signature is None
    reading.sign()
    reading.undo()
    assert session(store).signature is None


def test_a_case_without_findings_is_never_called_normal():
    """Where nothing was flagged there is nothing to step to, and the words do not say that nothing is there."""

    class Empty:
        def add_review(self, review):
            raise AssertionError(review)

        def reviews(self, case_id):
            return ()

    reading = ReviewSession(replace(report("prone"), findings=()), ledger=Empty(), reader="reader-1")
    assert reading.step(1) is None
    assert reading.say("accepted") is None
    assert "does not mean" in progress_words(reading)


def test_words_carry_units(store):
    """A measure is written with its unit, a saved verdict with its reader and time."""
    assert measure_words("gap_mm", 5.24) == "gap 5.2 mm"
    assert measure_words("turn_deg", 80) == "turn 80.0 °"
    assert measure_words("count", 3) == "count 3"
    reading = session(store)
    reading.step(1)
    assert saved_words(reading.say("unsure")).endswith("UTC by reader-1: unsure")


def test_a_killed_process_loses_no_verdict(store, tmp_path):
    """A process that is killed the moment a verdict was given has left it in the store."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from catheterview.store import open_store\n"
        "from napari_catheterview.session import ReviewSession\n"
        "from review_cases import report\n"
        "reading = ReviewSession(report('feet first'), ledger=open_store(Path(sys.argv[1])), reader='reader-1')\n"
        "reading.step(1)\n"
        "reading.say('accepted')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    place = {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "worklist.sqlite")], env=os.environ | place, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert [review.verdict for review in store.reviews("case-a")] == ["accepted"]
