"""Plain data of the shape of ``report.json`` back to a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

import numpy as np

from catheterview.export.plain import SCHEMA, Plain
from catheterview.geometry import Frame
from catheterview.model import (
    Centreline,
    Decision,
    Examined,
    Finding,
    Implant,
    Kind,
    Landmarks,
    Outcome,
    Priority,
    Problem,
    Pump,
    Report,
    Rung,
    Segment,
    SeriesRecord,
    Step,
    StudyRecord,
)


def from_plain(plain: Plain) -> Report:
    """Build the report that `plain` was made from; keys that were added since are passed over.

    Raises
    ------
    KeyError, TypeError, ValueError, GeometryError
        When a key is missing or a value makes no sense; `read_report` turns them into one `InputError`.
    """
    if plain.get("schema") != SCHEMA:
        raise ValueError(f"schema is {plain.get('schema')!r}, not {SCHEMA!r}")
    return Report(
        version=plain["version"],
        case_id=plain["case_id"],
        priority=_one_of(plain["priority"], Priority),
        studies=tuple(_study(study) for study in plain["studies"]),
        pumps=tuple(_pump(pump) for pump in plain["pumps"]),
        implants=tuple(_implant(implant) for implant in plain.get("implants", [])),
        catheters=tuple(_catheter(catheter) for catheter in plain["catheters"]),
        findings=tuple(_finding(finding) for finding in plain["findings"]),
        examined=tuple(_examined(examined) for examined in plain["examined"]),
        decision=_decision(plain["decision"]),
        problems=tuple(Problem(**_only(problem, "path_or_uid", "stage", "reason")) for problem in plain["problems"]),
        limits=dict(plain["limits"]),
        seconds=dict(plain["seconds"]),
    )


def _only(plain: Plain, *names: str) -> Plain:
    """The named entries, each of which must be there."""
    return {name: plain[name] for name in names}


def _one_of(value: Any, vocabulary: Any) -> Any:
    """A word of a Literal type."""
    if value not in get_args(vocabulary):
        raise ValueError(f"{value!r} is not one of {get_args(vocabulary)}")
    return value


def _triple(values: Iterable[float]) -> tuple[float, float, float]:
    """Three numbers."""
    x, y, z = (float(value) for value in values)
    return x, y, z


def _study(plain: Plain) -> StudyRecord:
    """One study and its series."""
    names = ("series_instance_uid", "modality", "role")
    return StudyRecord(
        study_instance_uid=plain["study_instance_uid"],
        date=plain["date"],
        rung=Rung(plain["rung"]),
        series=tuple(SeriesRecord(**_only(series, *names)) for series in plain["series"]),
    )


def _pump(plain: Plain) -> Pump:
    """One pump."""
    return Pump(
        series_instance_uid=plain["series_instance_uid"],
        center_mm=_triple(plain["center_mm"]),
        normal=_triple(plain["normal"]),
        diameter_mm=plain["diameter_mm"],
        thickness_mm=plain["thickness_mm"],
        models=tuple(plain.get("models", [])),
        score=plain.get("score", 1.0),
    )


def _implant(plain: Plain) -> Implant:
    """One other implant."""
    return Implant(
        series_instance_uid=plain["series_instance_uid"],
        kind=plain["kind"],
        center_mm=_triple(plain["center_mm"]),
        extent_mm=_triple(plain["extent_mm"]),
        why=plain["why"],
    )


def _catheter(plain: Plain) -> Centreline:
    """One catheter; what an older writer left out counts as not measured."""
    count = len(plain["points"])
    return Centreline(
        series_instance_uid=plain["series_instance_uid"],
        sop_instance_uid=plain.get("sop_instance_uid", ""),
        frame=Frame(plain["frame"]),
        points=np.array(plain["points"], dtype=np.float64),
        pieces=tuple((int(first), int(last)) for first, last in plain["pieces"]),
        radius=plain["radius"],
        confidence=plain["confidence"],
        contrast=plain.get("contrast", np.zeros(count)),
        noise=plain.get("noise", np.zeros(count)),
        landmarks=Landmarks(**{name: plain["landmarks"].get(name) for name in ("pump", "dural_entry", "tip")}),
    )


def _finding(plain: Plain) -> Finding:
    """One finding, which must still have the id that it was written with."""
    finding = Finding(
        kind=Kind(plain["kind"]),
        segment=None if plain["segment"] is None else Segment(plain["segment"]),
        score=plain["score"],
        frame=Frame(plain["frame"]),
        point=tuple(plain["point"]),
        series_instance_uid=plain["series_instance_uid"],
        sop_instance_uid=plain["sop_instance_uid"],
        index_kji=_index(plain["index_kji"]),
        measures=plain["measures"],
        level=plain["level"],
        message=plain["message"],
        cautions=tuple(plain["cautions"]),
        ends=tuple(tuple(end) for end in plain.get("ends", [])),
    )
    if finding.id != plain["id"]:
        raise ValueError(f"finding {plain['id']} does not hash to its id: it was changed after it was written")
    return finding


def _index(plain: list[int] | None) -> tuple[int, int, int] | None:
    """A voxel, where there is one."""
    if plain is None:
        return None
    k, j, i = plain
    return k, j, i


def _examined(plain: Plain) -> Examined:
    """That a detector was asked."""
    return Examined(
        detector=plain["detector"],
        series_instance_uids=tuple(plain["series_instance_uids"]),
        outcome=_one_of(plain["outcome"], Outcome),
        why=plain["why"],
    )


def _decision(plain: Plain) -> Decision:
    """The ladder's answer."""
    return Decision(
        step=plain["step"],
        also=tuple(plain["also"]),
        action=plain["action"],
        urgency=_one_of(plain["urgency"], Priority),
        because=tuple(plain["because"]),
        ask=tuple(plain["ask"]),
        trail=tuple(Step(**_only(step, "node", "answer", "why", "source")) for step in plain["trail"]),
    )
