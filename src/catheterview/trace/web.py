"""The web: tubelet points as the nodes of a directed graph, and what it costs to go from one to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, arc_length, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample
from catheterview.trace.tubelet import Tubelet

IndexArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Web:
    """Tubelet points as nodes; node n and n + P are the same point, travelled forward and backward.

    Parameters
    ----------
    points : (P, 3) float64, LPS mm
    chords : (2, P, 3) float64, unit
        The way the line runs forward: over the few points behind each point, and over the few ahead. A line's very end
        may hook, so that leaving it the points behind tell the direction, and entering it those ahead.
    line : (P,) index of the tubelet
    to_end_mm : (2, P) float64
        Distance along the line that is left, forward and backward.
    strength : (P,) float64, HU
    free : (P,) float64, 0 to 1
    goal : (P,) bool
        Whether a route has to end there, if it can.
    """

    points: FloatArray
    chords: FloatArray
    line: IndexArray
    to_end_mm: FloatArray
    strength: FloatArray
    free: FloatArray
    goal: NDArray[np.bool_]

    def of_contrast(self, contrast_hu: float, limits: TraceLimits) -> Web:
        """The part of the web whose tubelets could be a tube of this contrast; of very many only the longest."""
        ratio = limits.contrast_ratio
        keep = (self.strength >= contrast_hu / ratio) & (self.strength <= contrast_hu * ratio)
        # Tubelets come longest first, so their numbers rank them.
        keep &= self.line <= np.concatenate([np.unique(self.line[keep]), [0]])[: limits.most_tubelets].max()
        return Web(
            points=self.points[keep],
            chords=self.chords[:, keep],
            line=self.line[keep],
            to_end_mm=self.to_end_mm[:, keep],
            strength=self.strength[keep],
            free=self.free[keep],
            goal=self.goal[keep],
        )


def web_of(tubelets: list[Tubelet]) -> Web:
    """Lay out the points of tubelets as the nodes of a graph."""
    counts = np.array([len(t.points) for t in tubelets])
    points = np.concatenate([t.points for t in tubelets])
    last = np.repeat(np.cumsum(counts) - 1, counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    # Steps between the lines are counted too, and fall out of the difference to the line's own end.
    along = arc_length(points)
    return Web(
        points=points,
        chords=_chords(points, first, last),
        line=np.repeat(np.arange(len(tubelets)), counts),
        to_end_mm=np.stack([along[last] - along, along - along[first]]),
        strength=np.repeat([t.strength for t in tubelets], counts),
        free=np.repeat([t.free for t in tubelets], counts),
        goal=np.repeat([t.goal for t in tubelets], counts),
    )


def _chords(points: FloatArray, first: IndexArray, last: IndexArray) -> FloatArray:
    """(2, P, 3) unit vectors along the lines: to each point from four behind, from each to four ahead.

    The first point of a line has none behind: there the chord ahead serves for both, and the other way round at the
    last.
    """
    here = np.arange(len(points))
    behind, ahead = np.maximum(here - 4, first), np.minimum(here + 4, last)
    back = points[np.where(behind == here, ahead, here)] - points[behind]
    front = points[ahead] - points[np.where(ahead == here, behind, here)]
    return np.stack([unit(back), unit(front)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """Directed edges between the 2P nodes: from, to, cost, and the length that runs on a tube."""

    source: IndexArray
    target: IndexArray
    cost: FloatArray


def line_edges(web: Web, limits: TraceLimits) -> Edges:
    """Steps along the lines, both ways."""
    count = len(web.points)
    here = np.nonzero(web.line[1:] == web.line[:-1])[0]
    # Beside bone a line is hardly better than a link: most lines there are the bone's own edge.
    dear = limits.on_tube_cost + limits.on_bone_cost * (1.0 - web.free[here])
    cost = np.linalg.norm(web.points[here + 1] - web.points[here], axis=1) * dear
    return Edges(
        source=np.concatenate([here, here + 1 + count]),
        target=np.concatenate([here + 1, here + count]),
        cost=np.concatenate([cost, cost]),
    )


def link_edges(image: Image, web: Web, limits: TraceLimits) -> Edges:
    """Links from near the end of a line, the way it is travelled, to near the beginning of another (or of its own).

    Plan: all pairs of points near ends and within reach of each other; each is up to four edges, by the ways in which
    source and target are travelled, and as many back; an edge is kept if its bends are allowed. What the image shows
    between the two then makes it cheap or dear.
    """
    near = np.nonzero(web.to_end_mm.min(axis=0) <= limits.leave_line_mm)[0]
    # Every other point of a line's end does: neighbours have the same links, and pairs grow with the square.
    near = near[_every_other(web.line[near]) | (web.to_end_mm[:, near].min(axis=0) == 0.0)]
    pairs = near[cKDTree(web.points[near]).query_pairs(limits.link_reach_mm, output_type="ndarray")]
    there = _allowed_links(web, pairs.T, limits)
    cost = there.cost - limits.link_discount * _shown_between(image, web, there)
    # The same link the other way: both its points are then travelled backward, by the same bends.
    count = len(web.points)
    return Edges(
        source=np.concatenate([there.source, (there.target + count) % (2 * count)]),
        target=np.concatenate([there.target, (there.source + count) % (2 * count)]),
        cost=np.concatenate([cost, cost]),
    )


def _every_other(line: IndexArray) -> NDArray[np.bool_]:
    """(N,) True for every other point of each line; `line` is sorted."""
    first = np.concatenate([[0], np.flatnonzero(np.diff(line)) + 1]) if len(line) else np.zeros(0, dtype=np.intp)
    place = np.arange(len(line)) - np.repeat(first, np.diff(np.concatenate([first, [len(line)]])))
    return np.asarray(place % 2 == 0)


def _allowed_links(web: Web, pairs: IndexArray, limits: TraceLimits) -> Edges:
    """Links from the first to the second of (2, M) pairs of points, however each is travelled, that bend little."""
    step = web.points[pairs[1]] - web.points[pairs[0]]
    length = np.sqrt(np.einsum("nc,nc->n", step, step))
    # A line is not linked to its own neighbourhood: only a loop that comes round is.
    own = web.line[pairs[0]] == web.line[pairs[1]]
    own[own] = np.abs(np.subtract(*web.to_end_mm[0][pairs[:, own]])) < 15.0
    keep = ~own & (length > 1e-3)
    (source, target), step, length = pairs[:, keep], step[keep], length[keep]
    toward = step / length[:, None]
    floor = np.where(length <= limits.sharp_link_mm, limits.sharp_cosine, limits.link_cosine)
    leaves = [sign * np.einsum("nc,nc->n", web.chords[way, source], toward) for way, sign in ((0, 1.0), (1, -1.0))]
    enters = [sign * np.einsum("nc,nc->n", web.chords[way, target], toward) for way, sign in ((1, 1.0), (0, -1.0))]
    may_leave = web.to_end_mm[:, source] <= limits.leave_line_mm
    may_enter = web.to_end_mm[::-1, target] <= limits.leave_line_mm
    count, parts = len(web.points), []
    for way, other in np.ndindex(2, 2):
        leave, enter = leaves[way], enters[other]
        fits = may_leave[way] & may_enter[other] & (np.minimum(leave, enter) >= floor)
        at = np.flatnonzero(fits & (leave + enter >= limits.hairpin_cosines))
        cost = length[at] * limits.link_cost + limits.bend_cost_mm * (2.0 - leave[at] - enter[at])
        parts.append(Edges(source=source[at] + way * count, target=target[at] + other * count, cost=cost))
    return Edges(
        **{name: np.concatenate([getattr(one, name) for one in parts]) for name in ("source", "target", "cost")}
    )


def _shown_between(image: Image, web: Web, links: Edges) -> FloatArray:
    """(M,) mm of each link in which the image shows the tube."""
    source, target = links.source % len(web.points), links.target % len(web.points)
    ends = np.stack([web.points[source], web.points[target]])
    return shown_mm(image, ends, (web.strength[source] + web.strength[target]) / 2)


def shown_mm(image: Image, ends: FloatArray, contrast_hu: FloatArray | float) -> FloatArray:
    """How much of the straight way between two points the image shows to be tube.

    Parameters
    ----------
    ends : (2, M, 3) LPS mm
        Where M ways begin and end, each on the tube.
    contrast_hu : (M,) float64 or float
        Of the tube at either end.

    Returns
    -------
    (M,) float64, mm
        Brightness is reckoned from what surrounds the two ends (their own brightness less the contrast), and what is
        far brighter than the tube is not the tube.
    """
    part = np.array([0.2, 0.4, 0.6, 0.8])[:, None, None]
    value = sample(image, ends[0] * (1 - part) + ends[1] * part)
    height = (value - sample(image, ends).mean(axis=0) + contrast_hu) / contrast_hu
    seen = (np.clip(height, 0.0, 1.0) * (height < 2.5)).mean(axis=0)
    return np.asarray(seen * np.linalg.norm(ends[1] - ends[0], axis=1), dtype=np.float64)


def start_edges(web: Web, start: FloatArray, limits: TraceLimits) -> Edges:
    """Edges from the start (node 2P) to every node within reach of it, dearer with distance."""
    count = len(web.points)
    distance = np.asarray(cKDTree(start).query(web.points, distance_upper_bound=limits.start_reach_mm)[0])
    near = np.nonzero(np.isfinite(distance))[0]
    cost = distance[near] * limits.start_cost + 1e-3
    return Edges(
        source=np.full(2 * len(near), 2 * count), target=np.concatenate([near, near + count]), cost=np.tile(cost, 2)
    )
