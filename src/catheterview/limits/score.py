"""Thresholds of `catheterview.score`: what counts as close, as the same finding, and as a fault worth counting."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit

_BARS = "docs/accuracy.md, the bars that accuracy is held to"
_ROTTERDAM = "Schaap et al., Med Image Anal 2009, 13(5):701-714"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLimits:
    """Thresholds of `catheterview.score`; each field has its unit and source."""

    overlap_mm: float = limit(1.0, unit="mm", source="about the outer radius of a catheter plus half a 1 mm slice")
    close_mm: float = limit(0.8, unit="mm", source=_BARS)
    step_mm: float = limit(
        0.5, unit="mm", source="a third of the overlap tolerance or less leaves OV unchanged to 0.1 %"
    )
    first_error_free_mm: float = limit(5.0, unit="mm", source=_ROTTERDAM + ": the start of a line is hard to define")
    match_mm: float = limit(10.0, unit="mm", source=_BARS + ": localised within 10 mm")
    match_px: float = limit(
        50.0, unit="pixel", source="10 mm on a radiograph of 0.2 mm pixels, where no scale is known"
    )
    pump_mm: float = limit(30.0, unit="mm", source="less than a pump's radius: the two discs overlap by half")
    gap_min_mm: float = limit(3.0, unit="mm", source=_BARS)
    kink_radius_max_mm: float = limit(4.0, unit="mm", source=_BARS)
    kink_turn_min_deg: float = limit(60.0, unit="deg", source=_BARS)
    prevalence: float = limit(0.42, unit="1", source="Delhaas et al. 2020: 21 of 50 CAP-CT studies had a malfunction")
    confidence: float = limit(0.95, unit="1", source="convention")
    resamples: int = limit(2000, unit="1", source="Efron and Tibshirani 1993: 1000 or more for percentile intervals")
    seed: int = limit(20090805, unit="1", source="arbitrary and fixed, so that the same input gives the same bytes")
