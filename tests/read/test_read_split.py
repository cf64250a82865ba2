"""Slices of several acquisitions under one UID are taken apart, and one scan is left whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic_series import KEY, SERIES, feet_first_grid, oblique_grid, ramp, write_series

from catheterview.read import load, scan


def renumbered(offset: int):
    """A change that gives a second pass its own UIDs and InstanceNumbers."""

    def change(one, k):
        one.SOPInstanceUID = f"{SERIES}.{offset + k}"
        one.InstanceNumber = offset + k

    return change


def acquisitions(number_of, *, also=None):
    """A change that labels slices by acquisition."""

    def change(one, k):
        one.AcquisitionNumber = number_of(k)
        if also is not None:
            also(one, k)

    return change


def test_two_acquisitions_at_the_same_places_are_split(tmp_path: Path) -> None:
    """A scan and its repeat under one UID are two stacks, each with its own slices only."""
    grid = feet_first_grid((5, 4, 6))
    write_series(tmp_path / "a", grid, change=acquisitions(lambda _k: 1))
    write_series(tmp_path / "b", grid, ramp(grid.shape) + 1, change=acquisitions(lambda _k: 2, also=renumbered(100)))
    inventory = scan([tmp_path], key=KEY)
    first, second = inventory.series
    assert [s.why.startswith("two acquisitions in one series: ") for s in (first, second)] == [True, True]
    assert len(inventory.problems) == 1
    assert {first.series_instance_uid, second.series_instance_uid} == {SERIES}
    assert (first.stack, second.stack) == (1, 2)
    np.testing.assert_array_equal(load(second).voxels, load(first).voxels + 1)


def test_two_acquisitions_between_each_other_are_split_though_their_union_is_even(tmp_path: Path) -> None:
    """Slices of two scans that interleave to an even stack are still two scans."""
    write_series(tmp_path, oblique_grid((10, 4, 5)), change=acquisitions(lambda k: 1 + k % 2))
    first, second = scan([tmp_path], key=KEY).series
    assert first.stackable
    assert second.stackable
    assert first.grid is not None
    assert first.grid.shape[0] == 5
    assert first.grid.spacing_mm[0] == pytest.approx(5.0, abs=1e-4)


def test_two_passes_are_told_apart_by_the_order_of_instance_numbers(tmp_path: Path) -> None:
    """Without any other label, each pass over the patient is one acquisition."""
    grid = feet_first_grid((5, 4, 6))
    write_series(tmp_path / "a", grid)
    write_series(tmp_path / "b", grid, ramp(grid.shape) + 1, change=renumbered(100))
    first, second = scan([tmp_path], key=KEY).series
    assert first.stackable
    assert second.stackable
    assert "InstanceNumber" in first.why
    assert abs(load(second).voxels.astype(int) - load(first).voxels).max() == 1
    assert abs(load(second).voxels.astype(int) - load(first).voxels).min() == 1


def test_step_and_shoot_is_one_stack(tmp_path: Path) -> None:
    """A number for each turn of the tube, one after the other, is one scan."""
    write_series(tmp_path, oblique_grid((12, 4, 5)), change=acquisitions(lambda k: 1 + k // 4))
    (series,) = scan([tmp_path], key=KEY).series
    assert series.stackable
    assert series.why == ""
