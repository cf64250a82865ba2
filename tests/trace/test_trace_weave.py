"""Ends become joins and joins become chains: by agreement, never as a closed ring, and with nothing lost."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.limits import TraceLimits
from catheterview.trace.lanes import End, Way
from catheterview.trace.weave import Join, chains_of, joins_of, let_in

LIMITS = TraceLimits()


def straight(first: tuple[float, float, float], last: tuple[float, float, float]) -> FloatArray:
    steps = round(float(np.linalg.norm(np.subtract(last, first)))) + 1
    return np.linspace(first, last, steps)


def way(points: FloatArray, to: End | None) -> list[Way]:
    beside = np.ones(len(points), dtype=np.bool_)
    return [Way(points=points, touches=beside, to=to, crowded=~beside, beside=(np.zeros((0, 4)),) * len(points))]


def lost() -> list[Way]:
    return way(np.zeros((0, 3)), None)


def ring_of_two_lines() -> list[FloatArray]:
    """The two halves of a square loop in the plane z = 0, open at its lower left and upper right corners by 10 mm."""
    lower = np.concatenate([straight((10, 0, 0), (40, 0, 0)), straight((41, 1, 0), (41, 30, 0))])
    upper = np.concatenate([straight((31, 41, 0), (0, 41, 0)), straight((-1, 40, 0), (-1, 10, 0))])
    return [lower, upper]


def test_ends_that_lead_to_each_other_go_before_the_rest() -> None:
    """Two ends agree, and a third that led to one of them stays free."""
    lines = [straight((0, 0, 0), (20, 0, 0)), straight((30, 0, 0), (50, 0, 0)), straight((30, 9, 0), (50, 9, 0))]
    between = straight((21, 0, 0), (29, 0, 0))
    ways = {(n, side): lost() for n in range(3) for side in (0, 1)}
    ways |= {(0, 1): way(between, (1, 0)), (1, 0): way(between[::-1], (0, 1)), (2, 0): way(between[:2], (0, 1))}
    joins = joins_of(lines, ways, LIMITS)
    assert [join.ends for join in joins] == [((0, 1), (1, 0))]
    ((first, points),) = chains_of(lines, joins)
    assert first == 0
    assert np.allclose(points, straight((0, 0, 0), (50, 0, 0)))


def test_the_way_that_runs_through_a_turn_goes_before_the_one_that_leaves_it_out() -> None:
    """Between the same two ends one manner of following goes once round, the other changes lanes."""
    lines = [straight((0, 0, 0), (20, 0, 0)), straight((30, 0, 2), (50, 0, 2))]
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, 90)
    round_once = np.stack([25 + 14 * np.cos(angle), 14 + 14 * np.sin(angle), np.linspace(0, 2, 90)], axis=1)
    turn = np.concatenate([straight((21, 0, 0), (24, 0, 0)), round_once, straight((26, 0, 2), (29, 0, 2))])
    short = straight((21, 0, 0), (29, 0, 2))
    tried = {(0, 0): lost(), (1, 1): lost()}
    tried |= {(0, 1): way(short, (1, 0)) + way(turn, (1, 0)), (1, 0): way(short[::-1], (0, 1))}
    (join,) = joins_of(lines, tried, LIMITS)
    assert np.array_equal(join.points, turn)


def test_two_ends_that_went_astray_where_turns_cross_are_joined_there() -> None:
    """Both were followed to within 6 mm of each other, and on along a tube that crosses."""
    lines = [straight((0, 0, 0), (20, 0, 0)), straight((60, 0, 0), (80, 0, 0))]
    there = np.concatenate([straight((21, 0, 0), (37, 0, 0)), straight((38, 1, 0), (44, 20, 0))])
    back = np.concatenate([straight((59, 0, 0), (43, 0, 0)), straight((42, -1, 0), (36, -20, 0))])
    tried = {(0, 0): lost(), (0, 1): way(there, None), (1, 0): way(back, None), (1, 1): lost()}
    (join,) = joins_of(lines, tried, LIMITS)
    assert set(join.ends) == {(0, 1), (1, 0)}
    assert np.abs(join.points[:, 1:]).max() < 0.5
    assert np.linalg.norm(np.diff(join.points, axis=0), axis=1).max() < 1.6


def test_two_ends_in_neighbouring_lanes_are_not_joined() -> None:
    """Each was followed past the other, a tube's width beside it: they are two turns."""
    lines = [straight((0, 0, 0), (20, 0, 0)), straight((60, 1.6, 0), (80, 1.6, 0))]
    there, back = straight((21, 0, 0), (55, 0, 0)), straight((59, 1.6, 0), (25, 1.6, 0))
    tried = {(0, 0): lost(), (0, 1): way(there, None), (1, 0): way(back, None), (1, 1): lost()}
    assert joins_of(lines, tried, LIMITS) == []


def test_a_ring_is_let_into_the_tube_that_passes_it() -> None:
    """What led past a closed loop leads once round it: all five lines are one chain, in one direction."""
    ring = ring_of_two_lines()
    lead_in, lead_out = straight((-40, -2, 0), (0, -2, 0)), straight((12, -2, 0), (60, -2, 0))
    lines = [*ring, lead_in, lead_out]
    ways = {(n, side): lost() for n in range(4) for side in (0, 1)}
    corner = np.concatenate([straight((0, 8, 0), (1, 4, 0)), straight((3, 2, 0), (9, 0, 0))])
    far = straight((40, 32, 0), (33, 40, 0))
    past = straight((1, -2, 0), (11, -2, 0))
    ways |= {(1, 1): way(corner, (0, 0)), (0, 0): way(corner[::-1], (1, 1))}
    ways |= {(0, 1): way(far, (1, 0)), (1, 0): way(far[::-1], (0, 1))}
    ways |= {(2, 1): way(past, (3, 0)), (3, 0): way(past[::-1], (2, 1))}
    ((_, points),) = chains_of(lines, joins_of(lines, ways, LIMITS))
    drawn = np.concatenate(lines)
    assert {tuple(p) for p in drawn.tolist()} <= {tuple(p) for p in points.tolist()}
    ends = {tuple(points[0]), tuple(points[-1])}
    assert ends == {(-40.0, -2.0, 0.0), (60.0, -2.0, 0.0)}
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).max() < 5.0


def test_a_loose_end_opens_a_ring_that_it_touches() -> None:
    """A tube that goes lost beside a closed loop goes on into it, and the loop gets a free end."""
    ring = ring_of_two_lines()
    lead = straight((-40, -1, 0), (2, -1, 0))
    lines = [*ring, lead]
    ways = {(n, side): lost() for n in range(3) for side in (0, 1)}
    corner = np.concatenate([straight((0, 8, 0), (1, 4, 0)), straight((3, 2, 0), (9, 0, 0))])
    far = straight((40, 32, 0), (33, 40, 0))
    ways |= {(1, 1): way(corner, (0, 0)), (0, 0): way(corner[::-1], (1, 1))}
    ways |= {(0, 1): way(far, (1, 0)), (1, 0): way(far[::-1], (0, 1))}
    ((_, points),) = chains_of(lines, joins_of(lines, ways, LIMITS))
    ends = {tuple(points[0]), tuple(points[-1])}
    assert ends == {(-40.0, -1.0, 0.0), tuple(ring[1][-1].tolist())}


def test_a_ring_that_nothing_passes_stays_out() -> None:
    """A closed loop alone is no catheter, and makes no chain."""
    lines = ring_of_two_lines()
    corner, far = straight((0, 8, 0), (9, 0, 0)), straight((40, 32, 0), (33, 40, 0))
    ways = {(1, 1): way(corner, (0, 0)), (0, 0): way(corner[::-1], (1, 1))}
    ways |= {(0, 1): way(far, (1, 0)), (1, 0): way(far[::-1], (0, 1))}
    assert chains_of(lines, joins_of(lines, ways, LIMITS)) == []


def test_a_turn_that_a_join_left_out_is_let_into_it() -> None:
    """The tube leads from its ends to those that were joined past it; one that leads elsewhere changes nothing."""
    lines = [straight((0, 0, 0), (20, 0, 0)), straight((30, 0, 0), (50, 0, 0)), straight((40, 30, 0), (10, 30, 0))]
    past = Join(ends=((0, 1), (1, 0)), points=straight((21, 0, 0), (29, 0, 0)))
    there, back = straight((40, 29, 0), (21, 0, 0)), straight((10, 29, 0), (29, 0, 0))
    tried = {(2, 0): way(there, (0, 1)), (2, 1): way(back, (1, 0))}
    joins = let_in(2, [past], (lines, tried), LIMITS)
    assert [join.ends for join in joins] == [((2, 0), (0, 1)), ((2, 1), (1, 0))]
    ((first, points),) = chains_of(lines, joins)
    assert first == 0
    assert len(points) == sum(map(len, lines)) + len(there) + len(back)
    elsewhere = {**tried, (2, 1): way(back, (1, 1))}
    assert let_in(2, [past], (lines, elsewhere), LIMITS) == [past]
