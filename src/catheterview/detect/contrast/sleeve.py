"""A thin sleeve of contrast along the catheter, from near the dural entry back over centimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from catheterview.detect.contrast.rings import Rings
from catheterview.limits.contrast import ContrastLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleeve:
    """A stretch of the catheter that runs in contrast.

    Parameters
    ----------
    first, last : int
        Rows of the rings.
    level_hu : float
        Half way from what lies round it to what it holds.
    falls : float
        How dense its end towards the pump is, over its end towards the canal.
    """

    first: int
    last: int
    level_hu: float
    falls: float


def sleeve_on(rings: Rings, entry_mm: float | None, limits: ContrastLimits) -> Sleeve | None:
    """Find a sleeve that comes from the dural entry.

    Parameters
    ----------
    rings : Rings
    entry_mm : float or None
        Arc length of the dural entry.
    limits : ContrastLimits

    Returns
    -------
    Sleeve or None
        None where nothing is brighter beside the tube than farther out over `limits.sleeve_mm`, from where laminae no
        longer hide it. A pool is shorter, and so are a fascia, an anchor and the edge of a muscle.
    """
    if entry_mm is None:
        return None
    width = max(1, round(limits.trail_smooth_mm / limits.ring_step_mm))
    excess = ndimage.uniform_filter1d(rings.excess_hu(limits.trail_mm, limits.trail_far_mm), width, mode="nearest")
    labels, count = ndimage.label((excess >= limits.sleeve_hu) & (rings.arc_mm <= entry_mm))
    runs = [part for (part,) in ndimage.find_objects(labels, count)]
    long = [one for one in runs if (one.stop - one.start) * limits.ring_step_mm >= limits.sleeve_mm]
    if not long or entry_mm - float(rings.arc_mm[long[-1].stop - 1]) > limits.sleeve_hidden_mm:
        return None
    rows = slice(int(long[-1].start), int(long[-1].stop))
    quarter = max(1, (rows.stop - rows.start) // 4)
    ending = max(float(np.median(excess[rows][-quarter:])), 1.0)
    around = float(np.median(rings.hu[rows][:, rings.radii_mm >= limits.trail_far_mm - 1e-6]))
    return Sleeve(
        first=rows.start,
        last=rows.stop - 1,
        level_hu=around + 0.5 * float(np.median(excess[rows])),
        falls=float(np.median(excess[rows][:quarter])) / ending,
    )
