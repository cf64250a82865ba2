"""The rotor study of a case: two frontal films of one pump, taken minutes to hours apart."""

from __future__ import annotations

from functools import partial

from catheterview.detect.film import FilmEvidence
from catheterview.detect.film.rotor import ROTOR_NAME, RotorPair, examine_rotor, is_rotor_pair, minutes_between
from catheterview.device.film.rotor import rotor_turn
from catheterview.limits import Limits
from catheterview.model import Examined, Finding
from catheterview.triage.film_study import FRONTAL
from catheterview.triage.journal import Journal

_Told = tuple[tuple[Finding, ...], tuple[Examined, ...]]


def rotor_told(evidence: FilmEvidence, before: list[FilmEvidence], limits: Limits, journal: Journal) -> _Told:
    """Compare a film's rotor with that of the last frontal film that shows the pump.

    Parameters
    ----------
    evidence : FilmEvidence
        Of any film; one that is not frontal, or shows no pump, is left alone.
    before : list of FilmEvidence
        The case's films so far; this one is added.
    limits : Limits
    journal : Journal
        What fails is noted there.

    Returns
    -------
    findings, examined : tuples
    """
    if evidence.film.view not in FRONTAL or not evidence.pumps:
        return (), ()
    near = [one for one in before if is_rotor_pair(evidence.film, one.film, limits.film_detect)]
    before.append(evidence)
    uid = evidence.film.image.series_instance_uid
    if not near:
        why = "no other frontal film of the pump was taken within a day and a half"
        return (), (Examined(detector=ROTOR_NAME, series_instance_uids=(uid,), outcome="SKIPPED", why=why),)
    pair = (evidence, near[-1])
    if (minutes_between(pair[0].film, pair[1].film) or 0.0) < 0.0:
        pair = pair[::-1]
    now, then = pair
    measure = partial(rotor_turn, now.film, now.pumps[0], (then.film, then.pumps[0]), limits.film)
    turn = journal.attempt("detect", uid, measure)
    if turn is None:
        why = "comparing the rotors failed"
        return (), (Examined(detector=ROTOR_NAME, series_instance_uids=(uid,), outcome="FAILED", why=why),)
    findings, examined = examine_rotor(RotorPair(now=now, then=then, turn=turn), limits.film_detect)
    return findings, (examined,)
