"""Each finding of a dye study follows from where contrast lies, and what is only spilt is no finding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.detect.cine import CINE_DETECTORS, detect_in_cine
from catheterview.detect.cine.evidence import DyeEvidence
from catheterview.geometry import Frame
from catheterview.limits.cine import CineDetectLimits
from catheterview.model import Centreline, Kind
from catheterview.model.cine import DyeReading, FilledCourse, Opacified, Stain
from catheterview.model.film import FilmPump
from dye_runs import run_of

LIMITS = CineDetectLimits()
FRAMES = 20
PUMP = FilmPump(
    series_instance_uid="1.2.3",
    sop_instance_uid="",
    center=(300.0, 90.0),
    radius_px=60.0,
    toward=(0.0, 0.0, 1.0),
    mm_per_px=0.7,
)


def course(points: np.ndarray, *, first: float = 4.0, last: float = 12.0, whole: bool = True) -> FilledCourse:
    """A course seen all along."""
    count = len(points)
    catheter = Centreline(
        series_instance_uid="1.2.3", frame=Frame.DETECTOR, points=points, pieces=((0, count - 1),),
        radius=np.ones(count), confidence=np.ones(count), contrast=np.ones(count), noise=np.ones(count),
    )  # fmt: skip
    return FilledCourse(
        catheter=catheter, arrival=np.linspace(first, last, count), spread=np.ones(count),
        kymograph=np.ones((FRAMES, count), dtype=np.float32), strength=np.full(count, 5.0),
        width_px=np.full(count, 2.0), start_frame=3.0, whole=whole,
    )  # fmt: skip


def across(end: int = 260) -> np.ndarray:
    """A way from the pump's rim to the right."""
    return np.stack([np.full(end - 152, 290.0), np.arange(152.0, end)], axis=1)


def climbing() -> np.ndarray:
    """The same, and up in the canal."""
    return np.concatenate([across(), np.stack([np.arange(289.0, 150.0, -1.0), np.full(139, 260.0)], axis=1)])


def stain(center: tuple[float, float], tall: float, wide: float, **fixed: object) -> Stain:
    """An upright patch of contrast that has gathered steadily."""
    angle = np.linspace(0.0, 2.0 * np.pi, 40)
    outline = np.stack([center[0] + 0.5 * tall * np.sin(angle), center[1] + 0.5 * wide * np.cos(angle)], axis=1)
    one = Stain(
        center=center, outline=outline, area_px=0.8 * tall * wide, amount=2.0 * tall * wide,
        growth=np.linspace(0.0, 1.0, FRAMES), onset=8.0, rise=9.0, sway=0.01,
        long_px=max(tall, wide), wide_px=min(tall, wide), way=(-1.0, 0.0), hollow=-0.2,
    )  # fmt: skip
    return replace(one, **fixed)  # type: ignore[arg-type]


SAC = stain((120.0, 260.0), 90.0, 22.0, arc_px=250.0, away_px=2.0)


def found(reading_course: FilledCourse | None, *stains: Stain, unrest: float = 1.0) -> tuple[set[Kind], str]:
    """Kinds of the findings, and what the last line says."""
    cine = run_of(np.zeros((FRAMES, 400, 400), dtype=np.float32))
    seen = Opacified(
        change=np.zeros((1, 1, 1), dtype=np.float32), edge=np.zeros((1, 1), dtype=np.float32),
        valid=np.ones((1, 1), dtype=bool), before=4, shift_px=np.zeros(FRAMES), unrest=unrest,
    )  # fmt: skip
    reading = DyeReading(cine=cine, pumps=(PUMP,), opacified=seen, course=reading_course, stains=stains)
    findings, examined = detect_in_cine(reading, LIMITS)
    assert [line.detector for line in examined] == [*(one.name for one in CINE_DETECTORS), "dye_visibility"]
    return {finding.kind for finding in findings}, examined[-1].why


@pytest.mark.parametrize(
    ("way", "stains", "kinds"),
    [
        (climbing(), (SAC,), set()),
        (climbing(), (SAC, stain((290.0, 230.0), 20.0, 18.0, arc_px=78.0)), {Kind.EXTRAVASATION}),
        (climbing(), (SAC, stain((285.0, 160.0), 20.0, 18.0, arc_px=8.0)), {Kind.CONNECTOR_LEAK}),
        (climbing(), (SAC, stain((352.0, 100.0), 20.0, 60.0, round_pump=0.7, on_pump=0.3)), {Kind.POCKET_POOLING}),
        (across(), (stain((290.0, 262.0), 20.0, 18.0, arc_px=105.0),), {Kind.DISCONTINUITY, Kind.EXTRAVASATION}),
        (across(), (), {Kind.FLOW_OBSTRUCTION}),
        (climbing(), (stain((150.0, 260.0), 26.0, 20.0, arc_px=245.0),), {Kind.TIP_LOCULATION}),
        (climbing(), (replace(SAC, hollow=0.4),), {Kind.EPIDURAL_PATTERN}),
    ],
)
def test_where_contrast_lies_says_what_is_wrong(way: np.ndarray, stains: tuple[Stain, ...], kinds: set[Kind]) -> None:
    """Spread in the canal alone is nothing wrong; anything else has its own name."""
    assert found(course(way), *stains)[0] == kinds


def test_one_leak_is_one_finding() -> None:
    """What lies beside a pool, or is much thinner than it, is its own; a second pool as dense, far away, is another."""
    main = stain((290.0, 230.0), 20.0, 18.0, arc_px=78.0)
    beside, far = (replace(stain((290.0, x), 16.0, 14.0, arc_px=98.0)) for x in (255.0, 330.0))
    thin = replace(far, amount=main.amount, area_px=20.0 * main.area_px)
    for more, count in (((beside,), 1), ((thin,), 1), ((far,), 2)):
        cine = run_of(np.zeros((FRAMES, 400, 400), dtype=np.float32))
        reading = DyeReading(cine=cine, pumps=(PUMP,), course=course(climbing()), stains=(SAC, main, *more))
        assert len(DyeEvidence(reading=reading, limits=LIMITS).leaks) == count


def test_contrast_spilt_at_the_needle_is_a_caution_and_no_finding() -> None:
    """A puddle over the pump is told in words; the study is judged all the same."""
    kinds, why = found(course(climbing()), SAC, stain((320.0, 110.0), 25.0, 25.0, on_pump=1.0))
    assert kinds == set()
    assert "spilt" in why


def test_what_began_long_before_contrast_was_in_the_catheter_was_spilt() -> None:
    """A puddle half over the pump is none of the catheter's if it began seconds before the catheter's first arrival."""
    puddle = stain((320.0, 148.0), 25.0, 25.0, on_pump=0.4, round_pump=0.6, arc_px=5.0)
    late, early = course(climbing(), first=16.0, last=18.0), course(climbing(), first=7.0)
    assert found(late, SAC, replace(puddle, onset=2.0))[0] == set()
    assert found(early, SAC, puddle)[0] == {Kind.CONNECTOR_LEAK}


def test_contrast_put_into_the_pocket_is_not_assessable() -> None:
    """All contrast at the pump and none in the catheter: no leak is claimed."""
    kinds, why = found(None, stain((320.0, 110.0), 25.0, 25.0, on_pump=1.0))
    assert kinds == {Kind.NOT_ASSESSABLE}
    assert "pocket" in why


def test_what_could_not_be_judged_is_said() -> None:
    """No contrast, a front still on its way, a course that leaves the picture, and too much movement."""
    assert found(None)[0] == {Kind.NOT_ASSESSABLE}
    assert found(course(across(), first=12.0, last=19.0))[0] == {Kind.NOT_ASSESSABLE}
    assert found(course(across(), whole=False))[0] == {Kind.NOT_ASSESSABLE}
    assert found(course(climbing()), SAC, unrest=9.0)[0] == {Kind.NOT_ASSESSABLE}
    assert found(None, SAC)[0] == {Kind.NOT_ASSESSABLE}


def test_movement_is_not_taken_for_contrast() -> None:
    """A patch that comes at one moment, or sways, is none."""
    sudden = stain((290.0, 230.0), 20.0, 18.0, arc_px=78.0, rise=1.0)
    swaying = stain((290.0, 230.0), 20.0, 18.0, arc_px=78.0, sway=0.6)
    assert found(course(climbing()), SAC, sudden)[0] == set()
    assert found(course(climbing()), SAC, swaying)[0] == set()
