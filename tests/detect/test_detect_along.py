"""The segments of a catheter are told by pump, elbow and canal."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from detect_scenes import catheter_of, evidence_of
from scipy.ndimage import gaussian_filter1d

from catheterview.detect import detect_all
from catheterview.detect.along import entry_index, marks_of, stretches_of
from catheterview.geometry import FloatArray, arc_length, grid_from_axes, resample_polyline
from catheterview.limits import DetectLimits
from catheterview.model import Anatomy, Evidence, Finding, Kind, Region, Segment

#: Where the drawn course bends and where it enters the canal, whose middle lies at x = 100, y = 20 and is 8 mm wide.
ELBOW, INSIDE = np.array([60.0, 70.0, 0.0]), np.array([100.0, 20.0, 24.0])
ENTRY = INSIDE + 8.0 / np.hypot(40.0, 50.0) * (ELBOW - INSIDE)


def course() -> FloatArray:
    """From the rim along a skin at y = 82 to an elbow, straight to the canal and up in it; corners are rounded."""
    corners = np.array([[0.0, 0.0, 0.0], [20.0, 0.0, 0.0], [20.0, 70.0, 0.0], ELBOW, INSIDE, [100.0, 20.0, 90.0]])
    line = resample_polyline(corners, step=0.5)
    return resample_polyline(gaussian_filter1d(line, 6.0, axis=0, mode="nearest"), step=0.5)


def skin() -> Region:
    """A body that ends at y = 82."""
    grid = grid_from_axes((60, 50, 50), origin=(-60.0, -90.0, -100.0), axes_mm=((0, 0, 4.1), (0, 4.0, 0), (3.9, 0, 0)))
    inside = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))[..., 1] < 82.0
    return Region.of(inside, grid)


def with_body(evidence: Evidence) -> Evidence:
    return replace(evidence, anatomy=replace(evidence.anatomy, body=skin()))


def severed_at(arc_mm: float, line: FloatArray) -> Finding:
    """The gap reported for a course that is cut at an arc length."""
    n = int(np.searchsorted(arc_length(line), arc_mm))
    evidence = evidence_of([catheter_of([line[: n - 2], line[n + 3 :]])])
    (gap,) = [f for d in detect_all(evidence, DetectLimits()) for f in d.findings if f.kind is Kind.DISCONTINUITY]
    return gap


def test_a_finding_names_the_segment_of_its_arc_length() -> None:
    """From the connector to the tip, each gap is put where the course says."""
    line = course()
    arc = arc_length(line)
    elbow, entry = (float(arc[np.argmin(np.linalg.norm(line - at, axis=1))]) for at in (ELBOW, ENTRY))
    expected = {
        10.0: Segment.CONNECTOR,
        34.0: Segment.POCKET,
        60.0: Segment.SUBCUTANEOUS_TRACT,
        elbow: Segment.ANCHOR,
        entry - 25.0: Segment.PARASPINAL_TRACT,
        entry: Segment.DURAL_ENTRY,
        entry + 30.0: Segment.INTRATHECAL,
    }
    for arc_mm, segment in expected.items():
        assert severed_at(arc_mm, line).segment is segment, arc_mm


@pytest.mark.parametrize("body", [False, True], ids=["shape alone", "with the skin"])
def test_the_elbow_is_the_anchor(*, body: bool) -> None:
    """The corner between the tract and the straight way in is found within 5 mm, with and without the skin."""
    catheter = catheter_of([course()])
    evidence = evidence_of([catheter])
    marks = marks_of(catheter, with_body(evidence) if body else evidence, DetectLimits())
    at = float(catheter.arc_mm[np.argmin(np.linalg.norm(catheter.points - ELBOW, axis=1))])
    assert marks.anchor_mm == pytest.approx(at, abs=5.0)


def test_a_loose_end_pushed_aside_does_not_move_the_anchor_far() -> None:
    """With the skin in view, a step of 5 mm on the way in is not taken for the elbow."""
    line = course()
    n = int(np.searchsorted(arc_length(line), float(arc_length(line)[-1]) - 95.0))
    line[n:-140] += np.array([3.0, 0.0, -3.6])
    catheter = catheter_of([line[:n], line[n:]])
    marks = marks_of(catheter, with_body(evidence_of([catheter])), DetectLimits())
    at = float(catheter.arc_mm[np.argmin(np.linalg.norm(catheter.points - ELBOW, axis=1))])
    assert marks.anchor_mm == pytest.approx(at, abs=8.0)


def test_segments_cover_the_catheter_without_gaps() -> None:
    """They begin at the first point, end at the last and follow each other from connector to tip."""
    catheter = catheter_of([course()])
    stretches = stretches_of(catheter, evidence_of([catheter]), DetectLimits())
    assert stretches[0].first_mm == 0.0
    assert stretches[-1].last_mm == pytest.approx(float(catheter.arc_mm[-1]))
    assert all(a.last_mm == b.first_mm for a, b in pairwise(stretches))
    order = list(Segment)
    assert [one.segment for one in stretches] == order[2:]


def test_a_catheter_that_never_enters_the_canal_has_no_anchor_and_no_entry() -> None:
    """Beside the spine it is paraspinal, and nothing is said of a canal that it does not reach."""
    line = course()
    catheter = catheter_of([line[: np.argmin(np.linalg.norm(line - ENTRY, axis=1)) - 16]])
    evidence = evidence_of([catheter])
    assert entry_index(catheter, evidence.anatomy, DetectLimits()) is None
    named = {one.segment for one in stretches_of(catheter, evidence, DetectLimits())}
    assert named == {Segment.CONNECTOR, Segment.POCKET, Segment.SUBCUTANEOUS_TRACT, Segment.PARASPINAL_TRACT}


def test_without_a_canal_only_the_pump_end_is_named() -> None:
    """What neither pump nor canal tells is left unnamed, not guessed."""
    catheter = catheter_of([course()])
    evidence = replace(evidence_of([catheter]), anatomy=Anatomy(series_instance_uid="1.2.3"))
    named = [one.segment for one in stretches_of(catheter, evidence, DetectLimits())]
    assert named == [Segment.CONNECTOR, Segment.POCKET]
