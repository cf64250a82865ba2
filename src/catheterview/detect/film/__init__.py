"""What is wrong on radiographs, and what was examined.

A new detector is a function here, and a line in `FILM_DETECTORS`.
"""

from __future__ import annotations

from catheterview.detect.film.course import find_film_gaps, find_film_kinks, find_film_unseen
from catheterview.detect.film.evidence import FilmDetector, FilmEvidence
from catheterview.detect.film.pump import find_film_flip
from catheterview.detect.film.serial import find_turned
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Examined, Finding, Kind

__all__ = ["FILM_DETECTORS", "FilmDetector", "FilmEvidence", "detect_on_film", "detect_since"]

#: Every detector that reads one film, in the order in which it is run.
FILM_DETECTORS: tuple[FilmDetector, ...] = (
    FilmDetector(name="discontinuity", kinds=(Kind.DISCONTINUITY,), run=find_film_gaps),
    FilmDetector(name="kink", kinds=(Kind.KINK,), run=find_film_kinks),
    FilmDetector(name="visibility", kinds=(Kind.NOT_ASSESSABLE,), run=find_film_unseen),
    FilmDetector(name="pump_flip", kinds=(Kind.PUMP_FLIP,), run=find_film_flip, needs_catheter=False),
)


def detect_on_film(
    evidence: FilmEvidence, limits: FilmDetectLimits
) -> tuple[tuple[Finding, ...], tuple[Examined, ...]]:
    """Run every detector on one film; each leaves exactly one `Examined`."""
    asked = [detector.examine(evidence, limits) for detector in FILM_DETECTORS]
    return tuple(finding for findings, _ in asked for finding in findings), tuple(line for _, line in asked)


def detect_since(
    evidence: FilmEvidence, prior: FilmEvidence | None, limits: FilmDetectLimits
) -> tuple[tuple[Finding, ...], Examined]:
    """Compare one film with an earlier one of the case; leaves exactly one `Examined`."""
    uid = evidence.film.image.series_instance_uid
    if prior is None:
        why = "no earlier frontal film of the case shows the pump"
        return (), Examined(detector="pump_rotation", series_instance_uids=(uid,), outcome="SKIPPED", why=why)
    uids = (uid, prior.film.image.series_instance_uid)
    found = find_turned(evidence, prior, limits)
    return found, Examined(detector="pump_rotation", series_instance_uids=uids, outcome="RAN", why="")
