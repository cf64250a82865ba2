"""One CT series walked from files to key images: read, device, anatomy, trace, detect, picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from catheterview.anatomy import find_anatomy
from catheterview.detect import DETECTORS, detect_all, map_contrast
from catheterview.detect.serial import CHANGES, PriorCt, detect_since_ct, prior_of
from catheterview.device import Devices, find_devices
from catheterview.limits import Limits
from catheterview.masks import outside_organs
from catheterview.model import (
    Anatomy,
    Centreline,
    Deposit,
    Evidence,
    Examined,
    Finding,
    Image,
    Implant,
    KeyImage,
    Outcome,
    Pump,
    Rung,
)
from catheterview.model.film import FilmPump
from catheterview.picture import key_images
from catheterview.read import MaskFile, Series, load
from catheterview.trace import trace_catheter
from catheterview.triage.journal import Journal
from catheterview.triage.masks import masked


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Climb:
    """What every stage of one walk needs besides the image; `first_finding` is the number of its first finding.

    `earlier` is the last CT of the case before this one that shows a pump; `masks` are those of the case.
    """

    rung: Rung
    limits: Limits
    journal: Journal
    first_finding: int = 1
    implant_tip_level: str | None = None
    earlier: PriorCt | None = None
    masks: tuple[MaskFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walked:
    """What came of one series; its voxels are let go.

    Parameters
    ----------
    rung : Rung or None
        None when it got no further than reading or the search for devices, so that the rung stays unread.
    deposits : mapping of SeriesInstanceUID to tuple of Deposit
        Contrast or tracer that a finding is about, by the CT in which it is drawn.
    prior : PriorCt or None
        What a later CT of the case is held against.
    """

    examined: tuple[Examined, ...]
    rung: Rung | None = None
    pumps: tuple[Pump, ...] = ()
    implants: tuple[Implant, ...] = ()
    catheters: tuple[Centreline, ...] = ()
    findings: tuple[Finding, ...] = ()
    images: tuple[KeyImage, ...] = ()
    film_pumps: tuple[FilmPump, ...] = ()
    deposits: Mapping[str, tuple[Deposit, ...]] = field(default_factory=dict)
    anatomy: Anatomy | None = None
    prior: PriorCt | None = None


def walk_ct(series: Series, climb: Climb) -> Walked:
    """Walk one CT series as far as it goes; what fails is in the journal, and in what was examined."""
    uid, limits = series.series_instance_uid, climb.limits
    image = climb.journal.attempt("read", uid, lambda: load(series, limits=limits.read))
    if image is None:
        return _ended("read", uid, "its pixels could not be read")
    devices = climb.journal.attempt("device", uid, lambda: find_devices(image, limits.device))
    if devices is None:
        return _ended("device", uid, "the search for the pump failed")
    return _with_devices(image, devices, climb)


def _with_devices(image: Image, devices: Devices, climb: Climb) -> Walked:
    """Go on from the pump, or from its absence, to the findings."""
    uid, limits = image.series_instance_uid, climb.limits
    found = climb.journal.attempt("anatomy", uid, lambda: find_anatomy(image, limits.anatomy))
    ours = found or Anatomy(series_instance_uid=uid, why="the search for the spine failed")
    take = partial(masked, image, ours, climb.masks, limits=limits, journal=climb.journal)
    anatomy, given = (climb.journal.attempt("masks", uid, take) if climb.masks else None) or (ours, ())
    catheters, traced = _trace(image, devices.pumps, anatomy, climb)
    seen = Evidence(
        image=image,
        rung=climb.rung,
        pumps=devices.pumps,
        anatomy=anatomy,
        catheters=catheters,
        why_no_catheter="" if catheters else traced.why,
        implant_tip_level=climb.implant_tip_level,
    )
    evidence, mapped = _with_contrast(seen, climb)
    findings, examined = _detect(evidence, climb)
    keep = partial(prior_of, evidence, limits.detect, limits.serial)
    asked = any(line.outcome != "FAILED" for line in examined)
    stages = (
        _stage("device", uid, "RAN", devices.why),
        _stage("anatomy", uid, "RAN" if found else "FAILED", anatomy.why),
        *given,
        traced,
        mapped,
    )
    return Walked(
        examined=(*stages, *examined),
        rung=evidence.rung,
        pumps=devices.pumps,
        implants=devices.implants,
        catheters=catheters,
        findings=findings,
        images=climb.journal.attempt("picture", uid, lambda: _pictures(evidence, findings, climb)) or (),
        anatomy=anatomy,
        prior=climb.journal.attempt("detect", uid, keep) if asked else None,
        deposits={uid: _deposits(evidence, findings)},
    )


def _deposits(evidence: Evidence, findings: Sequence[Finding]) -> tuple[Deposit, ...]:
    """Where contrast is that was told of, known by its volume and peak; what no detector told of is not drawn."""
    told = {(finding.measures.get("volume_ml"), finding.measures.get("peak_hu")) for finding in findings}
    seen = evidence.contrast.collections if evidence.contrast else ()
    kept = (one for one in seen if (round(one.volume_ml, 2), round(one.peak_hu, 0)) in told)
    return tuple(Deposit(substance="contrast", region=one.region) for one in kept)


def _trace(
    image: Image, pumps: Sequence[Pump], anatomy: Anatomy, climb: Climb
) -> tuple[tuple[Centreline, ...], Examined]:
    """Follow the catheter of every pump; one that cannot be followed does not stop the next."""
    uid = image.series_instance_uid
    if not pumps:
        return (), _stage("trace", uid, "SKIPPED", "no intrathecal pump was found to start from")
    follow = partial(trace_catheter, image, anatomy=anatomy, limits=climb.limits.trace)
    tracings = [climb.journal.attempt("trace", uid, partial(follow, pump=pump)) for pump in pumps]
    catheters = tuple(one.catheter for one in tracings if one is not None and one.catheter is not None)
    whys = [one.why if one is not None else "following the catheter failed" for one in tracings]
    return catheters, _stage("trace", uid, "FAILED" if None in tracings else "RAN", "; ".join(filter(None, whys)))


def _with_contrast(evidence: Evidence, climb: Climb) -> tuple[Evidence, Examined]:
    """Add the contrast map; a plain CT by its header in which the pixels show contrast is the study that they show."""
    uid = evidence.image.series_instance_uid
    if not evidence.catheters:
        return evidence, _stage("contrast", uid, "SKIPPED", evidence.why_no_catheter or "no catheter was traced")
    seen = climb.journal.attempt("contrast", uid, lambda: map_contrast(evidence, climb.limits.detect))
    if seen is None:
        return evidence, _stage("contrast", uid, "FAILED", "the search for contrast failed")
    seen = outside_organs(seen, evidence.anatomy.elsewhere, climb.limits.masks)
    rung = seen.told if evidence.rung is Rung.CT and seen.told is not None else evidence.rung
    return replace(evidence, contrast=seen, rung=rung), _stage("contrast", uid, "RAN", seen.why)


def _detect(evidence: Evidence, climb: Climb) -> tuple[tuple[Finding, ...], tuple[Examined, ...]]:
    """Ask every detector."""
    uid = evidence.image.series_instance_uid
    detections = climb.journal.attempt("detect", uid, lambda: detect_all(evidence, climb.limits.detect))
    if detections is None:
        return (), _unasked(uid, "detection failed")
    findings = tuple(finding for detection in detections for finding in detection.findings)
    asked, limits = tuple(detection.examined for detection in detections), climb.limits
    if climb.earlier is None:
        return findings, asked
    compare = partial(detect_since_ct, evidence, climb.earlier, limits.detect, limits.serial)
    since = climb.journal.attempt("detect", uid, compare) or ((), _stage(CHANGES, uid, "FAILED", "detection failed"))
    return (*findings, *since[0]), (*asked, since[1])


def _pictures(evidence: Evidence, findings: Sequence[Finding], climb: Climb) -> tuple[KeyImage, ...]:
    return key_images(evidence, findings, first_number=climb.first_finding)


def _ended(stage: str, uid: str, why: str) -> Walked:
    """What is left of a walk that ended before anything was looked for."""
    return Walked(examined=(_stage(stage, uid, "FAILED", why), *_unasked(uid, why)))


def _unasked(uid: str, why: str) -> tuple[Examined, ...]:
    return tuple(_stage(detector.name, uid, "FAILED", why) for detector in DETECTORS)


def _stage(name: str, uid: str, outcome: Outcome, why: str) -> Examined:
    return Examined(detector=name, series_instance_uids=(uid,), outcome=outcome, why=why)
