"""Contrast in organs and vessels that masks show is no leak."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import Grid
from catheterview.limits import MaskLimits
from catheterview.masks import outside_organs
from catheterview.model import Region
from catheterview.model.contrast import Collection, ContrastMap
from mask_files import oblique_grid, points_of

LIMITS = MaskLimits()
ORGANS = oblique_grid()


def collection(left_mm: float) -> Collection:
    """A pool of 12 mm on another grid, so far to the left of a place."""
    grid = Grid(shape=(20, 24, 22), affine=oblique_grid(turn=-0.4).cropped((8, 14, 20), (20, 24, 22)).affine)
    at = grid.index_to_world((10, 12, 11)) + np.array([left_mm, 0.0, 0.0])
    inside = np.linalg.norm(points_of(grid) - at, axis=-1) < 6.0
    x, y, z = at.tolist()
    return Collection(
        site="catheter", point=(x, y, z), region=Region.of(inside, grid), volume_ml=0.9, mean_hu=300.0, peak_hu=400.0
    )


def test_a_collection_that_lies_mostly_in_an_organ_is_left_out() -> None:
    """Of three pools the one in the organ goes, those on its rim and beside it stay; without masks all stay."""
    middle = np.array(collection(0.0).point)
    organ = np.linalg.norm(points_of(ORGANS) - (middle - [8.0, 0.0, 0.0]), axis=-1) < 16.0
    pools = tuple(collection(left_mm) for left_mm in (-4.0, 9.0, 12.0))
    seen = ContrastMap(collections=pools)
    assert outside_organs(seen, Region.of(organ, ORGANS), LIMITS).collections == pools[1:]
    assert outside_organs(seen, None, LIMITS) is seen
