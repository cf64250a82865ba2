"""Projections are upright, to scale, and draw a point where its voxel is seen, on any grid."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.geometry import Frame, Grid, grid_from_axes
from catheterview.model import Evidence, Image
from catheterview.picture.follow import followed
from catheterview.picture.orient import AXIAL, CORONAL, SAGITTAL, VIEWS, axes_of_patient, direction_letters
from catheterview.picture.project import Flat, box_around, brightest, projection
from strategies import grids


def image_on(grid: Grid, *, bright: tuple[int, int, int]) -> Image:
    """An empty image with one bright voxel."""
    voxels = np.full(grid.shape, -1000, dtype=np.int16)
    voxels[bright] = 2000
    return Image(
        voxels=voxels, grid=grid, frame=Frame.PATIENT, modality="CT", series_instance_uid="1", study_instance_uid="1"
    )


def all_of(grid: Grid) -> tuple[slice, slice, slice]:
    """The box that holds the whole grid."""
    return slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2])


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("sheared", [False, True])
@given(data=st.data())
def test_a_voxel_is_seen_where_its_point_is_drawn(view, sheared: bool, data: st.DataObject) -> None:
    """A mark lies on what it marks: on oblique, anisotropic, feet-first and sheared grids, in every view."""
    grid = data.draw(grids(sheared=sheared))
    bright = tuple(data.draw(st.integers(0, n - 1)) for n in grid.shape)
    image = image_on(grid, bright=bright)
    laid = projection(grid, view, box=all_of(grid), frame_px=(200, 200))
    picture = laid.upright(brightest(image, laid.flat))
    x, y = laid.pixels_of(grid.index_to_world(bright))
    assert -1 < x < picture.shape[1]
    assert -1 < y < picture.shape[0]
    row, column = int(np.clip(round(y), 0, picture.shape[0] - 1)), int(np.clip(round(x), 0, picture.shape[1] - 1))
    # Every other voxel of the plane is black, so the brightness at its own centre is nearly all its own.
    assert picture[row, column] > 0.8 * picture.max()
    assert picture[row, column] > 500


@st.composite
def nearly_straight_grids(draw: st.DrawFn) -> Grid:
    """Any order and direction of the axes, tilted by up to 20 degrees, anisotropic."""
    order = draw(st.sampled_from(list(permutations(range(3)))))
    signs = draw(st.sampled_from(list(product((-1.0, 1.0), repeat=3))))
    a, b, c = draw(st.tuples(*[st.floats(-0.2, 0.2)] * 3))
    tilt = np.array([[1.0, a, b], [-a, 1.0, c], [-b, -c, 1.0]])
    tilt /= np.linalg.norm(tilt, axis=1, keepdims=True)
    axes = (tilt[list(order)] * np.array(signs)[:, None]) * np.array([3.0, 0.7, 1.1])[:, None]
    return grid_from_axes((7, 12, 9), origin=(-20.0, 33.0, 411.0), axes_mm=axes)


@given(nearly_straight_grids(), st.floats(2.0, 20.0))
def test_pictures_are_held_as_radiologists_hold_them(grid: Grid, step: float) -> None:
    """The patient's left is on the right, the head on top, the front on top (axial) or on the left (sagittal)."""
    start = grid.index_to_world(np.array(grid.shape) / 2)
    towards = {"L": (step, 0, 0), "P": (0, step, 0), "H": (0, 0, step)}
    for view, rightward, upward in ((CORONAL, "L", "H"), (SAGITTAL, "P", "H"), (AXIAL, "L", "P")):
        laid = projection(grid, view, box=all_of(grid), frame_px=(300, 300))
        (x, y), (x_right, _), (_, y_up) = (
            laid.pixels_of(start + np.array(to)) for to in ((0, 0, 0), towards[rightward], towards[upward])
        )
        assert x_right > x
        assert (y_up > y) == (view is AXIAL)
        left, right, top, bottom = laid.letters
        assert (left[0], right[0]) == {"L": ("R", "L"), "P": ("A", "P")}[rightward]
        assert (top[0], bottom[0]) == {"H": ("H", "F"), "P": ("A", "P")}[upward]


@given(grids(sheared=True), st.sampled_from(VIEWS))
def test_distances_in_the_plane_are_true(grid: Grid, view) -> None:
    """The scale bar holds in every direction, on sheared grids too."""
    laid = projection(grid, view, box=all_of(grid), frame_px=(150, 150))
    index = np.zeros((3, 3))
    index[1, laid.flat.kept[0]] = index[2, laid.flat.kept[1]] = 1.0
    world, pixels = grid.index_to_world(index), laid.pixels_of(grid.index_to_world(index))
    for a, b in ((0, 1), (0, 2), (1, 2)):
        mm, px = np.linalg.norm(world[a] - world[b]), np.linalg.norm(pixels[a] - pixels[b])
        assert px == pytest.approx(mm * laid.px_per_mm)


@given(grids(), st.sampled_from(VIEWS), st.tuples(st.integers(40, 300), st.integers(40, 300)))
def test_a_picture_fills_its_frame(grid: Grid, view, frame: tuple[int, int]) -> None:
    """It is as large as it may be in one direction, and not larger in the other, whatever the spacing."""
    width, height = projection(grid, view, box=all_of(grid), frame_px=frame).size
    assert width == frame[0] or height == frame[1]
    assert width <= frame[0]
    assert height <= frame[1]


@given(grids())
def test_each_axis_of_the_patient_gets_one_axis_of_the_grid(grid: Grid) -> None:
    """However oblique a grid is, no axis is used twice."""
    assert sorted(axes_of_patient(grid)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("vector", "letters"),
    [
        ((1, 0, 0), "L"),
        ((-2, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 5), "H"),
        ((0, 0, -1), "F"),
        ((0.9, -0.5, 0.0), "LA"),
        ((0.1, 0.6, -0.8), "FP"),
        ((0.99, 0.1, 0.1), "L"),
        ((-0.6, 0.5, 0.55), "RHP"),
    ],
)
def test_directions_have_their_dicom_letters(vector: tuple[float, float, float], letters: str) -> None:
    """LPS: +x is left, +y is posterior, +z is head; the largest part comes first, small parts are left out."""
    assert direction_letters(vector) == letters


def test_what_is_outside_the_slab_is_not_seen(evidence: Evidence) -> None:
    """Bone behind the slab does not shine through."""
    grid = evidence.image.placed
    flat = Flat(box=(slice(0, 60), slice(0, 75), slice(0, 100)), through=1)
    assert brightest(evidence.image, flat)[:20].max() < 1400
    behind = Flat(box=all_of(grid), through=1)
    assert brightest(evidence.image, behind)[:20].min() == 1400


def test_a_slab_that_follows_the_catheter_shows_it_before_bone(evidence: Evidence) -> None:
    """Where the whole slab shows only bone, the thin one shows the tube."""
    line = evidence.catheters[0].points
    grid = evidence.image.placed
    laid = projection(grid, CORONAL, box=all_of(grid), frame_px=(300, 300))
    thin = laid.upright(followed(evidence.image, laid.flat, line, half_mm=4.0))
    whole = laid.upright(brightest(evidence.image, laid.flat))
    at = np.round(laid.pixels_of(line[-60:-5])).astype(int)
    assert (whole[at[:, 1], at[:, 0]] > 1300).all()
    seen = thin[at[:, 1], at[:, 0]]
    assert seen.max() < 900
    assert np.median(seen) > 600


@given(grids(), st.floats(0.0, 30.0))
def test_a_box_is_never_empty_and_never_leaves_the_grid(grid: Grid, margin: float) -> None:
    """Points outside the image make a box at its edge."""
    for points in (grid.corners() + 500.0, grid.corners()[:1], grid.corners().mean(axis=0)[None]):
        box = box_around(grid, points, margin_mm=margin)
        assert all(0 <= part.start < part.stop <= size for part, size in zip(box, grid.shape, strict=True))
