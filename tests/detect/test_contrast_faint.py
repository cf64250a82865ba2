"""What is no brighter than muscle: thin contrast in fat, and fluid round a pump."""

from __future__ import annotations

import numpy as np
import pytest
from contrast_scenes import FAT_HU, MUSCLE_HU, Drawing

from catheterview.detect.contrast.leaks import find_leaks
from catheterview.detect.contrast.seroma import find_seromas
from catheterview.limits import DetectLimits
from catheterview.model import Kind, Segment

LIMITS = DetectLimits()
FULL = np.array([90.0, 110.0, 120.0])


def in_fat() -> Drawing:
    """A catheter in fat that ends in a full sac."""
    return Drawing().in_fat().sac(FULL)


@pytest.mark.parametrize(("radius_mm", "add_hu"), [(4.8, 175.0), (5.0, 160.0)])
def test_thin_contrast_in_fat_is_told_by_being_a_swelling(radius_mm: float, add_hu: float) -> None:
    """Half a ml that stays at muscle's HU, since fat ends them on every side: one extravasation, in its place."""
    drawing = in_fat()
    drawing.blob(drawing.beside(80.0, (0.0, 0.6, 0.6)), radius_mm, add_hu)
    (leak,) = find_leaks(drawing.evidence(), LIMITS)
    assert (leak.kind, leak.segment) == (Kind.EXTRAVASATION, Segment.SUBCUTANEOUS_TRACT)
    assert leak.measures["arc_mm"] == pytest.approx(80.0, abs=5.0)


@pytest.mark.parametrize("radius_mm", [5.0, 0.0])
def test_thin_contrast_in_fat_is_told_near_the_skin(radius_mm: float) -> None:
    """Skin and air 7 mm beside the tube hide no swelling, and are none."""
    drawing = in_fat()
    here = drawing.at(80.0)
    off = drawing.points[..., 2] - here[2]
    drawing.hu[off < -6.0] = MUSCLE_HU
    drawing.hu[off < -8.0] = -1000.0
    if radius_mm:
        drawing.blob(here, radius_mm, 165.0)
    kinds = [one.kind for one in find_leaks(drawing.evidence(), LIMITS)]
    assert kinds == ([Kind.EXTRAVASATION] if radius_mm else [])


def test_muscle_and_old_fluid_that_a_tube_runs_through_are_no_leak() -> None:
    """A sheet of muscle goes on beside the tube, and a pocket of old fluid is darker than contrast."""
    sheet, fluid = in_fat(), in_fat()
    here = sheet.at(80.0)
    sheet.hu[np.abs(sheet.points[..., 0] - here[0]) < 4.0] = 60.0
    fluid.blob(fluid.at(80.0), 7.0, 18.0 - FAT_HU)
    assert find_leaks(sheet.evidence(), LIMITS) == ()
    assert find_leaks(fluid.evidence(), LIMITS) == ()


@pytest.mark.parametrize(
    ("thick_mm", "hu", "told"), [(9.0, 10.0, 1), (3.2, 10.0, 1), (1.2, 10.0, 0), (9.0, MUSCLE_HU + 8.0, 0)]
)
def test_fluid_over_a_pumps_face_is_a_seroma_and_muscle_is_not(thick_mm: float, hu: float, told: int) -> None:
    """A layer of fluid over the face in fat is told, a thin one too; a film is not, nor is a layer of muscle."""
    found = find_seromas(in_fat().covered_pump(thick_mm, hu), LIMITS)
    assert [one.kind for one in found] == [Kind.SEROMA] * told
    assert all(one.measures["mean_hu"] == pytest.approx(hu, abs=12.0) for one in found)
