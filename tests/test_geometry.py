"""Grids, polylines and frames, on grids that are oblique, anisotropic and of either hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.errors import FrameMismatchError, GeometryError
from catheterview.geometry import (
    FloatArray,
    Frame,
    Grid,
    angle_deg,
    arc_length,
    grid_from_axes,
    moving_frame,
    read_only,
    require_same_frame,
    resample_polyline,
    tangents,
    unit,
)
from strategies import grids, points_mm, polylines, rotations

any_grid = st.booleans().flatmap(lambda sheared: grids(sheared=sheared))
indices = st.lists(st.tuples(*[st.floats(-20.0, 20.0)] * 3), min_size=1, max_size=5)


@given(grid=any_grid, index=indices)
def test_world_and_index_are_inverse(grid: Grid, index: list[tuple[float, ...]]) -> None:
    """A point that goes to the world and back is where it was, on every grid."""
    assert np.allclose(grid.world_to_index(grid.index_to_world(index)), index, atol=1e-8)


@given(grid=any_grid, index=st.tuples(*[st.integers(-20, 20)] * 3))
def test_an_index_is_a_walk_along_the_axes(grid: Grid, index: tuple[int, int, int]) -> None:
    """The affine's columns are the steps of k, j and i, in that order."""
    walked = grid.index_to_world([0, 0, 0]) + sum(n * grid.affine[:3, axis] for axis, n in enumerate(index))
    assert np.allclose(grid.index_to_world(index), walked)


@given(grid=any_grid)
def test_one_step_is_one_spacing(grid: Grid) -> None:
    """Neighbouring voxels are apart by the spacing of their axis, whichever it is."""
    steps = grid.index_to_world(np.eye(3)) - grid.index_to_world(np.zeros(3))
    assert np.allclose(np.linalg.norm(steps, axis=1), grid.spacing_mm)
    assert np.allclose(unit(steps), grid.directions.T)


@given(grid=any_grid, index=st.lists(st.tuples(*[st.integers(0, 8)] * 3), min_size=2, max_size=6))
def test_points_go_together_as_one_by_one(grid: Grid, index: list[tuple[int, int, int]]) -> None:
    """Many points at once and in any arrangement give what each gives alone."""
    together = grid.index_to_world(index)
    assert np.allclose(together, [grid.index_to_world(each) for each in index])
    assert np.allclose(grid.index_to_world(np.array(index)[None, :, :])[0], together)


@given(grid=grids())
def test_right_angles_have_no_shear(grid: Grid) -> None:
    """A grid whose axes are at right angles says so, whichever way it lies, and its voxels are boxes."""
    assert grid.shear_deg == pytest.approx(0.0, abs=1e-4)
    assert grid.voxel_volume_mm3 == pytest.approx(float(np.prod(grid.spacing_mm)))


def test_a_tilted_gantry_shears_by_its_tilt() -> None:
    """Steps along the table, slices tilted by 18.5 degrees: the shear is 18.5 degrees and voxels are thinner."""
    tilt = np.radians(18.5)
    axes = [[0.0, 0.0, 3.0], [0.0, 0.7 * np.cos(tilt), -0.7 * np.sin(tilt)], [-0.5, 0.0, 0.0]]
    grid = grid_from_axes((5, 4, 6), origin=(12.0, -30.0, 44.0), axes_mm=axes)
    assert grid.shear_deg == pytest.approx(18.5)
    assert grid.voxel_volume_mm3 == pytest.approx(3.0 * 0.7 * 0.5 * np.cos(tilt))


@given(grid=any_grid, first=st.tuples(*[st.integers(0, 3)] * 3), index=st.tuples(*[st.integers(0, 3)] * 3))
def test_a_crop_is_the_same_place(grid: Grid, first: tuple[int, ...], index: tuple[int, ...]) -> None:
    """A voxel of a crop is where it was in the whole."""
    crop = grid.cropped(first, (2, 3, 4))
    assert crop.shape == (2, 3, 4)
    assert np.allclose(crop.index_to_world(index), grid.index_to_world(np.add(first, index)))


@given(grid=any_grid)
def test_corners_bound_the_grid(grid: Grid) -> None:
    """The eight corners are inside to rounding; a little inwards they are, half a voxel outwards they are not."""
    middle = grid.corners().mean(axis=0)
    assert grid.contains(middle + (grid.corners() - middle) * 0.999).all()
    assert not grid.contains(middle + (grid.corners() - middle) * 1.001).any()
    assert grid.corners().shape == (8, 3)


@pytest.mark.parametrize("shape", [(0, 4, 5), (3, 4), (3, 4, -1)])
def test_a_grid_needs_three_positive_dimensions(shape: tuple[int, ...]) -> None:
    """A grid of no voxels, or of two dimensions, is refused."""
    with pytest.raises(GeometryError, match="three positive dimensions"):
        Grid(shape=shape, affine=np.diag([3.0, -0.7, 0.5, 1.0]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "affine", [np.diag([3.0, -0.7, 0.5]), np.diag([3.0, -0.7, 0.5, 2.0]), np.ones((4, 5)), np.ones((3, 4))]
)
def test_an_affine_is_four_by_four(affine: FloatArray) -> None:
    """An affine of another shape, or with another last row, is refused."""
    with pytest.raises(GeometryError, match="4 x 4"):
        Grid(shape=(3, 4, 5), affine=affine)


def test_equal_axes_make_no_grid() -> None:
    """Two equal axes, or a spacing of zero, are refused by name."""
    with pytest.raises(GeometryError, match="not independent"):
        grid_from_axes((3, 4, 5), origin=(1.0, 2.0, 3.0), axes_mm=[[0, 0, 3], [0, 0.7, 0], [0, 0.7, 0]])


def test_a_grid_cannot_be_moved_under_its_holder() -> None:
    """The affine is a copy that cannot be written to, so that a cached inverse stays true."""
    affine = np.array([[0.1, -0.7, 0, 5], [0, 0.1, 0.5, -4], [3, 0, 0.1, 9], [0, 0, 0, 1]])
    grid = Grid(shape=(3, 4, 5), affine=affine)
    affine[0, 3] = 99.0
    assert grid.affine[0, 3] == 5.0
    with pytest.raises(ValueError, match="read-only"):
        grid.affine[0, 3] = 1.0


def test_read_only_refuses_what_is_no_place() -> None:
    """Coordinates that are not finite, or of another dimension, are refused with the shape that came."""
    with pytest.raises(ValueError, match="finite"):
        read_only([1.0, np.nan])
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        read_only([1.0, 2.0], ndim=2)


@given(vector=points_mm)
def test_unit_vectors_have_length_one(vector: tuple[float, float, float]) -> None:
    """A vector is scaled to length 1 and keeps its direction; a zero vector stays zero."""
    scaled = unit(vector)
    assert np.linalg.norm(scaled) == pytest.approx(1.0 if any(vector) else 0.0)
    assert float(scaled @ np.array(vector)) >= 0.0


@given(turn=rotations(), angle=st.floats(0.0, 180.0))
def test_angles_do_not_depend_on_the_frame(turn: FloatArray, angle: float) -> None:
    """Two vectors enclose the same angle whichever way both are turned, and however long they are."""
    first = np.array([2.0, 0.0, 0.0])
    second = 7.0 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle)), 0.0])
    assert angle_deg(turn @ first, turn @ second) == pytest.approx(angle, abs=1e-5)


@given(line=polylines())
def test_arc_length_grows_by_each_step(line: FloatArray) -> None:
    """It starts at 0, never decreases, and ends no shorter than the straight way."""
    along = arc_length(line)
    assert along[0] == 0.0
    assert (np.diff(along) >= 0).all()
    assert along[-1] >= np.linalg.norm(line[-1] - line[0]) - 1e-9


def test_arc_length_of_a_known_line() -> None:
    """Three, four and twelve make 3, 7 and 19."""
    assert np.allclose(arc_length([[1, 1, 1], [1, 1, 4], [5, 1, 4], [5, -11, 4]]), [0, 3, 7, 19])


@given(line=polylines(), step=st.floats(0.2, 3.0))
def test_resampling_keeps_ends_and_spaces_evenly(line: FloatArray, step: float) -> None:
    """Both ends stay; points are evenly spaced along the line; none is off it."""
    placed = resample_polyline(line, step=step)
    assert np.allclose(placed[[0, -1]], line[[0, -1]])
    length = float(arc_length(line)[-1])
    assert len(placed) == max(1, round(length / step)) + 1
    assert np.linalg.norm(np.diff(placed, axis=0), axis=1).max() <= length / (len(placed) - 1) + 1e-6


def test_resampling_survives_doubled_points() -> None:
    """Points that are there twice do no harm; a line that is one point stays that point."""
    line = [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0, 7.0], [1.0, 2.0, 7.0]]
    assert np.allclose(resample_polyline(line, step=1.0)[:, 2], [3, 4, 5, 6, 7])
    assert np.allclose(resample_polyline([[1.0, 2.0, 3.0]] * 3, step=1.0), [[1.0, 2.0, 3.0]])


@given(line=polylines())
def test_a_moving_frame_is_orthonormal_and_right_handed(line: FloatArray) -> None:
    """At each point tangent, first and second normal are an orthonormal, right-handed triad."""
    along = tangents(line)
    first, second = moving_frame(line)
    triads = np.stack([along, first, second], axis=1)
    assert np.allclose(triads @ triads.transpose(0, 2, 1), np.eye(3), atol=1e-6)
    assert np.allclose(np.linalg.det(triads), 1.0)


@given(line=polylines(), turn=rotations(), shift=points_mm)
def test_a_moving_frame_turns_little(line: FloatArray, turn: FloatArray, shift: tuple[float, ...]) -> None:
    """From point to point the normals turn no more than the curve does: a straightened image does not spin."""
    first, _ = moving_frame(line @ turn.T + np.array(shift))
    bent = angle_deg(tangents(line)[1:], tangents(line)[:-1])
    assert (angle_deg(first[1:], first[:-1]) <= bent + 1.0).all()


def test_a_moving_frame_survives_a_doubled_point() -> None:
    """A point that is there twice hands its normals on."""
    line = np.array([[0, 0, 0], [0, 1, 2], [0, 1, 2], [0, 1, 2], [1, 2, 4]], dtype=np.float64)
    first, _ = moving_frame(line)
    assert np.isfinite(first).all()
    assert np.allclose(np.linalg.norm(first, axis=1), 1.0)


@pytest.mark.parametrize("frame", list(Frame))
def test_frames_are_never_mixed(frame: Frame) -> None:
    """Measuring in one frame is allowed, across two is refused, for every pair."""
    require_same_frame(frame, frame)
    for other in set(Frame) - {frame}:
        with pytest.raises(FrameMismatchError, match=f"frame {frame} and frame {other}"):
            require_same_frame(frame, other)
