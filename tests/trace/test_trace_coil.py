"""Turns of a loop that touch: told apart, followed in order, and never cut short."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from drawn_tubes import TOUCHING_MM, Scene, coil_grid, coiled_course, oblique_coil_grid, pump
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Grid, arc_length, unit
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Image
from catheterview.trace import trace_catheter
from catheterview.trace.calibrate import calibrated
from catheterview.trace.strand import Strand, cut_across, fit_strands, is_alone

LIMITS = TraceLimits()
NO_ANATOMY = Anatomy(series_instance_uid="1.2.3")


@pytest.fixture(scope="module")
def truth() -> FloatArray:
    return coiled_course(2.0)


@pytest.fixture(scope="module")
def image(truth: FloatArray) -> Image:
    return Scene(tube=truth, touching=True).on(coil_grid())


@pytest.fixture(scope="module")
def strand(image: Image, truth: FloatArray) -> Strand:
    found = calibrated(image, [truth[-220:-20]], LIMITS)
    assert found is not None
    return found


def place_at(truth: FloatArray, arc_mm: float) -> tuple[FloatArray, FloatArray]:
    n = int(np.searchsorted(arc_length(truth), arc_mm))
    return truth[n], unit(truth[n + 4] - truth[n - 4])


@pytest.mark.parametrize(("turns", "grid"), [(2.0, coil_grid), (3.0, oblique_coil_grid)])
def test_a_coil_of_touching_turns_is_followed_turn_by_turn(turns: float, grid: Callable[[], Grid]) -> None:
    """Every turn is there, in its order, and no short cut makes a kink or a gap of them."""
    truth = coiled_course(turns)
    tracing = trace_catheter(
        Scene(tube=truth, touching=True).on(grid()),
        pump=pump(),
        anatomy=Anatomy(series_instance_uid="1"),
        limits=LIMITS,
    )
    assert tracing.catheter is not None
    line = tracing.catheter
    away, nearest = cKDTree(truth).query(line.points)
    assert len(line.pieces) == 1
    assert away.mean() < 0.3
    assert (cKDTree(line.points).query(truth)[0] < 1.0).mean() > 0.97
    assert line.length_mm == pytest.approx(arc_length(truth)[-1], abs=6.0)
    steps = np.diff(arc_length(truth)[nearest])
    assert (steps > -1.0).mean() > 0.98


def test_the_measured_width_is_the_drawn_one(strand: Strand, image: Image) -> None:
    """A straight stretch tells the blur and the contrast: as drawn, and as interpolation between voxels widens it."""
    through_mm, in_plane_mm = np.sqrt(TOUCHING_MM**2 + image.placed.spacing_mm[:2] ** 2 / 6.0)
    assert strand.in_plane_mm == pytest.approx(in_plane_mm, abs=0.1)
    assert strand.through_mm == pytest.approx(through_mm, abs=0.15)
    assert strand.contrast_hu == pytest.approx(400.0 * TOUCHING_MM**2 / (in_plane_mm * through_mm), rel=0.15)


def test_two_turns_that_touch_are_placed_between_the_voxels(image: Image, truth: FloatArray, strand: Strand) -> None:
    """From places a quarter of a millimetre off, both tubes of a broad ridge come out where they were drawn."""
    for arc_mm in (60.0, 85.0, 110.0):
        here, along = place_at(truth, arc_mm)
        cut = cut_across(image, here, along, LIMITS)
        next_turn = truth[arc_length(truth) > arc_mm + 60.0]
        other = (next_turn[int(np.argmin(np.linalg.norm(next_turn - here, axis=1)))] - here) @ cut.across.T
        assert np.linalg.norm(other) == pytest.approx(1.7, abs=0.1)
        drawn = np.stack([np.zeros(2), other])
        fitted = fit_strands(image, cut, (strand, drawn + np.array([[0.2, -0.15], [0.1, 0.2]])), LIMITS)
        assert np.linalg.norm(fitted.offsets[:2] - drawn, axis=1).max() < 0.2
        assert fitted.share[:2] == pytest.approx([1.0, 1.0], abs=0.2)


def test_a_tube_knows_whether_it_runs_alone(image: Image, truth: FloatArray, strand: Strand) -> None:
    """On its way out and on its way on it does, between turns it does not."""
    alone = {}
    for arc_mm in (12.0, 60.0, 110.0, arc_length(truth)[-1] - 25.0):
        here, along = place_at(truth, arc_mm)
        alone[arc_mm] = is_alone(image, cut_across(image, here, along, LIMITS), strand, LIMITS)
    assert list(alone.values()) == [True, False, False, True]


def test_too_little_tube_gives_no_width(image: Image, truth: FloatArray) -> None:
    """Of a centimetre nothing is measured rather than something wrong."""
    assert calibrated(image, [truth[:40]], LIMITS) is None


def test_two_turns_that_lie_in_one_another_are_not_one_alone() -> None:
    """Half a millimetre apart they look like one tube, and too bright for one: no turn is left out by that."""
    x = np.arange(0.0, 80.0, 0.25)[:, None]
    one = np.array([0.0, -20.0, 30.0]) + x * [1.0, 0.05, 0.02]
    pair = [one + np.array([0.0, 0.0, 30.0 + apart]) for apart in (0.0, 0.5)]
    image = Scene(tube=np.concatenate([one, *pair]), touching=True).on(coil_grid())
    strand = calibrated(image, [one], LIMITS)
    assert strand is not None
    along = unit(one[-1] - one[0])
    places = {"one": one[160], "two": (pair[0][160] + pair[1][160]) / 2.0}
    alone = {name: is_alone(image, cut_across(image, at, along, LIMITS), strand, LIMITS) for name, at in places.items()}
    assert alone == {"one": True, "two": False}
