"""What is wrong on radiographs, and what was examined.

A new detector is a function here, and a line in `FILM_DETECTORS`.
"""

from __future__ import annotations

from catheterview.detect.film.bends import find_film_kinks
from catheterview.detect.film.course import find_film_gaps, find_film_unseen
from catheterview.detect.film.evidence import FilmDetector, FilmEvidence
from catheterview.detect.film.pump import find_film_flip
from catheterview.detect.film.serial import Since, find_moved_pump, find_moved_tip, find_turned, is_laid_over
from catheterview.detect.film.tip import find_film_tip, tip_told
from catheterview.detect.film.visible import visibility_told, with_seams
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Examined, Finding, Kind

__all__ = [
    "FILM_DETECTORS",
    "SINCE_NAMES",
    "FilmDetector",
    "FilmEvidence",
    "Since",
    "detect_on_film",
    "detect_since",
]

#: Every detector that reads one film, in the order in which it is run.
FILM_DETECTORS: tuple[FilmDetector, ...] = (
    FilmDetector(name="discontinuity", kinds=(Kind.DISCONTINUITY,), run=find_film_gaps),
    FilmDetector(name="kink", kinds=(Kind.KINK,), run=find_film_kinks),
    FilmDetector(name="visibility", kinds=(Kind.NOT_ASSESSABLE,), run=find_film_unseen, tells=visibility_told),
    FilmDetector(name="tip", kinds=(Kind.TIP_MALPOSITION, Kind.MIGRATION), run=find_film_tip, tells=tip_told),
    FilmDetector(name="pump_flip", kinds=(Kind.PUMP_FLIP,), run=find_film_flip, needs_catheter=False),
)

#: Every comparison with an earlier film, in the order in which it is made.
SINCE_NAMES = ("pump_rotation", "pump_migration", "tip_migration")


def detect_on_film(
    evidence: FilmEvidence, limits: FilmDetectLimits
) -> tuple[tuple[Finding, ...], tuple[Examined, ...]]:
    """Run every detector on one film; each leaves exactly one `Examined`."""
    asked = [detector.examine(evidence, limits) for detector in FILM_DETECTORS]
    found = tuple(finding for findings, _ in asked for finding in findings)
    return with_seams(evidence, found, limits), tuple(line for _, line in asked)


def detect_since(
    evidence: FilmEvidence, since: Since | None, limits: FilmDetectLimits
) -> tuple[tuple[Finding, ...], tuple[Examined, ...]]:
    """Compare one film with an earlier one of the case; each comparison leaves exactly one `Examined`."""
    uid = evidence.film.image.series_instance_uid
    if since is None:
        why = "no earlier frontal film of the case shows the pump"
        return (), tuple(_skipped(name, (uid,), why) for name in SINCE_NAMES)
    uids = (uid, since.prior.film.image.series_instance_uid)
    turned = find_turned(evidence, since, limits)
    if not is_laid_over(since, limits):
        why = "the skeletons of the two films could not be laid over each other"
        lines = [_skipped(name, uids, why) for name in SINCE_NAMES[1:]]
        return turned, (Examined(detector=SINCE_NAMES[0], series_instance_uids=uids, outcome="RAN"), *lines)
    found = (*turned, *find_moved_pump(evidence, since, limits), *find_moved_tip(evidence, since, limits))
    return found, tuple(Examined(detector=name, series_instance_uids=uids, outcome="RAN") for name in SINCE_NAMES)


def _skipped(name: str, uids: tuple[str, ...], why: str) -> Examined:
    return Examined(detector=name, series_instance_uids=uids, outcome="SKIPPED", why=why)
