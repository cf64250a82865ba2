"""A coarse view of a CT with axial levels: slices towards the head, rows towards the back, columns to the left."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray, Grid
from catheterview.limits import AnatomyLimits
from catheterview.model import OUTSIDE_HU, Image, Voxels

#: Patient axes (x, y, z) of the view's own axes (z, y, x).
_HEADWARD_FIRST = (2, 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AxialView:
    """Coarse voxels whose axes run, within a few degrees, to the head, to the back and to the left.

    Parameters
    ----------
    voxels : (Z, Y, X) int16
        HU.
    grid : Grid
        LPS mm; exact, so that what is measured in the view needs no correction.
    """

    voxels: Voxels
    grid: Grid

    @property
    def pixel_mm(self) -> float:
        """Mean distance in mm between neighbours within a level."""
        return float(self.grid.spacing_mm[1:].mean())

    @property
    def level_mm(self) -> float:
        """Distance in mm between levels."""
        return float(self.grid.spacing_mm[0])


def axial_view(image: Image, limits: AnatomyLimits) -> AxialView:
    """Make the coarse view of an image, whatever way its array lies.

    Parameters
    ----------
    image : Image
        In the patient frame; any orientation, sheared or not.
    limits : AnatomyLimits

    Returns
    -------
    AxialView
        Averaged within slices, every n-th slice taken. A stack that lies along the patient's axes is only turned and
        flipped; an oblique or sheared one is resampled.

    Raises
    ------
    GeometryError
        When the image has no place in the patient frame.
    """
    order = _axis_order(image.placed)
    wanted = np.array([limits.level_step_mm, limits.pixel_mm, limits.pixel_mm])
    per_axis = wanted[np.argsort(order)]
    factors = np.maximum(1, np.floor(per_axis / image.placed.spacing_mm + 1e-6)).astype(int)
    view = _turned(_coarse(image, factors), order)
    return view if _worst_angle_deg(view.grid) <= limits.oblique_deg else _straightened(view, wanted)


def _axis_order(grid: Grid) -> tuple[int, ...]:
    """Which array axis runs most along z, y and x of the patient."""
    along = np.abs(grid.directions)
    return max(permutations(range(3)), key=lambda p: sum(along[w, a] for w, a in zip(_HEADWARD_FIRST, p, strict=True)))


def _coarse(image: Image, factors: NDArray[np.int_]) -> AxialView:
    """Average `factors` rows and columns into one and take every n-th slice."""
    step, rows, columns = (int(min(f, n)) for f, n in zip(factors, image.voxels.shape, strict=True))
    chosen = image.voxels[(image.voxels.shape[0] - 1) % step // 2 :: step]
    height, width = chosen.shape[1] // rows, chosen.shape[2] // columns
    out = np.empty((len(chosen), height, width), np.int16)
    for n, plane in enumerate(chosen):
        part = plane[: height * rows, : width * columns]
        cv2.resize(part, (width, height), dst=out[n], interpolation=cv2.INTER_AREA)
    affine = image.placed.affine.copy()
    first = ((image.voxels.shape[0] - 1) % step // 2, (rows - 1) / 2, (columns - 1) / 2)
    affine[:3, 3] = image.placed.index_to_world(first)
    affine[:3, :3] *= (step, rows, columns)
    return AxialView(voxels=out, grid=Grid(shape=out.shape, affine=affine))


def _turned(view: AxialView, order: tuple[int, ...]) -> AxialView:
    """Reorder and flip the array's axes so that they run to the head, to the back and to the left."""
    axes = view.grid.affine[:3, list(order)]
    voxels = view.voxels.transpose(order)
    signs = np.array([axes[world, axis] < 0 for axis, world in enumerate(_HEADWARD_FIRST)])
    last = np.array(voxels.shape) - 1
    affine = np.eye(4)
    affine[:3, :3] = axes * np.where(signs, -1.0, 1.0)
    affine[:3, 3] = view.grid.affine[:3, 3] + axes @ (last * signs)
    flipped = np.flip(voxels, axis=tuple(np.flatnonzero(signs)))
    return AxialView(voxels=np.ascontiguousarray(flipped), grid=Grid(shape=flipped.shape, affine=affine))


def _worst_angle_deg(grid: Grid) -> float:
    """Largest angle between one of the view's axes and the patient's."""
    cosines = [grid.directions[world, axis] for axis, world in enumerate(_HEADWARD_FIRST)]
    return float(np.degrees(np.arccos(np.clip(min(cosines), -1.0, 1.0))))


def _straightened(view: AxialView, spacing: FloatArray) -> AxialView:
    """Resample an oblique or sheared view onto levels across the patient's own axis."""
    corners = view.grid.corners()[:, ::-1]
    low, high = corners.min(axis=0), corners.max(axis=0)
    steps = np.maximum(spacing, view.grid.spacing_mm * [1.0, 1.0, 1.0])
    shape = tuple(int(n) for n in np.floor((high - low) / steps) + 1)
    affine = np.eye(4)
    affine[:3, :3] = np.diag(steps)[:, ::-1].T
    affine[:3, 3] = low[::-1]
    grid = Grid(shape=(shape[0], shape[1], shape[2]), affine=affine)
    start = view.grid.world_to_index(grid.index_to_world((0, 0, 0)))
    matrix = np.stack([view.grid.world_to_index(grid.index_to_world(row)) - start for row in np.eye(3)], axis=1)
    voxels = ndimage.affine_transform(view.voxels, matrix, start, grid.shape, order=1, cval=OUTSIDE_HU)
    return AxialView(voxels=np.asarray(voxels, np.int16), grid=grid)
