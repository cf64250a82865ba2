"""A stretch of tube wider than the rest of it: ectasia, as it is seen beyond a leak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.detect.along import stretches_of
from catheterview.detect.contrast.mapping import map_contrast
from catheterview.detect.contrast.rings import rings_round
from catheterview.detect.place import Observation, finding_of
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind, Segment
from catheterview.model.contrast import Course

_CAUTIONS = (
    "A sleeve, a connector, a second turn of the tube or contrast on the tube looks wider, too.",
    "The width is told by how much the tube adds in all: a denser wall or a fuller lumen looks wider.",
)
#: Where nothing but the tube itself is wide.
_BARE = (Segment.SUBCUTANEOUS_TRACT,)


def find_ectasia(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report where a catheter's tract is much wider than the rest of it over a centimetre or more.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``wide_ratio`` over the usual width, ``length_mm``.

    Notes
    -----
    Outer diameter larger than nominal after a leak (clinical catalogue CT-ECT). Stretches under contrast are left out.
    """
    seen = evidence.contrast or map_contrast(evidence, limits)
    found = [
        one
        for catheter, course in zip(evidence.catheters, seen.courses, strict=True)
        for one in _wide(evidence, catheter, course, limits)
    ]
    return tuple(finding_of(evidence, one, limits) for one in found)


def _wide(evidence: Evidence, catheter: Centreline, course: Course, limits: DetectLimits) -> list[Observation]:
    """Every wide stretch of one catheter."""
    bare = np.zeros(len(course.arc_mm), dtype=bool)
    for part in stretches_of(catheter, evidence, limits):
        if part.segment in _BARE:
            bare |= (course.arc_mm >= part.first_mm) & (course.arc_mm <= part.last_mm)
    clear = bare & (course.width_mm > 0.0) & (course.sleeve_hu < limits.iodine_hu)
    if clear.sum() < limits.ectasia_known_mm / limits.ring_step_mm:
        return []
    section = rings_round(evidence.image, catheter, limits).section(limits.ectasia_reach_mm)
    usual = max(float(np.median(section[clear])), 1.0)
    even = ndimage.median_filter(section, round(limits.ectasia_mm / limits.ring_step_mm), mode="nearest")
    ratio = np.sqrt(np.clip(even / usual, 0.0, None))
    wide = ndimage.binary_closing(clear & (ratio > limits.ectasia_ratio), np.ones(5, dtype=bool))
    labels, count = ndimage.label(wide)
    runs = [np.flatnonzero(labels == label) for label in range(1, count + 1)]
    return [
        _observed(catheter, course, run, float(np.median(ratio[run])))
        for run in runs
        if course.arc_mm[run[-1]] - course.arc_mm[run[0]] >= limits.ectasia_mm
    ]


def _observed(catheter: Centreline, course: Course, run: NDArray[np.intp], ratio: float) -> Observation:
    """Put one stretch into a detector's terms."""
    arc_mm = float((course.arc_mm[run[0]] + course.arc_mm[run[-1]]) / 2.0)
    length_mm = float(course.arc_mm[run[-1]] - course.arc_mm[run[0]])
    return Observation(
        kind=Kind.ECTASIA,
        point=np.array([np.interp(arc_mm, catheter.arc_mm, column) for column in catheter.points.T]),
        arc_mm=arc_mm,
        score=float(np.clip(ratio - 0.9, 0.5, 0.9)),
        measures={"wide_ratio": round(ratio, 2), "length_mm": round(length_mm, 1)},
        message=f"The tube is {ratio:.1f} times as wide as elsewhere over {length_mm:.0f} mm",
        cautions=_CAUTIONS,
    )
