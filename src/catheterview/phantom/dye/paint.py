"""Contrast and fluid on a canvas, and what they add along the catheter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray, Grid
from catheterview.phantom.dye.state import Dye
from catheterview.phantom.fluid import Collection, Shape, Tube
from catheterview.phantom.scene import Scene

Canvas = NDArray[np.float32]

_SUB_SLICE_MM = 1.5
_PART = 60  # points of a tube that are boxed in together
_SMOOTH_MM = 1.5  # of a real image, before its tissue is taken away under a fluid


def dye_hu(scene: Scene, dye: Dye, points: FloatArray) -> FloatArray:
    """HU that contrast adds (N,) at (N, 3) LPS mm points, the lumen apart.

    Notes
    -----
    Contrast mixes with fluid and seeps between fibres: none goes into bone, gas or the cord.
    """
    out = np.zeros(len(points))
    there = scene.site.hu(points)
    for one in _outside_lumen(dye):
        out += one.density(points) * dye.hu_per_mg * _takes(scene, one, there)
    for solid in dye.solids:
        out *= 1.0 - solid.shape.share(points)
    return out


def _outside_lumen(dye: Dye) -> tuple[Collection, ...]:
    return (*((dye.state.csf,) if dye.state.csf else ()), *dye.state.collections)


def _takes(scene: Scene, one: Collection, hu: FloatArray) -> FloatArray:
    """How much contrast a place takes up (N,), from the HU that it has without."""
    if scene.recipe.background == "given":  # noisy: only bone and gas can be told
        return np.asarray(np.clip((220.0 - hu) / 80.0, 0.0, 1.0) * np.clip((hu + 400.0) / 150.0, 0.0, 1.0))
    if one.place in ("csf", "subdural"):
        return np.asarray(np.clip((hu + 60.0) / 70.0, 0.0, 1.0) * np.clip((40.0 - hu) / 30.0, 0.0, 1.0))
    if one.place == "tip":
        return np.asarray(np.clip((160.0 - hu) / 60.0, 0.0, 1.0))
    if one.place == "epidural":
        return np.asarray(np.clip((10.0 - hu) / 40.0, 0.0, 1.0) * np.clip((hu + 200.0) / 80.0, 0.0, 1.0))
    return np.asarray(np.clip((200.0 - hu) / 80.0, 0.0, 1.0) * np.clip((hu + 400.0) / 150.0, 0.0, 1.0))


def paint_dye(canvas: Canvas, grid: Grid, scene: Scene, dye: Dye) -> None:
    """Add contrast outside the catheter to a canvas, in place."""
    voxels = _near(grid, tuple(one.shape for one in _outside_lumen(dye)))
    if len(voxels):
        flat = np.ravel_multi_index(tuple(voxels.T), grid.shape)
        canvas.reshape(-1)[flat] += _over_slice(scene, grid, voxels, lambda points: dye_hu(scene, dye, points))


def paint_solids(canvas: Canvas, grid: Grid, scene: Scene, dye: Dye) -> None:
    """Replace tissue by fluids and masses on a canvas, in place; its noise stays."""
    for solid in dye.solids:
        voxels = _near(grid, (solid.shape,))
        if not len(voxels):
            continue
        share = _over_slice(scene, grid, voxels, solid.shape.share)
        flat = np.ravel_multi_index(tuple(voxels.T), grid.shape)
        there = _tissue(canvas, grid, scene, voxels)
        canvas.reshape(-1)[flat] += (share * (solid.hu - there)).astype(np.float32)


def _tissue(canvas: Canvas, grid: Grid, scene: Scene, voxels: NDArray[np.int64]) -> FloatArray:
    """HU of the tissue (N,) at voxels, without noise: known in a synthetic patient, smoothed in a real one."""
    if scene.recipe.background != "given":
        return scene.site.hu(grid.index_to_world(voxels))
    low, high = voxels.min(axis=0), voxels.max(axis=0) + 1
    box = canvas[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    smooth = ndimage.gaussian_filter(box, _SMOOTH_MM / grid.spacing_mm, mode="nearest")
    return np.asarray(smooth[tuple((voxels - low).T)], dtype=np.float64)


def _over_slice(
    scene: Scene, grid: Grid, voxels: NDArray[np.int64], value: Callable[[FloatArray], FloatArray]
) -> Canvas:
    """Mean of a function of points over the thickness of the slice, at voxels (N, 3)."""
    thick = scene.recipe.slice_thickness_mm
    count = max(1, int(np.ceil(thick / _SUB_SLICE_MM)))
    shifts = ((np.arange(count) + 0.5) / count - 0.5) * thick / float(grid.spacing_mm[0])
    total = np.zeros(len(voxels))
    for shift in shifts:
        total += value(grid.index_to_world(voxels + np.array([float(shift), 0.0, 0.0])))
    return np.asarray(total / count, dtype=np.float32)


def _near(grid: Grid, shapes: tuple[Shape, ...]) -> NDArray[np.int64]:
    """Voxels (N, 3) of boxes round shapes, each once; long thin shapes are followed."""
    flat = [_box(grid, low, high) for shape in shapes for low, high in _boxes(shape)]
    flat = [one for one in flat if len(one)]
    if not flat:
        return np.zeros((0, 3), dtype=np.int64)
    each = np.unique(np.concatenate(flat))
    return np.stack(np.unravel_index(each, grid.shape), axis=1).astype(np.int64)


def _boxes(shape: Shape) -> list[tuple[FloatArray, FloatArray]]:
    """Boxes (low, high) LPS mm that hold a shape."""
    if not isinstance(shape, Tube):
        return [shape.bounds()]
    reach = float(shape.radius_mm.max()) + 1.0
    parts = [shape.axis[first : first + _PART + 1] for first in range(0, len(shape.axis), _PART)]
    return [(part.min(axis=0) - reach, part.max(axis=0) + reach) for part in parts]


def _box(grid: Grid, low: FloatArray, high: FloatArray) -> NDArray[np.int64]:
    """Flat indices of the voxels of a grid within a box of LPS mm."""
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    index = grid.world_to_index(corners)
    first = np.maximum(np.floor(index.min(axis=0)), 0).astype(int)
    last = np.minimum(np.ceil(index.max(axis=0)), np.array(grid.shape) - 1).astype(int)
    if (last < first).any():
        return np.zeros(0, dtype=np.int64)
    k, j, i = (np.arange(a, b + 1) for a, b in zip(first, last, strict=True))
    flat = (k[:, None, None] * grid.shape[1] + j[None, :, None]) * grid.shape[2] + i[None, None, :]
    return np.asarray(flat.ravel(), dtype=np.int64)
