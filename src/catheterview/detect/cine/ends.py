"""How the filled catheter ends: in the sac, outside the dura, in a pool at the tip, cut off, or blocked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.detect.cine.evidence import DyeEvidence
from catheterview.detect.cine.leaks import place_of
from catheterview.detect.film.evidence import Sight
from catheterview.model import Finding, Kind, Segment
from catheterview.model.cine import Stain

_NEXT = "A dye study under fluoroscopy finds half of what is wrong; CT after contrast through the port localises."


def find_discontinuity(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report a catheter whose contrast ends in a pool in tissue: nothing of it gets to the canal."""
    if evidence.sac:
        return ()
    if not evidence.filled:
        return _cut_at_connector(evidence)
    beside = [one for one in evidence.pools if place_of(evidence, one) in (Kind.EXTRAVASATION, Kind.CONNECTOR_LEAK)]
    pools = [*beside, *evidence.over_pump]
    if not pools:
        return ()
    main = max(pools, key=lambda one: one.amount)
    words = "The column of contrast ends in a pool, and none gets to the canal: the catheter may be cut"
    return (_told(evidence, main, (Kind.DISCONTINUITY, None), words),)


def _cut_at_connector(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """A pool at the pump's rim while none runs in the catheter, and none lies over the pump as after a needle."""
    if not evidence.at_rim:
        return ()
    main = max(evidence.at_rim, key=lambda one: one.amount)
    words = "Contrast gathers beside the pump and none runs in the catheter: it may be off its connector"
    return (_told(evidence, main, (Kind.DISCONTINUITY, Segment.CONNECTOR), words),)


def find_obstruction(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report a front that stops although the run goes on, with nothing that has left the catheter."""
    course, limits = evidence.reading.course, evidence.limits
    if course is None or not evidence.filled or evidence.sac or evidence.pools or evidence.over_pump:
        return ()
    if not stopped(evidence):
        return ()
    end = course.catheter.points[-1]
    sight = Sight(
        kind=Kind.FLOW_OBSTRUCTION,
        point=end,
        score=0.7,
        message="Contrast fills the catheter up to here, stops, and leaves nowhere",
        measures=evidence.film.length("arc", float(evidence.reading.course_px[-1]))
        | {"arrival_frame": round(float(course.arrival[-1]), 1)},
        segment=Segment.INTRATHECAL if evidence.upright_mm() >= limits.upright_mm else None,
        cautions=(
            _NEXT,
            "Where the hand stopped pressing, contrast stops as well.",
            "Contrast that leaves slowly may be too thin to be seen.",
        ),
    )
    return (evidence.finding(sight),)


def stopped(evidence: DyeEvidence) -> bool:
    """Whether the front came most of the way long enough before the run ended, and ends within the picture."""
    course = evidence.reading.course
    if course is None or not course.whole:
        return False
    frames = len(evidence.reading.cine.density)
    most = course.arrival[int(evidence.limits.course_part * (len(course.arrival) - 1))]
    return float(most) <= frames - 1.0 - evidence.limits.under_way_frames


def find_loculation(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report a pool at the end of a catheter that climbs in the canal, from which nothing goes on."""
    if evidence.sac:
        return ()
    found = [one for one in evidence.pools if evidence.at_tip(one)]
    if not found:
        return ()
    words = "Contrast stays at the tip as a pool and does not spread in the canal"
    return (_told(evidence, max(found, key=lambda one: one.amount), (Kind.TIP_LOCULATION, Segment.TIP), words),)


def find_epidural(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report contrast along the canal that is streaky, or denser at its sides than in its middle."""
    sac, limits = evidence.sac, evidence.limits
    if not sac:
        return ()
    patchy, hollow = _mean(sac, [one.patchy for one in sac]), _mean(sac, [one.hollow for one in sac])
    if patchy < limits.patchy and hollow < limits.hollow and not evidence.sac_broken:
        return ()
    main = max(sac, key=lambda one: one.amount)
    words = "Contrast along the canal is streaky and does not fill it evenly: it may lie outside the dura"
    found = _told(evidence, main, (Kind.EPIDURAL_PATTERN, Segment.TIP), words)
    return (found,)


def _mean(stains: Sequence[Stain], values: Sequence[float]) -> float:
    """A mean weighted by amount."""
    return float(np.average(values, weights=[one.amount for one in stains]))


def find_ectasia(evidence: DyeEvidence) -> tuple[Finding, ...]:
    """Report a stretch beyond a leak that holds much more contrast, and is wider, than the catheter before it."""
    course, limits = evidence.reading.course, evidence.limits
    leaks = [one for one in evidence.pools if place_of(evidence, one) is Kind.EXTRAVASATION and one.arc_px >= 0.0]
    if course is None or not leaks:
        return ()
    arc, strength = evidence.reading.course_px, course.strength
    at = min(one.arc_px for one in leaks)
    before, after = (arc < at) & (course.catheter.confidence >= limits.seen), arc > at + limits.at_end_mm / evidence.mm
    usual, width = float(np.median(strength[before])) if before.any() else 0.0, course.width_px
    wide = (
        after
        & (strength > limits.wide_ratio * usual)
        & (width > 1.15 * np.median(width[before] if before.any() else 0))
    )
    if usual <= 0.0 or wide.sum() * evidence.reading.opacified_px * evidence.mm < limits.wide_mm:
        return ()
    middle = int(np.median(np.flatnonzero(wide)))
    sight = Sight(
        kind=Kind.ECTASIA,
        point=course.catheter.points[middle],
        score=0.6,
        message="Beyond the leak the column of contrast is wider than before it",
        measures={"density_ratio": round(float(np.median(strength[wide])) / usual, 2)}
        | evidence.film.length("arc", float(arc[middle])),
        cautions=("A catheter that runs along the beam looks denser as well.",),
    )
    return (evidence.finding(sight),)


def _told(evidence: DyeEvidence, stain: Stain, what: tuple[Kind, Segment | None], words: str) -> Finding:
    """A pool in a report's terms."""
    kind, segment = what
    sight = Sight(
        kind=kind,
        point=np.array(stain.center),
        score=0.75,
        message=f"{words}; it began at {evidence.reading.cine.told(stain.onset)}",
        measures=evidence.measures(stain) | {"patchy": round(stain.patchy, 2), "hollow": round(stain.hollow, 2)},
        segment=segment,
        cautions=(_NEXT,),
    )
    return evidence.finding(sight)
