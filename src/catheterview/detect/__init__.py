"""What is wrong with the catheter, and what was examined.

A new detector is a file here with a `run` function, and a line in `DETECTORS`.
"""

from __future__ import annotations

from catheterview.detect.contract import Detection, Detector
from catheterview.detect.contrast import (
    find_ectasias,
    find_filling_defects,
    find_layers,
    find_leaks,
    find_pooling,
    find_seromas,
    find_tip_malpositions,
    map_contrast,
)
from catheterview.detect.discontinuity import find_discontinuities
from catheterview.detect.kink import find_kinks
from catheterview.detect.unassessable import find_unassessable
from catheterview.limits import DetectLimits
from catheterview.model import Evidence, Kind, Rung

__all__ = ["DETECTORS", "Detection", "Detector", "detect_all", "map_contrast"]

_CT = (Rung.CT, Rung.CAP_CT, Rung.LP_CT)

_LEAKS = (Kind.EXTRAVASATION, Kind.CONNECTOR_LEAK, Kind.POCKET_POOLING, Kind.RETROGRADE_TRACKING)
_POOLS = (Kind.TIP_LOCULATION, Kind.INADEQUATE_POOLING, Kind.FLOW_OBSTRUCTION)
_LAYERS = (Kind.SUBDURAL_PATTERN, Kind.EPIDURAL_PATTERN)

#: Every detector, in the order in which it is run.
DETECTORS: tuple[Detector, ...] = (
    Detector(name="discontinuity", kinds=(Kind.DISCONTINUITY,), rungs=_CT, run=find_discontinuities),
    Detector(name="kink", kinds=(Kind.KINK,), rungs=_CT, run=find_kinks),
    Detector(name="leak", kinds=_LEAKS, rungs=_CT, run=find_leaks),
    Detector(name="pooling", kinds=_POOLS, rungs=_CT, run=find_pooling),
    Detector(name="layer", kinds=_LAYERS, rungs=_CT, run=find_layers),
    Detector(name="filling_defect", kinds=(Kind.FILLING_DEFECT,), rungs=_CT, run=find_filling_defects),
    Detector(name="ectasia", kinds=(Kind.ECTASIA,), rungs=_CT, run=find_ectasias),
    Detector(name="seroma", kinds=(Kind.SEROMA,), rungs=_CT, run=find_seromas),
    Detector(name="tip", kinds=(Kind.TIP_MALPOSITION, Kind.MIGRATION), rungs=_CT, run=find_tip_malpositions),
    Detector(name="visibility", kinds=(Kind.NOT_ASSESSABLE,), rungs=_CT, run=find_unassessable),
)


def detect_all(evidence: Evidence, limits: DetectLimits) -> tuple[Detection, ...]:
    """Run every detector on one image; each leaves exactly one `Examined`.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Detection
        In the order of `DETECTORS`.
    """
    return tuple(detector.examine(evidence, limits) for detector in DETECTORS)
