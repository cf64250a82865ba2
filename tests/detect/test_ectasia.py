"""A tube that is wider over a stretch."""

from __future__ import annotations

import numpy as np
import pytest
from contrast_scenes import Drawing

from catheterview.detect.ectasia import find_ectasia
from catheterview.limits import DetectLimits
from catheterview.model import Kind, Segment

LIMITS = DetectLimits()


def test_a_tube_much_wider_over_two_centimetres_is_ectatic() -> None:
    """Named in the tract with its ratio and length; the same tube all along, or wide over 5 mm, is not."""
    sac = np.array([90.0, 120.0])
    (found,) = find_ectasia(Drawing().sac(sac).wider(50.0, 72.0, 1.8).evidence(), LIMITS)
    assert (found.kind, found.segment) == (Kind.ECTASIA, Segment.SUBCUTANEOUS_TRACT)
    assert found.measures["wide_ratio"] == pytest.approx(1.75, abs=0.3)
    assert found.measures["length_mm"] == pytest.approx(22.0, abs=6.0)
    assert find_ectasia(Drawing().sac(sac).evidence(), LIMITS) == ()
    assert find_ectasia(Drawing().sac(sac).wider(58.0, 63.0, 1.8).evidence(), LIMITS) == ()
