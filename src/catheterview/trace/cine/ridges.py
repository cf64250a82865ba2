"""Thin lines that came with contrast: points, ways, and when contrast came to each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.model.cine import Opacified
from catheterview.model.film import FilmPump
from catheterview.trace.cine.change import cores_of, series_at, step_of

Plane = NDArray[np.float32]

_ALONG = np.arange(-3.0, 3.1)
_FAR = (-8.0, -7.0, -6.0, -5.0, 5.0, 6.0, 7.0, 8.0)
_PROFILE = tuple(
    (side, 0.289 * float(np.exp(-0.5 * (side / 1.4) ** 2))) for side in (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
)
_EARLY = 6  # part of a run in which contrast has only begun to come, if it has
_TOGETHER_PX = 10.0  # neighbours whose rise is taken together
_SAME_WAY = 0.85  # cosine of the angle up to which neighbours lie on one line
_AROUND_PX = 20.0  # a part of the picture whose own spread counts: over a pump, noise is another than beside it
_LEAST_SPREAD = 0.6  # of the picture's, where edges were held back
_STARTS, _STEEP = 20, (1.0, 1.4, 2.0)  # candidates of when the injection began, and how steeply contrast comes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ridges:
    """Points on lines.

    Parameters
    ----------
    at : (P, 2) float64
        (row, column).
    way : (P, 2) unit vectors along the line, of either sign.
    response : (P,) float64
        In units of the noise.
    arrival : (P,) float64
        Frame.
    """

    at: FloatArray
    way: FloatArray
    response: FloatArray
    arrival: FloatArray


def ridges_of(seen: Opacified, pump: FilmPump | None, limits: CineLimits) -> Ridges:
    """Find all thin lines that contrast drew, beside the pump and over it, but none of a pool's rim."""
    step = step_of(seen)
    response, turn = line_response(step, seen.valid, limits)
    response[cores_of(step, pump, limits, margin_px=limits.core_rim_px)] = 0.0
    if pump is not None:
        row, column = np.ogrid[: response.shape[0], : response.shape[1]]
        away = np.hypot(row - pump.center[0], column - pump.center[1])
        response[np.abs(away - pump.radius_px) < limits.rim_px] = 0.0
    row, column = _crests(response, turn, limits)
    angle = turn[row, column] * np.pi / limits.directions
    way = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    at = np.stack([row, column], axis=1).astype(np.float64)
    series = series_at(seen, across_weights(at, way, seen.valid.shape))
    kept = _among_neighbours(_risen(series, seen), at, way) >= limits.risen
    at, way, row, column, series = at[kept], way[kept], row[kept], column[kept], series[:, kept]
    arrival = arrivals(series, injection_of(series, seen.before))[0] if kept.any() else np.zeros(0)
    return Ridges(at=at, way=way, response=response[row, column].astype(np.float64), arrival=arrival)


def _risen(series: FloatArray, seen: Opacified) -> FloatArray:
    """How surely series (F, P) hold more late than early, as z values (P,), beside what goes with movement."""
    count = len(series)
    early = max(seen.before, count // _EARLY)
    rise = np.clip((np.arange(count) - early) / (count / 3.0), 0.0, 1.0)
    swing = np.zeros((count, 0)) if seen.swing is None else seen.swing
    still = np.linalg.qr(np.concatenate([np.ones((count, 1)), swing], axis=1))[0]
    rise -= still @ (still.T @ rise)
    rise /= np.linalg.norm(rise)
    free = series - still @ (still.T @ series)
    more = rise @ free
    left = np.sqrt(((free**2).sum(axis=0) - more**2) / max(count - still.shape[1] - 1, 1))
    return np.asarray(more / np.maximum(left, 1e-6))


def _among_neighbours(z: FloatArray, at: FloatArray, way: FloatArray) -> FloatArray:
    """Means (P,) of values over neighbours that run the same way: one point of a thin line shows little by itself."""
    pairs = cKDTree(at).query_pairs(_TOGETHER_PX, output_type="ndarray") if len(at) else np.zeros((0, 2), dtype=int)
    one, other = pairs[np.abs((way[pairs[:, 0]] * way[pairs[:, 1]]).sum(axis=1)) > _SAME_WAY].T
    total, count = z.copy(), np.ones(len(z))
    for here, there in ((one, other), (other, one)):
        np.add.at(total, here, z[there])
        np.add.at(count, here, 1.0)
    return np.asarray(total / count)


def _streaks(row: NDArray[np.intp], column: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Number (P,) of the streak that each point belongs to, from 1."""
    mask = np.zeros(shape, dtype=np.uint8)
    mask[row, column] = 1
    _, labels = cv2.connectedComponents(cv2.dilate(mask, np.ones((3, 3), np.uint8)))
    return np.asarray(labels[row, column], dtype=np.int32)


def line_response(plane: Plane, valid: NDArray[np.bool_], limits: CineLimits) -> tuple[Plane, NDArray[np.intp]]:
    """Answer of the best of some lines at each pixel, in units of the spread about it, and which direction it has.

    Short lines follow a coil, long ones add up more of a straight catheter that is thin at each of its points.
    """
    best, turn = np.zeros(plane.shape, dtype=np.float32), np.zeros(plane.shape, dtype=np.intp)
    for along_px in (limits.along_px, limits.straight_px):
        answer, way = _strongest(plane, along_px, limits)
        answer[~valid] = 0.0
        answer /= _spread(answer, valid)
        larger = answer > best
        best[larger], turn[larger] = answer[larger], way[larger]
    return best, turn


def _strongest(plane: Plane, along_px: float, limits: CineLimits) -> tuple[Plane, NDArray[np.intp]]:
    """Answer of the best of all directions of lines of one length, and which it is."""
    best, turn = np.full(plane.shape, -np.inf, dtype=np.float32), np.zeros(plane.shape, dtype=np.intp)
    for number in range(limits.directions):
        kernel = _kernel(number * np.pi / limits.directions, along_px, limits)
        answer = cv2.filter2D(plane, cv2.CV_32F, kernel)
        larger = answer > best
        best[larger], turn[larger] = answer[larger], number
    return best, turn


def _spread(best: Plane, valid: NDArray[np.bool_]) -> Plane:
    """One standard deviation (R, C) of what a direction answers where there is no line.

    The best of many directions is never far below zero; its median is close to one standard deviation of each. Where a
    part of the picture answers more or less than another, its own mean counts, cut where lines begin.
    """
    usual = float(np.median(best[valid])) if valid.any() else 1.0
    inside = valid.astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(inside, (0, 0), _AROUND_PX), np.float32(1e-3))
    here = cv2.GaussianBlur(np.clip(best, 0.0, 2.0 * usual) * inside, (0, 0), _AROUND_PX) / share
    middle = float(np.median(here[valid])) if valid.any() else 1.0
    return np.asarray(max(usual, 1e-9) * np.maximum(here / max(middle, 1e-9), _LEAST_SPREAD), dtype=np.float32)


def _kernel(angle: float, along_px: float, limits: CineLimits) -> Plane:
    """A line: (row, column) = (sin, cos) of the angle along it."""
    half = int(3.0 * along_px)
    row, column = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float64)
    u, v = column * np.cos(angle) + row * np.sin(angle), -column * np.sin(angle) + row * np.cos(angle)
    s = limits.across_px
    kernel = (1.0 - (v / s) ** 2) * np.exp(-0.5 * (v / s) ** 2) * np.exp(-0.5 * (u / along_px) ** 2)
    kernel -= kernel.mean()
    return np.asarray(kernel / np.linalg.norm(kernel), dtype=np.float32)


def _crests(response: Plane, turn: NDArray[np.intp], limits: CineLimits) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pixels that answer more than those on either side of their line."""
    row, column = np.nonzero(response >= limits.faint_ridge)
    angle = turn[row, column] * np.pi / limits.directions
    across = np.stack([np.cos(angle), -np.sin(angle)])
    here = response[row, column].astype(np.float64)
    keep = np.ones(len(row), dtype=bool)
    for side in (-1.0, 1.0):
        beside = map_coordinates(response, np.stack([row, column]) + side * across, order=1, mode="nearest")
        keep &= here >= beside
    row, column, here = row[keep], column[keep], here[keep]
    sure = _sure(row, column, here, (response.shape, limits))
    return row[sure], column[sure]


def _sure(
    row: NDArray[np.intp], column: NDArray[np.intp], here: FloatArray, how: tuple[tuple[int, ...], CineLimits]
) -> NDArray[np.bool_]:
    """Points of streaks that are long, or long enough for how strong they are."""
    shape, limits = how
    label = _streaks(row, column, shape)
    count = np.bincount(label, minlength=1)
    strongest = np.zeros(len(count))
    np.maximum.at(strongest, label, here)
    sure = (count >= limits.streak_points) & (strongest >= limits.ridge) | (count >= 2 * limits.streak_points)
    return np.asarray(sure[label])


def across_weights(at: FloatArray, way: FloatArray, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Weights (P, R * C) that take from each frame a lumen's profile at (P, 2) points less what lies on both sides."""
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    bell = np.exp(-0.5 * (_ALONG / 2.5) ** 2)
    bell /= bell.sum()
    total = sparse.csr_matrix((len(at), shape[0] * shape[1]))
    for side, share in (*_PROFILE, *((side, -1.0 / len(_FAR)) for side in _FAR)):
        for step, weight in zip(_ALONG, bell, strict=True):
            total = total + share * weight * _nearest(at + step * way + side * across, shape)
    return total


def _nearest(at: FloatArray, shape: tuple[int, int]) -> sparse.csr_matrix:
    """A matrix that picks the pixel nearest to each of (P, 2) points."""
    row = np.clip(np.rint(at[:, 0]).astype(int), 0, shape[0] - 1)
    column = np.clip(np.rint(at[:, 1]).astype(int), 0, shape[1] - 1)
    count = len(at)
    return sparse.csr_matrix(
        (np.ones(count), (np.arange(count), row * shape[1] + column)), shape=(count, shape[0] * shape[1])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """When the injection began (a frame), and how steeply contrast comes; see `arrivals`."""

    start: float
    steep: float = 1.0


def injection_of(series: FloatArray, before: int) -> Flow:
    """When the injection began and how steeply it comes, that explain the most of a series (F, P) together."""
    count = len(series)
    tried = np.linspace(max(-0.1 * count, before - 0.4 * count), before + 1.0, _STARTS)
    some = series[:, :: max(1, series.shape[1] // 60)]
    flows = [Flow(start=float(start), steep=steep) for start in tried for steep in _STEEP]
    explained = [float(arrivals(some, flow, step=0.5)[2].max(axis=1).sum()) for flow in flows]
    return flows[int(np.argmax(explained))]


def arrivals(series: FloatArray, flow: Flow, *, step: float = 0.25) -> tuple[FloatArray, FloatArray, FloatArray]:
    """When contrast came to each of some places.

    Parameters
    ----------
    series : (F, P) float64
    flow : Flow
    step : float
        Frames from one candidate to the next.

    Returns
    -------
    arrival : (P,) float64
        Frame at which half of the full concentration has come.
    strength : (P,) float64
        The full concentration, in the unit of the series.
    score : (P, T) float64
        How much of the sum of squares each candidate explains.

    Notes
    -----
    In a long thin tube with laminar flow the mean concentration at a place that the mean flow reaches after a time T
    is 1 - T / (2 t) from t = T / 2 on (Taylor 1953, Proc. R. Soc. A 219:186, for times too short for diffusion): half
    at T. Mixing across makes it steeper: 1 - (T / t)^p / 2 with an exponent p, half at T as well; a plug for large p.
    A level that is there from the first frame on is fitted too: some contrast may have come into the mask.
    """
    frames = np.arange(len(series), dtype=np.float64) - flow.start
    late = np.arange(step, len(series) - flow.start, step)
    ratio = late[:, None] / np.maximum(frames[None], 1e-3)
    shape = np.where(frames[None] > 0.0, np.clip(1.0 - 0.5 * np.minimum(ratio, 9.0) ** flow.steep, 0.0, 1.0), 0.0)
    shape = shape - shape.mean(axis=1, keepdims=True)
    energy = np.maximum((shape**2).sum(axis=1), 0.05)
    inner = np.maximum(shape @ (series - series.mean(axis=0)), 0.0)
    score = (inner**2 / energy[:, None]).T
    best = np.argmax(score, axis=1)
    strength = inner[best, np.arange(len(best))] / energy[best]
    return flow.start + late[best], strength, score
