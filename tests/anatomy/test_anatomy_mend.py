"""A canal whose wall was mistaken over a short stretch."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.anatomy.mend import mended, narrow_share
from catheterview.limits import AnatomyLimits

LIMITS = AnatomyLimits()


def canal() -> tuple[np.ndarray, np.ndarray]:
    z = np.arange(-90.0, 91.0, 3.0)
    return np.stack([4.0 + 0.02 * z, -20.0 + 0.001 * z**2, z], axis=1), np.full(len(z), 8.0)


def test_a_canal_pushed_aside_by_a_dense_pool_is_led_straight() -> None:
    """Pinched to a third and 4 mm off its middle over 2 cm: both are put right to a millimetre."""
    true, radius = canal()
    dent = np.exp(-0.5 * (true[:, 2] / 7.0) ** 2)
    points, narrow = true + dent[:, None] * np.array([4.0, 1.0, 0.0]), radius - 5.5 * dent
    better, wide = mended(points, narrow, LIMITS)
    assert np.linalg.norm(better - true, axis=1).max() < 1.0
    assert wide.min() > 7.0


def test_a_stenosis_stays() -> None:
    """Narrow where its middle stays: that is the patient's own canal."""
    true, radius = canal()
    narrow = radius - 4.0 * np.exp(-0.5 * (true[:, 2] / 7.0) ** 2)
    points, width = mended(true, narrow, LIMITS)
    assert np.array_equal(points, true)
    assert width == pytest.approx(narrow)


def test_a_canal_that_is_left_narrow_over_levels_is_known() -> None:
    """A third of it at half its width counts as a third; an even one as none, unless no canal is as narrow."""
    _, radius = canal()
    third = np.where(np.arange(len(radius)) % 3 == 0, radius / 2.0, radius)
    assert narrow_share(third, LIMITS) == pytest.approx(1.0 / 3.0, abs=0.02)
    assert narrow_share(radius, LIMITS) == 0.0
    assert narrow_share(radius / 2.0, LIMITS) == 1.0
