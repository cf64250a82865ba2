"""A tube between given seeds, drawn and real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn_tubes import Scene, course, oblique_grid, plain_grid
from scipy.spatial import cKDTree

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray
from catheterview.limits import ReadLimits, TraceLimits
from catheterview.model import Image
from catheterview.read import load, scan
from catheterview.trace import trace_between


def test_the_line_between_two_seeds_follows_the_tube_round_its_bend() -> None:
    """Seeds at the ends of a curved stretch: the line is on the tube between them."""
    truth = course()
    stretch = truth[560:]
    line = trace_between(Scene(tube=truth).on(oblique_grid()), stretch[[0, -1]], limits=TraceLimits())
    assert cKDTree(stretch).query(line.points)[0].max() < 0.8
    assert line.landmarks.pump is None


@pytest.mark.parametrize("seeds", [np.zeros((1, 3)), np.zeros((2, 3)), np.array([[0.0, 0, 40], [9000.0, 0, 0]])])
def test_seeds_that_cannot_be_joined_are_refused(seeds: FloatArray) -> None:
    """One seed, twice the same, or one outside the image."""
    with pytest.raises(UnsuitableError, match="seed"):
        trace_between(Scene(tube=course()).on(plain_grid()), seeds, limits=TraceLimits())


@pytest.fixture(scope="module")
def catphan(real_data: Path) -> Image:
    archive = real_data / "cbct-catphan-wires.zip"
    if not archive.exists():
        pytest.skip(f"{archive.name} is not among the real studies")
    found = scan([archive], limits=ReadLimits(), key=b"test")
    series = [s for case in found.cases for study in case.studies for s in study.series if s.role == "volume"]
    return load(series[0], limits=ReadLimits())


#: First and last row and column, in the slices' own pixels, within which each ramp lies.
RAMPS = {
    "top": (172, 184, 214, 298),
    "bottom": (326, 338, 216, 298),
    "left": (215, 297, 173, 185),
    "right": (215, 297, 329, 341),
}


@pytest.mark.real
@pytest.mark.parametrize("ramp", sorted(RAMPS))
def test_a_straight_wire_in_a_real_scan_is_traced_straight(catphan: Image, ramp: str) -> None:
    """Four wire ramps of a CatPhan in cone-beam CT: 0.25 mm RMS from a straight line, at their nominal 23 degrees."""
    line = trace_between(catphan, _brightest_ends(catphan, ramp), limits=TraceLimits())
    away = line.points - line.points.mean(axis=0)
    direction = np.linalg.svd(away, full_matrices=False)[2][0]
    off = np.linalg.norm(away - np.outer(away @ direction, direction), axis=1)
    assert np.sqrt((off**2).mean()) < 0.25
    assert np.degrees(np.arcsin(abs(direction @ catphan.placed.directions[:, 0]))) == pytest.approx(23.0, abs=2.0)


def _brightest_ends(image: Image, ramp: str) -> FloatArray:
    """The brightest voxel across the ramp at either end of it."""
    top, bottom, left, right = RAMPS[ramp]
    upright = bottom - top > right - left
    ends = []
    for at in (top, bottom) if upright else (left, right):
        plane = image.voxels[:, at, left:right] if upright else image.voxels[:, top:bottom, at]
        k, n = np.unravel_index(int(plane.argmax()), plane.shape)
        ends.append((k, at, left + n) if upright else (k, top + n, at))
    return image.placed.index_to_world(np.array(ends, dtype=np.float64))
