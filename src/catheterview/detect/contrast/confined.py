"""A dense pool in the middle of the sac, short, and nothing beyond it on either side."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model.contrast import Sac

#: One row may be a calcified disc that bulges into the canal.
_LEAST_ROWS = 2


def confined_row(sac: Sac, csf_hu: FloatArray, limits: ContrastLimits) -> int | None:
    """Find a pool that is confined by its own shape, wherever a catheter was taken to end.

    Parameters
    ----------
    sac : Sac
    csf_hu : (N,)
        Of the CSF along it, smoothed.
    limits : ContrastLimits

    Returns
    -------
    int or None
        Row of its middle. None where no short stretch of the sac's middle is dense, or contrast goes on beyond it.

    Notes
    -----
    Bright, well bounded, and no column of contrast above it (clinical catalogue CT-LOC); a line that was followed past
    its tip, along a lead say, does not change that.
    """
    dense = sac.core_hu >= limits.pool_hu
    labels, count = ndimage.label(dense)
    arc_mm = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(sac.points, axis=0), axis=1))])
    found: list[tuple[float, int]] = []
    for (part,) in ndimage.find_objects(labels, count):
        run = slice(int(part.start), int(part.stop))
        length_mm = float(arc_mm[run.stop - 1] - arc_mm[run.start])
        if run.stop - run.start < _LEAST_ROWS or length_mm > 2.0 * limits.pool_half_mm:
            continue
        if _alone(arc_mm, csf_hu, (run.start, run.stop - 1), limits):
            row = run.start + int(np.argmax(sac.core_hu[run]))
            found.append((float(sac.core_hu[row]), (run.start + run.stop - 1) // 2))
    return max(found)[1] if found else None


def _alone(arc_mm: FloatArray, csf_hu: FloatArray, rows: tuple[int, int], limits: ContrastLimits) -> bool:
    """Whether the CSF on both sides of a run is in view and holds no contrast."""
    low, high = limits.beyond_mm[0] - limits.pool_half_mm, limits.beyond_mm[1]
    below = (arc_mm >= arc_mm[rows[0]] - high) & (arc_mm <= arc_mm[rows[0]] - low)
    above = (arc_mm >= arc_mm[rows[1]] + low) & (arc_mm <= arc_mm[rows[1]] + high)
    sides = [csf_hu[one] for one in (below, above)]
    return all(len(one) >= 3 and float(np.percentile(one, 75)) <= limits.sac_hu for one in sides)
