"""The hottest part of a SPECT: where its reservoir lies and how it is tilted, without a CT."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Image

_HALF, _FIFTH = 0.5, 0.2  # of the hottest: the reservoir's middle, and all of its width


def hot_center_mm(image: Image) -> FloatArray:
    """Middle (3,) LPS mm of the hottest part of a volume: of its reservoir."""
    return _hot(image, _HALF)[0]


def hot_axis(image: Image) -> FloatArray:
    """Direction (3,) in which the hottest part of a volume is thinnest: the axis of its reservoir, to either side.

    Notes
    -----
    A reservoir is a disc several times wider than thick and than its blur, so that the least of its principal axes
    tells its tilt to a fraction of a degree, whatever little else holds tracer.
    """
    center, points, weight = _hot(image, _FIFTH)
    _, axes = np.linalg.eigh((points - center).T @ ((points - center) * weight[:, None]))
    return np.asarray(axes[:, 0])


def _hot(image: Image, level: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Middle, places (N, 3) and weights (N,) of all voxels over a share of the hottest."""
    voxels = image.voxels.astype(np.float64)
    hot = voxels > level * voxels.max()
    points = image.placed.index_to_world(np.argwhere(hot))
    weight = voxels[hot] / voxels[hot].sum()
    return weight @ points, points, weight
