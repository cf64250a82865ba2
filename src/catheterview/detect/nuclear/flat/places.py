"""A pool in planar views of two detectors: what one place holds, whatever its depth, by the mean of front and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

from catheterview.detect.nuclear.flat.column import away_mm
from catheterview.detect.nuclear.flat.focus import least_told
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from catheterview.model import Delivery, FlatScan

_BLUR_MM = 8.0  # of a camera's point spread at the depth of a body, standard deviation
_WIDER = 3.0
_TOP = 7  # pixels round a top
_LEAST_COUNTS = 0.02  # of a pixel, smoothed: where nothing is counted noise is not nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanarPool:
    """A place that holds more than catheter and kidneys can.

    Parameters
    ----------
    at : (row, column)
        Of the view from the back.
    share : float
        Of the reservoir's activity.
    sigmas : float
        In the view from the back, over its noise.
    """

    at: tuple[int, int]
    share: float
    sigmas: float


def planar_pool(flat: FlatScan, delivery: Delivery, limits: NuclearLimits) -> PlanarPool | None:
    """The strongest pool of a scan of two detectors; None of one, without a recorded flow, and where none is told.

    Parameters
    ----------
    flat : FlatScan
    delivery : Delivery
    limits : NuclearLimits

    Notes
    -----
    The geometric mean of front and back does not depend on depth, so that a place is compared with the reservoir
    without its depth being known. A view adds up what lies behind one another: a catheter that runs from the front to
    the back shows several times what it holds in a point spread. Where CSF, bladder and bowel lie, about the middle,
    nothing is told.
    """
    if flat.front is None or flat.seen != "front and back" or not delivery.flow_ml_per_day:
        return None
    views = (flat.counts, flat.front[:, ::-1])
    away = away_mm(flat)
    reservoir = float(np.sqrt(np.prod([view[away <= 0.0].sum() for view in views])))
    (back, clear), (front, seen) = (_contrast(view, flat.pixel_mm) for view in views)
    front = np.where(seen > limits.flat_sigmas, maximum_filter(front, 3), 0.0)
    share = np.sqrt(np.maximum(back, 0.0) * np.maximum(front, 0.0)) / max(reservoir, 1.0)
    middle = 0.5 * (flat.counts.shape[1] - 1)
    lateral = np.abs(np.arange(flat.counts.shape[1]) - middle) * flat.pixel_mm[1] > limits.flat_midline_mm
    told = (clear > limits.flat_places_sigmas) & (clear == maximum_filter(clear, _TOP)) & lateral[None]
    told &= (away > limits.flat_pool_clear_mm) & (share > limits.flat_pool_times * least_told(delivery, limits))
    if not told.any():
        return None
    row, column = np.unravel_index(int(np.where(told, share, 0.0).argmax()), share.shape)
    return PlanarPool(at=(int(row), int(column)), share=float(share[row, column]), sigmas=float(clear[row, column]))


def not_looked_at(flat: FlatScan, delivery: Delivery, limits: NuclearLimits) -> str:
    """Which pools planar views do not tell, in words: those that look like reservoir, kidney, bladder or CSF.

    Parameters
    ----------
    flat : FlatScan
    delivery : Delivery
    limits : NuclearLimits
    """
    if flat.seen != "front and back":
        return "of one detector no pool is told, for its depth is not known"
    if not delivery.flow_ml_per_day:
        return "no pool is told from a kidney without drug.flow_ml_per_day"
    least = 100.0 * limits.flat_pool_times * least_told(delivery, limits)
    near, middle = 0.1 * limits.flat_pool_clear_mm, 0.1 * limits.flat_midline_mm
    places = f"within {near:.0f} cm of the reservoir's picture or {middle:.1f} cm of the middle of the body"
    return f"a pool {places}, or of less than {least:.2g} % of the reservoir's activity, would not be told"


def _contrast(view: FloatArray, pixel_mm: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """Counts of a point that would show what each pixel shows over its wider neighbourhood, and that over its noise."""
    narrow = _BLUR_MM / np.array(pixel_mm)
    area = float(np.prod(narrow))
    wide = gaussian_filter(view, _WIDER * narrow)
    over = gaussian_filter(view, narrow) - wide
    shown = 1.0 / (4.0 * np.pi * area) - 1.0 / (2.0 * np.pi * area * (1.0 + _WIDER**2))
    noise = np.sqrt(np.maximum(wide, _LEAST_COUNTS) / (4.0 * np.pi * area))
    return np.asarray(over / shown), np.asarray(over / noise)
