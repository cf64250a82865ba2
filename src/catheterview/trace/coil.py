"""Coils: lines that go lost where turns of a loop touch are followed through, turn by turn, and joined.

Plan: the clear stretches of the route's own tube near the pump, where it runs alone, are anchors. From every end of
each the tube is followed, among its neighbours, until it comes to the end of another anchor. Two ends that lead to each
other are joined first; then those that lead to an end that is still free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, resample_polyline, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.calibrate import calibrated
from catheterview.trace.lanes import End, Way, unsettled
from catheterview.trace.route import Route
from catheterview.trace.strand import Cut, Strand, cut_across, fit_strands, is_alone
from catheterview.trace.tubelet import Tubelet
from catheterview.trace.weave import Join, chains_of, joins_of, outward


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


def no_coils(tubelets: list[Tubelet]) -> Coils:
    """The tubelets as they are."""
    return Coils(tubelets=tubelets, touching=np.zeros((0, 3)), crowded=np.zeros((0, 3)))


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
    crowded = [
        not is_alone(image, cut_across(image, line[n], unit(line[n + 1] - line[n - 1]), limits), strand, limits)
        for n in places.tolist()
    ]
    return np.asarray(line[places[np.array(crowded, dtype=np.bool_)]])


def follow_coils(
    image: Image, tubelets: list[Tubelet], near: FloatArray, route: Route, *, limits: TraceLimits
) -> Coils:
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
    Coils
        The same tubelets where there is nothing to follow.
    """
    clear = _clear_near(tubelets, near, route.strength, limits)
    # Turns that touch make a broad ridge, and a broad ridge bends less: the strongest run alone.
    strongest = sorted(clear, key=lambda t: -t.strength)[: max(3, min(len(clear) // 2, limits.strand_lines))]
    strand = calibrated(image, [t.points for t in strongest], limits)
    if strand is None:
        return no_coils(tubelets)
    away = cKDTree(near)
    crowded = _crowded(image, strand, route, (away, limits))
    if not len(crowded) and not _may_be_coiled(clear, away, route, limits):
        return no_coils(tubelets)
    coils = _followed_through(image, strand, (tubelets, clear, away), limits)
    return replace(coils, crowded=np.concatenate([crowded, coils.touching]))


def _followed_through(
    image: Image, strand: Strand, of: tuple[list[Tubelet], list[Tubelet], cKDTree], limits: TraceLimits
) -> Coils:
    """All tubelets with the clear ones joined as far as the tube could be followed between them."""
    tubelets, clear, near = of
    anchors = [part for t in clear for part in _alone(image, t, strand, limits)]
    lines = [anchor.points for anchor in anchors]
    ends = _ends(lines)
    manners = _manners(limits)
    tried = {end: [_followed(image, strand, (lines, near, end), manners[0])] for end in ends}
    for end in unsettled(tried, limits):
        tried[end] += [_followed(image, strand, (lines, near, end), manner) for manner in manners[1:]]
    touches = any(way.touches.any() for found in tried.values() for way in found)
    joins = joins_of(lines, tried, limits) if touches else []
    touching = _touching(joins, tried)
    chains = [replace(anchors[first], points=points) for first, points in chains_of(lines, joins)]
    if not chains:
        return no_coils(tubelets)
    along = cKDTree(np.concatenate([chain.points for chain in chains]))
    rest = [t for t in tubelets if float(np.median(along.query(t.points)[0])) > limits.strand_apart_mm]
    return Coils(tubelets=sorted([*chains, *rest], key=lambda t: -t.length_mm), touching=touching, crowded=touching)


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
    cuts = [
        cut_across(image, line[n], unit(line[min(n + 2, last)] - line[max(n - 2, 0)]), limits)
        for n in range(0, len(line), 2)
    ]
    alone = np.repeat([is_alone(image, cut, strand, limits) for cut in cuts], 2)[: len(line)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], alone, [False]]).astype(np.int8))).reshape(-1, 2)
    return [
        replace(tubelet, points=line[first:last]) for first, last in edges.tolist() if last - first >= limits.anchor_mm
    ]


def _ends(lines: Sequence[FloatArray]) -> list[End]:
    return [(n, side) for n in range(len(lines)) for side in (0, 1)]


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
        replace(limits, strand_hold=hold, strand_drift=drift)
        for hold in limits.strand_holds
        for drift in limits.strand_drifts
    ]


def _followed(
    image: Image, strand: Strand, begin: tuple[Sequence[FloatArray], cKDTree, End], limits: TraceLimits
) -> Way:
    """Follow the tube out of the end of a line, a millimetre at a time, until it comes to another's end."""
    lines, near, end = begin
    points = list(outward(lines, end)[-8:-1])
    known, beside = len(points), np.zeros((2, 0, 3))
    touches: list[bool] = []
    crowded: list[bool] = []
    faint, to = 0, None
    gates = [(other, outward(lines, other)[-6:]) for other in _ends(lines) if other != end]
    for _ in range(round(limits.coil_mm)):
        ahead = _heading(points)
        cut = cut_across(image, points[-1] + ahead, ahead, limits)
        fitted = fit_strands(image, cut, (strand, _expected(cut, beside.sum(axis=0))), limits)
        points.append(cut.place(fitted.offsets[0]))
        now = _neighbours(cut, fitted.offsets, fitted.share, limits)
        beside = np.stack([now, _drifts(beside, now, ahead, limits)])
        touches.append(bool(len(now)))
        faint = faint + 1 if fitted.share[0] < limits.strand_lost else 0
        crowded.append(len(fitted.share) >= limits.strand_most - 1)
        if faint >= limits.strand_lost_mm or float(near.query(points[-1])[0]) > limits.loop_reach_mm:
            break
        to = next((gate for gate, way in gates if _enters(points[-1], ahead, way)), None)
        if to is not None:
            break
    found = np.array(points[known:]).reshape(-1, 3)
    return Way(
        points=found, touches=np.array(touches, dtype=np.bool_), to=to, crowded=np.array(crowded, dtype=np.bool_)
    )


def _heading(points: Sequence[FloatArray]) -> FloatArray:
    """The unit direction of the next step, with half of the last bend carried on."""
    now, before = unit(points[-1] - points[-4]), unit(points[-4] - points[-7])
    return unit(now + 0.5 * (now - before))


def _expected(cut: Cut, beside: FloatArray) -> FloatArray:
    """(K, 2) offsets of the tube that is followed, and of the neighbours of the step before."""
    offsets = (beside - cut.middle) @ cut.across.T
    reach = float(np.abs(cut.offsets).max())
    return np.concatenate([np.zeros((1, 2)), offsets[np.linalg.norm(offsets, axis=1) < reach]])


def _neighbours(cut: Cut, offsets: FloatArray, share: FloatArray, limits: TraceLimits) -> FloatArray:
    """(K, 3) LPS mm of the neighbours that are still there and have not fallen onto the tube itself."""
    there = (share[1:] >= limits.strand_lost) & (
        np.linalg.norm(offsets[1:] - offsets[0], axis=1) > limits.strand_apart_mm / 2
    )
    return cut.place(offsets[1:][there])


def _drifts(before: FloatArray, now: FloatArray, ahead: FloatArray, limits: TraceLimits) -> FloatArray:
    """(K, 3) mm by which neighbours at (K, 3) places stray from the tube's course in a step; 0 of one that is new.

    It is learnt from (2, M, 3) places and drifts before. Turns cross at small angles: a neighbour that is expected
    where it was would be pushed back by the tube that it crosses, and the two would change places.
    """
    drifts = np.zeros_like(now)
    if before.shape[1] and len(now):
        apart = np.linalg.norm(now[:, None] - ahead - before.sum(axis=0)[None], axis=2)
        known = apart.min(axis=1) < limits.strand_apart_mm / 2
        place, drift = before[:, apart.argmin(axis=1)[known]]
        drifts[known] = drift + limits.strand_drift * (now[known] - ahead - place - drift)
    return drifts


def _enters(point: FloatArray, ahead: FloatArray, way_out: FloatArray) -> bool:
    """Whether a step has come upon the last points of an anchor, going in where they go out."""
    if float(np.linalg.norm(way_out - point, axis=1).min()) > 0.7:
        return False
    return bool(unit(way_out[0] - way_out[-1]) @ ahead > 0.6)
