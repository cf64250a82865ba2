"""Ridge points: a tube is found whichever way it runs, through thin slices and within thick ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.ridge import Ridge, find_ridges

LIMITS = TraceLimits()
MIDDLE = np.array([3.0, -4.0, 20.0])


def slices(step_mm: float) -> Grid:
    """Sixty millimetres of slices that run feet first, turned by 5 degrees about the patient's left."""
    c, s = np.cos(np.radians(5.0)), np.sin(np.radians(5.0))
    count = round(60.0 / step_mm)
    down, back = np.array([0.0, s, -c]), np.array([0.0, c, s])
    first = MIDDLE - 0.5 * (count - 1) * step_mm * down - 32.0 * back - np.array([32.0, 0, 0])
    return grid_from_axes((count, 68, 72), origin=tuple(first), axes_mm=(step_mm * down, 0.95 * back, (0.9, 0, 0)))


def ridges(direction: FloatArray, step_mm: float) -> Ridge:
    """Those of a tube of 500 HU and 0.6 mm radius through the middle, as slices of that thickness show it."""
    grid = slices(step_mm)
    places = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    through = unit(grid.affine[:3, 0])
    value = np.zeros(grid.shape)
    depths = np.linspace(-0.5, 0.5, 21)[:-1] + 0.025
    for depth in depths:
        away = places + depth * step_mm * through - MIDDLE
        off = np.linalg.norm(away - (away @ direction)[..., None] * direction, axis=-1)
        value += np.exp(-0.5 * (off / 0.7) ** 2) / len(depths)
    noise = 8.0 * np.random.default_rng(2).standard_normal(grid.shape)
    image = Image(
        voxels=np.rint(40.0 + 500.0 * value + noise).astype(np.int16),
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
    )
    return find_ridges(image, LIMITS)


@pytest.mark.parametrize("step_mm", [1.0, 2.5, 5.0])
@pytest.mark.parametrize("way", [(0.9, 0.43, 0.03), (0.6, 0.5, 0.62), (0.1, 0.1, 0.99)])
def test_a_tube_is_a_ridge_whichever_way_it_runs(way: tuple[float, float, float], step_mm: float) -> None:
    """Points all along it, on it to within a fraction of a slice, that point the way it runs."""
    direction = unit(np.array(way))
    found = ridges(direction, step_mm)
    along = np.arange(-18.0, 18.0, 1.0)[:, None] * direction + MIDDLE
    assert (cKDTree(found.points).query(along)[0] < max(1.5, 0.6 * step_mm)).mean() > 0.9
    off = found.points - MIDDLE
    on_it = np.linalg.norm(off - (off @ direction)[:, None] * direction, axis=1) < 3.0
    assert on_it.mean() > 0.9
    lean_deg = np.degrees(np.arccos(np.clip(np.abs(found.directions[on_it] @ direction), 0.0, 1.0)))
    # In slices of 5 mm, a tube that leans shows its way no better than a third of a slice over their distance.
    assert np.median(lean_deg) < (12.0 if step_mm < 5.0 else 22.0)
    assert np.median(found.strength[on_it]) > LIMITS.ridge_strength_hu
