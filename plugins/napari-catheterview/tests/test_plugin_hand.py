"""Ruler, angle, and the catheter drawn anew: the logic, without a display."""

from __future__ import annotations

import numpy as np
import pytest
from review_cases import UID, catheter_points, grid, image, report

from catheterview.errors import UnsuitableError
from catheterview.geometry import Frame
from catheterview.model import Mark
from napari_catheterview.hand.draft import Draft
from napari_catheterview.hand.measure import Ruler


def at(*point, frame=Frame.PATIENT, sop=""):
    return Mark(series_instance_uid=UID, frame=frame, points=(point,), sop_instance_uid=sop)


def test_a_length_is_in_the_unit_of_its_frame():
    """Two clicks in the patient give mm; on a film mm at the detector, or pixels; never bare numbers."""
    for frame, words in (
        (Frame.PATIENT, "13.0 mm"),
        (Frame.DETECTOR, "13.0 mm at the detector"),
        (Frame.PIXEL, "13.0 pixels"),
    ):
        size = 3 if frame is Frame.PATIENT else 2
        ruler = Ruler(clicks=2)
        assert ruler.add(at(*[0.0] * size, frame=frame), np.array([5.0, 1.0, 2.0])) is None
        done = ruler.add(at(*[1.0] * size, frame=frame), np.array([8.0, 5.0, 14.0]))
        assert done.words == words
        assert done.lines.shape == (1, 2, 3)


def test_an_angle_is_that_of_the_second_click():
    """Three clicks, the corner in the middle."""
    ruler = Ruler(clicks=3)
    for point in ([0, 10, 0], [0, 0, 0]):
        assert ruler.add(at(0.0, 0.0, 0.0), np.array(point, dtype=float)) is None
    done = ruler.add(at(0.0, 0.0, 0.0), np.array([0.0, 10.0, 10.0]))
    assert done.words == "45.0°"


def test_nothing_is_measured_between_two_films():
    """A click on another film begins anew."""
    ruler = Ruler(clicks=2)
    ruler.add(at(0.0, 0.0, frame=Frame.DETECTOR, sop="1"), np.zeros(3))
    assert ruler.add(at(0.0, 0.0, frame=Frame.DETECTOR, sop="2"), np.ones(3)) is None
    assert ruler.add(at(0.0, 0.0, frame=Frame.DETECTOR, sop="2"), np.array([1.0, 4.0, 5.0])).value == 5.0


@pytest.mark.parametrize("name", ["feet first", "oblique"])
def test_a_dragged_handle_takes_its_neighbourhood_along(name):
    """The point goes where it was dragged, its neighbours stay, the rest is as it was; undo and redo go to and fro."""
    (found,) = report(name).catheters
    draft = Draft(found)
    middle = len(draft.handles) // 2
    target = draft.places[middle] + np.array([1.0, -2.0, 1.5])
    beside = draft.places[[middle - 1, middle + 1]]
    index = draft.handles[middle - 1], draft.handles[middle + 1]
    draft.move(middle, target)
    apart = np.linalg.norm(draft.catheter.points - target, axis=1)
    assert apart.min() < 1e-9
    assert np.allclose(draft.catheter.points[list(index)], beside)
    untouched = np.r_[0 : index[0], index[1] + 1 : len(found.points)]
    assert np.array_equal(draft.catheter.points[untouched], found.points[untouched])
    assert draft.catheter.pieces == found.pieces
    assert draft.undo()
    assert np.array_equal(draft.catheter.points, found.points)
    assert not draft.undo()
    assert draft.redo()
    assert not draft.redo()
    assert np.linalg.norm(draft.places - target, axis=1).min() < 1e-9
    draft.undo()
    draft.move(0, found.points[0] + 1.0)
    assert not draft.redo()


def straight_tube():
    """An image with a straight bright tube, and a catheter that leaves it in the middle and ends too early."""
    on = grid("oblique")
    line = np.stack([np.full(61, 12.0), np.full(61, 15.0), np.linspace(4, 31, 61)], axis=1)
    truth = on.index_to_world(line)
    voxels = np.full(on.shape, 20, dtype=np.int16)
    k, j, i = np.rint(line).astype(int).T
    for dk, dj in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
        voxels[k + dk, j + dj, i] = 900 if (dk, dj) == (0, 0) else 450
    from dataclasses import replace

    (found,) = report("oblique").catheters
    wrong = truth[:51].copy()
    wrong[20:31] += np.array([0.0, 0.0, 6.0]) * np.sin(np.linspace(0, np.pi, 11))[:, None]
    ones = np.ones(len(wrong))
    parts = {"radius": 0.7 * ones, "confidence": ones, "contrast": ones, "noise": ones}
    catheter = replace(found, points=wrong, pieces=((0, 24), (25, 50)), **parts)
    return replace(image("oblique"), voxels=voxels), catheter, truth


def test_a_piece_is_traced_again_between_two_clicks():
    """The line comes back to the tube within half a millimetre, and the gap between the clicks closes."""
    volume, catheter, truth = straight_tube()
    draft = Draft(catheter)
    off = lambda points: np.array([np.linalg.norm(truth - p, axis=1).min() for p in points])  # noqa: E731
    assert off(catheter.points).max() > 4.0
    for first, second in ((14, 38), (38, 14)):
        draft.take(draft.trace_again(volume, truth[first], truth[second]))
        assert off(draft.catheter.points).max() < 0.7
        assert len(draft.catheter.pieces) == 1
        np.testing.assert_allclose(draft.catheter.points[[0, -1]], catheter.points[[0, -1]], atol=1e-9)
        assert draft.undo()


def test_a_gap_elsewhere_stays_a_gap():
    """Tracing on one side of a gap leaves the gap; the pieces still cover the line in order."""
    volume, catheter, truth = straight_tube()
    draft = Draft(catheter)
    again = draft.trace_again(volume, truth[32], truth[46])
    assert len(again.pieces) == 2
    gap = np.linalg.norm(again.points[again.pieces[1][0]] - catheter.points[25])
    assert gap < 1e-9


def test_a_click_beyond_the_tip_lengthens_the_catheter():
    """From the last point to a click on the tube beyond it; two clicks at one place are refused."""
    volume, catheter, truth = straight_tube()
    longer = Draft(catheter).trace_again(volume, truth[50], truth[60])
    assert np.linalg.norm(longer.points[-1] - truth[60]) < 1.0
    assert longer.length_mm > catheter.length_mm + 3.0
    with pytest.raises(UnsuitableError):
        Draft(catheter).trace_again(volume, truth[20], truth[20] + 0.1)
    with pytest.raises(UnsuitableError):
        Draft(catheter).trace_again(volume, truth[20], truth[30] + 500.0)


def test_the_example_lies_on_its_tube():
    """The drawn tube of the cases here is where its catheter is, or the tests above would prove nothing."""
    volume = image("oblique")
    k, j, i = np.rint(volume.placed.world_to_index(catheter_points(grid("oblique")))).astype(int).T
    assert (volume.voxels[k, j, i] == 1500).all()
