"""Whether a film shows that a tube ends where its way ends: seen to its end, and nothing like it beyond."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Map
from catheterview.trace.film.show import presence

_WAYS_DEG = np.arange(-80.0, 81.0, 10.0)


def ends_here(
    plane: Map, points: FloatArray, shown: tuple[FloatArray, FloatArray], how: tuple[float, float, FilmTraceLimits]
) -> bool:
    """Say whether a tube is shown to end.

    Parameters
    ----------
    plane : (R, C) float32
    points : (N, 2) (row, column)
        The way, about a pixel apart.
    shown : (N,) and (N,)
        The tube's peak along the way, and the noise.
    how : (width, mm, limits)
        Of a tube in pixels; of a pixel.
    """
    width, mm, limits = how
    reach = int(limits.ending_mm / mm)
    if len(points) < 2 * reach:
        return False
    peak, noise = shown
    level = float(np.median(peak[-2 * reach :]))
    if level <= limits.ending_noise * float(np.median(noise[-2 * reach :])):
        return False
    heading = points[-1] - points[-reach // 2]
    angle = np.arctan2(heading[0], heading[1])
    for turn in np.radians(_WAYS_DEG):
        step = np.array([np.sin(angle + turn), np.cos(angle + turn)])
        ray = points[-1] + np.arange(width, width + reach)[:, None] * step
        if ((ray < 8.0) | (ray > np.array(plane.shape) - 9.0)).any():
            return False
        beyond, around = presence(plane, ray, width, limits)
        if np.median(beyond) > limits.ending_share * level or np.median(around) > limits.clear_noise * level:
            return False
    return True


def goes_on(plane: Map, points: FloatArray, at: tuple[int, int], how: tuple[float, float, FilmTraceLimits]) -> bool:
    """Say whether from a loose end a tube goes on elsewhere than the way does: then the way is wrong, not the tube.

    Parameters
    ----------
    plane : (R, C) float32
    points : (N, 2) (row, column)
        The whole way, about a pixel apart.
    at : (index, step)
        The last point of a piece and 1, or the first and -1.
    how : (width, mm, limits)
    """
    width, mm, limits = how
    index, ahead = at
    reach, back = max(3, int(limits.loose_mm / mm)), max(3, int(limits.detour_side_mm / mm))
    start = index - ahead * 3 * back
    if not 0 <= start < len(points):
        return False
    level = float(np.median(presence(plane, points[min(start, index) : max(start, index) + 1], width, limits)[0]))
    heading = points[index] - points[index - ahead * back]
    angle = np.arctan2(heading[0], heading[1])
    others = cKDTree(points)
    for turn in np.radians(_WAYS_DEG):
        step = np.array([np.sin(angle + turn), np.cos(angle + turn)])
        ray = points[index] + np.arange(0.5 * width, 0.5 * width + reach)[:, None] * step
        apart, _ = others.query(ray[len(ray) // 2 :])
        if np.median(apart) < width:
            continue
        shown, noise = presence(plane, ray, width, limits)
        if np.percentile(shown, 20.0) > max(limits.loose_share * level, limits.ending_noise * float(np.median(noise))):
            return True
    return False
