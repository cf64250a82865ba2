"""Contrast outside the lumen: patches that came and grew, where they lie to catheter and pump, and their shape."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import isotonic_regression
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.cine import CineLimits
from catheterview.model.cine import FilledCourse, Opacified, Stain
from catheterview.model.film import FilmPump
from catheterview.trace.cine.change import calm_of, cores_of, late_of

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

_TENTH = 0.1
_FEW = 6  # rows along a stain, below which its grain means nothing


def stains_of(
    seen: Opacified, course: FilledCourse | None, pump: FilmPump | None, limits: CineLimits
) -> tuple[Stain, ...]:
    """Find contrast outside the lumen.

    Parameters
    ----------
    seen : Opacified
    course : FilledCourse or None
    pump : FilmPump or None
        In pixels of `seen`.
    limits : CineLimits

    Returns
    -------
    tuple of Stain
        The largest amount first; in pixels of the run.
    """
    late, inner = late_of(seen), _inner(seen, limits)
    cores = cores_of(late, pump, limits)
    lumen = _lumen(seen, course, limits) & ~cores
    calm = np.where(cores, 1.0, calm_of(seen.edge, limits))  # no movement of an edge fills so wide a patch
    shown = _without(np.asarray(late * calm, dtype=np.float32), lumen | ~seen.valid, limits)
    inside = shown[inner & ~lumen]
    spread = 1.4826 * float(np.median(np.abs(inside - np.median(inside)))) if inside.size else 1.0
    z = (shown - float(np.median(inside)) if inside.size else shown) / np.float32(max(spread, 1e-9))
    mask = (z > limits.stain) & inner
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    parts = [labels == n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] >= limits.stain_area_px]
    found = [_stain(part, (z, seen), (course, pump), limits) for part in parts]
    return tuple(sorted(found, key=lambda one: -one.amount))


def _inner(seen: Opacified, limits: CineLimits) -> Mask:
    """The picture without its border, where movement brings in what was not there."""
    side = 2 * round(limits.border_px) + 1
    kernel = np.ones((side, side), np.uint8)
    return np.asarray(cv2.erode(seen.valid.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0)


def _lumen(seen: Opacified, course: FilledCourse | None, limits: CineLimits) -> Mask:
    """What the filled catheter covers."""
    out = np.zeros(seen.valid.shape, dtype=np.uint8)
    if course is not None:
        path = np.round(_small(course.catheter.points, seen)[:, ::-1] * 16.0).astype(np.int32)
        wide = max(1, round(2.0 * limits.lumen_px))
        cv2.polylines(out, [path.reshape(-1, 1, 2)], isClosed=False, color=1, thickness=wide, shift=4)
    return out > 0


def _small(points: FloatArray, seen: Opacified) -> FloatArray:
    """Points of the run in pixels of what is worked on."""
    return np.asarray((points + 0.5) / seen.shrunk - 0.5)


def _without(plane: Plane, hidden: Mask, limits: CineLimits) -> Plane:
    """A plane blurred over what is not hidden."""
    open_ = (~hidden).astype(np.float32)
    top = cv2.GaussianBlur(plane * open_, (0, 0), limits.stain_px)
    share = cv2.GaussianBlur(open_, (0, 0), limits.stain_px)
    return np.asarray(np.where(share > 0.2, top / np.maximum(share, np.float32(1e-3)), 0.0), dtype=np.float32)


def _stain(
    part: Mask,
    what: tuple[Plane, Opacified],
    beside: tuple[FilledCourse | None, FilmPump | None],
    limits: CineLimits,
) -> Stain:
    """Measure one patch."""
    (z, seen), (course, pump), by = what, beside, what[1].shrunk
    at = np.argwhere(part).astype(np.float64)
    weight = z[part].astype(np.float64)
    center = np.average(at, axis=0, weights=weight)
    way, long_px, wide_px = _axes(at - center, weight)
    dense = np.average(at, axis=0, weights=weight**2)
    growth = seen.change[:, part].sum(axis=1).astype(np.float64)
    growth = gaussian_filter1d(growth, 1.5, mode="nearest")
    end = float(np.mean(growth[-max(3, len(growth) // 8) :]))
    outline = max(cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len)
    arc, away = _nearest(at, course, seen)
    on_pump, round_pump = _at_pump(at, weight, pump, limits)
    patchy, hollow = _grain((at - center) @ np.stack([way, np.array([-way[1], way[0]])]).T, weight)
    return Stain(
        center=(float((dense[0] + 0.5) * by - 0.5), float((dense[1] + 0.5) * by - 0.5)),
        outline=(outline[:, 0, ::-1] + 0.5) * float(by) - 0.5,
        area_px=float(part.sum()) * by * by,
        amount=end,
        growth=growth,
        onset=_reached(growth, _TENTH * end),
        rise=_reached(growth, (1.0 - _TENTH) * end) - _reached(growth, _TENTH * end),
        sway=float(np.std(growth - isotonic_regression(growth).x)) / max(abs(end), 1e-9),
        long_px=long_px * by,
        wide_px=wide_px * by,
        way=(float(way[0]), float(way[1])),
        arc_px=arc,
        away_px=away,
        on_pump=on_pump,
        round_pump=round_pump,
        patchy=patchy,
        hollow=hollow,
    )


def _axes(off: FloatArray, weight: FloatArray) -> tuple[FloatArray, float, float]:
    """The longer axis, and the full extents of an even patch of the same second moments."""
    spread = (off * weight[:, None]).T @ off / max(float(weight.sum()), 1e-9)
    values, vectors = np.linalg.eigh(spread)
    short, long = np.sqrt(np.maximum(12.0 * values, 1.0))
    return vectors[:, 1], float(long), float(short)


def _reached(growth: FloatArray, level: float) -> float:
    """The last frame before which less than a level was there."""
    below = np.flatnonzero(growth < level)
    return float(below[-1] + 1) if len(below) else 0.0


def _nearest(at: FloatArray, course: FilledCourse | None, seen: Opacified) -> tuple[float, float]:
    """Arc length of the nearest point of the course, and how far it is, in pixels of the run."""
    if course is None:
        return -1.0, 0.0
    found = cKDTree(course.catheter.points).query((at + 0.5) * seen.shrunk - 0.5)
    away, index = np.asarray(found[0]), np.asarray(found[1])
    arc = arc_length(course.catheter.points)
    near = away <= away.min() + 2.0 * seen.shrunk
    return float(np.median(arc[index[near]])), float(away.min())


def _at_pump(at: FloatArray, weight: FloatArray, pump: FilmPump | None, limits: CineLimits) -> tuple[float, float]:
    """Shares of a patch's amount that lie over the pump, and round it."""
    if pump is None:
        return 0.0, 0.0
    away = np.linalg.norm(at - np.array(pump.center), axis=1)
    inside = away < 0.97 * pump.radius_px
    reach = limits.beside_pump_mm / (pump.mm_per_px or 0.6)
    round_it = ~inside & (away < pump.radius_px + reach)
    total = max(float(weight.sum()), 1e-9)
    return float(weight[inside].sum()) / total, float(weight[round_it].sum()) / total


def _grain(local: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """How uneven a patch is along its axis, and how much denser at its sides than in its middle."""
    along = np.round(local[:, 0]).astype(int)
    rows = along - along.min()
    mean = np.bincount(rows, weight) / np.maximum(np.bincount(rows), 1)
    patchy = 0.0
    if len(mean) >= 2 * _FEW:
        trend = gaussian_filter1d(mean, len(mean) / 5.0, mode="nearest")
        patchy = float(np.std((mean - trend)[2:-2]) / max(float(mean.mean()), 1e-9))
    half = max(float(np.percentile(np.abs(local[:, 1]), 90.0)), 1.0)
    middle = np.abs(local[:, 1]) < 0.35 * half
    sides = (np.abs(local[:, 1]) > 0.55 * half) & (np.abs(local[:, 1]) < 0.9 * half)
    if not middle.any() or not sides.any():
        return patchy, 0.0
    return patchy, float((weight[sides].mean() - weight[middle].mean()) / max(float(weight.mean()), 1e-9))
