"""CSF whose tracer ends abruptly though the canal goes on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.nuclear.measure import Measured, Profile, detectable
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits

_PAIR = 2  # stretches that are judged together
_SURELY = 0.5  # of the most that a catheter of unknown course may hold, what it holds at least


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
    times = limits.block_times_alone if tip is None else limits.block_times
    bare = canal.share - (_SURELY if tip is None else limits.block_lining) * lining  # it may go on beyond a block
    drops = [_along(canal, (lining[way], bare[way]), way, limits) for way in ways]
    told = [
        Block(point=canal.lines.middle[at], times=ratio, hours=found.scan.hours) for ratio, at in drops if ratio > times
    ]
    return max(told, key=lambda one: one.times, default=None)


def block_shows(found: Measured, per_cm: float, limits: NuclearLimits) -> bool:
    """Whether the canal holds so much that nothing beyond a block would be told from it.

    Parameters
    ----------
    found : Measured
    per_cm : float
        As of `block_of`.
    limits : NuclearLimits
    """
    canal = found.canal
    if canal is None or len(canal.share) < 3 * _PAIR:
        return False
    held = np.convolve(canal.share - per_cm * canal.step_cm, np.ones(_PAIR) / _PAIR, mode="valid").max()
    least = detectable(canal.sd, limits).min()
    return bool(held > max(limits.block_share, limits.block_times * float(least)))


def _lined(found: Measured, canal: Profile, tip: int | None) -> FloatArray:
    """1 for each stretch of the canal in which the catheter lies, else 0; 1 for all where its course is not known."""
    count = len(canal.share)
    if tip is None or found.line is None:
        return np.ones(count)
    entry = int(np.argmin(np.linalg.norm(canal.lines.middle - found.line.lines.points[-1], axis=1)))
    at = np.arange(count)
    return np.asarray((at >= min(entry, tip)) & (at <= max(entry, tip)), dtype=np.float64)


def _along(
    canal: Profile, less: tuple[FloatArray, FloatArray], way: NDArray[np.intp], limits: NuclearLimits
) -> tuple[float, int]:
    """The sharpest drop on the way from the tip: how many times what is beyond lies before it, and the stretch."""
    share, (lining, beyond), least = canal.share[way], less, detectable(canal.sd, limits)[way]
    before = share - lining
    level = limits.block_level * float(np.convolve(share, np.ones(_PAIR) / _PAIR, mode="valid").max(initial=0.0))
    best = (0.0, int(way[0]))
    for n in range(1, len(way) - _PAIR):
        held = float(before[max(0, n - _PAIR) : n].mean())
        rest = float(np.convolve(beyond[n + 1 :], np.ones(_PAIR) / _PAIR, mode="valid").max())
        times = held / max(rest, float(least[n + 1 :].min()), 1e-12)
        if held > max(limits.block_share, level) and times > best[0]:
            best = (times, int(way[n]))
    return best
