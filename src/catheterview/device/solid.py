"""The filled body of a metal device in a small cube round it, whether it is solid or a shell, without its catheter."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray, Grid, grid_from_axes
from catheterview.limits import DeviceLimits
from catheterview.model import OUTSIDE_HU, Image

Mask = NDArray[np.bool_]

#: One of each pair of opposite directions among the 26 neighbours.
_LINES = tuple((k, j, i) for k, j, i in product((-1, 0, 1), repeat=3) if (k, j, i) > (0, 0, 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solid:
    """A device's body.

    Parameters
    ----------
    points : (N, 3) float64
        LPS mm of a cube of sample points that lie inside the device.
    cube : (M, 3) float64
        LPS mm of all sample points that lie in the image.
    inside : (M,) bool
        Which of `cube` lie inside the device.
    seen_by : Grid
        Of the image: what lies outside of it was not seen.
    """

    points: FloatArray
    cube: FloatArray
    inside: Mask
    seen_by: Grid


def solid_near(image: Image, middle: FloatArray, threshold_hu: float, limits: DeviceLimits) -> Solid | None:
    """Fill and clean the metal round a point.

    Parameters
    ----------
    image : Image
    middle : (3,) LPS mm
    threshold_hu : float
    limits : DeviceLimits

    Returns
    -------
    Solid or None
        None when nothing there is as thick as a device.
    """
    grid = _cube(middle, limits)
    world = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    values = sample_hu(image, world)
    filled = _filled(values >= threshold_hu, limits.sandwiched)
    opened = ndimage.binary_opening(filled, _ball(limits.opening_mm / limits.cube_step_mm))
    labels, count = ndimage.label(opened)
    if not count:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    inside = labels == sizes.argmax() + 1
    seen = image.placed.contains(world)
    return Solid(points=world[inside & seen], cube=world[seen], inside=inside[seen], seen_by=image.placed)


def sample_hu(image: Image, points: FloatArray) -> FloatArray:
    """HU at (..., 3) LPS mm, linear between voxels; `OUTSIDE_HU` outside the image."""
    where = np.moveaxis(image.placed.world_to_index(points), -1, 0)
    return np.asarray(ndimage.map_coordinates(image.voxels, where, np.float64, order=1, cval=OUTSIDE_HU))


def _cube(middle: FloatArray, limits: DeviceLimits) -> Grid:
    """The sample points' grid, along the patient's axes."""
    half = round(limits.cube_half_mm / limits.cube_step_mm)
    size = 2 * half + 1
    axes = np.eye(3)[::-1] * limits.cube_step_mm
    return grid_from_axes((size, size, size), origin=middle - half * limits.cube_step_mm, axes_mm=axes)


def _ball(radius: float) -> Mask:
    """Ball of `radius` voxels."""
    reach = int(radius)
    offsets = np.indices((2 * reach + 1,) * 3) - reach
    return np.asarray((offsets**2).sum(axis=0) <= radius**2)


def _filled(metal: Mask, share: float) -> Mask:
    """Add what lies between metal on at least `share` of the 13 lines through it.

    The metal is thickened first, as a diagonal line slips through a wall one sample thick, and thinned again after.
    """
    thick = ndimage.binary_dilation(metal)
    between = np.zeros(metal.shape, np.uint8)
    for step in _LINES:
        between += _met_before(thick, step) & _met_before(thick, (-step[0], -step[1], -step[2]))
    return np.asarray(ndimage.binary_erosion(thick | (between >= share * len(_LINES)), border_value=1))


def _met_before(metal: Mask, step: tuple[int, int, int]) -> Mask:
    """Whether a walk along `step` has met metal by the time it comes to each voxel."""
    axis = int(np.argmax(np.abs(step)))
    planes = np.moveaxis(metal, axis, 0)
    sideways = [s for a, s in enumerate(step) if a != axis]
    order = range(len(planes)) if step[axis] > 0 else range(len(planes) - 1, -1, -1)
    out = np.zeros_like(planes)
    last = np.zeros(planes.shape[1:], bool)
    for n in order:
        last = _shifted(last, sideways[0], sideways[1]) | planes[n]
        out[n] = last
    return np.moveaxis(out, 0, axis)


def _shifted(plane: Mask, rows: int, columns: int) -> Mask:
    """Move a plane by one row and column at most; False comes in."""
    out = np.zeros_like(plane)
    height, width = plane.shape
    out[max(rows, 0) : height + min(rows, 0), max(columns, 0) : width + min(columns, 0)] = plane[
        max(-rows, 0) : height + min(-rows, 0), max(-columns, 0) : width + min(-columns, 0)
    ]
    return out
