"""Values of an image at places in the patient: points, flat planes, and planes that follow a catheter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter1d, map_coordinates

from catheterview.geometry import FloatArray, arc_length, moving_frame, resample_polyline, unit
from catheterview.model import OUTSIDE_HU, Image, Voxels

#: Frames are carried along the curve at this step and interpolated between: finer gains nothing and costs time.
_FRAME_STEP_MM = 1.0


def sample(image: Image, points: ArrayLike, *, outside: float = OUTSIDE_HU) -> NDArray[np.float32]:
    """Interpolate an image trilinearly.

    Parameters
    ----------
    image : Image
        With a place in the patient frame.
    points : (..., 3) LPS mm
    outside : float
        The value beyond the outermost voxel centres.

    Returns
    -------
    (...) float32, in the image's unit

    Raises
    ------
    GeometryError
        When the image has no place in the patient frame.
    """
    return sample_at(image.voxels, image.placed.world_to_index(points), outside=outside)


def sample_at(voxels: Voxels, index_kji: ArrayLike, *, outside: float = OUTSIDE_HU) -> NDArray[np.float32]:
    """Interpolate (K, J, I) int16 voxels trilinearly at (..., 3) kji indices; nothing is copied to float as a whole."""
    index = np.asarray(index_kji, dtype=np.float64)
    flat = np.ascontiguousarray(index.reshape(-1, 3).T)
    values = map_coordinates(voxels, flat, output=np.float32, order=1, mode="constant", cval=outside)
    return np.asarray(values).reshape(index.shape[:-1])


def sample_slab(image: Image, points: ArrayLike, *, along: ArrayLike, offsets_mm: ArrayLike) -> NDArray[np.float32]:
    """Return the largest value of a thin slab at each point.

    Parameters
    ----------
    points : (..., 3) LPS mm, the slab's middle
    along : (3,) or (..., 3) unit vector through the slab, LPS
    offsets_mm : (M,) distances from the middle that are looked at; M >= 1

    Returns
    -------
    (...) float32, in the image's unit
    """
    middle, through = np.asarray(points, dtype=np.float64), np.asarray(along, dtype=np.float64)
    layers = [sample(image, middle + offset * through) for offset in np.asarray(offsets_mm, dtype=np.float64)]
    return np.asarray(np.maximum.reduce(layers))


def plane_points(center: ArrayLike, *, axes: tuple[ArrayLike, ArrayLike], size_mm: float, step_mm: float) -> FloatArray:
    """Lay a square of points round a place.

    Parameters
    ----------
    center : (3,) LPS mm
    axes : (down, right), each a (3,) unit vector, LPS
        Where the rows and the columns of the result go.
    size_mm : float
        Side of the square, reached at least.
    step_mm : float

    Returns
    -------
    (N, N, 3) float64 LPS mm; N is odd, the middle one is `center`
    """
    half = int(np.ceil(size_mm / 2 / step_mm))
    at = np.arange(-half, half + 1) * step_mm
    down, right = (np.asarray(axis, dtype=np.float64) for axis in axes)
    return np.asarray(np.asarray(center) + at[:, None, None] * down + at[None, :, None] * right)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reformat:
    """Two planes at right angles that follow a curve, stretched so that distance along it is true.

    Parameters
    ----------
    centre : (N, 3) float64 LPS mm, equally spaced along the curve
    arc_mm : (N,) float64, distance along the curve
    normals : (2, N, 3) float64, unit vectors, LPS
        The direction across the curve of each of the two planes; they turn as little as can be.
    offsets_mm : (W,) float64, increasing, symmetric about 0
    """

    centre: FloatArray
    arc_mm: FloatArray
    normals: FloatArray
    offsets_mm: FloatArray

    def plane(self, which: int) -> FloatArray:
        """(W, N, 3) LPS mm of plane 0 or 1: rows run across the curve, columns along it."""
        return np.asarray(self.centre[None] + self.offsets_mm[:, None, None] * self.normals[which][None])


def reformat_planes(points: ArrayLike, *, half_width_mm: float, step_mm: float, smooth_mm: float = 1.0) -> Reformat:
    """Lay two planes along a curve.

    Parameters
    ----------
    points : (N, 3) LPS mm, N >= 2, not all the same
    half_width_mm : float
        How far the planes reach to either side.
    step_mm : float
        Distance between samples, along and across.
    smooth_mm : float
        Standard deviation of the smoothing of the curve, without which the tremor of a traced line would make straight
        surroundings tremble.
    """
    curve = np.asarray(points, dtype=np.float64)
    coarse = resample_polyline(curve, step=_FRAME_STEP_MM)
    smooth = _smoothed(coarse, smooth_mm / _FRAME_STEP_MM)
    along = arc_length(smooth)
    # The scale along the picture is the traced line's, not the smoothed one's, which is a little shorter.
    scale = arc_length(curve)[-1] / along[-1]
    count = max(2, round(float(along[-1] * scale) / step_mm) + 1)
    at = np.linspace(0.0, along[-1], count)
    reach = int(np.ceil(half_width_mm / step_mm))
    return Reformat(
        centre=_interpolated(smooth, along, at),
        arc_mm=at * scale,
        normals=np.stack([unit(_interpolated(normal, along, at)) for normal in moving_frame(smooth)]),
        offsets_mm=np.asarray(np.arange(-reach, reach + 1) * step_mm, dtype=np.float64),
    )


def _smoothed(points: FloatArray, sigma: float) -> FloatArray:
    """Smooth a polyline, keeping its ends: it goes on beyond them as its own mirror image through the end point."""
    if sigma <= 0 or len(points) < 3:
        return points
    reach = min(len(points) - 1, int(np.ceil(4 * sigma)))
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    return np.asarray(gaussian_filter1d(np.concatenate([before, points, after]), sigma, axis=0)[reach:-reach])


def _interpolated(values: FloatArray, along: FloatArray, at: FloatArray) -> FloatArray:
    """Interpolate (N, 3) values, given at `along`, linearly to (M, 3) at `at`."""
    return np.stack([np.interp(at, along, column) for column in values.T], axis=1)
