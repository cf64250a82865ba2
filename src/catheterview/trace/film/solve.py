"""One film's catheter: its contrast, the way over pieces, and the climb, chosen together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.climb import Climb, Ground, climb_of
from catheterview.trace.film.filter import Sketch
from catheterview.trace.film.lines import lines_of, pieces_of, ridges_of
from catheterview.trace.film.search import Partial, begun_at, best_ways, points_of
from catheterview.trace.film.show import sampled
from catheterview.trace.film.spine import Spine, spine_of
from catheterview.trace.film.web import Web, web_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """A way from the pump.

    Parameters
    ----------
    points : (N, 2) (row, column) of the sketch; links are single steps
    on_line : (N - 1,) bool
    climbs_from : int or None
        The point at which it begins to climb in the canal; None where it was not followed there.
    score : float
        Millimetres of well-seen tube, less what it costs.
    """

    points: FloatArray
    on_line: NDArray[np.bool_]
    climbs_from: int | None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Begin:
    """Where to begin and end, in pixels of the sketch.

    Parameters
    ----------
    stem : (2,) or None
        Where the catheter should leave the pump, with `rows_only` its row.
    rows_only : bool
    side : int
        As `spine_of` has it.
    ends : (lowest, highest)
        Rows between which the tip lies, where another film tells.
    """

    stem: FloatArray | None
    rows_only: bool
    side: int
    ends: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """What every contrast is tried on."""

    sketch: Sketch
    web: Web
    spine: Spine | None
    starts: list[tuple[int, float]]
    ends: tuple[float, float]


def solved(sketch: Sketch, begin: Begin, limits: FilmTraceLimits) -> tuple[Way | None, Spine | None]:
    """Find the catheter's way on a sketch.

    Parameters
    ----------
    sketch : Sketch
    begin : Begin
    limits : FilmTraceLimits

    Returns
    -------
    Way or None
        None when nothing that begins at the pump is worth being called a catheter.
    Spine or None
    """
    lines = lines_of(ridges_of(sketch, limits), limits)
    spine = spine_of(sketch, begin.side, limits)
    web = web_of(sketch, pieces_of(lines, limits.piece_mm / sketch.mm), spine, limits)
    starts = begun_at(sketch, web, begin.stem, limits, rows_only=begin.rows_only)
    ladder = _ladder(sketch, lines, limits)
    if not starts or not len(ladder):
        return None, spine
    problem = _Problem(sketch=sketch, web=web, spine=spine, starts=starts, ends=begin.ends)
    way, climb = _tried(problem, _best_contrast(problem, ladder, limits), limits, wide=True)
    return _joined(problem, way, climb, limits), spine


def _ladder(sketch: Sketch, lines: list[FloatArray], limits: FilmTraceLimits) -> FloatArray:
    """Contrasts to try, a factor apart, over the range that the longer lines have."""
    least = limits.ladder_mm / sketch.mm
    found = [
        float(np.median(sampled(sketch.best, line) / sampled(sketch.share, line)))
        for line in lines
        if float(arc_length(line)[-1]) > least
    ]
    if not found:
        return np.zeros(0)
    low, high = (max(float(v), 1e-6) for v in np.percentile(found, (20.0, 98.0)))
    count = int(np.ceil(np.log(max(high / low, 1.0)) / np.log(limits.ladder_step))) + 1
    return np.asarray(low * limits.ladder_step ** np.arange(count))


def _best_contrast(problem: _Problem, ladder: FloatArray, limits: FilmTraceLimits) -> float:
    """The contrast at which the catheter scores most: the score rises to it and falls beyond."""
    scores: dict[int, float] = {}

    def score(n: int) -> float:
        if n not in scores:
            way, climb = _tried(problem, float(ladder[n]), limits, wide=False)
            scores[n] = max(way.score if way else -1.0, climb.score if climb else -1.0)
        return scores[n]

    for n in range(0, len(ladder), 2):
        score(n)
    best = max(scores, key=lambda n: scores[n])
    around = [n for n in (best - 1, best, best + 1) if 0 <= n < len(ladder)]
    return float(ladder[max(around, key=score)])


def _tried(
    problem: _Problem, contrast: float, limits: FilmTraceLimits, *, wide: bool
) -> tuple[Partial | None, Climb | None]:
    """The best way at one contrast, and the best climb that goes on from one."""
    ways = best_ways(problem.web, problem.starts, contrast, limits, wide=wide)
    if not ways:
        return None, None
    way = max(ways.values(), key=lambda one: one.score)
    if problem.spine is None:
        return way, None
    ground = Ground(sketch=problem.sketch, web=problem.web, spine=problem.spine, ends=problem.ends)
    return way, climb_of(ground, ways, contrast, limits)


def _joined(problem: _Problem, way: Partial | None, climb: Climb | None, limits: FilmTraceLimits) -> Way | None:
    """The way with its climb, where the climb is worth more than to stop; None where all is worth too little."""
    if way is None:
        return None
    if climb is None or climb.own < limits.least_climb_mm or climb.score < way.score - limits.climb_bonus_mm:
        if way.score < limits.least_way_mm:
            return None
        points, on_line = points_of(problem.web, way)
        return Way(points=points, on_line=on_line, climbs_from=None, score=way.score)
    points, on_line = points_of(problem.web, climb.start)
    return Way(
        points=np.concatenate([points, climb.points]),
        on_line=np.concatenate([on_line, [False], np.ones(len(climb.points) - 1, dtype=bool)]),
        climbs_from=len(points),
        score=climb.score,
    )
