"""The patient without the device as water and bone on two grids: the trunk coarsely, the spine finely."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.phantom.body import Body
from catheterview.phantom.film.camera import Camera
from catheterview.phantom.film.ray import Maps, through
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.recipe import CtRecipe

_COARSE_MM, _FINE_MM = 2.5, 1.25
_BEYOND_MM = 25.0  # the trunk goes on above and below what the route was planned in
_SPINE_MM = (46.0, 44.0, 46.0)  # beside, in front of and behind the canal
_SOFT_HU, _BONE_HU = 50.0, 1680.0  # muscle; cortical bone (1.92 g/cm3) at 70 keV from its attenuation coefficient


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tissue:
    """Shares of water and of bone.

    Parameters
    ----------
    coarse : (K, J, I, 2) float32
    coarse_grid : Grid
    fine : (K, J, I, 2) float32
        What is to be added to `coarse`.
    fine_grid : Grid
    """

    coarse: Maps
    coarse_grid: Grid
    fine: Maps
    fine_grid: Grid

    def seen(self, camera: Camera, *, by: int) -> Maps:
        """Millimetres of water and bone (R, C, 2) along the rays to a detector whose pixels are `by` times as wide."""
        out = np.zeros((*camera.coarser(by).shape, 2), dtype=np.float32)
        for volume, grid, more in ((self.coarse, self.coarse_grid, 4), (self.fine, self.fine_grid, 2)):
            seen = through(volume, grid, camera.coarser(more * by))
            out += cv2.resize(seen, None, fx=more, fy=more)[: out.shape[0], : out.shape[1]]
        return out


def tissue_of(recipe: CtRecipe, body: Body, pocket: Pocket | None) -> Tissue:
    """Sample the patient, with the tissue moved aside by the pump and none where the pump is."""
    height = recipe.shape[0] * recipe.spacing_mm[0]
    wide, deep = body.half_width * 1.04 + 6.0, body.half_depth * 1.04 + 30.0
    coarse_grid = _grid((-wide, -deep, -_BEYOND_MM), (wide, deep, height + _BEYOND_MM), _COARSE_MM)
    canal = np.stack(body.spine.canal(np.arange(0.0, height, 10.0)), axis=1)
    low = (canal[:, 0].min() - _SPINE_MM[0], canal[:, 1].min() - _SPINE_MM[1], -_BEYOND_MM)
    high = (canal[:, 0].max() + _SPINE_MM[0], canal[:, 1].max() + _SPINE_MM[2], height + _BEYOND_MM)
    fine_grid = _grid(low, high, _FINE_MM)
    coarse, fine = (_sampled(body, grid, pocket) for grid in (coarse_grid, fine_grid))
    fine -= _interpolated(coarse, coarse_grid, fine_grid)
    return Tissue(coarse=coarse, coarse_grid=coarse_grid, fine=fine, fine_grid=fine_grid)


def _grid(low: tuple[float, float, float], high: tuple[float, float, float], step: float) -> Grid:
    """A grid aligned with the patient."""
    size = [int((b - a) / step) + 1 for a, b in zip(low, high, strict=True)]
    return grid_from_axes((size[2], size[1], size[0]), origin=low, axes_mm=np.eye(3)[::-1] * step)


def _sampled(body: Body, grid: Grid, pocket: Pocket | None) -> Maps:
    """Shares of water and bone at every voxel."""
    out = np.empty((*grid.shape, 2), dtype=np.float32)
    plane = grid.index_to_world(np.stack(np.meshgrid([0], *map(np.arange, grid.shape[1:]), indexing="ij"), axis=-1))
    for k in range(grid.shape[0]):
        points = plane.reshape(-1, 3) + k * grid.affine[:3, 0]
        near = pocket is not None and abs(points[0, 2] - pocket.center_mm[2]) < pocket.reach_mm
        out[k] = _shares(body, points, pocket if near else None).reshape(*grid.shape[1:], 2)
    return out


def _shares(body: Body, points: FloatArray, pocket: Pocket | None) -> Maps:
    """Shares of water and bone (N, 2) at points."""
    inside = np.zeros(len(points), dtype=bool)
    if pocket is not None:
        local = pocket.local(points)
        near = np.hypot(local[:, 0], local[:, 1]) < pocket.reach_mm
        inside = pocket.clearance(points) < 0.0
        points = points.copy()
        points[near] = pocket.source(points[near])
    hu = body.hu(points)
    bone = np.clip((hu - 2.0 * _SOFT_HU) / (_BONE_HU - 2.0 * _SOFT_HU), 0.0, 1.2)
    water = np.clip(1.0 + np.minimum(hu, 2.0 * _SOFT_HU) / 1000.0, 0.0, None) * (1.0 - np.minimum(bone, 1.0))
    out = np.stack([water, bone], axis=1).astype(np.float32)
    out[inside] = 0.0
    return out


def _interpolated(volume: Maps, grid: Grid, at: Grid) -> Maps:
    """A volume on another grid aligned with the patient."""
    first = grid.world_to_index(at.affine[:3, 3])
    ratio = at.spacing_mm / grid.spacing_mm
    axes = [start + step * np.arange(size) for start, step, size in zip(first, ratio, at.shape, strict=True)]
    out = volume
    for axis, where in enumerate(axes):
        low = np.clip(np.floor(where).astype(int), 0, out.shape[axis] - 2)
        part = (where - low).astype(np.float32).reshape([-1 if n == axis else 1 for n in range(4)])
        out = np.take(out, low, axis=axis) * (1.0 - part) + np.take(out, low + 1, axis=axis) * part
    return np.asarray(out, dtype=np.float32)
