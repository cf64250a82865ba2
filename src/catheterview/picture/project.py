"""Maximum-intensity projections of a slab along the axes of a volume, held upright and to scale.

A projection runs along the axis of the volume that is nearest to the wanted one, because that is one pass over the
voxels as they lie; the flat result is then turned, unsheared and scaled, so that the picture is upright and isotropic
on any grid. A point of the patient is drawn where the same projection takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.geometry import FloatArray, Grid
from catheterview.model import OUTSIDE_HU, Image
from catheterview.picture.orient import View, axes_of_patient, edges, plane_axes

Box: TypeAlias = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A box of a volume and the axis along which it is made flat.

    Parameters
    ----------
    box : three slices of whole numbers, kji
        Its extent along the view is the slab's thickness, the rest is the field of view.
    through : int
        The axis of the grid that is looked along.
    """

    box: Box
    through: int

    @property
    def kept(self) -> tuple[int, int]:
        """The two axes of the grid that are left, in their order."""
        first, second = (axis for axis in range(3) if axis != self.through)
        return first, second


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projection:
    """How a flat box lies in an upright picture, and where points of the patient lie on it.

    Parameters
    ----------
    grid : Grid
    flat : Flat
    matrix : (2, 3) float64
        Takes (index along the first kept axis, along the second, 1) to (x, y) pixels.
    size : (width, height) in pixels
    letters : tuple of str
        At the left, right, top and bottom edge.
    px_per_mm : float
    """

    view: View
    grid: Grid
    flat: Flat
    matrix: FloatArray
    size: tuple[int, int]
    letters: tuple[str, str, str, str]
    px_per_mm: float

    @property
    def thickness_mm(self) -> float:
        """Thickness of the slab."""
        part = self.flat.box[self.flat.through]
        return float((part.stop - part.start) * self.grid.spacing_mm[self.flat.through])

    def pixels_of(self, points: ArrayLike) -> FloatArray:
        """Take (..., 3) LPS mm to (..., 2) pixels (x, y)."""
        index = self.grid.world_to_index(points)[..., list(self.flat.kept)]
        return np.asarray(index @ self.matrix[:, :2].T + self.matrix[:, 2])

    def upright(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn, unshear and scale what was projected, (A, B) on the kept axes of the box, to the picture (H, W)."""
        start = np.array([self.flat.box[axis].start for axis in self.flat.kept], dtype=np.float64)
        shift = self.matrix[:, 2] + self.matrix[:, :2] @ start
        # OpenCV takes (column, row).
        warp = np.column_stack([self.matrix[:, 1], self.matrix[:, 0], shift])
        turned = cv2.warpAffine(values, warp, self.size, flags=cv2.INTER_LINEAR, borderValue=OUTSIDE_HU)
        return np.asarray(turned, dtype=np.float32)


def box_around(grid: Grid, points: ArrayLike, *, margin_mm: float) -> Box:
    """The part of a grid that reaches `margin_mm` beyond (N, 3) LPS points; never empty."""
    index = grid.world_to_index(points).reshape(-1, 3)
    margin = margin_mm / grid.spacing_mm
    last_of_all = np.array(grid.shape) - 1
    first = np.clip(np.floor(index.min(axis=0) - margin).astype(int), 0, last_of_all)
    last = np.clip(np.ceil(index.max(axis=0) + margin).astype(int), 0, last_of_all)
    k, j, i = (slice(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))
    return k, j, i


def brightest(image: Image, flat: Flat) -> NDArray[np.float32]:
    """The largest value along each line of sight, (A, B) float32 on the kept axes, in the image's unit."""
    return np.asarray(image.voxels[flat.box].max(axis=flat.through), dtype=np.float32)


def projection(grid: Grid, view: View, *, box: Box, frame_px: tuple[int, int]) -> Projection:
    """Lay out the picture of a box from one of the three views.

    Parameters
    ----------
    grid : Grid
    view : View
    box : three slices of whole numbers, kji
    frame_px : (width, height)
        The frame that the picture fills in one direction at least.
    """
    flat = Flat(box=box, through=axes_of_patient(grid)[view.through])
    steps = grid.affine[:3, :3].T
    right, down = plane_axes(steps[flat.kept[0]], steps[flat.kept[1]], view)
    linear = np.array([[steps[axis] @ right for axis in flat.kept], [steps[axis] @ down for axis in flat.kept]])
    ends = [(box[axis].start - 0.5, box[axis].stop - 0.5) for axis in flat.kept]
    corners = np.array([(a, b) for a in ends[0] for b in ends[1]]) @ linear.T
    extent = np.ptp(corners, axis=0)
    px_per_mm = float(min(np.array(frame_px) / extent))
    # The centre of the first pixel lies half a pixel inside the frame.
    shift = -corners.min(axis=0) * px_per_mm - 0.5
    width, height = (max(1, int(np.ceil(n * px_per_mm - 1e-9))) for n in extent)
    return Projection(
        view=view,
        grid=grid,
        flat=flat,
        matrix=np.column_stack([linear * px_per_mm, shift]),
        size=(width, height),
        letters=edges(right, down),
        px_per_mm=px_per_mm,
    )
