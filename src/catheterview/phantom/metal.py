"""Metal in CT slices: beam hardening, starved rays and streaks, from projection and reconstruction.

For every slice that contains the pump, or other metal where that is asked for: tissue and metal are projected, the
polyenergetic signal of the rays through metal is drawn with its photon noise and water-corrected, and what that changes
against the same rays without metal is reconstructed and added to the slice. Rays that miss the metal change nothing, so
the patient's own image is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Grid
from catheterview.phantom.attenuation import Beam, beam
from catheterview.phantom.kernel import kernel_of
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.projection import Geometry, Sinogram, project, reconstruct
from catheterview.phantom.pump import densities, parts_of
from catheterview.phantom.recipe import CtRecipe, stream

_FINEST_MM, _COARSE = 0.9, 3  # reconstruction pixel; how many of them a pixel of the tissue's projection spans
_SUB_SLICE_MM = 2.1
_EDGE = 1.6  # pixels over which the pump's edges rise: a detector element is no line
_LEAST_SHEAR_DEG = 0.01
_VIEWS_PER_PIXEL = 1.7  # so that views far from the pump lie no further apart than pixels
_ELECTRONIC = 6.0  # detector noise without light, in photons
_STARVED, _STARVED_OVER = 2.0 * _ELECTRONIC, 9  # photons below which rays are averaged; views and elements; no source
_DENSE_BONE_HU = 1640.0  # cortical bone of 1.92 g/cm3 at 70 keV


#: Titanium, water and how much of a place is filled, (N,) each, at (N, 3) LPS mm points, edges so many mm wide.
Fill: TypeAlias = Callable[[FloatArray, float], tuple[FloatArray, FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metal:
    """Something dense that is projected.

    Parameters
    ----------
    center_mm : (3,) LPS mm
    reach_mm : float
        Radius of a ball round it that holds it.
    fill : callable
        What it is made of where.
    held_by : callable
        Whether a slice (grid, fractional index) meets it.
    in_bone : bool
        Whether it may take the place of bone.
    fine : int
        Samples of it along each side of a pixel.
    """

    center_mm: FloatArray
    reach_mm: float
    fill: Fill
    held_by: Callable[[Grid, float], bool]
    in_bone: bool = False
    fine: int = 1


def pump_metal(pocket: Pocket) -> Metal:
    """The pump as it is projected."""
    parts = parts_of(pocket.model)

    def fill(points: FloatArray, edge_mm: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        return densities(parts, pocket.inside(points), edge_mm=edge_mm)

    reach = pocket.radius_mm + 3.0
    return Metal(center_mm=pocket.center_mm, reach_mm=reach, fill=fill, held_by=partial(_holds, pocket))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """What all slices share."""

    recipe: CtRecipe
    grid: Grid
    geometry: Geometry
    to_image: NDArray[np.float32]
    beam: Beam
    photons: float


def add_projected_metal(canvas: NDArray[np.float32], grid: Grid, metals: Sequence[Metal], recipe: CtRecipe) -> None:
    """Draw metal with its artefacts into a canvas, in place.

    Parameters
    ----------
    canvas : (K, J, I) float32
        HU with the tissue already moved aside.
    grid : Grid
    metals : sequence of Metal
    recipe : CtRecipe
    """
    plan = _plan(recipe, grid)
    for k in range(grid.shape[0]):
        heights = _sub_slices(recipe, grid, k)
        here = [metal for metal in metals if any(metal.held_by(grid, float(height)) for height in heights)]
        if not here:
            continue
        change = reconstruct(_changed(plan, canvas[k], here, k), plan.geometry, kernel_of(recipe))
        canvas[k] += 1000.0 * cv2.remap(change, plan.to_image[0], plan.to_image[1], cv2.INTER_LINEAR)


def _plan(recipe: CtRecipe, grid: Grid) -> _Plan:
    """Choose the reconstruction's grid: square pixels over the whole image plane."""
    spacing = grid.spacing_mm[1:]
    pixel = max(_FINEST_MM, float(spacing.min()))
    extent = np.array(grid.shape[1:]) * spacing
    size = int(np.ceil(extent.max() / pixel / 2.0)) * 2 + 2
    geometry = Geometry(size=size, pixel_mm=pixel, views=int(_VIEWS_PER_PIXEL * size))
    rows, columns = (
        (np.arange(count) - (count - 1) / 2.0) * step / pixel + (size - 1) / 2.0
        for count, step in zip(grid.shape[1:], spacing, strict=True)
    )
    to_image = np.stack(np.meshgrid(columns, rows)).astype(np.float32)
    tube = beam(recipe.kvp)
    return _Plan(
        recipe=recipe,
        grid=grid,
        geometry=geometry,
        to_image=to_image,
        beam=tube,
        photons=_photons(recipe, geometry, tube),
    )


def _photons(recipe: CtRecipe, geometry: Geometry, tube: Beam) -> float:
    """Photons of an unattenuated ray, from the noise wanted behind 30 cm of water.

    Notes
    -----
    Variance of filtered back-projection at the middle: pi^2 / (12 d^2 M N) for M views of N photons on elements of
    width d (Kak and Slaney, Principles of Computerized Tomographic Imaging, 5.2), a third of it after smoothing.
    """
    water = float(tube.share @ tube.water)
    wanted = (max(recipe.noise_hu, 3.0) / 1000.0 * water) ** 2
    behind = np.pi**2 / (12.0 * geometry.pixel_mm**2 * geometry.views * wanted) / 3.0
    left = tube.transmission(np.array([300.0]), np.zeros(1), np.zeros(1))
    return float(behind / left[0])


def _sub_slices(recipe: CtRecipe, grid: Grid, k: int) -> FloatArray:
    """Fractional slice indices that together make up slice k."""
    count = max(1, int(np.ceil(recipe.slice_thickness_mm / _SUB_SLICE_MM)))
    shift = ((np.arange(count) + 0.5) / count - 0.5) * recipe.slice_thickness_mm
    return np.asarray(k + shift / grid.spacing_mm[0])


def _holds(pocket: Pocket, grid: Grid, k: float) -> bool:
    """Whether the pump reaches into a slice."""
    normal = np.cross(grid.directions[:, 1], grid.directions[:, 2])
    across = normal / np.linalg.norm(normal) @ (grid.index_to_world([k, 0.0, 0.0]) - pocket.center_mm)
    along = float(pocket.axes[2] @ normal)
    reach = pocket.radius_mm * np.sqrt(max(0.0, 1.0 - along * along))
    return bool(abs(across) < reach + pocket.model.thickness_mm / 2.0 * abs(along) + 1.0)


def _changed(plan: _Plan, plane: NDArray[np.float32], metals: Sequence[Metal], k: int) -> Sinogram:
    """What metal changes in the water-corrected sinogram of one slice, mm of water."""
    tissue = _tissue_sinogram(plan, plane)
    with_metal = np.zeros(tissue.shape[:2])
    touched = np.zeros(tissue.shape[:2], dtype=bool)
    heights = _sub_slices(plan.recipe, plan.grid, k)
    for height in heights:
        titanium, water, bone = (np.zeros(tissue.shape[:2]) for _ in range(3))
        for metal in metals:
            for path, more in zip((titanium, water, bone), _sinograms(plan, plane, metal, float(height)), strict=False):
                path += more
        paths = np.maximum(tissue[..., 0] + water, 0.0), np.maximum(tissue[..., 1] + bone, 0.0), titanium
        touched |= (titanium > 0.01) | (np.abs(water) > 0.05)
        with_metal += plan.beam.transmission(*paths) / len(heights)
    before = plan.beam.transmission(tissue[touched][:, 0], tissue[touched][:, 1], np.zeros(int(touched.sum())))
    counted = _counted(plan, with_metal[touched], k)
    if plan.recipe.hardware_streaks:
        counted = _unstarved(plan, counted, (with_metal, touched))
    out = np.zeros(tissue.shape[:2], dtype=np.float32)
    out[touched] = plan.beam.water_equivalent_mm(counted) - plan.beam.water_equivalent_mm(before)
    return out


def _counted(plan: _Plan, transmission: FloatArray, k: int) -> FloatArray:
    """Draw the photons of rays and give the transmission that the scanner sees; never below one photon."""
    rng = stream(plan.recipe, 91, k)
    photons = rng.poisson(plan.photons * transmission) + rng.normal(0.0, _ELECTRONIC, len(transmission))
    return np.asarray(np.maximum(photons, 1.0) / plan.photons)


def _unstarved(plan: _Plan, counted: FloatArray, rays: tuple[FloatArray, NDArray[np.bool_]]) -> FloatArray:
    """Average rays that hardly any photon came through with their neighbours, as scanners do before they take logs.

    Notes
    -----
    Adaptive filtering of starved rays (Hsieh, Med Phys 1998, 25, 2139). Without it a hip of cobalt-chromium, through
    which nothing comes, would fill the slice with noise that no reader has seen.
    """
    expected, touched = rays
    logs = np.log(np.maximum(expected, 1.0 / plan.photons))
    logs[touched] = np.log(counted)
    mean = np.exp(cv2.blur(logs, (_STARVED_OVER, _STARVED_OVER))[touched])
    return np.where(counted * plan.photons < _STARVED, mean, counted)


def _tissue_sinogram(plan: _Plan, plane: NDArray[np.float32]) -> NDArray[np.float64]:
    """Path lengths (views, size, 2) through tissue, as water and dense bone, projected on a coarse grid."""
    coarse = plan.geometry.size // _COARSE
    fine = _on_reconstruction(plan, plane)
    hu = cv2.resize(fine, (coarse, coarse), interpolation=cv2.INTER_AREA)
    water, bone = _water_and_bone(hu)
    pixel = plan.geometry.pixel_mm * plan.geometry.size / coarse
    views = max(2, plan.geometry.views // _COARSE)
    rough = project(np.stack([water, bone], axis=-1), (0, 0), Geometry(size=coarse, pixel_mm=pixel, views=views))
    wide = cv2.resize(rough, (plan.geometry.size, plan.geometry.views), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, dtype=np.float64)


def _on_reconstruction(plan: _Plan, plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """A slice of the image on the reconstruction's grid, air outside."""
    at = (np.arange(plan.geometry.size) - (plan.geometry.size - 1) / 2.0) * plan.geometry.pixel_mm
    spacing, shape = plan.grid.spacing_mm[1:], plane.shape
    columns, rows = (at / spacing[1] + (shape[1] - 1) / 2.0, at / spacing[0] + (shape[0] - 1) / 2.0)
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-1000.0))


def _water_and_bone(hu: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Tissue as shares of water and of dense bone."""
    bone = np.clip((hu - 120.0) / (_DENSE_BONE_HU - 120.0), 0.0, 1.5)
    return np.clip((hu + 1000.0) / 1000.0, 0.0, 1.12) * (1.0 - np.clip(bone, 0.0, 1.0)), bone


def _sinograms(plan: _Plan, plane: NDArray[np.float32], metal: Metal, k: float) -> tuple[FloatArray, ...]:
    """Path lengths (views, size) through titanium, through water, and in bone through bone, less what they replace."""
    rows, columns = _window(plan, metal)
    shape = (rows[1] - rows[0], columns[1] - columns[0])
    titanium, water, filled = (_per_pixel(one, shape) for one in _filled(plan, metal, (rows, columns), k))
    if not filled.any():
        return (np.zeros((plan.geometry.views, plan.geometry.size)),) * (3 if metal.in_bone else 2)
    hu = _on_reconstruction(plan, plane)[rows[0] : rows[1], columns[0] : columns[1]]
    if metal.in_bone:
        soft, bone = _water_and_bone(hu)
        layers = [titanium, water - filled * soft, -filled * bone]
    else:
        layers = [titanium, water - filled * np.clip((hu + 1000.0) / 1000.0, 0.0, 1.12)]
    maps = np.stack(layers, axis=-1).astype(np.float32)
    used = np.argwhere(filled > 0.0)
    (first_row, first_column), (last_row, last_column) = used.min(axis=0), used.max(axis=0) + 1
    part = np.ascontiguousarray(maps[first_row:last_row, first_column:last_column])
    corner = (rows[0] + int(first_row), columns[0] + int(first_column))
    return tuple(np.moveaxis(project(part, corner, plan.geometry).astype(np.float64), -1, 0))


def _filled(
    plan: _Plan, metal: Metal, window: tuple[tuple[int, int], tuple[int, int]], k: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Titanium, water and filling of a window's sub-pixels, flat."""
    fine, pixel = metal.fine, plan.geometry.pixel_mm
    rows, columns = (np.arange(a * fine, b * fine) / fine + (0.5 / fine - 0.5) for a, b in window)
    index = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)
    middle = (np.array(plan.grid.shape[1:]) - 1) / 2.0
    in_image = (index - (plan.geometry.size - 1) / 2.0) * pixel / plan.grid.spacing_mm[1:] + middle
    points = plan.grid.index_to_world(np.column_stack([np.full(len(index), k), in_image]))
    return metal.fill(points, _EDGE * pixel)


def _per_pixel(values: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """The mean over the sub-pixels of each pixel (rows, columns)."""
    fine = round((len(values) / (shape[0] * shape[1])) ** 0.5)
    return np.asarray(values.reshape(shape[0], fine, shape[1], fine).mean(axis=(1, 3)))


def _window(plan: _Plan, metal: Metal) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns of the reconstruction's grid that a metal can reach."""
    center = plan.grid.world_to_index(metal.center_mm)[1:]
    spacing, shape = plan.grid.spacing_mm[1:], np.array(plan.grid.shape[1:])
    at = (center - (shape - 1) / 2.0) * spacing / plan.geometry.pixel_mm + (plan.geometry.size - 1) / 2.0
    leans = 1.0 + np.tan(np.radians(plan.grid.shear_deg)) if plan.grid.shear_deg > _LEAST_SHEAR_DEG else 1.0
    reach = leans * metal.reach_mm / plan.geometry.pixel_mm
    low = np.clip(np.floor(at - reach), 0, plan.geometry.size - 2).astype(int)
    high = np.clip(np.ceil(at + reach), low + 2, plan.geometry.size).astype(int)
    return (int(low[0]), int(high[0])), (int(low[1]), int(high[1]))
