"""What is wrong with the catheter's course on one film: interrupted, or not to be assessed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.detect.film.thin import is_thin
from catheterview.geometry import arc_length
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Finding, Kind, Segment
from catheterview.model.film import View

#: Said of what the other view has not been asked about, or does not show.
ONE_VIEW = "Seen in one view only: a second view or CT confirms it."
_NOT_SEEN = "Not visible is not the same as disconnected: some catheters have radiolucent parts."


def find_film_gaps(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report every place at which the film shows that there is no tube between two pieces of it.

    Measures: ``gap_mm`` at the pump's depth, ``gap_detector_mm`` on the detector or ``gap_px``, as the frame has it;
    a gap that runs towards the film is longer than it looks.
    """
    found = []
    for catheter in trusted(evidence):
        for (_, before), (after, _) in pairwise(catheter.pieces):
            near, far = catheter.points[before], catheter.points[after]
            gap = float(np.linalg.norm(far - near))
            score = _gap_score(catheter, before, after)
            if score < limits.gap_score or _over_bodies(evidence, catheter, before):
                continue
            if _at_unknown_stem(evidence, catheter, before, limits):
                continue
            if not is_thin(evidence, catheter, (before, after), limits):
                continue
            sight = Sight(
                kind=Kind.DISCONTINUITY,
                point=0.5 * (near + far),
                score=score,
                message=f"The catheter is interrupted over {evidence.told(gap)}",
                measures={**evidence.length("gap", gap), **along(evidence, catheter, before)},
                segment=segment_on(evidence, catheter, before, limits),
                cautions=(ONE_VIEW, _NOT_SEEN),
                ends=tuple((round(float(p[0]), 1), round(float(p[1]), 1)) for p in (near, far)),
            )
            found.append(finding_on(evidence, sight))
    return tuple(found)


def _over_bodies(evidence: FilmEvidence, catheter: Centreline, n: int) -> bool:
    """Whether a place lies where a frontal film has vertebrae behind the catheter: their edges end as a tube does."""
    entry = catheter.landmarks.dural_entry
    return evidence.film.view is not View.LATERAL and entry is not None and n >= entry


def _at_unknown_stem(evidence: FilmEvidence, catheter: Centreline, n: int, limits: FilmDetectLimits) -> bool:
    """Whether a way begins with a gap at a pump of which it is not known where the catheter leaves it."""
    mm = evidence.mm_per_px
    unread = not evidence.pumps or evidence.pumps[0].turn_deg is None
    return unread and mm is not None and float(arc_length(catheter.points)[n]) * mm < limits.connector_mm


def trusted(evidence: FilmEvidence) -> list[Centreline]:
    """The catheters that end as a catheter does: a way that is lost may have turned into a cable or a bone's edge."""
    return [catheter for catheter in evidence.catheters if catheter.landmarks.tip is not None]


def _gap_score(catheter: Centreline, before: int, after: int) -> float:
    """How surely the tube is absent: its peak beside the gap against what the surroundings show there."""
    beside = np.r_[max(0, before - 25) : before + 1, after : min(len(catheter.points), after + 26)]
    noise = np.median(catheter.noise[max(0, before - 5) : after + 6])
    ratio = float(np.median(catheter.contrast[beside]) / max(float(noise), 1e-9))
    return float(1.0 - 0.5 ** (ratio / 3.0))


def find_film_unseen(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report every stretch in which neither the tube nor its absence is seen, and an end that need not be the tip."""
    mm = evidence.mm_per_px
    found = []
    for catheter in evidence.catheters:
        arc = arc_length(catheter.points)
        for first, last in catheter.pieces:
            low = catheter.confidence[first : last + 1] < limits.seen_confidence
            edges = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]]).astype(np.int8))).reshape(-1, 2)
            for a, b in edges:
                start, end = first + int(a), first + int(b) - 1
                length = float(arc[end] - arc[start])
                if length * (mm or 0.15) >= limits.hidden_mm:
                    found.append(_unseen(evidence, catheter, (start, end), length))
        if catheter.landmarks.tip is None:
            found.append(_lost(evidence, catheter))
    return tuple(found)


def _lost(evidence: FilmEvidence, catheter: Centreline) -> Finding:
    """Describe an end at which the catheter could be followed no further."""
    sight = Sight(
        kind=Kind.NOT_ASSESSABLE,
        point=catheter.points[-1],
        score=1.0,
        message="The catheter could not be followed beyond this point; the rest of it, and its tip, cannot be assessed",
        measures=along(evidence, catheter, len(catheter.points) - 1),
        cautions=(_NOT_SEEN, "A gap or kink beyond this point would not be seen."),
    )
    return finding_on(evidence, sight)


def _unseen(evidence: FilmEvidence, catheter: Centreline, run: tuple[int, int], length: float) -> Finding:
    """Describe one stretch."""
    middle = (run[0] + run[1]) // 2
    metal = bool(np.median(catheter.contrast[run[0] : run[1] + 1]) <= 0.0)
    why = "behind metal or off the film" if metal else "too faint against what lies over it"
    sight = Sight(
        kind=Kind.NOT_ASSESSABLE,
        point=catheter.points[middle],
        score=1.0,
        message=f"The catheter cannot be assessed over {evidence.told(length)} ({why})",
        measures={**evidence.length("hidden", length), **along(evidence, catheter, middle)},
        cautions=("A gap or kink in this stretch would not be seen.",),
    )
    return finding_on(evidence, sight)


def along(evidence: FilmEvidence, catheter: Centreline, n: int) -> dict[str, float]:
    """Distance along the catheter from the pump, as it is seen."""
    return evidence.length("arc", float(arc_length(catheter.points)[n]))


def segment_on(evidence: FilmEvidence, catheter: Centreline, n: int, limits: FilmDetectLimits) -> Segment | None:
    """The segment that a place on the catheter belongs to, as far as one film tells it; None where it does not."""
    mm = evidence.mm_per_px
    if mm is None or not evidence.pumps:
        return None
    arc = float(arc_length(catheter.points)[n]) * mm
    pump = evidence.pumps[0]
    away = float(np.linalg.norm(catheter.points[n] - np.array(pump.center))) - pump.radius_px
    if arc <= limits.connector_mm:
        return Segment.CONNECTOR
    if away * mm <= limits.pocket_mm:
        return Segment.POCKET
    steep = evidence.film.view in (View.AP, View.PA, View.LATERAL) and _runs_up(catheter, n, mm)
    return Segment.INTRATHECAL if steep else Segment.SUBCUTANEOUS_TRACT


def _runs_up(catheter: Centreline, n: int, mm: float) -> bool:
    """Whether the catheter from here to its end only climbs, as it does in the canal."""
    rest = catheter.points[n:]
    if len(rest) < 20:
        return True
    climbed = float(rest[0, 0] - rest[-1, 0])
    return climbed * mm > 15.0 and climbed > 0.85 * float(arc_length(rest)[-1])
