"""The films of a study read together: pumps from the front, the lateral course first, the frontal one up to its tip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from catheterview.anatomy.film import Column, find_film_levels
from catheterview.detect.film import FilmEvidence
from catheterview.device.film import FilmDevices, find_film_pump, outline_of
from catheterview.device.film.stem import seen_from_the_side, stem_at, stem_way
from catheterview.geometry import FloatArray
from catheterview.limits import Limits
from catheterview.model.film import Film, FilmPump, View
from catheterview.model.film_course import FilmCourse
from catheterview.model.film_levels import FilmLevels, ImplantRecord
from catheterview.trace.film import FilmTracing, PumpOnFilm, trace_film
from catheterview.trace.film.heights import levels_by_heights
from catheterview.trace.film.pair import Beam, Pair, beam_of, joined, tip_rows
from catheterview.triage.journal import Journal

FRONTAL = (View.AP, View.PA)
_MARGIN_PX = 3.0  # of metal beyond the outline that was fitted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmRead:
    """One film with its pump and catheter; `failed` names the stage that broke down.

    `tip_confirmed`, `levels` and `implant`: as `FilmEvidence`.
    """

    film: Film
    devices: FilmDevices = field(default_factory=FilmDevices)
    traced: tuple[FilmTracing, ...] = ()
    failed: str = ""
    tip_confirmed: bool = False
    levels: FilmLevels = field(default_factory=FilmLevels)
    implant: ImplantRecord = field(default_factory=ImplantRecord)

    @property
    def evidence(self) -> FilmEvidence:
        """What the detectors look at."""
        catheters = tuple(one.catheter for one in self.traced if one.catheter is not None)
        why = "; ".join(one.why for one in self.traced if one.why)
        return FilmEvidence(
            film=self.film,
            pumps=self.devices.pumps,
            catheters=catheters,
            why_no_catheter=why,
            tip_confirmed=self.tip_confirmed,
            levels=self.levels,
            implant=self.implant,
            ends_shown=tuple(one.end_shown for one in self.traced if one.catheter is not None),
        )

    @property
    def is_lateral(self) -> bool:
        """Whether it is a lateral film."""
        return self.film.view is View.LATERAL


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyRead:
    """The films of a study in the order in which they were given, and the two that were joined.

    Parameters
    ----------
    reads : tuple of FilmRead
    front, side : int or None
        Which of them are the frontal and the lateral film with a pump.
    course : FilmCourse or None
    why : str
        Why there is no course.
    """

    reads: tuple[FilmRead, ...]
    front: int | None = None
    side: int | None = None
    course: FilmCourse | None = None
    why: str = ""


def read_study(
    films: Sequence[Film], limits: Limits, journal: Journal, *, implant: ImplantRecord | None = None
) -> StudyRead:
    """Find pumps and follow catheters on all films of a study.

    Parameters
    ----------
    films : sequence of Film
        Frontal ones first.
    limits : Limits
    journal : Journal
        What fails is noted there.
    implant : ImplantRecord, optional

    Returns
    -------
    StudyRead
    """
    reads: list[FilmRead] = []
    for film in films:
        in_front = [one for one in reads if one.film.view in FRONTAL and not one.failed]
        reads.append(_with_pump(film, in_front, limits, journal))
    front = next((n for n, one in enumerate(reads) if one.film.view in FRONTAL and one.devices.pumps), None)
    side = next((n for n, one in enumerate(reads) if one.is_lateral and one.devices.pumps), None)
    stem = None if front is None else stem_way(reads[front].devices.pumps[0], limits.film)
    pair = _pair(reads, front, side, limits)
    laterals_first = sorted(range(len(reads)), key=lambda n: not reads[n].is_lateral)
    for n in laterals_first:
        tip = None if pair is None or side is None or n != front else _tip_rows(pair, reads[side], limits)
        reads[n] = _with_catheter(reads[n], stem, tip, (limits, journal))
    reads = [_with_levels(one, limits, journal) for one in reads]
    if pair is not None and front is not None and side is not None:
        named = levels_by_heights(pair, reads[front].levels, reads[side].levels)
        reads[side] = replace(reads[side], levels=named)
    reads = [replace(one, implant=implant or ImplantRecord()) for one in reads]
    course, why = _course(reads, (front, side), pair, limits)
    return StudyRead(reads=tuple(reads), front=front, side=side, course=course, why=why)


def _with_pump(film: Film, in_front: Sequence[FilmRead], limits: Limits, journal: Journal) -> FilmRead:
    """Look for the pump, on a lateral film where the frontal one has it."""
    with_pump = [one for one in in_front if one.devices.pumps]
    frontal = _pump_in_front(film, with_pump[0]) if with_pump else None
    uid = film.image.series_instance_uid
    search = partial(find_film_pump, film, limits.film, frontal=frontal)
    devices = journal.attempt("device", uid, search)
    if devices is None:
        return FilmRead(film=film, failed="the search for the pump failed")
    none_in_front = bool(in_front) and not with_pump and film.view is View.LATERAL
    if none_in_front and any(not pump.pattern for pump in devices.pumps):
        devices = FilmDevices(why="what could be a pump on its edge was left alone: the frontal film shows none")
    return FilmRead(film=film, devices=devices)


def _pump_in_front(film: Film, frontal: FilmRead) -> FilmPump | None:
    """The pump as a frontal film of the same detector has it, for a lateral film."""
    if film.view is not View.LATERAL or film.density.shape[0] != frontal.film.density.shape[0]:
        return None
    return frontal.devices.pumps[0]


def _with_catheter(
    read: FilmRead, stem: FloatArray | None, tip: tuple[float, float] | None, how: tuple[Limits, Journal]
) -> FilmRead:
    """Follow the catheter of every pump."""
    limits, journal = how
    traced = []
    for pump in read.devices.pumps:
        where = replace(_where(read.film, pump, stem, limits), tip_rows=tip)
        follow = partial(trace_film, read.film, where, limits.film_trace)
        one = journal.attempt("trace", read.film.image.series_instance_uid, follow)
        traced.append(one or FilmTracing(why="following the catheter failed"))
    return replace(read, traced=tuple(traced), tip_confirmed=tip is not None)


def _with_levels(read: FilmRead, limits: Limits, journal: Journal) -> FilmRead:
    """Count the vertebrae of a film on which the tracer has found their column."""
    if not read.traced or read.traced[0].spine is None or read.devices.pumps[0].mm_per_px is None:
        return read
    shape = (read.film.density.shape[0], read.film.density.shape[1])
    masks = [outline_of(pump, limits.film, margin_px=_MARGIN_PX).mask(shape) for pump in read.devices.pumps]
    column = Column(
        middle=read.traced[0].spine,
        mm_per_px=read.devices.pumps[0].mm_per_px,
        covered=np.any(np.stack(masks), axis=0),
        lateral=read.is_lateral,
    )
    find = partial(find_film_levels, read.film, column, limits.film_detect)
    levels = journal.attempt("anatomy", read.film.image.series_instance_uid, find)
    return replace(read, levels=levels or FilmLevels(why="counting the vertebrae failed"))


def _where(film: Film, pump: FilmPump, stem: FloatArray | None, limits: Limits) -> PumpOnFilm:
    """The pump as the tracer needs it, with the stem where this film or the frontal one shows it."""
    outline = outline_of(pump, limits.film, margin_px=_MARGIN_PX)
    own = stem_way(pump, limits.film) if film.view is not View.LATERAL else None
    other = seen_from_the_side(stem) if own is None and stem is not None else None
    way = own if own is not None else other
    return PumpOnFilm(
        pump=pump,
        outline=outline.points,
        covered=outline.mask((film.density.shape[0], film.density.shape[1])),
        stem=None if way is None else stem_at(pump, way),
        rows_only=own is None,
    )


def _pair(reads: Sequence[FilmRead], front: int | None, side: int | None, limits: Limits) -> Pair | None:
    """The two beams, where both films have a pump and a scale."""
    if front is None or side is None:
        return None
    beams: list[Beam | None] = [
        beam_of(one.film, one.devices.pumps[0], limits.film_pair) for one in (reads[front], reads[side])
    ]
    return None if beams[0] is None or beams[1] is None else Pair(front=beams[0], side=beams[1])


def _tip_rows(pair: Pair, side: FilmRead, limits: Limits) -> tuple[float, float] | None:
    """Between which rows of the frontal film the tip lies, where the lateral one has it in the canal."""
    catheter = side.traced[0].catheter if side.traced else None
    if catheter is None or catheter.landmarks.tip is None or catheter.landmarks.dural_entry is None:
        return None
    return tip_rows(pair, catheter.points[catheter.landmarks.tip], limits.film_pair)


def _course(
    reads: Sequence[FilmRead], which: tuple[int | None, int | None], pair: Pair | None, limits: Limits
) -> tuple[FilmCourse | None, str]:
    """The course in space, or why there is none."""
    front, side = which
    if front is None or side is None:
        return None, "it takes a frontal and a lateral film with the pump"
    if pair is None:
        return None, "the films' scale is not known"
    lines = [reads[n].traced[0].catheter for n in (front, side)]
    if lines[0] is None or lines[1] is None:
        return None, "the catheter was followed in one view only"
    course = joined(pair, lines[0], lines[1], limits.film_pair)
    return course, "" if course else "the two views do not show the catheter at the same heights"
