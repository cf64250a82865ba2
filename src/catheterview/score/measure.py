"""One line of a result table: a value, its interval, what it was counted from, or why it is undefined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catheterview.limits.score import ScoreLimits
from catheterview.score.interval import Interval, mean_interval, poisson, ratio_interval, wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of a cohort.

    Parameters
    ----------
    about : str
        ``centreline``, ``pump``, ``answers``, or a kind of finding; ``any fault`` for all kinds together.
    name : str
    value : float or None
        None where it is undefined; `why` then says so.
    low, high : float or None
        Ends of the interval.
    count : int
        What it rests on: cases, findings or points, as `unit` and `name` say.
    interval : str
        How the interval was made.
    """

    about: str
    name: str
    value: float | None
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    count: int = 0
    interval: str = ""
    why: str = ""


def _measure(head: tuple[str, str, str], value: float, interval: Interval | None, *, count: int, how: str) -> Measure:
    """Put a figure together; an interval that could not be made is left out with its reason."""
    low, high = interval or (None, None)
    return Measure(
        about=head[0],
        name=head[1],
        unit=head[2],
        value=float(value),
        low=low,
        high=high,
        count=count,
        interval=how if interval else "",
        why="" if interval else "too few cases for an interval",
    )


def undefined(about: str, name: str, *, unit: str = "1", why: str) -> Measure:
    """Return a figure that cannot be given, and why."""
    return Measure(about=about, name=name, unit=unit, value=None, why=why)


def share(about: str, name: str, *, count: int, of: int, why: str) -> Measure:
    """Return a share of independent things with Wilson's interval; undefined, and `why`, when there are none."""
    if not of:
        return undefined(about, name, why=why)
    return _measure((about, name, "1"), count / of, wilson(count, of), count=of, how="Wilson 95 %")


def rate(about: str, name: str, *, count: int, studies: int) -> Measure:
    """Return a number of events for each study with the exact Poisson interval."""
    unit = "per study"
    if not studies:
        return undefined(about, name, unit=unit, why="no studies")
    return _measure(
        (about, name, unit), count / studies, poisson(count, studies), count=studies, how="Poisson exact 95 %"
    )


def mean(head: tuple[str, str, str], values: Sequence[float | None], limits: ScoreLimits, *, why: str) -> Measure:
    """Return the mean of values, those that are None left out, with a bootstrap interval that draws whole values.

    Parameters
    ----------
    head : (about, name, unit)
    """
    there = [value for value in values if value is not None]
    if not there:
        return undefined(head[0], head[1], unit=head[2], why=why)
    return _measure(head, float(np.mean(there)), mean_interval(there, limits), count=len(there), how="bootstrap 95 %")


def pooled(head: tuple[str, str, str], tops: Sequence[float], bottoms: Sequence[float], limits: ScoreLimits) -> Measure:
    """Return the sum of `tops` over the sum of `bottoms`, one of each a case, with a bootstrap interval over cases."""
    if not sum(bottoms):
        return undefined(head[0], head[1], unit=head[2], why="nothing was traced")
    value, interval = sum(tops) / sum(bottoms), ratio_interval(tops, bottoms, limits)
    return _measure(head, value, interval, count=len(tops), how="bootstrap 95 %")
