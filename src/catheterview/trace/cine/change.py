"""What changed in a run: motion taken out, the frames before contrast taken away, in units of a frame's noise."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.model.cine import Cine, Frames, Opacified
from catheterview.trace.cine.motion import aligned, largest_px, swings

Plane = NDArray[np.float32]

_PAIRS = 16  # of successive frames that the noise is measured on
_MARGIN_PX = 4
_MASK = 8  # a mask of more than so small a part of a run gains little, and thin contrast may have come into it
_GUARD = 1  # frames before contrast is seen, in which it may have come


def opacified(cine: Cine, limits: CineLimits) -> Opacified | None:
    """Find what contrast changed.

    Parameters
    ----------
    cine : Cine
    limits : CineLimits

    Returns
    -------
    Opacified or None
        None where the run has too few frames.
    """
    if len(cine.density) < limits.least_frames:
        return None
    by = max(1, -(-max(cine.density.shape[1:]) // limits.side_px))
    density = shrunk(cine.density, by)
    exposed = cv2.resize(cine.film.exposed.astype(np.uint8), density.shape[:0:-1], interpolation=cv2.INTER_NEAREST) > 0
    valid = _valid(density, exposed)
    moved, fields = aligned(density, valid, limits)
    first = moved[: limits.least_before].mean(axis=0)
    moved -= first
    for frame in moved:
        frame -= float(np.median(frame[valid])) if valid.any() else 0.0
    noise = _noise(moved)
    moved /= noise
    moved[:, ~valid] = 0.0
    edge = _edge(first, limits) / noise
    calm = calm_of(edge, limits)
    before = _before(moved, calm, valid, limits)
    moved -= moved[:before].mean(axis=0)
    return Opacified(
        change=moved,
        edge=edge,
        valid=valid,
        before=before,
        shift_px=largest_px(fields) * by,
        swing=swings(fields),
        unrest=_unrest(moved[:before], calm, valid, limits),
        shrunk=by,
    )


def shrunk(density: Frames, by: int) -> Frames:
    """Frames with pixels `by` times as wide."""
    if by == 1:
        return density
    size = (density.shape[2] // by, density.shape[1] // by)
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in density])


def _valid(density: Frames, exposed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where there is a picture that is neither burnt out nor shut off, with a margin."""
    first = density[0]
    low, high = float(first.min()), float(first.max())
    seen = exposed & (first > low + 0.01 * (high - low)) & (first < high - 0.01 * (high - low))
    filled = cv2.morphologyEx(seen.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    side = 2 * _MARGIN_PX + 1
    return np.asarray(
        cv2.erode(filled, np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    )


def _noise(moved: Frames) -> Plane:
    """Standard deviation (R, C) of one frame, from how successive frames differ."""
    at = np.unique(np.linspace(0, len(moved) - 2, _PAIRS).astype(int))
    mean = np.zeros(moved.shape[1:], dtype=np.float32)
    for number in at:
        mean += np.abs(moved[number + 1] - moved[number])
    sigma = cv2.GaussianBlur(mean / np.float32(len(at) * 0.7979 * np.sqrt(2.0)), (0, 0), 3.0)
    return np.asarray(np.maximum(sigma, 1e-6), dtype=np.float32)


def _edge(first: Plane, limits: CineLimits) -> Plane:
    """What a movement of a small part of a pixel does to the picture (R, C)."""
    plane = cv2.GaussianBlur(first, (0, 0), 0.7)
    down, right = cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.125), cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.125)
    return np.asarray(cv2.dilate(np.hypot(down, right), np.ones((3, 3), np.uint8)) * np.float32(limits.left_px))


def calm_of(edge: Plane, limits: CineLimits) -> Plane:
    """How much a pixel counts (R, C) where neighbours are taken together: little where movement leaves something."""
    return np.asarray(1.0 / (1.0 + edge / np.float32(limits.calm)))


def smoothed(plane: Plane, valid: NDArray[np.bool_], sigma_px: float) -> Plane:
    """A plane blurred, in units of its own spread over the picture."""
    out = cv2.GaussianBlur(plane, (0, 0), sigma_px)
    inside = out[valid]
    spread = 1.4826 * float(np.median(np.abs(inside - np.median(inside)))) if inside.size else 1.0
    return np.asarray(out / np.float32(max(spread, 1e-9)))


def _before(moved: Frames, calm: Plane, valid: NDArray[np.bool_], limits: CineLimits) -> int:
    """How many frames show no contrast yet."""
    last: NDArray[np.bool_] | None = None
    most = max(limits.least_before, len(moved) // _MASK)
    for number in range(limits.least_before, most + 2 + _GUARD):
        now = (smoothed(moved[number] * calm, valid, limits.stain_px / 2.0) > limits.begun) & valid
        if last is not None and int((now & last).sum()) >= limits.begun_px:
            return int(np.clip(number - 1 - _GUARD, limits.least_before, most))
        last = now
    return most


def _unrest(moved: Frames, calm: Plane, valid: NDArray[np.bool_], limits: CineLimits) -> float:
    """What is left in the frames before contrast, over what a normal spread would leave."""
    if not valid.any():
        return float("inf")
    left = [
        float(np.percentile(np.abs(smoothed(one * calm, valid, limits.stain_px)[valid]), 99.0)) / 2.58 for one in moved
    ]
    return float(np.median(left))


def step_of(seen: Opacified) -> Plane:
    """How surely each pixel (R, C) became denser and stayed so: the best split of its frames in two, as a z value."""
    change, count = seen.change, len(seen.change)
    total, prefix = change.sum(axis=0), change[: seen.before].sum(axis=0)
    best, edge = np.zeros(change.shape[1:], dtype=np.float32), seen.edge**2
    for first in range(seen.before, count - 2):
        rest = count - first
        z = (total - prefix) / rest - prefix / first
        np.maximum(best, z / np.sqrt(np.float32(count / (first * rest)) + edge), out=best)
        prefix = prefix + change[first]
    return best


def late_of(seen: Opacified) -> Plane:
    """How surely each pixel (R, C) is denser at the end of the run than before contrast, as a z value."""
    count = max(3, len(seen.change) // 8)
    return np.asarray(
        seen.change[-count:].mean(axis=0) / np.sqrt(np.float32(1.0 / count + 1.0 / seen.before) + seen.edge**2)
    )


def series_at(seen: Opacified, weights: object) -> FloatArray:
    """Weighted sums (F, P) of every frame; `weights` is a sparse (P, R * C) matrix."""
    flat = seen.change.reshape(len(seen.change), -1)
    return np.asarray((weights @ flat.T).T, dtype=np.float64)  # type: ignore[operator]
