"""The rotor study: whether the pump's rotor has turned between two films that were taken minutes to hours apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Examined, Finding, Kind, Segment
from catheterview.model.film import Film, RotorTurn

ROTOR_NAME = "rotor"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RotorPair:
    """Two films of one pump, and what they tell of its rotor.

    Parameters
    ----------
    now, then : FilmEvidence
        The later film, and the earlier one.
    turn : RotorTurn
    """

    now: FilmEvidence
    then: FilmEvidence
    turn: RotorTurn


def minutes_between(now: Film, then: Film) -> float | None:
    """Minutes from one film to another, negative where that is the later; None where a header tells no time."""
    moments = [_moment(film.taken) for film in (now, then)]
    if moments[0] is None or moments[1] is None:
        return None
    return (moments[0] - moments[1]).total_seconds() / 60.0


def _moment(taken: str) -> datetime | None:
    """Date and time of day as DICOM writes them."""
    date, _, time = taken.partition(" ")
    try:
        return datetime.strptime(f"{date} {time.strip()[:6]}", "%Y%m%d %H%M%S")
    except ValueError:
        return None


def is_rotor_pair(now: Film, then: Film, limits: FilmDetectLimits) -> bool:
    """Whether two films were taken so soon after one another that their rotors may be compared."""
    gap = minutes_between(now, then)
    return gap is not None and 0.0 < abs(gap) <= limits.rotor_most_min


def examine_rotor(pair: RotorPair, limits: FilmDetectLimits) -> tuple[tuple[Finding, ...], Examined]:
    """Say by how much the rotor has turned; report one that stands still.

    Parameters
    ----------
    pair : RotorPair
    limits : FilmDetectLimits

    Returns
    -------
    findings : tuple of Finding
        ``rotor_not_turning`` with ``rotor_turn_deg``, its error and ``minutes``; empty where it has turned, where that
        cannot be told, or where the films are so close that the second may only repeat the first.
    examined : Examined
        SKIPPED where the turn could not be told; else the turn is in `why`.
    """
    uids = tuple(one.film.image.series_instance_uid for one in (pair.now, pair.then))
    gap = minutes_between(pair.now.film, pair.then.film)
    turn = pair.turn.turn_deg
    if turn is None or gap is None:
        why = pair.turn.why or "when the films were taken is not known"
        return (), Examined(detector=ROTOR_NAME, series_instance_uids=uids, outcome="SKIPPED", why=why)
    way = "counter-clockwise" if turn > 0.0 else "clockwise"
    told = f"the rotor stands {abs(turn):.0f} degrees {way} of where it stood {gap:.0f} minutes before"
    examined = Examined(detector=ROTOR_NAME, series_instance_uids=uids, outcome="RAN", why=told)
    if abs(turn) > limits.rotor_still_deg or gap < limits.rotor_least_min:
        return (), examined
    pump = pair.now.pumps[0]
    sight = Sight(
        kind=Kind.ROTOR_NOT_TURNING,
        point=np.array(pump.center),
        score=float(np.clip(0.5 + 0.5 * pair.turn.fit * (1.0 - abs(turn) / limits.rotor_still_deg), 0.0, 0.95)),
        message=f"The pump's rotor stands where it stood {gap:.0f} minutes before",
        measures={
            "rotor_turn_deg": round(turn, 1),
            "repeatability_deg": limits.rotor_repeats_deg,
            "minutes": round(gap),
        },
        segment=Segment.PUMP,
        cautions=(
            "Only where a bolus was programmed between the two films should it have turned.",
            "A rotor that has turned by whole turns looks the same.",
        ),
    )
    return (finding_on(pair.now, sight),), examined
