"""Where a way leaves the tube and comes back to it, the tube is asked whether it goes round: a kink's two limbs do.

A link from limb to limb is shorter than a kink, and bends less. On quiet ground the cheapest way over what looks like a
tube is taken instead, if it is tube all along; over bone nothing is changed, because edges would lead round any gap.
"""

from __future__ import annotations

import cv2
import numpy as np
from skimage.graph import route_through_array

from catheterview.geometry import FloatArray, arc_length, resample_polyline
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import TURNS, Map, tube_kernels
from catheterview.trace.film.show import presence, sampled


def with_detours(plane: Map, points: FloatArray, how: tuple[float, float], limits: FilmTraceLimits) -> FloatArray:
    """Lead a way round where the tube goes round.

    Parameters
    ----------
    plane : (R, C) float32
    points : (N, 2) (row, column)
        About a pixel apart.
    how : (width, mm)
        Of a tube in pixels; of a pixel.
    limits : FilmTraceLimits

    Returns
    -------
    (M, 2)
    """
    width, mm = how
    peak, noise = presence(plane, points, width, limits)
    parts, done, side = [], 0, max(4, round(limits.detour_side_mm / mm))
    for first, last in _lost(peak, side):
        about = np.r_[max(0, first - 3 * side) : first - side // 2, last + side // 2 : min(len(peak), last + 3 * side)]
        level, around = float(np.median(peak[about])), float(np.median(noise[first : last + 1]))
        long = float(arc_length(points[first - 1 : last + 1])[-1]) * mm
        a, b = first - side, last + side
        if not limits.detour_mm[0] <= long <= limits.detour_mm[1] or around > limits.clear_noise * level or a < done:
            continue
        tube = (width, mm, level, max(limits.detour_least * level, limits.detour_noise * around))
        if (led := _round(plane, (points[a], points[b]), tube, limits)) is not None:
            parts += [points[done:a], led]
            done = b + 1
    return resample_polyline(np.concatenate([*parts, points[done:]]), step=1.0) if parts else points


def _lost(peak: FloatArray, side: int) -> list[tuple[int, int]]:
    """Runs at which less than half of the tube is seen, of what is seen about them."""
    usual = np.array([np.median(peak[max(0, n - 6 * side) : n + 6 * side + 1]) for n in range(len(peak))])
    low = peak < 0.5 * usual
    edges = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]]).astype(np.int8))).reshape(-1, 2)
    return [(int(a), int(b) - 1) for a, b in edges if a > side and b < len(peak) - side]


def _round(
    plane: Map, ends: tuple[FloatArray, FloatArray], tube: tuple[float, float, float, float], limits: FilmTraceLimits
) -> FloatArray | None:
    """The cheapest way between two places over what looks like a tube; None where it is not tube all along."""
    width, mm, level, least = tube
    reach = round(limits.detour_reach_mm / mm)
    low = np.maximum(np.floor(np.minimum(*ends)).astype(int) - reach, 0)
    high = np.minimum(np.ceil(np.maximum(*ends)).astype(int) + reach + 1, plane.shape)
    seen = _tube_like(np.ascontiguousarray(plane[low[0] : high[0], low[1] : high[1]]), width, limits)
    start, stop = (tuple(np.clip(np.round(end - low).astype(int), 0, np.array(seen.shape) - 1)) for end in ends)
    dear = 1.0 / (0.05 + np.clip(seen / level, 0.0, 1.0)) ** 2
    way, _ = route_through_array(dear, start, stop, fully_connected=True, geometric=True)
    if len(way) < 3:
        return None
    path = resample_polyline(np.array(way, dtype=np.float64), step=1.0)
    shown = np.clip(sampled(seen, path) / least, 0.0, 1.0)
    window = min(max(3, round(limits.detour_side_mm / mm)), len(shown))
    worst = float(np.convolve(shown, np.ones(window) / window, mode="valid").min())
    return path + low if worst >= limits.detour_worst else None


def _tube_like(part: Map, width: float, limits: FilmTraceLimits) -> Map:
    """The peak of a short tube in the best of the directions at every pixel; short, so that it follows a sharp bend."""
    flat = part - cv2.GaussianBlur(part, (0, 0), 3.0 * width)
    best = np.zeros_like(flat)
    for turn in TURNS:
        even, odd = tube_kernels(width, float(turn), limits.detour_along)
        middle = cv2.filter2D(flat, cv2.CV_32F, even, borderType=cv2.BORDER_REPLICATE)
        aside = np.abs(cv2.filter2D(flat, cv2.CV_32F, odd, borderType=cv2.BORDER_REPLICATE))
        best = np.maximum(best, middle - 0.5 * aside)
    return np.asarray(best)
