"""Voxels as bright as metal, kept sparse, in groups that hang together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray
from catheterview.limits import DeviceLimits
from catheterview.model import Image

Integers = NDArray[np.int_]


def metal_threshold_hu(image: Image, limits: DeviceLimits) -> float:
    """HU from which a voxel counts as metal, below the image's clipping value where it has one."""
    if image.saturated_hu is None:
        return limits.metal_hu
    return min(limits.metal_hu, image.saturated_hu - limits.below_clip_hu)


def bright_voxels(image: Image, threshold_hu: float) -> tuple[Integers, NDArray[np.int16]]:
    """Collect the voxels at or above a threshold; slices without any are looked at once.

    Parameters
    ----------
    image : Image
    threshold_hu : float

    Returns
    -------
    index_kji : (N, 3) int
    hu : (N,) int16
    """
    width = image.voxels.shape[2]
    places, values = [], []
    for k, plane in enumerate(image.voxels):
        if plane.max() < threshold_hu:
            continue
        flat = np.flatnonzero(plane >= threshold_hu)
        places.append(np.column_stack([np.full(len(flat), k), flat // width, flat % width]))
        values.append(plane.ravel()[flat])
    if not places:
        return np.zeros((0, 3), int), np.zeros(0, np.int16)
    return np.concatenate(places), np.concatenate(values)


def groups(points: FloatArray, cell_mm: float) -> Iterator[Integers]:
    """Yield the indices of points that hang together, largest group first.

    Parameters
    ----------
    points : (N, 3) LPS mm
    cell_mm : float
        Points in the same or touching cubes of this size hang together.
    """
    if not len(points):
        return
    cells = np.floor((points - points.min(axis=0)) / cell_mm).astype(int)
    filled = np.zeros(cells.max(axis=0) + 1, bool)
    filled[tuple(cells.T)] = True
    labels, _ = ndimage.label(filled, np.ones((3, 3, 3), int))
    of_point = labels[tuple(cells.T)]
    order = np.argsort(of_point, kind="stable")
    ends = np.flatnonzero(np.diff(of_point[order])) + 1
    yield from sorted(np.split(order, ends), key=len, reverse=True)


def densest_place(points: FloatArray, size_mm: float) -> FloatArray:
    """(3,) middle of the points in the cube of `size_mm` that holds most of them: a pump, not its catheter."""
    cell = size_mm / 7
    cells = np.floor((points - points.min(axis=0)) / cell).astype(int)
    counts = np.zeros(cells.max(axis=0) + 1, np.float32)
    np.add.at(counts, tuple(cells.T), 1.0)
    crowd = ndimage.uniform_filter(counts, 7, mode="constant")
    best = np.array(np.unravel_index(int(crowd.argmax()), crowd.shape))
    near = (np.abs(cells - best) <= 3).all(axis=1)
    return np.asarray(points[near].mean(axis=0))
