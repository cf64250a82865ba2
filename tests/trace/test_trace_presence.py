"""Absence has to be shown: dark over a length that the scan resolves, where the scan looked."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.limits import TraceLimits
from catheterview.trace.presence import presence_along
from catheterview.trace.profile import Profile

LIMITS = TraceLimits()


def dark_between(first: int, last: int) -> Profile:
    """A tube of 400 HU, 200 points long, that is as dark as its surroundings from `first` to `last`."""
    core = np.full(200, 440.0)
    core[first:last] = 42.0
    return Profile(core=core, around=np.full(200, 40.0), spread=np.full(200, 12.0), brightest=np.full(200, 60.0))


def test_a_dark_stretch_of_a_scan_without_holes_is_absent() -> None:
    """Eight millimetres without a tube, in slices that touch, are a gap where they were seen to be."""
    presence = presence_along(dark_between(100, 116), 1.0, LIMITS)
    assert np.flatnonzero(presence.absent).min() == pytest.approx(100, abs=1)
    assert np.flatnonzero(presence.absent).max() == pytest.approx(115, abs=1)
    assert not presence.hidden.any()


@pytest.mark.parametrize(("slices", "absent"), [(0.6, False), (3.0, True)])
def test_a_tube_can_lie_between_two_slices_but_not_across_them(slices: float, absent: bool) -> None:
    """Where slices leave tissue unseen, only a dark stretch that crosses them is shown to be absent."""
    depth = 20.3 + slices * np.arange(200) / 16.0
    presence = presence_along(dark_between(100, 116), 2.5, LIMITS, depth=depth)
    assert bool(presence.absent.any()) is absent
    assert bool(presence.hidden.any()) is not absent


def test_noise_that_could_hide_the_tube_shows_no_absence() -> None:
    """A dark stretch among surroundings as restless as the tube is bright is hidden."""
    loud = dark_between(100, 116)
    restless = Profile(core=loud.core, around=loud.around, spread=np.full(200, 250.0), brightest=loud.brightest)
    presence = presence_along(restless, 1.0, LIMITS)
    assert not presence.absent.any()
    assert presence.hidden.any()
