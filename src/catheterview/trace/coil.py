"""Coils: lines that go lost where turns of a loop touch are followed through, turn by turn, and joined.

Plan: the clear stretches of the route's own tube near the pump, where it runs alone, are anchors. From every end of
each the tube is followed, among its neighbours, until it comes to the end of another anchor. Two ends that lead to each
other are joined first; then those that lead to an end that is still free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, resample_polyline, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.calibrate import calibrated
from catheterview.trace.lanes import End, Way, unsettled
from catheterview.trace.route import Route
from catheterview.trace.strand import Strand, cuts_across, is_alone
from catheterview.trace.stride import ends_of, follow_out, stopped_at
from catheterview.trace.tubelet import Tubelet
from catheterview.trace.unvisited import unvisited
from catheterview.trace.weave import Join, chains_of, joins_of, let_in


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coils:
    """What became of the tubelets.

    Parameters
    ----------
    tubelets : list of Tubelet
        Longest first; anchors that were joined are one tubelet, and what lay in their coils is gone.
    touching : (M, 3) float64, LPS mm
        Places of the tube that were found among touching neighbours: nothing else may move them.
    crowded : (D, 3) float64, LPS mm
        Places where another tube lies beside it, followed or not: a bend there means nothing.
    """

    tubelets: list[Tubelet]
    touching: FloatArray
    crowded: FloatArray


def _may_be_coiled(clear: list[Tubelet], near: cKDTree, route: Route, limits: TraceLimits) -> bool:
    """Whether a route begins far off, leaves out clear tubelets or turns back at a link."""
    if float(near.query(route.points[0])[0]) > limits.at_rim_mm:
        return True
    used = cKDTree(resample_polyline(route.points, step=1.0))
    left_out = any(float(np.median(used.query(t.points)[0])) > limits.ring_mm for t in clear)
    return left_out or _turns_back(route, near, limits)


def _turns_back(route: Route, near: cKDTree, limits: TraceLimits) -> bool:
    """Whether a route turns back on itself at a link near the pump."""
    links = np.flatnonzero(~route.on_tube)
    links = links[near.query(route.points[links])[0] <= limits.loop_reach_mm]
    last = len(route.points) - 1
    into = unit(route.points[links] - route.points[np.maximum(links - 4, 0)])
    out = unit(route.points[np.minimum(links + 5, last)] - route.points[links + 1])
    return bool((np.einsum("nc,nc->n", into, out) < limits.coil_cosine).any())


def _crowded(image: Image, strand: Strand, route: Route, where: tuple[cKDTree, TraceLimits]) -> FloatArray:
    """(D, 3) LPS mm along a route near the pump where another tube lies beside it."""
    near, limits = where
    line = resample_polyline(route.points, step=limits.coil_look_mm / 2)
    places = np.arange(1, len(line) - 1)
    places = places[near.query(line[places])[0] <= limits.loop_reach_mm]
    cuts = cuts_across(image, line[places], unit(line[places + 1] - line[places - 1]), limits)
    crowded = [not is_alone(image, cut, strand, limits) for cut in cuts]
    return np.asarray(line[places[np.array(crowded, dtype=np.bool_)]])


def follow_coils(
    image: Image, tubelets: list[Tubelet], near: FloatArray, route: Route, *, limits: TraceLimits
) -> list[Coils]:
    """Follow a tube through the coils near a place.

    Parameters
    ----------
    tubelets : list of Tubelet
        Of the whole image.
    near : (S, 3) float64, LPS mm
        The pump's rim.
    route : Route
        The best so far; it tells the tube's contrast, and whether a coil was missed at all.

    Returns
    -------
    list of Coils
        By what the tube looks like where the route runs over it, and by what all that is clear looks like: of that some
        may be rib, and of the route some may be two turns. Empty where there is nothing to follow.
    """
    if float(image.placed.spacing_mm.max()) > limits.coil_slice_mm:
        limits = replace(limits, strand_alongs_mm=limits.strand_alongs_mm[:1], unvisited_shares=())
    clear = _clear_near(tubelets, near, route.strength, limits)
    away = cKDTree(near)
    found: list[Coils] = []
    for strand in _strands(image, clear, route, limits):
        crowded = _crowded(image, strand, route, (away, limits))
        if len(crowded) or _may_be_coiled(clear, away, route, limits):
            coils = _followed_through(image, strand, (tubelets, clear, away), limits)
            found.append(replace(coils, crowded=np.concatenate([crowded, coils.touching])))
    return found


def _strands(image: Image, clear: list[Tubelet], route: Route, limits: TraceLimits) -> list[Strand]:
    """What the tube may look like; one where both measures agree."""
    measured = [_calibrated(image, lines, limits) for lines in (_along(clear, route, limits), clear)]
    strands = [strand for strand in measured if strand is not None]
    return strands[:1] if len(strands) == 2 and _alike(*strands, limits=limits) else strands


def _alike(first: Strand, second: Strand, *, limits: TraceLimits) -> bool:
    """Whether two measures of a tube hardly differ."""
    widths = np.array([[one.in_plane_mm, one.through_mm] for one in (first, second)])
    contrasts = sorted((first.contrast_hu, second.contrast_hu))
    return (
        bool(np.ptp(widths, axis=0).max() < limits.strand_other_mm)
        and contrasts[1] < limits.strand_other * contrasts[0]
    )


def _along(clear: list[Tubelet], route: Route, limits: TraceLimits) -> list[Tubelet]:
    """Those of some tubelets over which a route runs."""
    used = cKDTree(resample_polyline(route.points, step=1.0))
    return [t for t in clear if float(np.median(used.query(t.points)[0])) <= limits.ring_mm]


def _calibrated(image: Image, lines: list[Tubelet], limits: TraceLimits) -> Strand | None:
    """The tube's cross-section as the strongest of some lines show it; None where they are too short.

    Turns that touch make a broad ridge, and a broad ridge bends less: the strongest run alone.
    """
    strongest = sorted(lines, key=lambda t: -t.strength)[: max(3, min(len(lines) // 2, limits.strand_lines))]
    return calibrated(image, [t.points for t in strongest], limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Web:
    """Lines, what was followed out of their ends, and how they are joined."""

    lines: list[FloatArray]
    tried: dict[End, list[Way]]
    joins: list[Join]

    def along(self) -> list[FloatArray]:
        """The lines, and what joins them."""
        return [*self.lines, *(join.points for join in self.joins if len(join.points))]

    def linked(self, count: int) -> set[tuple[int, int]]:
        """Pairs of the first `count` lines that are one tube."""
        label = list(range(len(self.lines)))
        for join in self.joins:
            first, second = (label[end[0]] for end in join.ends)
            label = [first if each == second else each for each in label]
        return {(a, b) for a, b in combinations(range(count), 2) if label[a] == label[b]}


def _followed_through(
    image: Image, strand: Strand, of: tuple[list[Tubelet], list[Tubelet], cKDTree], limits: TraceLimits
) -> Coils:
    """All tubelets with the clear ones joined as far as the tube could be followed between them."""
    tubelets, clear, near = of
    anchors = [part for t in clear for part in _alone(image, t, strand, limits)]
    lines = [anchor.points for anchor in anchors]
    tried = _tried(image, strand, lines, (ends_of(lines), near), limits=limits)
    touches = any(way.touches.any() for found in tried.values() for way in found)
    web = _Web(lines=lines, tried=tried, joins=joins_of(lines, tried, limits) if touches else [])
    for share in limits.unvisited_shares if web.joins else ():
        fuller = _with_turns_left_out(image, strand, web, (near, share), limits=limits)
        if fuller is not None and fuller.linked(len(anchors)) >= web.linked(len(anchors)):
            web = fuller
    touching = _touching(web.joins, web.tried)
    like = replace(clear[0], strength=float(np.median([anchor.strength for anchor in anchors or clear])))
    chains = [replace(like, points=points) for _, points in chains_of(web.lines, web.joins)]
    if not chains:
        return Coils(tubelets=tubelets, touching=np.zeros((0, 3)), crowded=np.zeros((0, 3)))
    along = cKDTree(np.concatenate([chain.points for chain in chains]))
    rest = [t for t in tubelets if float(np.median(along.query(t.points)[0])) > limits.strand_apart_mm]
    return Coils(tubelets=sorted([*chains, *rest], key=lambda t: -t.length_mm), touching=touching, crowded=touching)


def _tried(
    image: Image,
    strand: Strand,
    lines: list[FloatArray],
    begin: tuple[list[End], cKDTree],
    *,
    limits: TraceLimits,
) -> dict[End, list[Way]]:
    """The tube followed out of ends near the pump in one manner, and in all others where that does not settle it."""
    ends, near = begin
    first, *others = _manners(limits)
    ways = follow_out(image, strand, lines, [(end, first) for end in ends], near=near)
    tried = {end: [way] for end, way in zip(ends, ways, strict=True)}
    again = [(end, manner) for end in unsettled(tried, limits) for manner in others]
    for (end, _), way in zip(again, follow_out(image, strand, lines, again, near=near), strict=True):
        tried[end].append(way)
    return tried


def _with_turns_left_out(
    image: Image, strand: Strand, web: _Web, seen: tuple[cKDTree, float], *, limits: TraceLimits
) -> _Web | None:
    """The web with lines where a tube was seen beside a way and nothing runs; None where nothing was seen."""
    near, share = seen
    more = unvisited([way for ways in web.tried.values() for way in ways], web.along(), share, limits)
    if not more:
        return None
    lines = [*web.lines, *more]
    fresh = ends_of(lines)[2 * len(web.lines) :]
    tried = {end: [stopped_at(way, lines, fresh) for way in ways] for end, ways in web.tried.items()}
    tried |= _tried(image, strand, lines, (fresh, near), limits=limits)
    joins = joins_of(lines, tried, limits)
    for number in range(len(web.lines), len(lines)):
        joins = let_in(number, joins, (lines, tried), limits)
    return _Web(lines=lines, tried=tried, joins=_leading_on(joins, range(len(web.lines), len(lines))))


def _leading_on(joins: list[Join], fresh: range) -> list[Join]:
    """The joins without those that only lead to a line found later, and no further."""
    while True:
        ends = [end for join in joins for end in join.ends]
        loose = {n for n in fresh if ((n, 0) in ends) != ((n, 1) in ends)}
        kept = [join for join in joins if not loose.intersection(end[0] for end in join.ends)]
        if len(kept) == len(joins):
            return joins
        joins = kept


def _clear_near(tubelets: list[Tubelet], near: FloatArray, contrast_hu: float, limits: TraceLimits) -> list[Tubelet]:
    """Long tubelets of the tube's contrast within a loop's reach of the pump, longest first."""
    tree = cKDTree(near)
    ratio = limits.contrast_ratio
    return [
        t
        for t in tubelets
        if t.length_mm >= limits.anchor_mm
        and t.free >= limits.anchor_free
        and contrast_hu / ratio <= t.strength <= contrast_hu * ratio
        and float(np.min(tree.query(t.points)[0])) <= limits.loop_reach_mm
    ]


def _alone(image: Image, tubelet: Tubelet, strand: Strand, limits: TraceLimits) -> list[Tubelet]:
    """The parts of a tubelet where the tube runs alone, which are long enough to be anchors."""
    line = resample_polyline(tubelet.points, step=1.0)
    last = len(line) - 1
    at = np.arange(0, len(line), 2)
    cuts = cuts_across(image, line[at], unit(line[np.minimum(at + 2, last)] - line[np.maximum(at - 2, 0)]), limits)
    alone = np.repeat([is_alone(image, cut, strand, limits) for cut in cuts], 2)[: len(line)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], alone, [False]]).astype(np.int8))).reshape(-1, 2)
    return [
        replace(tubelet, points=line[first:last]) for first, last in edges.tolist() if last - first >= limits.anchor_mm
    ]


def _touching(joins: Sequence[Join], tried: dict[End, list[Way]]) -> FloatArray:
    """(M, 3) LPS mm of joins where another tube lies beside them."""
    beside = [way.points[way.touches] for ways in tried.values() for way in ways]
    along = np.concatenate([np.zeros((0, 3)), *(join.points for join in joins)])
    if not len(along):
        return along
    return along[np.isfinite(cKDTree(np.concatenate(beside)).query(along, distance_upper_bound=0.1)[0])]


def _manners(limits: TraceLimits) -> list[TraceLimits]:
    """The manners in which a tube is followed among others: where one jumps, another gets through."""
    return [
        replace(limits, strand_hold=hold, strand_drift=drift, strand_along_mm=along)
        for along in limits.strand_alongs_mm
        for hold in limits.strand_holds
        for drift in limits.strand_drifts
    ]
