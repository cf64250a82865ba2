"""Lines as the JSON files give them, resampled evenly, and distances from points to their segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from catheterview.errors import InputError
from catheterview.geometry import FloatArray, arc_length, resample_polyline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A catheter's course as evenly spaced points, piece by piece.

    Parameters
    ----------
    points : (N, D) float64, unit of its frame
        All pieces one after the other, from pump to tip.
    radius : (N,) float64
        Outer radius of the tube; 0 where the file has none.
    arc : (N,) float64
        Distance from the first point, gaps counted straight across.
    starts, stops : (S, D) float64
        Ends of the segments that are continuous in the image: none spans a gap.
    pieces : int
    length : float
        Of all pieces together, without the gaps.
    tip : (D,) float64
    entry_arc : float or None
        Where along the line it enters the dura.
    """

    points: FloatArray
    radius: FloatArray
    arc: FloatArray
    starts: FloatArray
    stops: FloatArray
    pieces: int
    length: float
    tip: FloatArray
    entry_arc: float | None


def line_of(catheter: Mapping[str, Any], *, step: float) -> Line:
    """Read one entry of ``catheters`` of a report or of a truth file.

    Parameters
    ----------
    catheter : mapping
        As in report.json: ``points`` (N, D), ``pieces``, ``radius``, ``landmarks``.
    step : float
        Spacing of the resampled points, in the unit of the frame.

    Raises
    ------
    InputError
        When its points are no (N, 2) or (N, 3) table of finite numbers, or its pieces do not index them.
    """
    points = _points_of(catheter)
    ranges = _ranges_of(catheter, len(points))
    radius, along = _radius_of(catheter, len(points)), arc_length(points)
    parts = [resample_polyline(points[first : last + 1], step=step) for first, last in ranges]
    arcs = [along[first] + arc_length(part) for part, (first, _) in zip(parts, ranges, strict=True)]
    segments = [(part[:-1], part[1:]) if len(part) > 1 else (part, part) for part in parts]
    arc = np.concatenate(arcs)
    landmarks = catheter.get("landmarks") or {}
    return Line(
        points=np.concatenate(parts),
        radius=np.interp(arc, along, radius),
        arc=arc,
        starts=np.concatenate([first for first, _ in segments]),
        stops=np.concatenate([last for _, last in segments]),
        pieces=len(ranges),
        length=float(sum(arc_length(part)[-1] for part in parts)),
        tip=points[_index_of(landmarks, "tip", len(points), otherwise=len(points) - 1)],
        entry_arc=None if landmarks.get("dural_entry") is None else float(along[int(landmarks["dural_entry"])]),
    )


def distances(points: FloatArray, line: Line) -> FloatArray:
    """Shortest distance from each of (N, D) points to the segments of a line: (N,), the frame's unit."""
    along = line.stops - line.starts
    squared = np.maximum((along**2).sum(axis=1), 1e-18)
    nearest = np.empty(len(points))
    # In blocks, so that two lines of several thousand points stay under some 30 MB.
    for first in range(0, len(points), 256):
        block = points[first : first + 256, None, :]
        share = np.clip(((block - line.starts) * along).sum(axis=2) / squared, 0.0, 1.0)
        away = block - (line.starts + share[..., None] * along)
        nearest[first : first + 256] = np.sqrt((away**2).sum(axis=2).min(axis=1))
    return nearest


def _points_of(catheter: Mapping[str, Any]) -> FloatArray:
    """Read the points and refuse what is no table of coordinates."""
    try:
        points = np.array(catheter["points"], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as cause:
        raise InputError("the points of a catheter must be a table of numbers", where="catheters.points") from cause
    if points.ndim != 2 or not len(points) or points.shape[1] not in (2, 3) or not np.isfinite(points).all():
        raise InputError(f"the points of a catheter cannot be {points.shape}, or not finite", where="catheters.points")
    return points


def _ranges_of(catheter: Mapping[str, Any], count: int) -> list[tuple[int, int]]:
    """Read the pieces; a file without them means one."""
    ranges = [(int(first), int(last)) for first, last in catheter.get("pieces") or [(0, count - 1)]]
    if any(not 0 <= first <= last < count for first, last in ranges):
        raise InputError(f"pieces {ranges} do not index {count} points", where="catheters.pieces")
    return ranges


def _radius_of(catheter: Mapping[str, Any], count: int) -> FloatArray:
    """Read the radius at each point; zeros where the file has none."""
    radius = np.array(catheter.get("radius") or np.zeros(count), dtype=np.float64)
    if radius.shape != (count,):
        raise InputError(f"{count} radii are needed, got {radius.shape}", where="catheters.radius")
    return radius


def _index_of(landmarks: Mapping[str, Any], name: str, count: int, *, otherwise: int) -> int:
    """Read a landmark's index; `otherwise` where it is null or absent."""
    index = landmarks.get(name)
    if index is None:
        return otherwise
    if not 0 <= int(index) < count:
        raise InputError(f"landmark {name} = {index} does not index {count} points", where="catheters.landmarks")
    return int(index)
