"""A dural leak followed back along the catheter, farther than it is bright enough to be a collection of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from catheterview.detect.contrast.rings import Rings
from catheterview.limits.contrast import ContrastLimits
from catheterview.model.contrast import Collection


def with_trail(one: Collection, rings: Rings, entry_mm: float | None, limits: ContrastLimits) -> Collection:
    """Draw a collection that joins the dural entry out to where its thin sleeve towards the pump is lost.

    Parameters
    ----------
    one : Collection
    rings : Rings
    entry_mm : float or None
        Arc length of the dural entry.
    limits : ContrastLimits

    Returns
    -------
    Collection
        The same where it does not join the dural entry, or where nothing leads on from it.

    Notes
    -----
    In fat a thin sleeve stays below muscle's HU: it is told by being brighter than what lies farther from the tube.
    """
    if entry_mm is None or one.first_mm is None or one.last_mm is None:
        return one
    if one.last_mm < entry_mm - limits.dura_join_mm:
        return one
    width = max(1, round(limits.trail_smooth_mm / limits.ring_step_mm))
    excess = uniform_filter1d(rings.excess_hu(limits.trail_mm, limits.trail_far_mm), width, mode="nearest")
    row = first = int(np.searchsorted(rings.arc_mm, one.first_mm))
    while row > 0 and excess[row - 1] > limits.trail_hu:
        row -= 1
    if (first - row) * limits.ring_step_mm < limits.trail_smooth_mm:
        return one  # no longer than what smoothing draws out
    quarter = max(1, (first - row) // 4)
    dense = max(float(np.median(rings.excess_hu(limits.near_mm, limits.trail_far_mm)[first : first + quarter])), 1.0)
    falls = float(np.median(excess[row : row + quarter])) / dense
    return replace(one, first_mm=float(rings.arc_mm[row]), falls=min(one.falls, falls))
