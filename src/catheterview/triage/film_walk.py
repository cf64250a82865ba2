"""The radiographs of a case walked from files to pictures: read, pump, catheter, findings; AP before lateral."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from catheterview.detect.film import FILM_DETECTORS, FilmEvidence, detect_on_film, detect_since
from catheterview.device.film import FilmDevices, find_film_pump, outline_of
from catheterview.device.film.stem import seen_from_the_side, stem_at, stem_way
from catheterview.geometry import FloatArray
from catheterview.limits import Limits
from catheterview.limits.film import FilmLimits
from catheterview.model import Examined, Finding, Outcome, Rung
from catheterview.model.film import Film, FilmPump, View
from catheterview.picture.film import film_images
from catheterview.read import Case, Series, Study
from catheterview.read.film import load_film
from catheterview.trace.film import FilmTracing, PumpOnFilm, trace_film
from catheterview.triage.journal import Journal
from catheterview.triage.staircase import Walked

_MARGIN_PX = 3.0  # of metal beyond the outline that was fitted
_LEAST_PX = 200  # a smaller picture is no radiograph of a trunk
_FRONTAL = (View.AP, View.PA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Walk:
    """What every film of a study is walked with; `stem` is where the frontal film has the pump's stem."""

    limits: Limits
    journal: Journal
    first_finding: int
    stem: FloatArray | None = None
    prior: FilmEvidence | None = None
    frontal: FilmEvidence | None = None
    none_in_front: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Known:
    """What one film tells those after it: where its pump's stem points, and how a frontal film saw it, or saw none."""

    stem: FloatArray | None = None
    frontal: FilmEvidence | None = None
    none_in_front: bool = False


def film_series(case: Case) -> tuple[Series, ...]:
    """The radiographs of a case."""
    return tuple(one for study in case.studies for one in _films(study))


def _films(study: Study) -> tuple[Series, ...]:
    """The radiographs of a study that are large enough to be read."""
    return tuple(
        one
        for one in study.series
        if one.role == "film" and one.rung is Rung.RADIOGRAPH and min(one.rows, one.columns) >= _LEAST_PX
    )


def walk_films(case: Case, limits: Limits, journal: Journal, *, first_finding: int) -> tuple[Walked, ...]:
    """Walk every radiograph of a case.

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
        One for each film, in the order of the report.
    """
    walked: list[Walked] = []
    prior: FilmEvidence | None = None
    for study in case.studies:
        known = _Known()
        loaded = [(series, _loaded(series, limits, journal)) for series in _films(study)]
        for series, film in sorted(loaded, key=lambda pair: pair[1] is None or pair[1].view not in _FRONTAL):
            if film is None:
                walked.append(_ended(series))
                continue
            first = first_finding + sum(len(one.findings) for one in walked)
            walk = _Walk(
                limits=limits,
                journal=journal,
                first_finding=first,
                stem=known.stem,
                prior=prior,
                frontal=known.frontal,
                none_in_front=known.none_in_front and known.frontal is None,
            )
            one, told = _walk_film(film, walk)
            known = _Known(
                stem=known.stem if told.stem is None else told.stem,
                frontal=known.frontal or told.frontal,
                none_in_front=known.none_in_front or told.none_in_front,
            )
            walked.append(one)
        prior = known.frontal or prior
    return tuple(walked)


def _loaded(series: Series, limits: Limits, journal: Journal) -> Film | None:
    """Read one film."""
    uid = series.series_instance_uid
    return journal.attempt("read", uid, partial(load_film, series, limits=limits.read))


def _walk_film(film: Film, walk: _Walk) -> tuple[Walked, _Known]:
    """Walk one film, and say what it tells the next."""
    uid, limits = film.image.series_instance_uid, walk.limits
    search = partial(find_film_pump, film, limits.film, near_row=_row_of_pump(film, walk.frontal))
    devices = walk.journal.attempt("device", uid, search)
    if devices is None:
        return _ended_at(uid, "device", "the search for the pump failed"), _Known()
    if walk.none_in_front and any(not pump.pattern for pump in devices.pumps):
        devices = FilmDevices(why="what could be a pump on its edge was left alone: the frontal film shows none")
    traced = _traced(film, devices, walk)
    catheters = tuple(one.catheter for one in traced if one.catheter is not None)
    why = "; ".join(one.why for one in traced if one.why)
    evidence = FilmEvidence(film=film, pumps=devices.pumps, catheters=catheters, why_no_catheter=why)
    findings, examined = _detected(evidence, walk)
    outlines = [outline_of(pump, limits.film).points for pump in devices.pumps]
    named = [(f"F{n}", finding) for n, finding in enumerate(findings, walk.first_finding)]
    images = walk.journal.attempt("picture", uid, partial(film_images, film, outlines, catheters, named))
    stages = (_stage("device", uid, "RAN", devices.why), _trace_line(uid, devices, traced))
    one = Walked(
        examined=(*stages, *examined),
        rung=Rung.RADIOGRAPH,
        film_pumps=devices.pumps,
        catheters=catheters,
        findings=findings,
        images=images or (),
    )
    return one, _told(evidence, limits.film)


def _row_of_pump(film: Film, frontal: FilmEvidence | None) -> float | None:
    """The row at which a lateral film should have the pump, where a frontal film of the same height has it."""
    if frontal is None or film.view is not View.LATERAL or film.density.shape[0] != frontal.film.density.shape[0]:
        return None
    return frontal.pumps[0].center[0]


def _detected(evidence: FilmEvidence, walk: _Walk) -> tuple[tuple[Finding, ...], tuple[Examined, ...]]:
    """Ask every detector, those that look at one film and those that compare."""
    uid, limits = evidence.film.image.series_instance_uid, walk.limits.film_detect
    found = walk.journal.attempt("detect", uid, partial(detect_on_film, evidence, limits))
    since = walk.journal.attempt("detect", uid, partial(detect_since, evidence, walk.prior, limits))
    if found is None or since is None:
        return (), _unasked(uid, "detection failed")
    return (*found[0], *since[0]), (*found[1], since[1])


def _told(evidence: FilmEvidence, limits: FilmLimits) -> _Known:
    """What a film with a pump tells the next."""
    if not evidence.pumps or evidence.film.view not in _FRONTAL:
        return _Known(none_in_front=not evidence.pumps and evidence.film.view in _FRONTAL)
    return _Known(stem=stem_way(evidence.pumps[0], limits), frontal=evidence)


def _traced(film: Film, devices: FilmDevices, walk: _Walk) -> list[FilmTracing]:
    """Follow the catheter of every pump."""
    uid = film.image.series_instance_uid
    out = []
    for pump in devices.pumps:
        where = _where(film, pump, walk)
        follow = partial(trace_film, film, where, walk.limits.film_trace)
        one = walk.journal.attempt("trace", uid, follow)
        out.append(one or FilmTracing(why="following the catheter failed"))
    return out


def _where(film: Film, pump: FilmPump, walk: _Walk) -> PumpOnFilm:
    """The pump as the tracer needs it, with the stem where this film or the frontal one shows it."""
    limits: FilmLimits = walk.limits.film
    outline = outline_of(pump, limits, margin_px=_MARGIN_PX)
    own = stem_way(pump, limits) if film.view is not View.LATERAL else None
    other = seen_from_the_side(walk.stem) if own is None and walk.stem is not None else None
    way = own if own is not None else other
    return PumpOnFilm(
        pump=pump,
        outline=outline.points,
        covered=outline.mask((film.density.shape[0], film.density.shape[1])),
        stem=None if way is None else stem_at(pump, way),
        rows_only=own is None,
    )


def _trace_line(uid: str, devices: FilmDevices, traced: Sequence[FilmTracing]) -> Examined:
    """What was followed, or why not."""
    if not devices.pumps:
        return _stage("trace", uid, "SKIPPED", "no intrathecal pump was found to start from")
    failed = any("failed" in one.why for one in traced)
    return _stage("trace", uid, "FAILED" if failed else "RAN", "; ".join(one.why for one in traced if one.why))


def _ended(series: Series) -> Walked:
    """What is left of a film that could not be read."""
    return _ended_at(series.series_instance_uid, "read", "its pixels could not be read")


def _ended_at(uid: str, stage: str, why: str) -> Walked:
    """What is left of a film on which nothing could be looked for."""
    return Walked(examined=(_stage(stage, uid, "FAILED", why), *_unasked(uid, why)))


def _unasked(uid: str, why: str) -> tuple[Examined, ...]:
    names = (*(detector.name for detector in FILM_DETECTORS), "pump_rotation")
    return tuple(_stage(name, uid, "FAILED", why) for name in names)


def _stage(name: str, uid: str, outcome: Outcome, why: str) -> Examined:
    return Examined(detector=name, series_instance_uids=(uid,), outcome=outcome, why=why)
