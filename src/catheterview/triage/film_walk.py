"""The radiographs of a case walked from files to pictures: read, pump, catheter, findings; AP before lateral."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from catheterview.detect.film import FILM_DETECTORS, SINCE_NAMES, FilmEvidence, Since, detect_on_film, detect_since
from catheterview.detect.film.length import find_length_budget
from catheterview.detect.film.pair import TwoViews, examined_pair, settled
from catheterview.device.film import outline_of
from catheterview.limits import Limits
from catheterview.model import Examined, Finding, KeyImage, Outcome, Rung
from catheterview.model.film import Film
from catheterview.model.film_levels import ImplantRecord
from catheterview.picture.film import film_images
from catheterview.picture.film_pair import Drawn, prior_image, views_image
from catheterview.read import Case, Series, Study
from catheterview.read.film import load_film
from catheterview.trace.film.register import skeleton_shift
from catheterview.triage.film_study import FRONTAL, FilmRead, StudyRead, read_study
from catheterview.triage.journal import Journal
from catheterview.triage.rotor_walk import rotor_told
from catheterview.triage.staircase import Walked

_LEAST_PX = 200  # a smaller picture is no radiograph of a trunk


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Walk:
    """What every film of a study is walked with."""

    limits: Limits
    journal: Journal
    prior: FilmEvidence | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """What came of asking every detector about one film."""

    findings: tuple[Finding, ...]
    examined: tuple[Examined, ...]


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


def walk_films(
    case: Case, limits: Limits, journal: Journal, *, first_finding: int, implant: ImplantRecord | None = None
) -> tuple[Walked, ...]:
    """Walk every radiograph of a case.

    Parameters
    ----------
    case : Case
    limits : Limits
    journal : Journal
        What fails is noted there.
    first_finding : int
        Number of the first finding.
    implant : ImplantRecord, optional
        What the implant's record says of the catheter.

    Returns
    -------
    tuple of Walked
        One for each film, in the order of the report.
    """
    walked: list[Walked] = []
    prior: FilmEvidence | None = None
    shown: list[FilmEvidence] = []
    for study in case.studies:
        loaded = [(series, _loaded(series, limits, journal)) for series in _films(study)]
        films = [film for _, film in loaded if film is not None]
        films.sort(key=lambda film: film.view not in FRONTAL)
        read = read_study(films, limits, journal, implant=implant)
        walk = _Walk(limits=limits, journal=journal, prior=prior)
        since = None if read.front is None else _since(read.reads[read.front].evidence, prior)
        asked = _asked(read, since, walk)
        for n, (one, told) in enumerate(zip(read.reads, asked, strict=True)):
            first = first_finding + sum(len(done.findings) for done in walked)
            findings, examined = rotor_told(one.evidence, shown, limits, journal)
            every = _Asked(findings=(*told.findings, *findings), examined=(*told.examined, *examined))
            done = _walked(one, every, first, walk)
            more = _compared(read, since, walk) if n == read.front else ()
            walked.append(replace(done, images=(*done.images, *more)))
        walked += [_ended(series) for series, film in loaded if film is None]
        prior = read.reads[read.front].evidence if read.front is not None else prior
    return tuple(walked)


def _loaded(series: Series, limits: Limits, journal: Journal) -> Film | None:
    """Read one film."""
    uid = series.series_instance_uid
    return journal.attempt("read", uid, partial(load_film, series, limits=limits.read))


def _asked(read: StudyRead, since: Since | None, walk: _Walk) -> list[_Asked]:
    """Ask every detector: those that look at one film, those that compare, and the other view."""
    asked = [_asked_of(one, since if n == read.front else None, walk) for n, one in enumerate(read.reads)]
    if read.front is None or read.side is None:
        return asked
    front, side = (read.reads[n].evidence for n in (read.front, read.side))
    if read.course is not None:
        views = TwoViews(
            front=front,
            side=side,
            course=read.course,
            front_found=asked[read.front].findings,
            side_found=asked[read.side].findings,
        )
        uid = front.film.image.series_instance_uid
        both = walk.journal.attempt("detect", uid, partial(settled, views, walk.limits.film_detect))
        for n, findings in zip((read.front, read.side), both or (), strict=False):
            asked[n] = replace(asked[n], findings=findings)
    told = examined_pair(front, side, read.course, read.why)
    found, budget = find_length_budget(front, read.course, walk.limits.film_detect)
    first = asked[read.front]
    asked[read.front] = replace(first, findings=(*first.findings, *found), examined=(*first.examined, told, budget))
    return asked


def _asked_of(read: FilmRead, earlier: Since | None, walk: _Walk) -> _Asked:
    """Ask about one film."""
    uid, limits = read.film.image.series_instance_uid, walk.limits.film_detect
    if read.failed:
        return _Asked(findings=(), examined=_unasked(uid, read.failed))
    evidence = read.evidence
    found = walk.journal.attempt("detect", uid, partial(detect_on_film, evidence, limits))
    since = walk.journal.attempt("detect", uid, partial(detect_since, evidence, earlier, limits))
    if found is None or since is None:
        return _Asked(findings=(), examined=_unasked(uid, "detection failed"))
    return _Asked(findings=(*found[0], *since[0]), examined=(*found[1], *since[1]))


def _since(evidence: FilmEvidence, prior: FilmEvidence | None) -> Since | None:
    """The earlier film, laid over this one by the skeleton."""
    if prior is None:
        return None
    pumps = (evidence.pumps[0], prior.pumps[0])
    return Since(prior=prior, shift=skeleton_shift(evidence.film, prior.film, pumps))


def _walked(read: FilmRead, asked: _Asked, first: int, walk: _Walk) -> Walked:
    """Draw one film's pictures and put everything into a report's terms."""
    uid, evidence = read.film.image.series_instance_uid, read.evidence
    if read.failed:
        return Walked(examined=(_stage("device", uid, "FAILED", read.failed), *asked.examined))
    outlines = [outline_of(pump, walk.limits.film).points for pump in evidence.pumps]
    named = [(f"F{n}", finding) for n, finding in enumerate(asked.findings, first)]
    draw = partial(film_images, read.film, outlines, evidence.catheters, named)
    images = walk.journal.attempt("picture", uid, draw)
    return Walked(
        examined=(_stage("device", uid, "RAN", read.devices.why), _trace_line(read), *asked.examined),
        rung=Rung.RADIOGRAPH,
        film_pumps=evidence.pumps,
        catheters=evidence.catheters,
        findings=asked.findings,
        images=images or (),
    )


def _compared(read: StudyRead, since: Since | None, walk: _Walk) -> tuple[KeyImage, ...]:
    """Pictures of two films: the two views, and this film beside the earlier one."""
    if read.front is None:
        return ()
    front, out = read.reads[read.front].evidence, []
    uid = front.film.image.series_instance_uid
    if read.course is not None and read.side is not None:
        pair = (_drawn(front, walk), _drawn(read.reads[read.side].evidence, walk))
        out.append(walk.journal.attempt("picture", uid, partial(views_image, *pair, read.course)))
    if since is not None:
        films = (_drawn(front, walk), _drawn(since.prior, walk))
        out.append(walk.journal.attempt("picture", uid, partial(prior_image, *films, since.shift)))
    return tuple(image for image in out if image is not None)


def _drawn(evidence: FilmEvidence, walk: _Walk) -> Drawn:
    """A film as the pictures of two need it."""
    outlines = [outline_of(pump, walk.limits.film).points for pump in evidence.pumps]
    return Drawn(film=evidence.film, outlines=outlines, catheters=evidence.catheters)


def _trace_line(read: FilmRead) -> Examined:
    """What was followed, or why not."""
    uid = read.film.image.series_instance_uid
    if not read.devices.pumps:
        return _stage("trace", uid, "SKIPPED", "no intrathecal pump was found to start from")
    failed = any("failed" in one.why for one in read.traced)
    why = "; ".join(one.why for one in read.traced if one.why)
    return _stage("trace", uid, "FAILED" if failed else "RAN", why)


def _ended(series: Series) -> Walked:
    """What is left of a film that could not be read."""
    return _ended_at(series.series_instance_uid, "read", "its pixels could not be read")


def _ended_at(uid: str, stage: str, why: str) -> Walked:
    """What is left of a film on which nothing could be looked for."""
    return Walked(examined=(_stage(stage, uid, "FAILED", why), *_unasked(uid, why)))


def _unasked(uid: str, why: str) -> tuple[Examined, ...]:
    names = (*(detector.name for detector in FILM_DETECTORS), *SINCE_NAMES)
    return tuple(_stage(name, uid, "FAILED", why) for name in names)


def _stage(name: str, uid: str, outcome: Outcome, why: str) -> Examined:
    return Examined(detector=name, series_instance_uids=(uid,), outcome=outcome, why=why)
