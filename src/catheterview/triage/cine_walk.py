"""The dye studies of a case walked from files to pictures: read, pump, filled catheter, findings."""

from __future__ import annotations

from functools import partial

from catheterview.detect.cine import CINE_DETECTORS, detect_in_cine
from catheterview.limits import Limits
from catheterview.model import Examined, Finding, Outcome, Rung
from catheterview.model.cine import Cine, DyeReading
from catheterview.model.film import FilmPump
from catheterview.picture.cine import cine_images
from catheterview.read import Case, Series
from catheterview.read.cine import load_cine
from catheterview.trace.cine import find_disc, read_dye
from catheterview.triage.journal import Journal
from catheterview.triage.staircase import Walked

_LEAST_PX = 100  # a smaller matrix is no picture of a trunk


def cine_series(case: Case) -> tuple[Series, ...]:
    """The runs of a fluoroscope of a case that are large enough to be read."""
    return tuple(
        one
        for study in case.studies
        for one in study.series
        if one.role == "cine" and one.rung is Rung.FLUOROSCOPY and min(one.rows, one.columns) >= _LEAST_PX
    )


def walk_cines(case: Case, limits: Limits, journal: Journal, *, first_finding: int) -> tuple[Walked, ...]:
    """Walk every run of a case.

    Parameters
    ----------
    case : Case
    limits : Limits
    journal : Journal
        What fails is noted there.
    first_finding : int
        Number of the first finding.

    Returns
    -------
    tuple of Walked
        One for each run, on the rung ``fluoroscopy``, in the order of the report.
    """
    walked: list[Walked] = []
    for series in cine_series(case):
        first = first_finding + sum(len(one.findings) for one in walked)
        walked.append(_walk(series, limits, journal, first))
    return tuple(walked)


def _walk(series: Series, limits: Limits, journal: Journal, first_finding: int) -> Walked:
    """Walk one run."""
    uid = series.series_instance_uid
    cine = journal.attempt("read", uid, partial(load_cine, series, limits=limits.read))
    if cine is None:
        return _ended(uid, "read", "its pixels could not be read")
    pumps, told = _pumps(cine, limits, journal)
    reading = journal.attempt("trace", uid, partial(read_dye, cine, pumps, limits.cine))
    if reading is None:
        return _ended(uid, "trace", "following the contrast failed")
    asked = journal.attempt("detect", uid, partial(detect_in_cine, reading, limits.cine_detect))
    if asked is None:
        return _ended(uid, "detect", "detection failed")
    findings, examined = asked
    named: list[tuple[str, Finding]] = [(f"F{n}", one) for n, one in enumerate(findings, first_finding)]
    images = journal.attempt("picture", uid, partial(cine_images, reading, named))
    return Walked(
        examined=(told, _traced(reading, uid), *examined),
        rung=Rung.FLUOROSCOPY,
        film_pumps=pumps,
        catheters=() if reading.course is None else (reading.course.catheter,),
        findings=findings,
        images=images or (),
    )


def _pumps(cine: Cine, limits: Limits, journal: Journal) -> tuple[tuple[FilmPump, ...], Examined]:
    """Look for the pump's disc on the first frames: its pattern is too fine for a run's pixels."""
    uid = cine.film.image.series_instance_uid
    pumps = journal.attempt("device", uid, partial(find_disc, cine, limits.cine))
    if pumps is None:
        return (), _stage("device", uid, "FAILED", "the search for the pump failed")
    return pumps, _stage("device", uid, "RAN", "" if pumps else "no disc of a known pump's size was found")


def _traced(reading: DyeReading, uid: str) -> Examined:
    """How far contrast was followed."""
    seen = reading.opacified
    if seen is None:
        return _stage("trace", uid, "SKIPPED", reading.why)
    words = f"{seen.before} frames before contrast; moved by up to {float(seen.shift_px.max()):.1f} pixels"
    return _stage("trace", uid, "RAN", f"{reading.why}; {words}" if reading.why else words)


def _ended(uid: str, stage: str, why: str) -> Walked:
    """What is left of a run in which nothing could be looked for."""
    names = (*(detector.name for detector in CINE_DETECTORS), "dye_visibility")
    return Walked(examined=(_stage(stage, uid, "FAILED", why), *(_stage(name, uid, "FAILED", why) for name in names)))


def _stage(name: str, uid: str, outcome: Outcome, why: str) -> Examined:
    return Examined(detector=name, series_instance_uids=(uid,), outcome=outcome, why=why)
