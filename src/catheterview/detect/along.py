"""The segments of a catheter: where along it the connector, the pocket, the tract, the anchor and the canal are.

The dural entry is where the catheter crosses the canal's border for the last time. The anchor is the elbow at which it
leaves the plane under the skin and turns straight to the canal; the fascia lies just deep to it. The pocket ends where
the catheter leaves the pump's neighbourhood for good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, unit
from catheterview.limits import DetectLimits
from catheterview.model import Anatomy, Centreline, Evidence, Pump, Region, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One segment of one catheter.

    Parameters
    ----------
    segment : Segment
    first_mm, last_mm : float
        Along the catheter from its first point.
    """

    segment: Segment
    first_mm: float
    last_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Arc lengths in mm from a catheter's first point; None where not known.

    Parameters
    ----------
    rim_mm : float
        Of the pump's rim: negative when the first point lies beyond it.
    pocket_mm : float or None
        Where the catheter leaves the pump's neighbourhood for good.
    anchor_mm, entry_mm : float or None
    end_mm : float
    """

    rim_mm: float
    pocket_mm: float | None
    anchor_mm: float | None
    entry_mm: float | None
    end_mm: float


def stretches_of(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> tuple[Stretch, ...]:
    """Cut a catheter into its segments.

    Parameters
    ----------
    catheter : Centreline
        In frame PATIENT, from pump to tip.
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Stretch
        In order and without gaps between them; what neither pump nor canal tells is left out at the end.
    """
    marks = marks_of(catheter, evidence, limits)
    ends = _ends(marks, limits)
    if marks.entry_mm is None and len(evidence.anatomy.canal):
        ends += _outside(catheter, evidence, marks, limits)
    out: list[Stretch] = []
    at = 0.0
    for segment, end in ends:
        last = min(max(end, at), marks.end_mm)
        if last > at:
            out.append(Stretch(segment=segment, first_mm=at, last_mm=last))
        at = last
    return tuple(out)


def marks_of(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> Marks:
    """Find the places along a catheter at which its segments change."""
    arc, pump = catheter.arc_mm, _own_pump(catheter, evidence)
    entry = entry_index(catheter, evidence.anatomy, limits)
    rim_mm, pocket_mm = 0.0, None
    if pump is not None:
        away = pump_clearance_mm(pump, catheter.points)
        rim_mm = -float(np.clip(away[0], 0.0, limits.connector_mm))
        near = np.flatnonzero(away[: entry or None] <= limits.pocket_mm)
        pocket_mm = float(arc[near[-1]]) if len(near) else 0.0
        pocket_mm = max(pocket_mm, rim_mm + limits.connector_mm + limits.pocket_least_mm)
    back_mm = None if entry is None else _elbow_back_mm(catheter, entry, evidence.anatomy.body, limits)
    anchor_mm = None if entry is None or back_mm is None else float(arc[entry]) - back_mm
    if anchor_mm is not None and anchor_mm <= (pocket_mm or 0.0) + limits.anchor_before_mm:
        anchor_mm = None
    return Marks(
        rim_mm=rim_mm,
        pocket_mm=pocket_mm,
        anchor_mm=anchor_mm,
        entry_mm=None if entry is None else float(arc[entry]),
        end_mm=float(arc[-1]),
    )


def entry_index(catheter: Centreline, anatomy: Anatomy, limits: DetectLimits) -> int | None:
    """Index of the point at which a catheter enters the canal for the last time; None when it does not."""
    if not len(anatomy.canal):
        return None
    clear = canal_clearance_mm(anatomy, catheter.points)
    inside = np.flatnonzero(clear <= 0.0)
    if not len(inside):
        return None
    outside = np.flatnonzero(clear[: inside[-1]] > limits.canal_slack_mm)
    start = int(outside[-1]) + 1 if len(outside) else 0
    return start + int(np.argmax(clear[start:] <= 0.0))


def canal_clearance_mm(anatomy: Anatomy, points: FloatArray) -> FloatArray:
    """(N,) distance in mm of (N, 3) LPS mm points from the canal's border, negative inside; the canal must be there.

    The canal goes on straight for 20 mm beyond what was found of it: a scan's end is not the canal's.
    """
    canal, radius_mm = lengthened(anatomy)
    away, nearest = cKDTree(canal).query(points)
    return np.asarray(away - radius_mm[nearest])


def lengthened(anatomy: Anatomy) -> tuple[FloatArray, FloatArray]:
    """The canal's middle and radius with both ends drawn out by 20 mm."""
    canal, radius = anatomy.canal, anatomy.canal_radius_mm
    if len(canal) < 6:
        return canal, radius
    steps = np.arange(1.0, 11.0)[:, None] * 2.0
    down, up = (unit(a - b) for a, b in ((canal[0], canal[5]), (canal[-1], canal[-6])))
    longer = np.concatenate([canal[0] + steps[::-1] * down, canal, canal[-1] + steps * up])
    return longer, np.concatenate([np.full(10, radius[0]), radius, np.full(10, radius[-1])])


def pump_clearance_mm(pump: Pump, points: FloatArray) -> FloatArray:
    """(N,) distance in mm of (N, 3) LPS mm points from the pump's disc, to first order; negative inside."""
    normal = np.array(pump.normal)
    local = points - np.array(pump.center_mm)
    height = local @ normal
    flat = np.linalg.norm(local - height[:, None] * normal, axis=1) - pump.diameter_mm / 2.0
    return np.asarray(np.maximum(flat, np.abs(height) - pump.thickness_mm / 2.0))


def _own_pump(catheter: Centreline, evidence: Evidence) -> Pump | None:
    """The pump nearest to a catheter's first point."""
    first = catheter.points[:1]
    return min(evidence.pumps, key=lambda pump: float(pump_clearance_mm(pump, first)[0]), default=None)


def _ends(marks: Marks, limits: DetectLimits) -> list[tuple[Segment, float]]:
    """Where each segment ends that the marks tell."""
    out: list[tuple[Segment, float]] = []
    if marks.pocket_mm is not None:
        out += [(Segment.CONNECTOR, marks.rim_mm + limits.connector_mm), (Segment.POCKET, marks.pocket_mm)]
    if marks.entry_mm is None:
        return out
    if marks.anchor_mm is not None:
        out += [
            (Segment.SUBCUTANEOUS_TRACT, marks.anchor_mm - limits.anchor_before_mm),
            (Segment.ANCHOR, marks.anchor_mm + limits.anchor_after_mm),
            (Segment.FASCIAL_ENTRY, marks.anchor_mm + limits.anchor_after_mm + limits.fascia_mm),
        ]
    else:
        out.append((Segment.SUBCUTANEOUS_TRACT, marks.entry_mm - limits.paraspinal_mm))
    return [
        *out,
        (Segment.PARASPINAL_TRACT, marks.entry_mm - limits.dural_entry_mm),
        (Segment.DURAL_ENTRY, marks.entry_mm + limits.dural_entry_mm),
        (Segment.INTRATHECAL, marks.end_mm - limits.tip_mm),
        (Segment.TIP, marks.end_mm),
    ]


def _outside(
    catheter: Centreline, evidence: Evidence, marks: Marks, limits: DetectLimits
) -> list[tuple[Segment, float]]:
    """Segments of a catheter that never enters the canal: tract, then what comes near the spine."""
    clear = canal_clearance_mm(evidence.anatomy, catheter.points)
    near = np.flatnonzero((clear <= limits.paraspinal_mm) & (catheter.arc_mm > (marks.pocket_mm or 0.0)))
    first = float(catheter.arc_mm[near[0]]) if len(near) else marks.end_mm
    return [(Segment.SUBCUTANEOUS_TRACT, first), (Segment.PARASPINAL_TRACT, marks.end_mm)]


def _elbow_back_mm(catheter: Centreline, entry: int, body: Region | None, limits: DetectLimits) -> float | None:
    """Arc length from the dural entry back to the elbow at which the straight way to the canal begins.

    The longer of two measures: how far back the course is straight, and how far back it keeps on rising to the skin.
    The first ends early at a loose end pushed aside, the second is blurred by the skin's own shape.
    """
    straight = _straight_back_mm(catheter, entry, limits)
    if straight is None or body is None:
        return straight
    rising = _rising_back_mm(catheter, entry, body, limits)
    return straight if rising is None else max(straight, rising - limits.rise_blur_mm)


def _straight_back_mm(catheter: Centreline, entry: int, limits: DetectLimits) -> float | None:
    """Longest way back from the entry that stays near its chord; None when it has no end within reach."""
    arc, points = catheter.arc_mm, catheter.points
    longest = None
    for back_mm in np.arange(limits.elbow_least_mm, min(limits.elbow_reach_mm, arc[entry]), 1.0):
        first = int(np.searchsorted(arc, arc[entry] - back_mm))
        if _off_chord_mm(points[first : entry + 1]) <= limits.elbow_off_mm:
            longest = float(back_mm)
    reached = longest is not None and longest > limits.elbow_reach_mm - 2.0
    return None if reached else longest


def _off_chord_mm(points: FloatArray) -> float:
    """Largest distance of (N, 3) points from the line through the first and the last."""
    chord = points[-1] - points[0]
    along = chord / max(float(np.linalg.norm(chord)), 1e-9)
    away = points - points[0]
    return float(np.linalg.norm(away - np.outer(away @ along, along), axis=1).max())


def _rising_back_mm(catheter: Centreline, entry: int, body: Region, limits: DetectLimits) -> float | None:
    """How far back from the entry the depth under the skin falls steadily, by the best fit of a slope and a level."""
    arc = catheter.arc_mm
    used = np.flatnonzero((arc <= arc[entry]) & (arc > arc[entry] - limits.elbow_reach_mm))[::2]
    back, depth_mm = arc[entry] - arc[used], _depth_mm(body, catheter.points[used])
    best: tuple[float, float] | None = None
    for knee_mm in np.arange(limits.elbow_least_mm, back.max(), 2.0):
        part = back < knee_mm + limits.level_mm
        if part.sum() < 3:  # a gap in the catheter leaves nothing near the entry
            continue
        slope = np.stack([np.ones(int(part.sum())), np.minimum(back[part], knee_mm)], axis=1)
        fit = np.linalg.lstsq(slope, depth_mm[part], rcond=None)[0]
        miss = float(np.abs(slope @ fit - depth_mm[part]).mean())
        if best is None or miss < best[0]:
            best = miss, float(knee_mm)
    return None if best is None else best[1]


def _depth_mm(body: Region, points: FloatArray) -> FloatArray:
    """(N,) depth in mm under the skin of (N, 3) LPS mm points; the scan's own ends are no skin."""
    index = body.grid.world_to_index(points)
    low = np.maximum(np.floor(index.min(axis=0)) - 20, 0).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0)) + 21, body.grid.shape).astype(int)
    box = body.mask[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    edged = np.pad(box, ((0, 0), (1, 1), (1, 1)))
    depth = ndimage.distance_transform_edt(edged, sampling=body.grid.spacing_mm)
    return np.asarray(ndimage.map_coordinates(depth, (index - low + [0, 1, 1]).T, order=1, mode="nearest"))
