"""Which series of a study is walked."""

from __future__ import annotations

from dataclasses import replace

from catheterview.geometry import Grid, grid_from_axes
from catheterview.model import Rung
from catheterview.read import Case, Series, Study
from catheterview.triage.series import best_ct, ct_to_walk, met_in_reading, passed_over, records


def grid(slices: int, spacing_mm: float) -> Grid:
    """An oblique stack of slices of 200 x 240 mm."""
    return grid_from_axes((slices, 100, 100), origin=(12.0, -7.0, 30.0), axes_mm=_axes(spacing_mm))


def _axes(spacing_mm: float) -> list[list[float]]:
    return [[0.0, 0.3 * spacing_mm, 0.954 * spacing_mm], [0.1, 1.9, -0.6], [-2.4, 0.126, 0.0]]


def series(uid: str, *, modality: str = "CT", role: str = "volume", place: Grid | None = None, why: str = "") -> Series:
    """A series without files."""
    return Series(
        series_instance_uid=uid,
        study_instance_uid="1.2",
        modality=modality,
        role=role,
        stackable=place is not None,
        grid=place,
        why=why,
    )


def study(*members: Series) -> Study:
    """A study of these series."""
    return Study(study_instance_uid="1.2", date="2026-03-02", rung=Rung.CT, series=members)


THICK = series("thick", place=grid(60, 5.0))
THIN = series("thin", place=grid(290, 1.0))
SNIPPET = series("snippet", place=grid(20, 0.5))
BROKEN = series("broken", role="slices", why="missing slice: 10 mm where 5 mm is expected")
REFORMAT = series("reformat", role="reformat", place=grid(400, 0.4))
FILM = series("film", modality="DX", role="film")
TOPOGRAM = series("topogram", role="localiser")


def test_the_thinnest_that_shows_enough_is_walked() -> None:
    """Of two stacks that show the same the thinner; a thin snippet does not stand for the whole."""
    assert best_ct(study(THICK, THIN, SNIPPET, REFORMAT, FILM, TOPOGRAM, BROKEN)) is THIN
    assert best_ct(study(THICK, SNIPPET)) is THICK
    assert best_ct(study(SNIPPET, BROKEN)) is SNIPPET


def test_parts_scanned_apart_are_both_walked() -> None:
    """An abdomen beside a chest is worth walking; a second reconstruction of the same part is not."""
    chest = series("chest", place=grid(290, 1.0))
    feet = chest.grid.index_to_world([-290, 0, 0]) if chest.grid else None
    abdomen = series("abdomen", place=grid_from_axes((55, 100, 100), origin=feet, axes_mm=_axes(5.0)))  # type: ignore[arg-type]
    again = series("again", place=grid(100, 3.0))
    assert [one.series_instance_uid for one in ct_to_walk(study(again, abdomen, chest))] == ["chest", "abdomen"]
    elsewhere = replace(again, frame_of_reference_uid="another")
    assert len(ct_to_walk(study(chest, elsewhere))) == 2


def test_a_study_may_have_nothing_to_walk() -> None:
    """Films, localisers, reformats and stacks that make no volume are not walked."""
    assert best_ct(study(BROKEN, REFORMAT, FILM, TOPOGRAM)) is None
    assert best_ct(study()) is None


def test_every_series_passed_over_says_why() -> None:
    """What shows the patient and is not examined is named with its reason; a localiser needs none."""
    case = Case(case_id="c", studies=(study(THICK, THIN, BROKEN, FILM, TOPOGRAM),))
    (left,) = passed_over(case, [THIN])
    assert left.outcome == "SKIPPED"
    assert set(left.series_instance_uids) == {"thick", "broken", "film"}
    for reason in ("DX is not examined", "no volume: missing slice", "the same part more thinly"):
        assert reason in left.why
    assert passed_over(Case(case_id="c", studies=(study(THIN, TOPOGRAM),)), [THIN]) == ()


def test_what_reading_met_is_told() -> None:
    """A rule that broke is told with the series, and whether it can be used all the same."""
    tilted = series("tilted", place=grid(60, 5.0), why="gantry tilt: 16.7 degrees")
    case = Case(case_id="c", studies=(study(THIN, BROKEN, tilted),))
    assert [(uid, usable) for uid, _, usable in met_in_reading(case)] == [("broken", False), ("tilted", True)]


def test_the_report_names_every_study_and_series_once() -> None:
    """Two stacks of one series are one series of the report."""
    case = Case(case_id="c", studies=(study(THIN, THIN, FILM),))
    (record,) = records(case)
    assert [one.series_instance_uid for one in record.series] == ["thin", "film"]
    assert (record.date, record.rung) == ("2026-03-02", Rung.CT)
