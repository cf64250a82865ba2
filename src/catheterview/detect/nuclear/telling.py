"""What every time of a study showed, in words: how far the catheter is seen, its limit of detection, the CSF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.detect.nuclear.elsewhere import places_said
from catheterview.detect.nuclear.measure import WINDOW, Measured, detectable
from catheterview.limits import NuclearLimits


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
