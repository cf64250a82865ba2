"""Voxels as places with counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.model import Scintigram


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """Voxels of a volume.

    Parameters
    ----------
    points : (N, 3) LPS mm
    counts : (N,) in the image's unit
    voxel_mm3 : float
        Volume of each.
    """

    points: FloatArray
    counts: FloatArray
    voxel_mm3: float

    def __len__(self) -> int:
        return len(self.counts)

    def only(self, which: NDArray[np.bool_]) -> Samples:
        """Some of them."""
        return Samples(points=self.points[which], counts=self.counts[which], voxel_mm3=self.voxel_mm3)


def samples_of(scan: Scintigram) -> Samples:
    """Every voxel of a volume, at its place on the CT."""
    grid = scan.image.placed
    index = np.indices(grid.shape).reshape(3, -1).T
    return Samples(
        points=grid.index_to_world(index),
        counts=scan.image.voxels.ravel().astype(np.float64),
        voxel_mm3=grid.voxel_volume_mm3,
    )
