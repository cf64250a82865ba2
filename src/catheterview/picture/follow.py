"""A thin slab that follows the catheter in depth, so that bone before and behind it does not hide it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.model import Image
from catheterview.picture.project import Flat


def followed(image: Image, flat: Flat, line: FloatArray, *, half_mm: float) -> NDArray[np.float32]:
    """Project only what lies within `half_mm` of a line's own depth.

    Parameters
    ----------
    image : Image
    flat : Flat
        The box, and the axis that it is projected along.
    line : (N, 3) LPS mm
        Where it passes one place of the picture twice, the nearer of the two passes in the picture counts.

    Returns
    -------
    (A, B) float32, the image's unit, on the same lattice as the whole projection of the box
    """
    voxels = image.voxels[flat.box]
    depth = _depth_of_nearest(image, flat, line)
    reach = max(1, round(half_mm / float(image.placed.spacing_mm[flat.through])))
    brightest = np.full(depth.shape, np.iinfo(np.int16).min, dtype=np.int16)
    for offset in range(-reach, reach + 1):
        layer = np.clip(depth + offset, 0, voxels.shape[flat.through] - 1)
        taken = np.take_along_axis(voxels, np.expand_dims(layer, flat.through), axis=flat.through)
        np.maximum(brightest, taken.squeeze(flat.through), out=brightest)
    return brightest.astype(np.float32)


def _depth_of_nearest(image: Image, flat: Flat, line: FloatArray) -> NDArray[np.intp]:
    """For every place of the flat lattice the depth, in voxels of the box, of the line's nearest place."""
    grid = image.placed
    dense = resample_polyline(line, step=0.5 * float(grid.spacing_mm.min()))
    start = np.array([part.start for part in flat.box])
    index = np.round(grid.world_to_index(dense) - start).astype(np.intp)
    shape = tuple(flat.box[axis].stop - flat.box[axis].start for axis in flat.kept)
    rows, columns = (np.clip(index[:, axis], 0, size - 1) for axis, size in zip(flat.kept, shape, strict=True))
    depths = np.zeros(shape, dtype=np.intp)
    depths[rows, columns] = index[:, flat.through]
    away = np.ones(shape, dtype=np.uint8)
    away[rows, columns] = 0
    _, nearest = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    by_label = np.zeros(int(nearest.max()) + 1, dtype=np.intp)
    by_label[nearest[rows, columns]] = depths[rows, columns]
    return np.asarray(by_label[nearest])
