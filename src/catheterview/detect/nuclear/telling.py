"""What every time of a study showed, in words: how far the catheter is seen, limits of detection, the CSF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.detect.nuclear.elsewhere import places_said
from catheterview.detect.nuclear.measure import WINDOW, Measured, detectable
from catheterview.limits import NuclearLimits
from catheterview.model import Delivery

_HOURS_A_DAY = 24.0


def course_said(measured: Sequence[Measured], limits: NuclearLimits) -> str:
    """All times in order, as shares of the reservoir's activity, which takes decay out.

    Parameters
    ----------
    measured : sequence of Measured
    limits : NuclearLimits
    """
    return "; ".join(_at_time(one, limits) for one in measured if one.line is not None or one.canal is not None)


def _at_time(one: Measured, limits: NuclearLimits) -> str:
    """One time."""
    told = []
    if one.line is not None and len(one.line.share) >= WINDOW:
        told.append(_line(one, limits))
    if one.canal is not None:
        held = 100.0 * max(0.0, float(one.canal.share.sum()))
        least = 100.0 * float(detectable(np.sqrt((one.canal.sd**2).sum()), limits))
        told.append(f"canal {held:.2g} % of the reservoir" if held > least else f"canal below {least:.2g} %")
    when = "at an unknown time" if one.scan.hours is None else f"at {one.scan.hours:.0f} h"
    return f"{when}: {', '.join(told)}" if told else ""


def _line(one: Measured, limits: NuclearLimits) -> str:
    """How much of the catheter is seen, of what could be, and what is the least that would be."""
    assert one.line is not None
    line, ones = one.line, np.ones(WINDOW)
    known = np.isfinite(line.sd)
    seen = np.convolve(np.where(known, line.share, 0.0), ones, mode="same")
    least = detectable(np.sqrt(np.convolve(np.where(known, line.sd, 0.0) ** 2, ones, mode="same")), limits)
    per_cm = least / (WINDOW * line.step_cm)
    total = known.sum() * line.step_cm
    held = (known & (seen > least)).sum() * line.step_cm
    if not known.any():
        return "the catheter lies in the reservoir's blur"
    middle = float(np.median(per_cm[known]))
    counts = middle * one.disc.total / one.scan.image.placed.voxel_volume_mm3
    return f"catheter seen over {held:.0f} of {total:.0f} cm (limit {100.0 * middle:.2g} % a cm, {counts:.0f} counts)"


def elsewhere_said(measured: Sequence[Measured]) -> str:
    """What was excreted, of the last time that shows any; empty without."""
    shown = [one.elsewhere for one in measured if one.elsewhere]
    return places_said(shown[-1]) if shown else ""


def leak_unseen(measured: Sequence[Measured], delivery: Delivery, limits: NuclearLimits) -> tuple[str, str]:
    """Why a leak behind the pump would not be seen, empty where it would; and the least that would be.

    Parameters
    ----------
    measured : sequence of Measured
    delivery : Delivery
    limits : NuclearLimits

    Notes
    -----
    A leak that lets out half of the flow has to show at one time at least. Without a flow, or a time, what it would
    hold is not known, and the least that would be seen is told alone.
    """
    shown = [one for one in measured if one.matched is not None]
    if not shown:
        return "", ""
    over = [(_leaked(delivery, one.scan.hours, limits), one.matched.least) for one in shown if one.matched is not None]
    least = min(each for _, each in over)
    told = f"behind the pump {100.0 * least:.2g} % of the reservoir's activity would be seen"
    told += f", as of {1000.0 * least * limits.usual_ml:.0f} microlitres of {limits.usual_ml:.0f} ml"
    known = [(held, each) for held, each in over if held is not None]
    if not known or any(held >= each for held, each in known):
        return "", told
    held = max(each for each, _ in known)
    part = f"{100.0 * limits.fault_share:.0f} % of the flow"
    return f"cannot tell: a leak of {part} would hold {100.0 * held:.2g} % behind the pump, too little to be seen", told


def _leaked(delivery: Delivery, hours: float | None, limits: NuclearLimits) -> float | None:
    """The share of the reservoir's activity that a leak at the pump would hold by now; None where it is not known."""
    if hours is None or not delivery.flow_ml_per_day:
        return None
    since_h = max(0.0, hours - delivery.arrival_h(0.0)) if delivery.known else hours
    give = np.log(2.0) / limits.fault_half_h
    held_h = float(1.0 - np.exp(-give * since_h)) / give
    return float(limits.fault_share * delivery.flow_ml_per_day / _HOURS_A_DAY * held_h / limits.usual_ml)
