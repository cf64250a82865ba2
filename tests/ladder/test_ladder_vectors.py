"""The conformance vectors: what the ladder must say of cases that the review describes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ladder_cases import NEXT, STANDS, VECTORS
from ladder_records import CALM, EASY, GATED, LOST, record, studies

from catheterview.ladder import Facts, Reading, decide
from catheterview.model import Decision


def _decide(facts: Facts) -> Decision:
    return decide(facts, reading=Reading())


def _passes(decision: Decision, path: str) -> bool:
    """Whether the trail holds the nodes of a path, in order, with others between them."""
    trail = iter(step.node for step in decision.trail)
    return all(node in trail for node in path.split())


@pytest.mark.parametrize("name", VECTORS)
def test_conformance_vector(name: str) -> None:
    """A case of the review goes the way that the review says, and stands where it says."""
    facts, path, step = VECTORS[name]
    decision = _decide(facts)
    assert _passes(decision, f"{path} {step}"), [each.node for each in decision.trail]
    if step != "B2":  # the way on from there depends on facts that the vector does not give
        assert decision.step == step


def test_monitoring_unknown_closes_the_gate() -> None:
    """One unknown condition sends the case to imaging without injection, and is asked."""
    facts = record({**GATED, "gate": {k: v for k, v in GATED["gate"].items() if k != "monitoring_available"}})
    decision = _decide(facts)
    assert decision.step == "I6"
    assert "gate.monitoring_available" in decision.ask
    assert next(step.answer for step in decision.trail if step.node == "G1") == "closed"


def test_a_suspected_mass_closes_the_gate_and_asks_for_mri() -> None:
    """A suspected mass is an emergency, and no condition of the gate outweighs it."""
    decision = _decide(record(GATED, pres={"suspect_tip_mass": True}))
    assert decision.step == "I9"
    assert "I6" in decision.also
    assert next(step.answer for step in decision.trail if step.node == "G1") == "closed"
    assert decision.urgency == "emergent"


def test_films_with_a_gap_lead_to_no_contrast() -> None:
    """A frank disconnection on films is operated without a contrast study."""
    decision = _decide(record(LOST, studies(radiograph="abnormal:discontinuity"), cap=EASY))
    assert decision.step == "M3"
    assert not {"I3", "I4", "I5", "G1"} & {step.node for step in decision.trail}


def test_contrast_around_the_pump_with_a_dural_leak_is_not_called_a_pocket_fill() -> None:
    """The caution names retrograde tracking, and nothing says pocket fill."""
    leak = "abnormal:pocket_pooling,retrograde_tracking"
    decision = _decide(record(LOST, studies(cap_ct=leak), cap=EASY))
    told = next(step.why for step in decision.trail if step.node == "I5")
    assert decision.step == "M3"
    assert "Retrograde tracking from a dural leak" in told
    assert "pocket fill" not in told


def test_contrast_around_the_pump_alone_may_be_retrograde_tracking() -> None:
    """Contrast around the pump is told with its other explanation."""
    decision = _decide(record(LOST, studies(cap_ct="abnormal:pocket_pooling"), cap=EASY))
    assert any("may be retrograde tracking" in step.why for step in decision.trail)


def test_parallel_alarms_are_all_named() -> None:
    """Of several emergencies the most urgent is the step, and the others run beside it."""
    signs = {"overdose_signs": True, "new_or_progressive_neuro_deficit": True, "infection": True}
    decision = _decide(record(pres={**CALM, **signs}))
    assert decision.step == "A4"
    assert set(decision.also) == {"I9", "X1"}
    assert decision.urgency == "emergent"


def test_overdose_and_withdrawal_together_show_both() -> None:
    """Overdose leads, withdrawal is supported, and no refill is offered while overdose is suspected."""
    decision = _decide(record(pres={**CALM, "overdose_signs": True, "withdrawal_signs": True}))
    assert decision.step == "A4"
    assert decision.also == ("A7",)
    assert any(step.node == "A8" and step.answer == "held" for step in decision.trail)


def test_a_mass_stops_delivery_and_starts_the_withdrawal_watch() -> None:
    """Stopping delivery is the action, and withdrawal is watched beside it; nothing is refilled."""
    signs = {"new_or_progressive_neuro_deficit": True, "withdrawal_signs": True}
    decision = _decide(record(studies(mri="abnormal"), pres={**CALM, **signs}, vol={"low_or_empty": True}))
    assert decision.step == "M4"
    assert decision.also == ("A7",)


@pytest.mark.parametrize("name", STANDS)
def test_an_unknown_fact_that_decides_stops_the_ladder_at_its_node(name: str) -> None:
    """Where a missing fact would decide between exits, the step is the node that needs it, and it is asked."""
    groups, step, asked = STANDS[name]
    decision = _decide(record(groups))
    assert decision.step == step
    assert asked in decision.ask


@pytest.mark.parametrize("name", NEXT)
def test_the_next_thing_to_do_is_the_step(name: str) -> None:
    """Where nothing is missing, the step is what is to be done next."""
    groups, step = NEXT[name]
    assert _decide(record(groups)).step == step


def test_a_missing_date_of_the_record_is_asked_where_the_gate_needs_it() -> None:
    """Without a date of the record the age of an MRI is not known: the date is asked."""
    facts = replace(record(GATED), as_of=None)
    decision = decide(facts, reading=Reading())
    assert decision.step == "I6"
    assert "as_of" in decision.ask
    agents = record(GATED, drug={"agents": [{"name": "a"}]})
    assert "drug.agents[0].concentration_mg_per_ml" in decide(agents, reading=Reading()).ask
