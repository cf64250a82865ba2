"""Stretches where a dense pool of contrast was taken for the canal's wall, put right from what lies above and below."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits

_FEW = 5  # sections that tell how wide a canal is


def mended(points: FloatArray, radius_mm: FloatArray, limits: AnatomyLimits) -> tuple[FloatArray, FloatArray]:
    """Straighten a canal where it is pinched and pushed aside at the same time over less than a vertebra or two.

    Parameters
    ----------
    points : (N, 3) LPS mm, feet to head
    radius_mm : (N,)
    limits : AnatomyLimits

    Returns
    -------
    points : (N, 3)
    radius_mm : (N,)

    Notes
    -----
    A stenosis narrows the canal and leaves its middle; contrast beside the tip, as bright as bone, moves it.
    """
    if len(points) < 2 * _FEW:
        return points, radius_mm
    step_mm = float(np.median(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    usual = ndimage.median_filter(radius_mm, max(_FEW, round(limits.pinch_window_mm / step_mm)), mode="nearest")
    pinched = radius_mm < limits.pinch_share * usual
    pinched = ndimage.binary_dilation(pinched, iterations=max(1, round(limits.pinch_beside_mm / step_mm)))
    labels, count = ndimage.label(pinched)
    points, radius_mm = points.copy(), radius_mm.copy()
    for label in range(1, count + 1):
        rows = np.flatnonzero(labels == label)
        if len(rows) * step_mm <= limits.pinch_most_mm and rows[0] > 0 and rows[-1] < len(points) - 1:
            _bridge(points, radius_mm, rows, limits)
    return points, radius_mm


def narrow_share(radius_mm: FloatArray, limits: AnatomyLimits) -> float:
    """Share of a canal that is much narrower than the rest of it, or than any: no spine is, over a vertebra or two.

    Parameters
    ----------
    radius_mm : (N,)
    limits : AnatomyLimits
    """
    least_mm = max(limits.pinch_share * float(np.percentile(radius_mm, 75)), limits.narrow_mm)
    return float((radius_mm < least_mm).mean())


def _bridge(points: FloatArray, radius_mm: FloatArray, rows: NDArray[np.intp], limits: AnatomyLimits) -> None:
    """Lead the middle in a gentle bend over rows, in place, when it strays from that by more than it may."""
    known = np.setdiff1d(np.arange(max(0, rows[0] - 8), min(len(points), rows[-1] + 9)), rows)
    if len(known) < _FEW:
        return
    height = points[:, 2]
    fit = np.stack([np.polyval(np.polyfit(height[known], points[known, n], 2), height[rows]) for n in (0, 1)], axis=1)
    if float(np.linalg.norm(points[rows, :2] - fit, axis=1).max()) < limits.pinch_off_mm:
        return
    points[rows, :2] = fit
    radius_mm[rows] = np.interp(height[rows], height[known], radius_mm[known])
