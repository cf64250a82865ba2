"""Absence by any way: a tube that could have passed unseen is not called severed, and one that could not is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.absence import clear_mm
from catheterview.trace.profile import Fade

LIMITS = TraceLimits()
TUBE = (Fade(share=0.0, level_hu=150.0, least_hu=0.0), 300.0)


def slices() -> Grid:
    """Slices of 1.1 mm that run feet first, rows and columns unequal and turned a little."""
    c, s = np.cos(np.radians(8.0)), np.sin(np.radians(8.0))
    return grid_from_axes(
        (46, 52, 84), origin=(-33.0, -20.0, 24.0), axes_mm=((0, 0, -1.1), (-0.8 * s, 0.8 * c, 0), (0.8 * c, 0.8 * s, 0))
    )


def line(*corners: tuple[float, float, float]) -> FloatArray:
    """Points every quarter millimetre along a line of corners."""
    parts = [
        np.linspace(a, b, max(2, round(4 * float(np.linalg.norm(np.subtract(b, a)))))) for a, b in pairwise(corners)
    ]
    return np.concatenate(parts)


def scan(tube: FloatArray, *, bone: float = 0.0) -> Image:
    """Muscle with noise, a blurred tube, and a ball of bone of some radius in the middle."""
    grid = slices()
    places = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1)).reshape(-1, 3)
    value = 45.0 + 28.0 * np.random.default_rng(11).standard_normal(len(places))
    near = cKDTree(tube).query(places, distance_upper_bound=4.0)[0]
    value += 150.0 * np.exp(-0.5 * (np.minimum(near, 9.0) / 0.8) ** 2)
    away = np.linalg.norm(places - np.array([0.0, 0.0, 0.0]), axis=1)
    value += 700.0 / (1.0 + np.exp((away - bone) / 0.4)) if bone else 0.0
    return Image(
        voxels=np.rint(value).astype(np.int16).reshape(grid.shape),
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
    )


def lost(image: Image, reach: float) -> float:
    """Millimetres in the clear between two places on the x axis."""
    return clear_mm(image, np.array([[-reach, 0.0, 0.0], [reach, 0.0, 0.0]]), TUBE, LIMITS)


@pytest.mark.parametrize("gap", [5.0, 9.0, 14.0])
def test_a_gap_in_muscle_is_passed_in_the_clear_for_most_of_its_length(gap: float) -> None:
    """Two loose ends with nothing between them: no way leads round that."""
    image = scan(np.concatenate([line((-28, 0, 0), (-gap / 2, 0, 0)), line((gap / 2, 0, 0), (28, 0, 0))]))
    assert gap - 2.5 <= lost(image, gap / 2 + 3.0) <= gap + 2.0


def test_a_tube_that_bends_aside_is_not_missed_because_the_guess_was_straight() -> None:
    """The way that counts is the tube's own, wherever it runs."""
    image = scan(line((-28, 0, 0), (-8, 0, 0), (-2, 7, 2), (4, 6, 2), (9, 0, 0), (28, 0, 0)))
    assert lost(image, 11.0) < LIMITS.way_clear_mm


def test_a_tube_that_runs_up_to_a_bone_on_both_sides_may_pass_along_it() -> None:
    """What bone hides is hidden."""
    image = scan(np.concatenate([line((-28, 0, 0), (-5, 0, 0)), line((5, 0, 0), (28, 0, 0))]), bone=5.0)
    assert lost(image, 8.5) < LIMITS.way_clear_mm


def test_a_tube_that_ends_before_it_reaches_the_bone_on_both_sides_is_severed() -> None:
    """Muscle between each loose end and the bone shows the gap, although the bone lies in the middle of it."""
    image = scan(np.concatenate([line((-28, 0, 0), (-9.5, 0, 0)), line((9.5, 0, 0), (28, 0, 0))]), bone=4.0)
    assert lost(image, 12.5) >= LIMITS.way_clear_mm


def test_ends_too_far_apart_say_nothing() -> None:
    """A way as long as that may lead anywhere."""
    image = scan(line((-28, 0, 0), (-20, 0, 0)))
    assert lost(image, LIMITS.way_most_mm / 2 + 1.0) == 0.0
