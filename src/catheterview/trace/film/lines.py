"""Ridge points of a sketch, joined into smooth lines, and the lines cut into pieces."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import TURNS, Sketch
from catheterview.trace.film.show import sampled

_ORDER = np.argsort(TURNS % np.pi)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ridges:
    """Points (N, 2) (row, column) of a sketch with unit directions (N, 2); where two tubes cross there are two."""

    points: FloatArray
    directions: FloatArray


def ridges_of(sketch: Sketch, limits: FilmTraceLimits) -> Ridges:
    """Points where a direction's answer is above its neighbours' in place and in direction, and above the noise."""
    least, usable = limits.ridge_ratio * sketch.noise, sketch.usable
    points, ways = [], []
    for n, this in enumerate(_ORDER):
        seen, turn = sketch.bank[this], TURNS[this]
        before, after = sketch.bank[_ORDER[n - 1]], sketch.bank[_ORDER[(n + 1) % len(_ORDER)]]
        rows, columns = np.nonzero((seen > least) & usable & (seen >= before) & (seen > after))
        found = _on_top(seen, np.stack([rows, columns], axis=1).astype(np.float64), float(turn))
        points.append(found)
        ways.append(np.tile([np.sin(turn), np.cos(turn)], (len(found), 1)))
    return Ridges(points=np.concatenate(points), directions=np.concatenate(ways))


def _on_top(seen: NDArray[np.float32], at: FloatArray, turn: float) -> FloatArray:
    """Those places that are highest across a direction, moved to the top."""
    across = np.array([np.cos(turn), -np.sin(turn)])
    here, before, after = (sampled(seen, at + shift * across) for shift in (0.0, -1.0, 1.0))
    top = (here >= before) & (here > after)
    bend = np.maximum(2.0 * here - before - after, 1e-9)
    shift = np.clip(0.5 * (after - before) / bend, -0.7, 0.7)
    return np.asarray((at + shift[:, None] * across)[top])


def lines_of(ridges: Ridges, limits: FilmTraceLimits) -> list[FloatArray]:
    """Join ridge points that are each other's best neighbour ahead or behind: (N, 2) each."""
    links = _mutual(ridges, limits)
    orders = _orders(len(ridges.points), links)
    return [ridges.points[order] for order in orders if len(order) >= limits.line_points]


def pieces_of(lines: list[FloatArray], length: float) -> list[FloatArray]:
    """Cut lines into pieces of about a length, so that a way may leave a line in its course."""
    out = []
    for line in lines:
        count = max(1, round(float(arc_length(line)[-1]) / length))
        edges = np.unique(np.linspace(0, len(line) - 1, count + 1).round().astype(int))
        out += [line[a : b + 1] for a, b in pairwise(edges.tolist())]
    return out


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
    # A pair leaves its first point ahead where they face the same way, and its second behind.
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
