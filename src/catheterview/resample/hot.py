"""The hottest part of a SPECT: where its reservoir lies and how it is tilted, without a CT."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, map_coordinates

from catheterview.geometry import FloatArray
from catheterview.model import Image

_HALF, _FIFTH = 0.5, 0.2  # of the hottest: the reservoir's middle, and all of its width


def hot_center_mm(image: Image) -> FloatArray:
    """Middle (3,) LPS mm of the hottest part of a volume: of its reservoir."""
    points, weight = _hot(image, _HALF)
    return np.asarray(weight @ points / weight.sum())


def hot_disc(image: Image) -> tuple[FloatArray, FloatArray]:
    """Middle (3,) LPS mm of the reservoir, and the direction (3,) in which it is thinnest, to either side.

    Notes
    -----
    A reservoir is a disc several times wider than thick and than its blur, so that the least of its principal axes
    tells its tilt to a fraction of a degree. A disc looks the same through its middle: of each place only as much
    counts as its opposite holds, so that a pool behind the pump, which has no opposite, does not tilt it.
    """
    points, weight = _hot(image, _FIFTH)
    middle, _ = _moments(points, weight)
    opposite = image.placed.world_to_index(2.0 * middle - points).T
    seen = np.asarray(map_coordinates(image.voxels.astype(np.float64), opposite, order=1, mode="constant"))
    return _moments(points, np.minimum(weight, seen))


def _moments(points: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Middle, and the direction in which weighed points lie closest together."""
    share = weight / weight.sum()
    middle = share @ points
    _, axes = np.linalg.eigh((points - middle).T @ ((points - middle) * share[:, None]))
    return np.asarray(middle), np.asarray(axes[:, 0])


def _hot(image: Image, share: float) -> tuple[FloatArray, NDArray[np.float64]]:
    """Places and counts of what is hotter than a share of the hottest voxel, in one piece with it.

    At a high flow the reservoir empties, and a bladder or a pool elsewhere may come near to it.
    """
    voxels = image.voxels
    pieces, _ = label(voxels > share * float(voxels.max()))
    mask = pieces == pieces[np.unravel_index(int(voxels.argmax()), voxels.shape)]
    return image.placed.index_to_world(np.argwhere(mask)), voxels[mask].astype(np.float64)
