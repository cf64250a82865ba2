"""The pump's disc on a run, whose pixels are too wide for its pattern: edges a known radius from one middle."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.model.cine import Cine
from catheterview.model.film import FilmPump
from catheterview.trace.cine.change import shrunk

_STEP_PX = 1.0
_RING = 180  # places round the rim that are looked at


def find_disc(cine: Cine, limits: CineLimits) -> tuple[FilmPump, ...]:
    """Find the pump on the first frames.

    Parameters
    ----------
    cine : Cine
    limits : CineLimits

    Returns
    -------
    tuple of FilmPump
        One, or none where no disc of a known pump's size has an edge most of the way round.
    """
    by = max(1, -(-max(cine.density.shape[1:]) // limits.side_px))
    plane = shrunk(cine.density[: limits.least_before], by).mean(axis=0)
    down, right = (cv2.Sobel(cv2.GaussianBlur(plane, (0, 0), 1.2), cv2.CV_32F, x, 1 - x, scale=0.125) for x in (0, 1))
    best: tuple[float, float, float, float] | None = None
    for radius in _radii(cine, by, limits):
        row, column = _voted(down, right, radius)
        share = _share(down, right, (row, column), radius)
        if best is None or share > best[0]:
            best = (share, row, column, radius)
    if best is None or best[0] < limits.disc_share:
        return ()
    _, row, column, radius = best
    image = cine.film.image
    return (
        FilmPump(
            series_instance_uid=image.series_instance_uid,
            sop_instance_uid=cine.film.sop_instance_uid,
            center=((row + 0.5) * by - 0.5, (column + 0.5) * by - 0.5),
            radius_px=radius * by,
            toward=(0.0, 0.0, 1.0),
            mm_per_px=limits.disc_mm / 2.0 / (radius * by),
        ),
    )


def _radii(cine: Cine, by: int, limits: CineLimits) -> FloatArray:
    """Radii in pixels that a known pump can have."""
    spacing = cine.film.spacing_mm
    if spacing is None:
        side = max(cine.density.shape[1:]) / by
        return np.arange(0.5 * limits.disc_mm / 400.0 * side, 0.5 * limits.disc_mm / 180.0 * side, _STEP_PX)
    one = limits.disc_mm / 2.0 / (0.5 * sum(spacing) * by)
    return np.arange(one * limits.least_larger, one * limits.most_larger, _STEP_PX)


def _voted(down: NDArray[np.float32], right: NDArray[np.float32], radius: float) -> tuple[float, float]:
    """The place that most edges point to, a radius away on their denser side."""
    size = np.hypot(down, right)
    row, column = np.nonzero(size > np.percentile(size, 93.0))
    strength = size[row, column]
    to_row = np.rint(row + radius * down[row, column] / strength).astype(int)
    to_column = np.rint(column + radius * right[row, column] / strength).astype(int)
    inside = (to_row >= 0) & (to_row < size.shape[0]) & (to_column >= 0) & (to_column < size.shape[1])
    flat = to_row[inside] * size.shape[1] + to_column[inside]
    votes = np.bincount(flat, minlength=size.size).reshape(size.shape).astype(np.float32)
    top = np.unravel_index(int(np.argmax(cv2.GaussianBlur(votes, (0, 0), 2.0))), size.shape)
    return float(top[0]), float(top[1])


def _share(down: NDArray[np.float32], right: NDArray[np.float32], middle: tuple[float, float], radius: float) -> float:
    """Share of a circle, as far as it lies in the picture, at which the picture is denser inside."""
    angle = np.linspace(0.0, 2.0 * np.pi, _RING, endpoint=False)
    best = np.zeros(_RING)
    seen = np.ones(_RING, dtype=bool)
    for reach in (-2.0, -1.0, 0.0, 1.0, 2.0):
        row = np.rint(middle[0] + (radius + reach) * np.sin(angle)).astype(int)
        column = np.rint(middle[1] + (radius + reach) * np.cos(angle)).astype(int)
        inside = (row >= 1) & (row < down.shape[0] - 1) & (column >= 1) & (column < down.shape[1] - 1)
        row, column = np.clip(row, 0, down.shape[0] - 1), np.clip(column, 0, down.shape[1] - 1)
        inward = -(down[row, column] * np.sin(angle) + right[row, column] * np.cos(angle))
        best = np.maximum(best, np.where(inside, inward * (1.0 - 0.25 * abs(reach)), 0.0))
        seen &= inside
    if seen.mean() < 0.6:
        return 0.0
    strong = float(np.percentile(np.hypot(down, right), 96.0))
    return float(np.minimum(best[seen] / max(strong, 1e-9), 1.0).mean())
