"""Two versions on the same cases: what changed, and whether by more than chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catheterview.errors import InputError
from catheterview.limits.score import ScoreLimits
from catheterview.score.case import CaseScore
from catheterview.score.detection import verdicts
from catheterview.score.interval import mcnemar, mean_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure of two versions on the same cases.

    Parameters
    ----------
    name : str
    first, second : float
        Means, or shares of studies answered rightly.
    difference : float
        Second minus first.
    low, high : float or None
        Paired bootstrap interval of the difference, cases drawn whole.
    p : float or None
        Exact McNemar for shares; None for means, or where no case differs.
    cases : int
        Those for which both versions have the figure.
    """

    name: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    cases: int


def compare(
    first: Sequence[CaseScore], second: Sequence[CaseScore], *, kind: str, limits: ScoreLimits | None = None
) -> tuple[Change, ...]:
    """Compare two versions' scores case by case.

    Parameters
    ----------
    first, second : sequence of CaseScore
        Of the same studies, in any order.
    kind : str
        The kind of finding whose study-level answers are compared.

    Raises
    ------
    InputError
        When they are not of the same studies.
    """
    limits = limits or ScoreLimits()
    one, other = (sorted(cases, key=lambda case: case.study_instance_uid) for cases in (first, second))
    if [case.study_instance_uid for case in one] != [case.study_instance_uid for case in other]:
        raise InputError("two versions can be compared only on the same studies")
    means: tuple[tuple[str, Callable[[CaseScore], float | None]], ...] = (
        ("mean error, mm", lambda case: _mean([course.mean_error for course in case.courses])),
        ("overlap OV", lambda case: _mean([course.overlap for course in case.courses])),
        ("tip error, mm", lambda case: _mean([course.tip_error for course in case.courses])),
        ("false alarms", lambda case: float(sum(alarm.kind == kind for alarm in case.false_alarms))),
    )
    changes = [_change(name, [of(case) for case in one], [of(case) for case in other], limits) for name, of in means]
    return tuple(change for change in (*changes, _answers(kind, one, other, limits)) if change is not None)


def _mean(values: Sequence[float | None]) -> float | None:
    """Mean of those that are there; None when none is."""
    there = [value for value in values if value is not None]
    return float(np.mean(there)) if there else None


def _change(
    name: str, first: Sequence[float | None], second: Sequence[float | None], limits: ScoreLimits
) -> Change | None:
    """Compare a mean over the cases that have it in both versions; None when none has."""
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not both:
        return None
    before, after = np.array(both, dtype=float).T
    low, high = mean_interval((after - before).tolist(), limits) or (None, None)
    return Change(
        name=name,
        first=float(before.mean()),
        second=float(after.mean()),
        difference=float((after - before).mean()),
        low=low,
        high=high,
        p=None,
        cases=len(both),
    )


def _answers(kind: str, first: Sequence[CaseScore], second: Sequence[CaseScore], limits: ScoreLimits) -> Change | None:
    """Compare the share of studies that were told rightly."""
    right = [_told_rightly(kind, cases) for cases in (first, second)]
    change = _change(f"studies told rightly, {kind}", right[0], right[1], limits)
    if change is None:
        return None
    pairs = list(zip(right[0], right[1], strict=True))
    p = mcnemar(
        sum(a is not None and b is not None and a > b for a, b in pairs),
        sum(a is not None and b is not None and a < b for a, b in pairs),
    )
    return replace(change, p=p)


def _told_rightly(kind: str, cases: Sequence[CaseScore]) -> list[float | None]:
    """1 where a study's answer about a kind is right, 0 where not, None where the fault is too small to ask for."""
    told = verdicts(kind, cases)
    return [
        float(given and said == was) if use else None
        for was, said, given, use in zip(told.positive, told.flagged, told.answered, told.usable, strict=True)
    ]
