"""CSF whose tracer ends abruptly though the canal goes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.nuclear.measure import Measured, Profile, detectable
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits

_PAIR = 2  # stretches that are judged together
_SURELY = 0.5  # of the most that a filled catheter may hold, what it holds at least


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Where tracer in the CSF ends: the place (3,) LPS mm, and counts before it over those beyond."""

    point: FloatArray
    times: float
    hours: float | None


def block_of(found: Measured, tip: FloatArray | None, per_cm: float, limits: NuclearLimits) -> Block | None:
    """Look for an abrupt end of tracer in the canal, to both sides of the tip.

    Parameters
    ----------
    found : Measured
    tip : (3,) LPS mm or None
        Where it is not known, the stretch that holds most stands for it.
    per_cm : float
        Share of the reservoir that a filled centimetre of catheter holds: where it enters the canal tracer ends too.
    limits : NuclearLimits
    """
    canal = found.canal
    if canal is None or len(canal.share) < 3 * _PAIR:
        return None
    away = -canal.share if tip is None else np.linalg.norm(canal.lines.middle - tip, axis=1)
    start = int(np.argmin(away))
    lining = per_cm * canal.step_cm * _lined(found, canal, None if tip is None else start)
    ways = (np.arange(start, len(canal.share), dtype=np.intp), np.arange(start, -1, -1, dtype=np.intp))
    found_blocks = [_along(canal, way, (found.scan.hours, lining), limits) for way in ways]
    return max((one for one in found_blocks if one is not None), key=lambda one: one.times, default=None)


def _lined(found: Measured, canal: Profile, tip: int | None) -> FloatArray:
    """1 for each stretch of the canal in which the catheter lies, else 0; 1 for all where its course is not known."""
    count = len(canal.share)
    if tip is None or found.line is None:
        return np.ones(count)
    entry = int(np.argmin(np.linalg.norm(canal.lines.middle - found.line.lines.points[-1], axis=1)))
    at = np.arange(count)
    return np.asarray((at >= min(entry, tip)) & (at <= max(entry, tip)), dtype=np.float64)


def _along(
    canal: Profile, way: NDArray[np.intp], told: tuple[float | None, FloatArray], limits: NuclearLimits
) -> Block | None:
    """The sharpest drop on the way from the tip, of what is held beyond a catheter's lining of the canal."""
    order = np.asarray(way)
    hours, lining = told[0], told[1][order]
    share, sd = canal.share[order], canal.sd[order]
    least = detectable(sd, limits)
    level = limits.block_level * float(np.convolve(share, np.ones(_PAIR) / _PAIR, mode="valid").max())
    best: Block | None = None
    for n in range(1, len(order) - _PAIR):
        before = float((share - lining)[max(0, n - _PAIR) : n].mean())
        bare = share[n + 1 :] - _SURELY * lining[n + 1 :]  # the catheter may go on beyond a block
        beyond = float(np.convolve(bare, np.ones(_PAIR) / _PAIR, mode="valid").max())
        times = before / max(beyond, float(least[n + 1 :].min()), 1e-12)
        if (
            before > max(limits.block_share, level)
            and times > limits.block_times
            and (best is None or times > best.times)
        ):
            best = Block(point=canal.lines.middle[order[n]], times=times, hours=hours)
    return best
