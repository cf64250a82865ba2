"""A structured report read back: by the concepts' codes alone, without the library that wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from catheterview.errors import InputError
from catheterview.export.dicom.codes import kind_of, measure_code, own, segment_of, word_code
from catheterview.export.dicom.groups import coded
from catheterview.geometry import FloatArray
from catheterview.model import Kind, Report, Segment

_CATHETER = ("19923001", "SCT")
_LENGTH = ("410668003", "SCT")
_COMMENT = ("121106", "DCM")
_TRACKING = ("112039", "DCM")
_FINDING = ("121071", "DCM")
_HALF_PIXEL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadFinding:
    """A finding as the structured report tells it.

    Parameters
    ----------
    point : (3,) LPS mm, or (row, column) pixels
    measures : mapping of (code value, scheme) to number
    verdict : str
        Code value, empty without one.
    """

    id: str
    kind: Kind
    segment: Segment | None
    score: float
    point: tuple[float, ...]
    measures: dict[tuple[str, str], float]
    message: str
    verdict: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadReport:
    """What a structured report holds.

    Parameters
    ----------
    catheters : tuple of tuple of (N, 3) or (N, 2) float64
        The continuous pieces of each, LPS mm or (row, column) pixels.
    examined : mapping of detector code value to outcome code value
    previous : tuple of str
        SOP Instance UIDs of the reports that it follows.
    verdict : str
        Code value of the reader's last word on the case, empty where there is none.
    """

    study_instance_uid: str
    sop_instance_uid: str
    priority: str
    catheters: tuple[tuple[FloatArray, ...], ...]
    findings: tuple[ReadFinding, ...]
    examined: dict[str, str]
    comments: tuple[str, ...]
    previous: tuple[str, ...]
    verdict: str = ""


def read_structured_report(path: Path) -> ReadReport:
    """Read what `structured_report` wrote.

    Raises
    ------
    InputError
        When the file is no structured report of catheterview.
    """
    try:
        dataset = pydicom.dcmread(path)
        groups = [one for one in _items(dataset) if one.ValueType == "CONTAINER" and _code(one) == ("125007", "DCM")]
        return _read(dataset, groups)
    except (OSError, pydicom.errors.InvalidDicomError, AttributeError, KeyError, StopIteration, ValueError) as error:
        raise InputError(
            f"not a structured report of catheterview ({type(error).__name__})", where=path.name
        ) from error


def _read(dataset: Any, groups: list[Any]) -> ReadReport:
    case = next(group for group in groups if _kind(group) == coded(own("assessment")))
    told = {_code(item): coded_value(item) for item in _of_type(case, "CODE")}
    pieces = [group for group in groups if _kind(group) == _CATHETER]
    others = (coded(own("assessment")), coded(own("pump")), _CATHETER)
    return ReadReport(
        study_instance_uid=str(dataset.StudyInstanceUID),
        sop_instance_uid=str(dataset.SOPInstanceUID),
        priority=told[coded(own("priority"))],
        catheters=tuple(tuple(_pieces(group)) for group in pieces),
        findings=tuple(_finding(group) for group in groups if _kind(group) not in others),
        verdict=told.get(coded(own("verdict")), ""),
        examined={name[0]: value for name, value in told.items() if name[0].startswith("D-")},
        comments=tuple(str(item.TextValue) for item in _of_type(case, "TEXT") if _code(item) == _COMMENT),
        previous=tuple(
            str(one.ReferencedSOPInstanceUID)
            for study in dataset.get("PredecessorDocumentsSequence", ())
            for series in study.ReferencedSeriesSequence
            for one in series.ReferencedSOPSequence
        ),
    )


def differences(report: Report, read: ReadReport) -> tuple[str, ...]:
    """Say where a structured report differs from the (settled) report that it was made from; nothing when equal."""
    told = {found.id: found for found in read.findings}
    wanted = {finding.id: finding for finding in report.findings}
    found = [f"finding {name} is in one only" for name in wanted.keys() ^ told.keys()]
    found += [f"finding {name}" for name in wanted.keys() & told.keys() if not _same(wanted[name], told[name])]
    if read.priority != word_code("P", report.priority).value:
        found.append("priority")
    lines = [[c.points[a : b + 1] for a, b in c.pieces if b > a] for c in report.catheters]
    if not _equal_lines(lines, read.catheters):
        found.append("catheters")
    return tuple(found)


def _same(finding: Any, read: ReadFinding) -> bool:
    measures = {coded(measure_code(name)): value for name, value in finding.measures.items()}
    return bool(
        (finding.kind, finding.segment, finding.score, finding.message)
        == (read.kind, read.segment, read.score, read.message)
        and measures == read.measures
        and np.array_equal(np.round(finding.point, 3), read.point)
    )


def _equal_lines(wanted: list[list[FloatArray]], read: tuple[tuple[FloatArray, ...], ...]) -> bool:
    return len(wanted) == len(read) and all(
        len(a) == len(b) and all(np.array_equal(np.round(p, 3), q) for p, q in zip(a, b, strict=True))
        for a, b in zip(wanted, read, strict=True)
    )


def _finding(group: Any) -> ReadFinding:
    numbers = {_code(item): _number(item) for item in _of_type(group, "NUM")}
    told = {_code(item): coded_value(item) for item in _of_type(group, "CODE")}
    place = next(item for item in _items(group) if item.ValueType in ("SCOORD", "SCOORD3D"))
    comments = [str(item.TextValue) for item in _of_type(group, "TEXT") if _code(item) == _COMMENT]
    segment = told.get(coded(own("segment")))
    return ReadFinding(
        id=next(str(item.TextValue) for item in _of_type(group, "TEXT") if _code(item) == _TRACKING),
        kind=kind_of(_concept(next(item for item in _of_type(group, "CODE") if _code(item) == _FINDING))),
        segment=None if segment is None else segment_of(segment),
        score=numbers.pop(coded(own("score"))),
        point=tuple(_points(place)[0].tolist()),
        measures=numbers,
        message=comments[0],
        verdict=told.get(coded(own("verdict")), ""),
    )


def _pieces(group: Any) -> Iterator[FloatArray]:
    for item in _of_type(group, "NUM"):
        if _code(item) == _LENGTH:
            yield from (_points(inner) for inner in _items(item) if inner.ValueType in ("SCOORD", "SCOORD3D"))


def _points(item: Any) -> FloatArray:
    """Points at the precision of a report, which single precision carries."""
    if item.ValueType == "SCOORD3D":
        return np.asarray(np.round(np.array(item.GraphicData, dtype=np.float64).reshape(-1, 3), 3))
    flat = np.array(item.GraphicData, dtype=np.float64).reshape(-1, 2)
    return np.asarray(np.round(flat[:, ::-1] - _HALF_PIXEL, 3))


def _items(item: Any) -> Iterator[Any]:
    """Items directly below one; of a report, those of its groups' container as well."""
    for below in item.get("ContentSequence", ()):
        yield below
        if below.ValueType == "CONTAINER" and _code(below) == ("126010", "DCM"):
            yield from below.ContentSequence


def _of_type(item: Any, kind: str) -> list[Any]:
    return [below for below in _items(item) if below.ValueType == kind]


def _concept(item: Any) -> Any:
    value = item.ConceptCodeSequence[0]
    return pydicom.sr.coding.Code(str(value.CodeValue), str(value.CodingSchemeDesignator), "")


def coded_value(item: Any) -> str:
    """The value of a CODE item."""
    return str(item.ConceptCodeSequence[0].CodeValue)


def _code(item: Any) -> tuple[str, str]:
    name = item.ConceptNameCodeSequence[0]
    return str(name.CodeValue), str(name.CodingSchemeDesignator)


def _kind(group: Any) -> tuple[str, str]:
    found = next(item for item in _of_type(group, "CODE") if _code(item) == _FINDING)
    concept = _concept(found)
    return concept.value, concept.scheme_designator


def _number(item: Any) -> float:
    return float(item.MeasuredValueSequence[0].NumericValue)
