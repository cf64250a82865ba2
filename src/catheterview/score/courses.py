"""The centreline and pump figures of a cohort."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.limits.score import ScoreLimits
from catheterview.score.case import CaseScore
from catheterview.score.measure import Measure, mean, pooled, rate, share

_NONE_THERE = "truth has no catheter"
_NONE_TRACED = "no catheter was traced"
#: Field of `CourseScore`, the name in the tables, unit, and why it may be undefined.
_MEANS = (
    ("mean_error", "mean error", "mm", _NONE_TRACED),
    ("p95_error", "95 % error", "mm", _NONE_TRACED),
    ("max_error", "largest error", "mm", _NONE_TRACED),
    ("mean_miss", "mean distance from truth to traced", "mm", _NONE_TRACED),
    ("p95_miss", "95 % distance from truth to traced", "mm", _NONE_TRACED),
    ("mean_surface", "mean distance both ways", "mm", _NONE_TRACED),
    ("hausdorff", "Hausdorff", "mm", _NONE_TRACED),
    ("overlap", "overlap OV", "1", _NONE_THERE),
    ("until_first_error", "overlap until first error OF", "1", _NONE_THERE),
    ("overlap_intrathecal", "overlap of the intrathecal part OT", "1", "truth names no dural entry"),
    ("accuracy_inside", "accuracy inside AI", "mm", "nothing overlaps"),
    ("cl_dice", "clDice", "1", "nothing traced, or no radius given"),
    ("start_error", "error of the end at the pump", "mm", _NONE_TRACED),
    ("tip_error", "tip error", "mm", _NONE_TRACED),
)


def course_measures(cases: Sequence[CaseScore], limits: ScoreLimits) -> tuple[Measure, ...]:
    """Give the figures of all catheters together: the mean of cases, each catheter of a case alike."""
    about, courses = "centreline", [course for case in cases for course in case.courses]
    traced = [course for course in courses if course.traced]
    close = f"points within {limits.close_mm:g} mm"
    tips = [course.tip_error for course in courses if course.tip_error is not None]
    lengths = [course.length_error for course in courses]
    return (
        share(about, "catheters traced", count=len(traced), of=len(courses), why=_NONE_THERE),
        *(
            mean((about, name, unit), [getattr(course, field) for course in courses], limits, why=why)
            for field, name, unit, why in _MEANS
        ),
        pooled(
            (about, close, "1"),
            [course.close_points for course in courses],
            [course.points for course in courses],
            limits,
        ),
        share(about, "tips within 1 mm", count=sum(tip <= 1.0 for tip in tips), of=len(courses), why=_NONE_THERE),
        _median_tip(tips),
        mean((about, "length error", "mm"), lengths, limits, why=_NONE_TRACED),
        mean(
            (about, "length error, unsigned", "mm"),
            [None if n is None else abs(n) for n in lengths],
            limits,
            why=_NONE_TRACED,
        ),
        share(
            about,
            "right number of pieces",
            count=sum(course.pieces == course.true_pieces for course in courses),
            of=len(courses),
            why=_NONE_THERE,
        ),
        rate(
            about,
            "catheters traced where there is none",
            count=sum(case.spare_catheters for case in cases),
            studies=len(cases),
        ),
    )


def _median_tip(tips: Sequence[float]) -> Measure:
    """Give the median tip error: one lost tip of many centimetres rules the mean."""
    if not tips:
        return Measure(about="centreline", name="tip error, median", unit="mm", value=None, why=_NONE_TRACED)
    return Measure(
        about="centreline", name="tip error, median", unit="mm", value=float(np.median(tips)), count=len(tips)
    )


def pump_measures(cases: Sequence[CaseScore], limits: ScoreLimits) -> tuple[Measure, ...]:
    """Give the figures of all pumps together."""
    about, pumps = "pump", [case.pumps for case in cases]
    errors = [error for pump in pumps for error in pump.center_error_mm]
    turned = [error for pump in pumps for error in pump.normal_error_deg]
    true, why = sum(pump.true for pump in pumps), "truth has no pump"
    return (
        share(about, "pumps found", count=sum(pump.found for pump in pumps), of=true, why=why),
        mean((about, "centre error", "mm"), errors, limits, why="no pump was found"),
        share(about, "centres within 2 mm", count=sum(error <= 2.0 for error in errors), of=true, why=why),
        mean((about, "disc axis error", "deg"), turned, limits, why="no pump was found"),
        rate(about, "pumps found where there is none", count=sum(pump.spare for pump in pumps), studies=len(cases)),
    )
