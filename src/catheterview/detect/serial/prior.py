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
        How far its catheter was seen; None without one, or without a canal.
    goes_on : bool
        Whether the scan may cut the catheter off there: then its tip lies there or beyond.
    pump : Pump
    pattern : (H, R, A) float32
        Its inside, from `pattern_of`.
    """

    series_instance_uid: str
    spine: Spine | None
    tip: FloatArray | None
    goes_on: bool
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
    known = evidence.catheters if len(evidence.anatomy.canal) and len(evidence.catheters) == 1 else ()
    return PriorCt(
        series_instance_uid=evidence.image.series_instance_uid,
        spine=spine_of(evidence.image, evidence.anatomy, serial),
        tip=known[0].points[-1] if known else None,
        goes_on=any(cut_off(one, evidence, limits) for one in known),
        pump=pump,
        pattern=pattern_of(evidence.image, pump, serial),
    )
