"""Two ends of a tube that were followed towards each other and went astray at the same crossing.

Where several turns cross, the fit has too many neighbours to part, and a tube followed through goes astray; but it is
followed up to there from both sides. Two such trails that come near each other, and head for each other, are one tube.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from catheterview.geometry import FloatArray, unit
from catheterview.limits import TraceLimits

#: The (N, 3) LPS mm of a tube followed out of an end, a millimetre apart, and (N,) bool, where the fit was crowded: one
#: that has gone astray, into bone or noise, is explained by as many tubes as the fit may have.
Trail = tuple[FloatArray, NDArray[np.bool_]]


def met(one: Trail, another: Trail, limits: TraceLimits) -> tuple[float, FloatArray] | None:
    """Join two trails where they head for each other.

    Parameters
    ----------
    one, another : Trail
        Each leads out of its own end, and may go astray.
    limits : TraceLimits

    Returns
    -------
    cost : float, mm
        What it costs to go so far, how far apart they are there, and how far off their headings point.
    points : (K, 3) float64, LPS mm
        From the beginning of the one to that of the other. None where they do not head for each other.
    """
    (trail, crowded), (other, other_crowded) = one, another
    if min(len(trail), len(other)) < _HEADING:
        return None
    ahead, towards = _headings(trail), _headings(other)
    across = cdist(trail, other)
    chord = (other[None] - trail[:, None]) / np.maximum(across, 1e-6)[..., None]
    facing = -ahead @ towards.T
    off = 2.0 - np.einsum("nmc,nc->nm", chord, ahead) + np.einsum("nmc,mc->nm", chord, towards)
    off = np.where(across < limits.strand_apart_mm / 2, 1.0 - facing, off)
    allowed = (across <= limits.meet_mm) & (off <= limits.meet_off)
    crowd = np.cumsum(crowded)[:, None] + np.cumsum(other_crowded)
    length = np.arange(len(trail))[:, None] + np.arange(len(other)) + 2
    allowed &= crowd <= limits.meet_crowded * length
    if not allowed.any():
        return None
    cost = across + limits.meet_mm * off / limits.meet_off
    cost += limits.trail_cost * length + limits.trail_crowded_cost * crowd
    cost = np.where(allowed, cost, np.inf)
    here, there = np.unravel_index(int(cost.argmin()), cost.shape)
    if _run_past(trail[here:], other[: there + 1], limits) or _run_past(other[there:], trail[: here + 1], limits):
        return None
    between = _bend((trail[here], other[there]), (ahead[here], -towards[there]))
    return float(cost[here, there]), np.concatenate([trail[: here + 1], between, other[: there + 1][::-1]])


#: Points over which a heading is taken.
_HEADING = 5

#: Share of what goes on that lies beside the other trail.
_BESIDE = 0.6


def _headings(trail: FloatArray) -> FloatArray:
    """(N, 3) unit vectors along a trail, each over the few points behind it."""
    here = np.arange(len(trail))
    first = np.clip(here - _HEADING + 1, 0, len(trail) - _HEADING)
    return unit(trail[first + _HEADING - 1] - trail[first])


def _run_past(trail: FloatArray, other: FloatArray, limits: TraceLimits) -> bool:
    """Whether a trail goes on beside the other, (M, 3) up to where they would be joined: they run in two lanes."""
    on = trail[: 2 * round(limits.meet_mm)]
    if len(on) < limits.meet_mm or not len(other):
        return False
    beside = cdist(on, other).min(axis=1)
    return bool(((beside > limits.strand_apart_mm / 2) & (beside < limits.strand_near_mm)).mean() > _BESIDE)


def _bend(ends: tuple[FloatArray, FloatArray], headings: tuple[FloatArray, FloatArray]) -> FloatArray:
    """(K, 3) points a millimetre apart between two places, with given directions (Hermite's cubic)."""
    first, last = ends
    length = float(np.linalg.norm(last - first))
    at = np.arange(1, round(length))[:, None] / max(length, 1.0)
    leave, arrive = (length * heading for heading in headings)
    return np.asarray(
        (2 * at**3 - 3 * at**2 + 1) * first
        + (at**3 - 2 * at**2 + at) * leave
        + (3 * at**2 - 2 * at**3) * last
        + (at**3 - at**2) * arrive
    )
