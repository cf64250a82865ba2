"""Where the canal lies in a tomogram without a CT: along the upright way behind the pump that holds most tracer."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from catheterview.detect.nuclear.flat.views import Lattice
from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits

_STEPS = tuple(product((-1, 0, 1), repeat=2))  # in rows and columns from one slice to the next
_SIDEWAYS = 0.5  # cost of a step to the side, in units of the score of a slice that just shows tracer
_LEAST = 0.05  # weight of a slice that shows nothing
_BENDS, _ROUNDS, _NEAR = (
    3,
    12,
    0.5,
)  # degree of the curve, rounds of least absolute distance, voxels that count as on it


def contrast_of(left: FloatArray, sigma: float) -> FloatArray:
    """What is left (Z, Y, X) without the reservoir, smoothed by a blur of so many voxels, less its wider average."""
    return np.asarray(gaussian_filter(left, sigma) - gaussian_filter(left, 3.0 * sigma))


def canal_sought(lattice: Lattice, contrast: FloatArray, disc: Reservoir, limits: NuclearLimits) -> FloatArray:
    """The most likely course of the canal.

    Parameters
    ----------
    lattice : Lattice
    contrast : (Z, Y, X)
        Of `contrast_of`.
    disc : Reservoir
    limits : NuclearLimits

    Returns
    -------
    (Z, 3) LPS mm
        From feet to head, one point in each slice. Where nothing holds tracer it is any upright way near the middle,
        and as good as another to say how little would be seen; empty (0, 3) where the field holds no back.

    Notes
    -----
    The way of the highest score is found by dynamic programming (R. Bellman, 1957). A slice scores the logarithm of its
    contrast over noise, so that one hot place does not draw the way to it. A patient lies in the middle of the field.
    """
    rows = np.flatnonzero(lattice.y > disc.center_mm[1] + limits.flat_back_mm)
    away = np.abs(lattice.x - 0.5 * (lattice.x[0] + lattice.x[-1]))
    columns = np.flatnonzero(away < limits.spine_reach_mm)
    if not len(rows) or not len(columns):
        return np.zeros((0, 3))
    part = contrast[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    noise = 1.4826 * float(np.median(np.abs(part - np.median(part)))) + 1e-9
    score = np.log1p(np.maximum(part, 0.0) / (3.0 * noise))
    way = _best_way(score)
    weight = score[np.arange(len(way)), *way.T] + _LEAST
    smooth = _as_a_spine(way, weight) * lattice.step_mm
    first = (lattice.x[columns[0]], lattice.y[rows[0]])
    return np.stack([first[0] + smooth[:, 1], first[1] + smooth[:, 0], lattice.z], axis=1)


def _as_a_spine(way: NDArray[np.intp], weight: FloatArray) -> FloatArray:
    """The parabola (Z, 2) that lies nearest to most of a way: a pool beside the canal bends a way, and no spine."""
    at = np.linspace(-1.0, 1.0, len(way))
    out = np.empty((len(way), 2))
    for axis in (0, 1):
        robust = weight
        for _ in range(_ROUNDS):
            found = np.polynomial.Polynomial.fit(at, way[:, axis], _BENDS, w=np.sqrt(robust))
            out[:, axis] = found(at)
            robust = weight / np.maximum(np.abs(way[:, axis] - out[:, axis]), _NEAR)
    return out


def _best_way(score: FloatArray) -> NDArray[np.intp]:
    """Row and column in each slice (Z, 2) of the way with the highest sum."""
    best, moves = score[0], []
    for here in score[1:]:
        wide = np.pad(best, 1, constant_values=-np.inf)
        ways = np.stack([_from(wide, step, best.shape) for step in _STEPS])
        moves.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + here
    at = np.array(np.unravel_index(int(best.argmax()), best.shape))
    way = [at]
    for move in moves[::-1]:
        at = at - _STEPS[int(move[at[0], at[1]])]
        way.append(at)
    return np.asarray(way[::-1], dtype=np.intp)


def _from(wide: FloatArray, step: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The score with which each place is reached by one step."""
    rows, columns = (slice(1 - s, 1 - s + n) for s, n in zip(step, shape, strict=True))
    return wide[rows, columns] - _SIDEWAYS * (abs(step[0]) + abs(step[1]))
