"""Contrast across the spinal canal: in the middle of the sac, along its border, and outside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.contrast.sections import Sections
from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model.contrast import Sac


def sac_of(sections: Sections | None, limits: ContrastLimits) -> Sac | None:
    """Measure the sac at every section of the canal.

    Parameters
    ----------
    sections : Sections or None
    limits : ContrastLimits

    Returns
    -------
    Sac or None
        None without a canal in the image.
    """
    if sections is None:
        return None
    core, rim, outside = (
        sections.between(*share) for share in (limits.core_share, limits.rim_share, limits.outside_share)
    )
    sides = np.nanmean(np.where(np.isnan(rim), np.nanmedian(sections.hu), rim), axis=1)
    return Sac(
        points=sections.points,
        core_hu=_median(core),
        rim_hu=_median(rim),
        outside_hu=_median(outside),
        side_share=(sides > limits.iodine_hu).mean(axis=1),
    )


def _median(hu: NDArray[np.float64]) -> FloatArray:
    """(N,) median of what is known; the median of the rest of the canal where nothing is."""
    flat = hu.reshape(len(hu), -1)
    known = ~np.isnan(flat).all(axis=1)
    out = np.full(len(flat), np.nan)
    out[known] = np.nanmedian(flat[known], axis=1)
    return np.where(known, out, np.nanmedian(out) if known.any() else 0.0)
