"""How deep a point lies under the skin, and which way is out, from nothing but a mask of the body."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, Grid, grid_from_axes, unit
from catheterview.model import Region

_STEP_MM = 3.0
_MARGIN_MM = 45.0


class Skin:
    """The body's surface on a 3 mm lattice aligned with the patient.

    Parameters
    ----------
    grid : Grid
        Lattice aligned with LPS.
    inside : (K, J, I) bool
        The body on that lattice.
    """

    def __init__(self, grid: Grid, inside: NDArray[np.bool_]) -> None:
        if not inside.any():
            raise UnsuitableError("no body was found to put a device into")
        distance = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
        self._depth = ndimage.gaussian_filter(distance * _STEP_MM, 1.2, mode="nearest").astype(np.float32)
        self._grid = grid
        middle = grid.index_to_world(np.argwhere(inside).mean(axis=0))
        self.middle_mm: FloatArray = middle

    @property
    def heights_mm(self) -> tuple[float, float]:
        """Lowest and highest z of the lattice."""
        return float(self._grid.affine[2, 3]), float(self._grid.corners()[:, 2].max())

    def depth(self, points: FloatArray) -> FloatArray:
        """Depth in mm of (..., 3) LPS mm points under the skin, negative outside."""
        index = self._grid.world_to_index(points)
        flat = ndimage.map_coordinates(self._depth, index.reshape(-1, 3).T, order=1, mode="nearest")
        return np.asarray(flat, dtype=np.float64).reshape(index.shape[:-1])

    def outward(self, points: FloatArray) -> FloatArray:
        """Unit vectors (..., 3) that point out of the body."""
        steps = np.eye(3) * 4.0
        slope = [self.depth(points + step) - self.depth(points - step) for step in steps]
        return -unit(np.stack(slope, axis=-1))

    def at(self, azimuth: FloatArray, z: FloatArray, depth_mm: FloatArray) -> FloatArray:
        """Points (N, 3) at given depths under the skin.

        Parameters
        ----------
        azimuth : (N,) radians around the body's middle; 0 is the front, positive towards the patient's left
        z, depth_mm : (N,) mm

        Notes
        -----
        The outermost crossing of the ray from the middle of the body is taken.
        """
        along = np.arange(0.0, 320.0, 1.0)
        way = np.stack([np.sin(azimuth), -np.cos(azimuth), np.zeros_like(azimuth)], axis=1)
        start = np.stack([np.full_like(z, self.middle_mm[0]), np.full_like(z, self.middle_mm[1]), z], axis=1)
        below = self.depth(start[:, None] + way[:, None] * along[None, :, None]) - depth_mm[:, None]
        last = len(along) - 1 - np.argmax(below[:, ::-1] > 0.0, axis=1)
        last = np.clip(last, 0, len(along) - 2)
        row = np.arange(len(last))
        here, after = below[row, last], below[row, last + 1]
        part = np.clip(here / np.where(here - after > 1e-6, here - after, 1.0), 0.0, 1.0)
        return np.asarray(start + way * (along[last] + part)[:, None])

    def azimuth(self, points: FloatArray) -> FloatArray:
        """Azimuth in radians of (N, 3) points; see `at`."""
        offset = points - self.middle_mm
        return np.asarray(np.arctan2(offset[..., 0], -offset[..., 1]))


def skin_of(body: Region, *, source: Callable[[FloatArray], FloatArray] | None = None) -> Skin:
    """Read the surface off a mask of the body.

    Parameters
    ----------
    body : Region
        On any grid.
    source : callable, optional
        Takes (N, 3) LPS mm points to where their tissue was in `body`, for a body that was deformed since.

    Returns
    -------
    Skin
    """
    grid = _lattice(body.grid)
    points = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1).reshape(-1, 3))
    mask = sample_mask(body, source(points) if source else points).reshape(grid.shape)
    filled = np.stack([ndimage.binary_fill_holes(plane) for plane in mask])
    return Skin(grid, filled)


def sample_mask(body: Region, points: FloatArray) -> NDArray[np.bool_]:
    """Say for (N, 3) LPS mm points whether the nearest voxel of a region is set; heights beyond it are its ends'."""
    shape = np.array(body.grid.shape)
    index = np.round(body.grid.world_to_index(points)).astype(int)
    slices = int(np.argmax(np.abs(body.grid.directions[2])))
    index[:, slices] = np.clip(index[:, slices], 0, shape[slices] - 1)
    known = ((index >= 0) & (index < shape)).all(axis=1)
    out = np.zeros(len(points), dtype=bool)
    out[known] = body.mask[tuple(index[known].T)]
    return out


def _lattice(box: Grid) -> Grid:
    """A lattice aligned with LPS that holds a box, with a margin in x and y, none in z."""
    low, high = box.corners().min(axis=0), box.corners().max(axis=0)
    margin = np.array([_MARGIN_MM, _MARGIN_MM, 0.0])
    low, high = low - margin, high + margin
    size = np.floor((high - low) / _STEP_MM).astype(int) + 1
    return grid_from_axes((int(size[2]), int(size[1]), int(size[0])), origin=low, axes_mm=np.eye(3)[::-1] * _STEP_MM)
