"""What changed between two frontal films of one patient: how the pump lies and where, and the height of the tip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Finding, Kind, Segment
from catheterview.model.film import FilmPump, SkeletonShift, View

_FRONTAL = (View.AP, View.PA)
_POSTURE = "Posture and breath move soft parts against the skeleton: compare films taken alike."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Since:
    """An earlier frontal film, and where the later one's skeleton lies on it; None where that could not be found."""

    prior: FilmEvidence
    shift: SkeletonShift | None


def find_turned(evidence: FilmEvidence, since: Since, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report a pump that is turned about its axis since an earlier frontal film.

    Parameters
    ----------
    evidence : FilmEvidence
        Of the later film.
    since : Since
        With the earlier one.
    limits : FilmDetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``turn_deg``, counter-clockwise as the reader sees it, -180 to 180. Empty where either film does not
        show how the pump lies, or where one shows its front and the other its back.
    """
    prior = since.prior
    if evidence.film.view not in _FRONTAL or prior.film.view not in _FRONTAL:
        return ()
    found = []
    for pump, before in zip(evidence.pumps, prior.pumps, strict=False):
        turn = turned_deg(pump, before)
        if turn is None or abs(turn) < limits.turned_deg:
            continue
        sight = Sight(
            kind=Kind.PUMP_ROTATION,
            point=np.array(pump.center),
            score=min(1.0, 0.5 + abs(turn) / 60.0),
            message=f"The pump has turned by {abs(turn):.0f} degrees since the earlier film",
            measures={"turn_deg": round(turn, 1), "repeatability_deg": limits.turn_repeats_deg},
            segment=Segment.PUMP,
            cautions=("Posture tilts the pump: the angle is that about the pump's own axis.",),
        )
        found.append(finding_on(evidence, sight))
    return tuple(found)


def turned_deg(pump: FilmPump, before: FilmPump) -> float | None:
    """How far a pump has turned since, -180 to 180; None where that cannot be told."""
    if pump.turn_deg is None or before.turn_deg is None or pump.flipped != before.flipped:
        return None
    return (pump.turn_deg - before.turn_deg + 180.0) % 360.0 - 180.0


def find_moved_pump(evidence: FilmEvidence, since: Since, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report a pump that has moved against the skeleton; measure ``moved_mm`` at the pump's depth, with its error."""
    if not is_laid_over(since, limits) or not evidence.pumps or not since.prior.pumps:
        return ()
    pump, before = evidence.pumps[0], since.prior.pumps[0]
    moved = _moved(pump.center, before.center, since)
    if moved is None or float(np.hypot(*moved)) < limits.pump_moved_mm:
        return ()
    length = float(np.hypot(*moved))
    sight = Sight(
        kind=Kind.PUMP_MIGRATION,
        point=np.array(pump.center),
        score=float(np.clip(0.5 + 0.25 * length / limits.pump_moved_mm, 0.0, 0.95)),
        message=f"The pump lies {length:.0f} mm from where the earlier film has it",
        measures={"moved_mm": round(length, 1), "repeatability_mm": limits.pump_repeats_mm},
        segment=Segment.PUMP,
        cautions=(_POSTURE,),
    )
    return (finding_on(evidence, sight),)


def find_moved_tip(evidence: FilmEvidence, since: Since, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report a tip that lies higher or lower against the skeleton than on the earlier film.

    Measures: ``moved_mm`` at the pump's depth, positive downwards, with ``repeatability_mm``. Only where both films
    have the tip, and the lateral film of either day has it at the same height.
    """
    if not is_laid_over(since, limits):
        return ()
    tips = [_tip(one) for one in (evidence, since.prior)]
    if tips[0] is None or tips[1] is None:
        return ()
    moved = _moved(tips[0], tips[1], since)
    if moved is None or abs(moved[0]) < limits.tip_moved_mm:
        return ()
    way = "lower" if moved[0] > 0.0 else "higher"
    sight = Sight(
        kind=Kind.MIGRATION,
        point=np.array(tips[0]),
        score=float(np.clip(0.5 + 0.25 * abs(moved[0]) / limits.tip_moved_mm, 0.0, 0.95)),
        message=f"The tip lies {abs(moved[0]):.0f} mm {way} against the vertebrae than on the earlier film",
        measures={"moved_mm": round(moved[0], 1), "repeatability_mm": limits.tip_repeats_mm},
        segment=Segment.TIP,
        cautions=(_POSTURE, "The end that was followed need not be the tip: look at both films."),
    )
    return (finding_on(evidence, sight),)


def is_laid_over(since: Since, limits: FilmDetectLimits) -> bool:
    """Whether the skeletons of the two films were found to match."""
    return since.shift is not None and since.shift.fit >= limits.skeleton_fit


def _tip(evidence: FilmEvidence) -> tuple[float, float] | None:
    """The tip (row, column) of a film's catheter that was followed into the canal, where the other view has it too."""
    for catheter in evidence.catheters if evidence.tip_confirmed else ():
        if catheter.landmarks.tip is not None and catheter.landmarks.dural_entry is not None:
            row, column = (float(v) for v in catheter.points[catheter.landmarks.tip])
            return row, column
    return None


def _moved(now: tuple[float, float], then: tuple[float, float], since: Since) -> tuple[float, float] | None:
    """How far a place has moved against the skeleton, (down, right) mm."""
    mm = since.prior.mm_per_px
    if mm is None or since.shift is None:
        return None
    down = now[0] + since.shift.rows_px - then[0]
    right = now[1] + since.shift.columns_px - then[1]
    return down * mm, right * mm
