"""The nuclear medicine series of a case walked together: placed on a CT, measured, read as one study over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from catheterview.detect.nuclear import CSF, LEAK, PASSAGE, TracerReading, read_tracer
from catheterview.ladder import Facts
from catheterview.model import Evidence, Examined, KeyImage, Outcome, Rung, Scintigram, TracerEvidence
from catheterview.picture.nuclear import tracer_images
from catheterview.read import Case, Series, load
from catheterview.read.nuclear import NuclearHeader, nuclear_header
from catheterview.triage.lone_walk import FLAT_KINDS, TimedSeries, read_alone, why_no_flat
from catheterview.triage.nuclear_place import on_ct
from catheterview.triage.staircase import Climb, Walked
from catheterview.triage.tracer_facts import delivery_of

_DETECTORS = (LEAK, PASSAGE, CSF)
_SECONDS_AN_HOUR = 3600.0
_DISAGREE_H = 1.0  # two records of one injection that differ by more are told


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkedCt:
    """A CT that was walked, and what came of it."""

    series: Series
    walked: Walked


def nuclear_series(case: Case) -> tuple[Series, ...]:
    """Every nuclear medicine series of a case, in order of its studies."""
    return tuple(one for study in case.studies for one in study.series if one.role == "nuclear")


def walk_nuclear(case: Case, cts: Sequence[WalkedCt], facts: Facts, climb: Climb) -> tuple[Walked, ...]:
    """Walk the nuclear medicine of a case.

    Parameters
    ----------
    case : Case
    cts : sequence of WalkedCt
    facts : Facts
    climb : Climb

    Returns
    -------
    tuple of Walked
        Empty without nuclear medicine. What could not be read as a tracer study says so in its `examined`.
    """
    series = nuclear_series(case)
    if not series:
        return ()
    volumes, planars, others = _sorted_out(series, facts, climb)
    with_pump = [one for one in cts if one.walked.pumps and one.walked.anatomy is not None]
    if with_pump and volumes:
        others = [
            *others,
            *(_passed(one.series, "planar views: the SPECT-CT of this case says more") for one in planars),
        ]
    walked = [] if not others else [Walked(examined=tuple(others))]
    if not volumes and not planars:
        return (*walked, _unread(series, "no reconstructed tomogram of In-111 among the nuclear medicine"))
    if with_pump and volumes:
        return (*walked, _read(volumes, with_pump, facts, climb))
    alone = read_alone(volumes, planars, facts, climb)
    return (*walked, alone or _unread(series, "reading the tracer failed", outcome="FAILED"))


def _sorted_out(
    series: Sequence[Series], facts: Facts, climb: Climb
) -> tuple[list[TimedSeries], list[TimedSeries], list[Examined]]:
    """Tell tomograms and planar views of the tracer, in order of time, from what is only named."""
    volumes: list[TimedSeries] = []
    planars: list[TimedSeries] = []
    others: list[Examined] = []
    for one in series:
        uid = one.series_instance_uid
        header = climb.journal.attempt("read", uid, partial(nuclear_header, one, limits=climb.limits.read))
        why = "its header could not be read" if header is None else _why_not(one, header)
        if header is None or why:
            others.append(_passed(one, why))
            continue
        timed = TimedSeries(series=one, header=header, hours=_hours(header, facts, uid, climb))
        (planars if header.kind in FLAT_KINDS else volumes).append(timed)
    for found in (volumes, planars):
        found.sort(key=lambda each: (each.header.at or "", each.series.series_instance_uid))
    return volumes, planars, others


def _passed(series: Series, why: str) -> Examined:
    uids = (series.series_instance_uid,)
    return Examined(detector="other_series", series_instance_uids=uids, outcome="SKIPPED", why=why)


def _why_not(series: Series, header: NuclearHeader) -> str:
    """Why a series is not measured; empty when it is."""
    if header.is_indium is False:
        return "its energy windows are not those of In-111"
    if header.kind == "pet" and not header.names_indium:
        return "PET, or SPECT stored as PET whose tracer is not named"
    if header.kind in FLAT_KINDS:
        return why_no_flat(series, header)
    if not series.stackable:
        more = "; its reconstruction was not found beside it" if header.kind == "projections" else ""
        return series.why or f"{header.kind}: no place in the patient, only looked at by a person{more}"
    return ""


def _hours(header: NuclearHeader, facts: Facts, uid: str, climb: Climb) -> float | None:
    """Hours since injection: the record's injection before the header's; told where they differ."""
    recorded, written = facts.hist.tracer_injected_at, header.injected_at
    if recorded and written and abs(_apart_h(recorded, written)) > _DISAGREE_H:
        climb.journal.note("read", uid, f"injection at {written} by the header, {recorded} by the record", blocks=False)
    injected = recorded or written
    if injected is None or header.at is None:
        why = f"its header does not say {', '.join(header.lacking)}: hist.tracer_injected_at is asked for"
        climb.journal.note(
            "read", uid, why if header.at else "its header does not say when it was acquired", blocks=False
        )
        return None
    hours = _apart_h(injected, header.at)
    return hours if hours > 0.0 else None


def _apart_h(earlier: str, later: str) -> float:
    first, second = (datetime.fromisoformat(each).replace(tzinfo=None) for each in (earlier, later))
    return (second - first).total_seconds() / _SECONDS_AN_HOUR


def _read(volumes: Sequence[TimedSeries], cts: Sequence[WalkedCt], facts: Facts, climb: Climb) -> Walked:
    """Place every volume on a CT, read them together, and make the pictures."""
    evidences: dict[str, Evidence] = {}
    placed = [_placed(volume, _ct_for(volume, cts), evidences, climb) for volume in volumes]
    scans = tuple(scan for scan in placed if scan is not None)
    if not scans:
        return _unread([volume.series for volume in volumes], "no tomogram could be placed on a CT")
    catheters = scans[0].ct.catheters
    length = float(catheters[0].arc_mm[-1]) if catheters else None
    evidence = TracerEvidence(scans=scans, delivery=delivery_of(facts, length, climb.limits))
    uid = scans[0].image.series_instance_uid
    reading = climb.journal.attempt("detect", uid, lambda: read_tracer(evidence, climb.limits))
    if reading is None:
        return _unread([volume.series for volume in volumes], "reading the tracer failed", outcome="FAILED")
    for where, reason in reading.refused:
        climb.journal.note("detect", where, reason)
    return Walked(
        examined=tuple(one.examined for one in reading.detections),
        rung=Rung.SPECT_CT,
        findings=reading.findings,
        deposits=reading.deposits,
        images=climb.journal.attempt("picture", uid, lambda: _pictures(evidence, reading, climb)) or (),
    )


def _pictures(evidence: TracerEvidence, reading: TracerReading, climb: Climb) -> tuple[KeyImage, ...]:
    return tracer_images(evidence, reading.uptakes, reading.findings, first_number=climb.first_finding)


def _ct_for(volume: TimedSeries, cts: Sequence[WalkedCt]) -> WalkedCt:
    """The CT that shares the volume's frame of reference, else one of its study, else any."""

    def nearness(ct: WalkedCt) -> tuple[bool, bool]:
        same = ct.series.frame_of_reference_uid == volume.series.frame_of_reference_uid
        return same, ct.series.study_instance_uid == volume.series.study_instance_uid

    return max(cts, key=nearness)


def _placed(volume: TimedSeries, ct: WalkedCt, evidences: dict[str, Evidence], climb: Climb) -> Scintigram | None:
    """A volume on its CT; None when either cannot be read."""
    uid = volume.series.series_instance_uid
    spect = climb.journal.attempt("read", uid, lambda: load(volume.series, limits=climb.limits.read))
    evidence = evidences.get(ct.series.series_instance_uid) or _evidence(ct, climb)
    if spect is None or evidence is None:
        return None
    evidences[ct.series.series_instance_uid] = evidence
    return climb.journal.attempt("detect", uid, lambda: on_ct(spect, evidence, volume.hours, climb.limits.nuclear))


def _evidence(ct: WalkedCt, climb: Climb) -> Evidence | None:
    """The CT with what was found on it; its voxels are read again, for the pictures."""
    uid, walked = ct.series.series_instance_uid, ct.walked
    image = climb.journal.attempt("read", uid, lambda: load(ct.series, limits=climb.limits.read))
    if image is None or walked.anatomy is None:
        return None
    return Evidence(
        image=image, rung=Rung.SPECT_CT, pumps=walked.pumps, anatomy=walked.anatomy, catheters=walked.catheters
    )


def _unread(series: Sequence[Series], why: str, *, outcome: Outcome = "SKIPPED") -> Walked:
    """Say of every detector that it could not look."""
    uids = tuple(dict.fromkeys(one.series_instance_uid for one in series))
    return Walked(
        examined=tuple(
            Examined(detector=name, series_instance_uids=uids, outcome=outcome, why=why) for name in _DETECTORS
        )
    )
