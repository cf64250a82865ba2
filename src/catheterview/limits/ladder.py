"""Thresholds of `catheterview.ladder`: the numbers that decide, each with the section of the review that gives it.

The review is Wojnowski et al., "Troubleshooting intrathecal pumps in pain management", Interventional Pain Medicine
2026. A number that it does not give says so; which choice is made of it is a policy (``docs/ladder.md``).
"""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit

_REVIEW = "Wojnowski 2026, section "


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderLimits:
    """Thresholds of `catheterview.ladder`; each field has its unit and source."""

    discrepancy_20_ml: float = limit(1.0, unit="ml", source=_REVIEW + "5.1: more than 1 ml in a 20 ml pump")
    discrepancy_40_ml: float = limit(2.0, unit="ml", source=_REVIEW + "5.1: more than 2 ml in a 40 ml pump")
    discrepancy_fraction: float = limit(
        0.05,
        unit="1",
        source="extrapolated: both published thresholds are 5 % of the capacity; no source for other sizes",
    )
    open_valve_ml: float = limit(1.0, unit="ml", source=_REVIEW + "4.1: more than 1 ml aspirated at 0.0 mg/day")
    cap_success_ml: float = limit(2.0, unit="ml", source=_REVIEW + "5.2: easy withdrawal of 2-3 ml of clear CSF")
    mri_recency_days: float = limit(
        30.0, unit="day", source=f"no source: {_REVIEW}7.5 says recent without a limit; set short, for the site to set"
    )
    loop_visits: int = limit(2, unit="1", source=f"no source: {_REVIEW}7.9 and 7.10 loop without a count")
    length_uncertainty_cm: float = limit(2.0, unit="cm", source="reading of a length off an implant record, estimated")
    volume_uncertainty: float = limit(0.1, unit="1", source="10 % of a catheter's volume per length, estimated")
    transit_margin: float = limit(
        1.5,
        unit="1",
        source="no source: plug flow with mixing in the reservoir, a margin of a half on the arrival time",
    )
    half_life_h: float = limit(67.3, unit="hour", source="In-111, 2.8047 d")
    expected_tolerance_ml: float = limit(
        0.05, unit="ml", source="the display step of a programmer: two records of one volume may differ by rounding"
    )
    dose_factor: float = limit(
        2.0, unit="1", source="flow times concentration against the recorded dose: a wrong unit is a factor of 1000"
    )
