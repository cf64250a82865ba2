"""The way of the bolus: from the pump along the lines that contrast drew, over gaps where it must."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.model.film import FilmPump
from catheterview.trace.cine.ridges import Ridges

_TURN_COST_PX = 16.0  # of a turn by the most that is allowed
_BACK_COST_PX = 1.5  # of a frame that a gap would lead back in time, more than arrivals repeat
_START_COST = 1.2  # of a pixel between the pump's rim and the first point
_LATE_COST_PX = 4.0  # of a frame that a beginning is later than the earliest
_BEHIND = (105.0, 0.2, 4.0)  # turn, cost of a pixel, cost: of a way behind the pump, where it may bend unseen
_CORNER = (125.0, 0.5, 14.0)  # the same of a bend that is sharp because it is seen along the beam, at the anchor say
_CORNER_PX = 10.0
_STEADY_PX, _SAME_WAY = 12.0, 0.87  # neighbours on one line, whose arrivals are taken together
_GAP_LOSS = 0.6  # of a pixel bridged, against one seen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """Points in order from the pump.

    Parameters
    ----------
    at : (N, 2) float64
        (row, column).
    bridged : (N,) bool
        Whether the stretch up to this point crosses a gap.
    """

    at: FloatArray
    bridged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Edges:
    """Links between directed points: node n goes along the way of point n, node n + P against it."""

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    length: FloatArray
    cost: FloatArray


def follow(ridges: Ridges, pump: FilmPump | None, limits: CineLimits) -> Way | None:
    """Find the way of the bolus.

    Parameters
    ----------
    ridges : Ridges
    pump : FilmPump or None
        In pixels of the ridges; without one the way begins where contrast came first.
    limits : CineLimits

    Returns
    -------
    Way or None
        None where no line is long enough.
    """
    if len(ridges.at) < 8:
        return None
    arrival = _steadied(ridges)
    near = _edges(ridges, arrival, limits.reach_px, limits)
    far = _bridges(ridges, arrival, (near, pump), limits)
    count = 2 * len(ridges.at)
    entry = _entries(ridges, arrival, pump, limits)
    start = np.concatenate([near.start, far.start, np.full(count, count)])
    end = np.concatenate([near.end, far.end, np.arange(count)])
    cost = np.concatenate([near.cost, far.cost, entry])
    usable = np.isfinite(cost)
    graph = sparse.csr_matrix((cost[usable], (start[usable], end[usable])), shape=(count + 1, count + 1))
    reached, before = (one[0] for one in dijkstra(graph, directed=True, indices=[count], return_predecessors=True))
    gain = _gains(reached, before, (near, far), entry)
    best = int(np.argmax(gain))
    if gain[best] < limits.least_course_px:
        return None
    return _traced(best, before, ridges, far)


def _steadied(ridges: Ridges) -> FloatArray:
    """Arrival (P,) as the median of what lies near on the same line."""
    pairs = cKDTree(ridges.at).query_pairs(_STEADY_PX, output_type="ndarray").reshape(-1, 2)
    same = np.abs((ridges.way[pairs[:, 0]] * ridges.way[pairs[:, 1]]).sum(axis=1)) > _SAME_WAY
    near: list[list[int]] = [[n] for n in range(len(ridges.at))]
    for first, second in pairs[same]:
        near[first].append(int(second))
        near[second].append(int(first))
    return np.array([float(np.median(ridges.arrival[some])) for some in near])


def _edges(ridges: Ridges, arrival: FloatArray, reach_px: float, limits: CineLimits) -> _Edges:
    """Links from each directed point to those before it."""
    pairs = cKDTree(ridges.at).query_pairs(reach_px, output_type="ndarray")
    first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
    return _linked((ridges, arrival), (first, second), (limits.turn_deg, 0.0, 0.0), limits)


def _linked(
    lines: tuple[Ridges, FloatArray],
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
    how: tuple[float, float, float],
    limits: CineLimits,
) -> _Edges:
    """Directed links between pairs of points; `how` is the most turn, and the cost of a pixel and of any such gap."""
    (ridges, arrival), (first, second), (turn_deg, gap_cost, fixed) = lines, pairs, how
    count = len(ridges.at)
    step = ridges.at[second] - ridges.at[first]
    length = np.maximum(np.linalg.norm(step, axis=1), 1e-6)
    bend = np.minimum(length / limits.reach_px, 2.0)
    faint = limits.ridge / np.maximum(ridges.response[second], limits.ridge)
    back = np.maximum(arrival[first] - arrival[second] - limits.back_frames, 0.0) * _BACK_COST_PX * (gap_cost > 0.0)
    starts, ends, lengths, costs = [], [], [], []
    for sign in (1.0, -1.0):
        way = sign * ridges.way[first]
        other = ridges.way[second]
        turned = np.where((way * other).sum(axis=1) < 0.0, -1.0, 1.0)
        leave = _angle((way * step).sum(axis=1) / length)
        arrive = _angle((turned[:, None] * other * step).sum(axis=1) / length)
        turn = np.maximum(leave, arrive)
        ok = turn <= turn_deg
        cost = fixed + length * (1.0 + gap_cost + faint) + _TURN_COST_PX * (turn / turn_deg) ** 2 * bend + back
        starts.append((first + (0 if sign > 0.0 else count))[ok])
        ends.append((second + np.where(turned > 0.0, 0, count))[ok])
        lengths.append(length[ok])
        costs.append(cost[ok])
    return _Edges(
        start=np.concatenate(starts),
        end=np.concatenate(ends),
        length=np.concatenate(lengths),
        cost=np.concatenate(costs),
    )


def _angle(cosine: FloatArray) -> FloatArray:
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _bridges(ridges: Ridges, arrival: FloatArray, what: tuple[_Edges, FilmPump | None], limits: CineLimits) -> _Edges:
    """Links over gaps, from where a line ends to where one begins; behind the pump they may be long."""
    near, pump = what
    loose = _loose(near, len(ridges.at))
    pairs = _pairs(ridges.at, loose, limits.gap_px)
    links = [_linked((ridges, arrival), pairs, (limits.turn_deg, limits.gap_cost, 0.0), limits)]
    links.append(_linked((ridges, arrival), _pairs(ridges.at, loose, _CORNER_PX), _CORNER, limits))
    if pump is not None:
        beyond = np.linalg.norm(ridges.at - np.array(pump.center), axis=1) - pump.radius_px
        rim = loose[beyond[loose] < limits.behind_px]
        pairs = _pairs(ridges.at, rim, 2.2 * pump.radius_px)
        links.append(_linked((ridges, arrival), pairs, _BEHIND, limits))
    return _Edges(
        start=np.concatenate([one.start for one in links]),
        end=np.concatenate([one.end for one in links]),
        length=np.concatenate([one.length for one in links]),
        cost=np.concatenate([one.cost for one in links]),
    )


def _loose(near: _Edges, count: int) -> NDArray[np.intp]:
    """Points at which a line ends or begins, in either direction."""
    goes_on, comes = np.zeros(2 * count, dtype=bool), np.zeros(2 * count, dtype=bool)
    goes_on[near.start], comes[near.end] = True, True
    return np.flatnonzero(~goes_on[:count] | ~goes_on[count:] | ~comes[:count] | ~comes[count:])


def _pairs(at: FloatArray, some: NDArray[np.intp], reach_px: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Ordered pairs of some points that lie within reach of each other, but not close."""
    if len(some) < 2:
        return some[:0], some[:0]
    pairs = some[cKDTree(at[some]).query_pairs(reach_px, output_type="ndarray").reshape(-1, 2)]
    first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
    apart = np.linalg.norm(at[first] - at[second], axis=1) > 3.0
    return first[apart], second[apart]


def _entries(ridges: Ridges, arrival: FloatArray, pump: FilmPump | None, limits: CineLimits) -> FloatArray:
    """What it costs to begin at each directed point (2 P,); infinite where the bolus cannot come from."""
    late = np.maximum(arrival - float(np.percentile(arrival, 15.0)), 0.0) * _LATE_COST_PX
    if pump is None:
        cost = np.where(late < 3.0 * _LATE_COST_PX, late, np.inf)
        return np.concatenate([cost, cost])
    off = ridges.at - np.array(pump.center)
    beyond = np.linalg.norm(off, axis=1) - pump.radius_px
    away = np.where(beyond < 0.0, -0.5 * beyond, beyond)
    cost = np.where(beyond < limits.start_px, _START_COST * away + late + 1.0, np.inf)
    return np.concatenate([cost, cost])


def _gains(
    reached: FloatArray, before: NDArray[np.int32], links: tuple[_Edges, _Edges], entry: FloatArray
) -> FloatArray:
    """Length seen on the cheapest way to each node, less what was bridged and what it took to begin."""
    near, far = links
    count = len(entry)
    step = {(int(a), int(b)): float(n) for a, b, n in zip(near.start, near.end, near.length, strict=True)}
    step |= {(int(a), int(b)): -_GAP_LOSS * float(n) for a, b, n in zip(far.start, far.end, far.length, strict=True)}
    gain = np.full(count, -np.inf)
    for node in np.argsort(reached[:count]):
        if not np.isfinite(reached[node]):
            break
        source = int(before[node])
        gain[node] = -0.5 * entry[node] if source == count else gain[source] + step[(source, int(node))]
    return gain


def _traced(best: int, before: NDArray[np.int32], ridges: Ridges, far: _Edges) -> Way:
    """The points up to a node."""
    count = len(ridges.at)
    nodes = [best]
    while int(before[nodes[-1]]) != 2 * count:
        nodes.append(int(before[nodes[-1]]))
    nodes.reverse()
    gaps = {(int(a), int(b)) for a, b in zip(far.start, far.end, strict=True)}
    bridged = [False, *((a, b) in gaps for a, b in pairwise(nodes))]
    return Way(at=ridges.at[np.array(nodes) % count], bridged=np.array(bridged))
