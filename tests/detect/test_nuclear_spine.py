"""The canal of a tomogram without a CT is found by its tracer, and a pool beside it does not bend it."""

from __future__ import annotations

import numpy as np
import pytest

from catheterview.detect.nuclear.flat.spine import canal_sought, contrast_of
from catheterview.detect.nuclear.flat.views import Lattice, lattice_of, without_reservoir
from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.geometry import FloatArray, Frame, grid_from_axes
from catheterview.limits import NuclearLimits
from catheterview.model import Image

_STEP_MM = 5.0


def _disc() -> Reservoir:
    """A faint reservoir in the front."""
    return Reservoir(
        center_mm=np.array((60.0, -90.0, 100.0)),
        normal=np.array((0.0, -1.0, 0.0)),
        radius_mm=30.0,
        thickness_mm=8.0,
        sigma_mm=5.0,
        weights=np.array((1e-6, 0.0, 0.0, 0.0, 0.0)),
    )


def _lattice(places: FloatArray, held: FloatArray) -> Lattice:
    """A field of 200 mm whose slices run from head to feet, with blurred places in it."""
    grid = grid_from_axes(
        (36, 44, 44), origin=(108.0, -105.0, 182.0), axes_mm=((0, 0, -_STEP_MM), (0, 4.8, 0), (-4.8, 0, 0))
    )
    points = grid.index_to_world(np.indices(grid.shape).reshape(3, -1).T)
    seen = np.random.default_rng(5).poisson(2.0, len(points)).astype(np.float64)
    for place, amount in zip(places, held, strict=True):
        seen += amount * np.exp(-0.5 * ((points - place) ** 2).sum(axis=1) / 5.5**2)
    image = Image(
        voxels=np.rint(seen).astype(np.int16).reshape(grid.shape),
        grid=grid,
        frame=Frame.PATIENT,
        modality="NM",
        series_instance_uid="1.2",
        study_instance_uid="1",
        frame_of_reference_uid="1.9",
    )
    return lattice_of(image)


@pytest.mark.parametrize("pool", [0.0, 900.0])
def test_the_canal_is_found_with_and_without_a_pool_beside_it(pool: float) -> None:
    """A bent column in the back is followed to within 8 mm, with a pool twenty times as hot 28 mm behind it too."""
    z = np.arange(20.0, 170.0, 5.0)
    canal = np.stack([np.full(len(z), 8.0), 40.0 + 6.0 * np.sin(z / 60.0), z], axis=1)
    places = np.concatenate([canal, [(8.0, 72.0, 60.0)]])
    lattice = _lattice(places, np.append(np.full(len(z), 40.0), pool))
    disc, limits = _disc(), NuclearLimits()
    contrast = contrast_of(without_reservoir(lattice, disc), 5.5 / lattice.step_mm)
    found = canal_sought(lattice, contrast, disc, limits)
    assert (np.diff(found[:, 2]) > 0.0).all()
    away = [np.linalg.norm(found - point, axis=1).min() for point in canal]
    assert max(away) < 8.0


def test_no_back_in_the_field_gives_no_canal() -> None:
    """A pump at the back of the field leaves nothing to look in."""
    lattice = _lattice(np.zeros((0, 3)), np.zeros(0))
    disc = Reservoir(
        center_mm=np.array((0.0, 90.0, 100.0)),
        normal=np.array((0.0, 1.0, 0.0)),
        radius_mm=30.0,
        thickness_mm=8.0,
        sigma_mm=5.0,
        weights=np.ones(5),
    )
    contrast = contrast_of(without_reservoir(lattice, disc), 1.0)
    assert canal_sought(lattice, contrast, disc, NuclearLimits()).shape == (0, 3)
