"""Contrast in a dye study is followed: movement out, catheter found and timed, what lies beside it measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from catheterview.limits.cine import CineLimits
from catheterview.model.cine import DyeReading
from catheterview.trace.cine import find_disc, opacified, read_dye
from catheterview.trace.cine.motion import aligned, largest_px
from dye_runs import DISC, FRAMES, SHAPE, arrival, drawn_run, line, run_of

LIMITS = CineLimits()


@pytest.fixture(scope="module")
def moved() -> DyeReading:
    """A run with a pool at the end of the line, in which the patient moves by two pixels."""
    cine = drawn_run(blob=(50.0, 207.0), shift=2.0)
    return read_dye(cine, find_disc(cine, LIMITS), LIMITS)


def test_a_shift_of_the_patient_is_taken_out() -> None:
    """What moved by two pixels is back where it was, to a fraction of a pixel."""
    cine = drawn_run(dye=0.0, shift=2.0)
    back, fields = aligned(cine.density, np.ones(SHAPE, dtype=np.float32), LIMITS)
    inside = np.s_[40:-40, 40:-40]
    before = np.std((cine.density[-1] - cine.density[0])[inside])
    after = np.std((back[-1] - back[0])[inside])
    assert 1.0 < largest_px(fields)[-1] < 3.5
    assert after < 0.5 * before


def test_the_pump_is_found_by_its_disc() -> None:
    """A disc of a known pump's size gives its middle and the scale; without one there is none."""
    (pump,) = find_disc(drawn_run(), LIMITS)
    assert np.hypot(pump.center[0] - DISC[0], pump.center[1] - DISC[1]) < 2.5
    assert pump.mm_per_px == pytest.approx(87.5 / 2.0 / DISC[2], rel=0.12)
    noise = np.random.default_rng(1).standard_normal((FRAMES, *SHAPE)).astype(np.float32)
    assert find_disc(run_of(noise), LIMITS) == ()


def test_the_filled_catheter_is_followed_from_the_pump_to_its_end(moved: DyeReading) -> None:
    """The course runs along the line, most of the way, in the direction of the flow, in spite of the movement."""
    assert moved.course is not None
    points = moved.course.catheter.points
    assert float(np.percentile(cKDTree(line()).query(points)[0], 90.0)) < 4.0
    assert float((cKDTree(points).query(line())[0] < 4.0).mean()) > 0.85
    assert np.hypot(*(points[0] - line()[0])) < LIMITS.start_px


def test_contrast_arrives_in_the_order_of_the_flow_and_about_when_it_did() -> None:
    """The arrival curve never falls, and its median error is small."""
    cine = drawn_run()
    reading = read_dye(cine, find_disc(cine, LIMITS), LIMITS)
    assert reading.course is not None
    assert (np.diff(reading.course.arrival) >= 0.0).all()
    nearest = cKDTree(line()).query(reading.course.catheter.points)[1]
    assert float(np.median(np.abs(reading.course.arrival - arrival()[nearest]))) < 2.0


def test_a_pool_is_measured_where_it_lies(moved: DyeReading) -> None:
    """The largest stain is the pool: at its place, as wide as drawn, begun when it did."""
    pool = moved.stains[0]
    assert np.hypot(pool.center[0] - 50.0, pool.center[1] - 207.0) < 8.0
    assert 6.0 < pool.wide_px <= pool.long_px < 30.0
    assert 14.0 <= pool.onset <= 22.0


def test_nothing_is_made_up_of_noise_or_of_a_few_frames() -> None:
    """A run without contrast gives no course; one with too few frames says so."""
    quiet = drawn_run(dye=0.0)
    assert read_dye(quiet, (), LIMITS).course is None
    short = run_of(quiet.density[:5].copy())
    reading = read_dye(short, (), LIMITS)
    assert reading.opacified is None
    assert "too few" in reading.why


def test_a_run_twice_as_fine_is_worked_on_in_halves() -> None:
    """Pixels of the answer are those of the run, whatever it is worked on at."""
    seen = opacified(drawn_run(), None, CineLimits(side_px=200))
    assert seen is not None
    assert seen.shrunk == 2
    assert seen.change.shape[1:] == (SHAPE[0] // 2, SHAPE[1] // 2)
