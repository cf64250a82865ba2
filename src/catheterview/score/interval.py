"""Intervals: Wilson for shares, exact Poisson for rates, bootstrap by case for means, and McNemar's paired test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from scipy import stats

from catheterview.geometry import FloatArray
from catheterview.limits.score import ScoreLimits

Interval: TypeAlias = tuple[float, float]


def wilson(count: int, of: int, *, confidence: float = 0.95) -> Interval | None:
    """Wilson's score interval of a share; None where there was nothing to count.

    Raises
    ------
    ValueError
        When `count` is not within 0 and `of`.
    """
    if of == 0:
        return None
    interval = stats.binomtest(count, of).proportion_ci(confidence_level=confidence, method="wilson")
    return float(interval.low), float(interval.high)


def poisson(count: int, studies: int, *, confidence: float = 0.95) -> Interval | None:
    """Exact (Garwood) interval of a number of events for each study; None without studies."""
    if studies == 0:
        return None
    tail = (1.0 - confidence) / 2.0
    low = float(stats.chi2.ppf(tail, 2 * count)) / 2.0 if count else 0.0
    return low / studies, float(stats.chi2.isf(tail, 2 * count + 2)) / 2.0 / studies


def bootstrap(rows: FloatArray, statistic: Callable[[FloatArray], FloatArray], limits: ScoreLimits) -> Interval | None:
    """Percentile interval by drawing cases with replacement; None for fewer than two cases.

    Parameters
    ----------
    rows : (N, C) float64
        One row a case.
    statistic : callable
        Takes (B, N, C) to (B,); NaN where a draw leaves it undefined, such draws are left out.
    """
    if len(rows) < 2:
        return None
    drawn = np.random.default_rng(limits.seed).integers(0, len(rows), size=(limits.resamples, len(rows)))
    values = statistic(rows[drawn])
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    tail = (1.0 - limits.confidence) / 2.0
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return float(low), float(high)


def mean_interval(values: Sequence[float], limits: ScoreLimits) -> Interval | None:
    """Bootstrap interval of the mean over cases."""
    return bootstrap(np.asarray(values, dtype=float)[:, None], lambda draws: draws[..., 0].mean(axis=1), limits)


def ratio_interval(tops: Sequence[float], bottoms: Sequence[float], limits: ScoreLimits) -> Interval | None:
    """Bootstrap interval of a pooled share: the sum of `tops` over the sum of `bottoms`, cases drawn whole."""
    rows = np.stack([np.asarray(tops, dtype=float), np.asarray(bottoms, dtype=float)], axis=1)

    def pooled(draws: FloatArray) -> FloatArray:
        sums = draws.sum(axis=1)
        empty = np.full(len(sums), np.nan)
        return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=empty, where=sums[:, 1] > 0))

    return bootstrap(rows, pooled, limits)


def mcnemar(only_first: int, only_second: int) -> float | None:
    """Exact two-sided p of McNemar's test from the two numbers of cases that only one of them got right."""
    discordant = only_first + only_second
    return float(stats.binomtest(only_first, discordant).pvalue) if discordant else None
