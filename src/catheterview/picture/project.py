"""Maximum-intensity projections of a slab along the axes of a volume, held upright and to scale.

A projection runs along the axis of the volume that is nearest to the wanted one, because that is one pass over the
voxels as they lie; the flat result is then turned, unsheared and scaled, so that the picture is upright and isotropic
on any grid. A point of the patient is drawn where the same projection takes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.geometry import FloatArray, Grid
from catheterview.model import OUTSIDE_HU, Image
from catheterview.picture.orient import View, axes_of_patient, edges, plane_axes

Box = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """A flat picture of a slab, and where points of the patient lie on it.

    Parameters
    ----------
    values : (H, W) float32, the image's unit
    grid : Grid
    kept : tuple of int
        The two axes of the grid that are left, rows of the unturned projection first.
    matrix : (2, 3) float64
        Takes (index along kept[0], index along kept[1], 1) to (x, y) pixels.
    letters : tuple of str
        At the left, right, top and bottom edge.
    px_per_mm : float
    thickness_mm : float
        Of the slab.
    """

    view: View
    values: NDArray[np.float32]
    grid: Grid
    kept: tuple[int, int]
    matrix: FloatArray
    letters: tuple[str, str, str, str]
    px_per_mm: float
    thickness_mm: float

    def pixels_of(self, points: ArrayLike) -> FloatArray:
        """Take (..., 3) LPS mm to (..., 2) pixels (x, y)."""
        index = self.grid.world_to_index(points)[..., list(self.kept)]
        return np.asarray(index @ self.matrix[:, :2].T + self.matrix[:, 2])


def box_around(grid: Grid, points: ArrayLike, *, margin_mm: float) -> Box:
    """The part of a grid that reaches `margin_mm` beyond (N, 3) LPS points; never empty."""
    index = grid.world_to_index(points).reshape(-1, 3)
    margin = margin_mm / grid.spacing_mm
    first = np.floor(index.min(axis=0) - margin).astype(int)
    last = np.ceil(index.max(axis=0) + margin).astype(int)
    ends = [
        (int(np.clip(a, 0, n - 1)), int(np.clip(b, 0, n - 1))) for a, b, n in zip(first, last, grid.shape, strict=True)
    ]
    k, j, i = (slice(a, b + 1) for a, b in ends)
    return k, j, i


def project(image: Image, view: View, *, box: Box, longest_px: int) -> Projection:
    """Project the brightest voxel of a box.

    Parameters
    ----------
    image : Image
        With a place in the patient frame.
    view : View
    box : three slices of whole numbers, kji
        The slab: its extent along the view is its thickness, the rest is the field of view.
    longest_px : int
        Length of the longer side of the picture.
    """
    grid = image.placed
    through = axes_of_patient(grid)[view.through]
    flat = image.voxels[box].max(axis=through).astype(np.float32)
    kept = tuple(axis for axis in range(3) if axis != through)
    steps = grid.affine[:3, :3].T
    right, down = plane_axes(steps[kept[0]], steps[kept[1]], view)
    linear = np.array([[steps[axis] @ right for axis in kept], [steps[axis] @ down for axis in kept]])
    matrix, px_per_mm, size = _fitted(linear, flat.shape, longest_px)
    # OpenCV takes (column, row).
    warp = np.stack([matrix[:, 1], matrix[:, 0], matrix[:, 2]], axis=1)
    start = np.array([box[axis].start for axis in kept], dtype=np.float64)
    matrix = np.column_stack([matrix[:, :2], matrix[:, 2] - matrix[:, :2] @ start])
    return Projection(
        view=view,
        values=cv2.warpAffine(flat, warp, size, flags=cv2.INTER_LINEAR, borderValue=OUTSIDE_HU),
        grid=grid,
        kept=(kept[0], kept[1]),
        matrix=matrix,
        letters=edges(right, down),
        px_per_mm=px_per_mm,
        thickness_mm=float((box[through].stop - box[through].start) * grid.spacing_mm[through]),
    )


def _fitted(linear: FloatArray, shape: tuple[int, ...], longest_px: int) -> tuple[FloatArray, float, tuple[int, int]]:
    """Scale and shift a (2, 2) map from indices to mm so that its picture fills a frame.

    Returns
    -------
    matrix : (2, 3), to pixels
    px_per_mm : float
    size : (width, height)
    """
    rows, columns = shape[0] - 0.5, shape[1] - 0.5
    corners = np.array([(a, b) for a in (-0.5, rows) for b in (-0.5, columns)]) @ linear.T
    least, extent = corners.min(axis=0), np.ptp(corners, axis=0)
    px_per_mm = longest_px / float(extent.max())
    # The centre of the first pixel lies half a pixel inside the frame.
    matrix = np.column_stack([linear * px_per_mm, -least * px_per_mm - 0.5])
    width, height = (max(1, int(np.ceil(n * px_per_mm))) for n in extent)
    return matrix, px_per_mm, (width, height)
