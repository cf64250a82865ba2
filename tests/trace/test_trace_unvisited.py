"""Turns that were left out are seen beside the way that left them out, and the tube is followed through noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_tubes import Scene, coil_grid, coiled_course
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.trace.calibrate import calibrated
from catheterview.trace.lanes import Way
from catheterview.trace.stride import follow_out, stopped_at
from catheterview.trace.unvisited import unvisited

LIMITS = TraceLimits()


def turn_at(height_mm: float) -> FloatArray:
    """Most of a turn of 20 mm radius, in steps of a millimetre."""
    angle = np.arange(0.0, 5.0, 0.05)
    return np.stack([20.0 * np.cos(angle), 20.0 * np.sin(angle), np.full_like(angle, height_mm)], axis=1)


def way_along(points: FloatArray, beside: tuple[FloatArray, ...]) -> Way:
    none = np.zeros(len(points), dtype=np.bool_)
    whole = tuple(np.column_stack([places, np.ones(len(places))]) for places in beside)
    return Way(points=points, touches=~none, to=None, crowded=none, beside=whole)


def test_a_turn_beside_a_way_is_found() -> None:
    """What was seen over 70 of a hundred steps comes back as one line, less its ends, though noise lay about."""
    followed, other = turn_at(0.0), turn_at(1.6)
    noise = np.random.default_rng(4).uniform(-6.0, 6.0, (len(followed), 3))
    beside = tuple(
        np.stack([other[n], followed[n] + noise[n]]) if 20 <= n < 90 else noise[n : n + 1] + followed[n]
        for n in range(len(followed))
    )
    (found,) = unvisited([way_along(followed, beside)], [followed], 0.7, LIMITS)
    assert arc_length(found)[-1] == pytest.approx(70.0 - 2.0 * LIMITS.unvisited_end_mm, abs=3.0)
    assert cKDTree(other).query(found)[0].max() < 0.6


def test_a_turn_through_which_a_line_runs_is_not_left_out() -> None:
    """The same neighbour is nothing new where a line lies on it, nor beside a way that lies on no line."""
    followed, other = turn_at(0.0), turn_at(1.6)
    way = way_along(followed, tuple(place[None] for place in other))
    assert len(unvisited([way], [followed], 0.7, LIMITS)) == 1
    assert unvisited([way], [followed, other], 0.7, LIMITS) == []
    assert unvisited([way], [turn_at(9.0)], 0.7, LIMITS) == []


def test_a_way_ends_where_it_comes_to_a_line_found_later() -> None:
    """It goes in at the end that faces it, and passes the one that looks the other way."""
    way = way_along(np.linspace((0.0, 0.0, 0.0), (40.0, 0.0, 0.0), 41), (np.zeros((0, 3)),) * 41)
    line = np.linspace((25.0, 0.2, 0.0), (50.0, 0.2, 0.0), 26)
    ended = stopped_at(way, [line], [(0, 0), (0, 1)])
    assert ended.to == (0, 0)
    assert ended.points[-1] == pytest.approx([25.0, 0.0, 0.0], abs=1.0)
    assert len(ended.touches) == len(ended.beside) == len(ended.points)
    assert stopped_at(way, [line], [(0, 1)]) is way
    assert stopped_at(way, [line + np.array([0.0, 5.0, 0.0])], [(0, 0), (0, 1)]) is way


def test_in_noise_the_longer_average_gets_through() -> None:
    """In noise of a third of its contrast a coil is lost step by step; averaged along its bend it is not."""
    truth = coiled_course(2.0)
    arc = arc_length(truth)
    ends = [truth[(arc > 4.0) & (arc < 28.0)], truth[(arc > arc[-1] - 50.0) & (arc < arc[-1] - 10.0)]]
    lines = [resample_polyline(end, step=1.0) for end in ends]
    image = Scene(tube=truth, touching=True, noise_hu=120.0).on(coil_grid())
    strand = calibrated(image, lines[1:], LIMITS)
    assert strand is not None
    shorter, longer = (replace(LIMITS, strand_along_mm=along) for along in LIMITS.strand_alongs_mm)
    begins = [((0, 1), shorter), ((0, 1), longer), ((1, 0), longer)]
    lost, there, back = follow_out(image, strand, lines, begins, near=cKDTree(truth[::20]))
    assert lost.to is None
    assert (there.to, back.to) == ((1, 0), (0, 1))
    between = arc[-1] - 50.0 - 28.0
    for way in (there, back):
        assert len(way.points) == pytest.approx(between, abs=3.0)
        assert cKDTree(truth).query(way.points)[0].mean() < 0.25
