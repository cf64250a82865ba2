"""The conformance vectors: what the ladder must say of cases that the review describes."""

from __future__ import annotations

from typing import Any

import pytest
from ladder_records import CALM, EASY, GATED, LOST, record, studies

from catheterview.ladder import Facts, Reading, decide
from catheterview.model import Decision

SMALL = {"reservoir_capacity_ml": 20.0}
MORPHINE = {"agents": [{"name": "morphine", "concentration_mg_per_ml": 10.0}]}
OVERDOSED = {**CALM, "overdose_signs": True}
WITHDRAWN = {**CALM, "withdrawal_signs": True}


def _decide(facts: Facts) -> Decision:
    return decide(facts, reading=Reading())


def _passes(decision: Decision, path: str) -> bool:
    """Whether the trail holds the nodes of a path, in order, with others between them."""
    trail = iter(step.node for step in decision.trail)
    return all(node in trail for node in path.split())


VECTORS: dict[str, tuple[Facts, str, str]] = {
    "overdose, opioid, 1.5 ml short of 20": (
        record(pres=OVERDOSED, drug=MORPHINE, device=SMALL, vol={"aspirated_ml": 8.5, "expected_ml": 10.0}),
        "N1 A1 A2 A3 A4 A5",
        "M6",
    ),
    "overdose, no discrepancy": (
        record(pres=OVERDOSED, device=SMALL, vol={"aspirated_ml": 10.0, "expected_ml": 10.0}),
        "N1 A1 A2 A3 A4",
        "A6",
    ),
    "withdrawal, reservoir empty": (record(pres=WITHDRAWN, vol={"low_or_empty": True}), "N1 A1 A2 A7", "A8"),
    "withdrawal, refilled": (
        record(pres=WITHDRAWN, vol={"low_or_empty": True}, done={"refilled": True}),
        "A7 A8",
        "DONE",
    ),
    "withdrawal, cannot restore, 4 ml too much": (
        record(
            pres=WITHDRAWN,
            device=SMALL,
            vol={"restoration_possible": False, "aspirated_ml": 9.0, "expected_ml": 5.0},
        ),
        "A7 A8 A9 B1",
        "B2",
    ),
    "loss of therapy, programming error, permanent stall": (
        record(LOST, intr={"programming_error": True, "motor_stall": "permanent"}),
        "B3 B3a",
        "M2",
    ),
    "loss of therapy, excess, no response, films normal, CSF easy": (record(LOST, cap=EASY), "I0 I2 I3", "I5"),
    "CAP fails, gate open": (record(GATED), "I0 I2 G1", "I5"),
    "all studies normal": (
        record(LOST, studies(cap_ct="normal", ct="normal", spect_ct="normal", lp_ct="normal"), cap=EASY),
        "I5 I6 I7 I8",
        "M5",
    ),
    "new paraparesis, mass": (
        record(studies(mri="abnormal:granuloma"), pres={**CALM, "new_or_progressive_neuro_deficit": True}),
        "N1 I9",
        "M4",
    ),
    "Prometra after MRI, 1.5 ml at 0.0 mg/day": (
        record(
            pres=CALM,
            device={"manufacturer": "Flowonix"},
            hist={"post_mri": True},
            vol={"aspirated_ml": 1.5},
            drug={"flow_ml_per_day": 0.0},
        ),
        "N2 N2a",
        "M7",
    ),
    "30 ml of CSF from an 18 ml reservoir": (
        record(pres=CALM, device={"reservoir_capacity_ml": 18.0}, vol={"aspirated_ml": 30.0, "fluid": "csf"}),
        "N2 N3",
        "I0",
    ),
    "4 cm gap at the connector on films": (record(LOST, studies(radiograph="abnormal:discontinuity")), "I0", "M3"),
}


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


STANDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing known": ({}, "N1", "pres.overdose_signs"),
    "only that therapy is lost": ({"pres": {"loss_of_therapy": True}}, "N1", "pres.overdose_signs"),
    "one emergency open": (
        {"pres": {**{k: v for k, v in CALM.items() if k != "infection"}, "loss_of_therapy": True}},
        "N1",
        "pres.infection",
    ),
    "calm, nothing else": ({"pres": CALM}, "N2", "pres.loss_of_therapy"),
    "loss, no history": ({"pres": {**CALM, "loss_of_therapy": True}}, "B2", "pres.non_device_cause"),
    "loss, no interrogation": ({"pres": LOST["pres"]}, "B3", "intr.programming_error"),
    "error, stall not known": ({"pres": LOST["pres"], "intr": {"programming_error": True}}, "B3a", "intr.motor_stall"),
    "no aspiration": ({"pres": LOST["pres"], "intr": LOST["intr"]}, "B6", "vol.aspirated_ml"),
    "bolus not considered": (
        {"pres": LOST["pres"], "intr": LOST["intr"], "vol": LOST["vol"], "device": LOST["device"]},
        "B9",
        "bolus.expected_noticeable_response",
    ),
    "films not known": ({k: v for k, v in LOST.items() if k != "img"}, "I0", "img.radiograph.result"),
    "port not tried": (LOST, "I2", "cap.csf_aspirated_ml"),
    "clear not known": ({**LOST, "cap": {"csf_aspirated_ml": 3.0, "easy": True}}, "I2", "cap.clear"),
    "volume in overdose": ({"pres": OVERDOSED}, "A4", "vol.aspirated_ml"),
    "restoration in withdrawal": ({"pres": WITHDRAWN}, "A8", "vol.low_or_empty"),
    "volume in withdrawal": ({"pres": WITHDRAWN, "vol": {"restoration_possible": False}}, "A9", "vol.aspirated_ml"),
    "Prometra after MRI, not aspirated": (
        {"pres": CALM, "device": {"manufacturer": "Flowonix"}, "hist": {"post_mri": True}},
        "N2a",
        "vol.aspirated_ml",
    ),
    "Flowonix, MRI not known": ({"pres": CALM, "device": {"manufacturer": "Flowonix"}}, "N2", "hist.post_mri"),
    "CT normal, nuclear not known": (
        {**GATED, "gate": {}, "img": {"radiograph": {"result": "normal"}, "ct": {"result": "normal"}}},
        "I6",
        "avail.nuclear_medicine",
    ),
    "abnormal films, not said how": ({**LOST, **studies(radiograph="abnormal")}, "I0", "img.radiograph.findings"),
    "abnormal SPECT-CT, not said how": (
        {**LOST, **studies(radiograph="normal", spect_ct="abnormal")},
        "I7",
        "img.spect_ct.findings",
    ),
}


@pytest.mark.parametrize("name", STANDS)
def test_an_unknown_fact_that_decides_stops_the_ladder_at_its_node(name: str) -> None:
    """Where a missing fact would decide between exits, the step is the node that needs it, and it is asked."""
    groups, step, asked = STANDS[name]
    decision = _decide(record(groups))
    assert decision.step == step
    assert asked in decision.ask


NEXT: dict[str, tuple[dict[str, Any], str]] = {
    "films not done": ({**LOST, **studies(radiograph="not_done")}, "I0"),
    "SPECT-CT next": ({**LOST, **studies(radiograph="normal", ct="normal"), "avail": {"nuclear_medicine": True}}, "I7"),
    "LP-CT next": ({**LOST, **studies(radiograph="normal", ct="normal"), "avail": {"nuclear_medicine": False}}, "I8"),
    "bolus to be given": ({**LOST, "bolus": {"expected_noticeable_response": True}}, "B10"),
    "cause to be treated": ({**LOST, "pres": {**LOST["pres"], "non_device_cause": True}}, "B2"),
    "alarm to be addressed": ({**LOST, "intr": {"alarm": True, "motor_stall": "none"}}, "B5"),
    "good response": ({**LOST, "bolus": {"given": True, "response": True}}, "B11"),
    "all clear": (
        {
            "pres": {**CALM, "loss_of_therapy": False, "mechanical_concern": False, "diagnostic_uncertainty": False},
            "intr": LOST["intr"],
            "vol": {"aspirated_ml": 10.0, "expected_ml": 10.5},
            "device": SMALL,
        },
        "M1",
    ),
}


@pytest.mark.parametrize("name", NEXT)
def test_the_next_thing_to_do_is_the_step(name: str) -> None:
    """Where nothing is missing, the step is what is to be done next."""
    groups, step = NEXT[name]
    assert _decide(record(groups)).step == step
