"""A way moved onto the middle of the tube, on finer pixels than it was found on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from catheterview.geometry import FloatArray, resample_polyline, tangents
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.show import fitted_across


def settled(
    plane: NDArray[np.float32], way: tuple[FloatArray, NDArray[np.bool_]], width: float, limits: FilmTraceLimits
) -> FloatArray:
    """Move each point across the way to where a tube fits best, neighbours alike.

    Parameters
    ----------
    plane : (R, C) float32
    way : (N, 2) (row, column) about a pixel apart, and (N,) bool: where nothing can be seen, so that it stays
    width : float
        Of a tube, pixels of the plane.
    limits : FilmTraceLimits

    Returns
    -------
    (M, 2)
        A pixel apart again.

    Notes
    -----
    The best row of offsets is found by dynamic programming: a step of one offset from point to point costs as much as
    half of what a well-seen tube is worth.
    """
    points, hidden = way
    half = round(limits.settle_widths * width)
    peak, noise = fitted_across(plane, points, width, limits, reach=half)
    worth = np.clip(peak / np.maximum(noise, 1e-9), -1.0, 4.0)
    worth[hidden] = 0.0
    cost = 0.5
    total, choice = worth[0].copy(), []
    for row in worth[1:]:
        padded = np.pad(total, 1, constant_values=-np.inf)
        near = np.stack([padded[:-2] - cost, padded[1:-1], padded[2:] - cost])
        choice.append(near.argmax(axis=0))
        total = near.max(axis=0) + row
    here = int(total.argmax())
    path = [here]
    for step in choice[::-1]:
        here += int(step[here]) - 1
        path.append(here)
    offset = np.where(hidden, 0.0, np.array(path[::-1], dtype=np.float64) - half)
    offset = gaussian_filter1d(offset, 2.0, mode="nearest")
    along = tangents(points)
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    moved = gaussian_filter1d(points + offset[:, None] * across, 1.0, axis=0, mode="nearest")
    return resample_polyline(moved, step=1.0)
