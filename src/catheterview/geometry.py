"""Where things are: grids, the patient frame, and polylines in it.

World is DICOM's patient frame, LPS, in millimetres, float64. An index is ``kji`` = (slice, row, column); an integer is
the centre of a voxel. A grid's affine takes kji to xyz and may be sheared (gantry tilt). ``docs/coordinates.md`` has a
worked example.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.errors import FrameMismatchError, GeometryError

FloatArray: TypeAlias = NDArray[np.float64]


class Frame(StrEnum):
    """What a coordinate means; a field of everything that has one, never inferred."""

    PATIENT = "PATIENT"  #: 3-D, LPS, mm
    CALIBRATED = "CALIBRATED"  #: radiograph, mm at the depth of a known object
    DETECTOR = "DETECTOR"  #: radiograph, mm on the detector, magnified
    PIXEL = "PIXEL"  #: no millimetre known


def require_same_frame(first: Frame, second: Frame) -> None:
    """Refuse to measure across two frames.

    Raises
    ------
    FrameMismatchError
        When the frames differ.
    """
    if first is not second:
        raise FrameMismatchError(f"cannot measure between frame {first} and frame {second}")


def read_only(values: ArrayLike, *, ndim: int | None = None) -> FloatArray:
    """Return a float64 copy that cannot be written to.

    Parameters
    ----------
    values : array_like, any shape
    ndim : int, optional
        The number of dimensions that it must have.

    Raises
    ------
    ValueError
        When it has another number of dimensions, or a value that is not finite.
    """
    array = np.array(values, dtype=np.float64)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"expected {ndim} dimensions, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("coordinates must be finite")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """A regular, perhaps sheared, lattice of voxels in the patient frame.

    Parameters
    ----------
    shape : (slices, rows, columns)
    affine : (4, 4) float64
        Takes (k, j, i, 1) to (x, y, z, 1), LPS mm.
    """

    shape: tuple[int, int, int]
    affine: FloatArray
    _inverse: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise GeometryError(f"a grid needs three positive dimensions, got {self.shape}")
        affine = read_only(self.affine, ndim=2)
        if affine.shape != (4, 4) or not np.array_equal(affine[3], (0.0, 0.0, 0.0, 1.0)):
            raise GeometryError("a grid's affine is 4 x 4 with last row (0, 0, 0, 1)")
        if abs(np.linalg.det(affine[:3, :3])) < 1e-9:
            raise GeometryError("a grid's axes are not independent (zero spacing, or two equal axes)")
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "_inverse", read_only(np.linalg.inv(affine)))

    @property
    def spacing_mm(self) -> FloatArray:
        """(3,) distance in mm between neighbouring voxel centres along k, j and i."""
        return np.asarray(np.linalg.norm(self.affine[:3, :3], axis=0))

    @property
    def directions(self) -> FloatArray:
        """(3, 3) unit vectors (columns) of the k, j and i axes in LPS."""
        return np.asarray(self.affine[:3, :3] / self.spacing_mm)

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel in cubic mm; the sheared parallelepiped's where the grid is sheared."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    @property
    def shear_deg(self) -> float:
        """Angle in degrees between the slice axis and the slices' normal; 0 unless the gantry was tilted."""
        along = self.directions
        normal = np.cross(along[:, 1], along[:, 2])
        cosine = abs(float(normal @ along[:, 0])) / float(np.linalg.norm(normal))
        return float(np.degrees(np.arccos(min(1.0, cosine))))

    def index_to_world(self, index_kji: ArrayLike) -> FloatArray:
        """Take (..., 3) kji indices, fractions allowed, to (..., 3) LPS mm."""
        index = np.asarray(index_kji, dtype=np.float64)
        return np.asarray(index @ self.affine[:3, :3].T + self.affine[:3, 3])

    def world_to_index(self, points: ArrayLike) -> FloatArray:
        """Take (..., 3) LPS mm to (..., 3) kji indices with fractions."""
        world = np.asarray(points, dtype=np.float64)
        return np.asarray(world @ self._inverse[:3, :3].T + self._inverse[:3, 3])

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Say for (..., 3) LPS mm points whether each lies within the outermost voxel centres."""
        index = self.world_to_index(points)
        return np.asarray(((index >= 0) & (index <= np.array(self.shape) - 1)).all(axis=-1))

    def cropped(self, first_kji: ArrayLike, shape: tuple[int, int, int]) -> Grid:
        """Return the grid of a sub-box that starts at integer index `first_kji`."""
        affine = self.affine.copy()
        affine[:3, 3] = self.index_to_world(first_kji)
        return Grid(shape=shape, affine=affine)

    def corners(self) -> FloatArray:
        """(8, 3) LPS mm of the outermost voxel centres."""
        extent = np.array(self.shape, dtype=np.float64) - 1
        unit = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)], dtype=np.float64)
        return self.index_to_world(unit * extent)


def grid_from_axes(shape: tuple[int, int, int], *, origin: ArrayLike, axes_mm: ArrayLike) -> Grid:
    """Build a grid from its first voxel and its three step vectors.

    Parameters
    ----------
    shape : (slices, rows, columns)
    origin : (3,) LPS mm, centre of voxel (0, 0, 0)
    axes_mm : (3, 3)
        Row 0 is the step in mm from slice to slice, row 1 from row to row, row 2 from column to column.
    """
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(axes_mm, dtype=np.float64).T
    affine[:3, 3] = np.asarray(origin, dtype=np.float64)
    return Grid(shape=shape, affine=affine)


def unit(vectors: ArrayLike) -> FloatArray:
    """Scale (..., 3) vectors to length 1; a zero vector stays zero."""
    array = np.asarray(vectors, dtype=np.float64)
    length = np.sqrt((array * array).sum(axis=-1, keepdims=True))
    return np.asarray(np.divide(array, length, out=np.zeros(array.shape), where=length > 0))


def angle_deg(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Angle in degrees, 0 to 180, between (..., 3) vectors."""
    cosine = (unit(first) * unit(second)).sum(axis=-1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def arc_length(points: ArrayLike) -> FloatArray:
    """Distance along a polyline from its first point.

    Parameters
    ----------
    points : (N, D) float64, coordinates of one frame; N >= 1

    Returns
    -------
    (N,) float64, the frame's unit; first entry 0, never decreasing
    """
    array = np.asarray(points, dtype=np.float64)
    steps = np.linalg.norm(np.diff(array, axis=0), axis=1)
    return np.asarray(np.concatenate([[0.0], np.cumsum(steps)]))


def resample_polyline(points: ArrayLike, *, step: float) -> FloatArray:
    """Place points at equal arc length along a polyline, keeping both ends.

    Parameters
    ----------
    points : (N, D) float64; N >= 1
    step : float
        Wanted distance in the frame's unit; the nearest that divides the length is used.

    Returns
    -------
    (M, D) float64
    """
    array = np.asarray(points, dtype=np.float64)
    along = arc_length(array)
    keep = np.concatenate([[True], np.diff(along) > 0])
    array, along = np.asarray(array[keep]), np.asarray(along[keep])
    if len(array) < 2:
        return np.array(array)
    count = max(1, round(float(along[-1]) / step))
    at = np.linspace(0.0, along[-1], count + 1)
    return np.asarray(np.stack([np.interp(at, along, column) for column in array.T], axis=1))


def tangents(points: ArrayLike) -> FloatArray:
    """Unit tangents (N, D) of a polyline (N, D), by central differences; N >= 2."""
    return unit(np.gradient(np.asarray(points, dtype=np.float64), axis=0))


def moving_frame(points: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Two unit normals at each point of a 3-D polyline that turn as little as can be.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm; N >= 2

    Returns
    -------
    first, second : (N, 3) float64
        With the tangent an orthonormal, right-handed triad.

    Notes
    -----
    Double reflection, Wang et al., Computation of rotation minimizing frames, ACM TOG 2008, 27(1).
    """
    array = np.asarray(points, dtype=np.float64)
    along = tangents(array)
    start = np.eye(3)[int(np.argmin(np.abs(along[0])))]
    first = np.empty_like(array)
    first[0] = unit(start - along[0] * (start @ along[0]))
    for n in range(len(array) - 1):
        first[n + 1] = _reflected_twice(first[n], array[n + 1] - array[n], (along[n], along[n + 1]))
    return first, np.cross(along, first)


def _reflected_twice(normal: FloatArray, step: FloatArray, along: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Carry a normal over one step of a curve, from tangent `along[0]` to `along[1]`."""
    length2 = float(step @ step)
    if length2 == 0.0:
        return normal
    left = normal - step * (2.0 / length2) * float(step @ normal)
    tangent = along[0] - step * (2.0 / length2) * float(step @ along[0])
    second = along[1] - tangent
    size2 = float(second @ second)
    turned = left if size2 < 1e-24 else left - second * (2.0 / size2) * float(second @ left)
    return unit(turned - along[1] * float(turned @ along[1]))
