"""Which study the pixels show: no contrast, contrast through the catheter, or contrast from a lumbar puncture."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from catheterview.detect.along import canal_clearance_mm
from catheterview.detect.contrast.confined import confined_row
from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Evidence, Rung
from catheterview.model.contrast import Sac


def told_by(evidence: Evidence, sac: Sac | None, limits: ContrastLimits) -> tuple[Rung | None, str]:
    """Tell the study by its pixels.

    Parameters
    ----------
    evidence : Evidence
    sac : Sac or None
    limits : ContrastLimits

    Returns
    -------
    rung : Rung or None
        None where the canal is not in view.
    why : str
    """
    if sac is None:
        return None, "the spinal canal is not in view, so that contrast in it cannot be told"
    filled = filled_hu(sac, limits)
    if confined_row(sac, filled, limits) is not None:
        return Rung.CAP_CT, "contrast lies in a confined pool in the canal, as after an injection through the catheter"
    if not (filled > limits.sac_hu).any():
        return Rung.CT, "no contrast is seen in the thecal sac"
    tip = _tip_row(evidence, sac)
    step = float(np.linalg.norm(np.diff(sac.points, axis=0), axis=1).mean()) if len(sac.points) > 1 else 1.0
    low = filled[: max(3, round(limits.lumbar_mm / step))]
    here = filled if tip is None else filled[max(0, tip - round(20.0 / step)) : tip + round(20.0 / step) + 1]
    lowest = float(np.percentile(low, 75))
    if lowest > limits.sac_hu and lowest > limits.lumbar_ratio * float(np.median(here)):
        return Rung.LP_CT, "contrast in the sac is densest at its lower end, as after a lumbar puncture"
    return Rung.CAP_CT, "contrast in the sac is densest round the catheter's tip"


def filled_hu(sac: Sac, limits: ContrastLimits) -> FloatArray:
    """(N,) HU of the CSF along the sac, smoothed over `limits.sac_smooth_mm`."""
    if len(sac.points) < 2:
        return np.array(sac.rim_hu)
    step = float(np.linalg.norm(np.diff(sac.points, axis=0), axis=1).mean())
    return np.asarray(uniform_filter1d(sac.rim_hu, max(1, round(limits.sac_smooth_mm / step)), mode="nearest"))


def _tip_row(evidence: Evidence, sac: Sac) -> int | None:
    """Row of the sac nearest to the first catheter's end; None when that is not in the canal."""
    for catheter in evidence.catheters:
        tip = catheter.points[-1:]
        if canal_clearance_mm(evidence.anatomy, tip)[0] < 3.0:
            return int(np.argmin(np.linalg.norm(sac.points - tip, axis=1)))
    return None
