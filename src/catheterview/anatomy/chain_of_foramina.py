"""The chain of intervertebral foramina: dark places at even distances on the side walls of the canal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catheterview.anatomy.dips import dips_of
from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits

Rows = NDArray[np.intp]


def regular_chain(wall_hu: FloatArray, step_mm: float, limits: AnatomyLimits) -> Rows:
    """Choose, of all dips of a profile, the chain that is deepest and most even.

    Parameters
    ----------
    wall_hu : (N,)
        HU of the canal's side walls from feet to head.
    step_mm : float
        Between its values.
    limits : AnatomyLimits

    Returns
    -------
    (M,) rows of the foramina, from feet to head

    Notes
    -----
    Vertebrae grow in height slowly along the spine: a chain pays for the square of the logarithm of the ratio of each
    two neighbouring heights. The best chain is found by dynamic programming over pairs of dips.
    """
    dips, depth = dips_of(wall_hu)
    deep = depth >= limits.foramen_least_hu
    rows, gain = dips[deep], np.asarray(np.minimum(depth[deep] / limits.foramen_fall_hu, 1.0), dtype=np.float64)
    apart = (rows[None] - rows[:, None]) * step_mm
    allowed = (apart >= limits.vertebra_least_mm) & (apart <= limits.vertebra_most_mm)
    if not allowed.any():
        return rows[:0]
    return np.asarray(rows[_best_chain(gain, np.asarray(apart, dtype=np.float64), allowed, limits.uneven_cost)])


def _best_chain(gain: FloatArray, apart: FloatArray, allowed: NDArray[np.bool_], cost: float) -> list[int]:
    """Indices of the chain with the most gain less what unevenness costs; `allowed[a, b]` says that b may follow a."""
    count = len(gain)
    total = np.where(allowed, gain[:, None] + gain[None], -np.inf)
    came_from = np.full((count, count), -1)
    for b in range(count):
        for c in np.flatnonzero(allowed[b]):
            before = np.flatnonzero(allowed[:, b])
            if not len(before):
                continue
            ways = total[before, b] + gain[c] - cost * np.log(apart[b, c] / apart[before, b]) ** 2
            if ways.max() > total[b, c]:
                total[b, c], came_from[b, c] = ways.max(), before[int(ways.argmax())]
    last, end = (int(n) for n in np.unravel_index(int(total.argmax()), total.shape))
    chain = [end, last]
    while came_from[last, end] >= 0:
        last, end = int(came_from[last, end]), last
        chain.append(last)
    return chain[::-1]
