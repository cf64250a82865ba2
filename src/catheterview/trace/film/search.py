"""The ways over pieces that are worth most, from the pump to anywhere.

The cheapest way is a short cut: behind the pump, past every loop. What is sought is the way that explains most of what
looks like the catheter, each piece once; a beam of partial ways is carried on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, unit
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Sketch
from catheterview.trace.film.show import sampled
from catheterview.trace.film.web import Web, link_costs, uphill, worth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partial:
    """A way that ends with a node; `used` has a bit for each piece."""

    score: float
    node: int
    used: int
    before: Partial | None = None

    @property
    def nodes(self) -> list[int]:
        """From the first to the last."""
        out, here = [self.node], self.before
        while here is not None:
            out.append(here.node)
            here = here.before
        return out[::-1]


def points_of(web: Web, way: Partial) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The points (N, 2) of a way and which of its steps (N - 1,) lie on a line."""
    parts = [web.pieces[n // 2][:: 1 if n % 2 == 0 else -1] for n in way.nodes]
    on = np.concatenate([np.append(np.ones(len(part) - 1, dtype=bool), False) for part in parts])
    return np.concatenate(parts), on[:-1]


def begun_at(
    sketch: Sketch, web: Web, stem: FloatArray | None, limits: FilmTraceLimits, *, rows_only: bool
) -> list[tuple[int, float]]:
    """Nodes at which the catheter may begin, with what that costs.

    Parameters
    ----------
    sketch : Sketch
    web : Web
    stem : (2,) (row, column) of the sketch, or None
        Where it should leave the pump; else the whole rim.
    limits : FilmTraceLimits
    rows_only : bool
        Whether only the stem's row is known.
    """
    if not len(web.enter):
        return []
    away = sampled(sketch.to_pump, web.enter) * sketch.mm
    heading = uphill(sketch, web.enter)
    if stem is not None and not rows_only:
        step = web.enter - stem
        away = np.linalg.norm(step, axis=1) * sketch.mm
        heading = np.where((away > 3.0)[:, None], unit(step + 1e-9), heading)
    near = np.nonzero(away <= (limits.rim_mm if stem is None or rows_only else limits.stem_near_mm))[0]
    cosine = np.einsum("nc,nc->n", web.inward[near], heading[near])
    cost = limits.start_share * away[near] + limits.start_bend_mm * (1.0 - cosine)
    if stem is not None and rows_only:
        cost += limits.start_share * np.abs(web.enter[near, 0] - stem[0]) * sketch.mm
    return [(int(n), float(c)) for n, c in zip(near[cosine > -0.2], cost[cosine > -0.2], strict=True)]


def best_ways(
    web: Web, starts: list[tuple[int, float]], contrast: float, limits: FilmTraceLimits, *, wide: bool
) -> dict[int, Partial]:
    """The best way that was found to each node.

    Parameters
    ----------
    web : Web
    starts : list of (node, cost)
    contrast : float
        Of the tube, in the film's own logarithm.
    limits : FilmTraceLimits
    wide : bool
        Whether to carry on many ways, or only enough to compare contrasts.
    """
    value, ratio = worth(web, contrast, limits)
    prices = link_costs(web, ratio, contrast, limits)
    ahead = _ahead(web, prices, limits)
    closed = _cables(web, prices, ratio, limits)
    front = [
        Partial(score=float(value[n // 2]) - c, node=n, used=1 << (n // 2)) for n, c in starts if not closed[n // 2]
    ]
    best: dict[int, Partial] = {}
    width, each = (limits.beam_wide, 2) if wide else (limits.beam_narrow, 1)
    while front:
        for way in front:
            if way.node not in best or best[way.node].score < way.score:
                best[way.node] = way
        least = max(way.score for way in best.values()) - limits.beam_mm
        front = carried_on(front, ahead, (value, closed), (least, width, each))
    return best


def _ahead(web: Web, cost: FloatArray, limits: FilmTraceLimits) -> dict[int, list[tuple[int, float]]]:
    """From each node to its cheapest next ones."""
    order = np.argsort(cost, kind="stable")
    out: dict[int, list[tuple[int, float]]] = {}
    rows = zip(web.source[order].tolist(), web.target[order].tolist(), cost[order].tolist(), strict=True)
    for source, target, price in rows:
        near = out.setdefault(source, [])
        if len(near) < limits.most_links:
            near.append((target, price))
    return out


def _cables(web: Web, cost: FloatArray, ratio: FloatArray, limits: FilmTraceLimits) -> NDArray[np.bool_]:
    """Pieces that run off the film, and what goes straight on from them: cables, leads, a table's edge."""
    dense = ratio > limits.cable_ratio
    straight = (cost < limits.cable_cost_mm) & (web.bend < limits.cable_bend) & (web.blob >= 0.0)
    straight &= dense[web.source // 2] & dense[web.target // 2]
    ahead: dict[int, list[int]] = {}
    for source, target in zip(web.source[straight].tolist(), web.target[straight].tolist(), strict=True):
        ahead.setdefault(source, []).append(target)
    todo = [node for n in np.flatnonzero(web.at_border & dense).tolist() for node in (2 * n, 2 * n + 1)]
    met = set(todo)
    while todo:
        new = [target for target in ahead.get(todo.pop(), ()) if target not in met]
        met.update(new)
        todo += new
    closed = web.at_border.copy()
    closed[[node // 2 for node in met]] = True
    return closed


def carried_on(
    front: list[Partial],
    ahead: dict[int, list[tuple[int, float]]],
    pieces: tuple[FloatArray, NDArray[np.bool_]],
    beam: tuple[float, int, int],
) -> list[Partial]:
    """The best ways that are one piece longer: at most so many, and of each node only the best few."""
    value, closed = pieces[0].tolist(), pieces[1].tolist()
    least, width, each = beam
    new: dict[int, list[tuple[float, int, Partial]]] = {}
    for n, way in enumerate(front):
        score, used = way.score, way.used
        for target, price in ahead.get(way.node, ()):
            piece = target >> 1
            better = score - price + value[piece]
            if better >= least and not closed[piece] and not used >> piece & 1:
                new.setdefault(target, []).append((better, n, way))
    kept = []
    for target, ways in new.items():
        ways.sort(key=lambda one: -one[0])
        kept += [(score, target, way) for score, _, way in ways[:each]]
    kept.sort(key=lambda one: -one[0])
    return [Partial(score=s, node=t, used=w.used | 1 << (t >> 1), before=w) for s, t, w in kept[:width]]
