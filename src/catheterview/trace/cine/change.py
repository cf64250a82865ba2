"""What changed in a run: motion taken out, the frames before contrast taken away, in units of a frame's noise."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.model.cine import Cine, Frames, Opacified
from catheterview.model.film import FilmPump
from catheterview.trace.cine.layers import layers_of
from catheterview.trace.cine.motion import aligned, largest_px, swings, warped, wide_field

Plane = NDArray[np.float32]

_PAIRS = 16  # of successive frames that the noise is measured on
_MARGIN_PX = 4
_EDGE_PX = 8  # as far as an edge reaches into the blurred pictures that movement is measured on
_MASK = 8  # a mask of more than so small a part of a run gains little, and thin contrast may have come into it
_GUARD = 1  # frames before contrast is seen, in which it may have come


def opacified(cine: Cine, pump: FilmPump | None, limits: CineLimits) -> Opacified | None:
    """Find what contrast changed.

    Parameters
    ----------
    cine : Cine
    pump : FilmPump or None
        In pixels of the run.
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
    moved, fields = _stilled(density, valid, None if pump is None else pump_shrunk(pump, by), limits)
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


def _fit_for_motion(valid: NDArray[np.bool_], pump: FilmPump | None) -> Plane:
    """Where movement is measured (R, C): no shutter's edge, which stands still, and no pump, which goes its own way."""
    kernel = np.ones((2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1), np.uint8)
    use = cv2.erode(valid.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    if pump is not None:
        row, column = np.ogrid[: valid.shape[0], : valid.shape[1]]
        use[np.hypot(row - pump.center[0], column - pump.center[1]) < pump.radius_px + _EDGE_PX] = 0
    return np.asarray(use, dtype=np.float32)


def _stilled(
    density: Frames, valid: NDArray[np.bool_], pump: FilmPump | None, limits: CineLimits
) -> tuple[Frames, FloatArray]:
    """Frames moved onto the first few, without what a pump that breathes leaves before what stands still."""
    use = _fit_for_motion(valid, None)
    layers = None if pump is None else layers_of(density, use, pump, limits)
    if layers is None:
        return aligned(density, use, limits)
    moved, fields = aligned(density, _fit_for_motion(valid, pump), limits)
    for number, frame in enumerate(density):
        field = layers.led(number, wide_field(fields[number], valid.shape))
        moved[number] = warped(frame, field)
        moved[number][layers.box] -= layers.left(number, field)
    return moved, fields


def pump_shrunk(pump: FilmPump, by: int) -> FilmPump:
    """The pump in pixels `by` times as wide."""
    row, column = ((one + 0.5) / by - 0.5 for one in pump.center)
    scale = None if pump.mm_per_px is None else pump.mm_per_px * by
    return replace(pump, center=(row, column), radius_px=pump.radius_px / by, mm_per_px=scale)


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


def cores_of(plane: Plane, pump: FilmPump | None, limits: CineLimits, *, margin_px: float = 0.0) -> NDArray[np.bool_]:
    """Where a plane (R, C) of z values is high over more than a lumen's width all round: the inside of dense pools.

    Parameters
    ----------
    plane : (R, C) float32
    pump : FilmPump or None
        In pixels of the plane; gives their size.
    limits : CineLimits
    margin_px : float
        What is added all round: a pool's rim looks like a line.
    """
    mm = pump.mm_per_px if pump is not None and pump.mm_per_px else limits.usual_mm
    dense = cv2.morphologyEx(
        cv2.GaussianBlur(plane, (0, 0), 1.0), cv2.MORPH_OPEN, _disc(max(limits.least_core_px, limits.core_mm / mm))
    )
    return np.asarray(cv2.dilate((dense > limits.core).astype(np.uint8), _disc(margin_px)) > 0)


def _disc(radius_px: float) -> NDArray[np.uint8]:
    side = 2 * round(radius_px) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), dtype=np.uint8)


def series_at(seen: Opacified, weights: object) -> FloatArray:
    """Weighted sums (F, P) of every frame; `weights` is a sparse (P, R * C) matrix."""
    flat = seen.change.reshape(len(seen.change), -1)
    return np.asarray((weights @ flat.T).T, dtype=np.float64)  # type: ignore[operator]
