"""Contrast that left the catheter before its tip: along the tract, at the connector, into the pocket."""

from __future__ import annotations

import numpy as np

from catheterview.detect.cine.evidence import DyeEvidence
from catheterview.detect.film.evidence import Sight
from catheterview.model import Finding, Kind, Segment
from catheterview.model.cine import Stain

_SPILT = "Contrast spilt where the needle went in looks the same near the pump."
_BACK = "Contrast round the pump may have come back along the catheter from a leak at the dura."
_NEXT = "A dye study under fluoroscopy finds half of what is wrong; CT after contrast through the port localises."


def find_extravasation(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report contrast beside the catheter, away from connector and pocket."""
    found = [one for one in evidence.leaks if place_of(evidence, one) is Kind.EXTRAVASATION]
    return tuple(_told(evidence, one, (Kind.EXTRAVASATION, None), "Contrast leaves the catheter") for one in found)


def find_connector_leak(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report contrast round the connector."""
    found = [one for one in evidence.leaks if place_of(evidence, one) is Kind.CONNECTOR_LEAK]
    return tuple(
        _told(evidence, one, (Kind.CONNECTOR_LEAK, Segment.CONNECTOR), "Contrast gathers at the connector")
        for one in found
    )


def find_pocket_pooling(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report contrast round the pump, where the catheter was filled as well."""
    found = [one for one in evidence.pools if place_of(evidence, one) is Kind.POCKET_POOLING]
    if not found:
        return ()
    main = max(found, key=lambda one: one.amount)
    return (_told(evidence, main, (Kind.POCKET_POOLING, Segment.POCKET), "Contrast gathers round the pump"),)


def place_of(evidence: DyeEvidence, stain: Stain) -> Kind | None:
    """What a patch beside canal and pump is; None where it is what has left at the tip, or was never in a catheter."""
    limits = evidence.limits
    if not evidence.sac and evidence.at_tip(stain):
        return None
    at_pump = stain.round_pump + stain.on_pump >= limits.mostly
    if not evidence.filled and not evidence.sac:
        alone = at_pump or stain.amount < limits.alone * limits.least_amount
        return None if alone else Kind.EXTRAVASATION
    if at_pump and stain.long_px * evidence.mm >= limits.pocket_long_mm:
        return Kind.POCKET_POOLING
    return Kind.CONNECTOR_LEAK if _at_connector(evidence, stain, at_pump=at_pump) else Kind.EXTRAVASATION


def _at_connector(evidence: DyeEvidence, stain: Stain, *, at_pump: bool) -> bool:
    """Whether a patch lies at the beginning of the course, or at the pump before contrast was seen anywhere else.

    What lies at the pump but far from where the course begins is beside another part of the catheter.
    """
    limits, course = evidence.limits, evidence.reading.course
    early = 0.0 <= stain.arc_px * evidence.mm <= limits.connector_mm
    if early and stain.away_px * evidence.mm <= limits.at_end_mm:
        return True
    if not at_pump or course is None:
        return at_pump
    off = float(np.linalg.norm(stain.outline - course.catheter.points[0], axis=1).min()) * evidence.mm
    frame_s = evidence.reading.cine.frame_s
    soon = limits.first_frames if frame_s is None else min(limits.first_frames, limits.first_s / frame_s)
    return stain.onset <= float(course.arrival[0]) + soon and off <= limits.connector_mm


def _told(evidence: DyeEvidence, stain: Stain, what: tuple[Kind, Segment | None], words: str) -> Finding:
    """A leak in a report's terms."""
    kind, segment = what
    began = evidence.reading.cine.told(stain.onset)
    cautions = (_NEXT, _SPILT, _BACK) if segment else (_NEXT,)
    ratio = stain.amount / evidence.limits.least_amount
    sight = Sight(
        kind=kind,
        point=np.array(stain.center),
        score=1.0 - 0.5 / max(ratio, 1.0),
        message=f"{words}: a patch of {evidence.film.told(stain.long_px)} that grows from {began} on",
        measures=evidence.measures(stain),
        segment=segment,
        cautions=cautions,
    )
    return evidence.finding(sight)
