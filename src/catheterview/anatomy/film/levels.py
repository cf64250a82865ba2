"""Vertebral levels on a film: vertebrae are told by their discs, and counted from the sacrum or the last rib."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.anatomy.film.discs import darkness, discs_of, mean_of
from catheterview.anatomy.film.ribs import ribs_at
from catheterview.anatomy.film.upright import Column, Upright, upright
from catheterview.geometry import FloatArray
from catheterview.limits.film_levels import FilmLevelLimits
from catheterview.model.film import Film
from catheterview.model.film_levels import LEVELS_UP, FilmLevel, FilmLevels

_RIBBED = LEVELS_UP.index("T12")
_LEAST_RIBS = 2  # one pair of bands alone may be anything


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """Which number from the lowest vertebra S1 and T12 have; None where that is not seen."""

    sacral: int | None
    ribbed: int | None


def find_film_levels(film: Film, column: Column, limits: FilmLevelLimits) -> FilmLevels:
    """Find the vertebrae of a film and name them.

    Parameters
    ----------
    film : Film
    column : Column
    limits : FilmLevelLimits

    Returns
    -------
    FilmLevels
        On a frontal film counted from the sacrum or the last rib; where neither is seen, and on a lateral film, names
        are ``V1``, ``V2``, … from the lowest vertebra in view up.
    """
    straight = upright(film, column, limits)
    discs = discs_of(straight, limits)
    if not len(discs):
        return FilmLevels(why="no row of vertebrae was told from the next")
    rows = _bodies(straight, discs)
    counted = _Counted(sacral=None, ribbed=None)
    if not column.lateral:
        counted = _Counted(sacral=_sacral(straight, discs, limits), ribbed=_ribbed(straight, rows, limits))
    names, told, why = _named(counted, len(rows))
    points = np.stack([np.interp(rows, np.arange(len(straight.points)), axis) for axis in straight.points.T], axis=1)
    return FilmLevels(
        levels=tuple(
            FilmLevel(name=name, point=(round(float(r), 1), round(float(c), 1)))
            for name, (r, c) in zip(names, points, strict=True)
        ),
        levels_from=told,
        reach_px=limits.near_column_mm / column.mm_per_px,
        why=why,
    )


def _bodies(straight: Upright, discs: FloatArray) -> FloatArray:
    """Rows of the vertebrae between discs and beyond the last ones, where they are in view, from the feet up."""
    between = 0.5 * (discs[1:] + discs[:-1])
    ends = (discs[0] - 0.5 * (discs[1] - discs[0]), discs[-1] + 0.5 * (discs[-1] - discs[-2]))
    usable = np.isfinite(mean_of(straight.seen[:, straight.within(-10.0, 10.0)]))
    inside = [row for row in (ends[0], *between, ends[1]) if 0 <= round(row) < len(usable)]
    return np.array([row for row in inside if usable[round(row)] or row in between])[::-1]


def _named(counted: _Counted, count: int) -> tuple[tuple[str, ...], str, str]:
    """Names from the feet up, what they were counted from, and what is doubtful."""
    if counted.sacral is None and counted.ribbed is None:
        why = "neither the sacrum nor the last rib was made out: levels are counted from the lowest vertebra in view"
        return tuple(f"V{n + 1}" for n in range(count)), "relative", why
    by_rib = None if counted.ribbed is None else _RIBBED - counted.ribbed
    first = by_rib if by_rib is not None else 0
    why, told = "", "sacrum" if counted.sacral is not None else "last rib"
    if by_rib is None:
        why = "counted from where the row of discs ends: it may be a level off"
    if counted.sacral is not None and by_rib is not None:
        told = "sacrum and last rib" if first == 0 else "last rib"
        why = (
            "" if first == 0 else f"the row of discs ends {abs(first)} level(s) from where the last rib puts the sacrum"
        )
    below = tuple(f"S{2 - n}" for n in range(first, 0))
    names = (*below, *LEVELS_UP[max(first, 0) :])[:count]
    return (*names, *(f"above {names[-1]}" for _ in range(count - len(names)))), told, why


def _sacral(straight: Upright, discs: FloatArray, limits: FilmLevelLimits) -> int | None:
    """The number of S1, which is the lowest body: below it the film shows no disc where the next one would be."""
    pitch = float(np.median(np.diff(discs[-4:])))
    next_disc = discs[-1] + pitch * np.array([0.75, 1.25])
    profile = mean_of(straight.seen[:, straight.within(-limits.body_mm, limits.body_mm)])
    if next_disc[1] >= len(profile) or not np.isfinite(profile[int(discs[-1]) : int(next_disc[1]) + 1]).all():
        return None
    dark = darkness(profile, limits)
    there = dark[int(next_disc[0]) : int(next_disc[1]) + 1].max()
    usual = np.median(dark[np.round(discs).astype(int)])
    return 0 if there < limits.no_disc * usual else None


def _ribbed(straight: Upright, rows: FloatArray, limits: FilmLevelLimits) -> int | None:
    """The number of the lowest vertebra that bears ribs: those above it do, and the two below it do not.

    Counted from the head down, because below the ribs crests and bowel have edges of their own. The last ribs come in
    pairs: a band on one side only, where the other is seen as well, is none of them.
    """
    sides = np.stack([ribs_at(straight, rows, side, limits) for side in (-1.0, 1.0)])
    known = np.isfinite(sides)
    seen = np.clip(np.where(known, sides, 0.0), 0.0, 2.0 * limits.least_rib)
    worth = np.where(known.any(axis=0), seen.sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
    bears = worth >= limits.least_rib
    last = len(rows)
    while last > 0 and bears[last - 1]:
        last -= 1
    weaker = np.where(known.any(axis=0), np.where(known, sides, np.inf).min(axis=0), np.nan)
    if last < len(rows) and weaker[last] < limits.no_rib:
        last += 1
    below = weaker[max(0, last - 2) : last]
    paired = last < len(rows) and bool(weaker[last] >= limits.least_rib)
    clear = len(below) == 2 and bool((below < limits.no_rib).all())
    return last if paired and clear and len(rows) - last >= _LEAST_RIBS else None
