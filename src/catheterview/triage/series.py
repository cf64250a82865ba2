"""Which series of a case are walked, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from catheterview.geometry import Grid
from catheterview.model import Examined, SeriesRecord, StudyRecord
from catheterview.read import Case, Series, Study

#: Roles that show the patient; a localiser or a dose report that is not walked needs no excuse.
_ROLES_WITH_ANATOMY = ("volume", "slices", "film", "cine", "nuclear")
#: A CT that shows this much of what the largest of its study shows is as good a choice, if it is thinner.
_ENOUGH_OF_THE_LARGEST = 0.8
#: A CT of which more than this share was not shown by those before it is worth walking as well.
_NEW_ENOUGH = 0.3
#: Points along each axis at which that share is taken.
_SAMPLES = 11


def records(case: Case) -> tuple[StudyRecord, ...]:
    """Name every study and series of a case, as the report does; the stacks of one series are one series."""
    return tuple(
        StudyRecord(
            study_instance_uid=study.study_instance_uid,
            date=study.date,
            rung=study.rung,
            series=tuple(
                dict.fromkeys(
                    SeriesRecord(series_instance_uid=one.series_instance_uid, modality=one.modality, role=one.role)
                    for one in study.series
                )
            ),
        )
        for study in case.studies
    )


def best_ct(study: Study) -> Series | None:
    """The CT volume of a study that is walked first: the thinnest of those that show (nearly) the most."""
    return next(iter(ct_to_walk(study)), None)


def ct_to_walk(study: Study) -> tuple[Series, ...]:
    """CT volumes of a study worth walking, best first: each shows a part that those before it do not.

    A chest and an abdomen scanned apart are both here; five reconstructions of one scan are one.
    """
    volumes = [one for one in study.series if _is_ct_volume(one)]
    most_mm3 = max((_shown_mm3(one) for one in volumes), default=0.0)
    wide = [one for one in volumes if _shown_mm3(one) >= _ENOUGH_OF_THE_LARGEST * most_mm3]
    rest = [one for one in volumes if one not in wide]
    chosen: list[Series] = []
    for one in (*sorted(wide, key=_rank), *sorted(rest, key=_rank)):
        if _share_not_shown(one, chosen) > _NEW_ENOUGH:
            chosen.append(one)
    return tuple(chosen)


def _share_not_shown(series: Series, others: Sequence[Series]) -> float:
    """Share of a volume, 0 to 1, that lies outside the others; those in another frame of reference show none of it."""
    grid = _grid(series)
    steps = np.linspace(0.0, 1.0, _SAMPLES)
    sampled = np.stack(np.meshgrid(steps, steps, steps), axis=-1) * (np.array(grid.shape) - 1)
    points = grid.index_to_world(sampled)
    unseen = np.ones(points.shape[:-1], dtype=bool)
    for other in others:
        if other.frame_of_reference_uid == series.frame_of_reference_uid:
            unseen &= ~_grid(other).contains(points)
    return float(unseen.mean())


def _is_ct_volume(series: Series) -> bool:
    return series.modality == "CT" and series.role == "volume" and series.stackable


def _grid(series: Series) -> Grid:
    assert series.grid is not None  # of every stackable series
    return series.grid


def _shown_mm3(series: Series) -> float:
    grid = _grid(series)
    return float(np.prod(grid.shape)) * grid.voxel_volume_mm3


def _rank(series: Series) -> tuple[float, float, str, int]:
    grid = _grid(series)
    return float(grid.spacing_mm[0]), float(grid.spacing_mm[1]), series.series_instance_uid, series.stack


def met_in_reading(case: Case) -> Iterator[tuple[str, str, bool]]:
    """Yield UID, rule and whether it is usable all the same, of every series that reading had something to say of."""
    for study in case.studies:
        for one in study.series:
            if one.why:
                yield one.series_instance_uid, one.why, one.stackable


def passed_over(case: Case, walked: Sequence[Series]) -> tuple[Examined, ...]:
    """Say of the series that show the patient and were not walked why not: silence is not absence."""
    taken = {(one.series_instance_uid, one.stack) for one in walked}
    left = [
        one
        for study in case.studies
        for one in study.series
        if one.role in _ROLES_WITH_ANATOMY and (one.series_instance_uid, one.stack) not in taken
    ]
    if not left:
        return ()
    uids = tuple(dict.fromkeys(one.series_instance_uid for one in left))
    why = "; ".join(sorted({_why_not(one) for one in left}))
    return (Examined(detector="other_series", series_instance_uids=uids, outcome="SKIPPED", why=why),)


def _why_not(series: Series) -> str:
    if series.modality != "CT":
        return f"{series.modality} is not examined by this version"
    if not series.stackable:
        return f"a CT that is no volume: {series.why}"
    return "another CT of the same study shows the pump, or the same part more thinly, and was examined instead"
