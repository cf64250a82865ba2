"""Thresholds of `catheterview.detect`."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.contrast import ContrastLimits
from catheterview.limits.declare import limit


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectLimits(ContrastLimits):
    """Thresholds of `catheterview.detect`; each field has its unit and source."""

    gap_mm: float = limit(2.0, unit="mm", source="below the 3 mm that must be found; tuning phantoms")
    gap_most_mm: float = limit(
        40.0, unit="mm", source="beyond the widest of the phantoms, 33; what lies farther apart was not followed"
    )
    gaps_most: int = limit(1, unit="1", source="a catheter breaks in one place; a line along vessels in several; train")
    gap_score: float = limit(
        0.6, unit="1", source="2.6 times the noise: a fainter tube could be there unseen; tuning phantoms"
    )
    gap_evidence_mm: tuple[float, ...] = limit(
        (3.0, 12.0), unit="mm", source="noise falls with the root of the length; surroundings change beyond; train"
    )
    kink_window_mm: float = limit(9.0, unit="mm", source="holds a turn of 60 to 120 degrees at a radius under 4 mm")
    kink_turn_deg: float = limit(54.0, unit="deg", source="below the 60 degrees that must be found; tuning phantoms")
    kink_turn_per_mm: float = limit(5.0, unit="deg/mm", source="healthy devices of train in slices of 2 to 5 mm")
    kink_thin_mm: float = limit(1.5, unit="mm", source="slices up to which the line's error bends it by noise alone")
    kink_radius_mm: float = limit(6.0, unit="mm", source="above the 4 mm that must be found; tuning phantoms")
    kink_score: float = limit(0.6, unit="1", source="a turn of 60 degrees where the tube is seen in full; phantoms")
    kink_from_pump_mm: float = limit(12.0, unit="mm", source="the connector is rigid and may stand at any angle")
    kink_confidence: float = limit(0.55, unit="1", source="above the half that a link bridged unseen gets at most")
    seen_confidence: float = limit(0.3, unit="1", source="half of the lowest ratio that counts as present")
    hidden_mm: float = limit(8.0, unit="mm", source="a shorter blind spot hides no loose end pulled apart")

    connector_mm: float = limit(28.0, unit="mm", source="a stem of 5 to 8 mm and 2 cm: clinical catalogue CT-CONN")
    pocket_mm: float = limit(15.0, unit="mm", source="a capsule hugs the pump; loops beside it begin 9 mm off its rim")
    pocket_least_mm: float = limit(10.0, unit="mm", source="way through the capsule, past the connector")
    anchor_before_mm: float = limit(12.0, unit="mm", source="half a sleeve of 2 cm, measured from the elbow")
    anchor_after_mm: float = limit(10.0, unit="mm", source="half a sleeve of 2 cm, measured from the elbow")
    fascia_mm: float = limit(6.0, unit="mm", source="fascia of 1 to 2 mm crossed at 20 to 50 deg")
    elbow_least_mm: float = limit(15.0, unit="mm", source="a lean patient's way from fascia to dura")
    elbow_reach_mm: float = limit(150.0, unit="mm", source="an obese patient's way at 30 deg to the skin")
    elbow_off_mm: float = limit(3.0, unit="mm", source="how far a rounded elbow lies off its corner: tuning phantoms")
    level_mm: float = limit(50.0, unit="mm", source="length of tract that shows its own depth: tuning phantoms")
    rise_blur_mm: float = limit(12.0, unit="mm", source="tract that already sinks before the elbow: tuning phantoms")
    canal_slack_mm: float = limit(3.0, unit="mm", source="error of the canal's border and of the traced line together")
    dural_entry_mm: float = limit(4.0, unit="mm", source="thickness of ligament and epidural fat")
    paraspinal_mm: float = limit(35.0, unit="mm", source="depth of the erector spinae")
    tip_mm: float = limit(3.0, unit="mm", source="the last openings of a catheter lie within 3 mm of its end")

    @property
    def contrast(self) -> ContrastLimits:
        """Those of the contrast map, which are these, too."""
        return self
