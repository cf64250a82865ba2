"""Where a SPECT lies on its CT: as it says, laid there anew, or refused as mirrored or with its axes exchanged."""

from __future__ import annotations

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.limits import NuclearLimits
from catheterview.model import Evidence, Image, Scintigram
from catheterview.resample import Moved, Target, exchanged_axes, hot_center_mm, mirrored_image, register_rigid

_UNTOLD = "; whether left and right are exchanged cannot be told, for it fits both ways"


def on_ct(spect: Image, evidence: Evidence, hours: float | None, limits: NuclearLimits) -> Scintigram:
    """Take a SPECT as it lies where it fits its CT; else say that it is mirrored, or lay it on the CT.

    Parameters
    ----------
    spect : Image
    evidence : Evidence
        The CT with a pump.
    hours : float or None
        Since injection.
    limits : NuclearLimits

    Raises
    ------
    UnsuitableError
        When it is mirrored, its axes are exchanged, or its reservoir fits no pump.
    """
    pump = evidence.pumps[0]
    same = bool(spect.frame_of_reference_uid) and spect.frame_of_reference_uid == evidence.image.frame_of_reference_uid
    away_mm = _away_mm(spect, evidence)
    if same and away_mm <= limits.placed_mm:
        return _as_it_lies(Scintigram(image=spect, ct=evidence, hours=hours), limits)
    uid = spect.series_instance_uid
    exchanged = exchanged_axes(spect, pump, far_mm=limits.elsewhere_mm, near_mm=limits.same_place_mm) if same else ""
    if exchanged:
        raise UnsuitableError(f"the SPECT does not lie as its CT: {exchanged}", where=uid)
    if same and away_mm > limits.elsewhere_mm:
        raise UnsuitableError("the SPECT's reservoir lies far from the pump of its own CT", where=uid)
    return _laid(Scintigram(image=spect, ct=evidence, hours=hours), limits)


def _away_mm(spect: Image, evidence: Evidence) -> float:
    """How far the reservoir lies from the pump."""
    return float(np.linalg.norm(hot_center_mm(spect) - np.array(evidence.pumps[0].center_mm)))


def _as_it_lies(scan: Scintigram, limits: NuclearLimits) -> Scintigram:
    """A SPECT in its CT's frame, unless its lines fit only with left and right exchanged.

    Where the pump lies beside the field's middle its reservoir tells left from right, and little tracer elsewhere is no
    reason to doubt it.
    """
    _, untold = _told_ways(scan, limits, least_overlap=-1.0)
    if _away_mm(mirrored_image(scan.image), scan.ct) > limits.same_place_mm:
        return scan
    return Scintigram(image=scan.image, ct=scan.ct, hours=scan.hours, placed=scan.placed + untold)


def _laid(scan: Scintigram, limits: NuclearLimits) -> Scintigram:
    """Lay a SPECT on its CT, unless it fits better with left and right exchanged; say what is not sure."""
    moved, untold = _told_ways(scan, limits, least_overlap=limits.least_overlap)
    placed = f"laid on the CT, moved by {moved.shift_mm:.0f} mm and {moved.turn_deg:.0f} degrees{untold}"
    if moved.error_mm > limits.laid_mm:
        placed += "; too little tracer outside the reservoir shows how it is turned about the pump's axis"
    return Scintigram(image=moved.image, ct=scan.ct, hours=scan.hours, placed=placed)


def _told_ways(scan: Scintigram, limits: NuclearLimits, *, least_overlap: float) -> tuple[Moved, str]:
    """A SPECT laid on its CT, and words where it lies there as well with left and right exchanged.

    Raises
    ------
    UnsuitableError
        When it fits only so.
    """
    target = Target(pump=scan.ct.pumps[0], anatomy=scan.ct.anatomy, catheters=scan.ct.catheters)
    moved = register_rigid(scan.image, target, least_overlap=least_overlap)
    other = register_rigid(mirrored_image(scan.image), target, least_overlap=-1.0)
    if other.fit > moved.fit + limits.mirrored_fit:
        why = "the SPECT fits its CT only with left and right exchanged: it is mirrored"
        raise UnsuitableError(why, where=scan.image.series_instance_uid)
    return moved, "" if moved.fit > other.fit + limits.mirrored_fit else _UNTOLD
