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
    """The CT volume of a study that is walked: the thinnest of those that show (nearly) the most; None without one."""
    volumes = [one for one in study.series if _is_ct_volume(one)]
    most_mm3 = max((_shown_mm3(one) for one in volumes), default=0.0)
    wide = [one for one in volumes if _shown_mm3(one) >= _ENOUGH_OF_THE_LARGEST * most_mm3]
    return min(wide, key=_rank, default=None)


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
    return "another CT of the same study is thinner or shows more, and was examined instead"
