"""Contrast outside the catheter: found, measured, named by where it lies, and not confused with bone."""

from __future__ import annotations

import numpy as np
import pytest
from contrast_scenes import Drawing

from catheterview.detect import map_contrast
from catheterview.detect.contrast.ectasia import find_ectasias
from catheterview.detect.contrast.hanging import once_each
from catheterview.detect.contrast.leaks import find_leaks
from catheterview.detect.contrast.rings import rings_round
from catheterview.detect.contrast.sleeve import sleeve_on
from catheterview.geometry import grid_from_axes
from catheterview.limits import DetectLimits
from catheterview.model import Finding, Kind, Region, Rung, Segment
from catheterview.model.contrast import Collection

LIMITS = DetectLimits()
FULL = np.array([90.0, 110.0, 120.0])


def leaks_of(drawing: Drawing) -> tuple[Finding, ...]:
    return find_leaks(drawing.evidence(), LIMITS)


def test_a_clean_tube_in_muscle_with_a_full_sac_leaks_nothing() -> None:
    """Contrast in lumen and sac, where it belongs, raises nothing."""
    assert leaks_of(Drawing().sac(FULL)) == ()


@pytest.mark.parametrize(("radius_mm", "add_hu"), [(3.7, 120.0), (6.0, 300.0), (8.0, 600.0)])
def test_a_pool_beside_the_catheter_is_found_and_measured(radius_mm: float, add_hu: float) -> None:
    """From 0.2 ml at 120 HU over muscle: one extravasation, within 5 mm, its volume within a factor of two."""
    drawing = Drawing().sac(FULL)
    drawing.blob(drawing.beside(80.0, (0.0, 0.9, 0.6)), radius_mm, add_hu)
    (leak,) = leaks_of(drawing)
    assert leak.kind is Kind.EXTRAVASATION
    assert leak.segment is Segment.SUBCUTANEOUS_TRACT
    assert leak.measures["arc_mm"] == pytest.approx(80.0, abs=5.0)
    assert leak.measures["volume_ml"] == pytest.approx(4.19 * radius_mm**3 / 1000.0, rel=0.5)
    assert leak.measures["mean_hu"] == pytest.approx(50.0 + add_hu, rel=0.25)


def test_a_pool_at_the_connector_is_a_connector_leak() -> None:
    """Within two centimetres of the connector it is named after it, with the retrograde caution."""
    drawing = Drawing().sac(FULL)
    drawing.blob(drawing.beside(18.0, (0.0, 0.5, 1.0)), 4.5, 350.0)
    (leak,) = leaks_of(drawing)
    assert (leak.kind, leak.segment) == (Kind.CONNECTOR_LEAK, Segment.CONNECTOR)
    assert any("retrograde" in caution for caution in leak.cautions)


def test_a_track_that_thins_from_the_dura_is_retrograde() -> None:
    """Contrast from the dural entry along the catheter, thinner towards the pump, is a dural leak, and only that."""
    drawing = Drawing().sac(FULL)
    drawing.sleeve(70.0, 164.0, np.array([90.0, 160.0, 320.0]))
    (leak,) = leaks_of(drawing)
    assert (leak.kind, leak.segment) == (Kind.RETROGRADE_TRACKING, Segment.DURAL_ENTRY)
    assert leak.measures["track_mm"] > 60.0
    assert leak.measures["falls"] < 0.9


def test_bone_beside_the_catheter_is_no_contrast() -> None:
    """A plate with shell and marrow that touches the tube on one side and goes on is left alone."""
    drawing = Drawing().sac(FULL)
    drawing.bone(drawing.beside(90.0, (0.0, 9.5, 0.0)), np.array([24.0, 8.0, 24.0]))
    assert leaks_of(drawing) == ()


def test_without_contrast_in_the_sac_only_a_faint_blush_is_believed() -> None:
    """In a plain scan what an earlier study left is faint; a dense body beside the catheter is something else."""
    faint, dense = Drawing().sac(np.zeros(2)), Drawing().sac(np.zeros(2))
    for drawing, add_hu in ((faint, 110.0), (dense, 640.0)):
        drawing.blob(drawing.at(80.0), 5.0, add_hu)
    (blush,) = leaks_of(faint)
    assert "faint blush" in blush.message
    assert any("earlier" in caution for caution in blush.cautions)
    assert leaks_of(dense) == ()


@pytest.mark.parametrize(
    ("fill", "told"),
    [
        (np.array([0.0, 0.0]), Rung.CT),
        (np.array([20.0, 90.0, 120.0]), Rung.CAP_CT),
        (np.array([200.0, 120.0, 70.0]), Rung.LP_CT),
    ],
)
def test_the_study_is_told_from_the_pixels(fill: np.ndarray, told: Rung) -> None:
    """No contrast, contrast from the tip, and contrast from below are told apart whatever the header says."""
    assert map_contrast(Drawing().sac(fill).evidence(Rung.CT), LIMITS).told is told


def test_the_map_holds_a_course_for_each_catheter() -> None:
    """Lumen, sleeve and width along the whole catheter, in one grid of arc lengths."""
    drawing = Drawing().sac(FULL)
    seen = map_contrast(drawing.evidence(), LIMITS)
    (course,) = seen.courses
    assert course.arc_mm[-1] == pytest.approx(float(drawing.arc_mm[-1]), abs=0.5)
    assert float(np.median(course.lumen_hu)) > 400.0
    assert float(np.median(course.sleeve_hu)) == pytest.approx(50.0, abs=25.0)
    assert float(np.median(course.width_mm)) == pytest.approx(1.9, abs=0.8)


@pytest.mark.parametrize("thicker_mm", [0.0, 4.8])
def test_a_thin_sleeve_that_leads_back_from_the_dura_is_a_track(thicker_mm: float) -> None:
    """In fat a sleeve that stays below muscle's HU is no collection, but leads a leak at the dura back to its end.

    A place at which it is thicker is part of it.
    """
    drawing = Drawing()
    drawing.hu -= 130.0
    drawing.sac(np.array([90.0, 120.0])).blob(drawing.beside(157.0, (0.0, 1.0, 0.5)), 7.0, 400.0)
    drawing.sleeve(77.0, 159.0, np.array([140.0, 160.0]))
    if thicker_mm:
        drawing.blob(drawing.beside(100.0, (0.0, 0.6, 0.6)), thicker_mm, 60.0)
    (found,) = find_leaks(drawing.evidence(), DetectLimits())
    assert found.kind is Kind.RETROGRADE_TRACKING
    assert found.measures["track_mm"] == pytest.approx(85.0, abs=25.0)


def test_a_long_track_that_runs_on_to_bone_is_found_beside_it() -> None:
    """A sleeve of contrast whose end lies against a lamina is told by the rest of it."""
    drawing = Drawing().sac(FULL)
    drawing.sleeve(60.0, 150.0, np.array([120.0, 250.0, 400.0]))
    drawing.bone(drawing.beside(146.0, (0.0, 5.0, 0.0)), np.array([7.0, 4.0, 7.0]))
    found = leaks_of(drawing)
    assert len(found) == 1
    assert found[0].measures["track_mm"] > 50.0


def test_a_widened_stretch_of_the_tract_is_an_ectasia() -> None:
    """A tube three times as wide over 20 mm is told, with its length; the same tube without is not."""
    wide = Drawing().sac(FULL).wider(54.0, 74.0, 1.9)
    (found,) = find_ectasias(wide.evidence(), LIMITS)
    assert found.kind is Kind.ECTASIA
    assert found.measures["length_mm"] == pytest.approx(20.0, abs=8.0)
    assert float(np.linalg.norm(np.array(found.point) - wide.at(64.0))) < 8.0
    assert find_ectasias(Drawing().sac(FULL).evidence(), LIMITS) == ()


@pytest.mark.parametrize(
    ("hidden_mm", "long_mm", "told"), [(30.0, 80.0, True), (30.0, 35.0, False), (70.0, 80.0, False)]
)
def test_a_sleeve_counts_where_it_is_long_and_begins_at_the_dura(
    hidden_mm: float, long_mm: float, *, told: bool
) -> None:
    """Longer than any pool, from where bone no longer hides it; a short one, or one far off the dura, is none."""
    drawing = Drawing()
    entry_mm = float(drawing.arc_mm[-1]) - 60.0
    last_mm = entry_mm - hidden_mm
    seen = drawing.sleeve(last_mm - long_mm, last_mm, np.array([90.0, 130.0])).evidence()
    rings = rings_round(seen.image, seen.catheters[0], LIMITS.contrast)
    found = sleeve_on(rings, entry_mm, LIMITS.contrast)
    assert (found is not None) is told
    assert found is None or found.falls < 1.0


def test_contrast_that_hangs_together_is_told_once() -> None:
    """Of a leak at the connector and a loop that runs through it the leak is kept; what lies apart is kept, too."""
    grid = grid_from_axes((20, 24, 30), origin=(40.0, -12.0, 33.0), axes_mm=((0, 0, -1.5), (0, 1.2, 0), (-1.3, 0, 0)))

    def box(first: int, volume_ml: float) -> Collection:
        mask = np.zeros(grid.shape, dtype=bool)
        mask[4:12, 4:12, first : first + 6] = True
        return Collection(
            site="catheter", point=(0.0, 0.0, 0.0), region=Region.of(mask, grid), volume_ml=volume_ml, mean_hu=200.0,
            peak_hu=300.0,
        )  # fmt: skip

    leak, loop = (box(2, 2.0), Kind.CONNECTOR_LEAK), (box(6, 3.0), Kind.EXTRAVASATION)
    apart = (box(22, 1.0), Kind.EXTRAVASATION)
    assert once_each([loop, leak, apart], LIMITS.contrast) == [leak, apart]
