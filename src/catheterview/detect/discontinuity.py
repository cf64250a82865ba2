"""Discontinuity: the tube is shown to be absent between two of its pieces, or between the pump and its first piece."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from catheterview.detect.place import Observation, arc_of, as_point, finding_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind

_CAUTIONS = (
    "A radiolucent joint or segment is not a gap: compare with the catheter model.",
    "Not visible is not the same as disconnected.",
)


def find_discontinuities(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report every gap of a traced catheter.

    Parameters
    ----------
    evidence : Evidence
        With at least one catheter in frame PATIENT.
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``gap_mm`` between the two loose ends, ``offset_mm`` of the far end from the near end's axis,
        ``arc_mm``; `ends` are the loose ends, pump side first.
    """
    return tuple(finding_of(evidence, gap, limits) for gap in sure_gaps(gaps_of(evidence, limits), limits))


def sure_gaps(gaps: list[Observation], limits: DetectLimits) -> list[Observation]:
    """Of measured breaks, the one that is a gap; where several would be, the line has not followed a catheter."""
    sure = [
        gap
        for gap in gaps
        if limits.gap_mm <= gap.measures["gap_mm"] <= limits.gap_most_mm and gap.score >= limits.gap_score
    ]
    return sure if len(sure) <= limits.gaps_most else []


def gaps_of(evidence: Evidence, limits: DetectLimits) -> list[Observation]:
    """Measure every break between two pieces, sure or not.

    Returns
    -------
    list of Observation
        In the order of the catheter.
    """
    return [
        _gap(catheter, (before, after), limits)
        for catheter in evidence.catheters
        for (_, before), (after, _) in pairwise(catheter.pieces)
    ]


def _gap(catheter: Centreline, loose: tuple[int, int], limits: DetectLimits) -> Observation:
    """Measure the gap between two points that end and begin a piece."""
    before, after = loose
    near, far = catheter.points[before], catheter.points[after]
    gap_mm = float(np.linalg.norm(far - near))
    return Observation(
        kind=Kind.DISCONTINUITY,
        point=(near + far) / 2,
        arc_mm=arc_of(catheter, before) + gap_mm / 2,
        score=_score(catheter, loose, gap_mm, limits),
        measures={"gap_mm": round(gap_mm, 2), "offset_mm": round(_offset_mm(catheter, before, far), 2)},
        message=f"The catheter is interrupted over {gap_mm:.1f} mm",
        cautions=_CAUTIONS,
        ends=(as_point(near), as_point(far)),
    )


def _score(catheter: Centreline, loose: tuple[int, int], gap_mm: float, limits: DetectLimits) -> float:
    """How surely the tube is absent: its contrast beside the gap against the noise there, 0.5 at two to one.

    That holds for the shortest gap that can be shown; of a longer one there is more to be seen, and the noise of it
    falls with the root of the length.
    """
    before, after = loose
    beside = np.r_[max(0, before - 20) : before + 1, after : min(len(catheter.points), after + 21)]
    contrast, noise = np.median(catheter.contrast[beside]), max(float(np.median(catheter.noise[beside])), 1.0)
    shortest_mm, longest_mm = limits.gap_evidence_mm
    longer = float(np.clip(gap_mm / shortest_mm, 1.0, longest_mm / shortest_mm))
    return float(1.0 - 0.5 ** (contrast / noise / 2.0 * np.sqrt(longer)))


def _offset_mm(catheter: Centreline, before: int, far: FloatArray) -> float:
    """Distance of the far end from the straight line on which the near end points."""
    near = catheter.points[before]
    along = near - catheter.points[max(0, before - 10)]
    length = float(np.linalg.norm(along))
    if length == 0.0:
        return float(np.linalg.norm(far - near))
    away = far - near
    return float(np.linalg.norm(away - along * (away @ along) / length**2))
