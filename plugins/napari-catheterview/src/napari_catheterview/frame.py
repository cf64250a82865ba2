"""The reading frame: where the radiologist's planes lie in the patient, and how an image is hung in it.

napari's 2-D view cuts data along its own array axes; it cannot show a rotated or sheared affine. Two ways out: resample
every image to the patient's axes, or show the original voxels in the image's own axes and turn everything else into
them. We do the second, because a radiologist should see the voxels that the scanner made, in the plane in which it
made them, and because a turn of points costs nothing while a resampled volume costs its size again.

So the world of the viewer is the *reading frame*: three right-angled axes in mm, each the image axis that is nearest
to the patient's S, P and L, in this order (z, y, x), pointing towards head, back and left. For an image whose axes
are the patient's (any permutation and any direction of travel, so feet-first and prone too) the reading frame *is*
LPS, its coordinates simply written (z, y, x). Otherwise it is LPS, turned about LPS's own origin. No layer ever
carries an affine other than scale and translation. The one exception to original voxels is a tilted gantry, whose
slices are slid within their own planes (by less than the tilt asks for, never along the slice normal) until they
stack at right angles.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import shift

from catheterview.geometry import FloatArray, Grid, grid_from_axes, read_only, unit
from catheterview.model import OUTSIDE_HU, Image, Voxels

#: Rows are the patient's S, P and L in LPS: the reading axes of an image that lies straight in the patient.
PATIENT_AXES = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])

#: A shear below this many degrees displaces a voxel of a 1 m stack by less than 0.02 mm and is rounding in the header.
SHEAR_IS_ROUNDING_DEG = 1e-3

#: Axes nearer to the patient's than this many voxels at the farthest corner are the patient's.
STRAIGHT_WITHIN_VOXELS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadingFrame:
    """Right-angled axes in which one image is read.

    Parameters
    ----------
    axes : (3, 3) float64
        Rows are unit vectors in LPS: towards the head, the back and the patient's left, as near as the image has them.
    """

    axes: FloatArray = field(default_factory=lambda: PATIENT_AXES)

    def __post_init__(self) -> None:
        object.__setattr__(self, "axes", read_only(self.axes, ndim=2))

    @property
    def straight(self) -> bool:
        """Whether world coordinates are LPS mm written (z, y, x)."""
        return bool(np.array_equal(self.axes, PATIENT_AXES))

    def from_patient(self, points: ArrayLike) -> FloatArray:
        """Take (..., 3) LPS mm to (..., 3) world mm."""
        return np.asarray(np.asarray(points, dtype=np.float64) @ self.axes.T)

    def to_patient(self, world: ArrayLike) -> FloatArray:
        """Take (..., 3) world mm to (..., 3) LPS mm."""
        return np.asarray(np.asarray(world, dtype=np.float64) @ self.axes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HungImage:
    """An image's voxels in the order of the reading axes, and where they lie.

    Parameters
    ----------
    voxels : (Z, Y, X) int16
        A view of the image's own voxels, except for a tilted gantry.
    scale_mm : (3,) float64
        Spacing along z, y and x; positive.
    translate_mm : (3,) float64
        World mm of the centre of the first voxel.
    frame : ReadingFrame
    note : str
        What a reader must know of how it is shown; empty when nothing.
    """

    voxels: Voxels
    scale_mm: FloatArray
    translate_mm: FloatArray
    frame: ReadingFrame
    note: str = ""

    def world(self, index: ArrayLike) -> FloatArray:
        """Take (..., 3) indices of `voxels` to (..., 3) world mm."""
        return np.asarray(np.asarray(index, dtype=np.float64) * self.scale_mm + self.translate_mm)

    def index(self, world: ArrayLike) -> FloatArray:
        """Take (..., 3) world mm to (..., 3) indices of `voxels`, with fractions."""
        return np.asarray((np.asarray(world, dtype=np.float64) - self.translate_mm) / self.scale_mm)


def hang(image: Image) -> HungImage:
    """Lay an image out for reading.

    Raises
    ------
    GeometryError
        When the image has no place in the patient.
    """
    voxels, grid, note = image.voxels, image.placed, ""
    if grid.shear_deg > SHEAR_IS_ROUNDING_DEG:
        note = f"Gantry tilt of {grid.shear_deg:.1f} degrees: slices are slid in their planes to stack upright."
        voxels, grid = _upright(voxels, grid)
    order, signs = _nearest_axes(grid)
    frame = _frame(grid, order, signs)
    if not frame.straight and not note:
        note = "Shown in the planes in which it was acquired, which are oblique to the patient's axes."
    backwards = [-1 if sign < 0 else 1 for sign in signs]
    view = np.transpose(voxels, order)[tuple(slice(None, None, step) for step in backwards)]
    first = np.zeros(3)
    first[list(order)] = [grid.shape[axis] - 1 if sign < 0 else 0 for axis, sign in zip(order, signs, strict=True)]
    return HungImage(
        voxels=view,
        scale_mm=grid.spacing_mm[list(order)],
        translate_mm=frame.from_patient(grid.index_to_world(first)),
        frame=frame,
        note=note,
    )


def reading_frame(image: Image) -> ReadingFrame:
    """Return the frame in which `hang` would hang a placed image."""
    return frame_on(image.placed)


def frame_on(grid: Grid) -> ReadingFrame:
    """Return the frame in which `hang` would hang an image on a grid."""
    if grid.shear_deg > SHEAR_IS_ROUNDING_DEG:
        grid = _upright_grid(grid)[0]
    return _frame(grid, *_nearest_axes(grid))


def is_axial(grid: Grid) -> bool:
    """Say whether a grid's slices are the slices of the axial view."""
    return _nearest_axes(grid)[0][0] == 0


def _nearest_axes(grid: Grid) -> tuple[tuple[int, int, int], FloatArray]:
    """Say for z, y and x which array axis is nearest, and with which sign it points the same way."""
    cosines = PATIENT_AXES @ grid.directions
    order = max(permutations(range(3)), key=lambda axes: float(np.abs(cosines[np.arange(3), axes]).sum()))
    chosen = cosines[np.arange(3), order]
    signs = np.where(chosen < 0, -1.0, 1.0)
    axes = (grid.directions[:, order] * signs).T
    # L, P, S are right-handed, so S, P, L are not; a frame of the other hand would show the patient in a mirror.
    if np.linalg.det(axes) > 0:
        signs[int(np.argmin(np.abs(chosen)))] *= -1.0
    return (order[0], order[1], order[2]), signs


def _frame(grid: Grid, order: tuple[int, int, int], signs: FloatArray) -> ReadingFrame:
    """Build the frame of an upright grid, snapped to the patient's axes where that moves no voxel."""
    raw = (grid.directions[:, list(order)] * signs).T
    left, _, right = np.linalg.svd(raw)
    axes = left @ right
    middle = grid.index_to_world((np.array(grid.shape) - 1) / 2)
    off_mm = np.abs((grid.corners() - middle) @ (axes - PATIENT_AXES).T).max()
    straight = off_mm < STRAIGHT_WITHIN_VOXELS * float(grid.spacing_mm.min())
    return ReadingFrame(axes=PATIENT_AXES if straight else axes)


def _upright_grid(grid: Grid) -> tuple[Grid, FloatArray]:
    """Return the right-angled grid that holds every slice of a sheared one.

    Returns
    -------
    grid : Grid
        The same slice planes and pixel spacing, with room for the slide.
    slide : (K, 2) float64
        Pixels by which each slice moves along rows and columns.
    """
    step, row, column = grid.affine[:3, :3].T
    normal = unit(np.cross(row, column))
    per_slice = np.array([step @ unit(row), step @ unit(column)]) / grid.spacing_mm[1:]
    slide = np.arange(grid.shape[0])[:, None] * per_slice[None, :]
    lowest = np.floor(slide.min(axis=0))
    slide = slide - lowest
    room = np.ceil(slide.max(axis=0)).astype(int)
    upright = grid_from_axes(
        (grid.shape[0], grid.shape[1] + int(room[0]), grid.shape[2] + int(room[1])),
        origin=grid.index_to_world((0.0, lowest[0], lowest[1])),
        axes_mm=np.stack([normal * float(step @ normal), row, column]),
    )
    return upright, slide


def _upright(voxels: Voxels, grid: Grid) -> tuple[Voxels, Grid]:
    """Slide the slices of a sheared volume within their planes until they stack at right angles."""
    upright, slide = _upright_grid(grid)
    out = np.full(upright.shape, OUTSIDE_HU, dtype=np.int16)
    pad = np.array(upright.shape[1:]) - np.array(grid.shape[1:])
    for k, offset in enumerate(slide):
        roomy = np.pad(voxels[k], ((0, int(pad[0])), (0, int(pad[1]))), constant_values=OUTSIDE_HU)
        out[k] = shift(roomy, offset, order=1, mode="constant", cval=OUTSIDE_HU)
    return out, upright
