"""Curves that a catheter can take: smooth joins, loops, and how sharply a polyline bends."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from catheterview.geometry import FloatArray, arc_length, resample_polyline, tangents, unit

STEP_MM = 0.5


def bezier(start: FloatArray, leave: FloatArray, end: FloatArray, arrive: FloatArray) -> FloatArray:
    """Draw a smooth curve (N, D) between two points with given directions at them.

    Parameters
    ----------
    start, end : (D,) mm
    leave, arrive : (D,)
        Direction at each; its length is how far in mm the curve keeps to it.
    """
    corners = np.stack([start, start + leave, end - arrive, end])
    t = np.linspace(0.0, 1.0, 200)[:, None]
    rest = 1.0 - t
    curve = rest**3 * corners[0] + 3 * rest**2 * t * corners[1] + 3 * rest * t**2 * corners[2] + t**3 * corners[3]
    return resample_polyline(curve, step=STEP_MM)


def join(first: FloatArray, second: FloatArray, *, cut_mm: float) -> FloatArray:
    """Round the corner between two polylines (N, D) that meet, starting `cut_mm` before and ending after it."""
    keep = round(cut_mm / STEP_MM)
    head, tail = first[: max(2, len(first) - keep)], second[min(keep, len(second) - 2) :]
    arm = np.linalg.norm(tail[0] - head[-1]) * 0.42
    bend = bezier(head[-1], arm * tangents(head[-3:])[-1], tail[0], arm * tangents(tail[:3])[0])
    return np.concatenate([head, bend[1:-1], tail])


def loops(start: FloatArray, heading: FloatArray, *, radius_mm: float, turns: float) -> FloatArray:
    """Draw full circles (N, 2) that begin at a point with a heading; negative turns go clockwise.

    Each turn is a little tighter than the one before, as loops are laid by hand.
    """
    way = np.sign(turns)
    angle = np.arange(0.0, 2.0 * np.pi * abs(turns), STEP_MM / radius_mm)
    size = radius_mm * (1.0 - 0.03 * angle / (2.0 * np.pi))
    left = np.array([-heading[1], heading[0]]) * way
    turned = np.cos(angle)[:, None] * -left + np.sin(angle)[:, None] * heading
    return np.asarray(start + left * radius_mm + turned * size[:, None])


def smoothed(points: FloatArray, *, over_mm: float) -> FloatArray:
    """Smooth a polyline (N, D) with steps of `STEP_MM`, keeping both ends."""
    pad = min(len(points) - 1, int(4 * over_mm / STEP_MM))
    before, after = 2 * points[0] - points[pad:0:-1], 2 * points[-1] - points[-2 : -pad - 2 : -1]
    long = np.concatenate([before, points, after])
    return np.asarray(ndimage.gaussian_filter1d(long, over_mm / STEP_MM, axis=0)[pad : pad + len(points)])


def bend_radius(points: FloatArray, *, reach_mm: float = 1.0) -> FloatArray:
    """Radius of curvature in mm at each point of a polyline (N, 3), of the circle through points `reach_mm` away."""
    step = arc_length(points)[-1] / (len(points) - 1)
    reach = max(1, round(reach_mm / step))
    middle, before, after = points[reach:-reach], points[: -2 * reach], points[2 * reach :]
    first, second = middle - before, after - middle
    area = np.linalg.norm(np.cross(first, second), axis=1)
    sides = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1) * np.linalg.norm(after - before, axis=1)
    radius = sides / np.maximum(2.0 * area, 1e-9)
    return np.asarray(np.pad(np.minimum(radius, 1e4), reach, mode="edge"))


def relaxed(points: FloatArray, *, sharpest_mm: float, fixed_mm: float) -> FloatArray:
    """Ease a polyline (N, 3) where it bends tighter than a tube would, leaving its first `fixed_mm` alone."""
    course = resample_polyline(points, step=STEP_MM)
    for _ in range(40):
        tight = (bend_radius(course) < sharpest_mm).astype(np.float64)
        if not tight[round(fixed_mm / STEP_MM) + 3 :].any():
            break
        share: FloatArray = np.clip(4.0 * ndimage.gaussian_filter1d(ndimage.maximum_filter1d(tight, 25), 8.0), 0.0, 1.0)
        share *= step_smoothly(np.asarray((np.arange(len(course)) * STEP_MM - fixed_mm) / 6.0, dtype=np.float64))
        course = course + share[:, None] * (smoothed(course, over_mm=4.0) - course)
        course = resample_polyline(course, step=STEP_MM)
    return course


def step_smoothly(at: FloatArray) -> FloatArray:
    """0 below 0, 1 above 1, smooth between."""
    clipped = np.clip(at, 0.0, 1.0)
    return np.asarray(clipped * clipped * (3.0 - 2.0 * clipped))


def perpendicular(along: FloatArray, like: FloatArray) -> FloatArray:
    """Unit vectors (N, 3) square to `along` and as near to `like` as can be."""
    return unit(like - along * (like * along).sum(axis=-1, keepdims=True))
