"""Hypothesis strategies for the model's types.

A grid drawn here is never identity, isotropic or positive-diagonal: those hide a swapped axis, a swapped spacing and a
lost sign, which are the mistakes that matter.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes
from catheterview.model import (
    Centreline,
    Decision,
    Examined,
    Finding,
    Implant,
    Kind,
    Landmarks,
    Problem,
    Pump,
    Report,
    Rung,
    Segment,
    SeriesRecord,
    Step,
    StudyRecord,
)

coordinates_mm = st.floats(-400.0, 400.0).map(lambda value: round(value, 3))
uids = st.integers(1, 10**12).map(lambda number: f"1.2.826.0.1.3680043.{number}")
words = st.text("abcdefghij µ°<>&\"'", min_size=1, max_size=20)
scores = st.floats(0.0, 1.0).map(lambda value: round(value, 3))
points_mm = st.tuples(coordinates_mm, coordinates_mm, coordinates_mm)


@st.composite
def rotations(draw: st.DrawFn) -> FloatArray:
    """(3, 3) orthonormal, right-handed, its rows oblique to every axis by five degrees or more."""
    angles = [draw(st.floats(5.0, 85.0)) for _ in range(3)]
    turns = [_rotation(axis, angle) for axis, angle in enumerate(angles)]
    quarter = _rotation(draw(st.integers(0, 2)), 90.0 * draw(st.integers(0, 3)))
    return np.asarray(turns[0] @ turns[1] @ turns[2] @ quarter)


def _rotation(axis: int, angle_deg: float) -> FloatArray:
    """(3, 3) rotation by `angle_deg` about one of the axes of the patient."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    turn = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn[first, first] = turn[second, second] = cosine
    turn[first, second], turn[second, first] = -sine, sine
    return turn


@st.composite
def grids(draw: st.DrawFn, *, sheared: bool = False) -> Grid:
    """A small oblique anisotropic grid, either handed (head first or feet first), sheared when asked for."""
    shape = tuple(draw(st.integers(2, 9)) for _ in range(3))
    fine = draw(st.floats(0.3, 1.0))
    spacing = fine * np.array([draw(st.floats(2.0, 6.0)), draw(st.floats(1.2, 1.8)), 1.0])
    axes = draw(rotations()) * spacing[:, None]
    axes[0] *= draw(st.sampled_from([-1.0, 1.0]))
    if sheared:
        axes[0] += draw(st.floats(0.1, 0.5)) * axes[1]
    origin = [draw(coordinates_mm) for _ in range(3)]
    return grid_from_axes((shape[0], shape[1], shape[2]), origin=origin, axes_mm=axes)


@st.composite
def polylines(draw: st.DrawFn, *, least: int = 4, most: int = 30) -> FloatArray:
    """(N, 3) LPS mm, no two neighbours at one place: a walk that turns gently, as a catheter does."""
    count = draw(st.integers(least, most))
    turn = np.array(draw(st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))))
    start, step = np.array(draw(points_mm)), draw(st.floats(0.5, 5.0))
    along = np.arange(count)[:, None]
    heading = np.concatenate(
        [np.cos(turn[:1] * along), np.sin(turn[:1] * along), np.sin(turn[1:] * along) + 1.5], axis=1
    )
    return np.asarray(start + step * np.cumsum(heading, axis=0) @ draw(rotations()).T)


@st.composite
def centrelines(draw: st.DrawFn) -> Centreline:
    """A catheter in one piece, or in two with a gap between them."""
    points = draw(polylines())
    last = len(points) - 1
    split = draw(st.one_of(st.none(), st.integers(0, last - 1)))
    pieces = ((0, last),) if split is None else ((0, split), (split + 1, last))
    columns = [np.array(draw(st.lists(scores, min_size=last + 1, max_size=last + 1))) for _ in range(4)]
    return Centreline(
        series_instance_uid=draw(uids),
        frame=Frame.PATIENT,
        points=points,
        pieces=pieces,
        radius=columns[0] + 0.3,
        confidence=columns[1],
        contrast=columns[2] * 1000.0,
        noise=columns[3] * 20.0,
        landmarks=Landmarks(pump=0, tip=last, dural_entry=draw(st.one_of(st.none(), st.integers(0, last)))),
    )


@st.composite
def findings(draw: st.DrawFn, *, kinds: tuple[Kind, ...] = tuple(Kind)) -> Finding:
    """Any kind of finding, anywhere in the patient."""
    level = draw(st.one_of(st.none(), st.sampled_from(["T10", "T12", "L1", "L3", "S1"])))
    return Finding(
        kind=draw(st.sampled_from(kinds)),
        score=draw(scores),
        frame=Frame.PATIENT,
        point=draw(points_mm),
        series_instance_uid=draw(uids),
        message=draw(words),
        segment=draw(st.one_of(st.none(), st.sampled_from(list(Segment)))),
        sop_instance_uid=draw(uids),
        index_kji=draw(st.tuples(*[st.integers(0, 511)] * 3)),
        measures=draw(st.dictionaries(st.sampled_from(["gap_mm", "turn_deg", "arc_mm"]), scores)),
        level=level,
        cautions=tuple(draw(st.lists(words, max_size=2))),
        ends=tuple(draw(st.lists(points_mm, max_size=2))),
    )


@st.composite
def pumps(draw: st.DrawFn) -> Pump:
    """A pump of a plausible size, anywhere, facing anywhere."""
    normal = draw(rotations())[0]
    return Pump(
        series_instance_uid=draw(uids),
        center_mm=draw(points_mm),
        normal=(float(normal[0]), float(normal[1]), float(normal[2])),
        diameter_mm=draw(st.floats(60.0, 95.0)),
        thickness_mm=draw(st.floats(15.0, 30.0)),
        score=draw(scores),
    )


@st.composite
def studies(draw: st.DrawFn) -> StudyRecord:
    """A study of one or two series on any rung."""
    series = st.builds(
        SeriesRecord, series_instance_uid=uids, modality=st.just("CT"), role=st.sampled_from(["volume", "localiser"])
    )
    return StudyRecord(
        study_instance_uid=draw(uids),
        date=draw(st.sampled_from(["", "2026-03-02", "1999-12-31"])),
        rung=draw(st.sampled_from(list(Rung))),
        series=tuple(draw(st.lists(series, min_size=1, max_size=2))),
    )


@st.composite
def decisions(draw: st.DrawFn, *, because: tuple[str, ...] = ()) -> Decision:
    """Any decision; its text is arbitrary, so that exporters must escape it."""
    trail = st.builds(Step, node=st.just("N1"), answer=words, why=words, source=words)
    return Decision(
        step=draw(st.sampled_from(["N1", "N5", "T3"])),
        action=draw(words),
        urgency=draw(st.sampled_from(["emergent", "urgent", "soon", "routine", "cannot_tell"])),
        because=because,
        ask=tuple(draw(st.lists(st.sampled_from(["gate.tolerates_bolus", "device.has_cap"]), unique=True))),
        trail=tuple(draw(st.lists(trail, max_size=3))),
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A whole report; all its text is arbitrary."""
    found = tuple(draw(st.lists(findings(), max_size=3)))
    decision = draw(decisions(because=tuple(finding.id for finding in found)))
    problem = st.builds(Problem, path_or_uid=uids, stage=st.sampled_from(["read", "trace"]), reason=words)
    implant = st.builds(
        Implant, series_instance_uid=uids, kind=st.just("port"), center_mm=points_mm, extent_mm=points_mm, why=words
    )
    examined = st.builds(
        Examined,
        detector=st.sampled_from(["discontinuity", "kink"]),
        series_instance_uids=st.tuples(uids),
        outcome=st.sampled_from(["RAN", "SKIPPED", "FAILED"]),
        why=words,
    )
    return Report(
        version="0.1.0",
        case_id=draw(st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")),
        priority=decision.urgency,
        studies=tuple(draw(st.lists(studies(), max_size=2))),
        pumps=tuple(draw(st.lists(pumps(), max_size=2))),
        catheters=tuple(draw(st.lists(centrelines(), max_size=2))),
        findings=found,
        examined=tuple(draw(st.lists(examined, max_size=3))),
        decision=decision,
        problems=tuple(draw(st.lists(problem, max_size=2))),
        implants=tuple(draw(st.lists(implant, max_size=2))),
        limits={"detect": {"gap_mm": 3.0}},
        seconds={"read": 1.5},
    )
