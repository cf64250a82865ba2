"""Kink: the catheter turns sharply at the scale of its own diameter, as no strain-relief loop does."""

from __future__ import annotations

import numpy as np

from catheterview.detect.place import Observation, arc_of, finding_of
from catheterview.geometry import FloatArray, angle_deg, arc_length
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind

_CAUTIONS = (
    "A normal strain-relief loop bends over centimetres; compare the radius of curvature.",
    "A bend is not an occlusion: patency is shown by aspiration or contrast.",
)


def find_kinks(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report every sharp bend of a traced catheter.

    Parameters
    ----------
    evidence : Evidence
        With at least one catheter in frame PATIENT.
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``turn_deg``, the angle between the directions before and after; ``radius_mm`` of the circle that
        turns so far over the bend's length; ``arc_mm``.
    """
    found = []
    turn_deg = _least_turn_deg(evidence, limits)
    for catheter in evidence.catheters:
        for first, last in catheter.pieces:
            found += [_bend(catheter, n, limits) for n in _sharpest(catheter, (first, last), limits)]
    return tuple(
        finding_of(evidence, seen, limits)
        for seen in found
        if seen.measures["turn_deg"] >= turn_deg
        and seen.measures["radius_mm"] <= limits.kink_radius_mm
        and seen.score >= limits.kink_score
        and (seen.arc_mm or 0.0) >= limits.kink_from_pump_mm
    )


def _least_turn_deg(evidence: Evidence, limits: DetectLimits) -> float:
    """How far a line must turn: in thick slices its own error bends it."""
    thicker_mm = max(0.0, evidence.image.slice_mm - limits.kink_thin_mm)
    return limits.kink_turn_deg + limits.kink_turn_per_mm * thicker_mm


def turn_along(points: FloatArray, arc_mm: FloatArray, window_mm: float) -> FloatArray:
    """Angle in degrees between the chords before and after each point.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm
    arc_mm : (N,) float64
    window_mm : float
        Length from the first chord's beginning to the second chord's end; 0 is returned nearer to the ends.

    Returns
    -------
    (N,) float64
    """
    turn = np.zeros(len(points))
    half, core = window_mm / 2, window_mm / 6
    inner = np.nonzero((arc_mm >= half) & (arc_mm <= arc_mm[-1] - half))[0]
    if len(inner):
        at = [_at(points, arc_mm, arc_mm[inner] + shift) for shift in (-half, -core, core, half)]
        turn[inner] = angle_deg(at[1] - at[0], at[3] - at[2])
    return turn


def _at(points: FloatArray, arc_mm: FloatArray, where_mm: FloatArray) -> FloatArray:
    """Points of a polyline at given arc lengths."""
    return np.asarray(np.stack([np.interp(where_mm, arc_mm, column) for column in points.T], axis=1))


def _sharpest(catheter: Centreline, piece: tuple[int, int], limits: DetectLimits) -> list[int]:
    """Indices of the sharpest bends of a piece, no two within a window of each other, where the tube is seen."""
    first, last = piece
    points = catheter.points[first : last + 1]
    if len(points) < 3:
        return []
    arc_mm = arc_length(points)
    turn = turn_along(points, arc_mm, limits.kink_window_mm)
    turn[catheter.confidence[first : last + 1] < limits.kink_confidence] = 0.0
    sharpest = []
    while turn.max(initial=0.0) >= limits.kink_turn_deg:
        n = int(np.argmax(turn))
        sharpest.append(first + n)
        turn[np.abs(arc_mm - arc_mm[n]) <= limits.kink_window_mm] = 0.0
    return sharpest


def _bend(catheter: Centreline, index: int, limits: DetectLimits) -> Observation:
    """Measure the bend at a point: total turn and the radius at which it is made.

    The radius is that of the arc between the chords: the length over which half of the turn is made, by the angle.
    """
    reach = round(limits.kink_window_mm * 1.5)
    low, high = max(0, index - 2 * reach), min(len(catheter.points), index + 2 * reach + 1)
    points = catheter.points[low:high]
    arc_mm = arc_length(points)
    turn = float(turn_along(points, arc_mm, limits.kink_window_mm)[index - low])
    radius = _radius_mm(points, arc_mm, index - low)
    return Observation(
        kind=Kind.KINK,
        point=catheter.points[index],
        arc_mm=arc_of(catheter, index),
        score=min(1.0, turn / 90.0) * float(catheter.confidence[max(0, index - 6) : index + 7].mean()),
        measures={"turn_deg": round(turn, 1), "radius_mm": round(radius, 2)},
        message=f"The catheter is kinked: it turns by {turn:.0f} degrees at a radius of {radius:.1f} mm",
        cautions=_CAUTIONS,
    )


def _radius_mm(points: FloatArray, arc_mm: FloatArray, index: int) -> float:
    """Smallest radius of a circle through three points 1.5 mm apart, within 3 mm of a point of a polyline."""
    middle = np.linspace(arc_mm[index] - 3.0, arc_mm[index] + 3.0, 13)
    middle = middle[(middle >= 1.5) & (middle <= arc_mm[-1] - 1.5)]
    if not len(middle):
        return float("inf")
    before, here, after = (_at(points, arc_mm, middle + shift) for shift in (-1.5, 0.0, 1.5))
    sides = [np.linalg.norm(a - b, axis=1) for a, b in ((here, before), (after, here), (after, before))]
    area = 0.5 * np.linalg.norm(np.cross(here - before, after - before), axis=1)
    return float((sides[0] * sides[1] * sides[2] / np.maximum(4.0 * area, 1e-9)).min())
