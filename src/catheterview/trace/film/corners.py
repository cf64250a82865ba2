"""Sharp corners of a way: the limbs on both sides are led on to where they meet, where the film shows that better.

What fits a tube along a smooth way cuts the corner of a kink, and then sees little of the tube there.
"""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, arc_length, resample_polyline
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Map
from catheterview.trace.film.show import presence


def sharpened(plane: Map, points: FloatArray, how: tuple[float, float], limits: FilmTraceLimits) -> FloatArray:
    """Put corners back into a way.

    Parameters
    ----------
    plane : (R, C) float32
    points : (N, 2) (row, column)
        A pixel apart.
    how : (width, mm)
        Of a tube in pixels; of a pixel.
    limits : FilmTraceLimits

    Returns
    -------
    (M, 2)
        A pixel apart.
    """
    width, mm = how
    near, far = (max(2, round(v / mm)) for v in limits.limb_mm)
    turn = _turn(points, near, far)
    while len(turn) and turn.max() > np.radians(limits.corner_deg):
        n = int(turn.argmax())
        angle = turn[n]
        turn[max(0, n - far) : n + far + 1] = 0.0
        corner = _corner(points, n, (near, far)) if angle < np.radians(limits.corner_most_deg) else None
        if corner is None or float(np.linalg.norm(corner - points[n])) * mm > limits.corner_reach_mm:
            continue
        cut = np.concatenate([points[n - near][None], corner[None], points[n + near][None]])
        bent = _rounded(cut, limits.corner_radius_mm / mm)
        shown = [presence(plane, way, width, limits)[0].mean() for way in (bent, points[n - near : n + near + 1])]
        if shown[0] > limits.corner_better * shown[1]:
            points = np.concatenate([points[: n - near], bent, points[n + near + 1 :]])
            turn = np.interp(np.linspace(0.0, 1.0, len(points)), np.linspace(0.0, 1.0, len(turn)), turn)
    return resample_polyline(points, step=1.0)


def _turn(points: FloatArray, near: int, far: int) -> FloatArray:
    """Angle (N,) between the limbs before and after each point, radians; 0 near the ends."""
    turn = np.zeros(len(points))
    inner = np.arange(far, len(points) - far)
    if not len(inner):
        return turn
    before, after = points[inner - near] - points[inner - far], points[inner + far] - points[inner + near]
    size = np.maximum(np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1), 1e-9)
    turn[inner] = np.arccos(np.clip((before * after).sum(axis=1) / size, -1.0, 1.0))
    return turn


def _corner(points: FloatArray, n: int, span: tuple[int, int]) -> FloatArray | None:
    """Where the limbs before and after a point meet ahead of the one and behind the other; None where they do not."""
    near, far = span
    a, b = points[n - near], points[n + near]
    u, v = a - points[n - far], points[n + far] - b
    cross = u[0] * v[1] - u[1] * v[0]
    if abs(cross) < 1e-6:
        return None
    step = b - a
    ahead, behind = (step[0] * v[1] - step[1] * v[0]) / cross, (step[0] * u[1] - step[1] * u[0]) / cross
    return np.asarray(a + ahead * u) if ahead > 0.0 and behind < 0.0 else None


def _rounded(cut: FloatArray, radius: float) -> FloatArray:
    """Two straight lines (3, 2), a pixel a step, with a curve in place of the corner between them."""
    legs = [np.linalg.norm(cut[1] - cut[0]), np.linalg.norm(cut[2] - cut[1])]
    back = min(radius, 0.45 * float(min(legs)))
    first = cut[1] + (cut[0] - cut[1]) * back / max(float(legs[0]), 1e-9)
    last = cut[1] + (cut[2] - cut[1]) * back / max(float(legs[1]), 1e-9)
    t = np.linspace(0.0, 1.0, 9)[:, None]
    curve = (1.0 - t) ** 2 * first + 2.0 * t * (1.0 - t) * cut[1] + t**2 * last
    whole = np.concatenate([cut[:1], curve, cut[2:]])
    return resample_polyline(whole, step=1.0) if float(arc_length(whole)[-1]) > 2.0 else whole
