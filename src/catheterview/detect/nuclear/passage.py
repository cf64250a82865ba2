"""Whether tracer gets where it should, once it should be there: confined, interrupted, not arrived, or too early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.nuclear.measure import WINDOW, Measured, Profile, detectable, usual_share
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from catheterview.model import Delivery, Kind

_STEP_REACH = 5  # stretches round the first empty window in which the line's end is looked for
_AVERAGE = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0  # over neighbouring stretches: about two point spreads
_END_STEP_MM = 1.0  # in which the line's end is looked for
_HOURS_A_DAY = 24.0
Verdict: TypeAlias = Literal["passes", "fault", "cannot_tell"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passage:
    """What one volume says of the way to the CSF.

    Parameters
    ----------
    verdict : str
    kind : Kind or None
        Of a fault.
    arc_mm : float
        To where tracer is seen.
    point : (3,) LPS mm or None
    seen, expected : float
        Share of the reservoir's activity in the CSF, and the least that should be there.
    sigmas : float
        By how much what is missing exceeds the noise.
    why : str
    """

    verdict: Verdict
    why: str
    kind: Kind | None = None
    arc_mm: float = 0.0
    point: FloatArray | None = None
    seen: float = 0.0
    expected: float = 0.0
    sigmas: float = 0.0


def passage_of(found: Measured, delivery: Delivery, limits: NuclearLimits) -> Passage:
    """Judge one volume.

    Parameters
    ----------
    found : Measured
    delivery : Delivery
    limits : NuclearLimits
    """
    tip_mm = found.tip_mm
    seen, sure = _csf(found, tip_mm, limits)
    if found.canal is not None and sure > limits.csf_sigmas and seen > limits.csf_share:
        return Passage(verdict="passes", why="tracer is seen in the CSF", seen=seen)
    early = _too_early(found, delivery, tip_mm)
    if found.line is None:
        return Passage(verdict="cannot_tell", why=early or "no catheter was traced", seen=seen)
    stop = _stop(found, delivery, limits)
    if stop is not None:
        return stop
    if early:
        return Passage(verdict="cannot_tell", why=early, seen=seen)
    return _at_the_end(found, delivery, tip_mm, (seen, limits))


def _csf(found: Measured, tip_mm: float, limits: NuclearLimits) -> tuple[float, float]:
    """Share of the reservoir's activity in the canal beyond what the catheter in it holds, and by how many sigmas."""
    if found.canal is None:
        return 0.0, 0.0
    usual, inside_mm = 0.0, 0.0
    if found.line is not None:
        usual = usual_share(found.line, limits) / found.line.step_cm
        inside_mm = max(0.0, tip_mm - found.line.lines.arc_mm[-1])
    held = float(found.canal.share.sum())
    excess = held - limits.lining_times * usual * inside_mm / 10.0
    sd = float(np.sqrt((found.canal.sd**2).sum()))
    return excess, excess / max(sd, 1e-12)


def _too_early(found: Measured, delivery: Delivery, tip_mm: float) -> str:
    """Why it cannot be told yet whether tracer gets to the CSF; empty when it can."""
    hours = found.scan.hours
    if hours is None:
        return "when the tracer was injected is not known"
    if not delivery.known:
        return f"whether tracer should have arrived is not known without {', '.join(delivery.missing)}"
    readable = delivery.readable_h(tip_mm)
    if hours < readable:
        return f"too early at {hours:.0f} h, look again at {np.ceil(readable):.0f} h after the injection"
    return ""


def _stop(found: Measured, delivery: Delivery, limits: NuclearLimits) -> Passage | None:
    """Where the line ends though tracer should be further; None where it does not, or where that cannot be seen."""
    line, hours = found.line, found.scan.hours
    if line is None or hours is None or not delivery.known:
        return None
    due = delivery.surely_reached_mm(hours)
    ones = np.ones(WINDOW)
    sums = np.convolve(line.share, ones, mode="valid") / line.step_cm
    sd = np.sqrt(np.convolve(line.sd**2, ones, mode="valid")) / line.step_cm
    arc = np.convolve(line.lines.arc_mm, ones / WINDOW, mode="valid")
    assert delivery.ml_per_cm is not None
    least = WINDOW * delivery.ml_per_cm / delivery.reservoir_ml
    readable = (least > limits.least_to_noise * detectable(sd, limits)) & (arc < due)
    there = sums > np.maximum(detectable(sd, limits), limits.there_share * least)
    absent = _last_run(readable & ~there, readable)
    if absent is None or (absent[1] - absent[0] + 1) * line.lines.length_mm < limits.absent_mm:
        return None
    first, run = absent[0], slice(absent[0], absent[1] + 1)
    sure = np.isfinite(sd[run])
    sigmas = float(np.sqrt(((least / sd[run][sure]) ** 2).mean()))
    before = there[:first]
    filled = bool(before.sum() >= 2 and before.mean() > 0.5)
    if not filled:
        return Passage(
            verdict="fault",
            why="no tracer is seen outside the reservoir",
            kind=Kind.TRACER_CONFINED_TO_RESERVOIR,
            point=found.disc.center_mm,
            sigmas=sigmas,
        )
    return _interrupted(line, first, (sigmas, ""), limits)


def _interrupted(line: Profile, first: int, told: tuple[float, str], limits: NuclearLimits) -> Passage:
    """An interruption of a line near a stretch, with how sure it is and where else nothing was seen."""
    arc_mm, point = _end_of_line(line, first, limits)
    sigmas, nor = told
    return Passage(
        verdict="fault",
        why=f"tracer is seen up to here and not beyond{nor}",
        kind=Kind.TRACER_INTERRUPTION,
        arc_mm=arc_mm,
        sigmas=sigmas,
        point=point,
    )


def _last_run(absent: NDArray[np.bool_], readable: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The unbroken run of absent windows that reaches the last readable one: first and last index."""
    last = np.flatnonzero(readable)
    if not len(last) or not absent[last[-1]]:
        return None
    first = int(last[-1])
    while first > 0 and (absent[first - 1] or not readable[first - 1]):
        first -= 1
    while not readable[first]:
        first += 1
    return first, int(last[-1])


def _end_of_line(line: Profile, first: int, limits: NuclearLimits) -> tuple[float, FloatArray]:
    """Arc length and point at which a filled line ends: the end that fits best near the first empty window.

    Notes
    -----
    Neighbouring stretches share a point spread, and what one of them gets too much of the next gets too little: what is
    seen and what an end would show are compared as averages over several, and a filled stretch holds about what is
    usual. The stretch in which the end lies holds its part. What leaves a severed end pools round it: where stretches
    there hold far more than a filled one can, the end lies in their middle.
    """
    count, length, usual = len(line.share), line.lines.length_mm, usual_share(line, limits)
    near = slice(max(0, first - _STEP_REACH), min(count, first + WINDOW + _STEP_REACH))
    pooled = np.where(line.share[near] > limits.end_pool_times * usual, line.share[near], 0.0)
    if pooled.any():
        return _on_line(line, float(pooled @ line.lines.arc_mm[near] / pooled.sum()))
    seen = np.convolve(np.where(np.isfinite(line.sd), line.share, 0.0), _AVERAGE, mode="same")[near]
    begins, held = np.arange(count) * length, limits.end_level_held
    ends = np.arange(begins[near][0] + length, begins[near][-1] + 0.1, _END_STEP_MM)
    costs = []
    for end in ends:
        filled = np.convolve(np.clip((end - begins) / length, 0.0, 1.0), _AVERAGE, mode="same")[near]
        level = float((filled @ seen + held * usual) / (filled @ filled + held))
        costs.append(float(((seen - level * filled) ** 2).sum() + held * (level - usual) ** 2))
    return _on_line(line, float(ends[int(np.argmin(costs))]) if costs else float(begins[near][0] + length))


def _on_line(line: Profile, arc_mm: float) -> tuple[float, FloatArray]:
    """An arc length, and the point there."""
    points = [np.interp(arc_mm, line.lines.arc_mm, column) for column in line.lines.middle.T]
    return arc_mm, np.asarray(points)


def _at_the_end(found: Measured, delivery: Delivery, tip_mm: float, context: tuple[float, NuclearLimits]) -> Passage:
    """Judge the CSF when tracer should be in it and none was seen for sure."""
    seen, limits = context
    if found.canal is None:
        return Passage(verdict="cannot_tell", why="the canal is not in the field")
    expected = expected_csf(delivery, tip_mm, found.scan.hours or 0.0, limits)
    least = float(detectable(np.sqrt((found.canal.sd**2).sum()), limits))
    if expected < limits.least_to_noise * max(least, limits.csf_share):
        hours = delivery.readable_h(tip_mm) + _HOURS_A_DAY
        why = f"too little tracer can have arrived yet, look again at {hours:.0f} h after the injection"
        return Passage(verdict="cannot_tell", why=why, seen=seen, expected=expected)
    assert found.line is not None
    sigmas = limits.detection_sigmas * expected / max(least, limits.csf_share)
    if _empty_in_canal(found, found.line, tip_mm, least, limits=limits):
        last = max(0, len(found.line.share) - WINDOW)
        return _interrupted(found.line, last, (sigmas, ", nor in the catheter within the canal"), limits)
    return Passage(
        verdict="fault",
        why="tracer fills the catheter and is not seen in the CSF",
        kind=Kind.TRACER_NOT_ARRIVED,
        arc_mm=tip_mm,
        seen=max(seen, 0.0),
        expected=expected,
        sigmas=sigmas,
    )


def _empty_in_canal(found: Measured, line: Profile, tip_mm: float, least: float, *, limits: NuclearLimits) -> bool:
    """Whether the catheter within the canal holds less than half of what one filled as outside it would, and shows."""
    assert found.canal is not None
    inside_cm = max(0.0, tip_mm - float(line.lines.arc_mm[-1])) / 10.0
    expected = usual_share(line, limits) / line.step_cm * inside_cm
    held = float(found.canal.share.sum())
    return expected > least and held < limits.there_share * expected


def expected_csf(delivery: Delivery, tip_mm: float, hours: float, limits: NuclearLimits) -> float:
    """The least share of the reservoir's activity that should be in the CSF: what arrived, less what was resorbed."""
    arrived_h = hours - delivery.arrival_h(tip_mm)
    if arrived_h <= 0.0 or not delivery.flow_ml_per_day:
        return 0.0
    give = np.log(2.0) / limits.csf_half_h
    held_h = (1.0 - np.exp(-give * arrived_h)) / give
    return float(delivery.flow_ml_per_day / _HOURS_A_DAY * held_h / delivery.reservoir_ml)
