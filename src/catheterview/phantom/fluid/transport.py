"""How agent runs down the catheter: plug flow with dispersion, and holes that let some out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from catheterview.geometry import FloatArray, arc_length
from catheterview.phantom.fluid.delivery import Delivery, Escape, Plumbing

_DIFFUSION_MM2_PER_S = 5e-4  # of a small molecule in water, 5e-10 m2/s (clinical reference E.2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """Agent along a catheter at one moment.

    Parameters
    ----------
    arc_mm : (N,) from the pump's rim
    relative : (N,) concentration over that of the delivery, 0 to 1
    escaped : (E,) amount (mg or MBq) that left at each hole, in the order of the plumbing
    arrived : float
        Amount that left at the tip.
    hours_since_arrival : float
        How long agent has been leaving at the tip; 0 before.
    """

    arc_mm: FloatArray
    relative: FloatArray
    escaped: FloatArray
    arrived: float
    hours_since_arrival: float


def lumen_ml_per_mm(inner_mm: float) -> float:
    """Volume of a mm of lumen in ml: 0.53 mm gives 0.0022 ml/cm, 0.575 mm 0.0026 (clinical reference C.2)."""
    return float(np.pi * inner_mm**2 / 4.0 / 1000.0)


def dead_space_ml(length_mm: float, inner_mm: float, pump_side_ml: float) -> float:
    """Volume from the source to the tip (clinical reference C.3)."""
    return length_mm * lumen_ml_per_mm(inner_mm) + pump_side_ml


def arrival_hours(length_mm: float, inner_mm: float, delivery: Delivery) -> float:
    """Hours until the front of an infusion has gone `length_mm`, without dispersion: V / Q (clinical reference E.2)."""
    if delivery.flow_ml_per_day <= 0.0:
        return float("inf")
    volume = dead_space_ml(length_mm, inner_mm, delivery.pump_side_ml)
    return volume / delivery.flow_ml_per_day * 24.0


def front_spread_mm(delivery: Delivery, inner_mm: float, hours: float) -> float:
    """Standard deviation in mm of a front's place along the tube.

    Notes
    -----
    Taylor dispersion, K = D (1 + Pe^2 / 48) with Pe = U R / D, once there was time to mix across the tube; before, the
    parabola of laminar flow alone, whose deviation is the way over the root of 3. The smaller of the two.
    """
    speed = delivery.speed_ml_per_s(hours) / lumen_ml_per_mm(inner_mm)  # mm/s
    seconds = hours * 3600.0
    peclet = speed * inner_mm / 2.0 / _DIFFUSION_MM2_PER_S
    taylor = np.sqrt(2.0 * _DIFFUSION_MM2_PER_S * (1.0 + peclet**2 / 48.0) * seconds)
    way = delivery.entered_ml(hours) / lumen_ml_per_mm(inner_mm)
    return float(max(min(taylor, way / np.sqrt(3.0)), 0.5))


def flow(arc_mm: FloatArray, inner_mm: float, delivery: Delivery, plumbing: Plumbing, *, hours: float) -> Flow:
    """Say how far agent has come.

    Parameters
    ----------
    arc_mm : (N,) from the pump's rim to the tip, rising
    inner_mm : float
        Of the lumen.
    delivery : Delivery
    plumbing : Plumbing
    hours : float
        Since the beginning of the delivery.

    Returns
    -------
    Flow

    Notes
    -----
    Everything is counted in volumes at the source: fluid at arc s entered when the volume between was pushed, which is
    larger beyond a hole, because less comes past it.
    """
    per_mm = lumen_ml_per_mm(inner_mm)
    passing, way = way_ml(arc_mm, inner_mm, delivery, plumbing)
    entered = 0.0 if plumbing.pump_stalled else delivery.entered_ml(hours)
    spread = front_spread_mm(delivery, inner_mm, hours) * per_mm
    late, gone = entered - way, entered - way - delivery.volume_ml
    # The end of what was given is blurred by its own way only: with nothing pushed after it, it stays at the source.
    after = max(entered - delivery.volume_ml, 0.0) / max(entered, 1e-9)
    tail = np.maximum(spread * after, 0.5 * per_mm)
    relative = ndtr(late / spread) - ndtr(gone / tail)
    past = delivery.concentration * (_ramp(late, spread) - _ramp(gone, tail)) * passing
    escaped = [_lost(arc_mm, past, hole) for hole in plumbing.escapes]
    rate = max(delivery.speed_ml_per_s(hours) * 3600.0, 1e-12)
    return Flow(
        arc_mm=arc_mm,
        relative=np.where(passing > 0.0, relative, 0.0),
        escaped=np.array(escaped, dtype=np.float64),
        arrived=float(past[-1]) if passing[-1] > 0.0 else 0.0,
        hours_since_arrival=float(np.clip(late[-1] / rate, 0.0, hours)) if passing[-1] > 0.0 else 0.0,
    )


def way_ml(
    arc_mm: FloatArray, inner_mm: float, delivery: Delivery, plumbing: Plumbing
) -> tuple[FloatArray, FloatArray]:
    """How much of the flow comes past each place, and how much must have been pushed before the front is there.

    Parameters
    ----------
    arc_mm : (N,) from the pump's rim, rising
    inner_mm : float
        Of the lumen.
    delivery : Delivery
    plumbing : Plumbing

    Returns
    -------
    passing, way : (N,) float64
        Share 0 to 1, and ml at the source: dead space, larger beyond a hole.
    """
    passing = np.ones(len(arc_mm))
    for hole in plumbing.escapes:
        passing[arc_mm > hole.arc_mm] *= 1.0 - hole.share
    if plumbing.blocked_mm is not None:
        passing[arc_mm > plumbing.blocked_mm] = 0.0
    steps = np.diff(arc_mm) * lumen_ml_per_mm(inner_mm) / np.maximum(passing[1:], 1e-6)
    return passing, delivery.pump_side_ml + np.concatenate([[0.0], np.cumsum(steps)])


def front_mm(
    entered_ml: FloatArray, ml_per_mm: float, pump_side_ml: float, escapes: tuple[Escape, ...] = ()
) -> FloatArray:
    """How far the front has come when volumes (N,) have been pushed: the other way round than `way_ml`.

    Parameters
    ----------
    entered_ml : (N,) float64
    ml_per_mm : float
        Of the lumen.
    pump_side_ml : float
        Before the connector.
    escapes : tuple of Escape
        In the order of their arc lengths; beyond each it goes slower by what is lost.

    Returns
    -------
    (N,) float64
        Arc length, mm; negative while it is in the pump.
    """
    reached = (entered_ml - pump_side_ml) / ml_per_mm
    for hole in escapes:
        beyond = hole.arc_mm + (reached - hole.arc_mm) * (1.0 - hole.share)
        reached = np.where(reached > hole.arc_mm, beyond, reached)
    return np.asarray(reached)


def _ramp(late: FloatArray, spread: FloatArray | float) -> FloatArray:
    """Mean (N,) of what is positive of normal values around `late`."""
    z = late / spread
    return np.asarray(late * ndtr(z) + spread * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi))


def _lost(arc_mm: FloatArray, past: FloatArray, hole: Escape) -> float:
    """Amount that left at one hole: its share of what came to it."""
    at = int(np.clip(np.searchsorted(arc_mm, hole.arc_mm, side="right") - 1, 0, len(arc_mm) - 1))
    return float(past[at] * hole.share)


def spread_along(canal: FloatArray, radius_mm: FloatArray, way: tuple[float, float], sd_mm: float) -> FloatArray:
    """How an amount of 1 is spread along a canal, per ml.

    Parameters
    ----------
    canal : (N, 3) LPS mm
    radius_mm : (N,)
    way : (float, float)
        Arc length of the source, and arc length that nothing passes (infinite for none).
    sd_mm : float

    Returns
    -------
    (N,) float64
        Concentration; thrown back at the low end and at the block, free at the high end.
    """
    arc, (source, block) = arc_length(canal), way
    width = max(sd_mm, 1.0)
    images = [source, -source, *([2.0 * block - source] if np.isfinite(block) else [])]
    line = sum((np.exp(-0.5 * ((arc - at) / width) ** 2) for at in images), np.zeros(len(arc)))
    line = np.where(arc * np.sign(block - source) < block * np.sign(block - source), line, 0.0)
    area_ml = np.pi * radius_mm**2 / 1000.0  # ml per mm
    return np.asarray(line / (width * np.sqrt(2.0 * np.pi)) / np.maximum(area_ml, 1e-6))
