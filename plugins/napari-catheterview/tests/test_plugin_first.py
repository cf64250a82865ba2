"""Of a large volume the slices about the first finding are seen, and can be judged, before the rest is read."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from qtpy.QtCore import Qt
from review_acts import kept, press
from review_cases import GRIDS, image, report
from written import write_ct, write_out

from napari_catheterview import layers, opening
from napari_catheterview.case import READING
from napari_catheterview.compat import camera
from napari_catheterview.frame import hang
from napari_catheterview.hanging import first
from napari_catheterview.opening import find_plans, open_case
from napari_catheterview.planes import Plane
from napari_catheterview.session import reading_order
from napari_catheterview.windows import WINDOWS


@pytest.fixture
def every_volume_is_large(monkeypatch):
    monkeypatch.setattr(first, "WORTH_VOXELS", 1)


@pytest.mark.parametrize("name", GRIDS)
def test_the_first_slices_lie_where_they_lie_in_the_whole(name, tmp_path, every_volume_is_large):
    """Slices that were acquired across the body come first, each voxel at its place; other stacks come whole."""
    volume, known = image(name), report(name)
    plan = find_plans([write_ct(volume, tmp_path / "ct")], known)[0]
    looked = first.first_look(known, plan)
    assert (looked is not None) is (name not in ("sagittal", "coronal"))
    if looked is None:
        return
    assert looked.partial
    assert READING in looked.note
    assert looked.hung.voxels.shape[0] == 2 * first.EITHER_SIDE + 1
    np.testing.assert_allclose(looked.hung.frame.axes, hang(volume).frame.axes, atol=1e-7)
    point = np.asarray(reading_order(known)[0].point)
    assert looked.image.placed.contains(point[None])[0]
    index = np.argwhere(looked.image.voxels > 1000)
    assert len(index)
    there = np.rint(volume.placed.world_to_index(looked.image.placed.index_to_world(index))).astype(int)
    assert (volume.voxels[tuple(there.T)] > 1000).all()


def test_what_is_no_large_ct_has_no_first_picture(tmp_path):
    """A small volume is read at once, and films have no slices."""
    known = report("feet first")
    plan = find_plans([write_ct(image("feet first"), tmp_path / "ct")], known)[0]
    assert first.first_look(known, plan) is None


def test_a_case_says_its_first_picture_before_the_rest(tmp_path, every_volume_is_large):
    """The generator that a thread runs yields words, then the first picture, then returns the whole."""
    folder = write_ct(image("oblique"), tmp_path / "ct")
    out = write_out(tmp_path / "out", [report("oblique")], [folder])
    said, steps = [], open_case(out, "case-a", [folder])
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            whole = end.value
            break
    (early,) = [one for one in said if not isinstance(one, str)]
    assert early.partial
    assert not whole.partial
    assert early.report is whole.report
    assert whole.straight is not None


@pytest.fixture
def held(monkeypatch, every_volume_is_large):
    """Hold back the reading of whole volumes until the event is set."""
    go, real = threading.Event(), opening.load_sheet

    def slow(*args):
        go.wait(60)
        return real(*args)

    monkeypatch.setattr(opening, "load_sheet", slow)
    yield go
    go.set()


def test_a_verdict_before_the_volume_is_read(out, room, held, qtbot):
    """While it is read one judges the finding in sight; then place, window and verdict stay and the side views come."""
    held.set()
    room.open("case-b")
    qtbot.waitUntil(lambda: room.ready and room.session.report.case_id == "case-b", timeout=60_000)
    held.clear()
    room.open("case-a")
    qtbot.waitUntil(lambda: room.session.report.case_id == "case-a", timeout=60_000)
    assert not room.ready
    assert room.desk.layer(layers.IMAGE).data.shape[0] == 2 * first.EITHER_SIDE + 1
    assert [desk.case is None for desk in room.views.desks] == [False, True, True]
    gap = room.session.current
    np.testing.assert_allclose(room.here(), gap.point, atol=1e-6)
    bone = WINDOWS[1]
    press(room, qtbot, getattr(Qt.Key, f"Key_{bone.key}"))
    press(room, qtbot, Qt.Key.Key_A)
    assert kept(out) == [(gap.id, "accepted", "")]
    for key, modifier in (
        (Qt.Key.Key_E, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
    ):
        press(room, qtbot, key, modifier)
        assert room.findings.saved.text() == READING
    assert room.tools.draft is None
    assert len(kept(out)) == 1
    zoom = camera(room.viewer).zoom
    held.set()
    qtbot.waitUntil(lambda: room.ready, timeout=60_000)
    assert room.desk.layer(layers.IMAGE).data.shape == room.desk.case.hung.voxels.shape == (24, 30, 36)
    assert camera(room.viewer).zoom == zoom
    assert room.straight.straight is not None
    for desk in room.views.desks:
        assert tuple(desk.layer(layers.IMAGE).contrast_limits) == bone.limits_hu
        assert desk.layer(layers.IMAGE).visible
        at = desk.case.place.frame.to_patient(desk.at)
        np.testing.assert_allclose(at, gap.point, atol=1e-6)
        values = desk.layer(layers.IMAGE).get_value(desk.at, world=True)
        assert values == room.desk.layer(layers.IMAGE).get_value(desk.at, world=True)
    assert next(row.status for row in room.findings.model.rows) == "accepted"


def test_no_few_slices_in_another_plane(room, held, qtbot):
    """A reader who looks at coronal cuts sees the case before until the whole of the next one is there."""
    press(room, qtbot, Qt.Key.Key_2)
    assert room.desk.plane is Plane.CORONAL
    held.set()
    room.open("case-b")
    qtbot.waitUntil(lambda: room.session.report.case_id == "case-b", timeout=60_000)
    assert room.ready
