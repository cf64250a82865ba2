"""Plain data of the shape of ``report.json`` back to a report."""

from __future__ import annotations

import math
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
        version=_text(plain["version"]),
        case_id=_text(plain["case_id"]),
        priority=_one_of(plain["priority"], Priority),
        studies=tuple(_study(study) for study in plain["studies"]),
        pumps=tuple(_pump(pump) for pump in plain["pumps"]),
        implants=tuple(_implant(implant) for implant in plain.get("implants", [])),
        catheters=tuple(_catheter(catheter) for catheter in plain["catheters"]),
        findings=tuple(_finding(finding) for finding in plain["findings"]),
        examined=tuple(_examined(examined) for examined in plain["examined"]),
        decision=_decision(plain["decision"]),
        problems=tuple(Problem(**_texts(problem, "path_or_uid", "stage", "reason")) for problem in plain["problems"]),
        limits=dict(plain["limits"]),
        seconds={stage: _number(spent) for stage, spent in plain["seconds"].items()},
    )


def _text(value: Any) -> str:
    """A text, and nothing that only looks like one when it is printed."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _list(value: Any) -> list[Any]:
    """A list: a text would be taken apart into letters."""
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value


def _number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _texts(plain: Plain, *names: str) -> dict[str, str]:
    """The named entries, each of which must be there and be text."""
    return {name: _text(plain[name]) for name in names}


def _text_list(value: Any) -> tuple[str, ...]:
    """Several texts."""
    return tuple(_text(entry) for entry in _list(value))


def _one_of(value: Any, vocabulary: Any) -> Any:
    """A word of a Literal type."""
    if value not in get_args(vocabulary):
        raise ValueError(f"{value!r} is not one of {get_args(vocabulary)}")
    return value


def _triple(values: Any) -> tuple[float, float, float]:
    """Three numbers."""
    x, y, z = (_number(value) for value in _list(values))
    return x, y, z


def _study(plain: Plain) -> StudyRecord:
    """One study and its series."""
    names = ("series_instance_uid", "modality", "role")
    return StudyRecord(
        **_texts(plain, "study_instance_uid", "date"),
        rung=Rung(plain["rung"]),
        series=tuple(SeriesRecord(**_texts(series, *names)) for series in _list(plain["series"])),
    )


def _pump(plain: Plain) -> Pump:
    """One pump."""
    return Pump(
        series_instance_uid=_text(plain["series_instance_uid"]),
        center_mm=_triple(plain["center_mm"]),
        normal=_triple(plain["normal"]),
        diameter_mm=_number(plain["diameter_mm"]),
        thickness_mm=_number(plain["thickness_mm"]),
        models=_text_list(plain.get("models", [])),
        score=_number(plain.get("score", 1.0)),
    )


def _implant(plain: Plain) -> Implant:
    """One other implant."""
    return Implant(
        **_texts(plain, "series_instance_uid", "kind", "why"),
        center_mm=_triple(plain["center_mm"]),
        extent_mm=_triple(plain["extent_mm"]),
    )


def _catheter(plain: Plain) -> Centreline:
    """One catheter; what an older writer left out counts as not measured."""
    points = np.array([_numbers(point) for point in _list(plain["points"])], dtype=np.float64)
    nothing = [0.0] * len(points)
    places = ("pump", "dural_entry", "tip")
    return Centreline(
        series_instance_uid=_text(plain["series_instance_uid"]),
        sop_instance_uid=_text(plain.get("sop_instance_uid", "")),
        frame=Frame(plain["frame"]),
        points=points,
        pieces=tuple((_whole(first), _whole(last)) for first, last in _list(plain["pieces"])),
        radius=np.array(_numbers(plain["radius"])),
        confidence=np.array(_numbers(plain["confidence"])),
        contrast=np.array(_numbers(plain.get("contrast", nothing))),
        noise=np.array(_numbers(plain.get("noise", nothing))),
        landmarks=Landmarks(**{name: _index_of(plain["landmarks"].get(name), len(points)) for name in places}),
    )


def _numbers(value: Any) -> tuple[float, ...]:
    """Several numbers."""
    return tuple(_number(entry) for entry in _list(value))


def _whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def _index_of(value: Any, count: int) -> int | None:
    """An index into `count` points, or none."""
    if value is not None and not 0 <= _whole(value) < count:
        raise ValueError(f"{value} is no index into {count} points")
    return None if value is None else _whole(value)


def _finding(plain: Plain) -> Finding:
    """One finding, which must still have the id that it was written with."""
    finding = Finding(
        **_texts(plain, "series_instance_uid", "sop_instance_uid", "message"),
        kind=Kind(plain["kind"]),
        segment=None if plain["segment"] is None else Segment(plain["segment"]),
        score=_number(plain["score"]),
        frame=Frame(plain["frame"]),
        point=_point(plain["point"]),
        index_kji=_index(plain["index_kji"]),
        measures={name: _number(value) for name, value in plain["measures"].items()},
        level=None if plain["level"] is None else _text(plain["level"]),
        cautions=_text_list(plain["cautions"]),
        ends=tuple(_point(end) for end in _list(plain.get("ends", []))),
    )
    if finding.id != plain["id"]:
        raise ValueError(f"finding {plain['id']} does not hash to its id: it was changed after it was written")
    return finding


def _point(value: Any) -> tuple[float, ...]:
    """A point in the patient or on a film."""
    point = _numbers(value)
    if len(point) not in (2, 3):
        raise ValueError(f"{value!r} is not a point")
    return point


def _index(value: Any) -> tuple[int, int, int] | None:
    """A voxel, where there is one."""
    if value is None:
        return None
    k, j, i = (_whole(entry) for entry in _list(value))
    return k, j, i


def _examined(plain: Plain) -> Examined:
    """That a detector was asked."""
    return Examined(
        **_texts(plain, "detector", "why"),
        series_instance_uids=_text_list(plain["series_instance_uids"]),
        outcome=_one_of(plain["outcome"], Outcome),
    )


def _decision(plain: Plain) -> Decision:
    """The ladder's answer."""
    return Decision(
        **_texts(plain, "step", "action"),
        also=_text_list(plain["also"]),
        urgency=_one_of(plain["urgency"], Priority),
        because=_text_list(plain["because"]),
        ask=_text_list(plain["ask"]),
        trail=tuple(Step(**_texts(step, "node", "answer", "why", "source")) for step in _list(plain["trail"])),
    )
