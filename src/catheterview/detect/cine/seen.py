"""What could not be judged in a dye study, and mishaps that are no fault of the device."""

from __future__ import annotations

import numpy as np

from catheterview.detect.cine.ends import stopped
from catheterview.detect.cine.evidence import DyeEvidence
from catheterview.detect.film.evidence import Sight
from catheterview.model import Finding, Kind, Segment

_CAUTION = "What was not seen is not said to be whole."


def why_unreadable(evidence: DyeEvidence) -> str:
    """Why no detector can say anything of a run; empty where they can."""
    seen = evidence.reading.opacified
    if seen is None:
        return evidence.reading.why
    moved = float(np.max(seen.shift_px)) if len(seen.shift_px) else 0.0
    if seen.unrest > evidence.limits.unrest:
        return (
            f"too much movement between frames (up to {evidence.film.told(moved)}): {seen.unrest:.1f} times the noise"
        )
    return ""


def mishap_of(evidence: DyeEvidence) -> str:
    """Contrast beside the needle or in the pocket by mistake, in words; empty where there is none."""
    if into_pocket(evidence):
        return "contrast gathers at the pump and none runs in the catheter: it may have been put into the pocket"
    if evidence.over_pump:
        return "contrast lies over the pump: it may have been spilt where the needle went in"
    return ""


def into_pocket(evidence: DyeEvidence) -> bool:
    """Whether all contrast that is seen lies at the pump."""
    at_pump = [one for one in evidence.real if one.on_pump + one.round_pump >= evidence.limits.mostly]
    return bool(at_pump) and not evidence.filled and not evidence.sac and not evidence.at_rim


def find_unjudged(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report a run of which nothing, or not the end of the catheter, could be judged."""
    why = why_unreadable(evidence) or _not_filled(evidence) or _not_ended(evidence)
    if not why:
        return ()
    course = evidence.reading.course
    shape = evidence.reading.cine.density.shape
    point = course.catheter.points[-1] if course is not None else np.array([shape[1] / 2.0, shape[2] / 2.0])
    sight = Sight(
        kind=Kind.NOT_ASSESSABLE,
        point=point,
        score=1.0,
        message=f"Not assessable: {why}",
        segment=Segment.POCKET if into_pocket(evidence) else None,
        cautions=(_CAUTION,),
    )
    return (evidence.finding(sight),)


def _not_filled(evidence: DyeEvidence) -> str:
    """Why a catheter that was not seen filled says nothing."""
    if evidence.filled or any(evidence.at_tip(one) for one in evidence.pools):
        return ""
    if evidence.sac:
        return "contrast gets to the canal, but the catheter was not seen filled on its way there"
    return mishap_of(evidence) or "no contrast was seen to run in a catheter"


def _not_ended(evidence: DyeEvidence) -> str:
    """Why the end of the catheter could not be judged."""
    course = evidence.reading.course
    if evidence.sac or evidence.pools or course is None or stopped(evidence):
        return ""
    if not course.whole:
        return "the filled catheter leaves the picture"
    return "the run ends while contrast is still on its way"
