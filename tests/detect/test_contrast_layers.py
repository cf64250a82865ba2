"""Contrast in layers of the canal, and voids in a filled sac."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from contrast_scenes import Drawing, shorter

from catheterview.detect.contrast import find_filling_defects, find_layers
from catheterview.limits import DetectLimits
from catheterview.model import Kind, Segment

LIMITS = DetectLimits()
EMPTY, FULL = np.zeros(2), np.array([120.0, 130.0])


def test_a_crescent_inside_the_dura_is_a_subdural_pattern() -> None:
    """Contrast on one side of the sac's border over the whole length, none in its middle or opposite."""
    (found,) = find_layers(shorter(Drawing().sac(EMPTY).crescent(250.0), 62.0), LIMITS)
    assert (found.kind, found.segment) == (Kind.SUBDURAL_PATTERN, Segment.TIP)
    assert found.measures["angle_share"] == pytest.approx(0.4, abs=0.15)
    assert found.measures["length_mm"] > 50.0


def test_contrast_outside_an_empty_sac_is_an_epidural_pattern() -> None:
    """Round the sac and not in it; a filled sac with bright borders is none."""
    (found,) = find_layers(shorter(Drawing().sac(EMPTY).outside_dura(200.0), 62.0), LIMITS)
    assert found.kind is Kind.EPIDURAL_PATTERN
    assert find_layers(shorter(Drawing().sac(FULL).outside_dura(200.0), 62.0), LIMITS) == ()


def test_a_full_an_empty_and_a_pooled_sac_hold_no_layer() -> None:
    """Neither an even fill, nor none, nor a ball at the tip is a layer."""
    pool = Drawing().sac(EMPTY).blob(np.array([100.0, 20.0, 62.0]), 6.0, 320.0)
    for drawing in (Drawing().sac(FULL), Drawing().sac(EMPTY), pool):
        assert find_layers(shorter(drawing, 62.0), LIMITS) == ()


def test_epidural_contrast_that_was_taken_for_the_canals_wall_is_told() -> None:
    """The canal is led too narrow where contrast lies round the sac; elsewhere it is as wide as it is."""
    evidence = shorter(Drawing().sac(EMPTY).outside_dura(200.0), 62.0)
    anatomy = evidence.anatomy
    here = np.abs(anatomy.canal[:, 2] - 62.0) < 24.0
    led = replace(anatomy, canal_radius_mm=np.where(here, 0.7, 1.0) * anatomy.canal_radius_mm)
    (found,) = find_layers(replace(evidence, anatomy=led), LIMITS)
    assert found.kind is Kind.EPIDURAL_PATTERN


@pytest.mark.parametrize("radius_mm", [5.0, 3.0])
def test_tissue_at_the_tip_in_a_filled_sac_is_a_filling_defect(radius_mm: float) -> None:
    """A ball of 10 or 6 mm on the tip: a void, with the words that stopping delivery has its own risk."""
    drawing = Drawing().sac(FULL).mass(np.array([100.0, 20.5, 62.0]), radius_mm)
    (found,) = find_filling_defects(shorter(drawing, 62.0), LIMITS)
    assert (found.kind, found.segment) == (Kind.FILLING_DEFECT, Segment.TIP)
    assert found.measures["diameter_mm"] == pytest.approx(2.0 * radius_mm, abs=2.0)
    assert any("withdrawal" in caution for caution in found.cautions)


def test_a_mass_in_a_sac_as_dark_as_itself_is_not_claimed() -> None:
    """Without contrast, and in an even fill, nothing is said."""
    for fill, radius in ((EMPTY, 5.0), (FULL, 0.0)):
        drawing = Drawing().sac(fill).mass(np.array([100.0, 21.0, 62.0]), radius)
        assert find_filling_defects(shorter(drawing, 62.0), LIMITS) == ()
