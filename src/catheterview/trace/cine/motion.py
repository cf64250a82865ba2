"""Quiet movement taken out of a run: every tile of a frame is moved until it fits the frames before contrast."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.model.cine import Frames

Plane = NDArray[np.float32]

_BY = 2  # motion is measured on pictures half as large
_ROUNDS = 3
_EVEN = 0.02  # of the mean gradient energy, that holds a tile to the motion of the whole picture
_SWINGS = 2  # time courses of movement: breath and shift
_LEAST_SWING_PX = 0.03  # what tiles repeat within on a patient who keeps still
_CLIP = 2.5  # standard deviations, besides what an edge moved by a pixel does; contrast must not pull a tile along


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fit:
    """A picture to fit to, with its gradients and, for each tile, how well they fix a shift."""

    plane: Plane
    down: Plane
    right: Plane
    tensor: Plane
    use: Plane
    tiles: tuple[int, int]


def aligned(density: Frames, use: Plane, limits: CineLimits) -> tuple[Frames, FloatArray]:
    """Move every frame onto the first few.

    Parameters
    ----------
    density : (F, R, C) float32
    use : (R, C) float32
        1 where movement is measured, 0 elsewhere.
    limits : CineLimits

    Returns
    -------
    moved : (F, R, C) float32
    field : (F, 2, T, U) float64
        How far each tile of each frame was moved (down, right), pixels.

    Notes
    -----
    Lucas and Kanade's least squares for a shift in each tile, held to that of the whole picture where a tile has no
    edges, begun with the field of the frame before.
    """
    small = np.stack([_small(frame, limits) for frame in density])
    part = _small(use, limits)
    fit = _fit(small[0], part, limits)
    field = np.zeros((2, *fit.tiles), dtype=np.float32)
    moved, fields = np.empty_like(density), np.zeros((len(density), 2, *fit.tiles))
    for number, frame in enumerate(density):
        for _ in range(_ROUNDS):
            field = field + _step(fit, warped(small[number], field))
        moved[number] = warped(frame, field * _BY)
        fields[number] = field * _BY
        if 0 < number < limits.least_before:
            seen = warped(small[number], field)
            mean = np.asarray((fit.plane * number + seen) / (number + 1), dtype=np.float32)
            fit = _fit(mean, part, limits)
    return moved, fields


def _small(plane: Plane, limits: CineLimits) -> Plane:
    size = (plane.shape[1] // _BY, plane.shape[0] // _BY)
    return np.asarray(
        cv2.GaussianBlur(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), (0, 0), limits.smooth_px / _BY * 1.5)
    )


def _fit(plane: Plane, use: Plane, limits: CineLimits) -> _Fit:
    """Gradients, and the sums that a shift is solved from."""
    down, right = cv2.Sobel(plane, cv2.CV_32F, 0, 1, scale=0.125), cv2.Sobel(plane, cv2.CV_32F, 1, 0, scale=0.125)
    tiles = (
        max(2, round(plane.shape[0] * _BY / limits.tile_px)),
        max(2, round(plane.shape[1] * _BY / limits.tile_px)),
    )
    tensor = np.stack([_tiled(use * one, tiles) for one in (down * down, down * right, right * right)])
    return _Fit(plane=plane, down=down, right=right, tensor=tensor, use=use, tiles=tiles)


def _tiled(plane: Plane, tiles: tuple[int, int]) -> Plane:
    """Means of tiles, each with some of its neighbours."""
    means = cv2.resize(plane, tiles[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(means, (3, 3), 0.7, borderType=cv2.BORDER_REPLICATE))


def _step(fit: _Fit, seen: Plane) -> Plane:
    """How much further each tile has to go, (2, tiles): down, right."""
    off = seen - fit.plane
    inside = fit.use > 0.5
    off = off - float(np.median(off[inside])) if inside.any() else off
    spread = 1.4826 * float(np.median(np.abs(off[inside]))) if inside.any() else 1.0
    most = _CLIP * spread + np.hypot(fit.down, fit.right)
    off = np.clip(off, -most, most) * fit.use
    pull = np.stack([_tiled(fit.down * off, fit.tiles), _tiled(fit.right * off, fit.tiles)])
    whole = _solved(fit.tensor.mean(axis=(1, 2)), pull.mean(axis=(1, 2)), 1e-9)
    even = _EVEN * float((fit.tensor[0] + fit.tensor[2]).mean()) / 2.0 + 1e-12
    return np.asarray(_solved(fit.tensor, pull - even * whole[:, None, None], even), dtype=np.float32)


def _solved(tensor: Plane, pull: Plane, even: float) -> Plane:
    """Shifts that solve tensor times shift = - pull, with `even` added to the diagonal."""
    a, b, c = tensor[0] + even, tensor[1], tensor[2] + even
    det = np.maximum(a * c - b * b, 1e-20)
    return np.stack([-(c * pull[0] - b * pull[1]) / det, -(a * pull[1] - b * pull[0]) / det])


def warped(plane: Plane, field: Plane) -> Plane:
    """A plane (R, C) seen where a field (2, tiles) or (2, R, C) of its own pixels says."""
    size = plane.shape[::-1]
    down, right = (cv2.resize(one, size, interpolation=cv2.INTER_CUBIC) for one in field)
    row, column = np.mgrid[: plane.shape[0], : plane.shape[1]].astype(np.float32)
    return np.asarray(
        cv2.remap(plane, column + right, row + down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        dtype=np.float32,
    )


def rigid(density: Frames, use: Plane, limits: CineLimits) -> FloatArray:
    """How far (F, 2) (down, right) what `use` (R, C) shows has moved as a whole in each frame, from the first few."""
    part = _small(use, limits)
    small = np.stack([_small(frame, limits) for frame in density])
    fit = _fit(small[: limits.least_before].mean(axis=0), part, limits)
    slope = np.stack([(fit.down * fit.use).ravel(), (fit.right * fit.use).ravel()]).astype(np.float64)
    flat = np.stack([fit.down.ravel(), fit.right.ravel()]).astype(np.float64)
    tensor, way, out = slope @ flat.T + 1e-9 * np.eye(2), np.zeros(2), np.zeros((len(density), 2))
    for number, frame in enumerate(small):
        for _ in range(_ROUNDS):
            off = brought(frame, way) - fit.plane
            off -= float((off * fit.use).sum() / max(float(fit.use.sum()), 1.0))
            way = way - np.linalg.solve(tensor, slope @ off.ravel())
        out[number] = way * _BY
    return out


def brought(plane: Plane, way: FloatArray) -> Plane:
    """A plane of which all has moved by (down, right), brought back."""
    matrix = np.array([[1.0, 0.0, -way[1]], [0.0, 1.0, -way[0]]])
    size = plane.shape[::-1]
    moved = cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def wide_field(field: FloatArray, shape: tuple[int, ...]) -> Plane:
    """A field (2, tiles) for each pixel (2, R, C)."""
    size = (shape[1], shape[0])
    return np.stack([cv2.resize(one.astype(np.float32), size, interpolation=cv2.INTER_CUBIC) for one in field])


def largest_px(fields: FloatArray) -> FloatArray:
    """How far each frame (F,) was moved nearly everywhere at most, from the fields that `aligned` gives."""
    return np.asarray(np.percentile(np.hypot(fields[:, 0], fields[:, 1]).reshape(len(fields), -1), 90.0, axis=1))


def swings(fields: FloatArray) -> FloatArray:
    """The time courses (F, K) of unit length, at right angles, that most of the movement follows; K may be 0.

    What movement leaves in a pixel goes with them: breath, and a patient that has moved aside.
    """
    flat = fields.reshape(len(fields), -1)
    flat = flat - flat.mean(axis=0)
    ways, size, _ = np.linalg.svd(flat, full_matrices=False)
    usual = size / np.sqrt(flat.size)  # pixels
    return np.asarray(ways[:, :_SWINGS][:, usual[:_SWINGS] > _LEAST_SWING_PX])
