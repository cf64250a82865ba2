"""What is kept of an earlier CT, so that a later one can be held against it; its voxels are let go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.contrast.tip import cut_off
from catheterview.detect.serial.bones import Spine, spine_of
from catheterview.detect.serial.pattern import pattern_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.limits.serial import SerialLimits
from catheterview.model import Evidence, Pump


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriorCt:
    """What is kept of a CT.

    Parameters
    ----------
    series_instance_uid : str
    spine : Spine or None
    tip : (3,) LPS mm, or None
        End of its catheter; None without one, or where the scan cuts it off.
    pump : Pump
    pattern : (H, R, A) float32
        Its inside, from `pattern_of`.
    """

    series_instance_uid: str
    spine: Spine | None
    tip: FloatArray | None
    pump: Pump
    pattern: NDArray[np.float32]


def prior_of(evidence: Evidence, limits: DetectLimits, serial: SerialLimits) -> PriorCt | None:
    """Keep of a CT what a later one is held against.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits
    serial : SerialLimits

    Returns
    -------
    PriorCt or None
        None unless there is exactly one pump.
    """
    if len(evidence.pumps) != 1:
        return None
    (pump,) = evidence.pumps
    whole = [one for one in evidence.catheters if len(evidence.anatomy.canal) and not cut_off(one, evidence, limits)]
    return PriorCt(
        series_instance_uid=evidence.image.series_instance_uid,
        spine=spine_of(evidence.image, evidence.anatomy, serial),
        tip=whole[0].points[-1] if len(whole) == 1 else None,
        pump=pump,
        pattern=pattern_of(evidence.image, pump, serial),
    )
