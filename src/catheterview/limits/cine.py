"""Thresholds of everything that reads a dye study under fluoroscopy."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.limits.declare import limit

_TRAIN = "tuning on the train split of simulated dye studies"


@dataclass(frozen=True, slots=True, kw_only=True)
class CineLimits:
    """Thresholds for following contrast; pixels are those of a run that is worked on at no more than `side_px`."""

    side_px: int = limit(640, unit="px", source="a usual matrix is 512 or 1024; larger ones are halved")
    least_frames: int = limit(8, unit="1", source="three before contrast, and five to see it come")
    least_before: int = limit(3, unit="1", source="of frames without contrast: fewer make a mask as noisy as a frame")
    tile_px: float = limit(64.0, unit="px", source="a quarter of a pump: moves by itself with the belly wall")
    smooth_px: float = limit(1.5, unit="px", source="of the pictures that are matched; noise is less than the edges")
    about_pump_px: float = limit(24.0, unit="px", source="beside the rim: a connector and its stem go with the pump")
    left_px: float = limit(0.12, unit="px", source="movement that tiles leave; " + _TRAIN)
    calm: float = limit(0.1, unit="1", source="neighbours average noise to a tenth, but not movement; " + _TRAIN)
    stain_px: float = limit(3.0, unit="px", source=_TRAIN)
    begun: float = limit(6.0, unit="1", source=_TRAIN)
    begun_px: int = limit(25, unit="px", source=_TRAIN)
    disc_mm: float = limit(87.5, unit="mm", source="SynchroMed II, both sizes; clinical reference C.1")
    disc_share: float = limit(0.5, unit="1", source=_TRAIN)
    least_larger: float = limit(1.02, unit="1", source="a pump lies before the detector")
    most_larger: float = limit(1.5, unit="1", source="35 cm before the detector at 110 cm from the source")

    across_px: float = limit(0.9, unit="px", source="a lumen of 0.5 mm, a pixel's width and the blur of the detector")
    along_px: float = limit(3.5, unit="px", source="a bend of 6.5 mm is straight over so much")
    straight_px: float = limit(7.0, unit="px", source="twice that: a bend of 25 mm is straight over so much")
    directions: int = limit(16, unit="1", source="11 degrees apart")
    ridge: float = limit(4.2, unit="1", source=_TRAIN)
    faint_ridge: float = limit(2.5, unit="1", source=_TRAIN)
    streak_points: int = limit(9, unit="1", source=_TRAIN)
    risen: float = limit(1.0, unit="1", source="standard deviations, mean of neighbours on a line; " + _TRAIN)
    core: float = limit(8.0, unit="1", source="standard deviations, all over a pool's inside; " + _TRAIN)
    core_mm: float = limit(2.5, unit="mm", source="radius: wider than a lumen with the blur of the detector")
    least_core_px: float = limit(2.0, unit="px", source="radius: the same of a lumen that is no wider than a pixel")
    usual_mm: float = limit(0.6, unit="mm", source="a pixel of 300 mm over 512, where no pump tells it")
    core_rim_px: float = limit(6.0, unit="px", source="the line filter's half width, beyond a pool's inside")
    gap_px: float = limit(42.0, unit="px", source=_TRAIN)
    gap_cost: float = limit(0.7, unit="1", source="of a pixel bridged, against one seen; " + _TRAIN)
    bend_px: float = limit(9.0, unit="px", source="that a link must explain to bend by a right angle; " + _TRAIN)
    back_px: float = limit(1.5, unit="px", source="that a link must explain to lead back by a frame; " + _TRAIN)
    behind_way_px: float = limit(60.0, unit="px", source="what a way may be behind the best and still be carried on")
    back_frames: float = limit(2.5, unit="1", source="repeatability of one point's arrival; " + _TRAIN)
    least_course_px: float = limit(30.0, unit="px", source=_TRAIN)
    start_px: float = limit(26.0, unit="px", source="from the pump's rim: a connector and its stem, 15 mm")
    rim_px: float = limit(2.5, unit="px", source="the pump's edge, blurred, and the filter's width")
    behind_px: float = limit(16.0, unit="px", source="from the pump's rim, where a line ends or comes out again")
    border_px: float = limit(8.0, unit="px", source="the line filter's length")

    pump_side_ml: float = limit(0.14, unit="ml", source="from port to connector, SynchroMed II; clinical reference C.3")
    lumen_ml_per_mm: float = limit(0.00022, unit="ml/mm", source="a catheter of 0.53 mm; clinical reference C.2")
    mixing_s: float = limit(
        17.6, unit="s", source="radius squared over 8 times 5e-10 m2/s; clinical reference C.2, E.2"
    )
    injection_s: float = limit(4.0, unit="s", source="of a run before the hand begins: a mask takes a second or two")
    least_ml_per_s: float = limit(0.015, unit="ml/s", source="a dead space of 0.3 ml in 20 s; a slower hand gives up")
    most_ml_per_s: float = limit(
        0.15, unit="ml/s", source="a dead space of 0.3 ml in 2 s; faster, one frame shows it all"
    )
    longer: float = limit(1.15, unit="1", source="a tract round the flank over its frontal shadow; " + _TRAIN)
    field_mm: float = limit(300.0, unit="mm", source="a fluoroscope's field, where no scale is known at all")

    stain: float = limit(4.0, unit="1", source=_TRAIN)
    stain_area_px: float = limit(40.0, unit="px", source=_TRAIN)
    lumen_px: float = limit(3.5, unit="px", source="half of what the line filter is wide")
    beside_pump_mm: float = limit(22.0, unit="mm", source="as thick as 25 ml in a pocket lies; " + _TRAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class CineDetectLimits:
    """Thresholds for what is said of a dye study; lengths in mm are at the pump's depth."""

    unrest: float = limit(2.5, unit="1", source=_TRAIN)
    field_mm: float = limit(300.0, unit="mm", source="a fluoroscope's field, where no scale is known at all")
    least_amount: float = limit(200.0, unit="1", source=_TRAIN)
    pump_density: float = limit(1.0, unit="1", source=_TRAIN)
    least_rise: float = limit(8.0, unit="1", source="frames; a patient moves faster than contrast gathers")
    most_sway: float = limit(0.2, unit="1", source=_TRAIN)
    under_way_frames: float = limit(4.0, unit="1", source="a front that came last moment may still be going on")
    course_part: float = limit(0.6, unit="1", source="of the course; the last arrivals are the least sure; " + _TRAIN)
    seen: float = limit(0.3, unit="1", source=_TRAIN)
    least_course_mm: float = limit(40.0, unit="mm", source="much more than a streak of movement; " + _TRAIN)

    column_mm: float = limit(9.0, unit="mm", source="half of a thecal sac's width, and some")
    sac_mm: float = limit(24.0, unit="mm", source="a loculated pool of 1.6 ml is shorter; " + _TRAIN)
    sac_slim: float = limit(1.5, unit="1", source=_TRAIN)
    sac_wide_mm: float = limit(32.0, unit="mm", source="a lumbar canal is narrower, magnified")
    denser: float = limit(1.5, unit="1", source="undiluted contrast beside that in CSF; " + _TRAIN)
    round_ratio: float = limit(2.2, unit="1", source=_TRAIN)
    upright_mm: float = limit(40.0, unit="mm", source="a vertebra and a disc: what climbs so far is in the canal")
    upright_deg: float = limit(35.0, unit="deg", source=_TRAIN)
    high_mm: float = limit(
        75.0, unit="mm", source="above a pump's middle in the belly lie only canal and tip; " + _TRAIN
    )
    at_end_mm: float = limit(15.0, unit="mm", source="half a pool's width")

    mostly: float = limit(0.5, unit="1", source="of a patch at the pump, over or round it: more than elsewhere")
    partly: float = limit(0.2, unit="1", source="of a patch over the pump: what only touches its rim has less")
    spilt_s: float = limit(2.0, unit="s", source="from the port to the connector, 0.14 ml, by a fast hand")
    on_pump: float = limit(0.55, unit="1", source=_TRAIN)
    spread_mm: float = limit(25.0, unit="mm", source="between pools of one leak: what a ml of fluid spreads over")
    second_share: float = limit(0.3, unit="1", source="of a larger pool's amount or density; " + _TRAIN)
    first_frames: float = limit(2.0, unit="1", source="after the first arrival: repeatability of both; " + _TRAIN)
    first_s: float = limit(1.0, unit="s", source="the same: contrast runs through several cm in a second")
    alone: float = limit(2.0, unit="1", source="of the least amount, where no catheter was seen filled; " + _TRAIN)
    connector_mm: float = limit(40.0, unit="mm", source="20 mm of connector, half a pool, and what a bend hides")
    pocket_long_mm: float = limit(30.0, unit="mm", source="a pool of 3 ml is shorter; " + _TRAIN)

    faint: float = limit(0.5, unit="1", source="of the least amount, for patches that stand in one column; " + _TRAIN)
    broken: float = limit(0.4, unit="1", source="of a column's height, that its tallest patch has; " + _TRAIN)
    patchy: float = limit(0.3, unit="1", source=_TRAIN)
    hollow: float = limit(0.1, unit="1", source=_TRAIN)
    wide_ratio: float = limit(1.7, unit="1", source=_TRAIN)
    wide_mm: float = limit(10.0, unit="mm", source=_TRAIN)
