"""What contrast does in the canal, and where the tip lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from contrast_scenes import Drawing, shorter

from catheterview.detect.contrast.pooling import find_pooling
from catheterview.detect.contrast.tip import find_tip_malpositions
from catheterview.limits import DetectLimits
from catheterview.model import Kind, Segment

LIMITS = DetectLimits()
#: Heights of the drawn canal at which `Drawing.sac` takes its values, -40 to 110 mm in steps of 2 mm.
HEIGHTS = np.arange(-40.0, 111.0, 2.0)


def test_contrast_that_fills_the_sac_raises_nothing() -> None:
    """A wide, gently falling spread round the tip is as it should be, and so is a sac without contrast."""
    for fill in (60.0 + 60.0 * np.exp(-(((HEIGHTS - 60.0) / 70.0) ** 4)), np.zeros(2)):
        assert find_pooling(shorter(Drawing().sac(fill), 62.0), LIMITS) == ()


def test_a_confined_pool_at_the_tip_is_a_loculation() -> None:
    """A dense ball at the tip, and CSF without contrast beyond it."""
    drawing = Drawing().sac(np.zeros(2)).blob(np.array([100.0, 20.0, 62.0]), 6.0, 320.0)
    (found,) = find_pooling(shorter(drawing, 62.0), LIMITS)
    assert (found.kind, found.segment) == (Kind.TIP_LOCULATION, Segment.TIP)
    assert found.measures["length_mm"] == pytest.approx(12.0, abs=6.0)


def test_a_confined_pool_is_told_where_the_line_was_followed_past_it() -> None:
    """A ball in the sac, 24 mm below the line's end: shown where it lies; in a filled sac it is no loculation."""
    ball = np.array([100.0, 20.0, 72.0])
    (found,) = find_pooling(Drawing().sac(np.zeros(2)).blob(ball, 6.0, 320.0).evidence(), LIMITS)
    assert found.kind is Kind.TIP_LOCULATION
    assert np.linalg.norm(np.array(found.point) - ball) < 6.0
    filled = Drawing().sac(np.full(2, 90.0)).blob(ball, 6.0, 320.0).evidence()
    assert all(one.kind is not Kind.TIP_LOCULATION for one in find_pooling(filled, LIMITS))


def test_contrast_that_stays_round_the_tip_pools_inadequately() -> None:
    """Thin contrast over two centimetres of sac and none beyond."""
    fill = 90.0 * np.exp(-0.5 * ((HEIGHTS - 58.0) / 9.0) ** 2)
    (found,) = find_pooling(shorter(Drawing().sac(fill), 60.0), LIMITS)
    assert (found.kind, found.segment) == (Kind.INADEQUATE_POOLING, Segment.INTRATHECAL)
    assert any("false positives" in caution for caution in found.cautions)


def test_contrast_that_stops_above_the_tip_is_an_obstruction() -> None:
    """From full to empty within a few millimetres, 20 mm above the tip: named there."""
    fill = np.where(HEIGHTS < 78.0, 110.0, 0.0)
    (found,) = find_pooling(shorter(Drawing().sac(fill), 58.0), LIMITS)
    assert found.kind is Kind.FLOW_OBSTRUCTION
    assert found.point[2] == pytest.approx(78.0, abs=6.0)


def test_a_tip_in_the_sac_is_in_place() -> None:
    """A catheter that ends in the middle of the canal raises nothing."""
    assert find_tip_malpositions(shorter(Drawing().sac(np.zeros(2)), 60.0), LIMITS) == ()


def test_a_tip_beside_the_spine_is_malposed() -> None:
    """A catheter that ends in the muscle, 15 mm from the canal, is said to; what ends at the scan's edge is not."""
    evidence = shorter(Drawing().sac(np.zeros(2)), 14.0)
    (found,) = find_tip_malpositions(evidence, LIMITS)
    assert (found.kind, found.segment) == (Kind.TIP_MALPOSITION, Segment.TIP)
    assert found.measures["clearance_mm"] > 5.0


def test_a_tip_at_another_level_than_recorded_has_migrated() -> None:
    """Against the implant's record, and only where levels are named."""
    evidence = shorter(Drawing().sac(np.zeros(2)), 60.0)
    here = evidence.anatomy.levels[-1].name
    other = evidence.anatomy.levels[0].name
    assert find_tip_malpositions(replace(evidence, implant_tip_level=here), LIMITS) == ()
    assert find_tip_malpositions(replace(evidence, implant_tip_level="V4"), LIMITS) == ()
    (found,) = find_tip_malpositions(replace(evidence, implant_tip_level=other), LIMITS)
    assert found.kind is Kind.MIGRATION
    assert found.measures["shift_levels"] == 1.0
