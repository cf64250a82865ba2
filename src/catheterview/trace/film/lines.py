"""Ridge points of a sketch, joined into short smooth lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Sketch
from catheterview.trace.film.show import sampled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ridges:
    """Points (N, 2) (row, column) of a sketch, unit directions (N, 2), peaks (N,) and peaks over the noise (N,)."""

    points: FloatArray
    directions: FloatArray
    peak: FloatArray
    ratio: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streak:
    """A smooth line of ridge points (N, 2) in order.

    Parameters
    ----------
    peak, ratio : float
        Medians of the points'.
    step : float
        By how much one side is denser than the other, over the peak: a tube's sides are alike, a bone's edge's are not.
    """

    points: FloatArray
    peak: float
    ratio: float
    step: float = 0.0

    @property
    def length(self) -> float:
        """Length in pixels of the sketch."""
        return float(arc_length(self.points)[-1])


def ridges_of(sketch: Sketch, limits: FilmTraceLimits) -> Ridges:
    """Points where the response is highest across its own direction, and well above the noise."""
    response, angle = sketch.response, sketch.angle
    ratio = response / sketch.noise
    rows, columns = np.nonzero((ratio > limits.ridge_ratio) & sketch.open_)
    turn = angle[rows, columns]
    across = np.stack([np.cos(turn), -np.sin(turn)], axis=1)  # (row, column)
    at = np.stack([rows, columns], axis=1).astype(np.float64)
    here = response[rows, columns]
    before, after = sampled(response, at - across), sampled(response, at + across)
    top = (here >= before) & (here > after)
    bend = np.maximum(2.0 * here - before - after, 1e-9)
    shift = np.clip(0.5 * (after - before) / bend, -0.7, 0.7)
    points = at + shift[:, None] * across
    ways = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    return Ridges(
        points=points[top],
        directions=ways[top].astype(np.float64),
        peak=here[top].astype(np.float64),
        ratio=ratio[rows, columns][top].astype(np.float64),
    )


def join_ridges(sketch: Sketch, ridges: Ridges, limits: FilmTraceLimits) -> list[Streak]:
    """Join ridge points that are each other's best neighbour ahead or behind, longest lines first.

    What is straight over a length over which no catheter is (a table's edge, a shutter, a film's join) is left out.
    """
    across = np.stack([-ridges.directions[:, 1], ridges.directions[:, 0]], axis=1)
    aside = 1.6 * limits.tube_px * across
    step = np.abs(sampled(sketch.density, ridges.points + aside) - sampled(sketch.density, ridges.points - aside))
    links = _mutual(ridges, limits)
    streaks = [
        Streak(
            points=ridges.points[order],
            peak=float(np.median(ridges.peak[order])),
            ratio=float(np.median(ridges.ratio[order])),
            step=float(np.median(step[order] / ridges.peak[order])),
        )
        for order in _orders(len(ridges.points), links)
        if len(order) >= limits.streak_points
    ]
    bent = [streak for streak in streaks if not _is_ruled(streak, limits.ruled_mm / sketch.mm, limits)]
    return sorted(bent, key=lambda streak: -streak.length)


def _is_ruled(streak: Streak, length: float, limits: FilmTraceLimits) -> bool:
    """Whether a long streak is as straight as only a ruler is."""
    if streak.length < length:
        return False
    away = streak.points - streak.points.mean(axis=0)
    return bool(np.sqrt(np.linalg.svd(away, compute_uv=False)[1] ** 2 / len(away)) < limits.ruled_px)


def _mutual(ridges: Ridges, limits: FilmTraceLimits) -> NDArray[np.intp]:
    """(M, 2) pairs of points that are each other's cheapest neighbour on the sides where they face each other."""
    none = np.zeros((0, 2), dtype=np.intp)
    pairs = cKDTree(ridges.points).query_pairs(limits.join_px, output_type="ndarray") if len(ridges.points) else none
    if not len(pairs):
        return none
    step = ridges.points[pairs[:, 1]] - ridges.points[pairs[:, 0]]
    length = np.linalg.norm(step, axis=1)
    cosines = np.einsum("nc,nsc->ns", step / np.maximum(length, 1e-9)[:, None], ridges.directions[pairs])
    turn = np.abs(np.einsum("nc,nc->n", ridges.directions[pairs[:, 0]], ridges.directions[pairs[:, 1]]))
    straight = np.abs(cosines).min(axis=1)
    good = (straight >= limits.join_cosine) & (turn >= limits.join_cosine) & (length > 0.2)
    pairs, cosines = pairs[good], cosines[good]
    cost = (length * (3.0 - straight - turn))[good]
    sides = 2 * pairs + np.stack([cosines[:, 0] > 0, cosines[:, 1] < 0], axis=1)
    best = np.full(2 * len(ridges.points), -1, dtype=np.intp)
    order = np.argsort(-cost, kind="stable")  # the dearest are written first, so that the cheapest stay
    best[sides[order].ravel()] = np.repeat(order, 2)
    here = np.arange(len(pairs))
    return np.asarray(pairs[(best[sides[:, 0]] == here) & (best[sides[:, 1]] == here)])


def _orders(count: int, links: NDArray[np.intp]) -> list[list[int]]:
    """The points of each line from one end to the other; a ring is opened somewhere."""
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    near: dict[int, list[int]] = {}
    for a, b in links.tolist():
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    starts: dict[int, int] = {}
    for point, others in near.items():
        if label[point] not in starts or (len(others) == 1 and len(near[starts[label[point]]]) == 2):
            starts[label[point]] = point
    return [_walked(start, near) for start in starts.values()]


def _walked(start: int, near: dict[int, list[int]]) -> list[int]:
    """Follow a line from one point."""
    order, before, here = [start], -1, start
    while True:
        ahead = [n for n in near[here] if n != before]
        if not ahead or ahead[0] == start:
            return order
        before, here = here, ahead[0]
        order.append(here)
