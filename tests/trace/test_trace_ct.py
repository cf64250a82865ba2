"""The catheter in CT: where it is, where it is not, and that the grid does not matter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from drawn_tubes import (
    Scene,
    course,
    feet_first_grid,
    kinked_course,
    oblique_grid,
    plain_grid,
    pump,
    turned_grid,
    without,
)
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Grid
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Centreline, Image
from catheterview.trace import trace_catheter

NO_ANATOMY = Anatomy(series_instance_uid="1.2.3")


def traced(image: Image) -> Centreline:
    tracing = trace_catheter(image, pump=pump(), anatomy=NO_ANATOMY, limits=TraceLimits())
    assert tracing.catheter is not None, tracing.why
    return tracing.catheter


def distances(line: FloatArray, truth: FloatArray) -> FloatArray:
    return np.asarray(cKDTree(truth).query(line)[0])


def test_a_healthy_catheter_is_followed_through_its_loop_to_its_tip() -> None:
    """One piece, from the pump's rim to the tip, on the tube all the way."""
    truth = course()
    catheter = traced(Scene(tube=truth).on(plain_grid()))
    assert len(catheter.pieces) == 1
    assert distances(catheter.points, truth).mean() < 0.3
    assert np.percentile(distances(catheter.points, truth), 95) < 0.8
    assert (distances(truth, catheter.points) < 1.0).mean() > 0.98
    assert np.linalg.norm(catheter.points[-1] - truth[-1]) < 1.0
    assert np.linalg.norm(catheter.points[0] - truth[0]) < 4.0
    assert catheter.length_mm == pytest.approx(np.linalg.norm(np.diff(truth, axis=0), axis=1).sum(), abs=5.0)


@pytest.mark.parametrize("grid", [feet_first_grid, turned_grid, oblique_grid])
def test_the_same_scene_on_another_grid_gives_the_same_line(grid: Callable[[], Grid]) -> None:
    """Feet first and prone, turned by 90 degrees with unequal spacing, oblique: one centreline in LPS."""
    scene = Scene(tube=course(), noise_hu=4.0)
    reference, other = traced(scene.on(plain_grid())), traced(scene.on(grid()))
    assert np.percentile(distances(other.points, reference.points), 95) < 0.45
    assert distances(other.points, reference.points).mean() < 0.3
    assert np.linalg.norm(other.points[-1] - reference.points[-1]) < 0.8


def test_the_same_image_gives_the_same_bytes() -> None:
    """Nothing in the tracer depends on chance or on the order of work."""
    image = Scene(tube=course()).on(plain_grid())
    first, second = traced(image), traced(image)
    assert first.points.tobytes() == second.points.tobytes()
    assert first.confidence.tobytes() == second.confidence.tobytes()


@pytest.mark.parametrize(("first_mm", "last_mm"), [(150.0, 154.0), (140.0, 160.0)])
def test_a_gap_parts_the_catheter_at_its_two_loose_ends(first_mm: float, last_mm: float) -> None:
    """Narrow or wide, both pieces are found and their ends lie where the tube was cut."""
    truth = without(course(), first_mm, last_mm)
    catheter = traced(Scene(tube=truth).on(plain_grid()))
    assert len(catheter.pieces) == 2
    (_, before), (after, _) = catheter.pieces
    gap_mm = float(np.linalg.norm(catheter.points[after] - catheter.points[before]))
    assert gap_mm == pytest.approx(last_mm - first_mm, abs=1.5)
    assert (distances(truth, catheter.points) < 1.0).mean() > 0.97


def test_a_faint_catheter_is_followed_or_not_at_all() -> None:
    """At four times the noise the line that is found lies on the tube."""
    truth = course()
    catheter = traced(Scene(tube=truth, contrast_hu=100.0, noise_hu=25.0).on(plain_grid()))
    assert np.percentile(distances(catheter.points, truth), 90) < 1.5


def test_where_nothing_leads_away_there_is_no_catheter() -> None:
    """A pump alone in noise gives no line, and a reason."""
    far = np.full((6, 3), 900.0)
    tracing = trace_catheter(Scene(tube=far).on(plain_grid()), pump=pump(), anatomy=NO_ANATOMY, limits=TraceLimits())
    assert tracing.catheter is None
    assert "no tube leads away" in tracing.why


def test_a_sharp_bend_is_passed_not_cut() -> None:
    """The line goes through a kink of 2 mm radius to the tube behind it."""
    truth = kinked_course(100.0)
    catheter = traced(Scene(tube=truth).on(plain_grid()))
    assert len(catheter.pieces) == 1
    assert distances(catheter.points, truth).max() < 2.0
    assert np.linalg.norm(catheter.points[-1] - truth[-1]) < 1.0
