"""Slices become a grid by their positions, or are refused by the name of the rule that they break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from synthetic_series import KEY, SERIES, ct_slice, feet_first_grid, oblique_grid, ramp, write, write_series

from catheterview.errors import GeometryError
from catheterview.geometry import Grid, grid_from_axes
from catheterview.limits.read import ReadLimits
from catheterview.read import Inventory, Series, load, scan
from strategies import grids


def scanned(folder: Path) -> Inventory:
    return scan([folder], key=KEY)


def only(folder: Path) -> Series:
    series = scanned(folder).series
    assert len(series) == 1
    return series[0]


def refused(folder: Path, rule: str) -> None:
    """Hold that a folder's one series is refused under this rule's name, everywhere that names it."""
    inventory = scanned(folder)
    (series,) = inventory.series
    assert not series.stackable
    assert series.role == "slices"
    assert series.why.startswith(f"{rule}: ")
    assert [(p.path_or_uid, p.stage) for p in inventory.problems] == [(SERIES, "read")]
    assert inventory.problems[0].reason.startswith(f"{rule}: ")
    with pytest.raises(GeometryError, match=f"^{SERIES}: {rule}: "):
        load(series)


@pytest.mark.parametrize(
    "grid", [oblique_grid(), feet_first_grid(), oblique_grid(step_mm=-2.5)], ids=["oblique", "feet first", "negative"]
)
def test_a_series_comes_back_on_the_grid_it_was_written_on(tmp_path: Path, grid: Grid) -> None:
    """Every voxel is found at the point of the patient where it was written, in whatever order slices lay."""
    voxels = ramp(grid.shape)
    write_series(tmp_path, grid, voxels)
    image = load(only(tmp_path))
    index = np.argwhere(np.ones(grid.shape, dtype=bool))
    found = np.rint(image.placed.world_to_index(grid.index_to_world(index))).astype(int)
    np.testing.assert_allclose(image.placed.index_to_world(found), grid.index_to_world(index), atol=1e-4)
    np.testing.assert_array_equal(image.voxels[tuple(found.T)], voxels[tuple(index.T)])


def test_slices_are_sorted_along_the_normal(tmp_path: Path) -> None:
    """The slice axis runs along the cross product of rows and columns, whichever way the scanner went."""
    write_series(tmp_path, oblique_grid(step_mm=-2.5))
    grid = only(tmp_path).grid
    assert grid is not None
    along = grid.directions
    assert float(np.cross(along[:, 2], along[:, 1]) @ along[:, 0]) > 0.999


@settings(max_examples=25)
@given(grid=grids())
def test_any_grid_survives_the_way_through_files(tmp_path_factory: pytest.TempPathFactory, grid: Grid) -> None:
    """What was written on any oblique anisotropic grid is read at the same places, or is too few slices."""
    folder = tmp_path_factory.mktemp("grid")
    write_series(folder, grid)
    series = only(folder)
    if grid.shape[0] < ReadLimits().min_slices:
        assert series.why.startswith("not a volume: ")
        return
    assert series.grid is not None
    written = grid.corners()
    np.testing.assert_allclose(
        sorted(map(tuple, np.round(series.grid.corners(), 2))), sorted(map(tuple, np.round(written, 2))), atol=0.011
    )


def test_gantry_tilt_is_kept_as_a_sheared_grid(tmp_path: Path) -> None:
    """A tilted stack is used, says so by name, and its slice axis is the true step from slice to slice."""
    grid = oblique_grid(tilt_mm=0.8)
    write_series(tmp_path, grid)
    inventory = scanned(tmp_path)
    (series,) = inventory.series
    assert series.stackable
    assert series.role == "volume"
    assert series.why.startswith("gantry tilt: ")
    assert [p.reason for p in inventory.problems] == [series.why]
    assert series.grid is not None
    np.testing.assert_allclose(series.grid.affine, grid.affine, atol=1e-5)
    assert series.grid.shear_deg == pytest.approx(np.degrees(np.arctan2(0.8, 2.5)), abs=0.01)


def test_a_missing_slice_is_refused(tmp_path: Path) -> None:
    """A stack with a hole is never stretched over it."""
    write_series(tmp_path, oblique_grid((8, 5, 7)), skip=(3,))
    refused(tmp_path, "missing slice")


def test_a_missing_slice_at_a_tilt_names_both(tmp_path: Path) -> None:
    """A tilt does not hide a missing slice, nor the other way round."""
    write_series(tmp_path, oblique_grid((8, 5, 7), tilt_mm=0.8), skip=(3,))
    refused(tmp_path, "missing slice")
    assert "gantry tilt: " in only(tmp_path).why


def test_a_doubled_slice_is_refused(tmp_path: Path) -> None:
    """Two slices at one place, nothing to tell them apart: no one knows which is right."""
    grid = oblique_grid()
    write_series(tmp_path, grid)
    twin = ct_slice(grid, 2)
    twin.SOPInstanceUID, twin.InstanceNumber = f"{SERIES}.77", None
    twin.PixelData = np.zeros(grid.shape[1:], "<i2").tobytes()
    twin["PixelData"].VR = "OW"
    write(twin, tmp_path / "twin.dcm")
    refused(tmp_path, "doubled slice")


def test_uneven_spacing_is_refused(tmp_path: Path) -> None:
    """Steps that differ, not by whole slices, make no grid."""
    write_series(tmp_path, oblique_grid(), change=moved_along_normal({4: 0.6, 5: 1.1}))
    refused(tmp_path, "uneven spacing")


def test_rounding_of_positions_is_not_uneven_spacing(tmp_path: Path) -> None:
    """A scanner that writes one decimal is read; the even grid is within the rounding."""

    def rounded(one, _k):
        one.ImagePositionPatient = [f"{float(value):.1f}" for value in one.ImagePositionPatient]

    grid = feet_first_grid((9, 5, 7))
    thin = grid_from_axes(grid.shape, origin=grid.affine[:3, 3], axes_mm=[[0, 0, 0.625], [0, -0.6, 0], [-0.8, 0, 0]])
    write_series(tmp_path, thin, change=rounded)
    series = only(tmp_path)
    assert series.stackable, series.why
    assert series.grid is not None
    np.testing.assert_allclose(series.grid.affine, thin.affine, atol=0.06)


def test_mixed_orientation_is_refused(tmp_path: Path) -> None:
    """Two plane directions under one UID make no grid."""

    def turned(one, k):
        if k % 2:
            one.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]

    write_series(tmp_path, oblique_grid(), change=turned)
    refused(tmp_path, "mixed orientation")


def test_a_stray_slice_is_parted_from_its_stack(tmp_path: Path) -> None:
    """One scout without the word for it does not spoil a stack of many, and is itself refused by name."""

    def turned(one, k):
        if k == 0:
            one.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]

    write_series(tmp_path, oblique_grid((14, 4, 5)), change=turned)
    stack, stray = scanned(tmp_path).series
    assert stack.stackable
    assert stack.grid is not None
    assert stack.grid.shape[0] == 13
    assert (stack.stack, stray.stack) == (1, 2)
    assert not stray.stackable
    assert stray.why.startswith("mixed orientation: ")


@pytest.mark.parametrize("missing", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
def test_slices_without_a_place_are_not_a_volume(tmp_path: Path, missing: str) -> None:
    """A place is never invented."""
    write_series(tmp_path, oblique_grid(), change=lambda one, _k: delattr(one, missing))
    refused(tmp_path, "not a volume")


def test_two_slices_are_not_a_volume(tmp_path: Path) -> None:
    """Two slices prove no spacing."""
    write_series(tmp_path, oblique_grid((2, 5, 7)))
    refused(tmp_path, "not a volume")


def test_slices_at_one_place_are_not_a_volume(tmp_path: Path) -> None:
    """Bolus tracking is a time series, not a stack."""
    grid = oblique_grid()
    place = [f"{value:.4f}" for value in grid.index_to_world((0, 0, 0))]
    write_series(tmp_path, grid, change=lambda one, _k: setattr(one, "ImagePositionPatient", place))
    refused(tmp_path, "not a volume")


def test_slices_shifted_in_their_plane_are_not_a_volume(tmp_path: Path) -> None:
    """Slices that jump sideways are no straight stack."""
    write_series(tmp_path, feet_first_grid(), change=shifted({3: 4.0}))
    refused(tmp_path, "not a volume")


def test_slices_of_two_sizes_are_not_a_volume(tmp_path: Path) -> None:
    """Matrices of two sizes make no grid."""

    def halved(one, k):
        if k % 2:
            one.Rows = 4
            one.PixelData = np.zeros((4, one.Columns), "<i2").tobytes()

    write_series(tmp_path, oblique_grid(), change=halved)
    refused(tmp_path, "not a volume")


def test_overlapping_slices_are_said(tmp_path: Path) -> None:
    """Slices thicker than their distance are used as they are, and say so."""
    write_series(tmp_path, oblique_grid(step_mm=2.0))
    series = only(tmp_path)
    assert series.stackable
    assert series.overlapping
    assert load(series).slice_thickness_mm == 2.5


def moved_along_normal(by_mm: dict[int, float]):
    """A change that moves some slices along their normal."""

    def change(one, k):
        cosines = np.array([float(value) for value in one.ImageOrientationPatient])
        place = np.array([float(value) for value in one.ImagePositionPatient])
        place += np.cross(cosines[:3], cosines[3:]) * by_mm.get(k, 0.0)
        one.ImagePositionPatient = [f"{value:.5f}" for value in place]

    return change


def shifted(by_mm: dict[int, float]):
    """A change that moves some slices in their plane."""

    def change(one, k):
        one.ImagePositionPatient = [
            f"{float(one.ImagePositionPatient[0]) + by_mm.get(k, 0.0):.4f}",
            *one.ImagePositionPatient[1:],
        ]

    return change
