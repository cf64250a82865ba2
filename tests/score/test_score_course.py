"""Centreline figures, each against a value worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from score_builders import catheter, straight, truth_of

from catheterview.errors import InputError
from catheterview.limits.score import ScoreLimits
from catheterview.score.course import CourseScore, score_courses
from catheterview.score.line import distances, line_of

LIMITS = ScoreLimits()


def one(points, *, truth=None, limits=LIMITS, **more) -> CourseScore:
    known = truth_of() if truth is None else truth
    courses, _ = score_courses({"catheters": [catheter(points, **more)]}, known, limits)
    return courses[0]


def test_the_true_line_itself_scores_one_everywhere():
    """A perfect trace has overlap 1 in every sense and no error."""
    score = one(straight())
    assert (score.overlap, score.until_first_error, score.overlap_intrathecal, score.cl_dice) == (1.0, 1.0, 1.0, 1.0)
    assert score.mean_error == pytest.approx(0.0, abs=1e-9)
    assert score.hausdorff == pytest.approx(0.0, abs=1e-9)
    assert (score.tip_error, score.length_error) == (pytest.approx(0.0), pytest.approx(0.0))
    assert score.close_points == score.points == 201


def test_a_parallel_line_is_off_by_its_shift():
    """0.6 mm sideways: every distance is 0.6 mm, all within 0.8 mm, none within 0.5 mm."""
    score = one(straight(shift=0.6))
    for value in (
        score.mean_error,
        score.p95_error,
        score.mean_miss,
        score.mean_surface,
        score.hausdorff,
        score.accuracy_inside,
        score.tip_error,
    ):
        assert value == pytest.approx(0.6)
    assert (score.overlap, score.close_points) == (1.0, 201)
    tight = one(straight(shift=0.6), limits=ScoreLimits(overlap_mm=0.5, close_mm=0.5))
    assert (tight.overlap, tight.until_first_error, tight.close_points, tight.accuracy_inside) == (0.0, 0.0, 0, None)


def test_half_a_line_overlaps_by_the_points_counted():
    """The first 50 of 100 mm: 101 of 101 traced and 102 of 201 true points (less than 1 mm past the end)."""
    score = one(straight()[:51])
    assert score.overlap == pytest.approx((101 + 102) / (101 + 201))
    assert score.until_first_error == pytest.approx(102 / 201)
    assert score.mean_error == pytest.approx(0.0, abs=1e-9)
    assert score.mean_miss == pytest.approx(sum(0.5 * n for n in range(101)) / 201)
    assert score.max_miss == pytest.approx(50.0)
    assert score.tip_error == pytest.approx(50.0)
    assert score.length_error == pytest.approx(-50.0)
    assert score.overlap_intrathecal == 0.0


def test_a_wrong_start_costs_first_error_everything_beyond_it():
    """A line that is lost from 20 to 30 mm has OF 0.2 although most of it is right."""
    points = straight()
    points[20:31] += (0.0, 9.0, 0.0)
    score = one(points)
    assert score.until_first_error == pytest.approx(0.2, abs=0.011)
    assert score.overlap > 0.8
    assert score.missed_arcs == ((20.5, 29.5),)  # 20.0 is within 1 mm of where the line still was right


def test_the_first_five_millimetres_are_forgiven():
    """OF does not punish a line that starts 4 mm late; it does punish one that starts 7 mm late."""
    assert one(straight()[4:]).until_first_error == 1.0
    late = one(straight()[7:])
    assert late.until_first_error == pytest.approx(10 / 201)
    assert late.start_error == pytest.approx(7.0)


def test_distances_are_to_segments_and_not_to_points():
    """A true line given by its two ends only is as good as one given by a hundred points."""
    sparse = line_of(catheter([[0.0, 0.0, 0.0], [0.0, 0.0, 90.0]]), step=1000.0)
    assert len(sparse.points) == 2
    assert distances(np.array([[0.3, 0.4, 45.0], [0.0, 0.0, 93.0]]), sparse) == pytest.approx([0.5, 3.0])


def test_a_bridge_over_a_true_gap_is_an_error():
    """Truth has a gap from 40 to 60 mm: the middle of an invented bridge is 10 mm off, and a piece is missing."""
    truth = truth_of(catheters=[catheter(straight(), pieces=[[0, 40], [60, 100]])])
    bridged, honest = one(straight(), truth=truth), one(straight(), truth=truth, pieces=[[0, 40], [60, 100]])
    assert bridged.max_error == pytest.approx(10.0)
    assert (bridged.pieces, bridged.true_pieces, bridged.length_error) == (1, 2, pytest.approx(20.0))
    assert (honest.max_error, honest.length_error) == (pytest.approx(0.0, abs=1e-9), pytest.approx(0.0, abs=1e-9))


def test_nothing_traced_scores_zero_and_has_no_distance():
    """An empty report has overlap 0, and distances that do not exist are None, not 0."""
    (score,), spare = score_courses({}, truth_of(), LIMITS)
    assert (score.traced, score.overlap, score.until_first_error, score.overlap_intrathecal, spare) == (
        False,
        0.0,
        0.0,
        0.0,
        0,
    )
    assert score.missed_arcs == ((0.0, 100.0),)
    assert (score.mean_error, score.tip_error, score.hausdorff, score.accuracy_inside) == (None, None, None, None)


def test_a_line_where_truth_has_none_is_spare():
    """A catheter traced in a patient without a device is counted."""
    assert score_courses({"catheters": [catheter(straight())]}, truth_of(catheters=[]), LIMITS) == ((), 1)


def test_each_true_catheter_gets_the_trace_that_overlaps_it_most():
    """Two catheters reported in the other order are told apart."""
    far = straight(shift=40.0)
    truth = truth_of(catheters=[catheter(straight()), catheter(far)])
    courses, spare = score_courses({"catheters": [catheter(far), catheter(straight())]}, truth, LIMITS)
    assert [course.overlap for course in courses] == [1.0, 1.0]
    assert spare == 0


def test_a_film_is_not_measured_against_a_volume():
    """A trace in pixels is no answer to a truth in millimetres."""
    flat = catheter(straight()[:, :2], frame="PIXEL", sop_instance_uid="1.2.3")
    (score,), spare = score_courses({"catheters": [flat]}, truth_of(), LIMITS)
    assert not score.traced
    assert spare == 1


@given(step=st.floats(0.2, 3.0), shift=st.floats(0.0, 0.75))
def test_how_densely_a_line_is_sampled_does_not_matter(step, shift):
    """The same course given by more or fewer points scores the same."""
    count = max(2, round(100.0 / step))
    start, stop = straight(shift=shift)[[0, -1]]
    score = one(start + np.linspace(0.0, 1.0, count)[:, None] * (stop - start))
    assert score.mean_error == pytest.approx(shift, abs=1e-6)
    assert score.overlap == 1.0


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ({"points": []}, "points"),
        ({"points": [[1.0, 2.0]]} | {"pieces": [[0, 3]]}, "pieces"),
        ({"points": [[1.0, float("nan"), 2.0]]}, "points"),
        ({"points": "here"}, "points"),
        ({"points": [[0.0, 0.0, 1.0]], "radius": [1.0, 2.0]}, "radius"),
        ({"points": [[0.0, 0.0, 1.0]], "landmarks": {"tip": 4}}, "landmarks"),
    ],
)
def test_a_catheter_that_makes_no_sense_is_refused_by_name(entry, where):
    """A broken file is named, never scored."""
    with pytest.raises(InputError, match=where):
        line_of(entry, step=0.5)
