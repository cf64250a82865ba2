"""What one film tells of the pump itself: whether it is turned over."""

from __future__ import annotations

import numpy as np

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Finding, Kind, Segment
from catheterview.model.film import View


def find_film_flip(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report a pump whose face with the ports looks away from the front.

    Only a frontal film that shows the pump nearly face on tells it: the pattern is mirrored.
    """
    if evidence.film.view not in (View.AP, View.PA):
        return ()
    found = []
    for pump in evidence.pumps:
        if pump.flipped and pump.tilt_deg <= limits.flip_tilt_deg:
            sight = Sight(
                kind=Kind.PUMP_FLIP,
                point=np.array(pump.center),
                score=float(np.clip(0.5 + pump.pattern / 2.0, 0.0, 1.0)),
                message="The pump is turned over: the pattern inside it is mirrored",
                measures={"tilt_deg": round(pump.tilt_deg, 1), "pattern": round(pump.pattern, 3)},
                segment=Segment.PUMP,
                cautions=(
                    "Its ports may not be reached by a needle: look before any refill.",
                    "A film that was mirrored or wrongly marked looks the same.",
                ),
            )
            found.append(finding_on(evidence, sight))
    return tuple(found)
