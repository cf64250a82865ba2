"""A report as plain data: the shape of ``report.json``, key by key."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TypeAlias

from catheterview.geometry import Frame
from catheterview.model import Centreline, Decision, Finding, Implant, Pump, Report, StudyRecord

Plain: TypeAlias = dict[str, Any]

#: The name of the shape, written into every report; readers refuse another.
SCHEMA = "catheterview/report/1"


def as_plain(report: Report) -> Plain:
    """Return a settled report as dictionaries, lists, text and numbers, in the order in which they are written."""
    return {
        "schema": SCHEMA,
        "intended_use": "research_only",
        "version": report.version,
        "case_id": report.case_id,
        "priority": report.priority,
        "studies": [_study(study) for study in report.studies],
        "pumps": [_pump(pump) for pump in report.pumps],
        "implants": [_implant(implant) for implant in report.implants],
        "catheters": [_catheter(catheter) for catheter in report.catheters],
        "findings": [_finding(finding) for finding in report.findings],
        "examined": [
            {**asdict(examined), "series_instance_uids": list(examined.series_instance_uids)}
            for examined in report.examined
        ],
        "decision": _decision(report.decision),
        "problems": [asdict(problem) for problem in report.problems],
        "limits": dict(report.limits),
        "seconds": dict(report.seconds),
    }


def _study(study: StudyRecord) -> Plain:
    """One study and its series."""
    return {
        "study_instance_uid": study.study_instance_uid,
        "date": study.date,
        "rung": study.rung.value,
        "series": [asdict(series) for series in study.series],
    }


def _pump(pump: Pump) -> Plain:
    """One pump."""
    return {
        "series_instance_uid": pump.series_instance_uid,
        "center_mm": list(pump.center_mm),
        "normal": list(pump.normal),
        "diameter_mm": pump.diameter_mm,
        "thickness_mm": pump.thickness_mm,
        "models": list(pump.models),
        "score": pump.score,
    }


def _implant(implant: Implant) -> Plain:
    """One other implant."""
    return {
        "series_instance_uid": implant.series_instance_uid,
        "kind": implant.kind,
        "center_mm": list(implant.center_mm),
        "extent_mm": list(implant.extent_mm),
        "why": implant.why,
    }


def _catheter(catheter: Centreline) -> Plain:
    """One catheter; its length is worked out from the points as they are written, on a film in pixels."""
    length, in_mm = round(catheter.length_mm, 3), catheter.frame is Frame.PATIENT
    return {
        "series_instance_uid": catheter.series_instance_uid,
        "sop_instance_uid": catheter.sop_instance_uid,
        "frame": catheter.frame.value,
        "points": catheter.points.tolist(),
        "pieces": [list(piece) for piece in catheter.pieces],
        "radius": catheter.radius.tolist(),
        "confidence": catheter.confidence.tolist(),
        "contrast": catheter.contrast.tolist(),
        "noise": catheter.noise.tolist(),
        "length_mm": length if in_mm else None,
        **({} if in_mm else {"length_px": length}),
        "landmarks": {name: at for name, at in asdict(catheter.landmarks).items() if at is not None},
    }


def _finding(finding: Finding) -> Plain:
    """One finding; `ends` only where there are any."""
    plain = {
        "id": finding.id,
        "kind": finding.kind.value,
        "segment": finding.segment.value if finding.segment else None,
        "score": finding.score,
        "frame": finding.frame.value,
        "point": list(finding.point),
        "series_instance_uid": finding.series_instance_uid,
        "sop_instance_uid": finding.sop_instance_uid,
        "index_kji": None if finding.index_kji is None else [int(n) for n in finding.index_kji],
        "measures": dict(finding.measures),
        "level": finding.level,
        "message": finding.message,
        "cautions": list(finding.cautions),
    }
    return plain | ({"ends": [list(end) for end in finding.ends]} if finding.ends else {})


def _decision(decision: Decision) -> Plain:
    """The ladder's answer."""
    return {
        "step": decision.step,
        "also": list(decision.also),
        "action": decision.action,
        "urgency": decision.urgency,
        "because": list(decision.because),
        "ask": list(decision.ask),
        "trail": [asdict(step) for step in decision.trail],
    }
