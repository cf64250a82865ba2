"""Loops of a catheter on a film: where its course comes back over itself.

A strain-relief loop is laid on purpose; more loops than on the day of the implant go with a tip that came out.
"""

from __future__ import annotations

import numpy as np

from catheterview.detect.film.evidence import FilmEvidence
from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film_levels import FilmLevelLimits
from catheterview.model import Centreline

_STEP_MM = 2.0


def loops_of(points: FloatArray, mm: float, limits: FilmLevelLimits) -> tuple[float, ...]:
    """Lengths in mm of the loops of a course (N, 2), each once, from its first crossing of itself to its second.

    Parameters
    ----------
    points : (N, 2) pixels
    mm : float
        Of a pixel.
    limits : FilmLevelLimits

    Returns
    -------
    tuple of float
    """
    arc = arc_length(points) * mm
    count = max(3, round(float(arc[-1]) / _STEP_MM) + 1)
    at = np.linspace(0.0, float(arc[-1]), count)
    way = np.stack([np.interp(at, arc, axis) for axis in points.T], axis=1)
    step = np.diff(way, axis=0)
    heading = np.unwrap(np.arctan2(step[:, 0], step[:, 1]))
    found, beyond = [], 0
    for i, j in _crossings(way):
        length = float(at[j] - at[i])
        turn = abs(float(np.degrees(heading[j] - heading[i])))
        if i >= beyond and limits.loop_mm[0] <= length <= limits.loop_mm[1] and turn >= limits.loop_turn_deg:
            found.append(length)
            beyond = j
    return tuple(found)


def _crossings(way: FloatArray) -> list[tuple[int, int]]:
    """Pairs of steps of a course that cross each other, the shorter way round first."""
    a, d = way[:-1], np.diff(way, axis=0)
    apart = a[None] - a[:, None]
    cross = d[:, None, 0] * d[None, :, 1] - d[:, None, 1] * d[None, :, 0]
    safe = np.where(np.abs(cross) < 1e-9, np.inf, cross)
    t = (apart[..., 0] * d[None, :, 1] - apart[..., 1] * d[None, :, 0]) / safe
    u = (apart[..., 0] * d[:, None, 1] - apart[..., 1] * d[:, None, 0]) / safe
    met = (t >= 0.0) & (t < 1.0) & (u >= 0.0) & (u < 1.0)
    i, j = np.nonzero(np.triu(met, k=2))
    return sorted(zip(i.tolist(), j.tolist(), strict=True), key=lambda pair: pair[1])


def loops_told(evidence: FilmEvidence, catheter: Centreline, limits: FilmLevelLimits) -> str:
    """How many loops a film shows, in words; empty where it shows none or has no scale."""
    mm = evidence.mm_per_px
    found = () if mm is None else loops_of(catheter.points, mm, limits)
    if not found:
        return ""
    count = "one loop" if len(found) == 1 else f"{len(found)} loops"
    return f"{count} on the way with {sum(found) / 10.0:.0f} cm of catheter, as far as this view shows them"
