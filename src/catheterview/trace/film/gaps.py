"""Where a film shows that there is no tube: a way is cut there, and nowhere else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.ending import goes_on
from catheterview.trace.film.filter import Map


def pieces_shown(
    points: FloatArray,
    shown: tuple[FloatArray, FloatArray, FloatArray, NDArray[np.bool_]],
    mm: float,
    limits: FilmTraceLimits,
) -> tuple[tuple[int, int], ...]:
    """Cut the way where the film shows that there is no tube."""
    peak, noise, expected, hidden = shown
    ratio = peak / expected
    clear = (noise < limits.clear_noise * expected) & ~hidden
    absent = (ratio < limits.absent_edge) & ~hidden
    arc = arc_length(points) * mm
    cuts = []
    for first, last in runs_of(absent):
        inner = slice(first, last + 1)
        apart = float(np.linalg.norm(points[min(last + 1, len(points) - 1)] - points[max(first - 1, 0)])) * mm
        length = min(float(arc[last] - arc[first]), apart)  # a way that overshoots a sharp turn comes back to itself
        sure = ratio[inner].mean() < limits.absent_ratio and clear[inner].mean() > limits.clear_share
        at_rim = float(arc[first]) < limits.late_mm  # there the pump is what is seen before it
        room = (at_rim or first > limits.beside_px) and last < len(points) - 1 - limits.beside_px
        if length >= limits.absent_mm and sure and room and _seen_beside((ratio, peak / noise), (first, last), limits):
            cuts.append((max(first, 1), last))
    return _pieces_between(cuts, len(points))


def without_wrong_ways(
    plane: Map, points: FloatArray, pieces: tuple[tuple[int, int], ...], how: tuple[float, float, FilmTraceLimits]
) -> tuple[tuple[int, int], ...]:
    """Join pieces again where from a loose end a tube goes on elsewhere: there the way is wrong, not the tube.

    Parameters
    ----------
    plane : (R, C) float32
    points : (N, 2) (row, column)
    pieces : tuple of (first, last)
    how : (width, mm, limits)
        Of a tube in pixels; of a pixel.
    """
    cuts = [
        (before + 1, after - 1)
        for (_, before), (after, _) in pairwise(pieces)
        if not goes_on(plane, points, (before, 1), how) and not goes_on(plane, points, (after, -1), how)
    ]
    return _pieces_between(cuts, len(points))


def _pieces_between(cuts: list[tuple[int, int]], count: int) -> tuple[tuple[int, int], ...]:
    """First and last index of every piece between cuts."""
    edges = [0, *(n for first, last in cuts for n in (first - 1, last + 1)), count - 1]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _seen_beside(shown: tuple[FloatArray, FloatArray], run: tuple[int, int], limits: FilmTraceLimits) -> bool:
    """Whether the tube is seen on both sides of a stretch without it, as far as there is a side."""
    reach = int(limits.beside_px)
    sides = (slice(max(0, run[0] - reach), run[0]), slice(run[1] + 1, run[1] + 1 + reach))
    return all(
        float(np.median(shown[0][side])) > limits.beside_ratio
        and float(np.median(shown[1][side])) > limits.beside_noise
        for side in sides
        if side.stop - side.start >= reach
    )


def runs_of(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
