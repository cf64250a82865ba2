"""Bumps of one known shape fitted to values in a plane, compiled: the inner work of following a tube among others.

Only the places of the bumps are free; the background is a plane. Gauss-Newton steps on the places, then one linear fit
of the heights to see which of them are really there.
"""

from __future__ import annotations

import numba
import numpy as np

from catheterview.geometry import FloatArray

#: How far from the first bump values still matter to it, mm: beyond about two of these lie other things.
NEAR_MM = 2.2


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def settled(seen: FloatArray, offsets: FloatArray, shape: FloatArray, start: FloatArray) -> FloatArray:
    """Move bumps of height 1 to where they fit best, each held to its start.

    Parameters
    ----------
    seen : (2, D) float64
        Values, in heights of one bump, and 1 or 0 where they count or not; those near the first bump count most.
    offsets : (D, 2) float64, mm
    shape : (4,) float64
        Inverse covariance xx, xy, yy in 1/mm2, and how strongly a place is held, 1/mm2.
    start : (K, 2) float64, mm

    Returns
    -------
    (K, 2) float64, mm
    """
    values, weight = seen[0], _weighed(seen[1], offsets, start[0])
    count, size = len(start), 2 * len(start) + 3
    places = start.copy()
    row = np.zeros(size)
    for _ in range(4):
        normal, right = np.zeros((size, size)), np.zeros(size)
        for d in range(len(values)):
            if weight[d] == 0.0:
                continue
            left = values[d]
            for k in range(count):
                x, y = offsets[d, 0] - places[k, 0], offsets[d, 1] - places[k, 1]
                gx, gy = shape[0] * x + shape[1] * y, shape[1] * x + shape[2] * y
                bump = np.exp(-0.5 * (x * gx + y * gy))
                row[2 * k], row[2 * k + 1] = bump * gx, bump * gy
                left -= bump
            row[size - 3], row[size - 2], row[size - 1] = 1.0, offsets[d, 0], offsets[d, 1]
            _add(normal, right, row, (left, weight[d]))
        for k in range(2 * count):
            normal[k, k] += shape[3]
            right[k] += shape[3] * (start[k // 2, k % 2] - places[k // 2, k % 2])
        step = _solved(normal, right)
        for k in range(2 * count):
            places[k // 2, k % 2] += min(0.4, max(-0.4, step[k]))
    return places


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def heights(
    seen: FloatArray, offsets: FloatArray, shape: FloatArray, places: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fit the heights of bumps at given places.

    Returns
    -------
    (K,) float64
        Heights.
    (D,) float64
        What they and the background leave of the values.
    """
    values, weight = seen[0], _weighed(seen[1], offsets, places[0])
    count, size = len(places), len(places) + 3
    design = np.ones((len(values), size))
    normal, right = np.zeros((size, size)), np.zeros(size)
    for d in range(len(values)):
        for k in range(count):
            x, y = offsets[d, 0] - places[k, 0], offsets[d, 1] - places[k, 1]
            design[d, k] = np.exp(-0.5 * (shape[0] * x * x + 2.0 * shape[1] * x * y + shape[2] * y * y))
        design[d, count + 1], design[d, count + 2] = offsets[d, 0], offsets[d, 1]
        _add(normal, right, design[d], (values[d], weight[d]))
    # A steep background could stand in for a tube at the border of the cut.
    normal[count + 1, count + 1] += 1.0
    normal[count + 2, count + 2] += 1.0
    found = _solved(normal, right)
    rest = values.copy()
    for d in range(len(values)):
        for k in range(size):
            rest[d] -= design[d, k] * found[k]
    return found[:count], rest


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _weighed(counts: FloatArray, offsets: FloatArray, at: FloatArray) -> FloatArray:
    """(D,) weights of values: near the first bump, and no metal or bone."""
    weight = np.zeros(len(counts))
    for d in range(len(counts)):
        if counts[d] > 0.0:
            x, y = offsets[d, 0] - at[0], offsets[d, 1] - at[1]
            weight[d] = np.exp(-0.5 * (x * x + y * y) / NEAR_MM**2) ** 2
    return weight


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add(normal: FloatArray, right: FloatArray, row: FloatArray, weighed: tuple[float, float]) -> None:
    """Add one equation, with its value and weight, to the normal equations, lower half."""
    value, weight = weighed
    for a in range(len(row)):
        right[a] += weight * row[a] * value
        for b in range(a + 1):
            normal[a, b] += weight * row[a] * row[b]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _solved(normal: FloatArray, right: FloatArray) -> FloatArray:
    """Solve symmetric equations of which the lower half is given, by Cholesky's way."""
    size = len(right)
    for a in range(size):
        for b in range(a + 1):
            value = normal[a, b] + (1e-9 if a == b else 0.0)
            for c in range(b):
                value -= normal[a, c] * normal[b, c]
            normal[a, b] = np.sqrt(max(value, 1e-12)) if a == b else value / normal[b, b]
    found = right.copy()
    for a in range(size):
        for c in range(a):
            found[a] -= normal[a, c] * found[c]
        found[a] /= normal[a, a]
    for a in range(size - 1, -1, -1):
        for c in range(a + 1, size):
            found[a] -= normal[c, a] * found[c]
        found[a] /= normal[a, a]
    return found
