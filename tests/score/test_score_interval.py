"""Intervals against published and hand-worked values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from catheterview.limits.score import ScoreLimits
from catheterview.score.interval import bootstrap, mcnemar, mean_interval, poisson, ratio_interval, wilson

LIMITS = ScoreLimits()


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(17, 21, 0.60, 0.92), (27, 29, 0.78, 0.98), (20, 21, 0.77, 0.99)],
)
def test_wilson_gives_the_intervals_worked_out_for_published_readers(count, of, low, high):
    """17 of 21 (Delhaas 2020) is 0.60 to 0.92, and so on."""
    assert wilson(count, of) == (pytest.approx(low, abs=0.005), pytest.approx(high, abs=0.005))


def test_wilson_by_its_formula():
    """20 of 20: lower end 20 / (20 + z^2), upper end 1."""
    low, high = wilson(20, 20)
    assert low == pytest.approx(20 / (20 + stats.norm.ppf(0.975) ** 2))
    assert high == 1.0
    assert wilson(0, 0) is None


def test_no_false_alarm_in_n_studies_still_has_an_upper_end():
    """0 events: the exact upper end is -ln(0.025) = 3.689 over the number of studies."""
    assert poisson(0, 40) == (0.0, pytest.approx(-np.log(0.025) / 40))
    low, high = poisson(10, 20)
    assert (low, high) == (pytest.approx(4.795 / 20, abs=1e-4), pytest.approx(18.390 / 20, abs=1e-4))
    assert poisson(0, 0) is None


def test_the_bootstrap_of_a_mean_is_near_its_standard_error():
    """For 400 draws from a normal the interval is the mean plus or minus 1.96 standard errors, within a tenth."""
    values = np.random.default_rng(5).normal(3.0, 2.0, 400)
    low, high = mean_interval(values.tolist(), LIMITS)
    half = 1.96 * values.std() / 20.0
    assert (low, high) == (
        pytest.approx(values.mean() - half, abs=0.1 * half),
        pytest.approx(values.mean() + half, abs=0.1 * half),
    )


def test_the_bootstrap_agrees_with_the_library():
    """scipy's percentile bootstrap gives the same interval to its own scatter."""
    values = np.random.default_rng(6).exponential(1.0, 60)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1))
    low, high = mean_interval(values.tolist(), LIMITS)
    assert (low, high) == (
        pytest.approx(theirs.confidence_interval.low, abs=0.03),
        pytest.approx(theirs.confidence_interval.high, abs=0.03),
    )


def test_a_pooled_share_keeps_cases_whole():
    """Two kinds of case, all right or all wrong: the interval is far wider than for independent points."""
    low, high = ratio_interval([100.0] * 10 + [0.0] * 10, [100.0] * 20, LIMITS)
    assert high - low > 0.35
    assert ratio_interval([5.0], [10.0], LIMITS) is None


def test_draws_that_leave_a_figure_undefined_are_left_out():
    """A draw of nothing but empty cases says nothing."""
    assert ratio_interval([0.0, 3.0], [0.0, 4.0], LIMITS) == (pytest.approx(0.75), pytest.approx(0.75))
    assert bootstrap(np.ones((3, 1)), lambda draws: np.full(len(draws), np.nan), LIMITS) is None


def test_mcnemar_by_hand():
    """1 against 9 discordant cases: two-sided binomial p = 2 (1 + 10) / 1024; none discordant: undefined."""
    assert mcnemar(1, 9) == pytest.approx(22 / 1024)
    assert mcnemar(4, 4) == pytest.approx(1.0)
    assert mcnemar(0, 0) is None
