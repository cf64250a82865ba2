"""The device catalogue: every value has a source and a status, and the numbers of the documents are in it."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest

from catheterview.limits.catalogue import (
    CATHETERS,
    PUMPS,
    CatheterModel,
    PumpModel,
    Sourced,
    catheter_named,
    pump_named,
)
from catheterview.limits.conditions import ALARMS, MRI_CONDITIONS


def _values(model: PumpModel | CatheterModel) -> list[Sourced]:
    return [value for each in fields(model) if isinstance(value := getattr(model, each.name), Sourced)]


@pytest.mark.parametrize("model", [*PUMPS, *CATHETERS], ids=lambda model: model.name)
def test_every_value_has_a_source_and_a_status(model: PumpModel | CatheterModel) -> None:
    """No number is without its origin, and none is impossible."""
    for value in _values(model):
        assert value.source
        assert value.status in ("found", "unverified")
        assert 0.0 < value.value < 200.0


def test_names_are_unique_and_found_whatever_the_case() -> None:
    """A model is found by its name or by another number; what is not in the catalogue is not guessed."""
    pumps = [name for model in PUMPS for name in (model.name, *model.aliases)]
    catheters = [name for model in CATHETERS for name in (model.name, *model.aliases)]
    assert len(set(pumps)) == len(pumps)
    assert len(set(catheters)) == len(catheters)
    found = pump_named(" prometra ii 20 ")
    assert found is not None
    assert found is pump_named("13827")
    assert catheter_named("indura 1p") is catheter_named("8709SC")
    assert pump_named("8637") is None
    assert catheter_named("") is None


@pytest.mark.parametrize(
    ("name", "thickness", "capacity", "letters"), [("8637-20", 19.5, 20.0, "NGP"), ("8637-40", 26.0, 40.0, "NGV")]
)
def test_the_synchromed_ii_table(name: str, thickness: float, capacity: float, letters: str) -> None:
    """87.5 mm across; 19.5 or 26 mm thick; 20 or 40 ml; at most 0.14 ml in the port; 0.048 ml/day at least."""
    model = pump_named(name)
    assert model is not None
    found = [
        model.diameter_mm,
        model.thickness_mm,
        model.reservoir_ml,
        model.cap_volume_ml,
        model.minimum_flow_ml_per_day,
    ]
    assert [value.value for value in found if value] == [87.5, thickness, capacity, 0.14, 0.048]
    assert all(value and value.status == "found" for value in found)
    assert model.cap_volume_ml is not None
    assert model.cap_volume_ml.at_most
    assert model.radiopaque_id == letters
    assert model.has_cap is True


def test_what_has_no_source_is_unverified() -> None:
    """SynchroMed III, the Prometra's size and the Ascenda's lumen are hearsay and say so."""
    third, prometra, ascenda = pump_named("8667-20"), pump_named("13827"), catheter_named("8780")
    assert third is not None
    assert prometra is not None
    assert ascenda is not None
    hearsay = [third.diameter_mm, third.cap_volume_ml, prometra.diameter_mm, ascenda.volume_ml_per_cm]
    assert all(value is not None and value.status == "unverified" for value in hearsay)


def test_the_flowonix_catheter() -> None:
    """110 cm at 0.0026 ml/cm, which is a lumen of 0.575 mm."""
    model = catheter_named("11823")
    assert model is not None
    assert model.total_length_cm is not None
    assert model.volume_ml_per_cm is not None
    assert (model.total_length_cm.value, model.volume_ml_per_cm.value) == (110.0, 0.0026)
    lumen_mm = 2.0 * math.sqrt(model.volume_ml_per_cm.value * 100.0 / math.pi)
    assert model.inner_mm is not None
    assert lumen_mm == pytest.approx(model.inner_mm.value, abs=0.001)


def test_mri_conditions_keep_both_documents() -> None:
    """The review and the manual disagree on the Prometra's gradient: 4.1 and 20 T/m are both kept."""
    prometra = [each for each in MRI_CONDITIONS if "Prometra II" in each.families]
    assert [each.gradient_t_per_m for each in prometra] == [4.1, 20.0]
    assert all(each.scan_min == 20.0 and each.sar_w_per_kg == 2.0 and each.field_t == (1.5,) for each in prometra)
    synchromed = next(each for each in MRI_CONDITIONS if "SynchroMed II" in each.families)
    assert (synchromed.field_t, synchromed.gradient_t_per_m, synchromed.scan_min) == ((1.5, 3.0), 19.0, 30.0)
    assert synchromed.slew_t_per_m_per_s == 200.0
    families = {model.family for model in PUMPS}
    assert all(family in families for each in MRI_CONDITIONS for family in each.families)


def test_alarms_of_both_makers() -> None:
    """Four patterns, two a maker, each with what it means."""
    assert [(each.maker, each.kind) for each in ALARMS] == [
        ("Flowonix", "low_reservoir"),
        ("Flowonix", "critical"),
        ("Medtronic", "critical"),
        ("Medtronic", "non_critical"),
    ]
    assert "every 30 min" in ALARMS[0].sound
    assert "stopped delivering" in ALARMS[1].means
    assert "2.0 ml" in ALARMS[3].means
    assert "90 days" in ALARMS[3].means
