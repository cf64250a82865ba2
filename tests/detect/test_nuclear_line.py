"""What a filled catheter usually holds, and where it ends, read from a line of which only a part is filled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.detect.nuclear.forward import stretches_of
from catheterview.detect.nuclear.measure import Profile, usual_share
from catheterview.detect.nuclear.passage import _end_of_line
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits

LIMITS = NuclearLimits()
_USUAL = 2.2e-4  # 0.0022 ml in 10 ml
_COUNT = 50


def _line(share: FloatArray) -> Profile:
    course = np.array([(90.0, -70.0, 40.0), (80.0, -70.0 + 10.0 * _COUNT, 40.0)])
    noise = np.random.default_rng(5).normal(size=_COUNT) * 2e-5
    return Profile(lines=stretches_of(course, 10.0), share=(share + noise).clip(0.0), sd=np.full(_COUNT, 2e-5))


def _filled_to(end_mm: float) -> Profile:
    length = stretches_of(np.array([(90.0, -70.0, 40.0), (80.0, -70.0 + 10.0 * _COUNT, 40.0)]), 10.0).length_mm
    return _line(_USUAL * np.clip(end_mm / length - np.arange(_COUNT), 0.0, 1.0))


def test_an_early_line_is_compared_with_its_filled_part() -> None:
    """Eight of fifty centimetres are filled: the usual is what these hold, not the noise of the empty ones."""
    assert usual_share(_filled_to(80.0), LIMITS) == pytest.approx(_USUAL, rel=0.25)


def test_a_pool_is_not_taken_for_what_a_catheter_holds() -> None:
    """Most of what is filled is a pool: the usual is no more than the widest catheter can hold."""
    share = np.where(np.arange(_COUNT) < 6, 20.0 * _USUAL, 0.0)
    assert usual_share(_line(share), LIMITS) < 2.0 * _USUAL


def test_an_empty_line_holds_nothing() -> None:
    """Noise alone is no filled stretch."""
    assert usual_share(_line(np.zeros(_COUNT)), LIMITS) == 0.0


@pytest.mark.parametrize("end_mm", [143.0, 147.0, 150.0, 156.0])
def test_the_end_is_found_within_its_stretch(end_mm: float) -> None:
    """A line that ends within a centimetre's stretch: to within two millimetres."""
    line = _filled_to(end_mm)
    arc_mm, point = _end_of_line(line, 14, LIMITS)
    assert arc_mm == pytest.approx(end_mm, abs=2.0)
    assert abs(point[1] - (-70.0 + end_mm)) < 2.5


@pytest.mark.parametrize("end_mm", [143.0, 156.0])
def test_what_one_stretch_takes_from_the_next_moves_no_end(end_mm: float) -> None:
    """Neighbours share a point spread: every other one holds nearly half more or less; to within four millimetres."""
    line = _filled_to(end_mm)
    uneven = line.share * (1.0 + 0.45 * (-1.0) ** np.arange(_COUNT))
    arc_mm, _ = _end_of_line(replace(line, share=uneven), 14, LIMITS)
    assert arc_mm == pytest.approx(end_mm, abs=4.0)


def test_a_cut_lies_in_the_middle_of_what_pools_round_it() -> None:
    """Two stretches hold forty times what is usual: the end lies between them, not beyond."""
    line = _filled_to(150.0)
    pooled = line.share + 40.0 * _USUAL * np.isin(np.arange(_COUNT), (14, 15))
    arc_mm, _ = _end_of_line(replace(line, share=pooled), 17, LIMITS)
    assert arc_mm == pytest.approx(150.0, abs=1.5)
