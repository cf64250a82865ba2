"""Contrast round the pump: layers just outside its surface, where they are brighter than any soft tissue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from catheterview.detect.along import pump_clearance_mm
from catheterview.geometry import FloatArray, Grid
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Centreline, Image, Pump

Mask = NDArray[np.bool_]

#: Fewer voxels than this tell no spread.
_FEW = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """Contrast on a pump.

    Parameters
    ----------
    mask : (K, J, I) bool
    grid : Grid
        Of the mask's box.
    hu : (M,) float
    area_cm2 : float
        Of the pump's surface that it covers.
    front_share : float
        Share of it that lies over the pump's face, on the side of the skin.
    """

    mask: Mask
    grid: Grid
    hu: FloatArray
    area_cm2: float
    front_share: float

    @property
    def volume_ml(self) -> float:
        """Its volume."""
        return float(self.mask.sum()) * self.grid.voxel_volume_mm3 / 1000.0


def pools_round(
    image: Image, pump: Pump, catheters: tuple[Centreline, ...], limits: ContrastLimits
) -> tuple[Pool, ...]:
    """Find contrast that lies on a pump.

    Parameters
    ----------
    image : Image
    pump : Pump
    catheters : tuple of Centreline
        Whose tubes and connector are left out.
    limits : ContrastLimits

    Returns
    -------
    tuple of Pool
        Largest first. Bone and bowel against the pump go on beyond its neighbourhood and are left out.
    """
    box = box_round(image, pump, limits.pocket_reach_mm)
    view, grid = box
    smooth = ndimage.gaussian_filter(view.astype(np.float32), limits.blur_mm / grid.spacing_mm, mode="nearest")
    index = np.argwhere(smooth >= limits.pool_levels_hu[0])
    points = grid.index_to_world(index)
    away = pump_clearance_mm(pump, points)
    free = (away >= limits.shell_mm) & (away <= limits.pocket_reach_mm) & off_tubes(points, catheters, limits)
    index, away = index[free], away[free].astype(np.float32)
    over = smooth[tuple(index.T)] - _halo(away, streaks_of(smooth, grid, pump, limits), limits)
    clearance = np.zeros(view.shape, dtype=np.float32)
    clearance[tuple(index.T)] = away
    found: list[Pool] = []
    for level_hu in limits.pool_levels_hu:
        mask = np.zeros(view.shape, dtype=bool)
        mask[tuple(index[over >= level_hu].T)] = True
        found += _pools_in(mask, (view, clearance, grid), (pump, limits))
    return tuple(sorted(found, key=lambda one: -one.volume_ml))


def _pools_in(
    mask: Mask, values: tuple[NDArray[np.int16], NDArray[np.float32], Grid], how: tuple[Pump, ContrastLimits]
) -> list[Pool]:
    """Connected parts that are pools: what hangs on to organs at one level may lie alone at the next."""
    view, clearance, grid = values
    labels, _ = ndimage.label(mask)
    parts = enumerate(ndimage.find_objects(labels), 1)
    pools = [
        _pool(labels[part] == label, _cut(grid, part), (view[part], clearance[part]), how) for label, part in parts
    ]
    return [one for one in pools if one is not None]


def _halo(away_mm: FloatArray, streak: float, limits: ContrastLimits) -> FloatArray:
    """(N,) HU that streaks may add at distances from a pump: most at its surface, and soon less."""
    fades = np.exp(-(away_mm - limits.shell_mm) / limits.halo_fades_mm)
    return np.asarray(limits.halo_weight * streak * np.clip(fades, 0.0, 1.0))


def streak_hu(image: Image, pump: Pump, limits: ContrastLimits) -> float:
    """HU by which the streaks of a pump brighten tissue near it.

    Parameters
    ----------
    image : Image
    pump : Pump
    limits : ContrastLimits

    Returns
    -------
    float
        The larger of two estimates: the spread in the fat over the pump's face, and how far tissue behind it, clear of
        lung and gas, falls below fat, which no contrast can hide: bright bands are about as strong as dark ones.
    """
    view, grid = box_round(image, pump, limits.pocket_reach_mm)
    smooth = ndimage.gaussian_filter(view.astype(np.float32), limits.blur_mm / grid.spacing_mm, mode="nearest")
    return streaks_of(smooth, grid, pump, limits)


def streaks_of(smooth: NDArray[np.float32], grid: Grid, pump: Pump, limits: ContrastLimits) -> float:
    """The same, in a smoothed box."""
    coarse = smooth[::2, ::2, ::2]
    index = np.argwhere(~beside_air(coarse, 2.0 * grid.spacing_mm, limits)) * 2
    points = grid.index_to_world(index)
    away = pump_clearance_mm(pump, points)
    height = (points - np.array(pump.center_mm)) @ np.array(pump.normal)
    hu = smooth[tuple(index.T)]
    over = height - pump.thickness_mm / 2.0 > limits.streak_mm[0]
    face = hu[(away > limits.streak_mm[0]) & (away < limits.streak_mm[1]) & over & (hu > limits.air_hu)]
    behind = hu[(away > limits.shell_mm) & (away < limits.dark_reach_mm) & (height < 0.0)]
    spread = 0.0
    if len(face) >= _FEW:
        low, high = np.percentile(face, (25, 75))  # streaks spread all of it; skin and vessels are a small part
        spread = float(limits.streak_weight * max(0.0, high - low - limits.tissue_spread_hu))
    if len(behind) < _FEW:
        return spread
    dark = max(0.0, limits.fat_hu - float(np.percentile(behind, 1)))
    return max(spread, limits.dark_weight * dark)


def beside_air(hu: NDArray[np.float32], spacing_mm: FloatArray, limits: ContrastLimits) -> Mask:
    """Which voxels are lung, bowel gas or the air outside, or lie beside it; a streak as dark as that is thinner."""
    steps = (max(1, round(mm / float(spacing_mm.mean()))) for mm in (limits.air_half_mm, limits.beside_air_mm))
    thinner, beside = steps
    wide = ndimage.binary_erosion(hu < limits.lung_hu, iterations=thinner, border_value=1)
    return np.asarray(ndimage.binary_dilation(wide, iterations=thinner + beside) if wide.any() else wide)


def _pool(
    mask: Mask, grid: Grid, values: tuple[NDArray[np.int16], NDArray[np.float32]], how: tuple[Pump, ContrastLimits]
) -> Pool | None:
    """One connected part: a pool when it covers enough of the pump and ends near it."""
    (hu, clearance), (pump, limits) = values, how
    away = clearance[mask]
    layers = np.bincount(((away - limits.shell_mm) / limits.shell_step_mm).astype(int))
    area_cm2 = float(layers.max()) * grid.voxel_volume_mm3 / limits.shell_step_mm / 100.0
    volume_ml = float(mask.sum()) * grid.voxel_volume_mm3 / 1000.0
    if area_cm2 < limits.pool_cm2 or volume_ml < limits.pool_ml or float(away.min()) > limits.pool_near_mm:
        return None
    inside = hu[mask].astype(np.float64)
    ends = float((clearance[mask] > limits.pocket_reach_mm - 2.0).sum()) * grid.voxel_volume_mm3 / 1000.0
    if ends > limits.pool_leaves_ml or float((inside > limits.cortex_hu).mean()) > limits.cortex_share:
        return None
    height = (grid.index_to_world(np.argwhere(mask)) - np.array(pump.center_mm)) @ np.array(pump.normal)
    front = float((height > pump.thickness_mm / 2.0).mean())
    return Pool(mask=mask, grid=grid, hu=inside, area_cm2=area_cm2, front_share=front)


def off_tubes(points: FloatArray, catheters: tuple[Centreline, ...], limits: ContrastLimits) -> Mask:
    """Which points lie clear of every tube, and of the connector at its beginning."""
    off = np.ones(len(points), dtype=bool)
    for catheter in catheters:
        away, row = cKDTree(catheter.points).query(points)
        stem = catheter.arc_mm[row] <= limits.stem_mm
        off &= away > np.where(stem, limits.stem_off_mm, limits.tube_mm)
    return off


def box_round(image: Image, pump: Pump, reach_mm: float) -> tuple[NDArray[np.int16], Grid]:
    """Cut out the box round a pump, as a view."""
    grid, reach = image.placed, pump.diameter_mm / 2.0 + reach_mm
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * reach
    index = grid.world_to_index(np.array(pump.center_mm) + corners)
    low = np.maximum(np.floor(index.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0)) + 1, grid.shape).astype(int)
    part = (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))
    return image.voxels[part], _cut(grid, part)


def _cut(grid: Grid, part: tuple[slice, ...]) -> Grid:
    """The grid of a part of an array."""
    k, j, i = part
    shape = (int(k.stop - k.start), int(j.stop - j.start), int(i.stop - i.start))
    return grid.cropped((int(k.start), int(j.start), int(i.start)), shape)
