"""The way from the pump over streaks and the short links between them to the end of the catheter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length, unit
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Sketch
from catheterview.trace.film.lines import Streak
from catheterview.trace.film.show import shown_share
from catheterview.trace.route import gains_of

IndexArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """A way over streaks.

    Parameters
    ----------
    points : (N, 2) (row, column) of the sketch; links are single steps
    on_streak : (N - 1,) bool
    gain : float
        Length on streaks less what the links cost, pixels.
    peak : float
        Median response along it.
    """

    points: FloatArray
    on_streak: NDArray[np.bool_]
    gain: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Web:
    """Points of streaks as nodes; node n and n + P are one point, travelled forward and backward.

    `chords` (2, P, 2): the way the line runs to each point, and from it; `left` (2, P): length of line that is left.
    """

    points: FloatArray
    chords: FloatArray
    line: IndexArray
    left: FloatArray
    peak: FloatArray
    dear: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Edges:
    """Directed edges: from, to, cost."""

    source: IndexArray
    target: IndexArray
    cost: FloatArray


def best_way(
    sketch: Sketch, streaks: list[Streak], start: FloatArray, limits: FilmTraceLimits, *, peak: float | None = None
) -> Way | None:
    """Find the way that begins near a place and gains most.

    Parameters
    ----------
    sketch : Sketch
    streaks : list of Streak
    start : (S, 2) (row, column) of the sketch
        The pump's outline, or a loose end.
    limits : FilmTraceLimits
    peak : float, optional
        Response of the tube where it is known; else a ladder is tried.

    Returns
    -------
    Way or None
        None when no way gains anything.
    """
    best: Way | None = None
    for contrast in [peak] if peak is not None else _ladder(streaks, limits):
        low, high = contrast / limits.peak_ratio, contrast * limits.peak_ratio
        fitting = [streak for streak in streaks if low <= streak.peak <= high]
        if not fitting:
            continue
        way = _way_in(sketch, _web_of(fitting, limits), (start, contrast), limits)
        if way is not None and (best is None or way.gain > best.gain):
            best = way
    return best


def _ladder(streaks: list[Streak], limits: FilmTraceLimits) -> list[float]:
    """Responses to try, a factor apart, over the range that the streaks have."""
    peaks = np.array([streak.peak for streak in streaks])
    if not len(peaks):
        return []
    low, high = np.percentile(peaks, 25.0), peaks.max()
    count = int(np.ceil(np.log(high / low) / np.log(limits.peak_step))) + 1
    return [float(low * limits.peak_step**n) for n in range(count)]


def _web_of(streaks: list[Streak], limits: FilmTraceLimits) -> _Web:
    """Lay the streaks out as a graph's nodes."""
    counts = np.array([len(streak.points) for streak in streaks])
    points = np.concatenate([streak.points for streak in streaks])
    last = np.repeat(np.cumsum(counts) - 1, counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    along, here = arc_length(points), np.arange(len(points))
    behind, ahead = np.maximum(here - 4, first), np.minimum(here + 4, last)
    back = points[np.where(behind == here, ahead, here)] - points[behind]
    front = points[ahead] - points[np.where(ahead == here, behind, here)]
    ratio, step = (np.repeat([getattr(s, name) for s in streaks], counts) for name in ("ratio", "step"))
    turn = np.degrees(np.arccos(np.clip(np.einsum("nc,nc->n", unit(back), unit(front)), -1.0, 1.0)))
    return _Web(
        points=points,
        chords=np.stack([unit(back), unit(front)]),
        line=np.repeat(np.arange(len(streaks)), counts),
        left=np.stack([along[last] - along, along - along[first]]),
        peak=np.repeat([streak.peak for streak in streaks], counts),
        dear=limits.line_cost
        + limits.faint_cost * np.clip(1.0 - (ratio - 2.0) / 3.0, 0.0, 1.0)
        + limits.step_cost * np.clip(step - limits.even_step, 0.0, 1.0)
        + limits.curl_cost * np.clip(turn - limits.curl_deg, 0.0, None) / limits.curl_deg,
    )


def _way_in(sketch: Sketch, web: _Web, start: tuple[FloatArray, float], limits: FilmTraceLimits) -> Way | None:
    """The best way over a web."""
    count = len(web.points)
    edges = (
        _steps(web),
        _links(sketch, web, start[1], limits),
        _starts(web, start[0], limits),
    )
    source, target, cost = (np.concatenate([getattr(e, n) for e in edges]) for n in ("source", "target", "cost"))
    graph = coo_matrix((cost, (source, target)), shape=(2 * count + 1, 2 * count + 1)).tocsr()
    distance, before = dijkstra(graph, indices=[2 * count], return_predecessors=True)
    gain = gains_of(web.points, web.line, (distance[0], before[0]), limits.dearness)
    end = int(np.argmax(gain))
    if end == 2 * count or gain[end] < limits.least_gain_mm / sketch.mm:
        return None
    nodes, node = [], end
    while 0 <= node < 2 * count:
        nodes.append(node)
        node = int(before[0][node])
    order = np.array(nodes[::-1])
    on = (np.abs(np.diff(order)) == 1) & (web.line[order[1:] % count] == web.line[order[:-1] % count])
    return Way(
        points=web.points[order % count],
        on_streak=np.asarray(on),
        gain=float(gain[end]),
        peak=float(np.median(web.peak[order % count])),
    )


def _steps(web: _Web) -> _Edges:
    """Steps along the lines, both ways."""
    count = len(web.points)
    here = np.nonzero(web.line[1:] == web.line[:-1])[0]
    cost = np.linalg.norm(web.points[here + 1] - web.points[here], axis=1) * web.dear[here]
    return _Edges(
        source=np.concatenate([here, here + 1 + count]),
        target=np.concatenate([here + 1, here + count]),
        cost=np.concatenate([cost, cost]),
    )


def _links(sketch: Sketch, web: _Web, contrast: float, limits: FilmTraceLimits) -> _Edges:
    """Links from near a line's end, as it is travelled, to near the beginning of another, or of its own."""
    near = np.nonzero(web.left.min(axis=0) <= limits.leave_px)[0]
    near = near[(near % 2 == 0) | (web.left[:, near].min(axis=0) == 0.0)]
    pairs = near[cKDTree(web.points[near]).query_pairs(limits.link_reach_mm / sketch.mm, output_type="ndarray")]
    source, target = np.concatenate([pairs, pairs[:, ::-1]]).T
    parts = []
    for way in (0, 1):
        leaving = web.left[way][source] <= limits.leave_px
        for other in (0, 1):
            keep = leaving & (web.left[1 - other][target] <= limits.leave_px)
            parts.append(_allowed(sketch, web, (source[keep], target[keep], way, other), limits))
    joined = {n: np.concatenate([getattr(p, n) for p in parts]) for n in ("source", "target", "cost")}
    count = len(web.points)
    begin, end = web.points[joined["source"] % count], web.points[joined["target"] % count]
    shown = shown_share(sketch, begin, end, contrast)
    length = np.linalg.norm(end - begin, axis=1)
    cost = joined["cost"] - limits.link_discount * shown * length
    return _Edges(source=joined["source"], target=joined["target"], cost=np.maximum(cost, 1e-3))


def _allowed(
    sketch: Sketch, web: _Web, how: tuple[IndexArray, IndexArray, int, int], limits: FilmTraceLimits
) -> _Edges:
    """Links between points travelled in given ways, without those that bend too much."""
    source, target, way, other = how
    step = web.points[target] - web.points[source]
    length = np.linalg.norm(step, axis=1)
    toward = step / np.maximum(length, 1e-9)[:, None]
    out = web.chords[0, source] if way == 0 else -web.chords[1, source]
    into = web.chords[1, target] if other == 0 else -web.chords[0, target]
    leave, enter = np.einsum("nc,nc->n", out, toward), np.einsum("nc,nc->n", into, toward)
    # Where a tube turns towards the film and back its picture has a cusp, dense and short.
    cusp = length <= limits.cusp_mm / sketch.mm
    floor = np.where(cusp, -1.0, limits.link_cosine)
    apart = np.abs(web.left[0][source] - web.left[0][target])
    own = (web.line[source] == web.line[target]) & (apart < limits.own_mm / sketch.mm)
    keep = (np.minimum(leave, enter) >= floor) & (cusp | (leave + enter >= 0.2)) & (length > 1e-3) & ~own
    source, target, length, bend = source[keep], target[keep], length[keep], (2.0 - leave - enter)[keep]
    change = np.abs(np.log(web.peak[source] / web.peak[target]))
    cost = length * limits.link_cost
    cost += (limits.bend_cost_mm * np.minimum(bend, 1.2) + limits.change_cost_mm * change) / sketch.mm
    count = len(web.points)
    return _Edges(source=source + way * count, target=target + other * count, cost=cost)


def _starts(web: _Web, start: FloatArray, limits: FilmTraceLimits) -> _Edges:
    """From the start to every node near it, dearer the further away."""
    count = len(web.points)
    away, nearest = (np.asarray(found) for found in cKDTree(start).query(web.points))
    near = np.nonzero(away <= limits.start_px)[0]
    out = unit(web.points[near] - start[nearest[near]])
    sources = np.full(len(near), 2 * count)
    parts = []
    for way, chord in ((0, web.chords[1, near]), (1, -web.chords[0, near])):
        bend = 1.0 - np.where(away[near] > 2.0, np.einsum("nc,nc->n", out, chord), 0.5)
        parts.append((near + way * count, away[near] * limits.start_cost + 4.0 * bend))
    return _Edges(
        source=np.concatenate([sources, sources]),
        target=np.concatenate([nodes for nodes, _ in parts]),
        cost=np.concatenate([cost for _, cost in parts]),
    )
