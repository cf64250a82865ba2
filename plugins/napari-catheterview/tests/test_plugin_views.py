"""The views of a real window: they move together, and show the patient the right way round."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication
from review_acts import press
from seen import words_on

from napari_catheterview import layers
from napari_catheterview.compat import camera
from napari_catheterview.planes import Plane
from napari_catheterview.windows import WINDOWS
from napari_catheterview.words import RESEARCH


@pytest.mark.parametrize("key", [Qt.Key.Key_N, Qt.Key.Key_P])
def test_next_and_previous_move_every_view(room, qtbot, key):
    """N and P bring the cut, the crosshair, the camera and the table to the other finding."""
    press(room, qtbot, key)
    kink = room.session.findings[1]
    world = room.desk.case.place.frame.from_patient(kink.point)
    assert room.session.current.id == kink.id
    np.testing.assert_allclose(room.viewer.dims.point, world, atol=1.3)
    np.testing.assert_allclose(camera(room.viewer).center[-2:], world[1:], atol=1e-6)
    assert room.findings.view.selectionModel().selectedRows()[0].row() == 1
    assert "kink" in room.findings.message.text()


def test_keys_set_planes_windows_and_slab(room, qtbot):
    """1 to 4 are the planes and 3-D, F1 to F6 the windows, S the slab."""
    for key, plane in zip("1234", Plane, strict=True):
        press(room, qtbot, getattr(Qt.Key, f"Key_{key}"))
        assert room.desk.plane is plane
    press(room, qtbot, Qt.Key.Key_1)
    for window in WINDOWS:
        press(room, qtbot, getattr(Qt.Key, f"Key_{window.key}"))
        assert tuple(room.desk.layer(layers.IMAGE).contrast_limits) == window.limits_hu
    press(room, qtbot, Qt.Key.Key_S)
    assert room.desk.layer(layers.IMAGE).projection_mode == "max"


def test_research_use_only_is_always_in_sight(room):
    """The canvas and every dock say it, in every plane."""
    for plane in Plane:
        room.desk.set_plane(plane)
        assert words_on(room.viewer)["research"] == RESEARCH
    for dock in (room.cases, room.findings, room.ladder.dock, room.straight.dock):
        assert any(label.text() == RESEARCH for label in dock.findChildren(type(room.findings.saved)))


def test_the_left_of_the_patient_is_on_the_right_of_the_picture(room, qtbot):
    """Bright voxels on the patient's left appear on the right half, in the planes and in 3-D seen from the front."""
    pixels = room.desk.layer(layers.IMAGE)
    block = np.full(pixels.data.shape, -1000, dtype=np.int16)
    block[:, :, block.shape[2] // 2 + 2 :] = 3000
    pixels.data = block
    for layer in room.viewer.layers:
        layer.visible = layer is pixels
    for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SOLID):
        room.desk.set_plane(plane)
        room.viewer.reset_view()
        room.desk.set_plane(plane)
        picture = room.viewer.screenshot(canvas_only=True, flash=False)[..., :3].mean(axis=2)
        height, width = picture.shape
        band = picture[height // 3 : 2 * height // 3]
        assert band[:, width // 2 + 20 : -60].mean() > band[:, 60 : width // 2 - 20].mean() + 20, plane


def test_the_head_is_on_top(room):
    """Bright voxels towards the head appear in the upper half, in coronal and sagittal cuts and in 3-D."""
    pixels = room.desk.layer(layers.IMAGE)
    block = np.full(pixels.data.shape, -1000, dtype=np.int16)
    block[block.shape[0] // 2 + 2 :] = 3000
    pixels.data = block
    for layer in room.viewer.layers:
        layer.visible = layer is pixels
    for plane in (Plane.CORONAL, Plane.SAGITTAL, Plane.SOLID):
        room.desk.set_plane(plane)
        room.viewer.reset_view()
        room.desk.set_plane(plane)
        picture = room.viewer.screenshot(canvas_only=True, flash=False)[..., :3].mean(axis=2)
        height, width = picture.shape
        band = picture[:, width // 3 : 2 * width // 3]
        assert band[60 : height // 2 - 20].mean() > band[height // 2 + 20 : -60].mean() + 20, plane


def test_every_view_jumps_together(room, qtbot):
    """N moves coronal and sagittal, the strip and the crosshair of every view to the same place in the patient."""
    press(room, qtbot, Qt.Key.Key_N)
    kink = room.session.current
    for desk in room.views.desks:
        np.testing.assert_allclose(desk.viewer.dims.point, room.viewer.dims.point, atol=1e-6)
        at = np.median(desk.layer(layers.CURSOR).data[:, 0] * np.array(desk.layer(layers.CURSOR).scale), axis=0)
        np.testing.assert_allclose(desk.case.place.frame.to_patient(at), kink.point, atol=1e-6)
    assert room.straight.dock.words.text().endswith("0 mm from the catheter")
    assert [desk.plane for desk in room.views.desks] == [Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL]


def test_side_views_share_the_voxels(room):
    """Three planes of one volume hold it in memory once."""
    voxels = [desk.layer(layers.IMAGE).data for desk in room.views.desks]
    assert all(np.shares_memory(voxels[0], other) for other in voxels[1:])


def test_a_click_on_the_strip_goes_there(room, qtbot):
    """A click at the far end of the straightened catheter brings every view to its tip."""
    strip = room.straight.dock.strip
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() - 1, strip.height() // 2))
    tip = room.session.report.catheters[0].points[-1]
    assert np.linalg.norm(room.here() - tip) < 2.0


def test_a_click_on_a_cut_moves_the_crosshair(room, qtbot):
    """A click on the canvas, without a drag, cuts every view there; the place is napari's own reckoning of it."""
    canvas = room.viewer.window._qt_viewer.canvas.native
    before = room.here()
    pos = QPoint(canvas.width() // 2 + 40, canvas.height() // 2 + 24)
    qtbot.mouseMove(canvas, pos)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=pos)
    moved = room.desk.case.place.frame.from_patient(room.here() - before)
    zoom = camera(room.viewer).zoom
    np.testing.assert_allclose(moved[1:], (24 / zoom, 40 / zoom), atol=1.5 / zoom)
    assert abs(moved[0]) <= room.desk.case.hung.scale_mm[0] / 2


def test_a_click_on_a_reason_goes_to_its_finding(room, qtbot):
    """The first reason of the ladder is a finding, and a click goes there."""
    press(room, qtbot, Qt.Key.Key_N)
    reasons = room.ladder.dock.reasons
    room.ladder.dock.tabs.setCurrentWidget(reasons)
    QApplication.processEvents()
    item = reasons.item(0)
    assert item.text().startswith("finding:")
    wanted = item.data(Qt.ItemDataRole.UserRole)
    room.session.step(1) if room.session.current.id == wanted else None
    qtbot.mouseClick(reasons.viewport(), Qt.MouseButton.LeftButton, pos=reasons.visualItemRect(item).center())
    assert room.session.current.id == wanted
