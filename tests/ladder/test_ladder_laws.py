"""What holds for every record of facts and every reading, drawn at random."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladder_records import any_facts, any_reading, ct_reading, found, ran, view_of

from catheterview.ladder import Facts, Reading, decide
from catheterview.ladder.engine import climb
from catheterview.ladder.guards.bedside import EMERGENCIES
from catheterview.ladder.guards.catheter import contrast_permitted
from catheterview.ladder.imaging import DEFECT_KINDS, PUMP_KINDS
from catheterview.ladder.table import TABLE
from catheterview.model import URGENCY, Kind, Rung

REASSURING = {"M1"}


def _urgency(facts: Facts, reading: Reading) -> int:
    return URGENCY.index(climb(view_of(facts, reading)).urgency)


@given(any_facts(), any_reading())
def test_every_record_gives_a_decision_with_sources(facts: Facts, reading: Reading) -> None:
    """The ladder is total, and every text that it shows has a source."""
    decision = decide(facts, reading=reading)
    assert decision.step in TABLE
    assert decision.urgency in URGENCY
    node = TABLE[decision.step]
    assert decision.action in {node.action, *(action for _, action in node.reworded)}
    assert decision.step in {step.node for step in decision.trail} | {TABLE[s.node].held_as for s in decision.trail}
    assert all(step.source and step.why and step.answer for step in decision.trail)
    assert decision.step not in decision.also
    assert len(set(decision.ask)) == len(decision.ask)


@given(any_facts(), any_reading())
def test_the_same_record_gives_the_same_decision(facts: Facts, reading: Reading) -> None:
    """The ladder is deterministic."""
    assert decide(facts, reading=reading) == decide(replace(facts), reading=replace(reading))


@given(any_facts(), any_reading(), st.sampled_from(EMERGENCIES))
def test_an_added_danger_sign_never_lowers_the_urgency(facts: Facts, reading: Reading, name: str) -> None:
    """A sign of an emergency that becomes known makes a case more urgent or leaves it."""
    worse = replace(facts, pres=replace(facts.pres, **{name.split(".")[1]: True}))
    assert _urgency(worse, reading) <= _urgency(facts, reading)
    assert _urgency(worse, reading) == URGENCY.index("emergent")


@given(any_facts(), any_reading(), st.sampled_from(tuple(Kind)))
def test_an_added_finding_never_lowers_the_urgency(facts: Facts, reading: Reading, kind: Kind) -> None:
    """A finding that triage adds makes a case more urgent or leaves it."""
    worse = replace(reading, findings=(*reading.findings, found(kind, x_mm=77.0)))
    assert _urgency(facts, worse) <= _urgency(facts, reading)


@given(any_facts(), st.sampled_from(sorted(DEFECT_KINDS | PUMP_KINDS)), st.sampled_from(("ct", "cap_ct", "radiograph")))
def test_a_defect_that_was_read_is_never_lost(facts: Facts, kind: str, rung: str) -> None:
    """Whatever else is known, a defect that triage read leads to surgery or to what comes before it."""
    outcome = climb(view_of(facts, ct_reading(Kind(kind), rung=Rung(rung))))
    standing = {outcome.step, *outcome.also}
    early = kind.startswith("tracer")
    assert early or standing & {"M2", "M3"}
    assert URGENCY.index(outcome.urgency) <= URGENCY.index("soon" if early else "urgent")


@given(any_facts(), any_reading(), st.sampled_from(("SKIPPED", "FAILED")))
def test_nothing_reassures_while_a_detector_did_not_run(facts: Facts, reading: Reading, outcome: str) -> None:
    """A case that was not examined whole is never routine, and its work-up is never deferred."""
    partial = replace(reading, examined=(*reading.examined, ran("kinks", outcome)))
    decision = climb(view_of(facts, partial))
    assert decision.step not in REASSURING
    assert not REASSURING & set(decision.also)
    assert decision.urgency != "routine"


@given(any_facts(), any_reading())
def test_contrast_is_offered_only_where_it_is_permitted(facts: Facts, reading: Reading) -> None:
    """No case is sent to a study through the port unless CSF came, or every condition of the gate holds."""
    view = view_of(facts, reading)
    outcome = climb(view)
    if {"I3", "I4", "I5"} & {outcome.step, *outcome.also}:
        assert contrast_permitted(view)


@given(any_facts(), any_reading())
def test_no_bolus_and_no_injection_while_it_would_be_dangerous(facts: Facts, reading: Reading) -> None:
    """No bolus with signs of overdose; no bolus, contrast or lumbar puncture while an MRI is awaited."""
    outcome = climb(view_of(facts, reading))
    standing = {outcome.step, *outcome.also}
    if facts.pres.overdose_signs and not facts.bolus.given and facts.bolus.response is None:
        assert not standing & {"B9", "B10"}
    if standing & {"I9", "M4"}:
        assert not standing & {"B9", "B10", "B11", "I3", "I4", "I5", "I8"}
    if "M4" in standing:
        assert "A8" not in standing
        assert "A7" in standing


@given(any_facts(), any_reading())
def test_an_emergency_that_nobody_answered_is_asked_first(facts: Facts, reading: Reading) -> None:
    """What is not known of step 1 heads the list of what is asked."""
    decision = decide(facts, reading=reading)
    view = view_of(facts, reading)
    unanswered = tuple(name for name in EMERGENCIES if view.is_unknown(name))
    assert decision.ask[: len(unanswered)] == unanswered


@given(any_facts(), any_reading())
def test_only_what_is_unknown_is_asked(facts: Facts, reading: Reading) -> None:
    """No question is asked that the record, or what triage read, answers."""
    view = view_of(facts, reading)
    assert all(view.is_unknown(name) for name in decide(facts, reading=reading).ask)


@given(any_facts(), any_reading())
def test_medical_optimisation_needs_every_emergency_excluded(facts: Facts, reading: Reading) -> None:
    """Deferring the device needs each emergency known not to be there, and a volume that is as expected."""
    view = view_of(facts, reading)
    outcome = climb(view)
    if "M1" in (outcome.step, *outcome.also):
        assert all(getattr(facts.pres, name.split(".")[1]) is False for name in EMERGENCIES)
        assert view.volumes.verdict is not None
        assert view.volumes.verdict.name == "AS_EXPECTED"


@pytest.mark.parametrize("kind", sorted(DEFECT_KINDS))
def test_each_defect_on_a_ct_alone_leads_to_the_surgeon(kind: str) -> None:
    """With no facts at all, a defect on CT is urgent, is the reason, and the emergencies are asked."""
    reading = ct_reading(Kind(kind))
    decision = decide(Facts(), reading=reading)
    assert decision.step == "M3"
    assert decision.urgency == "urgent"
    assert decision.because == (reading.findings[0].id,)
    assert decision.ask[:6] == EMERGENCIES
