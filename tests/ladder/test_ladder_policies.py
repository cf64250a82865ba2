"""Each choice that the review leaves open: its default, and that each other option changes what it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from ladder_cases import OVERDOSED
from ladder_records import CALM, EASY, GATED, LOST, ct_reading, record, studies, view_of

from catheterview.ladder import Facts, Policies, Reading, decide
from catheterview.ladder.answer import explain
from catheterview.ladder.engine import climb
from catheterview.ladder.policies import choices
from catheterview.ladder.rows import Here
from catheterview.ladder.table import TABLE
from catheterview.ladder.trail import told
from catheterview.ladder.walk import visited
from catheterview.limits.ladder import LadderLimits
from catheterview.model import Kind, Rung

IMAGED = {**LOST, "cap": EASY}
EARLY = {
    "cath": {"dead_space_ml": 0.316},
    "drug": {"flow_ml_per_day": 0.1},
    "hist": {"tracer_injected_at": "2026-02-20"},
}
EARLY_SCAN = {"spect_ct": {"result": "abnormal", "findings": ["tracer_interruption"], "at": "2026-02-22"}}
FULL = {"device": {"reservoir_capacity_ml": 20.0}, "vol": {"aspirated_ml": 10.0, "expected_ml": 10.0}}


def _standing(facts: Facts, reading: Reading, policies: Policies) -> object:
    outcome = climb(view_of(facts, reading, policies))
    return outcome.step, outcome.also


def _trail(facts: Facts, reading: Reading, policies: Policies) -> object:
    view = view_of(facts, reading, policies)
    return told(view, climb(view).visits)


def _amounts(facts: Facts, reading: Reading, policies: Policies) -> object:
    return explain(facts, reading=reading, policies=policies).amounts


def _at_step_4(facts: Facts, _: Reading, policies: Policies) -> object:
    """Ask step 4 itself: from the start, a suspected mass is met in step 1."""
    return [edge.to for edge in visited(view_of(facts, policies=policies), TABLE["N4"], Here()).taken]


def _first_trail(facts: Facts, reading: Reading, policies: Policies) -> object:
    return [visit.node.id for visit in climb(view_of(facts, reading, policies)).visits][:4]


Look = Callable[[Facts, Reading, Policies], object]

#: For each policy: facts and reading in which its options lead to different answers, and where that shows.
TELLING: dict[str, tuple[Facts, Reading, Look]] = {
    "radiographs": (record({k: v for k, v in IMAGED.items() if k != "img"}), Reading(), _standing),
    "mri_before_contrast": (record(IMAGED), Reading(), _standing),
    "recent_mri": (record(GATED, gate={"mri_date": "2024-01-01", "mri_recent": True}), Reading(), _standing),
    "suspected_mass": (
        record(FULL, pres={**CALM, "suspect_tip_mass": True, "loss_of_therapy": True}, intr=LOST["intr"]),
        Reading(),
        _at_step_4,
    ),
    "cap_success": (record(IMAGED, cap={"clear": False}), Reading(), _standing),
    "other_sizes": (record(LOST, device={"reservoir_capacity_ml": 18.0}, bolus={}, img={}), Reading(), _trail),
    "both_syndromes": (record(pres={**OVERDOSED, "withdrawal_signs": True}), Reading(), _standing),
    "withdrawal_low_volume": (
        record(
            pres={**CALM, "withdrawal_signs": True},
            device={"reservoir_capacity_ml": 20.0},
            vol={"restoration_possible": False, "aspirated_ml": 5.0, "expected_ml": 10.0},
        ),
        Reading(),
        _standing,
    ),
    "low_volume": (record(LOST, vol={"aspirated_ml": 2.0}), Reading(), _standing),
    "bolus_not_eligible": (
        record({**LOST, "bolus": {"expected_noticeable_response": False}}),
        Reading(),
        _standing,
    ),
    "loops": (
        record(LOST, intr={"alarm": True}, done={"program_or_alarm_addressed": True}),
        Reading(),
        _trail,
    ),
    "temporary_stall": (record(LOST, intr={"motor_stall": "temporary"}), Reading(), _standing),
    "without_injection": (record({**GATED, "gate": {}}, avail={"nuclear_medicine": True}), Reading(), _standing),
    "partial_aspiration": (record(GATED, cap={"csf_aspirated_ml": 0.1}), Reading(), _standing),
    "bolus_judgement": (record(GATED), Reading(), _standing),
    "no_cap": (record(LOST, device={"has_cap": False}), Reading(), _standing),
    "serial_films": (
        record(LOST, studies(radiograph="normal"), pres={"anchoring_concern": True}),
        ct_reading(Kind.PUMP_MIGRATION, rung=Rung.FLUOROSCOPY),
        _trail,
    ),
    "early_tracer": (record(LOST, EARLY, img=EARLY_SCAN), Reading(), _standing),
    "leak_or_infection": (record(LOST, pres={"infection": True}), Reading(), _standing),
    "inadequate_pooling": (record(IMAGED, studies(cap_ct="abnormal:inadequate_pooling")), Reading(), _standing),
    "operation": (
        record(LOST, studies(radiograph="abnormal:discontinuity")),
        Reading(),
        lambda facts, reading, policies: decide(facts, reading=reading, policies=policies).action,
    ),
    "clearing_bolus": (
        record(
            GATED,
            cath={"implanted_length_cm": 70.0, "volume_ml_per_cm": 0.0022, "cap_internal_volume_ml": 0.14},
        ),
        Reading(),
        _amounts,
    ),
    "syndrome": (record(LOST, FULL), Reading(), _trail),
    "high_volume_patent": (record(IMAGED, studies(cap_ct="normal")), Reading(), _trail),
    "bolus_high_volume": (record({**LOST, "bolus": {}, "img": {}}), Reading(), _standing),
    "unanswered": (Facts(), ct_reading(), _standing),
    "filling_defect": (record(pres=CALM), ct_reading(Kind.FILLING_DEFECT), _first_trail),
    "unverified_values": (
        record({**GATED, "cath": {"model": "8709SC", "trimmed_cm": 9.0}}, device={"model": "8637-20"}),
        Reading(),
        _standing,
    ),
    "capacity_unknown": (record(pres=OVERDOSED, vol={"aspirated_ml": 8.5, "expected_ml": 10.0}), Reading(), _standing),
    "interrogation": (
        record(
            FULL,
            pres={**CALM, "loss_of_therapy": False, "mechanical_concern": True},
            intr={"motor_stall": "temporary"},
        ),
        Reading(),
        _standing,
    ),
    "mass_and_contrast": (record(IMAGED, pres={"suspect_tip_mass": True}), Reading(), _standing),
    "confined_tracer": (
        record(LOST, studies(radiograph="normal", spect_ct="abnormal:tracer_confined_to_reservoir")),
        Reading(),
        _standing,
    ),
}


def test_every_policy_has_a_case_that_tells() -> None:
    """No policy is only documented."""
    assert set(TELLING) == set(choices()) == {each.name for each in fields(Policies)}


@pytest.mark.parametrize("name", TELLING)
def test_each_option_changes_the_answer(name: str) -> None:
    """Every option of a policy gives another answer than the default, in a case that it is about."""
    facts, reading, look = TELLING[name]
    default = look(facts, reading, Policies())
    for option in choices()[name].options[1:]:
        changed: Any = {name: option}
        assert look(facts, reading, Policies(**changed)) != default, option


def test_every_policy_is_documented() -> None:
    """A question, at least two options with the default first, a reason and a source; every ambiguity has one."""
    for name, choice in choices().items():
        assert getattr(Policies(), name) == choice.options[0]
        assert len(choice.options) >= 2
        assert choice.asks.endswith("?")
        assert choice.reason
        assert choice.source
    numbers = [choice.number for choice in choices().values()]
    assert [number for number in numbers if number.startswith("A.7.")] == [f"A.7.{n}" for n in range(1, 26)]
    assert len(set(numbers)) == len(numbers)


def test_more_visits_walk_a_loop_more_often() -> None:
    """The number of loops is a limit, and the ladder goes on after it."""
    facts = record(LOST, intr={"alarm": True}, done={"program_or_alarm_addressed": True})
    trails = [
        [step.node for step in decide(facts, reading=Reading(), limits=LadderLimits(loop_visits=n)).trail]
        for n in (1, 2, 4)
    ]
    assert [trail.count("B5") for trail in trails] == [0, 1, 3]
    assert all(trail[-1] == "I2" for trail in trails)
