"""From a scene to voxels: the background, the bulge over the pump, the tubes, the metal, the noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray, Grid
from catheterview.model import Image
from catheterview.phantom.body import Body
from catheterview.phantom.kernel import kernel_of, louder
from catheterview.phantom.noise import filtered, frequencies, quantum_noise
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.pump import densities, parts_of
from catheterview.phantom.recipe import CtRecipe, stream
from catheterview.phantom.tube import Layer, Scanner, render

Canvas = NDArray[np.float32]

_TITANIUM_HU = 11500.0  # solid titanium at 70 keV, from its attenuation coefficient
_SUB_SLICE_MM = 1.5
_LEAST_SHEAR_DEG = 0.01


def scanners_of(recipe: CtRecipe) -> tuple[tuple[float, Scanner], ...]:
    """The point spread of a recipe, as weighted Gaussian ones."""
    slice_mm = recipe.slice_thickness_mm
    return tuple((weight, Scanner(psf_mm=wide, slice_mm=slice_mm)) for weight, wide in kernel_of(recipe).parts)


def paint_synthetic(recipe: CtRecipe, body: Body, grid: Grid, pocket: Pocket | None) -> Canvas:
    """Draw the synthetic patient, noise included, on a grid."""
    canvas = np.empty(grid.shape, dtype=np.float32)
    count = max(1, int(np.ceil(recipe.slice_thickness_mm / _SUB_SLICE_MM)))
    shifts = (np.arange(count) + 0.5) / count - 0.5
    thick = recipe.slice_thickness_mm / grid.spacing_mm[0]
    for k in range(grid.shape[0]):
        parts = [_plane(body, plane_points(grid, k + float(shift) * thick), pocket) for shift in shifts]
        canvas[k] = np.mean(parts, axis=0).reshape(grid.shape[1:])
        if recipe.kernel != "gauss":
            canvas[k] = filtered(canvas[k], _in_plane(grid), kernel_of(recipe))
        if recipe.noise_hu > 0.0:
            canvas[k] += _slice_noise(recipe, body, grid, k)
    return canvas


def plane_points(grid: Grid, k: float) -> FloatArray:
    """(rows * columns, 3) LPS mm of one slice."""
    step = grid.affine[:3, :3]
    rows = np.arange(grid.shape[1])[:, None] * step[:, 1] + step[:, 0] * k + grid.affine[:3, 3]
    columns = np.arange(grid.shape[2])[:, None] * step[:, 2]
    return np.asarray((rows[:, None] + columns[None]).reshape(-1, 3))


def _plane(body: Body, points: FloatArray, pocket: Pocket | None) -> FloatArray:
    """HU of points, with the tissue moved aside by the pump."""
    if pocket is not None:
        local = pocket.local(points)
        near = np.hypot(local[:, 0], local[:, 1]) < pocket.reach_mm
        points = points.copy()
        points[near] = pocket.source(points[near])
    return body.hu(points)


def _slice_noise(recipe: CtRecipe, body: Body, grid: Grid, k: int) -> FloatArray:
    """Noise of one slice, stronger in the middle of the body where fewer photons arrive."""
    rng = stream(recipe, 51, k)
    depth = body.depth(plane_points(grid, float(k))).reshape(grid.shape[1:])
    strength = recipe.noise_hu * (0.45 + 0.55 * np.clip(depth / 70.0, 0.0, 1.0))
    shape, spacing, kernel = (grid.shape[1], grid.shape[2]), _in_plane(grid), kernel_of(recipe)
    if recipe.kernel != "gauss":
        strength = strength * louder(kernel, frequencies(shape, spacing))
    return quantum_noise(shape, spacing, kernel, rng) * strength


def _in_plane(grid: Grid) -> tuple[float, float]:
    """Distance in mm between rows and between columns."""
    return float(grid.spacing_mm[1]), float(grid.spacing_mm[2])


def paint_given(image: Image, pocket: Pocket | None) -> Canvas:
    """Take a real image and move the tissue round the pump aside."""
    canvas = image.voxels.astype(np.float32)
    if pocket is None:
        return canvas
    grid = image.placed
    first, box = box_round(grid, pocket.center_mm, pocket.reach_mm + 25.0)
    points = box.index_to_world(np.moveaxis(np.indices(box.shape), 0, -1).reshape(-1, 3))
    local = pocket.local(points)
    near = (np.hypot(local[:, 0], local[:, 1]) < pocket.reach_mm) & (local[:, 2] > -100.0)
    source = pocket.source(points[near])
    moved = np.linalg.norm(source - points[near], axis=1) > 0.02
    at = grid.world_to_index(source[moved]) - first
    values = ndimage.map_coordinates(_view(canvas, first, box).copy(), at.T, order=3, mode="nearest")
    flat = np.flatnonzero(near)[moved]
    _view(canvas, first, box)[np.unravel_index(flat, box.shape)] = values
    return canvas


def box_round(grid: Grid, center: FloatArray, reach_mm: float) -> tuple[NDArray[np.int64], Grid]:
    """The first index (3,) and the grid of the voxels within `reach_mm` of a point along each axis."""
    middle, reach = grid.world_to_index(center), _reach(grid, reach_mm)
    first = np.maximum(np.floor(middle - reach), 0).astype(np.int64)
    last = np.minimum(np.ceil(middle + reach), np.array(grid.shape) - 1).astype(np.int64)
    size = np.maximum(last - first + 1, 1)
    return first, grid.cropped(first, (int(size[0]), int(size[1]), int(size[2])))


def _reach(grid: Grid, reach_mm: float) -> FloatArray:
    """How far a ball reaches along k, j and i, in voxels."""
    if grid.shear_deg < _LEAST_SHEAR_DEG:
        return np.asarray(reach_mm / grid.spacing_mm)
    return np.asarray(reach_mm * np.linalg.norm(np.linalg.inv(grid.affine[:3, :3]), axis=1))


def _view(canvas: Canvas, first: NDArray[np.int64], box: Grid) -> Canvas:
    """The part of a canvas that a box covers."""
    k, j, i = (slice(int(a), int(a) + size) for a, size in zip(first, box.shape, strict=True))
    return canvas[k, j, i]


def add_tubes(canvas: Canvas, grid: Grid, layers: tuple[Layer, ...], recipe: CtRecipe) -> None:
    """Add tubes to a canvas, in place."""
    for weight, scanner in scanners_of(recipe):
        patch = render(layers, grid, scanner)
        canvas.reshape(-1)[patch.voxels] += np.float32(weight) * patch.hu


def add_blooming_pump(canvas: Canvas, grid: Grid, pocket: Pocket, recipe: CtRecipe) -> None:
    """Draw the pump as bright metal that blooms, without streaks, in place."""
    first, box = box_round(grid, pocket.center_mm, pocket.radius_mm + 4.0)
    view = _view(canvas, first, box)
    if not view.size:  # a grid that does not reach the pump
        return
    psf_mm = kernel_of(recipe).parts[0][1]
    edge = max(1.0, psf_mm)
    for k in range(box.shape[0]):
        titanium, water, filled = densities(
            parts_of(pocket.model), pocket.inside(plane_points(box, float(k))), edge_mm=edge
        )
        hu = titanium * _TITANIUM_HU + 1000.0 * (water - 1.0) * (1.0 - np.clip(titanium, 0.0, 1.0))
        share = filled.reshape(view[k].shape)
        view[k] += share * (hu.reshape(view[k].shape) - view[k])
    sigma = psf_mm / 2.354820045 / grid.spacing_mm[1:]
    ndimage.gaussian_filter(view, (0.0, float(sigma[0]), float(sigma[1])), output=view, mode="nearest")
