"""What is wrong in a dye study under fluoroscopy, and what was examined.

A new detector is a function here, and a line in `CINE_DETECTORS`. Signatures: clinical reference B.2, cautions B.7.
"""

from __future__ import annotations

from dataclasses import replace

from catheterview.detect.cine.ends import (
    find_discontinuity,
    find_ectasia,
    find_epidural,
    find_loculation,
    find_obstruction,
)
from catheterview.detect.cine.evidence import DyeDetector, DyeEvidence
from catheterview.detect.cine.leaks import find_connector_leak, find_extravasation, find_pocket_pooling
from catheterview.detect.cine.seen import find_unjudged, mishap_of, why_unreadable
from catheterview.limits.cine import CineDetectLimits
from catheterview.model import Examined, Finding, Kind
from catheterview.model.cine import DyeReading

__all__ = ["CINE_DETECTORS", "detect_in_cine"]

#: Every detector that reads a dye study, in the order in which it is run.
CINE_DETECTORS: tuple[DyeDetector, ...] = (
    DyeDetector(name="dye_extravasation", kinds=(Kind.EXTRAVASATION,), run=find_extravasation),
    DyeDetector(name="dye_connector_leak", kinds=(Kind.CONNECTOR_LEAK,), run=find_connector_leak),
    DyeDetector(name="dye_pocket_pooling", kinds=(Kind.POCKET_POOLING,), run=find_pocket_pooling),
    DyeDetector(name="dye_discontinuity", kinds=(Kind.DISCONTINUITY,), run=find_discontinuity),
    DyeDetector(name="dye_flow_obstruction", kinds=(Kind.FLOW_OBSTRUCTION,), run=find_obstruction),
    DyeDetector(name="dye_tip_loculation", kinds=(Kind.TIP_LOCULATION,), run=find_loculation),
    DyeDetector(name="dye_epidural_pattern", kinds=(Kind.EPIDURAL_PATTERN,), run=find_epidural),
    DyeDetector(name="dye_ectasia", kinds=(Kind.ECTASIA,), run=find_ectasia),
)


def detect_in_cine(reading: DyeReading, limits: CineDetectLimits) -> tuple[tuple[Finding, ...], tuple[Examined, ...]]:
    """Run every detector on one dye study; each leaves exactly one `Examined`.

    Parameters
    ----------
    reading : DyeReading
    limits : CineDetectLimits

    Returns
    -------
    findings : tuple of Finding
    examined : tuple of Examined
        The last, ``dye_visibility``, says what could not be judged, and names what was spilt or put into the pocket,
        which is a caution and no finding.
    """
    evidence = DyeEvidence(reading=reading, limits=limits)
    why = why_unreadable(evidence)
    asked = [detector.examine(evidence, why) for detector in CINE_DETECTORS]
    unjudged, line = DyeDetector(name="dye_visibility", kinds=(Kind.NOT_ASSESSABLE,), run=find_unjudged).examine(
        evidence, ""
    )
    line = replace(line, why="" if why else mishap_of(evidence))
    findings = (*(finding for found, _ in asked for finding in found), *unjudged)
    return findings, (*(one for _, one in asked), line)
