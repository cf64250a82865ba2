"""What is done faster than the library does it gives what the library gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from anatomy_drawings import axial_grid, patient
from scipy import ndimage

from catheterview.anatomy.axial import axial_view
from catheterview.anatomy.contrast import _usual
from catheterview.anatomy.enclosure import canal_scores, scores_beside
from catheterview.limits import AnatomyLimits

LIMITS = AnatomyLimits()


@pytest.mark.parametrize("window", [3, 8, 12, 13])
def test_a_percentile_along_the_columns_is_scipys(window: int) -> None:
    """Every window, odd or even, gives scipy's filter to the bit, at the ends too."""
    voxels = np.random.default_rng(window).integers(-900, 3000, (29, 7, 5)).astype(np.int16)
    wanted = ndimage.percentile_filter(voxels, 75.0, size=(window, 1, 1), mode="nearest")
    assert np.array_equal(_usual(voxels, window, 75.0), wanted)


def test_scores_beside_those_of_another_view_are_its_own() -> None:
    """A view that differs in some levels has the scores that it would have alone."""
    view = axial_view(patient(axial_grid()), LIMITS)
    voxels = view.voxels.copy()
    voxels[5:9, 20:60, 30:50] = 0
    other = replace(view, voxels=voxels)
    known = (view, canal_scores(view, 61.5, LIMITS))
    assert np.array_equal(scores_beside(other, known, 61.5, LIMITS), canal_scores(other, 61.5, LIMITS))
    assert np.array_equal(scores_beside(view, known, 61.5, LIMITS), known[1])
