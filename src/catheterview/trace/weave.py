"""Which end of a stretch of tube goes on in which: ways between ends become joins, and joins become chains.

A catheter is never a closed ring. Where turns cross or touch, a way can change lanes and close a loop upon itself; the
tube that passes there is then the one that leads into the ring and out of it, so the two exchange their ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.spatial.distance import cdist

from catheterview.geometry import FloatArray, unit
from catheterview.limits import TraceLimits
from catheterview.trace.lanes import End, Way, fresh_trails, surest
from catheterview.trace.meet import Trail, met


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Join:
    """Two ends that are one tube, and the (N, 3) points between them, from the first to the second."""

    ends: tuple[End, End]
    points: FloatArray


def outward(lines: Sequence[FloatArray], end: End) -> FloatArray:
    """The (N, 3) points of a line in the order that leads out at an end."""
    return lines[end[0]] if end[1] else lines[end[0]][::-1]


def joins_of(lines: Sequence[FloatArray], tried: dict[End, list[Way]], limits: TraceLimits) -> list[Join]:
    """Decide which ends are joined.

    Parameters
    ----------
    lines : sequence of (N, 3) float64, LPS mm
        Clear stretches of tube.
    tried : dict of End to list of Way
        What was found by following the tube out of each end, in each manner.

    Returns
    -------
    list of Join
        Every end at most once, and no ring where it could be opened.
    """
    ways = {end: surest(found, lines, limits) for end, found in tried.items()}
    mutual = [
        _there_and_back((lines, ways), end, limits)
        for end, way in ways.items()
        if way.to is not None and ways[way.to].to == end and end < way.to
    ]
    trails = fresh_trails(tried, [*lines, *(join.points for join in mutual)], limits)
    joins = _agreed(ways, [*mutual, *_meetings(ways, trails, limits)])
    for _ in range(len(lines)):
        ring = _ring(joins, len(lines))
        opened = _opened(lines, joins, ring, limits) if ring else None
        if opened is None:
            break
        joins = opened
    return joins


def let_in(
    number: int, joins: list[Join], of: tuple[Sequence[FloatArray], dict[End, list[Way]]], limits: TraceLimits
) -> list[Join]:
    """Let a turn that a join left out into it: a line from which the tube leads to the ends that are joined past it.

    Parameters
    ----------
    number : int
        Of the line.
    joins : list of Join
    of : sequence of (N, 3) float64, LPS mm, and dict of End to list of Way
        All lines, and what was found by following the tube out of their ends.

    Returns
    -------
    list of Join
        The same where the line leads elsewhere.
    """
    lines, tried = of
    first, last = (surest(tried[number, side], lines, limits) for side in (0, 1))
    past = [join for join in joins if first.to != last.to and set(join.ends) == {first.to, last.to}]
    if first.to is None or last.to is None or not past:
        return joins
    kept = [join for join in joins if join is not past[0] and number not in {end[0] for end in join.ends}]
    let = [
        Join(ends=((number, 0), first.to), points=first.points),
        Join(ends=((number, 1), last.to), points=last.points),
    ]
    return [*kept, *let]


def _meetings(ways: dict[End, Way], trails: dict[End, list[Trail]], limits: TraceLimits) -> list[Join]:
    """Ends that lead nowhere, or back to their own line, but towards each other; the nearest first."""
    astray = [end for end, way in ways.items() if way.to is None or way.to[0] == end[0]]
    found: list[tuple[float, Join]] = []
    for first, second in combinations(astray, 2):
        if first[0] != second[0]:
            meetings = [met(trail, other, limits) for trail in trails[first] for other in trails[second]]
            costs = [(meeting[0], Join(ends=(first, second), points=meeting[1])) for meeting in meetings if meeting]
            found += [min(costs, key=lambda each: each[0])] if costs else []
    return [join for _, join in sorted(found, key=lambda each: each[0])]


def _agreed(ways: dict[End, Way], sure: list[Join]) -> list[Join]:
    """The sure joins first, then ends that lead, by the shortest way, to an end that is still free."""
    single = sorted(ways, key=lambda end: len(ways[end].points))
    led = [Join(ends=(end, to), points=ways[end].points) for end in single if (to := ways[end].to) and to != end]
    joins: list[Join] = []
    taken: set[End] = set()
    for join in [*sure, *led]:
        if not taken.intersection(join.ends):
            joins.append(join)
            taken.update(join.ends)
    return joins


def _there_and_back(of: tuple[Sequence[FloatArray], dict[End, Way]], end: End, limits: TraceLimits) -> Join:
    """Two ends that lead to each other, by the surer of the two ways."""
    lines, ways = of
    there = ways[end]
    to = there.to or end
    back = replace(ways[to], points=ways[to].points[::-1])
    return Join(ends=(end, to), points=surest([there, back], lines, limits).points)


def _over(joins: Sequence[Join]) -> dict[End, tuple[End, FloatArray]]:
    """Where each joined end leads, and over which points."""
    there = {join.ends[0]: (join.ends[1], join.points) for join in joins}
    return there | {join.ends[1]: (join.ends[0], join.points[::-1]) for join in joins}


def _ring(joins: Sequence[Join], count: int) -> set[int]:
    """The numbers of the lines of one closed ring; empty where there is none."""
    over = _over(joins)
    for number in range(count):
        here, ring = (number, 1), {number}
        while here in over:
            to = over[here][0]
            here = (to[0], 1 - to[1])
            if here == (number, 1):
                return ring
            ring.add(to[0])
    return set()


def _opened(
    lines: Sequence[FloatArray], joins: Sequence[Join], ring: set[int], limits: TraceLimits
) -> list[Join] | None:
    """The joins with a ring let into what passes it, at the place where they come nearest; None where nothing does."""
    inside = [join for join in joins if join.ends[0][0] in ring]
    loose = set(_over(joins))
    passing = [join for join in joins if join.ends[0][0] not in ring] + [
        Join(ends=(end, end), points=outward(lines, end)[-4:])
        for end in ((n, side) for n in range(len(lines)) for side in (0, 1))
        if end not in loose
    ]
    pairs = [(_nearest(a.points, b.points), a, b) for a in inside for b in passing]
    if not pairs:
        return None
    (away, at, by), own, other = min(pairs, key=lambda pair: pair[0][0])
    if away > limits.weave_mm:
        return None
    kept = [join for join in joins if join is not own and join is not other]
    return kept + _exchanged(own, other, (at, by))


def _nearest(first: FloatArray, second: FloatArray) -> tuple[float, int, int]:
    """How near two lines of points come, and at which points."""
    if not len(first) or not len(second):
        return np.inf, 0, 0
    apart = cdist(first, second)
    at, by = np.unravel_index(int(np.argmin(apart)), apart.shape)
    return float(apart[at, by]), int(at), int(by)


def _exchanged(own: Join, other: Join, at: tuple[int, int]) -> list[Join]:
    """Two joins that change over to each other where they meet, going on the way they went."""
    here, there = at
    points = other.points
    first, second = other.ends
    if float(_heading(own.points, here) @ _heading(points, there)) < 0.0 and first != second:
        points, there, first, second = points[::-1], len(points) - 1 - there, second, first
    if first == second:
        return [_loose(own, other, here)]
    return [
        Join(ends=(first, own.ends[1]), points=np.concatenate([points[:there], own.points[here:]])),
        Join(ends=(own.ends[0], second), points=np.concatenate([own.points[:here], points[there:]])),
    ]


def _loose(own: Join, end: Join, here: int) -> Join:
    """A loose end that goes on over a ring's own way, to the end of it that lies ahead; the other end is let go."""
    ahead = float(_heading(own.points, here) @ _heading(end.points, len(end.points) - 1)) >= 0.0
    to, points = (own.ends[1], own.points[here:]) if ahead else (own.ends[0], own.points[: here + 1][::-1])
    return Join(ends=(end.ends[0], to), points=points)


def _heading(points: FloatArray, at: int) -> FloatArray:
    """The unit direction of a line near one of its points."""
    last = len(points) - 1
    return unit(points[min(at + 2, last)] - points[max(min(at, last) - 2, 0)])


def chains_of(lines: Sequence[FloatArray], joins: Sequence[Join]) -> list[tuple[int, FloatArray]]:
    """Walk over the joins from every end that leads nowhere.

    Returns
    -------
    list of (number of the first line, (N, 3) float64 LPS mm)
        Only chains of two lines and more; what is left of a ring is none.
    """
    over = _over(joins)
    chains: list[tuple[int, FloatArray]] = []
    done: set[int] = set()
    for begin in ((n, side) for n in range(len(lines)) for side in (0, 1)):
        if begin in over or begin[0] in done:
            continue
        here, parts = (begin[0], 1 - begin[1]), []
        while True:
            done.add(here[0])
            parts.append(outward(lines, here))
            if here not in over:
                break
            to, points = over[here]
            parts.append(points)
            here = (to[0], 1 - to[1])
        if len(parts) > 1:
            chains.append((begin[0], np.concatenate(parts)))
    return chains
