"""Dips of a profile: the same as the library's, without its import."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import find_peaks, peak_prominences

from catheterview.anatomy.dips import dips_of


@pytest.mark.parametrize("seed", range(12))
def test_dips_are_those_of_the_library(seed: int) -> None:
    """Of noise, of rounded noise with flat bottoms, and of a slope: places and depths agree."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.standard_normal(200))
    for profile in (walk, np.round(walk), np.arange(30.0), np.ones(9)):
        rows, depth = dips_of(profile)
        expected, _ = find_peaks(-profile)
        assert rows.tolist() == expected.tolist()
        assert depth == pytest.approx(peak_prominences(-profile, expected)[0])
