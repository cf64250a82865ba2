"""Masks brought onto a grid along the patient's axes, whatever way they lay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import Grid, grid_from_axes
from catheterview.model import Region


def upright(regions: Sequence[Region], steps_mm: tuple[float, float, float]) -> tuple[NDArray[np.bool_], Grid]:
    """Join regions on one grid whose slices run to the head, rows to the back and columns to the left.

    Parameters
    ----------
    regions : sequence of Region, at least one
    steps_mm : (between slices, rows, columns)

    Returns
    -------
    mask : (K, J, I) bool
        Each place holds what the nearest voxel of any region holds; an empty rim is round it.
    grid : Grid
    """
    corners = np.concatenate([region.grid.corners() for region in regions])
    steps = np.array(steps_mm)
    low, high = corners.min(axis=0)[::-1] - 2.0 * steps, corners.max(axis=0)[::-1] + 2.0 * steps
    shape = tuple(int(n) for n in np.ceil((high - low) / steps) + 1)
    grid = grid_from_axes((shape[0], shape[1], shape[2]), origin=low[::-1], axes_mm=np.diag(steps)[:, ::-1])
    out = np.zeros(grid.shape, dtype=bool)
    for region in regions:
        _draw(out, grid, region)
    return out, grid


def _draw(out: NDArray[np.bool_], grid: Grid, region: Region) -> None:
    """Add a region to the part of the grid that it can reach."""
    reach = grid.world_to_index(region.grid.corners())
    first = np.maximum(np.floor(reach.min(axis=0)).astype(int) - 1, 0)
    last = np.minimum(np.ceil(reach.max(axis=0)).astype(int) + 2, grid.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
    index = np.stack(np.meshgrid(*(np.arange(part.start, part.stop) for part in box), indexing="ij"), axis=-1)
    out[box] |= region.contains(grid.index_to_world(index))
