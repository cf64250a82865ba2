"""What a CT cannot tell because of how it was made is said, and only then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from contrast_scenes import Drawing

from catheterview.detect.contrast import find_protocol_limits
from catheterview.limits import DetectLimits
from catheterview.model import Evidence, Rung


def _said(evidence: Evidence) -> list[str]:
    return [one.message for one in find_protocol_limits(evidence, DetectLimits())]


def test_a_thin_scan_that_holds_the_course_is_passed_in_silence() -> None:
    """Nothing is said of a plain CT in slices of 1.5 mm."""
    assert _said(Drawing().evidence(Rung.CT)) == []


def test_thick_slices_are_said() -> None:
    """Slices of 5 mm hide a gap, even where they overlap."""
    evidence = Drawing().evidence()
    (said,) = _said(replace(evidence, image=replace(evidence.image, slice_thickness_mm=5.0)))
    assert "5.0 mm are too thick" in said


def test_a_catheter_that_leaves_the_scan_is_said() -> None:
    """A tip at the scan's edge may go on beyond it."""
    evidence = Drawing().evidence()
    (whole,) = evidence.catheters
    grid = evidence.image.placed
    index = grid.world_to_index(whole.points[-1])
    cut = min(int(index[0]), evidence.image.voxels.shape[0] - 3)
    voxels = np.array(evidence.image.voxels[cut:])
    image = replace(evidence.image, voxels=voxels, grid=grid.cropped((cut, 0, 0), voxels.shape), sop_instance_uids=())
    assert any("leaves the scan" in one for one in _said(replace(evidence, image=image)))


def test_a_study_with_contrast_by_its_order_and_none_in_its_pixels_is_said() -> None:
    """Neither sac nor tissue holds contrast: it did not arrive."""
    evidence = Drawing().evidence(Rung.CAP_CT)
    watery = replace(evidence.image, voxels=evidence.image.voxels - np.int16(40))  # CSF for muscle
    evidence = replace(evidence, image=watery)
    assert any("no contrast is seen in" in one.lower() for one in _said(evidence))
