"""The reading frame: original voxels, right place, never a mirror."""

from __future__ import annotations

import numpy as np
import pytest
from review_cases import GRIDS, grid, image

from napari_catheterview.frame import hang, reading_frame
from napari_catheterview.planes import Plane, letters


@pytest.mark.parametrize("name", GRIDS)
def test_a_hung_voxel_lies_where_the_grid_says(name):
    """Every bright voxel of the hung volume is, in LPS, within half a voxel of a bright voxel of the image."""
    original = image(name)
    hung = hang(original)
    shown = hung.frame.to_patient(hung.world(np.argwhere(hung.voxels > 765)))
    truth = original.placed.index_to_world(np.argwhere(original.voxels == 1500))
    apart = np.linalg.norm(shown[:, None] - truth[None], axis=-1)
    limit = 0.5 * original.placed.spacing_mm.min() if name == "gantry tilt" else 1e-6
    assert len(shown) >= 20
    assert apart.min(axis=1).max() < limit


@pytest.mark.parametrize("name", [name for name in GRIDS if name != "gantry tilt"])
def test_the_voxels_are_the_scanners_own(name):
    """Hanging an untilted image neither copies nor changes a voxel."""
    original = image(name)
    hung = hang(original)
    assert np.shares_memory(hung.voxels, original.voxels)
    assert sorted(hung.voxels.ravel()) == sorted(original.voxels.ravel())
    assert hung.scale_mm.min() > 0


@pytest.mark.parametrize("name", GRIDS)
def test_the_frame_is_a_turn_and_never_a_mirror(name):
    """The reading axes keep the hand of S, P, L, and each points nearest to its own."""
    axes = reading_frame(image(name)).axes
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(-1.0)
    assert (np.diag(axes[:, ::-1]) > 0.7).all()


@pytest.mark.parametrize("name", ["head first", "feet first", "prone", "sagittal", "coronal"])
def test_a_straight_image_is_read_in_the_patients_axes(name):
    """Where the image lies straight in the patient, the world is LPS written backwards."""
    frame = hang(image(name)).frame
    assert frame.straight
    np.testing.assert_array_equal(frame.from_patient((1.0, 2.0, 3.0)), (3.0, 2.0, 1.0))


def test_an_oblique_image_says_so():
    """A reader is told when planes are not the patient's, and when slices were slid."""
    assert "oblique" in hang(image("oblique")).note
    assert "Gantry tilt of 18.5" in hang(image("gantry tilt")).note
    assert hang(image("prone")).note == ""


def test_letters_follow_radiological_convention():
    """Axial is seen from the feet, coronal from the front, sagittal from the left, head on top."""
    frame = reading_frame(image("feet first"))
    axial, coronal, sagittal = (letters(frame, plane) for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL))
    assert (axial.left, axial.right, axial.top, axial.bottom) == ("R", "L", "A", "P")
    assert (coronal.left, coronal.right, coronal.top, coronal.bottom) == ("R", "L", "H", "F")
    assert (sagittal.left, sagittal.right, sagittal.top, sagittal.bottom) == ("A", "P", "H", "F")
    assert letters(frame, Plane.SOLID) is None


def test_oblique_letters_have_a_second_one():
    """An axis between two anatomical ones is named by both."""
    axial = letters(reading_frame(image("oblique")), Plane.AXIAL)
    assert axial.right[0] == "L"
    assert len(axial.right) == 2


def test_a_sheared_grid_keeps_its_slice_planes():
    """The slices of a tilted gantry slide in their own planes: a voxel's slice never changes."""
    original = image("gantry tilt")
    hung = hang(original)
    assert hung.voxels.shape[0] == original.voxels.shape[0]
    before = original.placed.index_to_world(np.array([[k, 0, 0] for k in range(24)])) @ hung.frame.axes[0]
    after = hung.world(np.array([[k, 0, 0] for k in range(24)]))[:, 0]
    np.testing.assert_allclose(np.sort(before), np.sort(after), atol=1e-6)
    assert grid("gantry tilt").shear_deg == pytest.approx(18.5, abs=0.01)
