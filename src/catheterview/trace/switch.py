"""Courses that change from one tube to another: a lead beside a catheter's tip takes up where the catheter ends.

A course through the canal may step aside cheaply, as a catheter does; so one that ends beside a lead goes on along it.
What tells is that the lead was there before: led back straight past the place, what goes on is still seen, and beside
what came.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits import TraceLimits
from catheterview.trace.straight import Straight, best_course, spacing_of

IndexArray = NDArray[np.intp]


def tubes_of(straight: Straight, course: IndexArray, limits: TraceLimits) -> list[IndexArray]:
    """Take the tubes apart that a course runs along, one after the other.

    Parameters
    ----------
    straight : Straight
        What the course was found in.
    course : (M, 3) int
        Point of the line, step along either axis, in order.

    Returns
    -------
    list of (N, 3) int
        The course alone where it is one tube's; else the course of each. They run past each other where both are seen
        to, and one begins where the other ends where not.
    """
    parts = _parted(straight, course, limits)
    if len(parts) == 1:
        return parts
    alone = [
        replace(straight, evidence=_without(straight.evidence, [other for other in parts if other is not part]))
        for part in parts
    ]
    grown = [best_course(each, limits)[0] for each in alone]
    past = [first[-1, 0] - second[0, 0] for first, second in pairwise(grown)]
    return grown if min(past) * spacing_of(straight.line) >= limits.canal_past_mm else parts


def _without(evidence: NDArray[np.float32], courses: list[IndexArray]) -> NDArray[np.float32]:
    """Evidence without that of some tubes."""
    left = evidence.copy()
    for n, a, b in np.concatenate(courses).tolist():
        left[n, max(a - 2, 0) : a + 3, max(b - 2, 0) : b + 3] = -1.0
    return left


def _parted(straight: Straight, course: IndexArray, limits: TraceLimits) -> list[IndexArray]:
    """Cut a course where it changes tubes."""
    over = round(limits.switch_over_mm / spacing_of(straight.line))
    places = _places(straight, course)
    aside_mm = np.linalg.norm(places[over:] - places[:-over], axis=1)
    for first in np.argsort(-aside_mm).tolist():
        if aside_mm[first] < limits.switch_mm:
            break
        forward = _runs_on(straight, course[: first + 1], course[first + 1 :], limits)
        if forward or _runs_on(straight, course[first + over :][::-1], course[: first + over][::-1], limits):
            cut = first + over // 2
            return [part for half in (course[:cut], course[cut:]) for part in _parted(straight, half, limits)]
    return [course]


def _places(straight: Straight, course: IndexArray) -> FloatArray:
    """(M, 2) mm across the line."""
    return np.stack([straight.offsets_mm[course[:, 1]], straight.offsets_mm[course[:, 2]]], axis=1)


def _runs_on(straight: Straight, known: IndexArray, other: IndexArray, limits: TraceLimits) -> bool:
    """Whether the tube at the end of a known course, led straight on, is seen beside what the course goes on with."""
    look = round(limits.switch_look_mm / spacing_of(straight.line))
    least = round(limits.switch_least_mm / spacing_of(straight.line))
    known, other = known[-look:], other[:look]
    if min(len(known), len(other)) < least:
        return False
    ways = [np.polyfit(known[:, 0], column, 1) for column in _places(straight, known).T]
    ahead = np.stack([np.polyval(way, other[:, 0]) for way in ways], axis=1)
    beside = np.linalg.norm(ahead - _places(straight, other), axis=1) >= limits.ring_mm
    reach = float(straight.offsets_mm[-1]) - limits.step_mm
    beside &= np.abs(ahead).max(axis=1) <= reach
    at, ahead = other[beside, 0], ahead[beside]
    index = np.round((ahead - straight.offsets_mm[0]) / limits.step_mm).astype(np.intp)
    # Along bone and wall much looks like a tube.
    clear = straight.clear[at, index[:, 0], index[:, 1]]
    if np.count_nonzero(clear) < least:
        return False
    at, index = at[clear], index[clear]
    around = [straight.evidence[at, index[:, 0] + da, index[:, 1] + db] for da in (-1, 0, 1) for db in (-1, 0, 1)]
    return bool(np.max(around, axis=0).mean() >= limits.switch_share)
