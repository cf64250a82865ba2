"""Sampling an image at places in the patient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.errors import GeometryError
from catheterview.geometry import Frame, Grid, arc_length, grid_from_axes
from catheterview.model import OUTSIDE_HU, Image
from catheterview.resample import plane_points, reformat_planes, sample, sample_slab

# Sheared, anisotropic, and with slices that run towards the feet.
GRID = grid_from_axes(
    (9, 13, 11), origin=(-31.0, 57.0, 802.0), axes_mm=[[0.2, 0.7, -2.5], [0.1, 0.9, 0.05], [-0.6, 0.1, 0.0]]
)
SLOPE = np.array([7.0, -11.0, 4.0])


def image_of(grid: Grid) -> Image:
    """An image whose value is a plane in space (a + b·x), so that every trilinear answer is known."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), axis=-1)
    world = grid.index_to_world(index) - grid.index_to_world((0, 0, 0))
    values = np.round(world @ SLOPE).astype(np.int16)
    return Image(
        voxels=values, grid=grid, frame=Frame.PATIENT, modality="CT", series_instance_uid="1.2", study_instance_uid="1"
    )


@given(st.tuples(st.floats(0.01, 7.99), st.floats(0.01, 11.99), st.floats(0.01, 9.99)))
def test_a_plane_in_space_is_read_back_at_any_point_of_a_sheared_grid(at: tuple[float, float, float]) -> None:
    """Interpolation answers in patient millimetres, whatever the lattice."""
    point = GRID.index_to_world(at)
    expected = float((point - GRID.index_to_world((0, 0, 0))) @ SLOPE)
    assert sample(image_of(GRID), point) == pytest.approx(expected, abs=0.51)


def test_beyond_the_outermost_voxels_lies_the_outside_value() -> None:
    """Nothing is extrapolated."""
    image = image_of(GRID)
    beyond = GRID.index_to_world([(-0.01, 3, 3), (8.01, 3, 3), (3, 3, 10.5)])
    assert (sample(image, beyond) == OUTSIDE_HU).all()
    assert (sample(image, beyond, outside=-7) == -7).all()


def test_the_shape_of_the_points_is_the_shape_of_the_answer() -> None:
    """Any stack of points may be asked for at once."""
    points = GRID.index_to_world(np.full((2, 5, 4, 3), 3.0))
    assert sample(image_of(GRID), points).shape == (2, 5, 4)


def test_an_image_without_a_place_in_the_patient_is_refused() -> None:
    """A film has no millimetres to sample at."""
    film = Image(
        voxels=np.zeros((1, 4, 5), np.int16),
        grid=None,
        frame=Frame.PIXEL,
        modality="CR",
        series_instance_uid="1.2",
        study_instance_uid="1",
    )
    with pytest.raises(GeometryError):
        sample(film, (0.0, 0.0, 0.0))


def test_a_slab_shows_the_brightest_of_its_layers() -> None:
    """A slab finds what lies beside its middle plane."""
    image = image_of(GRID)
    point = GRID.index_to_world((4, 6, 5))
    along = SLOPE / np.linalg.norm(SLOPE)
    slab = sample_slab(image, point, along=along, offsets_mm=(-0.5, 0.0, 0.5))
    assert slab == pytest.approx(float(sample(image, point + 0.5 * along)))


def test_a_plane_is_centred_and_runs_along_its_axes() -> None:
    """Rows go down, columns go right, and the middle is the place asked for."""
    plane = plane_points((5.0, -4.0, 3.0), axes=((0, 0, -1), (1, 0, 0)), size_mm=4.0, step_mm=0.5)
    assert plane.shape == (9, 9, 3)
    np.testing.assert_allclose(plane[4, 4], (5.0, -4.0, 3.0))
    np.testing.assert_allclose(plane[5, 4] - plane[4, 4], (0, 0, -0.5))
    np.testing.assert_allclose(plane[4, 5] - plane[4, 4], (0.5, 0, 0))


def helix(turns: float, radius: float) -> np.ndarray:
    """A helix of the given number of turns and radius in mm, as a stand-in for a catheter."""
    t = np.linspace(0, 2 * np.pi * turns, 400)
    return np.array((40.0, -90.0, 500.0)) + np.stack([radius * np.cos(t), radius * np.sin(t), -6.0 * t], axis=1)


@given(st.floats(0.3, 3.0), st.floats(8.0, 60.0), st.floats(0.2, 0.8))
def test_a_reformat_keeps_distance_along_and_stands_at_right_angles(turns: float, radius: float, step: float) -> None:
    """Ticks along a curved reformat are true millimetres, and its planes stand across the curve and each other."""
    curve = helix(turns, radius)
    made = reformat_planes(curve, half_width_mm=10.0, step_mm=step)
    assert made.arc_mm[-1] == pytest.approx(arc_length(curve)[-1])
    assert np.abs(np.diff(made.arc_mm) - step).max() < 0.5 * step
    along = np.gradient(made.centre, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    assert np.abs((made.normals * along).sum(axis=-1)).max() < 0.1
    assert np.abs((made.normals[0] * made.normals[1]).sum(axis=-1)).max() < 1e-2
    np.testing.assert_allclose(np.linalg.norm(made.normals, axis=-1), 1.0, atol=1e-9)


@given(st.floats(0.3, 3.0), st.floats(8.0, 60.0))
def test_smoothing_neither_moves_the_ends_nor_strays_from_the_curve(turns: float, radius: float) -> None:
    """The reformat shows the catheter that was traced, not a shortened one."""
    curve = helix(turns, radius)
    made = reformat_planes(curve, half_width_mm=5.0, step_mm=0.5)
    np.testing.assert_allclose(made.centre[[0, -1]], curve[[0, -1]], atol=0.1)
    nearest = np.linalg.norm(made.centre[:, None] - curve[None], axis=-1).min(axis=1)
    assert nearest.max() < 1.5


def test_the_middle_row_of_a_reformat_lies_on_the_curve() -> None:
    """Offset zero is the curve itself, and rows are in millimetres across."""
    made = reformat_planes(helix(1.0, 30.0), half_width_mm=8.0, step_mm=0.5)
    middle = len(made.offsets_mm) // 2
    np.testing.assert_allclose(made.plane(0)[middle], made.centre)
    np.testing.assert_allclose(np.linalg.norm(made.plane(1)[0] - made.centre, axis=1), 8.0, atol=1e-9)


def test_a_curve_of_two_points_is_enough() -> None:
    """A straight stump of a catheter can be shown."""
    made = reformat_planes([(0, 0, 0), (3, 0, 0)], half_width_mm=2.0, step_mm=0.5)
    assert made.plane(0).shape == (9, 7, 3)
