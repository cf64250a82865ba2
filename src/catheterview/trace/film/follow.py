"""Follow the catheter on a film from the pump to its tip, and say at every point how well it is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from catheterview.geometry import FloatArray, Frame, arc_length, resample_polyline
from catheterview.limits.film import FilmTraceLimits
from catheterview.model import Centreline, Landmarks
from catheterview.model.film import Film, FilmPump, View
from catheterview.trace.film.corners import sharpened
from catheterview.trace.film.detours import with_detours
from catheterview.trace.film.ending import ends_here
from catheterview.trace.film.filter import Map, Sketch, shrunken, sketch_of
from catheterview.trace.film.gaps import pieces_shown, without_wrong_ways
from catheterview.trace.film.refine import settled
from catheterview.trace.film.show import presence
from catheterview.trace.film.solve import Begin, Way, solved
from catheterview.trace.film.spine import Spine

_END_POINTS = 30  # of the way about its end, none of them behind metal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmTracing:
    """The catheter of one pump on one film, or why there is none.

    Parameters
    ----------
    catheter : Centreline or None
    spine : (R, 2) (row, column) or None
        The vertebral column's middle.
    why : str
    end_shown : bool
        Whether the film shows that the tube ends where the catheter does, and not only that it could be followed there.
    """

    catheter: Centreline | None = None
    spine: FloatArray | None = None
    why: str = ""
    end_shown: bool = False


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
    tip_rows : (top, bottom) or None
        Rows of the film between which the tip lies, where another view tells.
    """

    pump: FilmPump
    outline: FloatArray
    covered: NDArray[np.bool_]
    stem: tuple[float, float] | None = None
    rows_only: bool = False
    tip_rows: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Close:
    """The film with pixels `by` times as wide, on which a tube is `width` wide; `dark`: metal, and not exposed.

    `rim` (N, 2): the pump's outline.
    """

    plane: Map
    dark: NDArray[np.bool_]
    by: int
    width: float
    mm: float
    rim: FloatArray


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
    tube_px = limits.outer_mm / mm_per_px
    sketch = sketch_of(film, tube_px, where.covered, limits)
    way, spine = solved(sketch, _begin(film, sketch, where), limits)
    column = None if spine is None else _column(sketch, spine)
    if way is None:
        return FilmTracing(spine=column, why="no tube that begins at the pump stands out; not seen is not absent")
    fine = max(1, round(tube_px / limits.fine_px))
    plane, shut = shrunken(film, fine)
    dark = shut | (cv2.resize(where.covered.astype(np.uint8), plane.shape[::-1], interpolation=cv2.INTER_AREA) > 0)
    rim = (where.outline + 0.5) / fine - 0.5
    close = _Close(plane=plane, dark=dark, by=fine, width=tube_px / fine, mm=mm_per_px * fine, rim=rim)
    catheter, end_shown = _described(film, close, _finer(way, sketch.by / fine), limits)
    return FilmTracing(catheter=catheter, spine=column, end_shown=end_shown)


def _begin(film: Film, sketch: Sketch, where: PumpOnFilm) -> Begin:
    """Where to begin, in the sketch's pixels."""
    side = 0
    if film.view is View.LATERAL:
        side = 1 if where.pump.center[1] < 0.5 * film.density.shape[1] else -1
    rows = where.tip_rows or (-np.inf, np.inf)
    return Begin(
        stem=None if where.stem is None else np.array(where.stem) / sketch.by,
        rows_only=where.rows_only,
        side=side,
        ends=(rows[0] / sketch.by, rows[1] / sketch.by),
    )


def _column(sketch: Sketch, spine: Spine) -> FloatArray:
    """The vertebral column's middle (R, 2) (row, column) in the film's pixels, every row of the sketch."""
    rows = np.arange(len(spine.middle), dtype=np.float64)
    return (np.stack([rows, spine.middle], axis=1) + 0.5) * sketch.by - 0.5


def _finer(way: Way, ratio: float) -> Way:
    """A way in pixels that are `ratio` times as small."""
    return replace(way, points=(way.points + 0.5) * ratio - 0.5)


def _described(film: Film, close: _Close, way: Way, limits: FilmTraceLimits) -> tuple[Centreline, bool]:
    """The way as a catheter, with what is seen of it at every point, and whether it is shown to end."""
    begun = _smooth(_from_rim(close, way, limits))
    points = settled(close.plane, (begun, _hidden(close, begun)), close.width, limits)
    points = with_detours(close.plane, points, (close.width, close.mm), limits)
    points = sharpened(close.plane, points, (close.width, close.mm), limits)
    peak, noise = presence(close.plane, points, close.width, limits)
    hidden = _hidden(close, points)
    expected = _expected(peak, ~hidden, limits.expected_mm / close.mm)
    seen = np.clip(peak / expected, 0.0, 1.0) * np.clip(peak / np.maximum(limits.seen_noise * noise, 1e-9), 0.0, 1.0)
    seen[hidden] = 0.0
    how = (close.width, close.mm, limits)
    pieces = pieces_shown(points, (peak, noise, expected, hidden), close.mm, limits)
    catheter = Centreline(
        series_instance_uid=film.image.series_instance_uid,
        frame=Frame.CALIBRATED,
        points=(points + 0.5) * close.by - 0.5,
        pieces=without_wrong_ways(close.plane, points, pieces, how),
        radius=np.full(len(points), 0.5 * close.width * close.by),
        confidence=np.clip(gaussian_filter1d(seen, 2.0), 0.0, 1.0),
        contrast=np.maximum(np.where(hidden, 0.0, peak), 0.0),
        noise=np.where(hidden, 0.0, noise),
        landmarks=_landmarks(points, way, seen, (close.mm, limits)),
        sop_instance_uid=film.sop_instance_uid,
    )
    free = not hidden[-_END_POINTS:].any()
    return catheter, free and ends_here(close.plane, points, (peak, noise), how)


def _from_rim(close: _Close, way: Way, limits: FilmTraceLimits) -> Way:
    """A way that begins away from the pump with the straight stretch from its rim: there the film has to tell why."""
    away = np.linalg.norm(close.rim - way.points[0], axis=1)
    if float(away.min()) * close.mm < limits.late_mm:
        return way
    start = close.rim[int(away.argmin())]
    climbs = None if way.climbs_from is None else way.climbs_from + 1
    return replace(
        way,
        points=np.concatenate([start[None], way.points]),
        on_line=np.concatenate([[False], way.on_line]),
        climbs_from=climbs,
    )


def _landmarks(points: FloatArray, way: Way, seen: FloatArray, how: tuple[float, FilmTraceLimits]) -> Landmarks:
    """Pump, where the climb begins, and the tip where the way ends as a catheter does."""
    if way.climbs_from is None:
        tip = len(points) - 1 if _is_tip(points, seen, *how) else None
        return Landmarks(pump=0, tip=tip)
    begun = int(np.argmin(np.linalg.norm(points - way.points[way.climbs_from], axis=1)))
    return Landmarks(pump=0, dural_entry=begun, tip=len(points) - 1)


def _is_tip(points: FloatArray, seen: FloatArray, mm: float, limits: FilmTraceLimits) -> bool:
    """Whether a way ends as a catheter does, seen well and climbing; else it only ends where it could be followed."""
    last = points[-max(2, int(limits.end_climb_mm / mm)) :]
    length = float(arc_length(last)[-1])
    climbs = float(last[0, 0] - last[-1, 0]) > limits.end_climb_share * length
    return bool(climbs and length * mm > 0.9 * limits.end_climb_mm and np.median(seen[-12:]) > limits.beside_ratio)


def _smooth(way: Way) -> FloatArray:
    """Points a pixel apart, with the links led over in the directions of their ends."""
    parts = [way.points[:1]]
    for n, on in enumerate(way.on_line):
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


def _hidden(close: _Close, points: FloatArray) -> NDArray[np.bool_]:
    """Where the way runs behind metal or beyond the border."""
    at = np.clip(np.round(points).astype(np.intp), 0, np.array(close.dark.shape) - 1)
    outside = ((points < 0.0) | (points > np.array(close.dark.shape) - 1.0)).any(axis=1)
    return np.asarray(close.dark[at[:, 0], at[:, 1]] | outside)


def _expected(peak: FloatArray, usable: NDArray[np.bool_], window: float) -> FloatArray:
    """What the tube should show at each point: the median over the stretch round it, of what is seen."""
    if not usable.any():
        return np.maximum(peak, 1e-9)
    filled = np.interp(np.arange(len(peak)), np.flatnonzero(usable), peak[usable])
    size = min(len(peak), int(window)) | 1
    level = median_filter(filled, size=size, mode="nearest")
    return np.asarray(np.maximum(level, 0.4 * float(np.median(filled))))
