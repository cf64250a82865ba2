"""The patient at a glance: a mask of coarse cells, enough to say what is inside, and where the middle is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray, Grid
from catheterview.limits import DeviceLimits
from catheterview.model import Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Torso:
    """Coarse cells of the patient, lungs and gas filled in, table and cables left out.

    Parameters
    ----------
    mask : (K, J, I) bool
    grid : Grid
        LPS mm.
    """

    mask: NDArray[np.bool_]
    grid: Grid

    def holds(self, points: FloatArray) -> NDArray[np.bool_]:
        """Say for (N, 3) LPS mm points whether each is in the patient, to a cell."""
        index = np.rint(self.grid.world_to_index(points)).astype(int)
        return np.asarray(self.mask[tuple(np.clip(index, 0, np.array(self.mask.shape) - 1).T)])

    def near(self, points: FloatArray) -> NDArray[np.bool_]:
        """Say for (N, 3) LPS mm points whether each is in the patient or in the cell next to it."""
        off = np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)]) @ (self.grid.affine[:3, :3].T)
        return np.asarray(np.any([self.holds(points + step) for step in off], axis=0))

    def near_level(self, z_mm: float, half_mm: float) -> FloatArray:
        """(N, 3) LPS mm of the cells within `half_mm` of a level; of all cells when none is."""
        z = self.grid.affine[2]
        k, j, i = np.ogrid[: self.mask.shape[0], : self.mask.shape[1], : self.mask.shape[2]]
        near = self.mask & (np.abs(z[0] * k + z[1] * j + z[2] * i + z[3] - z_mm) <= half_mm)
        return self.grid.index_to_world(np.argwhere(near if near.any() else self.mask))


def find_torso(image: Image, limits: DeviceLimits) -> Torso:
    """Find the patient in every n-th voxel of an image.

    Parameters
    ----------
    image : Image
    limits : DeviceLimits

    Returns
    -------
    Torso
    """
    steps = np.maximum(1, np.round(limits.body_cell_mm / image.placed.spacing_mm)).astype(int)
    chosen = image.voxels[:: steps[0], :: steps[1], :: steps[2]]
    affine = image.placed.affine.copy()
    affine[:3, :3] *= steps
    along = int(np.argmax(np.abs(image.placed.directions[2])))
    planes = np.moveaxis(chosen > limits.body_hu, along, 0)
    filled = np.moveaxis(np.stack([ndimage.binary_fill_holes(plane) for plane in planes]), 0, along)
    return Torso(mask=_largest(_opened(filled)), grid=Grid(shape=chosen.shape, affine=affine))


def _opened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Remove what is thinner than three cells; the image's edge counts as more of the same."""
    return np.asarray(ndimage.binary_dilation(ndimage.binary_erosion(mask, border_value=1)))


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep the largest connected part."""
    labels, count = ndimage.label(mask)
    return np.asarray(labels == np.argmax(np.bincount(labels.ravel())[1:]) + 1) if count else mask
