"""Metal besides the pump in projections: streaks come out of the physics, and only where they are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.geometry import grid_from_axes
from catheterview.phantom import CtRecipe, make_ct, small_recipe
from catheterview.phantom.scene import Scene
from catheterview.phantom.traps import hardware_in, projects, trap_metals, trap_solids

pytest.importorskip("algotom")

SCREWS = small_recipe(6, physics=True, pedicle_screws=True, fault="no_device", noise_hu=4.0)


def _slice(recipe: CtRecipe, z: float) -> np.ndarray:
    """Three slices of a scene at a height."""
    grid = grid_from_axes((3, 150, 170), origin=(-190.0, -140.0, z), axes_mm=[[0, 0, 2.5], [0, 2.0, 0], [2.2, 0, 0]])
    return np.asarray(make_ct(replace(recipe, extended_hu=True), grid=grid).image.voxels, dtype=np.float64)


@pytest.fixture(scope="module")
def screws(scene_of: object) -> tuple[float, Scene]:
    """Where the screws are: the height of the lower pair."""
    scene = scene_of(SCREWS)  # type: ignore[operator]
    ((_, pieces),) = hardware_in(scene)
    return float(pieces[0].shape.bounds()[0][2]) + 3.0, scene


def test_screws_cast_streaks_only_where_asked_for(screws: tuple[float, Scene]) -> None:
    """Painted, nothing changes beyond the metal; projected, dark and bright bands cross the slice."""
    z, _ = screws
    plain, painted, projected = (
        _slice(recipe, z)
        for recipe in (replace(SCREWS, pedicle_screws=False), SCREWS, replace(SCREWS, hardware_streaks=True))
    )
    metal = (painted - plain) > 300.0
    assert metal[1].sum() > 10
    far = ~metal & (plain > -300.0)
    assert np.abs(painted - plain)[far].max() < 310.0
    streaks = (projected - plain)[far]
    assert np.percentile(streaks, 0.5) < -60.0
    assert np.percentile(streaks, 99.5) > 60.0
    assert abs(np.median(streaks)) < 15.0
    assert projected[metal].max() > 5000.0


def test_each_piece_is_projected_or_painted_not_both(screws: tuple[float, Scene]) -> None:
    """The dial moves hardware from the paint to the projections; without projections it stays painted."""
    _, scene = screws
    asked = replace(scene.recipe, hardware_streaks=True, stimulator=True, port=True, second_lead=True, hip=True)
    there = replace(scene, recipe=asked)
    assert len(trap_metals(there)) == 5
    assert trap_solids(there) == ()
    off = replace(scene, recipe=replace(asked, physics=False))
    assert not projects(off.recipe)
    assert trap_metals(off) == ()
    assert len(trap_solids(off)) == 15


def test_metal_is_as_dense_as_said(screws: tuple[float, Scene]) -> None:
    """Titanium inside a screw, none beside it, and all of it within its ball."""
    _, scene = screws
    (metal,) = trap_metals(replace(scene, recipe=replace(scene.recipe, hardware_streaks=True)))
    axis = trap_solids(scene)[0].shape.axis  # type: ignore[attr-defined]
    titanium, _, filled = metal.fill(axis[5:-5], 1.0)
    assert titanium == pytest.approx(1.0)
    assert filled == pytest.approx(1.0)
    assert metal.fill(axis[5:-5] + np.array([8.0, 0.0, 4.5]), 1.0)[2].max() < 0.01
    assert np.linalg.norm(axis - metal.center_mm, axis=1).max() < metal.reach_mm
