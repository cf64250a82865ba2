"""Tracer that pools beside the catheter: what is left over when reservoir, a usual line and the CSF are taken away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter
from scipy.spatial import cKDTree

from catheterview.detect.nuclear.forward import Fit, Stretches
from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.geometry import FloatArray, Grid
from catheterview.limits import NuclearLimits
from catheterview.model import Scintigram


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beside:
    """A focus of tracer near the catheter.

    Parameters
    ----------
    point : (3,) LPS mm
    stretch : int
        The nearest of the catheter.
    away_mm : float
        From the catheter.
    share : float
        Of the reservoir's activity.
    sigmas : float
        Over what the corridor shows elsewhere.
    """

    point: FloatArray
    stretch: int
    away_mm: float
    share: float
    sigmas: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expected:
    """What is taken away before foci are looked for.

    Parameters
    ----------
    disc : Reservoir
    fit : Fit
    line, canal : Stretches or None
    line_amounts, canal_amounts : (S,) float64
        In each stretch, image unit times cubic mm.
    sigma_mm, canal_sigma_mm : float
        Blur of catheter and canal.
    """

    disc: Reservoir
    fit: Fit
    line: Stretches
    line_amounts: FloatArray
    sigma_mm: float
    canal: Stretches | None
    canal_amounts: FloatArray
    canal_sigma_mm: float

    def at(self, points: FloatArray) -> FloatArray:
        """Counts (N,) at (N, 3) LPS mm points."""
        out = self.fit.tail * self.disc.at(points) + self.fit.background
        out += self.line.columns(points, self.sigma_mm) @ self.line_amounts
        if self.canal is not None:
            out += self.canal.columns(points, self.canal_sigma_mm) @ self.canal_amounts
        return np.asarray(out)


def foci_beside(scan: Scintigram, expected: Expected, limits: NuclearLimits) -> tuple[Beside, ...]:
    """Every focus near the catheter outside the canal, strongest first.

    Parameters
    ----------
    scan : Scintigram
    expected : Expected
    limits : NuclearLimits

    Notes
    -----
    Left-over counts are smoothed by the point spread less a wider average, so that organs, which are wide, weigh
    little; the scatter of that difference along the corridor itself is its noise.
    """
    grid, first = _box(scan.image.placed, expected.line.points, limits.beside_mm + limits.roi_mm)
    last = tuple(a + n for a, n in zip(first, grid.shape, strict=True))
    counts = scan.image.voxels[first[0] : last[0], first[1] : last[1], first[2] : last[2]].astype(np.float64)
    points = grid.index_to_world(np.indices(grid.shape).reshape(3, -1).T)
    away, found = cKDTree(expected.line.points).query(points)
    nearest = np.asarray(found, dtype=np.intp)
    near = away < limits.beside_mm + limits.roi_mm
    left = np.zeros(len(points))
    left[near] = counts.ravel()[near] - expected.at(points[near])
    hidden = _hidden(points, expected, limits)
    left[hidden] = 0.0
    contrast = _contrast(left.reshape(grid.shape), grid, expected.sigma_mm).ravel()
    looked = (away < limits.beside_mm) & ~hidden
    noise = 1.4826 * float(np.median(np.abs(contrast[looked]))) if looked.any() else 0.0
    tops = (contrast.reshape(grid.shape) == maximum_filter(contrast.reshape(grid.shape), 5)).ravel() & looked
    foci = [
        _focus((points, left), int(at), expected, (float(contrast[at]) / max(noise, 1e-9), int(nearest[at]), grid))
        for at in np.flatnonzero(tops & (contrast > limits.beside_sigmas * noise))
    ]
    return tuple(sorted(foci, key=lambda one: -one.share))


def _focus(volume: tuple[FloatArray, FloatArray], at: int, expected: Expected, told: tuple[float, int, Grid]) -> Beside:
    """Measure one focus within two and a half blurs of its top."""
    points, left = volume
    sigmas, nearest, grid = told
    inside = np.linalg.norm(points - points[at], axis=1) < 2.5 * expected.sigma_mm
    weight = left[inside].clip(0.0)
    point = weight @ points[inside] / weight.sum() if weight.sum() > 0.0 else points[at]
    return Beside(
        point=point,
        stretch=int(expected.line.stretch[nearest]),
        away_mm=float(np.linalg.norm(expected.line.points - point, axis=1).min()),
        share=float(left[inside].sum()) * grid.voxel_volume_mm3 / expected.disc.total,
        sigmas=sigmas,
    )


def _contrast(left: FloatArray, grid: Grid, sigma_mm: float) -> FloatArray:
    """What is left over, smoothed by the point spread, less its average over a region three times as wide."""
    narrow = sigma_mm / np.array(grid.spacing_mm)
    return np.asarray(gaussian_filter(left, narrow) - gaussian_filter(left, 3.0 * narrow))


def _hidden(points: FloatArray, expected: Expected, limits: NuclearLimits) -> NDArray[np.bool_]:
    """Voxels in the reservoir's blur, or so near the canal that CSF explains them."""
    height, out = expected.disc.local(points)
    reach = limits.beside_pump_mm
    hidden = (np.abs(height) < expected.disc.thickness_mm / 2.0 + reach) & (out < expected.disc.radius_mm + reach)
    if expected.canal is not None:
        away, _ = cKDTree(expected.canal.points).query(points, distance_upper_bound=limits.beside_canal_mm)
        hidden |= np.isfinite(away)
    return np.asarray(hidden)


def _box(grid: Grid, points: FloatArray, margin_mm: float) -> tuple[Grid, tuple[int, int, int]]:
    """The part of a grid round some points, and where it begins."""
    index = grid.world_to_index(points)
    margin = margin_mm / np.array(grid.spacing_mm)
    low = np.maximum(np.floor(index.min(axis=0) - margin), 0).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0) + margin), np.array(grid.shape) - 1).astype(int)
    first = (int(low[0]), int(low[1]), int(low[2]))
    shape = (int(high[0] - low[0]) + 1, int(high[1] - low[1]) + 1, int(high[2] - low[2]) + 1)
    return grid.cropped(first, shape), first
