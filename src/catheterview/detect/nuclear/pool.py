"""Where a leak's tracer is seen, as a region: what the model leaves over round it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from catheterview.detect.nuclear.leak import Spot
from catheterview.detect.nuclear.measure import Measured, expected_of
from catheterview.detect.nuclear.samples import Samples, samples_of
from catheterview.geometry import FloatArray, Grid
from catheterview.limits import NuclearLimits
from catheterview.model import Kind, Region

_REACH = 2.5  # blurs round the place that was told


def pool_region(found: Measured, spot: Spot, limits: NuclearLimits) -> Region | None:
    """Draw one leak.

    Parameters
    ----------
    found : Measured
        The volume that it was seen in.
    spot : Spot
    limits : NuclearLimits

    Returns
    -------
    Region or None
        On the SPECT's grid in the CT's frame: the voxels in one piece round the most that is left over which hold at
        least half as much. None where nothing is left over.

    Notes
    -----
    Half of the maximum outlines a small source at the width of the point spread: the region says where tracer is seen,
    and is no measure of a pool's volume.
    """
    left = _left(found, spot, limits)
    if left is None or not len(left) or left.counts.max() <= 0.0:
        return None
    return _outlined(left, found.scan.image.placed, limits.pool_outline)


def _left(found: Measured, spot: Spot, limits: NuclearLimits) -> Samples | None:
    """Voxels round a leak with what they hold over the model."""
    if spot.kind is Kind.TRACER_POSTERIOR_TO_PUMP:
        return None if found.behind is None else found.behind.left
    expected = expected_of(found, limits)
    if expected is None:
        return None
    every = samples_of(found.scan)
    near = every.only(np.linalg.norm(every.points - spot.point, axis=1) < _REACH * expected.sigma_mm)
    return Samples(points=near.points, counts=near.counts - expected.at(near.points), voxel_mm3=near.voxel_mm3)


def _outlined(left: Samples, grid: Grid, share: float) -> Region:
    """The voxels in one piece with the greatest that hold a share of it."""
    index = np.rint(grid.world_to_index(left.points)).astype(int)
    low = index.min(axis=0)
    box = np.zeros(index.max(axis=0) - low + 1)
    box[tuple((index - low).T)] = left.counts
    pieces, _ = label(box >= share * left.counts.max(), np.ones((3, 3, 3)))
    mask = pieces == pieces[np.unravel_index(int(box.argmax()), box.shape)]
    return Region.of(mask, _cut(grid, low, mask.shape))


def _cut(grid: Grid, low: FloatArray, shape: tuple[int, ...]) -> Grid:
    return grid.cropped((int(low[0]), int(low[1]), int(low[2])), (shape[0], shape[1], shape[2]))
