"""Ways joined where the film hides the catheter: behind the pump's metal, or beyond the border."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, unit
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Sketch
from catheterview.trace.film.lines import Streak
from catheterview.trace.film.show import sampled
from catheterview.trace.film.web import Way, best_way

_MOST = 4  # times that a catheter goes out of sight and comes back


def chained_way(
    sketch: Sketch, streaks: list[Streak], starts: tuple[FloatArray, FloatArray], limits: FilmTraceLimits
) -> Way | None:
    """Find the way from the pump; where it runs out of sight, go on where it may come back.

    Parameters
    ----------
    sketch : Sketch
    streaks : list of Streak
    starts : (S, 2), (P, 2) (row, column) of the sketch
        Where the catheter may leave the pump, and the pump's whole outline.
    limits : FilmTraceLimits

    Returns
    -------
    Way or None
    """
    way = best_way(sketch, streaks, starts[0], limits)
    for _ in range(_MOST):
        if way is None:
            return None
        ahead = _reappears(sketch, way, starts[1], limits)
        if not len(ahead):
            break
        left = _not_on(streaks, way)
        more = best_way(sketch, left, ahead, limits, peak=way.peak)
        if more is None or more.gain * sketch.mm < limits.again_mm:
            break
        way = _joined(way, more)
    return way


def _reappears(sketch: Sketch, way: Way, outline: FloatArray, limits: FilmTraceLimits) -> FloatArray:
    """Where a way that ends at a hiding place may come out of it: (N, 2), empty where it ends in the open."""
    end = way.points[-1]
    heading = unit(end - way.points[max(0, len(way.points) - 8)])
    if float(sampled(sketch.to_pump, end[None])[0]) <= limits.edge_px:
        step = outline - end
        length = np.linalg.norm(step, axis=1)
        ahead = (step @ heading) / np.maximum(length, 1e-9)
        return np.asarray(outline[(ahead >= limits.behind_cosine) & (length > 2.0 * limits.edge_px)])
    if float(sampled(sketch.to_border, end[None])[0]) <= limits.edge_px:
        rows, columns = np.nonzero(np.abs(sketch.to_border - 2.0) < 1.0)
        border = np.stack([rows, columns], axis=1).astype(np.float64)[::3]
        return np.asarray(border[np.linalg.norm(border - end, axis=1) <= limits.outside_mm / sketch.mm])
    return np.zeros((0, 2))


def _not_on(streaks: list[Streak], way: Way) -> list[Streak]:
    """The streaks that a way does not use."""
    used = cKDTree(way.points)
    return [streak for streak in streaks if np.median(used.query(streak.points[::3])[0]) > 1.5]


def _joined(first: Way, second: Way) -> Way:
    """One way after the other."""
    return Way(
        points=np.concatenate([first.points, second.points]),
        on_streak=np.concatenate([first.on_streak, [False], second.on_streak]),
        gain=first.gain + second.gain,
        peak=first.peak,
    )
