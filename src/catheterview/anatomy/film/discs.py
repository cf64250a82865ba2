"""Discs on a straightened column: dark between two end plates, at nearly even distances."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.ndimage import gaussian_filter1d

from catheterview.anatomy.film.upright import Upright
from catheterview.geometry import FloatArray
from catheterview.limits.film_levels import FilmLevelLimits


def discs_of(column: Upright, limits: FilmLevelLimits) -> FloatArray:
    """Heights of the discs.

    Parameters
    ----------
    column : Upright
    limits : FilmLevelLimits

    Returns
    -------
    (N,)
        Rows of the straightened column, from the head down; empty where fewer than three follow each other evenly.
    """
    profile = mean_of(column.seen[:, column.within(-limits.body_mm, limits.body_mm)])
    dark = darkness(profile, limits)
    tops = np.flatnonzero((dark[1:-1] > dark[:-2]) & (dark[1:-1] >= dark[2:]) & (dark[1:-1] > 0.0)) + 1
    if len(tops) < 3:
        return np.zeros(0)
    strong = np.sort(dark[tops])[::-1]
    worth = np.minimum(dark[tops] / max(float(np.median(strong[: max(3, len(profile) // 36)])), 1e-12), 1.3)
    return _chain(tops.astype(np.float64), worth - limits.least_disc, limits)


def darkness(profile: FloatArray, limits: FilmLevelLimits) -> FloatArray:
    """How much darker each place of a profile (N,) is than what is above and below it; 0 where nothing is seen."""
    dark = gaussian_filter1d(filled(profile), limits.disc_mm / limits.step_mm, order=2, mode="nearest")
    return np.where(np.isfinite(profile), dark, 0.0)


def mean_of(values: FloatArray) -> FloatArray:
    """Mean of each row (N, M), nan where less than half of it is seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row with nothing seen is nan, as it should be
        mean = np.nanmean(values, axis=1)
    return np.where(np.isfinite(values).mean(axis=1) >= 0.5, mean, np.nan)


def filled(profile: FloatArray) -> FloatArray:
    """A profile (N,) with what is not seen drawn straight from what is: an end of the film is no edge of bone."""
    known = np.flatnonzero(np.isfinite(profile))
    return np.interp(np.arange(len(profile)), known, profile[known]) if len(known) else np.zeros(len(profile))


def _chain(at: FloatArray, worth: FloatArray, limits: FilmLevelLimits) -> FloatArray:
    """The most worthy chain of places with distances between the limits, each much like the one before.

    A state is a pair of places; a level whose disc is not seen is stepped over at a price, and filled in.
    """
    low, high = (mm / limits.step_mm for mm in limits.pitch_mm)
    best: dict[tuple[int, int], tuple[float, tuple[int, int] | None, int]] = {}
    for j in range(len(at)):
        for i in range(j):
            for over in (1, 2):
                pitch = (at[j] - at[i]) / over
                if low <= pitch <= high:
                    _offer(best, (i, j, over), (at, worth), limits)
    if not best:
        return np.zeros(0)
    here: tuple[int, int] | None = max(best, key=lambda pair: best[pair][0])
    rows: list[float] = []
    while here is not None:
        _, before, over = best[here]
        rows += [float(at[here[1]]), *([0.5 * float(at[here[0]] + at[here[1]])] if over == 2 else [])]
        last, here = here[0], before
    rows.append(float(at[last]))
    return np.array(rows[::-1]) if len(rows) >= 3 else np.zeros(0)


def _offer(
    best: dict[tuple[int, int], tuple[float, tuple[int, int] | None, int]],
    step: tuple[int, int, int],
    places: tuple[FloatArray, FloatArray],
    limits: FilmLevelLimits,
) -> None:
    """Go on from the best chain that ends in the step's first place to its second, in place."""
    i, j, over = step
    at, worth = places
    pitch = (at[j] - at[i]) / over
    price = 0.7 * (over - 1)
    score, before = float(worth[i] + worth[j]) - price, None
    for (h, k), (so_far, _, jumped) in best.items():
        if k != i:
            continue
        change = abs(np.log(pitch / ((at[i] - at[h]) / jumped)))
        if change < limits.uneven and so_far + float(worth[j]) - price - 2.0 * change > score:
            score, before = so_far + float(worth[j]) - price - 2.0 * change, (h, k)
    if (i, j) not in best or best[i, j][0] < score:
        best[i, j] = (score, before, over)
