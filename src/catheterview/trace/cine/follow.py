"""The way of the bolus: from the pump along the lines that contrast drew, over gaps where it must.

The cheapest way is a short cut: past every loop. What is sought is the way that explains most of what contrast drew,
each piece once; a beam of partial ways is carried on, as on a film.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length, unit
from catheterview.limits.cine import CineLimits
from catheterview.limits.film import FilmTraceLimits
from catheterview.model.film import FilmPump
from catheterview.trace.cine.ridges import Ridges
from catheterview.trace.film.lines import Ridges as Crests
from catheterview.trace.film.lines import lines_of, pieces_of
from catheterview.trace.film.search import Partial, carried_on

_PIECE_PX = 12.0
_BEAM = (160, 3)  # ways that are carried on, and of them the most that end alike
_LINKS = 10  # from a piece
_TANGENT = 4  # points of a piece's end that tell its direction
_BEHIND_SHARE = 0.25  # of what a pixel costs else, behind a pump, where a tube is not to be seen
_START_COST = 1.0  # of a pixel between the pump's rim and the first point
_LATE_COST_PX = 2.0  # of a frame that a beginning is later than the earliest


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
class _Ends:
    """Where directed pieces (2 P) begin and end: node 2 n runs along piece n, node 2 n + 1 against it."""

    enter: FloatArray
    leave: FloatArray
    inward: FloatArray
    outward: FloatArray
    arrival: FloatArray


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
    lines = lines_of(Crests(points=ridges.at, directions=ridges.way), FilmTraceLimits())
    pieces = pieces_of(lines, _PIECE_PX)
    if not pieces:
        return None
    ends = _ends(pieces, ridges)
    value = np.array([float(arc_length(piece)[-1]) for piece in pieces])
    ahead = _ahead(ends, pump, limits)
    front = [
        Partial(score=float(value[node // 2] - cost), node=node, used=1 << (node // 2))
        for node, cost in enumerate(_entries(ends, pump, limits).tolist())
        if np.isfinite(cost)
    ]
    best: Partial | None = None
    closed = np.zeros(len(pieces), dtype=bool)
    while front:
        top = max(front, key=lambda one: one.score)
        best = top if best is None or top.score > best.score else best
        front = carried_on(front, ahead, (value, closed), (best.score - limits.behind_way_px, *_BEAM))
    if best is None or best.score < limits.least_course_px:
        return None
    return _way(pieces, best)


def _ends(pieces: list[FloatArray], ridges: Ridges) -> _Ends:
    """Ends and directions of every piece, both ways, and when contrast came to it."""
    tree = cKDTree(ridges.at)
    enter, leave, inward, outward, arrival = [], [], [], [], []
    for piece in pieces:
        when = float(np.median(ridges.arrival[tree.query(piece)[1]]))
        for points in (piece, piece[::-1]):
            step = min(_TANGENT, len(points) - 1)
            enter.append(points[0])
            leave.append(points[-1])
            inward.append(points[step] - points[0])
            outward.append(points[-1] - points[-1 - step])
            arrival.append(when)
    return _Ends(
        enter=np.array(enter),
        leave=np.array(leave),
        inward=unit(np.array(inward)),
        outward=unit(np.array(outward)),
        arrival=np.array(arrival),
    )


def _ahead(ends: _Ends, pump: FilmPump | None, limits: CineLimits) -> dict[int, list[tuple[int, float]]]:
    """From each node to its cheapest next ones, and what each link costs in pixels seen."""
    out: dict[int, list[tuple[int, float]]] = {}
    hidden = np.zeros(len(ends.enter), dtype=bool)
    reach = limits.gap_px
    if pump is not None:
        hidden = np.linalg.norm(ends.enter - np.array(pump.center), axis=1) < pump.radius_px + limits.behind_px
        reach = max(reach, 2.2 * pump.radius_px)
    for node in range(len(ends.leave)):
        step = ends.enter - ends.leave[node]
        gap = np.linalg.norm(step, axis=1)
        from_hidden = pump is not None and bool(hidden[node ^ 1])
        behind = hidden & from_hidden
        near = np.flatnonzero((gap <= np.where(behind, reach, limits.gap_px)) & (np.arange(len(gap)) // 2 != node // 2))
        way = np.where(gap[near, None] > 1.5, step[near] / np.maximum(gap[near, None], 1e-9), ends.outward[node])
        bends = 2.0 - way @ ends.outward[node] - (way * ends.inward[near]).sum(axis=1)
        back = np.maximum(ends.arrival[node] - ends.arrival[near] - limits.back_frames, 0.0)
        long = np.where(behind[near], _BEHIND_SHARE, 1.0) * limits.gap_cost * gap[near]
        bent = np.where(behind[near] & (gap[near] > limits.behind_px), 0.4, 1.0) * limits.bend_px * bends
        cost = long + bent + limits.back_px * back
        order = np.argsort(cost, kind="stable")[:_LINKS]
        out[node] = [(int(near[n]), float(cost[n])) for n in order]
    return out


def _entries(ends: _Ends, pump: FilmPump | None, limits: CineLimits) -> FloatArray:
    """What it costs to begin with each node (2 P,); infinite where the bolus cannot come from."""
    late = np.maximum(ends.arrival - float(np.percentile(ends.arrival, 15.0)), 0.0) * _LATE_COST_PX
    if pump is None:
        return np.where(late < 3.0 * _LATE_COST_PX, late, np.inf)
    beyond = np.linalg.norm(ends.enter - np.array(pump.center), axis=1) - pump.radius_px
    away = np.where(beyond < 0.0, -0.5 * beyond, beyond)
    return np.where(beyond < limits.start_px, _START_COST * away + late + 1.0, np.inf)


def _way(pieces: list[FloatArray], best: Partial) -> Way:
    """The points of the best way."""
    parts = [pieces[node // 2][:: 1 if node % 2 == 0 else -1] for node in best.nodes]
    at, bridged, last = [], [], None
    for part in parts:
        gap = last is not None and float(np.linalg.norm(part[0] - last)) > 3.0
        at.append(part)
        bridged.append(np.append(gap, np.zeros(len(part) - 1, dtype=bool)))
        last = part[-1]
    return Way(at=np.concatenate(at), bridged=np.concatenate(bridged))
