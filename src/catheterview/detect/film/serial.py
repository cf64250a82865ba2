"""What changed between two films of one view: whether the pump has turned about its axis, or been turned over."""

from __future__ import annotations

import numpy as np

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Finding, Kind, Segment
from catheterview.model.film import FilmPump, View

_FRONTAL = (View.AP, View.PA)


def find_turned(evidence: FilmEvidence, prior: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report a pump that is turned about its axis since an earlier frontal film.

    Parameters
    ----------
    evidence : FilmEvidence
        Of the later film.
    prior : FilmEvidence
        Of the earlier one.
    limits : FilmDetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``turn_deg``, counter-clockwise as the reader sees it, -180 to 180. Empty where either film does not
        show how the pump lies, or where one shows its front and the other its back.
    """
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
