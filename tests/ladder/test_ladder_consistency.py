"""Records that cannot be are refused, with the field's name, before anything is decided on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ladder_records import CLEAN, EASY, GATED, LOST, record

from catheterview.errors import InputError
from catheterview.ladder import facts_from

AGENT = "drug.agents[0]"


def _img(rung: str, result: str, *findings: str) -> dict[str, Any]:
    return {"img": {rung: {"result": result, "findings": list(findings)}}}


@pytest.mark.parametrize(
    ("groups", "where"),
    [
        ({"gate": {"mri_date": "2026-03-03"}}, "gate.mri_date"),
        ({"hist": {"contrast_at": "2027-01-01T10:00"}}, "hist.contrast_at"),
        ({"implant": {"date": "2026-12-01"}}, "implant.date"),
        ({"img": {"ct": {"result": "normal", "at": "2026-05-01"}}}, "img.ct.at"),
        ({"origins": {"vol.aspirated_ml": {"at": "2026-04-01"}}}, "origins.vol.aspirated_ml.at"),
        ({"origins": {"vol.nothing": {"source": "x"}}}, "origins.vol.nothing"),
        ({"origins": {"vol": {"source": "x"}}}, "origins.vol"),
        ({"device": {"has_idds": False}, "intr": CLEAN}, "device.has_idds"),
        ({"device": {"has_idds": False}, "cap": EASY}, "device.has_idds"),
        ({"device": {"has_idds": False}, "vol": {"aspirated_ml": 3}}, "device.has_idds"),
        ({"device": {"manufacturer": "Flowonix", "model": "8637-20"}}, "device.manufacturer"),
        ({"hist": {"post_mri": True, "mri": False}}, "hist.post_mri"),
        ({"intr": {"alarm": False, "alarm_type": "critical"}}, "intr.alarm"),
        ({"intr": {"alarm": True, "alarm_type": "none"}}, "intr.alarm"),
        ({"intr": {"expected_residual_ml": 5}, "vol": {"expected_ml": 6}}, "vol.expected_ml"),
        ({"device": {"reservoir_capacity_ml": 20}, "vol": {"expected_ml": 25}}, "vol.expected_ml"),
        ({"device": {"model": "8637-20"}, "intr": {"expected_residual_ml": 21}}, "intr.expected_residual_ml"),
        ({"vol": {"low_or_empty": True, "aspirated_ml": 15}}, "vol.low_or_empty"),
        (
            {"device": {"reservoir_capacity_ml": 40}, "vol": {"low_or_empty": True, "aspirated_ml": 21}},
            "vol.low_or_empty",
        ),
        ({"vol": {"low_or_empty": False, "aspirated_ml": 0}}, "vol.low_or_empty"),
        ({"bolus": {"given": False, "response": True}}, "bolus.response"),
        ({"device": {"has_cap": False}, "cap": EASY}, "device.has_cap"),
        ({"cap": {"easy": True, "csf_aspirated_ml": 0}}, "cap.easy"),
        ({"cap": {"access_ok": False, "csf_aspirated_ml": 1}}, "cap.access_ok"),
        ({"cath": {"total_length_cm": 80, "trimmed_cm": 90}}, "cath.trimmed_cm"),
        ({"cath": {"total_length_cm": 80, "implanted_length_cm": 90}}, "cath.implanted_length_cm"),
        ({"cath": {"total_length_cm": 80, "trimmed_cm": 30, "implanted_length_cm": 60}}, "cath.implanted_length_cm"),
        (
            {
                "cath": {
                    "implanted_length_cm": 80,
                    "volume_ml_per_cm": 0.0022,
                    "cap_internal_volume_ml": 0.14,
                    "dead_space_ml": 3.0,
                }
            },
            "cath.dead_space_ml",
        ),
        (
            {"drug": {"agents": [{"concentration_mg_per_ml": 10, "concentration_mcg_per_ml": 10}]}},
            f"{AGENT}.concentration_mcg_per_ml",
        ),
        ({"drug": {"agents": [{"daily_dose_mg": 1, "daily_dose_mcg": 100}]}}, f"{AGENT}.daily_dose_mcg"),
        (
            {"drug": {"agents": [{"concentration_mg_per_ml": 10, "daily_dose_mg": 0.003}], "flow_ml_per_day": 0.3}},
            f"{AGENT}.daily_dose_mg",
        ),
        (
            {"drug": {"agents": [{"concentration_mg_per_ml": 10, "daily_dose_mcg": 9000}], "flow_ml_per_day": 0.3}},
            f"{AGENT}.daily_dose_mcg",
        ),
        (_img("ct", "normal", "kink"), "img.ct.findings"),
        (_img("fluoroscopy", "abnormal", "tracer_confined_to_reservoir"), "img.fluoroscopy.findings"),
        (_img("radiograph", "not_done", "kink"), "img.radiograph.findings"),
        (_img("lp_ct", "nondiagnostic", "kink"), "img.lp_ct.findings"),
        (
            {**_img("mri", "abnormal", "granuloma"), "gate": {"mri_excludes_granuloma_or_compression": True}},
            "gate.mri_excludes_granuloma_or_compression",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(groups: dict[str, Any], where: str) -> None:
    """A date ahead, an impossible volume or a contradiction names the field that it is about."""
    with pytest.raises(InputError) as caught:
        record(groups)
    assert caught.value.where == where


@pytest.mark.parametrize(
    "groups",
    [
        LOST,
        GATED,
        {"gate": {"mri_date": "2026-03-02"}},
        {"hist": {"contrast_at": "2026-03-02T23:00"}},
        {"intr": {"recommended_replacement_date": "2031-01-01"}},
        {"device": {"reservoir_capacity_ml": 18}, "vol": {"aspirated_ml": 30}},
        {"device": {"has_cap": False}, "cap": {"access_ok": False}},
        {"vol": {"low_or_empty": True, "aspirated_ml": 2}},
        {"vol": {"low_or_empty": False, "aspirated_ml": 5}},
        {"intr": {"expected_residual_ml": 5.0}, "vol": {"expected_ml": 5.04}},
        {"intr": {"alarm": True, "alarm_type": "critical"}},
        {"drug": {"agents": [{"concentration_mg_per_ml": 10, "daily_dose_mg": 3.2}], "flow_ml_per_day": 0.3}},
        {"drug": {"agents": [{"concentration_mg_per_ml": 10, "concentration_mcg_per_ml": 10_000}]}},
        {"cath": {"total_length_cm": 80, "trimmed_cm": 30, "implanted_length_cm": 51}},
        {
            "cath": {
                "implanted_length_cm": 80,
                "volume_ml_per_cm": 0.0022,
                "cap_internal_volume_ml": 0.14,
                "dead_space_ml": 0.33,
            }
        },
        {"cath": {"model": "8709SC", "trimmed_cm": 9, "cap_internal_volume_ml": 0.14, "dead_space_ml": 3.0}},
        _img("ct", "nondiagnostic", "not_assessable"),
        _img("mri", "abnormal", "arachnoiditis"),
    ],
)
def test_what_can_be_is_taken(groups: dict[str, Any]) -> None:
    """Nothing that a clinic could truly record is refused."""
    record(groups)


def test_without_a_date_of_its_own_a_record_may_not_lie_ahead_of_today() -> None:
    """Where the record has no date, the machine's clock is the measure."""
    today = datetime.now(tz=UTC).date()
    ahead = (today + timedelta(days=3)).isoformat()
    with pytest.raises(InputError, match="in the future"):
        facts_from({"schema": "catheterview/facts/1", "gate": {"mri_date": ahead}})
    past = (today - timedelta(days=3)).isoformat()
    assert facts_from({"schema": "catheterview/facts/1", "gate": {"mri_date": past}}).gate.mri_date == past


def test_a_record_may_not_be_of_years_ahead() -> None:
    """No clock is trusted to the day, but a record of the next century is a slip."""
    with pytest.raises(InputError) as caught:
        facts_from({"schema": "catheterview/facts/1", "as_of": "2126-03-02"})
    assert caught.value.where == "as_of"
