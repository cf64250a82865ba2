"""Tracer outside the system: behind the pump, or pooled along the catheter; what the model cannot explain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.detect.nuclear.beside import Beside
from catheterview.detect.nuclear.measure import WINDOW, Measured, Profile, held_windows, usual_share
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from catheterview.model import Kind

_MANY = 8  # windows whose own scatter says how exact they are


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spot:
    """One place with more tracer than the model explains.

    Parameters
    ----------
    kind : Kind
    point : (3,) LPS mm
    arc_mm : float
    on_line : (3,) LPS mm
        The nearest place of the catheter.
    share : float
        Of the reservoir's activity.
    sigmas : float
        Over its noise.
    hours : float or None
    """

    kind: Kind
    point: FloatArray
    on_line: FloatArray
    arc_mm: float
    share: float
    sigmas: float
    hours: float | None


def spots_of(found: Measured, limits: NuclearLimits) -> list[Spot]:
    """Every leak that one volume shows, strongest first."""
    spots = [*behind_spots(found, limits), *_along(found, limits), *_beside(found, limits)]
    return sorted(spots, key=lambda spot: -spot.share)


def behind_spots(found: Measured, limits: NuclearLimits) -> list[Spot]:
    """A pool behind the pump: large, and clear of what counts and the reservoir's tails make there."""
    pool = _behind_by_excess(found, limits) or _behind_by_match(found, limits)
    if pool is None:
        return []
    point, share, sigmas = pool
    return [
        Spot(
            kind=Kind.TRACER_POSTERIOR_TO_PUMP,
            point=point,
            on_line=point,
            arc_mm=0.0,
            share=share,
            sigmas=sigmas,
            hours=found.scan.hours,
        )
    ]


def _behind_by_excess(found: Measured, limits: NuclearLimits) -> tuple[FloatArray, float, float] | None:
    """Place, share and sigmas of what lies over the usual there; None where it is too little.

    The matched observer, where it is clear, says better where: it knows what a pool looks like at a pump's rim.
    """
    pool, alike = found.behind, found.matched
    if pool is None or pool.sigmas < limits.pool_sigmas:
        return None
    if pool.share < (limits.pool_share_clear if pool.sigmas > limits.pool_sigmas_clear else limits.pool_share):
        return None
    point = pool.point if alike is None or alike.sigmas < limits.matched_sigmas else alike.point
    return point, pool.share, pool.sigmas


def _behind_by_match(found: Measured, limits: NuclearLimits) -> tuple[FloatArray, float, float] | None:
    """The same of the matched observer, where something lies over the usual too."""
    pool, over = found.matched, found.behind
    if pool is None or over is None or over.sigmas < limits.matched_clear:
        return None
    if pool.sigmas < limits.matched_sigmas or pool.share < limits.matched_share:
        return None
    if pool.sigmas * over.sigmas < limits.matched_both:
        return None
    return pool.point, pool.share, pool.sigmas


def _beside(found: Measured, limits: NuclearLimits) -> list[Spot]:
    """Pools off the catheter, further than its own tracer blurs."""
    if found.line is None:
        return []
    lines = found.line.lines
    return [
        Spot(
            kind=Kind.TRACER_POOLING,
            point=one.point,
            on_line=lines.middle[one.stretch],
            arc_mm=float(lines.arc_mm[one.stretch]),
            share=one.share,
            sigmas=one.sigmas,
            hours=found.scan.hours,
        )
        for one in found.beside
        if one.share > _least_beside(found, one, limits) and one.away_mm > limits.beside_line_mm
    ]


def _least_beside(found: Measured, one: Beside, limits: NuclearLimits) -> float:
    """The smallest focus off the catheter that is believed.

    Deep behind the pump and in front of the spine bowel may hold as much as a small pool, and near the pump few counts
    of the reservoir's tails gather to spots: there no less is believed than behind the pump itself.
    """
    away, canal = one.point - found.disc.center_mm, found.scan.ct.anatomy.canal
    if float(np.linalg.norm(away)) - found.pump.diameter_mm / 2.0 < limits.near_pump_mm:
        return limits.beside_share_deep
    behind = float(away @ found.disc.normal) < -(found.pump.thickness_mm / 2.0 + limits.bowel_behind_mm)
    if not behind or not len(canal):
        return limits.beside_share
    level = canal[int(np.argmin(np.abs(canal[:, 2] - one.point[2])))]
    before_mm = float(level[1] - one.point[1])
    return limits.beside_share_deep if before_mm > limits.kidney_front_mm else limits.beside_share


def _along(found: Measured, limits: NuclearLimits) -> list[Spot]:
    """Pools along the catheter outside the canal."""
    line = found.line
    if line is None or len(line.share) < WINDOW:
        return []
    ones = np.ones(WINDOW)
    usual = usual_share(line, limits)
    excess = np.convolve(line.share, ones, mode="valid") - WINDOW * usual
    error = np.hypot(limits.line_error * WINDOW * usual, _scatter(line, limits))
    sd = np.sqrt(np.convolve(line.sd**2, ones, mode="valid") + error**2)
    spots = []
    while len(excess) and excess.max() > 0.0:
        best = int(np.argmax(np.where(excess > limits.leak_sigmas * sd, excess, 0.0)))
        if excess[best] <= limits.leak_sigmas * float(sd[best]):
            break
        if excess[best] > _least_share(found, best, limits):
            spots.append(_spot(found, best, (float(excess[best]), float(sd[best])), usual))
        excess[max(0, best - 2 * WINDOW) : best + 2 * WINDOW + 1] = 0.0
    return spots


def _scatter(line: Profile, limits: NuclearLimits) -> float:
    """Standard deviation of what filled windows hold, robustly: few counts make more of it than the fit knows of."""
    held = held_windows(line, limits)
    return 1.4826 * float(np.median(np.abs(held - np.median(held)))) if len(held) >= _MANY else 0.0


def _least_share(found: Measured, first: int, limits: NuclearLimits) -> float:
    """The smallest pool that is believed: larger beside the reservoir, whose model is not exact."""
    assert found.line is not None
    middle = found.line.lines.middle[first + WINDOW // 2]
    away = float(np.linalg.norm(middle - found.disc.center_mm)) - found.pump.diameter_mm / 2.0
    return limits.leak_share_near if away < limits.near_pump_mm else limits.leak_share


def _spot(found: Measured, first: int, size: tuple[float, float], usual: float) -> Spot:
    """One pool, at the middle of what its stretches hold over the usual."""
    assert found.line is not None
    lines, here = found.line.lines, slice(first, first + WINDOW)
    weight = (found.line.share[here] - usual).clip(0.0)
    weight /= weight.sum()
    return Spot(
        kind=Kind.TRACER_POOLING,
        point=weight @ lines.middle[here],
        on_line=weight @ lines.middle[here],
        arc_mm=float(weight @ lines.arc_mm[here]),
        share=size[0],
        sigmas=size[0] / max(size[1], 1e-12),
        hours=found.scan.hours,
    )


def merged(spots: list[Spot], limits: NuclearLimits) -> list[Spot]:
    """One spot for each place of the system, the strongest of all times; places are compared along the catheter."""
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda one: -one.share):
        if all(abs(spot.arc_mm - other.arc_mm) > limits.same_place_mm for other in kept):
            kept.append(spot)
    return kept


def at_times(spot: Spot, every: list[Spot], limits: NuclearLimits) -> tuple[tuple[float, float], ...]:
    """Hours and share of the reservoir at each time at which a spot was seen at its place, in order of time."""
    seen: dict[float, float] = {}
    for other in every:
        if other.hours is not None and abs(other.arc_mm - spot.arc_mm) <= limits.same_place_mm:
            seen[other.hours] = max(seen.get(other.hours, 0.0), other.share)
    return tuple(sorted(seen.items()))
