"""Is the tube there? Point by point along a line: seen, absent, or hidden by what surrounds it.

Absence must be shown, not assumed: the line must be as dark as its surroundings, over a length that the scanner can
resolve, where the noise and the neighbours would have let the tube be seen. Anything else that is not seen is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, label, percentile_filter

from catheterview.geometry import FloatArray
from catheterview.limits import TraceLimits
from catheterview.trace.profile import Profile, fade_of

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Presence:
    """What is known of the tube at each of N points.

    Parameters
    ----------
    ratio : (N,) float64
        Contrast over that of the tube nearby: 1 seen in full, 0 not at all.
    expected : (N,) float64, HU
        Contrast of the tube nearby.
    absent : (N,) bool
        Shown to be absent.
    hidden : (N,) bool
        Not seen, and not shown to be absent.
    """

    ratio: FloatArray
    expected: FloatArray
    absent: BoolArray
    hidden: BoolArray


def presence_along(
    profile: Profile, resolution_mm: float, limits: TraceLimits, *, depth: FloatArray | None = None
) -> Presence:
    """Judge a line from its profile.

    Parameters
    ----------
    profile : Profile of N points, `limits.step_mm` apart
    resolution_mm : float
        The coarsest spacing or thickness of the image: a shorter absence cannot be shown.
    depth : (N,) float64, optional
        Place in units of slices, where slices are thinner than their spacing. A tube that runs along them can lie
        between two of them and not be seen, so that nothing is shown to be absent there.

    Returns
    -------
    Presence
    """
    step_mm = limits.step_mm
    smooth = gaussian_filter1d(profile.contrast, limits.presence_smooth_mm / step_mm, mode="nearest")
    expected = _expected(smooth, fade_of(profile, limits).contrast_over(profile.around), limits)
    ratio = smooth / expected
    clear = _clear(profile, expected, limits)
    absent = np.zeros(len(ratio), dtype=np.bool_)
    runs, count = label(ratio < limits.absent_edge)
    needed = max(limits.absent_mm, limits.absent_resolutions * resolution_mm)
    for run in range(1, count + 1):
        here = runs == run
        dark = ratio[here].min() < limits.absent_ratio and np.median(ratio[here]) < limits.absent_median
        between = depth is not None and float(np.ptp(depth[here])) < 1.0
        if here.sum() * step_mm >= needed and dark and not between and clear[here].mean() >= limits.absent_clear_share:
            absent |= here
    return Presence(ratio=ratio, expected=expected, absent=absent, hidden=(ratio < limits.absent_edge) & ~absent)


def _expected(contrast: FloatArray, usual: FloatArray, limits: TraceLimits) -> FloatArray:
    """Contrast of the tube nearby: a high percentile over a window much longer than any blind spot.

    It is taken of what is `usual` over the surroundings of each point: a faint tube fades where it runs into muscle.
    """
    window = min(len(contrast), max(5, round(limits.expected_window_mm / limits.step_mm)))
    near = percentile_filter(contrast / usual, 60, size=window, mode="reflect") * usual
    whole = float(np.median(contrast[contrast > 0])) if (contrast > 0).any() else 1.0
    return np.asarray(np.maximum(near, max(limits.fade_least * whole, 1.0)))


def _clear(profile: Profile, expected: FloatArray, limits: TraceLimits) -> BoolArray:
    """Where the surroundings are calm and dark enough for the tube to have been seen."""
    calm = profile.spread < limits.clear_spread * expected
    usual = np.median(profile.around)
    dark = profile.core < usual + np.maximum(limits.clear_core * expected, limits.tissue_range_hu)
    return np.asarray(calm & dark)
