"""Ways along one tube among others that touch it: which of several is the tube's, and where a way changes lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from catheterview.geometry import FloatArray, unit
from catheterview.limits import TraceLimits
from catheterview.trace.meet import Trail

#: A stretch's number and which of its ends: 0 its first point, 1 its last.
End = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """A tube followed out of an end.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm
    touches : (N,) bool
        Where another tube lies beside it.
    to : End or None
        The end that it came to; None where it was lost.
    crowded : (N,) bool
        Where about as many tubes were seen as the fit can part.
    beside : N of (K, 4) float64
        LPS mm of those other tubes, and their height over the tube's own.
    """

    points: FloatArray
    touches: np.ndarray[tuple[int], np.dtype[np.bool_]]
    to: End | None
    crowded: np.ndarray[tuple[int], np.dtype[np.bool_]]
    beside: tuple[FloatArray, ...]


def unsettled(tried: dict[End, list[Way]], limits: TraceLimits) -> list[End]:
    """Name the ends at which another manner of following may tell more.

    Parameters
    ----------
    tried : dict of End to list of Way
        Of each end the first way is looked at.

    Returns
    -------
    list of End
        All but those that lead to each other over ways about as long, and those that are lost with nothing beside them.
    """
    first = {end: ways[0] for end, ways in tried.items()}
    return [end for end, way in first.items() if not _is_settled(end, way, first, limits)]


def _is_settled(end: End, way: Way, ways: dict[End, Way], limits: TraceLimits) -> bool:
    """Whether an end leads to one that leads back as far, or to nothing at all."""
    if way.to is None:
        return not way.touches.any()
    if way.to not in ways:
        return False
    back = ways[way.to]
    shorter, longer = sorted((len(way.points), len(back.points)))
    return back.to == end and shorter >= limits.lane_about * longer


def surest(ways: Sequence[Way], lines: Sequence[FloatArray], limits: TraceLimits) -> Way:
    """Of ways out of one end, the one that runs through most of the tube; of those about as long, the smoothest.

    A way that leaves out a turn, or runs through one twice, has changed lanes.

    Parameters
    ----------
    ways : sequence of Way
    lines : sequence of (M, 3) float64, LPS mm
        Clear stretches of tube.
    """
    found = [way for way in ways if way.to is not None and not _winds(way.points, limits)]
    if not found:
        return replace(ways[0], to=None)
    lengths = [_distinct(way.points, lines, limits) for way in found]
    least = max(lengths) - (1.0 - limits.lane_about) * abs(max(lengths))
    about = [way for way, length in zip(found, lengths, strict=True) if length >= least]
    return min(about, key=lambda way: _jerk(way.points))


def fresh_trails(
    tried: dict[End, list[Way]], taken: Sequence[FloatArray], limits: TraceLimits
) -> dict[End, list[Trail]]:
    """Cut what was followed where it changes into a lane that is known to be another stretch's.

    Parameters
    ----------
    tried : dict of End to list of Way
    taken : sequence of (M, 3) float64, LPS mm
        Clear stretches of tube, and what joins them for sure.

    Returns
    -------
    dict of End to list of Trail
    """
    end, steps = round(limits.lane_end_mm), round(limits.lane_changed_mm)
    tree = cKDTree(np.concatenate([line[end:-end] for line in taken]))
    cut: dict[End, list[Trail]] = {}
    for begin, each in tried.items():
        cut[begin] = []
        for way in each:
            again = np.asarray(tree.query(way.points)[0] <= limits.lane_same_mm, dtype=np.float64)
            run = np.convolve(np.pad(again, (0, steps)), np.ones(steps), mode="valid") >= steps
            last = int(run.argmax()) if run.any() else len(way.points)
            cut[begin].append((way.points[:last], way.crowded[:last]))
    return cut


def _distinct(points: FloatArray, lines: Sequence[FloatArray], limits: TraceLimits) -> int:
    """How many points of a way lie where neither it nor a line has run before, less those that do not."""
    if not len(points):
        return 0
    here, end = np.arange(len(points)), round(limits.lane_end_mm)
    apart = np.where(here[:, None] - here >= round(limits.lane_turn_mm), cdist(points, points), np.inf).min(axis=1)
    taken = cdist(points, np.concatenate([line[end:-end] for line in lines])).min(axis=1)
    fresh = np.minimum(apart, taken) > limits.lane_same_mm
    return int(np.count_nonzero(fresh)) - int(np.count_nonzero(~fresh))


def _winds(points: FloatArray, limits: TraceLimits) -> bool:
    """Whether a way bends more tightly, all along, than loops do: it wandered from tube to tube and noise."""
    if len(points) < limits.lane_turn_mm:
        return False
    along = unit(np.diff(gaussian_filter1d(points, 2.0, axis=0, mode="nearest")[::4], axis=0))
    turning = np.arccos(np.clip(np.einsum("nc,nc->n", along[1:], along[:-1]), -1.0, 1.0)).sum()
    return float(turning) * limits.loop_least_mm > len(points)


def _jerk(points: FloatArray) -> float:
    """How unsteadily a way bends: a change of lanes is a bend to and fro."""
    if len(points) < 4:
        return 0.0
    smooth = gaussian_filter1d(points, 2.0, axis=0, mode="nearest")
    return float(np.linalg.norm(np.diff(smooth, n=3, axis=0), axis=1).sum())
