"""Thresholds for vertebrae on radiographs, and for what is said of a catheter's end and length by them."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit

_TRAIN = "tuning on the train split of simulated films"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmLevelLimits:
    """Thresholds for finding and naming vertebrae on a film; lengths are at the pump's depth."""

    step_mm: float = limit(1.0, unit="mm", source="a tenth of a disc's height")
    beside_mm: float = limit(80.0, unit="mm", source="past the tips of the transverse processes, within the wall")
    body_mm: float = limit(14.0, unit="mm", source="well within an end plate")
    disc_mm: float = limit(2.6, unit="mm", source="a disc and two end plates are three to four times as tall")
    coarse_mm: float = limit(22.0, unit="mm", source="shading is wider than a vertebra is tall")
    pitch_mm: tuple[float, float] = limit((22.0, 48.0), unit="mm", source="T8 to L5 with their discs, magnified or not")
    uneven: float = limit(0.28, unit="1", source="a level is at most a quarter taller than the next; " + _TRAIN)
    least_disc: float = limit(0.45, unit="1", source="of the strongest discs' median; " + _TRAIN)
    rib_mm: tuple[float, float] = limit((46.0, 76.0), unit="mm", source="past a lumbar transverse process, in the wall")
    rib_tall_mm: float = limit(4.0, unit="mm", source="half a rib's height")
    rib_start_mm: tuple[float, float] = limit((-10.0, 8.0), unit="mm", source="a rib's neck against its body's middle")
    least_rib: float = limit(2.8, unit="1", source="times what is there without a rib; " + _TRAIN)
    no_rib: float = limit(2.4, unit="1", source="times what is there without a rib; " + _TRAIN)
    no_disc: float = limit(0.4, unit="1", source="of the discs above it; " + _TRAIN)
    near_column_mm: float = limit(45.0, unit="mm", source="to the tips of the transverse processes")
    shift_share: float = limit(1.25, unit="1", source="of a level: a tip put at the edge of one is half of one off")
    outside_front_mm: float = limit(26.0, unit="mm", source="outer edge of the pedicles, and the column's own error")
    outside_side_mm: tuple[float, float] = limit(
        (4.0, 52.0), unit="mm", source="from the bodies' middle: in front of their rear wall, behind the laminae"
    )
    end_clear_mm: float = limit(12.0, unit="mm", source="an end beside metal or the border may go on unseen")
    loop_mm: tuple[float, float] = limit((35.0, 320.0), unit="mm", source="once round at a radius of 6 to 50 mm")
    loop_turn_deg: float = limit(180.0, unit="deg", source="what crosses itself has turned by half a turn and more")
    budget_share: float = limit(0.12, unit="1", source="error of a course's length where both views show it; " + _TRAIN)
    budget_mm: float = limit(40.0, unit="mm", source="a turn behind the pump that neither view shows")
