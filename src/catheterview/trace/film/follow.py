"""Follow the catheter on a film from the pump to its tip, and say at every point how well it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from catheterview.geometry import FloatArray, Frame, arc_length, resample_polyline
from catheterview.limits.film import FilmTraceLimits
from catheterview.model import Centreline, Landmarks
from catheterview.model.film import Film, FilmPump
from catheterview.trace.film.chain import chained_way
from catheterview.trace.film.filter import Sketch, sketch_of
from catheterview.trace.film.lines import Streak, join_ridges, ridges_of
from catheterview.trace.film.show import presence
from catheterview.trace.film.web import Way


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmTracing:
    """The catheter of one pump on one film, or why there is none."""

    catheter: Centreline | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PumpOnFilm:
    """The pump as the tracer needs it.

    Parameters
    ----------
    pump : FilmPump
    outline : (N, 2) (row, column) of the film
    covered : (R, C) bool
        What its metal hides.
    stem : (row, column) or None
        Where the catheter should leave it; with `rows_only` only the row is meant.
    """

    pump: FilmPump
    outline: FloatArray
    covered: NDArray[np.bool_]
    stem: tuple[float, float] | None = None
    rows_only: bool = False


def trace_film(film: Film, where: PumpOnFilm, limits: FilmTraceLimits) -> FilmTracing:
    """Follow the catheter of one pump.

    Parameters
    ----------
    film : Film
    where : PumpOnFilm
    limits : FilmTraceLimits

    Returns
    -------
    FilmTracing
        Points (row, column) of the film from pump to tip, in frame CALIBRATED where the pump gives the scale. Between
        two pieces the film shows that there is no tube; where it shows nothing, the confidence is low instead.
    """
    mm_per_px = where.pump.mm_per_px
    if mm_per_px is None:
        return FilmTracing(why="the film has no scale, so that a tube's width is not known")
    sketch = sketch_of(film, limits.outer_mm / mm_per_px, where.covered, limits)
    streaks = join_ridges(sketch, ridges_of(sketch, limits), limits)
    way = _way(sketch, streaks, where, limits)
    if way is None:
        return FilmTracing(why="no tube that begins at the pump stands out; not seen is not absent")
    return FilmTracing(catheter=_described(film, sketch, way, (where.pump, limits)))


def _way(sketch: Sketch, streaks: list[Streak], where: PumpOnFilm, limits: FilmTraceLimits) -> Way | None:
    """The best way from where the stem should be, else from the whole outline."""
    outline = resample_polyline(np.concatenate([where.outline, where.outline[:1]]) / sketch.by, step=1.0)
    begun = outline
    if where.stem is not None:
        away = outline - np.array(where.stem) / sketch.by
        apart = np.abs(away[:, 0]) if where.rows_only else np.linalg.norm(away, axis=1)
        begun = outline[apart <= limits.stem_near_mm / sketch.mm]
    way = chained_way(sketch, streaks, (begun, outline), limits) if len(begun) else None
    if way is not None and way.gain * sketch.mm >= limits.poor_gain_mm:
        return way
    if where.stem is not None and not where.rows_only:
        return way
    return chained_way(sketch, streaks, (outline, outline), limits) or way


def _described(film: Film, sketch: Sketch, way: Way, how: tuple[FilmPump, FilmTraceLimits]) -> Centreline:
    """The way as a catheter, with what is seen of it at every point."""
    pump, limits = how
    points = _smooth(way)
    peak, noise = presence(sketch, points, limits.tube_px, limits)
    hidden = _hidden(sketch, points)
    expected = _expected(peak, ~hidden, limits.expected_mm / sketch.mm)
    seen = np.clip(peak / expected, 0.0, 1.0) * np.clip(peak / np.maximum(2.0 * noise, 1e-9), 0.0, 1.0)
    seen[hidden] = 0.0
    pieces = _pieces(points, (peak, noise, expected, hidden), sketch, limits)
    scale = sketch.by
    return Centreline(
        series_instance_uid=film.image.series_instance_uid,
        frame=Frame.CALIBRATED if pump.mm_per_px is not None else film.frame,
        points=(points + 0.5) * scale - 0.5,
        pieces=pieces,
        radius=np.full(len(points), 0.5 * limits.tube_px * scale),
        confidence=np.clip(gaussian_filter1d(seen, 2.0), 0.0, 1.0),
        contrast=np.maximum(np.where(hidden, 0.0, peak), 0.0),
        noise=np.where(hidden, 0.0, noise),
        landmarks=Landmarks(pump=0, tip=len(points) - 1 if _is_tip(points, seen, sketch.mm, limits) else None),
        sop_instance_uid=film.sop_instance_uid,
    )


def _is_tip(points: FloatArray, seen: FloatArray, mm: float, limits: FilmTraceLimits) -> bool:
    """Whether a way ends as a catheter does, seen well and climbing; else it only ends where it could be followed."""
    last = points[-max(2, int(limits.climb_mm / mm)) :]
    length = float(arc_length(last)[-1])
    climbs = float(last[0, 0] - last[-1, 0]) > limits.climb_share * length
    return bool(climbs and length * mm > 0.9 * limits.climb_mm and np.median(seen[-12:]) > limits.beside_ratio)


def _smooth(way: Way) -> FloatArray:
    """Points a pixel apart, with the links led over in the directions of their ends."""
    parts = [way.points[:1]]
    for n, on in enumerate(way.on_streak):
        a, b = way.points[n], way.points[n + 1]
        length = float(np.linalg.norm(b - a))
        if on or length < 2.0:
            parts.append(b[None])
            continue
        before = _heading(way.points[max(0, n - 5) : n + 1], b - a)
        after = _heading(way.points[n + 1 : n + 7], b - a)
        t = np.linspace(0.0, 1.0, max(3, int(length)) + 1)[1:, None]
        pull = min(length, 40.0)
        curve = (2 * t**3 - 3 * t**2 + 1) * a + (t**3 - 2 * t**2 + t) * pull * before
        curve += (-2 * t**3 + 3 * t**2) * b + (t**3 - t**2) * pull * after
        parts.append(curve)
    points = resample_polyline(np.concatenate(parts), step=1.0)
    return np.asarray(gaussian_filter1d(points, 1.0, axis=0, mode="nearest"))


def _heading(points: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Unit direction of a few points."""
    way = points[-1] - points[0] if len(points) > 1 else otherwise
    length = float(np.linalg.norm(way))
    return way / length if length > 0.0 else otherwise / max(float(np.linalg.norm(otherwise)), 1e-9)


def _hidden(sketch: Sketch, points: FloatArray) -> NDArray[np.bool_]:
    """Where the way runs behind metal or beyond the border."""
    at = np.clip(np.round(points).astype(np.intp), 0, np.array(sketch.open_.shape) - 1)
    outside = ((points < 0.0) | (points > np.array(sketch.open_.shape) - 1.0)).any(axis=1)
    return np.asarray(~sketch.open_[at[:, 0], at[:, 1]] | outside)


def _expected(peak: FloatArray, usable: NDArray[np.bool_], window: float) -> FloatArray:
    """What the tube should show at each point: the median over the stretch round it, of what is seen."""
    if not usable.any():
        return np.maximum(peak, 1e-9)
    filled = np.interp(np.arange(len(peak)), np.flatnonzero(usable), peak[usable])
    size = min(len(peak), int(window)) | 1
    level = median_filter(filled, size=size, mode="nearest")
    return np.asarray(np.maximum(level, 0.4 * float(np.median(filled))))


def _pieces(
    points: FloatArray,
    shown: tuple[FloatArray, FloatArray, FloatArray, NDArray[np.bool_]],
    sketch: Sketch,
    limits: FilmTraceLimits,
) -> tuple[tuple[int, int], ...]:
    """Cut the way where the film shows that there is no tube."""
    peak, noise, expected, hidden = shown
    ratio = peak / expected
    clear = (noise < limits.clear_noise * expected) & ~hidden
    absent = (ratio < limits.absent_edge) & ~hidden
    arc = arc_length(points) * sketch.mm
    cuts = []
    for first, last in runs_of(absent):
        inner = slice(first, last + 1)
        length = float(arc[last] - arc[first])
        sure = ratio[inner].mean() < limits.absent_ratio and clear[inner].mean() > limits.clear_share
        room = first > limits.beside_px and last < len(points) - 1 - limits.beside_px
        if length >= limits.absent_mm and sure and room and _seen_beside(ratio, clear, (first, last), limits):
            cuts.append((first, last))
    edges = [0, *(n for first, last in cuts for n in (first - 1, last + 1)), len(points) - 1]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _seen_beside(ratio: FloatArray, clear: NDArray[np.bool_], run: tuple[int, int], limits: FilmTraceLimits) -> bool:
    """Whether the tube is seen well on both sides of a stretch without it."""
    reach = int(limits.beside_px)
    sides = (slice(max(0, run[0] - reach), run[0]), slice(run[1] + 1, run[1] + 1 + reach))
    return all(
        float(np.median(ratio[side])) > limits.beside_ratio and clear[side].mean() > limits.clear_share
        for side in sides
    )


def runs_of(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
