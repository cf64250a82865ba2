"""Nuclear medicine of a case without a CT that shows a pump: tomograms and planar views alone, with less said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from catheterview.detect.nuclear.flat import LoneReading, planar_flat, read_lone
from catheterview.errors import UnsuitableError
from catheterview.ladder import Facts
from catheterview.limits import Limits
from catheterview.limits.catalogue import pump_named
from catheterview.model import FlatScan, Image, LoneEvidence, Rung
from catheterview.picture.nuclear import flat_image
from catheterview.read import Series, load
from catheterview.read.nuclear import NuclearHeader
from catheterview.triage.staircase import Climb, Walked
from catheterview.triage.tracer_facts import delivery_of

_PUMP_MM = (78.0, 20.0)  # of the pumps in use; their reservoir shows where they lie
#: Frames of a dynamic or gated view are added up.
FLAT_KINDS = ("planar", "whole body", "dynamic", "gated")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimedSeries:
    """A series with its header and the hours since injection, if known."""

    series: Series
    header: NuclearHeader
    hours: float | None


def why_no_flat(series: Series, header: NuclearHeader) -> str:
    """Why planar views are not read; empty when they are."""
    if header.is_indium is None:
        return f"{header.kind}: it does not say its energy windows, so that it may be of another isotope"
    if not {"anterior", "posterior"} & set(header.views):
        return f"{header.kind}: it does not say from where it was seen"
    if series.spacing_mm is None:
        return f"{header.kind}: it does not say how large a pixel is"
    return series.why


def read_alone(
    tomograms: Sequence[TimedSeries], planars: Sequence[TimedSeries], facts: Facts, climb: Climb
) -> Walked | None:
    """Read what there is without a CT; None when reading failed."""
    volumes = [(image, one.hours) for one in tomograms if (image := _loaded(one.series, climb)) is not None]
    flats = [flat for one in planars if (flat := _flat(one, climb)) is not None]
    length_cm = facts.cath.implanted_length_cm
    length_mm = None if length_cm is None else 10.0 * length_cm
    evidence = LoneEvidence(
        delivery=delivery_of(facts, length_mm, climb.limits),
        tip_mm=length_mm,
        tomograms=tuple(volumes),
        flats=tuple(flats),
        pump_mm=_pump_mm(facts),
    )
    uid = (*tomograms, *planars)[0].series.series_instance_uid
    reading = climb.journal.attempt("detect", uid, lambda: read_lone(evidence, climb.limits))
    return None if reading is None else _walked(reading, uid, climb)


def _walked(reading: LoneReading, uid: str, climb: Climb) -> Walked:
    """Put what was read into the case's terms; without a finding the rung stays unread, for little was looked at."""
    for where, reason in reading.refused:
        climb.journal.note("detect", where, reason)
    named = [(f"F{n}", finding) for n, finding in enumerate(reading.findings, climb.first_finding)]
    picture = climb.journal.attempt("picture", uid, partial(flat_image, reading.flats, named))
    return Walked(
        examined=tuple(one.examined for one in reading.detections),
        rung=Rung.SPECT_CT if reading.findings else None,
        findings=reading.findings,
        images=() if picture is None else (picture,),
    )


def _loaded(series: Series, climb: Climb) -> Image | None:
    return climb.journal.attempt("read", series.series_instance_uid, lambda: load(series, limits=climb.limits.read))


def _flat(one: TimedSeries, climb: Climb) -> FlatScan | None:
    """The views of one planar series put together."""
    image = _loaded(one.series, climb)
    if image is None:
        return None
    limits: Limits = climb.limits

    def made() -> FlatScan:
        if one.series.spacing_mm is None:
            raise UnsuitableError("the size of a pixel is not known", where=one.series.series_instance_uid)
        views = one.header.views
        return planar_flat(image, views, one.series.spacing_mm, hours=one.hours, limits=limits.nuclear)

    return climb.journal.attempt("detect", one.series.series_instance_uid, made)


def _pump_mm(facts: Facts) -> tuple[float, float]:
    """Diameter and thickness of the pump on record, or of most pumps."""
    model = pump_named(facts.device.model) if facts.device.model else None
    if model is None or model.diameter_mm is None or model.thickness_mm is None:
        return _PUMP_MM
    return model.diameter_mm.value, model.thickness_mm.value
