"""Which series of a case hang together, and in what order they are read; decided from headers alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from catheterview.model import Report, Rung
from catheterview.read import Series

PlanKind = Literal["volume", "films", "run"]

#: Modalities whose volumes are maps of activity: they hang on the anatomy where there is one.
MAPS = ("NM", "PT")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """One hanging of a case.

    Parameters
    ----------
    kind : str
        ``volume`` in three planes, ``films`` side by side, or a ``run`` of frames.
    series : tuple of Series
        The volume, the films from left to right, or the run.
    fused : tuple of Series
        Maps of activity that lie on the volume.
    date : str
        Of the study, ISO 8601; empty when not known.
    """

    kind: PlanKind
    series: tuple[Series, ...]
    date: str
    rung: Rung
    fused: tuple[Series, ...] = ()

    @property
    def uids(self) -> frozenset[str]:
        """SeriesInstanceUIDs of all that hangs here."""
        return frozenset(one.series_instance_uid for one in (*self.series, *self.fused))

    def is_sheet(self, other: Plan) -> bool:
        """Say whether this is another plan's sheet, with a prior beside it or without."""
        return self.series[0] is other.series[0]

    @property
    def study_instance_uid(self) -> str:
        """The study that hangs here."""
        return self.series[0].study_instance_uid

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        what = " + ".join(dict.fromkeys(one.modality for one in (*self.series, *self.fused)))
        count = f" x {len(self.series)}" if len(self.series) > 1 else ""
        shown = {"volume": "", "films": " films" if count else " film", "run": " run"}[self.kind]
        return " ".join(part for part in (self.rung.replace("_", "-"), f"{what}{shown}{count}", self.date) if part)


def plans(series: Iterable[Series], report: Report, main: str) -> tuple[Plan, ...]:
    """Say what hangs together, the sheet with the series `main` first, then newest study first.

    Parameters
    ----------
    series : iterable of Series
        Whatever was found; those of other cases are left out.
    report : Report
        Says which studies the case has, their dates and rungs.
    main : str
        SeriesInstanceUID that is read on; empty when there is none.
    """
    found = list(series)
    hung: list[Plan] = []
    for study in sorted(report.studies, key=lambda one: one.date, reverse=True):
        mine = [one for one in found if one.study_instance_uid == study.study_instance_uid]
        for kind, group, fused in _groups(mine):
            hung.append(Plan(kind=kind, series=group, date=study.date, rung=_rung(group, study.rung), fused=fused))
    return tuple(sorted(hung, key=lambda plan: main not in plan.uids))


def _rung(group: Sequence[Series], of_study: Rung) -> Rung:
    """The rung of a sheet: the study's for what it stands on, a film's own beside a CT."""
    own = group[0].rung
    return own if own is not Rung.OTHER and group[0].modality not in ("CT", *MAPS) else of_study


def _groups(mine: Sequence[Series]) -> list[tuple[PlanKind, tuple[Series, ...], tuple[Series, ...]]]:
    """Return what hangs together within a study: (kind, series, fused)."""
    volumes = [one for one in mine if one.stackable]
    maps = [one for one in volumes if one.modality in MAPS]
    bodies = [one for one in volumes if one.modality not in MAPS]
    groups: list[tuple[PlanKind, tuple[Series, ...], tuple[Series, ...]]] = []
    for body in bodies:
        groups.append(("volume", (body,), tuple(one for one in maps if overlap(one, body))))
    placed = {one.series_instance_uid for _, _, fused in groups for one in fused}
    groups += [("volume", (one,), ()) for one in maps if one.series_instance_uid not in placed]
    groups += [("run", (one,), ()) for one in mine if one.role == "cine"]
    films = tuple(one for one in mine if one.role == "film" or (one.role == "nuclear" and _is_view(one)))
    return [*groups, *([("films", films, ())] if films else [])]  # type: ignore[list-item]  # a literal, once more


def _is_view(one: Series) -> bool:
    """Whether a nuclear series is a planar view that can be read."""
    return not one.stackable and not one.why


def overlap(one: Series, other: Series) -> bool:
    """Say whether two volumes lie in one frame of reference and share room in the patient."""
    if one.grid is None or other.grid is None or one.frame_of_reference_uid != other.frame_of_reference_uid:
        return False
    first, second = one.grid.corners(), other.grid.corners()
    lowest = np.maximum(first.min(axis=0), second.min(axis=0))
    return bool(np.all(lowest < np.minimum(first.max(axis=0), second.max(axis=0))))


def beside(hung: Sequence[Plan], current: Plan) -> Plan | None:
    """Return the sheet to compare with: the next older study's, else any other study's; None where there is none."""
    others = [
        plan
        for plan in hung
        if plan.kind == current.kind
        and plan.study_instance_uid != current.study_instance_uid
        and plan.series[0].modality == current.series[0].modality
    ]
    older = [plan for plan in others if plan.date < current.date]
    return max(older, key=lambda plan: plan.date, default=next(iter(others), None))
