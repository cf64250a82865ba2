"""Layers on a viewer model, without a display: everything is where the patient has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from napari.components import ViewerModel
from review_cases import GRIDS, catheter_points, image, report
from scipy.ndimage import map_coordinates
from seen import words_on

from napari_catheterview import layers
from napari_catheterview.case import LoadedCase
from napari_catheterview.compat import camera
from napari_catheterview.desk import Desk
from napari_catheterview.frame import hang
from napari_catheterview.linked import dragged_limits
from napari_catheterview.planes import Plane
from napari_catheterview.session import reading_order
from napari_catheterview.windows import WINDOWS
from napari_catheterview.words import RESEARCH


def laid(name: str) -> Desk:
    """Return a desk with the case of a grid on it."""
    volume = image(name)
    case = LoadedCase(report=report(name), image=volume, hung=hang(volume))
    desk = Desk(ViewerModel())
    desk.show(case, reading_order(case.report), {})
    return desk


def world(layer) -> np.ndarray:
    """World mm of everything in a layer, by napari's own reckoning."""
    flat = np.reshape(layer.data, (-1, 3))
    return np.reshape([layer.data_to_world(at) for at in flat], np.shape(layer.data))


def crosshair(desk: Desk) -> np.ndarray:
    """World mm of the middle of the crosshair: the two coordinates that the lines of the other axes share."""
    layer = desk.layer(layers.CURSOR)
    return np.median(layer.data[:, 0] * np.array(layer.scale), axis=0)


@pytest.mark.parametrize("name", [name for name in GRIDS if name != "gantry tilt"])
def test_every_layer_agrees_in_world_coordinates(name):
    """Catheter, findings, pump and crosshair lie on the bright voxels of the image, within half a voxel."""
    desk = laid(name)
    hung, pixels = desk.case.hung, desk.layer(layers.IMAGE)
    bright = np.array([pixels.data_to_world(at) for at in np.argwhere(pixels.data > 765)])
    vectors = world(desk.layer(layers.CATHETER))[:, 0]
    for points in (vectors, world(desk.layer(layers.FINDINGS))):
        apart = np.abs(points[:, None] - bright[None]) / hung.scale_mm
        assert apart.max(axis=-1).min(axis=1).max() <= 0.501
    np.testing.assert_allclose(world(desk.layer(layers.PUMP)).mean(axis=0), vectors[0], atol=0.05)
    for layer in desk.viewer.layers:
        assert [str(unit) for unit in layer.units] == ["millimeter"] * 3
        assert layer.axis_labels == ("z", "y", "x")


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", GRIDS)
def test_the_voxel_under_a_point_is_the_one_that_was_there(name, axis):
    """In an image whose every voxel holds its own x, y or z in LPS, each layer's points lie on their own coordinate."""
    volume = image(name)
    middle = catheter_points(volume.placed)[20, axis]
    own = volume.placed.index_to_world(np.moveaxis(np.indices(volume.placed.shape), 0, -1))[..., axis]
    ramp = replace(volume, voxels=np.rint((own - middle) * 100).astype(np.int16))
    desk = Desk(ViewerModel())
    known = report(name)
    desk.show(LoadedCase(report=known, image=ramp, hung=hang(ramp)), known.findings, {})
    pixels = desk.layer(layers.IMAGE)
    for what, truth in (
        (world(desk.layer(layers.CATHETER))[:19, 0], known.catheters[0].points[:19]),
        (world(desk.layer(layers.FINDINGS)), np.array([f.point for f in known.findings])),
    ):
        index = [pixels.world_to_data(at) for at in what]
        found = map_coordinates(pixels.data.astype(float), np.transpose(index), order=1) / 100 + middle
        np.testing.assert_allclose(found, truth[:, axis], atol=0.05)


@pytest.mark.parametrize("name", GRIDS)
def test_the_world_goes_back_to_the_patient(name):
    """What a layer shows, taken back by the frame, is the report's LPS mm."""
    desk = laid(name)
    starts = desk.case.place.frame.to_patient(world(desk.layer(layers.CATHETER))[:, 0])
    truth = catheter_points(image(name).placed)
    np.testing.assert_allclose(starts[:19], truth[:19], atol=1e-6)


@pytest.mark.parametrize("plane", [Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL])
@pytest.mark.parametrize("name", ["feet first", "oblique"])
def test_a_jump_cuts_every_axis_at_the_finding(name, plane):
    """After a jump the voxel under the cut is the finding's, the crosshair is there, and it is in the middle."""
    desk = laid(name)
    desk.set_plane(plane)
    finding = desk.case.report.findings[0]
    desk.go_to(finding)
    at = desk.case.place.frame.from_patient(finding.point)
    pixels = desk.layer(layers.IMAGE)
    np.testing.assert_allclose(desk.viewer.dims.point, at, atol=desk.case.hung.scale_mm.max() / 2 + 1e-6)
    assert pixels.data[tuple(np.rint(pixels.world_to_data(at)).astype(int))] == 1500
    np.testing.assert_allclose(crosshair(desk), at)
    shown = list(desk.viewer.dims.displayed)
    np.testing.assert_allclose(camera(desk.viewer).center[-2:], at[shown])


@pytest.mark.parametrize("name", ["prone", "oblique"])
def test_three_dimensions_are_no_mirror(name):
    """In 3-D the patient is seen from the front with the left side on the right of the screen and the head on top."""
    desk = laid(name)
    desk.set_plane(Plane.SOLID)
    eye = camera(desk.viewer)
    axes = np.eye(3)
    if hasattr(desk.viewer, "scene"):  # before 0.9 napari's own direction of view is not what is seen
        np.testing.assert_allclose(eye.view_direction, axes[1], atol=1e-6)
    np.testing.assert_allclose(eye.up_direction, axes[0], atol=1e-6)
    # (z, y, x) grow away, down, right: one turn of the hand from napari's own, as S, P, L is from L, P, S.
    assert [str(side) for side in eye.orientation] == ["away", "down", "right"]


def test_a_gap_has_no_vector():
    """The line is broken where the catheter is: no vector leads from one piece into the next."""
    desk = laid("feet first")
    features = desk.layer(layers.CATHETER).features
    assert list(features["piece"].value_counts().sort_index()) == [19, 20]
    assert 19 not in set(features["point"])


def test_letters_and_the_warning_are_on_the_canvas():
    """Orientation letters follow the plane; that this is research only never leaves the canvas."""
    desk = laid("feet first")
    seen = words_on(desk.viewer)
    assert (seen["left"], seen["top"]) == ("R", "A")
    desk.set_plane(Plane.SAGITTAL)
    seen = words_on(desk.viewer)
    assert (seen["left"], seen["top"]) == ("A", "H")
    desk.set_plane(Plane.SOLID)
    assert words_on(desk.viewer) == {"research": RESEARCH}


def test_windows_and_slab():
    """A window preset sets black and white in HU; a slab shows the maximum over its thickness."""
    desk = laid("coronal")
    pixels = desk.layer(layers.IMAGE)
    for window in WINDOWS:
        desk.set_window(window)
        assert tuple(pixels.contrast_limits) == window.limits_hu
    desk.set_slab(12.0)
    assert pixels.projection_mode == "max"
    assert min(desk.viewer.dims.thickness) == pytest.approx(12.0)
    desk.set_slab(0.0)
    assert pixels.projection_mode == "none"


def test_a_second_case_replaces_the_first_and_leaves_the_readers_own_layers():
    """What the reader drew stays; what the first case brought goes."""
    desk = laid("feet first")
    own = desk.viewer.add_points(np.zeros((1, 3)), name="mine", units=("mm",) * 3)
    before = len(desk.viewer.layers)
    volume = image("oblique")
    desk.show(LoadedCase(report=report("oblique"), image=volume, hung=hang(volume)), report("oblique").findings, {})
    assert len(desk.viewer.layers) == before
    assert own in desk.viewer.layers
    assert "oblique" in words_on(desk.viewer)["note"]


def test_a_case_without_images_shows_what_is_known():
    """Where the images cannot be had the catheter and the findings are still shown, in LPS."""
    known = report("feet first")
    desk = Desk(ViewerModel())
    desk.show(LoadedCase(report=known, why_no_image="moved"), known.findings, {})
    assert desk.layer(layers.IMAGE) is None
    np.testing.assert_allclose(desk.layer(layers.CATHETER).data[0, 0], known.catheters[0].points[0][::-1])
    assert "left" not in words_on(desk.viewer)


def test_the_color_of_a_finding_is_its_verdict():
    """Drawing the status anew keeps order, place and the active layer, and changes the colour."""
    desk = laid("feet first")
    findings = reading_order(desk.case.report)
    before = desk.layer(layers.FINDINGS).data.copy()
    desk.show_status(findings, {findings[0].id: "rejected"})
    again = desk.layer(layers.FINDINGS)
    np.testing.assert_array_equal(again.data, before)
    assert list(again.features["state"]) == ["rejected", "open"]
    assert desk.viewer.layers.selection.active is desk.layer(layers.IMAGE)
    assert not np.allclose(again.border_color[0], again.border_color[1])


def test_a_drag_sets_the_window():
    """To the right is wider, up is brighter; a drag of nothing changes nothing."""
    assert dragged_limits((-250.0, 950.0), (0, 0)) == (-250.0, 950.0)
    low, high = dragged_limits((-250.0, 950.0), (100, 0))
    assert high - low > 1200.0
    assert (low + high) / 2 == pytest.approx(350.0)
    low, high = dragged_limits((-250.0, 950.0), (0, -100))
    assert (high - low, (low + high) / 2 < 350.0) == (pytest.approx(1200.0), True)


@pytest.mark.parametrize("plane", [Plane.CORONAL, Plane.SAGITTAL])
def test_another_plane_is_as_near(plane):
    """From a finding to another plane it stays in the middle and as near; what was wholly in sight stays so."""
    desk = laid("feet first")
    whole = camera(desk.viewer).zoom
    desk.set_plane(plane)
    desk.set_plane(Plane.AXIAL)
    assert camera(desk.viewer).zoom == pytest.approx(whole)
    desk.look_at(desk.case.world_of(desk.case.report.findings[0]), zoom=3 * whole)
    desk.set_plane(plane)
    assert camera(desk.viewer).zoom == pytest.approx(3 * whole)
    shown = list(desk.viewer.dims.displayed)
    np.testing.assert_allclose(camera(desk.viewer).center[-2:], desk.at[shown])


def test_the_way_through_three_dimensions_loses_no_place():
    """From a finding to 3-D and back, the cut, the middle of the view and the zoom are where they were."""
    desk = laid("feet first")
    desk.go_to(desk.case.report.findings[0])
    eye = camera(desk.viewer)
    before = (tuple(desk.viewer.dims.point), tuple(eye.center[-2:]), eye.zoom)
    desk.set_plane(Plane.SOLID)
    desk.set_plane(Plane.SOLID)
    desk.set_plane(Plane.AXIAL)
    for was, now in zip(before, (tuple(desk.viewer.dims.point), tuple(eye.center[-2:]), eye.zoom), strict=True):
        np.testing.assert_allclose(now, was, atol=1e-6)
