"""The contrast safety gate: open only when every condition is known to hold."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladder_records import GATED, any_facts, record, view_of

from catheterview.ladder import Facts, Policies, facts_to_plain
from catheterview.ladder.gate import Condition, GateVerdict, assess, is_mri_recent
from catheterview.limits.ladder import LadderLimits

_YES_NO = ("gate.mri_excludes_granuloma_or_compression", "gate.tolerates_bolus", "gate.monitoring_available")
_ALL = (
    "mri_recent",
    "mri_excludes_granuloma_or_compression",
    "no_mass_suspected",
    "dead_space_known",
    "concentration_known",
    "tolerates_bolus",
    "monitoring_available",
)


def _gated(without: str = "", **values: Any) -> Facts:
    """The record with everything that the gate asks for, less one fact, with other values laid over."""
    groups = {name: dict(group) for name, group in GATED.items()}
    if without:
        group, name = without.split(".")
        del groups[group][name]
    for path, value in values.items():
        group, name = path.split("__")
        groups.setdefault(group, {})[name] = value
    return record(groups)


def _verdict(facts: Facts, policies: Policies | None = None) -> GateVerdict:
    return view_of(facts, policies=policies).gate


def test_the_gate_opens_when_all_is_known_and_well() -> None:
    """Every condition of 7.5 and 7.10 holds: the gate is open, and nothing is missing."""
    verdict = _verdict(_gated())
    assert verdict.is_open
    assert [each.name for each in verdict.conditions] == list(_ALL)
    assert all(each.holds is True for each in verdict.conditions)
    assert verdict.failed == ()
    assert verdict.unknown == ()
    assert verdict.asks == ()
    assert verdict.why == "every condition is known to hold"


@pytest.mark.parametrize(
    ("without", "condition", "asks"),
    [
        ("gate.mri_date", "mri_recent", ("gate.mri_date",)),
        (_YES_NO[0], "mri_excludes_granuloma_or_compression", (_YES_NO[0],)),
        ("pres.suspect_tip_mass", "no_mass_suspected", ("pres.suspect_tip_mass",)),
        ("cath.dead_space_ml", "dead_space_known", None),
        ("drug.agents", "concentration_known", ("drug.agents",)),
        (_YES_NO[1], "tolerates_bolus", (_YES_NO[1],)),
        (_YES_NO[2], "monitoring_available", (_YES_NO[2],)),
    ],
)
def test_one_unknown_condition_closes_the_gate_and_is_named(
    without: str, condition: str, asks: tuple[str, ...] | None
) -> None:
    """Unknown closes as false does; the condition and the fact that is missing are named."""
    verdict = _verdict(_gated(without))
    assert not verdict.is_open
    assert [each.name for each in verdict.unknown] == [condition]
    assert verdict.failed == ()
    lacking = ("cath.implanted_length_cm", "cath.volume_ml_per_cm", "cath.cap_internal_volume_ml")
    assert verdict.asks == (lacking if asks is None else asks)
    assert verdict.why == f"missing: {verdict.unknown[0].text} (not known)"


@pytest.mark.parametrize(
    ("values", "condition"),
    [
        ({"gate__mri_date": "2026-01-30"}, "mri_recent"),
        ({"gate__mri_recent": False}, "mri_recent"),
        ({"gate__mri_excludes_granuloma_or_compression": False}, "mri_excludes_granuloma_or_compression"),
        ({"pres__suspect_tip_mass": True}, "no_mass_suspected"),
        ({"gate__tolerates_bolus": False}, "tolerates_bolus"),
        ({"gate__monitoring_available": False}, "monitoring_available"),
    ],
)
def test_one_condition_that_does_not_hold_closes_the_gate_for_good(values: dict[str, Any], condition: str) -> None:
    """A condition that is known not to hold closes, and nothing that is missing is asked any more."""
    verdict = _verdict(_gated(**values))
    assert not verdict.is_open
    assert [each.name for each in verdict.failed] == [condition]
    assert verdict.unknown == ()
    assert verdict.asks == ()
    assert verdict.why == f"missing: {verdict.failed[0].text} (no)"


#: Each condition in words, with the sections that ask for it.
TOLD = [
    ("a recent MRI", "7.5, 7.10"),
    ("an MRI that excludes granuloma and compression", "7.5, 7.10"),
    ("no mass suspected at the tip", "7.10"),
    ("the dead space, from values that have a source", "7.5, 7.10"),
    ("the drugs in the catheter with their concentrations", "7.5"),
    ("a clinician's judgement that the bolus is tolerated", "7.5, 7.10"),
    ("monitoring and supportive care", "7.5, 7.10"),
]


def test_each_condition_has_its_words_and_its_sections() -> None:
    """What is shown of a condition can be read and looked up."""
    assert [(each.text, each.source) for each in _verdict(_gated()).conditions] == TOLD


def test_what_holds_still_names_the_fact_that_it_rests_on() -> None:
    """A condition that holds needs nothing more where nothing is missing."""
    needs = {each.name: each.needs for each in _verdict(_gated()).conditions}
    assert needs["concentration_known"] == ()
    assert needs["dead_space_known"] == ()
    assert needs["mri_recent"] == ("gate.mri_date",)


def test_nothing_is_asked_while_something_is_known_to_be_wrong() -> None:
    """With monitoring not available, no other unknown condition could open the gate."""
    verdict = _verdict(_gated("gate.tolerates_bolus", gate__monitoring_available=False))
    assert [each.name for each in verdict.unknown] == ["tolerates_bolus"]
    assert verdict.asks == ()
    assert verdict.why.endswith("(no); a clinician's judgement that the bolus is tolerated (not known)")


@pytest.mark.parametrize("answers", list(product((True, False, None), repeat=3)))
def test_the_gate_is_the_and_of_its_conditions(answers: tuple[bool | None, ...]) -> None:
    """All 27 answers of three judgements: open only where all are true."""
    values = {path.replace(".", "__"): answer for path, answer in zip(_YES_NO, answers, strict=True)}
    assert _verdict(_gated(**values)).is_open is (answers == (True, True, True))


def test_a_gate_without_conditions_is_told_by_its_conditions_alone() -> None:
    """The verdict has no state of its own."""
    unknown = Condition(name="x", holds=None, needs=("a.b", "c.d"), text="x", source="7.5")
    assert GateVerdict(conditions=(unknown,)).asks == ("a.b", "c.d")
    assert not GateVerdict(conditions=(unknown,)).is_open


@pytest.mark.parametrize(("day", "recent"), [("2026-01-31", True), ("2026-01-30", False), ("2026-03-02", True)])
def test_an_mri_is_recent_up_to_the_limit(day: str, recent: bool) -> None:
    """Thirty days before the record's date counts, thirty-one does not."""
    facts = _gated(gate__mri_date=day)
    assert is_mri_recent(facts, Policies(), LadderLimits()) is recent
    assert is_mri_recent(facts, Policies(), LadderLimits(mri_recency_days=31.0)) is True


def test_a_recorded_judgement_of_recency_counts_where_the_policy_lets_it() -> None:
    """The clinician's word goes before the date, unless the policy wants the date."""
    judged = _gated("gate.mri_date", gate__mri_recent=True)
    assert is_mri_recent(judged, Policies(), LadderLimits()) is True
    assert is_mri_recent(judged, Policies(recent_mri="dated"), LadderLimits()) is None
    old = _gated(gate__mri_date="2025-01-01", gate__mri_recent=True)
    assert is_mri_recent(old, Policies(), LadderLimits()) is True
    assert is_mri_recent(old, Policies(recent_mri="dated"), LadderLimits()) is False


def test_without_the_date_of_the_record_no_mri_is_recent() -> None:
    """The age of an MRI needs the record's own date, which is asked; no clock is read."""
    facts = Facts(gate=_gated().gate)
    assert is_mri_recent(facts, Policies(), LadderLimits()) is None
    assert _verdict(facts).conditions[0].needs == ("gate.mri_date", "as_of")


def test_a_dead_space_from_hearsay_does_not_open_the_gate() -> None:
    """A volume per length without a source closes, and is asked; a policy may say otherwise."""
    hearsay = {"cath": {"model": "8709SC", "trimmed_cm": 9.0}, "device": {"model": "8637-20"}}
    facts = record({**GATED, "cath": {}}, hearsay)
    verdict = _verdict(facts)
    assert [each.name for each in verdict.unknown] == ["dead_space_known"]
    assert verdict.asks == ("cath.volume_ml_per_cm",)
    known = {name: value for name, value in facts_to_plain(facts).items() if name not in ("schema", "as_of")}
    third = record(known, device={"model": "8667-20"}, cath={"volume_ml_per_cm": 0.0022})
    assert _verdict(third).asks == ("cath.cap_internal_volume_ml",)
    assert _verdict(facts, Policies(unverified_values="open")).is_open
    assert _verdict(record({**GATED, "cath": {}}, hearsay, cath={"volume_ml_per_cm": 0.0022})).is_open


def test_every_agent_needs_its_concentration() -> None:
    """One drug without a concentration closes the gate and is named by its row."""
    agents = [{"name": "morphine", "concentration_mg_per_ml": 10.0}, {"name": "ziconotide"}]
    verdict = _verdict(_gated(drug__agents=agents))
    assert verdict.asks == ("drug.agents[1].concentration_mg_per_ml",)
    agents[1] = {"name": "ziconotide", "concentration_mcg_per_ml": 25.0}
    assert _verdict(_gated(drug__agents=agents)).is_open


def test_a_judgement_must_be_signed_where_the_policy_says_so() -> None:
    """Only a person's recorded judgement supplies tolerance; signed asks for who gave it."""
    signing = Policies(bolus_judgement="signed")
    assert not _verdict(_gated(), signing).is_open
    origin = {"origins": {"gate.tolerates_bolus": {"source": "Dr. A, ward round"}}}
    assert _verdict(record(GATED, origin), signing).is_open
    unsigned = {"origins": {"gate.tolerates_bolus": {"at": "2026-03-01"}}}
    assert not _verdict(record(GATED, unsigned), signing).is_open
    refused = _gated(gate__tolerates_bolus=False)
    assert [each.name for each in _verdict(refused, signing).failed] == ["tolerates_bolus"]


@given(any_facts(), st.sampled_from((None, True, False)))
def test_an_open_gate_means_that_every_fact_is_known(facts: Facts, suspected: bool | None) -> None:
    """Whatever the record, the gate is open only where every fact that it rests on is known and well."""
    verdict = assess(facts, suspected, Policies(), LadderLimits())
    if verdict.is_open:
        assert suspected is False
        assert facts.gate.tolerates_bolus is True
        assert facts.gate.monitoring_available is True
        assert facts.gate.mri_excludes_granuloma_or_compression is True
        assert facts.gate.mri_recent or (facts.gate.mri_date and facts.as_of)
        assert facts.drug.agents
        assert all(agent.mg_per_ml is not None for agent in facts.drug.agents)
    assert verdict.is_open is not bool(verdict.failed or verdict.unknown)


@given(st.sampled_from((*_YES_NO, "gate.mri_date", "cath.dead_space_ml", "drug.agents", "pres.suspect_tip_mass")))
def test_taking_a_fact_away_never_opens_the_gate(name: str) -> None:
    """From an open gate, each fact that becomes unknown closes it."""
    assert not _verdict(_gated(name)).is_open
