"""The ladder climbed again with the reader's answers and verdicts; the straightened catheter. No display."""

from __future__ import annotations

import json

import numpy as np
import pytest
from review_cases import catheter_points, grid, image, report

from catheterview.ladder import load_facts
from napari_catheterview.straight import straightened
from napari_catheterview.talk import FACTS_FILE, LadderTalk, reading_of, talk_about


def test_an_answer_is_kept_and_the_question_changes(tmp_path):
    """Every answer is in the facts file when it was taken in, and a new talk goes on from there."""
    known = report("prone")
    talk = LadderTalk(known, tmp_path / FACTS_FILE)
    asked = talk.say(known.findings).question
    assert talk.answer(asked, "no", known.findings) == ""
    assert load_facts(tmp_path / FACTS_FILE) == talk.facts
    assert LadderTalk(known, tmp_path / FACTS_FILE).say(known.findings).question.name != asked.name


def test_what_is_not_known_is_not_asked_again(tmp_path):
    """An empty answer sets the question aside and keeps nothing."""
    known = report("prone")
    talk = LadderTalk(known, tmp_path / FACTS_FILE)
    asked = talk.say(known.findings).question
    assert talk.answer(asked, "  ", known.findings) == ""
    assert talk.say(known.findings).question.name != asked.name
    assert not (tmp_path / FACTS_FILE).exists()


def test_an_answer_that_makes_no_sense_is_refused(tmp_path):
    """The reason is given, the facts stay as they were."""
    known = report("prone")
    talk = LadderTalk(known, tmp_path / FACTS_FILE)
    before = talk.facts
    asked = talk.say(known.findings).question
    assert talk.answer(asked, "a dragon", known.findings)
    assert talk.facts == before


def test_a_rejected_finding_no_longer_decides():
    """Without the findings that were rejected the ladder stands elsewhere, and the note says so."""
    known = report("prone")
    talk = LadderTalk(known)
    with_all, without = talk.say(known.findings).decision, talk.say(()).decision
    assert with_all.because
    assert not without.because
    assert with_all.step != without.step
    assert known.decision.step in talk.note(without)


def test_an_overdose_sign_goes_to_the_top(tmp_path):
    """Answering yes to the first emergency question makes the case emergent, whatever the images say."""
    known = report("prone")
    talk = LadderTalk(known)
    asked = talk.say(known.findings).question
    assert "overdose" in asked.name
    talk.answer(asked, "yes", known.findings)
    assert talk.say(known.findings).decision.urgency == "emergent"


def test_a_damaged_facts_file_is_left_alone(tmp_path):
    """A facts file that cannot be read is not used and not overwritten."""
    (tmp_path / FACTS_FILE).write_text("{", encoding="utf-8")
    talk = talk_about(report("prone"), tmp_path)
    talk.answer(talk.say(()).question, "no", ())
    assert (tmp_path / FACTS_FILE).read_text(encoding="utf-8") == "{"


def test_the_reading_names_what_ran():
    """Only studies in which a detector ran count as read; the pump is one that was seen."""
    known = report("prone")
    reading = reading_of(known, known.findings)
    assert [rung.value for rung in reading.rungs] == ["ct"]
    assert reading.pump_found is True
    assert json.dumps(dict(reading.rung_of))


@pytest.mark.parametrize("name", ["feet first", "oblique", "gantry tilt"])
def test_the_middle_of_the_strip_is_the_catheter(name):
    """Along the middle of both cuts the strip is as bright as the catheter, and a column's place lies on it."""
    known, volume = report(name), image(name)
    straight = straightened(volume, known.catheters[0])
    rows = straight.values.shape[0] // 2
    for middle in (rows // 2, rows + rows // 2):
        assert np.median(straight.values[middle]) > 400
    points = catheter_points(grid(name))
    column, apart_mm = straight.column(points[30])
    assert apart_mm < 1.0
    np.testing.assert_allclose(straight.place(column), straight.centre[column])
    assert straight.shades(0, 1000).dtype == np.uint8
