"""Tubelets: ridge points joined into short smooth lines, and what each looks like in cross-section.

A point is joined to the one best neighbour ahead and the one behind, and only where both choose each other; so no point
has more than two neighbours and the lines need no pruning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Grid, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample
from catheterview.trace.ridge import Ridge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tubelet:
    """One smooth line of ridge points.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm, in order; N >= 2
    strength : float, HU
        Median ridge strength.
    free : float, 0 to 1
        Share of it that lies in soft tissue, without bone or metal beside it.
    goal : bool
        Whether a route that can reach it has to end on it.
    """

    points: FloatArray
    strength: float
    free: float = 1.0
    goal: bool = False

    @property
    def length_mm(self) -> float:
        """Length in mm."""
        steps = self.points[1:] - self.points[:-1]
        return float(np.sqrt(np.einsum("nc,nc->n", steps, steps)).sum())


def freed(image: Image, tubelets: list[Tubelet], limits: TraceLimits) -> list[Tubelet]:
    """Measure for each tubelet how much of it lies free in soft tissue.

    Returns
    -------
    list of Tubelet
        The same ones in the same order, with `free`.
    """
    if not tubelets:
        return []
    points, counts = np.concatenate([t.points for t in tubelets]), np.array([len(t.points) for t in tubelets])
    ends = np.cumsum(counts)
    here = np.minimum(np.arange(len(points)), np.repeat(ends, counts) - 2)  # a line's last point has its last step
    along = unit(points[here + 1] - points[here])
    first = unit(np.cross(along, np.eye(3)[np.argmin(np.abs(along), axis=1)]))
    second = np.cross(along, first)
    angle = np.linspace(0.0, 2 * np.pi, 10, endpoint=False)
    spokes = first[:, None] * np.cos(angle)[:, None] + second[:, None] * np.sin(angle)[:, None]
    core = sample(image, points)
    near, ring = (sample(image, points[:, None] + radius * spokes) for radius in (limits.near_mm, limits.ring_mm))
    around = np.median(ring, axis=1)
    strength = np.repeat([t.strength for t in tubelets], counts)
    alone = np.sort(ring, axis=1)[:, -2] < np.maximum(limits.soft_tissue_hu, core - limits.free_contrast * strength)
    # A rib or a vessel in fat is alone too, but wider than any catheter.
    thin = np.median(near, axis=1) - around < limits.near_share * (core - around)
    free = np.add.reduceat(alone & thin, ends - counts, dtype=np.float64) / counts
    return [replace(t, free=share) for t, share in zip(tubelets, free.tolist(), strict=True)]


def join(ridge: Ridge, grid: Grid, limits: TraceLimits) -> list[Tubelet]:
    """Join ridge points into tubelets, longest first.

    Parameters
    ----------
    ridge : Ridge
    grid : Grid
        Of the image; its coarsest spacing sets how far neighbours may lie apart.

    Returns
    -------
    list of Tubelet
        Only those of at least `limits.tubelet_points` points.
    """
    reach = max(limits.join_reach_mm, limits.join_reach_voxels * float(grid.spacing_mm.max()))
    links = _mutual_links(ridge, reach, limits)
    orders = [order for order in _orders(len(ridge), links) if len(order) >= limits.tubelet_points]
    if not orders:
        return []
    flat, counts = np.concatenate(orders), np.array([len(order) for order in orders])
    strengths = _medians(ridge.strength[flat], counts).tolist()
    lines = np.split(ridge.points[flat], np.cumsum(counts)[:-1])
    tubelets = [Tubelet(points=line, strength=strength) for line, strength in zip(lines, strengths, strict=True)]
    return sorted(tubelets, key=lambda tubelet: -tubelet.length_mm)


def _medians(values: FloatArray, counts: NDArray[np.intp]) -> FloatArray:
    """(K,) medians of K runs of values; one by one they would take longer than finding the lines."""
    run = np.repeat(np.arange(len(counts)), counts)
    ordered = values[np.lexsort((values, run))]
    first = np.cumsum(counts) - counts
    return np.asarray((ordered[first + (counts - 1) // 2] + ordered[first + counts // 2]) / 2)


def _mutual_links(ridge: Ridge, reach: float, limits: TraceLimits) -> NDArray[np.intp]:
    """(M, 2) pairs of points that are each other's best neighbour on the sides where they face each other.

    Plan: all pairs within reach, with the angle of the step to either direction and between the directions; a pair's
    cost is its length, dearer as it bends. Each point has two sides (ahead, behind); the cheapest pair of every side is
    found by sorting, and a pair stays when it is the cheapest at both its ends.
    """
    pairs = cKDTree(ridge.points).query_pairs(reach, output_type="ndarray")
    if not len(pairs):
        return np.zeros((0, 2), dtype=np.intp)
    step = ridge.points[pairs[:, 1]] - ridge.points[pairs[:, 0]]
    length = np.linalg.norm(step, axis=1)
    cosines = np.einsum("nc,nsc->ns", step / np.maximum(length, 1e-9)[:, None], ridge.directions[pairs])
    turn = np.abs(np.einsum("nc,nc->n", ridge.directions[pairs[:, 0]], ridge.directions[pairs[:, 1]]))
    straight = np.abs(cosines).min(axis=1)
    ok = (straight >= limits.join_cosine) & (turn >= limits.join_cosine) & (length > 0.1)
    pairs, cosines, cost = pairs[ok], cosines[ok], (length * (3.0 - straight - turn))[ok]
    sides = 2 * pairs + np.stack([cosines[:, 0] > 0, cosines[:, 1] < 0], axis=1)
    best = _cheapest(sides, cost, 2 * len(ridge))
    here = np.arange(len(pairs))
    return np.asarray(pairs[(best[sides[:, 0]] == here) & (best[sides[:, 1]] == here)])


def _cheapest(sides: NDArray[np.intp], cost: FloatArray, count: int) -> NDArray[np.intp]:
    """(count,) index of the cheapest pair that touches each side; -1 where none does."""
    order = np.argsort(-cost, kind="stable")
    best = np.full(count, -1, dtype=np.intp)
    # Later assignments win, so the dearest are written first.
    best[sides[order].ravel()] = np.repeat(order, 2)
    return best


def _orders(count: int, links: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The points of each line, from one end to the other; a ring is opened at its first point."""
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    neighbours: dict[int, list[int]] = {}
    for a, b in links.tolist():
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    starts: dict[int, int] = {}
    for point, near in neighbours.items():
        if label[point] not in starts or (len(near) == 1 and len(neighbours[starts[label[point]]]) == 2):
            starts[label[point]] = point
    return [_walk(start, neighbours) for start in starts.values()]


def _walk(start: int, neighbours: dict[int, list[int]]) -> NDArray[np.intp]:
    """Follow a line of points, each with at most two neighbours, from `start`."""
    order, previous, here = [start], -1, start
    while True:
        ahead = [n for n in neighbours[here] if n != previous]
        if not ahead or ahead[0] == start:
            return np.array(order, dtype=np.intp)
        previous, here = here, ahead[0]
        order.append(here)


def apart(tubelets: list[Tubelet], lines: list[FloatArray], limits: TraceLimits) -> list[Tubelet]:
    """The tubelets that do not lie along any of some lines.

    Parameters
    ----------
    lines : list of (N, 3) float64, LPS mm, at steps of a millimetre or less
    """
    if not tubelets:
        return []
    used = cKDTree(np.concatenate(lines))
    points = np.concatenate([t.points for t in tubelets])
    away = np.asarray(used.query(points, distance_upper_bound=limits.ring_mm)[0])
    counts = np.array([len(t.points) for t in tubelets])
    off = 2 * np.add.reduceat(np.isinf(away), np.cumsum(counts) - counts, dtype=np.intp) >= counts
    return [t for t, is_off in zip(tubelets, off.tolist(), strict=True) if is_off]
