"""Turns of a coil that were left out: tubes seen beside a way that was followed, where no line runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.trace.lanes import Way

#: What was seen beside a way is smoothed over so many of its steps of a millimetre.
_SMOOTH = 2.0


def unvisited(ways: Sequence[Way], lines: Sequence[FloatArray], share: float, limits: TraceLimits) -> list[FloatArray]:
    """Find stretches of tubes that were seen beside ways and lie on no line.

    Parameters
    ----------
    ways : sequence of Way
        What was followed; only what lies on one of the lines is believed.
    lines : sequence of (M, 3) float64, LPS mm, at steps of a millimetre
        Clear stretches of tube, and what joins them.
    share : float
        How bright, over the tube's own height, what was seen beside it has to be.

    Returns
    -------
    list of (N, 3) float64, LPS mm, at steps of a millimetre
        The longest first, and none twice.
    """
    known = cKDTree(np.concatenate(lines))
    seen = [run for way in ways if len(way.points) for run in _runs(way, known, share, limits)]
    kept: list[FloatArray] = []
    for run in sorted(seen, key=lambda each: -len(each)):
        if not kept or float(np.median(cKDTree(np.concatenate(kept)).query(run)[0])) > limits.strand_apart_mm:
            kept.append(run)
    return kept


def _runs(way: Way, known: cKDTree, share: float, limits: TraceLimits) -> list[FloatArray]:
    """What went on beside a way for long enough, less its ends: there it comes out of the blur of others."""
    on_line = np.asarray(known.query(way.points)[0]) <= limits.lane_same_mm
    steps = np.diff(way.points, axis=0, prepend=way.points[:1])
    ended: list[list[FloatArray]] = []
    going: list[list[FloatArray]] = []
    for beside, step, believed in zip(way.beside, steps, on_line, strict=True):
        bright = beside[beside[:, 3] >= share, :3]
        places = _touching(bright, known, limits) if believed and len(bright) else bright[:0]
        going, over = _carried_on(going, places, step, limits)
        ended += over
    trim = round(limits.unvisited_end_mm)
    lines = [
        resample_polyline(gaussian_filter1d(np.array(run), _SMOOTH, axis=0, mode="nearest"), step=1.0)[trim:-trim]
        for run in [*ended, *going]
        if len(run) >= limits.anchor_mm + 2 * trim
    ]
    return [line for line in lines if len(line) >= limits.anchor_mm]


def _touching(places: FloatArray, known: cKDTree, limits: TraceLimits) -> FloatArray:
    """Those of (K, 3) places that are not on a line, but as near to one as tubes that touch."""
    away = np.asarray(known.query(places)[0])
    return places[(away > limits.unvisited_mm) & (away <= limits.unvisited_reach_mm)]


def _carried_on(
    going: list[list[FloatArray]], places: FloatArray, step: FloatArray, limits: TraceLimits
) -> tuple[list[list[FloatArray]], list[list[FloatArray]]]:
    """Runs with the places of the next step, and with those that begin there; and the runs that are over."""
    free: NDArray[np.bool_] = np.ones(len(places), dtype=np.bool_)
    on: list[list[FloatArray]] = []
    over: list[list[FloatArray]] = []
    for run in going:
        away = np.where(free, np.linalg.norm(places - run[-1] - step, axis=1), np.inf)
        best = int(away.argmin()) if len(away) else -1
        if best >= 0 and away[best] <= limits.lane_same_mm:
            free[best] = False
            on.append([*run, places[best]])
        else:
            over.append(run)
    return on + [[place] for place in places[free]], over
