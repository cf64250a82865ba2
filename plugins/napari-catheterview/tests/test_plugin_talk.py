"""The ladder climbed again with the reader's answers and verdicts; the straightened catheter. No display."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from review_cases import catheter_points, grid, image, report

from catheterview.ladder import Facts, with_values, write_facts
from catheterview.limits import LadderLimits
from napari_catheterview.ladder_words import cautions, gate_lines, reasons
from napari_catheterview.straight import straightened
from napari_catheterview.talk import FACTS_FILE, LadderTalk, given_facts, limits_of, reading_of


class Kept:
    """A ledger of replies that is a list."""

    def __init__(self):
        self.all = []

    def add_reply(self, reply):
        self.all.append(reply)

    def replies(self, case_id):
        return [reply for reply in self.all if reply.case_id == case_id]


def talking(known, ledger=None, given=None, reader="r1"):
    return LadderTalk(
        known, given or Facts(), ledger=ledger or Kept(), reader=reader, clock=lambda: "2026-03-02T10:00Z"
    )


def test_what_is_told_is_kept_and_another_reader_goes_on_from_there():
    """A fact is in the ledger when it was taken in; then it is known, with its teller, and may be mended."""
    known, ledger = report("prone"), Kept()
    talk = talking(known, ledger)
    fact = talk.say(known.findings).asked[0].fact
    assert talk.tell(fact, "no") == ""
    assert [(reply.fact, reply.value, reply.reader) for reply in ledger.all] == [(fact, "no", "r1")]
    other = talking(known, ledger, reader="r2").say(known.findings)
    assert fact not in [entry.fact for entry in other.asked]
    (entry,) = [entry for entry in other.known if entry.fact == fact]
    assert (entry.written, entry.origin) == ("no", "r1, 2026-03-02 10:00")
    assert talk.tell(fact, "") == ""
    assert talk.say(known.findings).asked[0].fact == fact
    assert len(ledger.all) == 2


def test_what_triage_was_told_is_known(tmp_path):
    """Facts that triage kept beside the report decide, are shown in words, and a reader may overrule them."""
    known, ledger = report("prone"), Kept()
    given = {"vol": {"aspirated_ml": 18.0, "expected_ml": 5.0}, "pres": {"infection": False}}
    given["drug"] = {"agents": [{"name": "morphine", "concentration_mg_per_ml": 10}]}
    write_facts(with_values(Facts(), given), tmp_path / FACTS_FILE)
    facts, problem = given_facts(tmp_path)
    assert problem == ""
    talk = talking(known, ledger, facts)
    shown = {entry.fact: (entry.written, entry.origin) for entry in talk.say(known.findings).known}
    assert shown["vol.aspirated_ml"] == ("18", "given to triage")
    assert shown["pres.infection"] == ("no", "given to triage")
    assert shown["drug.agents"][0] == "morphine 10 mg/ml"
    assert talk.tell("vol.aspirated_ml", "5.1") == ""
    assert talk.facts.vol.aspirated_ml == 5.1
    assert talking(known, ledger, facts).facts.vol.aspirated_ml == 5.1


@pytest.mark.parametrize("written", ["a dragon", "yes or no"])
def test_what_makes_no_sense_is_refused(written):
    """The reason is given, the facts stay as they were, nothing is kept."""
    known, ledger = report("prone"), Kept()
    talk = talking(known, ledger)
    before = talk.facts
    assert talk.tell(talk.say(known.findings).asked[0].fact, written)
    assert talk.tell("vol.no_such_fact", "1")
    assert (talk.facts, ledger.all) == (before, [])


def test_every_asked_fact_has_a_field_that_takes_its_answers():
    """What is offered is accepted, fact by fact, and the ladder climbs with it."""
    known = report("prone")
    for entry in talking(known).say(known.findings).asked:
        assert entry.text
        assert entry.hint
        for offered in entry.offered:
            assert talking(known).tell(entry.fact, offered) == "", entry.fact


def test_a_rejected_finding_no_longer_decides():
    """Without the findings that were rejected the ladder stands elsewhere, and the note says so."""
    known = report("prone")
    talk = talking(known)
    with_all, without = talk.say(known.findings).decision, talk.say(()).decision
    assert with_all.because
    assert not without.because
    assert with_all.step != without.step
    assert known.decision.step in talk.note(without)


def test_an_overdose_sign_goes_to_the_top():
    """Answering yes to the first emergency question makes the case emergent, whatever the images say."""
    known = report("prone")
    talk = talking(known)
    asked = talk.say(known.findings).asked[0].fact
    assert "overdose" in asked
    talk.tell(asked, "yes")
    assert talk.say(known.findings).decision.urgency == "emergent"


def test_a_damaged_facts_file_is_left_alone(tmp_path):
    """A facts file that cannot be read is named, not used and not overwritten."""
    (tmp_path / FACTS_FILE).write_text("{", encoding="utf-8")
    facts, problem = given_facts(tmp_path)
    assert facts == Facts()
    assert FACTS_FILE in problem
    talking(report("prone"), given=facts).tell("pres.infection", "no")
    assert (tmp_path / FACTS_FILE).read_text(encoding="utf-8") == "{"


def test_the_ladder_is_asked_with_the_limits_of_the_run():
    """A limit that the report was made with is the one that the reading room climbs with."""
    assert limits_of(report("prone")) == LadderLimits()
    noted = replace(report("prone"), limits={"ladder": {"cap_success_ml": 3.5, "of another version": 1}})
    assert limits_of(noted).cap_success_ml == 3.5


def test_the_lines_of_the_dock():
    """Findings head the reasons and can be gone to; cautions are told once, apart; the gate by condition."""
    known = report("prone")
    said = talking(known, given=with_values(Facts(), {"cap": {"csf_aspirated_ml": 0.5}})).say(known.findings)
    why, mind = reasons(said.decision, known.findings), cautions(said.decision, known.findings)
    assert [line.finding_id for line in why][:2] == list(said.decision.because)[:2]
    assert len(why) == len(said.decision.because) + len(said.decision.trail)
    assert not any("Caution" in line.text for line in (*why, *mind))
    assert len({line.text for line in mind}) == len(mind) > 2
    assert any(line.finding_id for line in mind)
    lines = [line.text for line in gate_lines(said.answer)]
    gate = said.answer.gate
    assert len(lines) >= (1 if gate is None else 1 + len(gate.conditions)) + len(said.answer.amounts)
    assert lines[0].startswith("Contrast gate")


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
