"""Compact places of a tomogram without a CT that hold more tracer than kidneys or a coil of catheter can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from catheterview.detect.nuclear.flat.views import Lattice
from catheterview.detect.nuclear.measure import Profile
from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from catheterview.model import Delivery

_HOURS_A_DAY = 24.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Focus:
    """A compact place.

    Parameters
    ----------
    point : (3,) LPS mm
    share : float
        Of the reservoir's activity, as if all of it lay in one point.
    sigmas : float
        Over the noise of what is left without the reservoir.
    """

    point: FloatArray
    share: float
    sigmas: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """What is known beside the counts: the reservoir, what the canal holds, and how tracer travels."""

    disc: Reservoir
    canal: Profile | None
    delivery: Delivery


def pools_of(lattice: Lattice, contrast: FloatArray, around: Around, limits: NuclearLimits) -> tuple[Focus, ...]:
    """Pools that are told from what the body excretes, strongest first.

    Parameters
    ----------
    lattice : Lattice
    contrast : (Z, Y, X)
        Of `catheterview.detect.nuclear.flat.spine.contrast_of`.
    around : Around
        Without a flow nothing is told from what kidneys hold.
    limits : NuclearLimits

    Notes
    -----
    A kidney hands on within minutes what it filters, and holds no more than the pump delivers in so long; a pool
    gathers what leaks for hours. Bowel and bladder lie in front: there a place counts only in the layer under the skin
    in which the pump lies.
    """
    if not around.delivery.flow_ml_per_day:
        return ()
    share = contrast * _per_contrast(around.disc, limits)
    noise = 1.4826 * float(np.median(np.abs(share[lattice.values > 0.0]))) + 1e-9
    tops = np.argwhere((share == maximum_filter(share, 5)) & (share > least_told(around.delivery, limits)))
    points = np.stack([lattice.x[tops[:, 2]], lattice.y[tops[:, 1]], lattice.z[tops[:, 0]]], axis=1)
    told = _where_told(points, lattice, around.disc, limits)
    found = [
        Focus(point=point, share=float(share[tuple(top)]), sigmas=float(share[tuple(top)]) / noise)
        for point, top in zip(points[told], tops[told], strict=True)
        if not _is_csf(point, around.canal, limits)
    ]
    return tuple(sorted(found, key=lambda one: -one.share))


def _per_contrast(disc: Reservoir, limits: NuclearLimits) -> float:
    """Share of the reservoir of a point that shows a contrast of 1: its blur is smoothed by as much, less the wider."""
    sigma = disc.sigma_mm * limits.deeper_blur
    seen = (4.0 * np.pi * sigma**2) ** -1.5 - (20.0 * np.pi * sigma**2) ** -1.5
    return float(1.0 / seen / disc.total)


def least_told(delivery: Delivery, limits: NuclearLimits) -> float:
    """The share of the reservoir over which a place holds more than a coil of filled catheter, and than kidneys do."""
    per_cm = (delivery.ml_per_cm or limits.most_ml_per_cm) / limits.mixed_ml
    per_hour = (delivery.flow_ml_per_day or 0.0) / _HOURS_A_DAY / limits.mixed_ml
    return max(limits.focus_coil_cm * per_cm, limits.renal_h * per_hour)


def _where_told(points: FloatArray, lattice: Lattice, disc: Reservoir, limits: NuclearLimits) -> NDArray[np.bool_]:
    """In the back half of the field, far to a side, or in the pump's layer beside it; never in the reservoir's blur."""
    middle = [0.5 * float(axis[0] + axis[-1]) for axis in (lattice.x, lattice.y)]
    height, out = disc.local(points)
    back = points[:, 1] > middle[1] + limits.back_half_mm
    beside = np.abs(points[:, 0] - middle[0]) > limits.kidney_to_mm
    layer = np.abs(height) < limits.pump_layer_mm
    reach = limits.beside_pump_mm + limits.pool_to_mm
    clear = (np.abs(height) > disc.thickness_mm / 2.0 + reach) | (out > disc.radius_mm + reach)
    return np.asarray((back | beside | layer) & clear)


def _is_csf(point: FloatArray, canal: Profile | None, limits: NuclearLimits) -> bool:
    """Whether CSF explains a place in the canal: it does not end to both sides of it."""
    if canal is None:
        return False
    away = np.linalg.norm(canal.lines.middle - point, axis=1)
    at = int(away.argmin())
    if away[at] > np.hypot(limits.beside_canal_mm, canal.lines.length_mm / 2.0):
        return False
    here = float(canal.share[max(0, at - 1) : at + 2].max())
    sides = [canal.share[max(0, at - 3) : max(0, at - 1)], canal.share[at + 2 : at + 4]]
    return any(not len(side) or float(side.max()) * limits.focus_alone > here for side in sides)
