"""What of the catheter could not be assessed: stretches where it was neither seen nor shown to be absent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.detect.discontinuity import gaps_of, sure_gaps
from catheterview.detect.place import Observation, arc_of, finding_of
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind


def find_not_assessable(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report every stretch of the catheter that is hidden for longer than a gap could be.

    Parameters
    ----------
    evidence : Evidence
        With at least one catheter in frame PATIENT.
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``hidden_mm``, ``arc_mm``.
    """
    seen = [
        _stretch(catheter, first, last) for catheter in evidence.catheters for first, last in _hidden(catheter, limits)
    ]
    gaps = gaps_of(evidence, limits)
    sure = sure_gaps(gaps, limits)
    seen += [_unfollowed(gap) if gap.score >= limits.gap_score else _doubtful(gap) for gap in gaps if gap not in sure]
    return tuple(finding_of(evidence, s, limits) for s in seen if s.measures["hidden_mm"] >= limits.hidden_mm)


def _doubtful(gap: Observation) -> Observation:
    """Say of a break in a tube too faint to be missed with certainty that it cannot be assessed."""
    hidden_mm = gap.measures["gap_mm"]
    return replace(
        gap,
        kind=Kind.NOT_ASSESSABLE,
        measures={"hidden_mm": hidden_mm},
        message=f"The catheter is lost over {hidden_mm:.0f} mm and too faint to say whether it is interrupted",
    )


def _unfollowed(gap: Observation) -> Observation:
    """Say of two pieces too far apart for a gap, or broken in several places, that the way between was not found."""
    hidden_mm = gap.measures["gap_mm"]
    return replace(
        gap,
        kind=Kind.NOT_ASSESSABLE,
        score=1.0,
        measures={"hidden_mm": hidden_mm},
        message=f"The catheter could not be followed between two of its pieces, {hidden_mm:.0f} mm apart",
        cautions=("A gap or kink in this stretch would not be seen.",),
    )


def _hidden(catheter: Centreline, limits: DetectLimits) -> list[tuple[int, int]]:
    """Runs of points of low confidence, within pieces."""
    runs = []
    for first, last in catheter.pieces:
        low = catheter.confidence[first : last + 1] < limits.seen_confidence
        edges = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]]).astype(np.int8)))
        runs += [(first + int(a), first + int(b) - 1) for a, b in edges.reshape(-1, 2)]
    return runs


def _stretch(catheter: Centreline, first: int, last: int) -> Observation:
    """Describe one hidden stretch."""
    middle = (first + last) // 2
    hidden_mm = arc_of(catheter, last) - arc_of(catheter, first)
    return Observation(
        kind=Kind.NOT_ASSESSABLE,
        point=catheter.points[middle],
        arc_mm=arc_of(catheter, middle),
        score=1.0,
        measures={"hidden_mm": round(hidden_mm, 1)},
        message=f"The catheter cannot be assessed over {hidden_mm:.0f} mm (metal, bone or noise)",
        cautions=("A gap or kink in this stretch would not be seen.",),
    )
