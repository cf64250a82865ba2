"""A tube beside bone: followed as a tube, and not along the bone's own crest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.beside import followed_beside_bone, led_on_beside_bone

LIMITS = TraceLimits()
BONE_Y_MM = 3.0


def grid() -> Grid:
    """Oblique voxels of three sizes, rows from behind to the front."""
    turn = np.radians(8.0)
    return grid_from_axes(
        (34, 40, 150),
        origin=(-60.0, 14.0, -20.0),
        axes_mm=(
            (0, 0, 1.1),
            (-0.7 * np.sin(turn), -0.7 * np.cos(turn), 0),
            (0.8 * np.cos(turn), -0.8 * np.sin(turn), 0),
        ),
    )


def tube() -> FloatArray:
    """A gentle bow of 10 cm."""
    x = np.linspace(-48.0, 48.0, 385)
    return np.stack([x, -0.0008 * x * x - 0.1 * x, 1.5 * np.sin(x / 25.0)], axis=1)


def scan(*, bone: bool, last_mm: float = 48.0) -> Image:
    """A blurred tube that ends at an x; over 3 cm of its course a plate of bone, whose blurred edge it lies in."""
    places = grid().index_to_world(np.moveaxis(np.indices(grid().shape), 0, -1)).reshape(-1, 3)
    near = cKDTree(tube()[tube()[:, 0] <= last_mm]).query(places, distance_upper_bound=5.0)[0]
    value = 40.0 + 400.0 * np.exp(-0.5 * (np.minimum(near, 9.0) / 0.8) ** 2)
    value += 15.0 * np.random.default_rng(11).standard_normal(len(value))
    if bone:
        away = places[:, 1] - np.interp(places[:, 0], tube()[:, 0], tube()[:, 1]) - BONE_Y_MM
        plate = 1.0 / (1.0 + np.exp(-away / 0.35)) / (1.0 + np.exp((away - 4.0) / 0.35))
        value = np.maximum(value, 40.0 + 800.0 * plate * (np.abs(places[:, 0]) < 15.0))
    return Image(
        voxels=np.rint(value.reshape(grid().shape)).astype(np.int16),
        grid=grid(),
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
        sop_instance_uids=tuple(f"1.2.3.{k}" for k in range(34)),
    )


def slid(by_mm: float) -> FloatArray:
    """The tube's line, slid towards the bone where it lies beside it."""
    line = tube()
    return line + np.outer(by_mm * np.exp(-((line[:, 0] / 11.0) ** 4)), [0.0, 1.0, 0.0])


@pytest.mark.parametrize("by_mm", [0.8, 1.6])
def test_a_line_that_slid_onto_bone_comes_back_to_the_tube(by_mm: float) -> None:
    """Followed from both sides with the tube's own cross-section, it lies within a third of a millimetre again."""
    line = followed_beside_bone(scan(bone=True), slid(by_mm), LIMITS)
    assert cKDTree(tube()).query(slid(by_mm))[0].max() > 0.95 * by_mm
    assert cKDTree(tube()).query(line)[0].max() < 0.34


def test_a_line_without_bone_beside_it_stays() -> None:
    """What is not beside bone is not touched, however it lies."""
    line = slid(0.8)
    assert followed_beside_bone(scan(bone=False), line, LIMITS) is line


def test_turns_that_touch_are_left_as_they_are() -> None:
    """A stretch held by those who parted a coil is not followed again."""
    line = slid(1.6)
    assert followed_beside_bone(scan(bone=True), line, LIMITS, held=line[190:195]) is line


def test_a_line_that_bone_cut_short_is_led_on_to_where_the_tube_ends() -> None:
    """It stopped at the bone's edge; the tube goes on beside the bone for two centimetres and more."""
    short = tube()[tube()[:, 0] <= -14.0]
    line = led_on_beside_bone(scan(bone=True, last_mm=9.0), short, 400.0, LIMITS)
    assert np.array_equal(line[0], short[0])
    assert line[-1, 0] == pytest.approx(9.0, abs=1.5)
    assert cKDTree(tube()).query(line)[0].max() < 0.4


def test_a_bone_beside_the_end_of_a_tube_is_no_tube() -> None:
    """Where the tube does end, the line stays as it is."""
    short = tube()[tube()[:, 0] <= -14.0]
    assert led_on_beside_bone(scan(bone=True, last_mm=-14.0), short, 400.0, LIMITS) is short
