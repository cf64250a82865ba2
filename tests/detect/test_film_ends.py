"""Where a catheter ends, how it bends and how long it is, as one film or two tell it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catheterview.detect.film import FilmEvidence
from catheterview.detect.film.bends import find_film_kinks
from catheterview.detect.film.length import find_length_budget
from catheterview.detect.film.loops import loops_of
from catheterview.detect.film.tip import find_film_tip, tip_told
from catheterview.geometry import Frame
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Kind, Landmarks
from catheterview.model.film_course import FilmCourse
from catheterview.model.film_levels import FilmLevel, FilmLevels, ImplantRecord
from film_scenes import drawn_film

LIMITS = FilmDetectLimits()


def line(points: np.ndarray, *, entry: int | None = None) -> Centreline:
    count = len(points)
    return Centreline(
        series_instance_uid="1.2", frame=Frame.CALIBRATED, points=points, pieces=((0, count - 1),),
        radius=np.full(count, 3.0), confidence=np.ones(count), contrast=np.full(count, 0.08),
        noise=np.full(count, 0.01), landmarks=Landmarks(pump=0, dural_entry=entry, tip=count - 1),
        sop_instance_uid="1.2.3",
    )  # fmt: skip


def levels(*, names: tuple[str, ...] = ("L4", "L3", "L2", "L1", "T12"), counted: str = "last rib") -> FilmLevels:
    """Vertebrae 130 pixels (26 mm) tall in column 400, the lowest in row 620."""
    rows = 620.0 - 130.0 * np.arange(len(names))
    points = [FilmLevel(name=name, point=(float(row), 400.0)) for name, row in zip(names, rows, strict=True)]
    return FilmLevels(levels=tuple(points), levels_from=counted, reach_px=220.0)


def seen(course: Centreline, **more: object) -> FilmEvidence:
    film, pump, _ = drawn_film()
    whole = {"film": film, "pumps": (pump,), "catheters": (course,), "levels": levels(), "tip_confirmed": True}
    return FilmEvidence(**{**whole, **more})  # type: ignore[arg-type]


def climbing(top: float) -> Centreline:
    """From the pump aside, then up column 395 to a row."""
    aside = np.stack([np.full(200, 560.0), np.linspace(281.0, 395.0, 200)], axis=1)
    up = np.stack([np.linspace(560.0, top, 400), np.full(400, 395.0)], axis=1)
    return line(np.concatenate([aside, up]), entry=200)


def test_the_tip_is_told_by_the_vertebra_beside_it() -> None:
    """Named where the levels are counted from the ribs; by its number from below where they are not."""
    assert "beside L2 (counted from the last rib)" in tip_told(seen(climbing(365.0)), LIMITS)
    plain = levels(names=("V1", "V2", "V3", "V4", "V5"), counted="relative")
    assert "beside V3, counted from the lowest vertebra in view" in tip_told(
        seen(climbing(365.0), levels=plain), LIMITS
    )
    assert "not known" in tip_told(seen(climbing(365.0), tip_confirmed=False), LIMITS)


def test_a_tip_two_levels_below_the_record_has_migrated() -> None:
    """Two levels down is a migration with its sign; the level on record, or half a level off, is none."""
    evidence = seen(climbing(360.0), implant=ImplantRecord(tip_level="T12"))
    (found,) = find_film_tip(evidence, LIMITS)
    assert found.kind is Kind.MIGRATION
    assert found.level == "L2"
    assert found.measures["shift_levels"] == pytest.approx(-2.0, abs=0.1)
    assert find_film_tip(seen(climbing(300.0), implant=ImplantRecord(tip_level="L2")), LIMITS) == ()
    (above,) = find_film_tip(replace(evidence, implant=ImplantRecord(tip_level="T10")), LIMITS)
    assert above.measures["shift_levels"] == pytest.approx(-4.0, abs=0.1)  # two of them above the film
    relative = replace(levels(), levels_from="relative")
    assert find_film_tip(replace(evidence, levels=relative), LIMITS) == ()


def test_an_end_that_is_shown_beside_the_spine_is_malposed() -> None:
    """An end 36 mm beside the column is reported only where the film shows that the tube ends there."""
    course = line(np.stack([np.linspace(480.0, 330.0, 400), np.linspace(281.0, 220.0, 400)], axis=1))
    (found,) = find_film_tip(seen(course, ends_shown=(True,)), LIMITS)
    assert found.kind is Kind.TIP_MALPOSITION
    assert found.measures["off_mm"] == pytest.approx(-36.0, abs=0.5)
    assert find_film_tip(seen(course, ends_shown=(False,)), LIMITS) == ()
    assert find_film_tip(seen(climbing(360.0), ends_shown=(True,)), LIMITS) == ()


def test_loops_are_counted_by_where_the_course_crosses_itself() -> None:
    """A course that goes round once and on over itself has one loop of its own length; half of it has none."""
    turn = np.linspace(-4.0, 4.0, 400)
    loop = np.stack([-100.0 * np.cos(turn), 20.0 * turn - 100.0 * np.sin(turn)], axis=1)
    (length,) = loops_of(loop, 0.2, LIMITS)
    assert 80.0 < length < 130.0
    assert loops_of(loop[:200], 0.2, LIMITS) == ()


def test_a_bend_beside_another_limb_is_no_kink() -> None:
    """A sharp turn is a kink; the same turn with another limb of the catheter across it may be a loop on its edge."""
    up = np.stack([480.0 - np.arange(200.0), np.full(200, 420.0)], axis=1)
    aside = np.stack([np.full(250, 280.0), 420.0 + np.arange(250.0)], axis=1)
    lead = np.stack([np.full(60, 480.0), 360.0 + np.arange(60.0)], axis=1)
    plain = np.concatenate([lead, up, aside])
    turns = [round(one.measures["turn_deg"]) for one in find_film_kinks(seen(line(plain)), LIMITS)]
    assert 90 in turns
    back = np.stack([280.0 + np.arange(150.0), np.full(150, 669.0)], axis=1)
    home = np.stack([np.full(250, 430.0), 669.0 - np.arange(250.0)], axis=1)
    cross = np.stack([430.0 - np.arange(260.0), np.full(260, 420.0)], axis=1)
    looped = line(np.concatenate([plain, back, home, cross]))
    near = [
        one
        for one in find_film_kinks(seen(looped), LIMITS)
        if np.hypot(one.point[0] - 280.0, one.point[1] - 420.0) < 20.0
    ]
    assert near == []


def test_what_is_missing_of_the_implanted_length_is_told() -> None:
    """40 cm seen of 60 implanted leaves some unaccounted for; of 42 none; without a record nothing is said."""
    points = np.stack([np.zeros(401), np.zeros(401), np.arange(401.0)], axis=1)
    course = FilmCourse(
        points=points, apart_mm=np.zeros(401), front=np.arange(401), side=np.arange(401), base_mm=3.0, whole=True
    )
    outcomes = []
    for length in (600.0, 420.0, 250.0, None):
        found, told = find_length_budget(seen(climbing(365.0), implant=ImplantRecord(length_mm=length)), course, LIMITS)
        outcomes.append(([one.measures["missing_mm"] for one in found], told.outcome, "more than" in told.why))
    assert outcomes == [([200.0], "RAN", False), ([], "RAN", False), ([], "RAN", True), ([], "SKIPPED", False)]
