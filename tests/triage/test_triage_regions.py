"""Contrast that a finding is about goes on as a region, to be segmented; other bright things do not."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "detect"))
from contrast_scenes import Drawing

from catheterview.detect import map_contrast
from catheterview.detect.contrast.leaks import find_leaks
from catheterview.limits import DetectLimits
from catheterview.model import Kind
from catheterview.triage.staircase import _deposits

LIMITS = DetectLimits()


def test_a_leak_is_drawn_and_what_nobody_told_of_is_not() -> None:
    """One region, where the pool is, as large as was said; none of it without its finding."""
    drawing = Drawing().sac(np.array([90.0, 110.0, 120.0]))
    middle = drawing.beside(80.0, (0.0, 0.9, 0.6))
    evidence = drawing.blob(middle, 6.0, 300.0).evidence()
    evidence = replace(evidence, contrast=map_contrast(evidence, LIMITS))
    (leak,) = find_leaks(evidence, LIMITS)
    (deposit,) = _deposits(evidence, (leak,))
    region = deposit.region
    at = region.grid.index_to_world(np.argwhere(region.mask))
    assert deposit.substance == "contrast"
    assert leak.kind is Kind.EXTRAVASATION
    assert region.volume_ml == pytest.approx(leak.measures["volume_ml"], rel=0.1)
    assert np.linalg.norm(at.mean(axis=0) - middle) < 4.0
    assert _deposits(evidence, ()) == ()
    assert _deposits(replace(evidence, contrast=None), (leak,)) == ()
