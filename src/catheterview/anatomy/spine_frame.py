"""Axes that follow the spine: ahead and aside at every height of the canal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from catheterview.geometry import FloatArray, arc_length, resample_polyline, tangents, unit
from catheterview.limits import AnatomyLimits
from catheterview.model import Image
from catheterview.resample import sample

_LEFT = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpineFrame:
    """The canal at equal steps from feet to head, with the ways ahead and aside; LPS mm.

    Parameters
    ----------
    points : (N, 3)
    radius_mm : (N,)
        Of the canal.
    ahead, left : (N, 3) unit vectors
        To the patient's front and left, across the canal.
    step_mm : float
    """

    points: FloatArray
    radius_mm: FloatArray
    ahead: FloatArray
    left: FloatArray
    step_mm: float

    def sampled(self, image: Image, left_mm: FloatArray, ahead_mm: FloatArray) -> NDArray[np.float32]:
        """HU at offsets from the canal's middle at every height.

        Parameters
        ----------
        image : Image
        left_mm, ahead_mm : arrays that broadcast to (N, …)

        Returns
        -------
        (N, …) float32, HU
        """
        aside, forward = np.broadcast_arrays(left_mm, ahead_mm)
        shape = (len(self.points), *(1,) * (aside.ndim - 1), 3)
        points = self.points.reshape(shape) + aside[..., None] * self.left.reshape(shape)
        return sample(image, points + forward[..., None] * self.ahead.reshape(shape))


def spine_frame(canal: FloatArray, radius_mm: FloatArray, limits: AnatomyLimits) -> SpineFrame:
    """Lay axes along a canal.

    Parameters
    ----------
    canal : (N, 3) LPS mm, from feet to head, N >= 2
    radius_mm : (N,)
    limits : AnatomyLimits
    """
    step = limits.frame_step_mm
    points = resample_polyline(canal, step=step)
    share = np.linspace(0.0, 1.0, len(points))
    along = arc_length(canal)
    headward = unit(gaussian_filter1d(tangents(points), limits.smooth_mm / step, axis=0, mode="nearest"))
    ahead = unit(np.cross(headward, _LEFT))
    ahead *= np.where(ahead[:, 1:2] > 0.0, -1.0, 1.0)
    left = unit(np.cross(headward, ahead))
    return SpineFrame(
        points=points,
        radius_mm=np.interp(share, along / along[-1], radius_mm),
        ahead=ahead,
        left=left * np.where(left[:, :1] < 0.0, -1.0, 1.0),
        step_mm=float(along[-1] / max(1, len(points) - 1)),
    )
