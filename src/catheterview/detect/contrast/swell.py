"""Thin contrast in fat: no brighter than muscle, but a swelling round the tube that ends on every side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from catheterview.detect.along import canal_clearance_mm, pump_clearance_mm
from catheterview.detect.contrast.rings import Rings
from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Evidence

Mask = NDArray[np.bool_]

#: Rows and angles over which noise is evened out: 3 mm along the tube, and as much round it.
_EVENED = (3, 5)
#: Fewer angles, or rows, than this are too few to be judged.
_ANGLES_SEEN, _ROWS_SEEN = 10, 4
#: Of the evened angles round a swelling, the share that has to be darker: one in ten may be a vessel.
_MOST_PERCENT = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Swelling:
    """A stretch of tube in a sheath of its own.

    Parameters
    ----------
    first, last : int
        Rows of the rings.
    inside_hu, around_hu : float
        Of its brighter half, and the brightest of what lies farther out and along the tube on both sides.
    """

    first: int
    last: int
    inside_hu: float
    around_hu: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Profile:
    """Along the tube: brighter half of the rings beside it, of those farther out, most of these, and the neighbours."""

    inside: FloatArray
    outside: FloatArray
    most: FloatArray
    beside: FloatArray


def swellings_on(evidence: Evidence, rings: Rings, limits: ContrastLimits) -> list[Swelling]:
    """Find stretches of a catheter that lie in something brighter than what surrounds it on every side.

    Parameters
    ----------
    evidence : Evidence
    rings : Rings
    limits : ContrastLimits

    Returns
    -------
    list of Swelling
        None near the canal, where bone lies beside the tube. Skin and what lies beyond it are left out.

    Notes
    -----
    Contrast of 150 HU in fat has the HU of muscle. But muscle goes on: along the tube, or away from it. Each row is
    held against rings farther out and against the tube some centimetres on, and has to outshine the brighter half of
    all three; a layer that the tube runs through, or along, is as bright beside it.
    """
    seen = _profile(evidence, rings, limits)
    around = np.fmax(seen.outside, seen.beside)
    over = ndimage.uniform_filter1d(_known(seen.inside - around), _EVENED[0])
    inside = ndimage.uniform_filter1d(_known(seen.inside), _EVENED[0])
    most = np.where(np.isfinite(seen.most), seen.most, np.inf)  # a side that is not seen may go on
    closed = inside - ndimage.median_filter(most, _EVENED[1])
    labels, _ = ndimage.label((over >= limits.swell_over_hu) & _free(evidence, rings, limits))
    out = []
    for (part,) in ndimage.find_objects(labels):
        row = part.start + int(np.argmax(inside[part]))
        least = limits.swell_closed_hu if inside[row] < limits.swell_sure_hu else limits.swell_sure_closed_hu
        bright = limits.swell_hu <= inside[row] <= limits.swell_top_hu
        long = (part.stop - part.start) * limits.ring_step_mm >= limits.least_mm
        if bright and long and closed[row] >= least and around[row] <= limits.tissue_hu:
            one = Swelling(
                first=int(part.start),
                last=int(part.stop) - 1,
                inside_hu=float(inside[row]),
                around_hu=float(around[row]),
            )
            out.append(one)
    return out


def _profile(evidence: Evidence, rings: Rings, limits: ContrastLimits) -> _Profile:
    """What lies beside the tube and farther out, tubes, metal and canal left out."""
    near, far = (_chosen(rings, *one) for one in (limits.swell_mm, limits.swell_far_mm))
    inside = _evened(evidence, rings, near, limits)
    outside = _evened(evidence, rings, far, limits)
    upper = _upper_half(inside)
    most = np.array(
        [np.percentile(row[np.isfinite(row)], _MOST_PERCENT) if np.isfinite(row).any() else np.nan for row in outside]
    )
    return _Profile(inside=upper, outside=_upper_half(outside), most=most, beside=_beside(upper, limits))


def _chosen(rings: Rings, low_mm: float, high_mm: float) -> Mask:
    return np.asarray((rings.radii_mm >= low_mm - 1e-6) & (rings.radii_mm <= high_mm + 1e-6))


def _evened(evidence: Evidence, rings: Rings, chosen: Mask, limits: ContrastLimits) -> FloatArray:
    """(N, A) HU of the rings chosen, the tube's blur taken off, averaged over neighbours; nan where little is known."""
    at = rings.positions(chosen)
    known = ~_on_device(evidence, rings, at.reshape(-1, 3), limits).reshape(at.shape[:-1])
    known &= ~_at_skin(rings, limits)[:, chosen]
    hu = rings.hu[:, chosen] - rings.tail_hu[None, chosen, None]
    total, weight = (
        ndimage.uniform_filter(one.sum(axis=1), _EVENED, mode=("nearest", "wrap"))
        for one in (np.where(known, hu, 0.0), known.astype(np.float64))
    )
    return np.where(weight > 0.3 * chosen.sum(), total / np.maximum(weight, 1e-6), np.nan)


def _on_device(evidence: Evidence, rings: Rings, at: FloatArray, limits: ContrastLimits) -> Mask:
    """Which of (M, 3) samples lie on a tube, this one's other turns too, or on a pump and its blooming."""
    out = np.zeros(len(at), dtype=bool)
    for points in (rings.points, *(one.points for one in evidence.catheters)):
        out |= np.isfinite(cKDTree(points).query(at, distance_upper_bound=limits.near_mm[0] - 0.05)[0])
    for pump in evidence.pumps:
        out |= pump_clearance_mm(pump, at) < limits.metal_mm
    return out


def _at_skin(rings: Rings, limits: ContrastLimits) -> Mask:
    """(N, R, A) which samples lie in the skin or outside it, over neighbouring rows and angles too."""
    air = rings.hu < limits.air_hu
    air = (
        ndimage.binary_dilation(air, np.ones((3, 1, 1), dtype=bool))
        | np.roll(air, 1, axis=2)
        | np.roll(air, -1, axis=2)
    )
    step_mm = float(rings.radii_mm[1] - rings.radii_mm[0])
    back = max(1, round(limits.swell_skin_mm / step_mm))
    beyond = np.logical_or.accumulate(air, axis=1)
    out = beyond.copy()
    out[:, :-back] |= beyond[:, back:]
    return np.asarray(out)


def _upper_half(evened: FloatArray) -> FloatArray:
    """(N,) mean of the brighter half of the angles: what lies on one side only is as bright farther out."""
    out = np.full(len(evened), np.nan)
    for n, row in enumerate(evened):
        known = np.sort(row[np.isfinite(row)])
        if len(known) >= _ANGLES_SEEN:
            out[n] = known[(len(known) + 1) // 2 :].mean()
    return out


def _beside(upper: FloatArray, limits: ContrastLimits) -> FloatArray:
    """(N,) the brighter of the two stretches of tube some way off to both sides."""
    low, high = (round(mm / limits.ring_step_mm) for mm in limits.swell_beside_mm)
    out = np.full(len(upper), np.nan)
    for n in range(len(upper)):
        sides = (upper[max(0, n - high) : max(0, n - low)], upper[n + low + 1 : n + high + 1])
        known = [one[np.isfinite(one)] for one in sides]
        middles = [float(np.median(one)) for one in known if len(one) >= _ROWS_SEEN]
        out[n] = max(middles, default=np.nan)
    return out


def _free(evidence: Evidence, rings: Rings, limits: ContrastLimits) -> Mask:
    """(N,) which rows lie clear of the connector's stem, of bone round the canal, and of air beside the tube."""
    out = rings.arc_mm >= limits.stem_mm - limits.ring_step_mm
    out &= ~(rings.at(0.0, limits.swell_mm[1]) < limits.air_hu).any(axis=(1, 2))
    if len(evidence.anatomy.canal):
        out &= canal_clearance_mm(evidence.anatomy, rings.points) > limits.swell_canal_mm
    return np.asarray(out)


def _known(values: FloatArray) -> FloatArray:
    """The same, far below anything where nothing is known."""
    return np.where(np.isfinite(values), values, -1000.0)
