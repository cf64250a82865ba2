"""Dead space, drug in it, clearing bolus, transit and decay: with inputs shown, an interval, and units that agree."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladder_records import record

from catheterview.ladder import Facts, Policies
from catheterview.ladder.amounts import RECORD, Amount, Blocked, Used, shown
from catheterview.ladder.deadspace import (
    catheter_volume,
    clearing_bolus,
    computed_dead_space,
    dead_space,
    doses_at_risk,
    remaining,
)
from catheterview.ladder.quantities import registry
from catheterview.ladder.transit import arrival_h, decay_factor, hours_between, is_too_early, readable_from_h
from catheterview.limits.ladder import LadderLimits

LIMITS = LadderLimits()
#: 80 cm at 0.0022 ml/cm and 0.14 ml before it, as in the worked example.
WORKED = {"implanted_length_cm": 80.0, "volume_ml_per_cm": 0.0022, "cap_internal_volume_ml": 0.14}


def _amount(found: Amount | Blocked) -> Amount:
    assert isinstance(found, Amount)
    return found


def _space(**cath: Any) -> Amount:
    return _amount(dead_space(record(cath=cath), LIMITS))


@pytest.mark.parametrize(
    ("length", "per_cm", "volume"),
    [(40.0, 0.0022, 0.088), (80.0, 0.0022, 0.176), (40.0, 0.0026, 0.104), (80.0, 0.0026, 0.208)],
)
def test_catheter_volume(length: float, per_cm: float, volume: float) -> None:
    """Length times volume per length, with the interval of both: about 10 % at 80 cm."""
    found = _amount(catheter_volume(record(cath={"implanted_length_cm": length, "volume_ml_per_cm": per_cm}), LIMITS))
    assert found.value == pytest.approx(volume)
    assert found.unit == "ml"
    spread = math.hypot(2.0 * per_cm, 0.1 * volume)
    assert found.high - found.value == pytest.approx(spread)
    assert found.value - found.low == pytest.approx(spread)
    assert [used.name for used in found.inputs] == ["cath.implanted_length_cm", "cath.volume_ml_per_cm"]
    assert [used.unit for used in found.inputs] == ["cm", "ml/cm"]
    assert all(used.source == RECORD and used.verified for used in found.inputs)


def test_the_interval_of_the_worked_example() -> None:
    """Two centimetres and 10 % give about 0.02 ml on 0.176 ml."""
    found = _amount(catheter_volume(record(cath=WORKED), LIMITS))
    assert found.high - found.value == pytest.approx(0.018, abs=0.001)


def test_dead_space_adds_port_and_pump() -> None:
    """0.176 ml of catheter and 0.14 ml before it are 0.316 ml."""
    found = _space(**WORKED)
    assert found.value == pytest.approx(0.316)
    assert found.low == pytest.approx(0.176 - (found.high - 0.316) + 0.14)
    assert found.inputs[-1] == Used(name="cath.cap_internal_volume_ml", value=0.14, unit="ml")


def test_an_upper_bound_widens_the_interval_to_nothing() -> None:
    """A port that holds at most 0.14 ml may hold none: the value is the cautious one, the interval says so."""
    facts = record(device={"model": "8637-20"}, cath={"implanted_length_cm": 80.0, "volume_ml_per_cm": 0.0022})
    found, tube = _amount(dead_space(facts, LIMITS)), _amount(catheter_volume(facts, LIMITS))
    assert found.value == pytest.approx(0.316)
    assert found.low == pytest.approx(tube.low)
    assert found.high == pytest.approx(tube.high + 0.14)
    assert found.inputs[-1].name == "cath.cap_internal_volume_ml, at most"
    assert found.inputs[-1].verified
    assert found.verified


def test_a_recorded_dead_space_goes_before_a_computed_one() -> None:
    """What the record says is used as it is, with 10 %."""
    found = _space(dead_space_ml=0.3, **WORKED)
    assert (found.value, found.unit) == (0.3, "ml")
    assert (found.low, found.high) == (pytest.approx(0.27), pytest.approx(0.33))
    assert found.inputs == (Used(name="cath.dead_space_ml", value=0.3, unit="ml"),)
    assert _amount(computed_dead_space(record(cath={"dead_space_ml": 0.3, **WORKED}), LIMITS)).value == pytest.approx(
        0.316
    )


def test_trimming_shortens_the_catheter() -> None:
    """Flowonix: 110 cm less what was trimmed, at 0.0026 ml/cm, both from the manual."""
    found = _amount(catheter_volume(record(cath={"model": "11823", "trimmed_cm": 30.0}), LIMITS))
    assert found.value == pytest.approx(0.208)
    assert found.verified
    assert [used.name for used in found.inputs] == ["cath.total_length_cm", "cath.trimmed_cm", "cath.volume_ml_per_cm"]
    assert [used.unit for used in found.inputs] == ["cm", "cm", "ml/cm"]
    assert [used.source for used in found.inputs] == ["Flowonix manual page 33", RECORD, "Flowonix manual page 33"]
    own = _amount(
        catheter_volume(record(cath={"total_length_cm": 100.0, "trimmed_cm": 20.0, "volume_ml_per_cm": 0.0026}), LIMITS)
    )
    assert own.value == pytest.approx(0.208)


def test_an_implanted_length_goes_before_what_was_trimmed() -> None:
    """The implanted length needs no total."""
    cath = {"model": "11823", "trimmed_cm": 30.0, "implanted_length_cm": 70.0}
    assert _amount(catheter_volume(record(cath=cath), LIMITS)).value == pytest.approx(0.182)


def test_hearsay_is_marked_wherever_it_is_used() -> None:
    """A catalogue value without a source makes the amount unverified, and the text shouts it."""
    found = _amount(catheter_volume(record(cath={"model": "8709SC", "trimmed_cm": 9.0}), LIMITS))
    assert not found.verified
    assert shown(found).count("UNVERIFIED") == 1
    assert shown(found).endswith("(background knowledge, no source found, UNVERIFIED)")


def test_a_very_short_catheter_holds_nothing_less_than_nothing() -> None:
    """The interval ends at zero."""
    found = _amount(catheter_volume(record(cath={"implanted_length_cm": 1.0, "volume_ml_per_cm": 0.0022}), LIMITS))
    assert found.low == 0.0


@pytest.mark.parametrize(
    ("cath", "missing"),
    [
        ({}, ("cath.implanted_length_cm", "cath.volume_ml_per_cm", "cath.cap_internal_volume_ml")),
        ({"implanted_length_cm": 80.0}, ("cath.volume_ml_per_cm", "cath.cap_internal_volume_ml")),
        ({"volume_ml_per_cm": 0.0022}, ("cath.implanted_length_cm", "cath.cap_internal_volume_ml")),
        ({"implanted_length_cm": 80.0, "volume_ml_per_cm": 0.0022}, ("cath.cap_internal_volume_ml",)),
        ({"cap_internal_volume_ml": 0.14}, ("cath.implanted_length_cm", "cath.volume_ml_per_cm")),
        ({"model": "11823"}, ("cath.implanted_length_cm", "cath.cap_internal_volume_ml")),
        ({"model": "nobody's"}, ("cath.implanted_length_cm", "cath.volume_ml_per_cm", "cath.cap_internal_volume_ml")),
    ],
)
def test_a_missing_input_blocks_by_name(cath: dict[str, Any], missing: tuple[str, ...]) -> None:
    """Nothing is computed from less than everything."""
    found = dead_space(record(cath=cath), LIMITS)
    assert found == Blocked(missing=missing)
    assert shown(found) == "not computed: missing " + ", ".join(missing)


def test_the_dose_at_risk_of_each_agent() -> None:
    """Dead space times concentration, one line for each drug, micrograms converted."""
    agents = [
        {"name": "morphine", "concentration_mg_per_ml": 10.0},
        {"concentration_mcg_per_ml": 500.0},
        {"name": "clonidine"},
    ]
    risks = doses_at_risk(record(cath=WORKED, drug={"agents": agents}), LIMITS)
    assert [risk.agent for risk in risks] == ["morphine", "agent 2", "clonidine"]
    morphine, second = _amount(risks[0].dose), _amount(risks[1].dose)
    space = _space(**WORKED)
    assert (morphine.value, morphine.unit) == (pytest.approx(3.16), "mg")
    assert (morphine.low, morphine.high) == (pytest.approx(space.low * 10), pytest.approx(space.high * 10))
    assert second.value == pytest.approx(0.158)
    assert morphine.inputs[-1] == Used(name="drug.agents[0].concentration_mg_per_ml", value=10.0, unit="mg/ml")
    assert len(morphine.inputs) == 4
    assert risks[2].dose == Blocked(missing=("drug.agents[2].concentration_mg_per_ml",))


def test_a_dose_without_a_dead_space_is_blocked_by_both() -> None:
    """What is missing of the dead space is named before the concentration."""
    risks = doses_at_risk(record(cath={"dead_space_ml": 0.3}, drug={"agents": [{"name": "a"}]}), LIMITS)
    assert risks[0].dose == Blocked(missing=("drug.agents[0].concentration_mg_per_ml",))
    blocked = doses_at_risk(record(drug={"agents": [{"name": "a"}]}), LIMITS)[0].dose
    assert isinstance(blocked, Blocked)
    assert blocked.missing[0] == "cath.implanted_length_cm"
    assert blocked.missing[-1] == "drug.agents[0].concentration_mg_per_ml"
    known = doses_at_risk(record(drug={"agents": [{"concentration_mg_per_ml": 1.0}]}), LIMITS)[0].dose
    assert isinstance(known, Blocked)
    assert len(known.missing) == 3


def test_aspirated_csf_takes_drug_out_of_the_dead_space() -> None:
    """What was aspirated is no longer at risk, and never less than nothing is left."""
    space = _space(dead_space_ml=0.3)
    left = remaining(space, 0.1)
    assert (left.value, left.low, left.high) == (pytest.approx(0.2), pytest.approx(0.17), pytest.approx(0.23))
    assert left.unit == "ml"
    assert left.inputs[-1] == Used(name="cap.csf_aspirated_ml", value=0.1, unit="ml")
    assert [remaining(space, 0.28).low, remaining(space, 5.0).value, remaining(space, 5.0).high] == [0.0, 0.0, 0.0]
    drug = {"agents": [{"name": "morphine", "concentration_mg_per_ml": 10.0}]}
    partial = doses_at_risk(record(cath={"dead_space_ml": 0.3}, drug=drug, cap={"csf_aspirated_ml": 0.1}), LIMITS)
    assert _amount(partial[0].dose).value == pytest.approx(2.0)
    none = doses_at_risk(record(cath={"dead_space_ml": 0.3}, drug=drug, cap={"csf_aspirated_ml": 0.0}), LIMITS)
    assert _amount(none[0].dose).value == pytest.approx(3.0)
    assert len(_amount(none[0].dose).inputs) == 2


def test_the_clearing_bolus_is_the_tubing_alone_unless_the_policy_adds_the_port() -> None:
    """The smaller volume is the default; the other takes the port in."""
    facts = record(cath=WORKED)
    assert _amount(clearing_bolus(facts, Policies(), LIMITS)).value == pytest.approx(0.176)
    assert _amount(clearing_bolus(facts, Policies(clearing_bolus="catheter_and_port"), LIMITS)).value == pytest.approx(
        0.316
    )


@pytest.mark.parametrize(
    ("flow", "volume", "hours"),
    [(0.048, 0.316, 158), (0.1, 0.316, 76), (0.2, 0.316, 38), (0.3, 0.316, 25), (1.0, 0.316, 8), (0.1, 0.208, 50)],
)
def test_arrival_of_the_tracer(flow: float, volume: float, hours: int) -> None:
    """Dead space over flow, in hours: the table of transport."""
    found = _amount(arrival_h(record(cath={"dead_space_ml": volume}, drug={"flow_ml_per_day": flow}), LIMITS))
    assert round(found.value) == hours
    assert found.unit == "hour"
    assert found.low == pytest.approx(found.value * 0.9)
    assert found.high == pytest.approx(found.value * 1.1)
    assert found.inputs[-1] == Used(name="drug.flow_ml_per_day", value=flow, unit="ml/day")


def test_arrival_is_blocked_without_flow_or_volume() -> None:
    """A stopped pump never gets there."""
    assert arrival_h(record(cath={"dead_space_ml": 0.3}), LIMITS) == Blocked(missing=("drug.flow_ml_per_day",))
    stopped = record(cath={"dead_space_ml": 0.3}, drug={"flow_ml_per_day": 0.0})
    assert arrival_h(stopped, LIMITS) == Blocked(missing=("drug.flow_ml_per_day",))
    blocked = arrival_h(record(drug={"flow_ml_per_day": 0.3}), LIMITS)
    assert isinstance(blocked, Blocked)
    assert blocked.missing == ("cath.implanted_length_cm", "cath.volume_ml_per_cm", "cath.cap_internal_volume_ml")
    assert readable_from_h(stopped, LIMITS) is None


def _scan(at: str, injected: str = "2026-02-20T08:00", flow: float = 0.1) -> Facts:
    return record(
        cath={"dead_space_ml": 0.316},
        drug={"flow_ml_per_day": flow},
        hist={"tracer_injected_at": injected},
        img={"spect_ct": {"result": "abnormal", "findings": ["tracer_not_arrived"], "at": at}},
    )


def test_a_scan_before_the_tracer_could_arrive_is_too_early() -> None:
    """At 0.1 ml/day and 0.316 ml an absent tracer means nothing before 114 h."""
    assert readable_from_h(_scan("2026-02-22T08:00"), LIMITS) == pytest.approx(113.76)
    assert is_too_early(_scan("2026-02-22T08:00"), LIMITS)
    assert is_too_early(_scan("2026-02-25T01:00"), LIMITS)
    assert not is_too_early(_scan("2026-02-25T02:00"), LIMITS)
    assert not is_too_early(_scan("2026-02-22T08:00", flow=1.0), LIMITS)
    assert not is_too_early(Facts(), LIMITS)


def test_a_scan_at_the_very_moment_is_not_too_early() -> None:
    """The margin itself is enough."""
    facts = record(
        cath={"dead_space_ml": 0.5},
        drug={"flow_ml_per_day": 0.75},
        hist={"tracer_injected_at": "2026-02-20"},
        img={"spect_ct": {"result": "normal", "at": "2026-02-21"}},
    )
    assert readable_from_h(facts, LIMITS) == 24.0
    assert not is_too_early(facts, LIMITS)


def test_hours_between_moments() -> None:
    """Dates count from midnight, time zones are left aside, and what is missing gives nothing."""
    assert hours_between("2026-02-20", "2026-02-22") == 48.0
    assert hours_between("2026-02-20T08:00", "2026-02-20T20:30") == 12.5
    assert hours_between("2026-02-20T08:00+01:00", "2026-02-20T20:00") == 12.0
    assert hours_between(None, "2026-02-20") is None
    assert hours_between("2026-02-20", None) is None


@pytest.mark.parametrize(
    ("hours", "left"), [(0, 1.0), (24, 0.781), (48, 0.610), (72, 0.476), (96, 0.372), (168, 0.177)]
)
def test_decay_of_indium(hours: float, left: float) -> None:
    """In-111 halves in 67.3 h."""
    assert decay_factor(hours, LIMITS) == pytest.approx(left, abs=0.0006)


def test_what_is_shown_has_value_interval_and_every_input() -> None:
    """One line from which a person can do the sum again."""
    told = shown(_space(**WORKED))
    assert told.startswith("0.316 ml (0.298 to 0.334), from ")
    assert "cath.implanted_length_cm 80 cm (the patient's record)" in told
    assert "cath.volume_ml_per_cm 0.0022 ml/cm (the patient's record)" in told
    assert "cath.cap_internal_volume_ml 0.14 ml (the patient's record)" in told
    assert "UNVERIFIED" not in told
    assert told.count("record); cath.") == 2


@given(st.floats(1, 120), st.floats(0.0005, 0.01), st.floats(0, 0.5), st.floats(0.01, 50))
def test_units_agree_with_a_unit_library(length: float, per_cm: float, port: float, conc: float) -> None:
    """The plain arithmetic is that of quantities with units, for volume, dose and time."""
    units = registry()
    cath = {"implanted_length_cm": length, "volume_ml_per_cm": per_cm, "cap_internal_volume_ml": port}
    drug = {"agents": [{"name": "a", "concentration_mg_per_ml": conc}], "flow_ml_per_day": 0.3}
    facts = record(cath=cath, drug=drug)
    volume = length * units("cm") * per_cm * units("ml/cm") + port * units("ml")
    assert _amount(dead_space(facts, LIMITS)).value == pytest.approx(volume.to("ml").magnitude)
    dose = volume * conc * units("mg/ml")
    assert _amount(doses_at_risk(facts, LIMITS)[0].dose).value == pytest.approx(dose.to("mg").magnitude)
    time = volume / (0.3 * units("ml/day"))
    assert _amount(arrival_h(facts, LIMITS)).value == pytest.approx(time.to("hour").magnitude)


@given(st.floats(1, 120), st.floats(0.0005, 0.01), st.floats(0, 0.5))
def test_the_value_lies_in_its_interval(length: float, per_cm: float, port: float) -> None:
    """No amount is outside of its own uncertainty."""
    found = _space(implanted_length_cm=length, volume_ml_per_cm=per_cm, cap_internal_volume_ml=port)
    assert 0.0 <= found.low <= found.value <= found.high
