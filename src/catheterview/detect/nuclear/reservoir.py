"""The hot reservoir as the camera sees it: a flat disc in the pump, blurred, with tails of scattered photons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import erf, erfc

from catheterview.detect.nuclear.samples import Samples
from catheterview.geometry import FloatArray, unit
from catheterview.limits import NuclearLimits
from catheterview.model import Pump

_FWHM = 2.3548
_ENOUGH = 2000  # voxels to fit a dozen parameters
_WIDER = (1.0, 1.7, 3.0, 6.0, 12.0)  # the point spread's core, skirt and tails, as multiples of the core


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reservoir:
    """A disc of tracer, blurred by a core, a skirt and tails.

    Parameters
    ----------
    center_mm : (3,) LPS mm
    normal : (3,) unit vector, out of the body
    radius_mm, thickness_mm : float
    sigma_mm : float
        Standard deviation of the point spread's core.
    weights : (5,) float64
        How much of the disc is blurred by core, skirt and tails, in the image's unit.
    """

    center_mm: FloatArray
    normal: FloatArray
    radius_mm: float
    thickness_mm: float
    sigma_mm: float
    weights: FloatArray

    @property
    def fwhm_mm(self) -> float:
        """Full width at half maximum of the point spread."""
        return self.sigma_mm * _FWHM

    @property
    def total(self) -> float:
        """All of it without what scatter spreads widely: unit of the image times cubic mm."""
        return float(self.weights[:3].sum() * np.pi) * self.radius_mm**2 * self.thickness_mm

    def local(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Height over the disc's plane and distance from its axis, (N,) mm each, of (N, 3) LPS mm points."""
        away = points - self.center_mm
        height = away @ self.normal
        return height, np.sqrt(np.maximum((away**2).sum(axis=1) - height**2, 0.0))

    def at(self, points: FloatArray) -> FloatArray:
        """What the camera sees of it (N,), at (N, 3) LPS mm points, in the image's unit."""
        height, out = self.local(points)
        seen = np.zeros(len(points))
        for weight, wider in zip(self.weights, _WIDER, strict=True):
            seen += weight * self._blurred(height, out, self.sigma_mm * wider)
        return seen

    def _blurred(self, height: FloatArray, out: FloatArray, sigma: float) -> FloatArray:
        """A disc blurred along its axis and at its edge, 1 inside before blur."""
        root, half = np.sqrt(2.0) * sigma, self.thickness_mm / 2.0
        along = 0.5 * (erf((height + half) / root) - erf((height - half) / root))
        inside = min(1.0, (self.radius_mm / sigma) ** 2 / 2.0)  # a blur wider than the disc thins it in its plane too
        return np.asarray(inside * along * 0.5 * erfc((out - self.radius_mm) / root))


def fit_reservoir(near: Samples, pump: Pump, limits: NuclearLimits) -> Reservoir:
    """Find the disc that explains the counts in and round a pump.

    Parameters
    ----------
    near : Samples
        Within reach of the pump.
    pump : Pump
        Where it starts from; it may be off by a centimetre.
    limits : NuclearLimits

    Returns
    -------
    Reservoir

    Notes
    -----
    Only the half that faces the skin and what lies far away are fitted: what pools behind the pump must not be taken
    into the reservoir, and a blurred disc is its own mirror image. Ratios of counts to model are fitted, since the
    slope and the tails matter as much as the top.
    """
    points, counts = near.points, near.counts
    top = float(np.percentile(counts, 99.5))
    floor = limits.reservoir_floor * top
    hot = counts > 0.5 * top
    middle = (points[hot] * counts[hot][:, None]).sum(axis=0) / counts[hot].sum()
    used = np.flatnonzero(_outer_half(points, middle, pump, limits) | hot)
    used = used[:: max(1, len(used) // _ENOUGH)]
    points, wanted = points[used], np.log(counts[used] + floor)

    def residual(v: FloatArray) -> FloatArray:
        return np.asarray(np.log(_disc(v, middle, pump, top).at(points) + floor) - wanted)

    low, start, high = _bounds(pump)
    found = least_squares(residual, start, bounds=(low, high), loss="soft_l1", f_scale=0.3, max_nfev=25)
    return _disc(np.asarray(found.x), middle, pump, top)


def _outer_half(points: FloatArray, middle: FloatArray, pump: Pump, limits: NuclearLimits) -> NDArray[np.bool_]:
    """Voxels on the side of the skin, but not beyond it, and those far behind or beside the pump."""
    normal, half = unit(pump.normal), pump.thickness_mm / 2.0
    away = points - middle
    height = away @ normal
    out = np.sqrt(np.maximum((away**2).sum(axis=1) - height**2, 0.0))
    skin = half + limits.cover_mm - float((middle - np.array(pump.center_mm)) @ normal)
    outer = (height > -1.0) & (height < skin) & (out < 0.5 * pump.diameter_mm + 12.0)
    far = (height < -half - limits.behind_mm) | (out > 0.5 * pump.diameter_mm + limits.pocket_mm)
    return np.asarray(outer | (far & (height < half)))


def _bounds(pump: Pump) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lowest, first and highest value of: shift (3), radius, logs of thickness, sigma and five weights."""
    radius = pump.diameter_mm / 2.0
    rows = [(-2.0, 0.0, 2.0)] * 3
    rows += [(0.4 * radius, 0.8 * radius, 1.05 * radius), (0.0, 1.6, 2.5), (0.9, 1.4, 1.8)]
    rows += [(-2.0, 0.7, 4.0), (-9.0, -3.0, 1.0), (-11.0, -5.0, -2.0), (-11.0, -6.0, -2.0), (-11.0, -6.0, -2.0)]
    low, start, high = (np.array(column) for column in zip(*rows, strict=True))
    return low, start, high


def _disc(v: FloatArray, middle: FloatArray, pump: Pump, top: float) -> Reservoir:
    """The reservoir of a vector of parameters, as in `_bounds`."""
    thick, sigma = (float(n) for n in np.exp(v[4:6]))
    return Reservoir(
        center_mm=middle + v[:3],
        normal=unit(pump.normal),
        radius_mm=float(v[3]),
        thickness_mm=thick,
        sigma_mm=sigma,
        weights=np.exp(v[6:]) * top,
    )
