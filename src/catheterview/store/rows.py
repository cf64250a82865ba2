"""Findings, examinations, reviews and runs as rows, and back; lists travel as JSON, which keeps every bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias

from catheterview.geometry import Frame
from catheterview.model import CaseRow, Examined, Finding, Kind, Mark, Reply, Review, Segment

#: A row of any table, by the names of its columns.
Row: TypeAlias = Mapping[str, Any]

RunOutcome: TypeAlias = Literal["started", "complete", "incomplete", "failed"]

#: Columns of `cases`; the number of reviews is counted, not kept.
CASE_COLUMNS = tuple(field.name for field in fields(CaseRow) if field.name != "reviews")
REVIEW_COLUMNS = tuple(field.name for field in fields(Review))
REPLY_COLUMNS = tuple(field.name for field in fields(Reply))
FINDING_COLUMNS = ("id", *(field.name for field in fields(Finding)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One entry of the run ledger: what was triaged, with what, and what came of it.

    Parameters
    ----------
    input_digest, limits_digest : str
        Hashes of what went in; a run with equal digests and version need not be repeated.
    started, finished : str
        ISO 8601 with time zone; `finished` is empty while the run goes on, or when it was killed.
    outcome : str
        ``started``, ``complete``, ``incomplete`` or ``failed``.
    why : str
        The reason of an outcome that is not ``complete``.
    """

    id: int
    case_id: str
    input_digest: str
    limits_digest: str
    version: str
    started: str
    finished: str = ""
    outcome: RunOutcome = "started"
    why: str = ""


def case_values(row: CaseRow) -> Row:
    """Values of a case by column."""
    lists = {"rungs": json.dumps(row.rungs), "kinds": json.dumps(row.kinds)}
    return {name: lists.get(name, getattr(row, name)) for name in CASE_COLUMNS}


def case_of(row: Row) -> CaseRow:
    """A case from its row, with its number of reviews."""
    values = {name: row[name] for name in CASE_COLUMNS}
    values["rungs"], values["kinds"] = tuple(json.loads(row["rungs"])), tuple(json.loads(row["kinds"]))
    return CaseRow(**values, reviews=row["reviews"])


def finding_values(finding: Finding) -> dict[str, Any]:
    """Values of a finding by column."""
    plain = {"measures": dict(finding.measures)}
    lists = ("point", "index_kji", "measures", "cautions", "ends")
    kept = {name: json.dumps(plain.get(name, getattr(finding, name))) for name in lists}
    return {name: kept.get(name, getattr(finding, name)) for name in FINDING_COLUMNS}


def finding_of(row: Row) -> Finding:
    """A finding from its row."""
    index = json.loads(row["index_kji"])
    return Finding(
        kind=Kind(row["kind"]),
        segment=None if row["segment"] is None else Segment(row["segment"]),
        score=row["score"],
        frame=Frame(row["frame"]),
        point=tuple(json.loads(row["point"])),
        series_instance_uid=row["series_instance_uid"],
        sop_instance_uid=row["sop_instance_uid"],
        index_kji=None if index is None else tuple(index),
        measures=json.loads(row["measures"]),
        level=row["level"],
        message=row["message"],
        cautions=tuple(json.loads(row["cautions"])),
        ends=tuple(tuple(end) for end in json.loads(row["ends"])),
    )


def examined_values(examined: Examined) -> dict[str, Any]:
    """Values of an examination by column."""
    return {
        "detector": examined.detector,
        "series_instance_uids": json.dumps(examined.series_instance_uids),
        "outcome": examined.outcome,
        "why": examined.why,
    }


def examined_of(row: Row) -> Examined:
    """An examination from its row."""
    return Examined(
        detector=row["detector"],
        series_instance_uids=tuple(json.loads(row["series_instance_uids"])),
        outcome=row["outcome"],
        why=row["why"],
    )


def review_values(review: Review) -> Row:
    """Values of a review by column."""
    mark = None if review.mark is None else json.dumps(asdict(review.mark))
    return {name: mark if name == "mark" else getattr(review, name) for name in REVIEW_COLUMNS}


def review_of(row: Row) -> Review:
    """A review from its row."""
    values = {name: row[name] for name in REVIEW_COLUMNS}
    return Review(**{**values, "mark": None if values["mark"] is None else _mark_of(json.loads(values["mark"]))})


def _mark_of(plain: dict[str, Any]) -> Mark:
    """A mark from its JSON."""
    return Mark(
        series_instance_uid=plain["series_instance_uid"],
        sop_instance_uid=plain["sop_instance_uid"],
        frame=Frame(plain["frame"]),
        kind=None if plain["kind"] is None else Kind(plain["kind"]),
        points=tuple(tuple(point) for point in plain["points"]),
        pieces=tuple((first, last) for first, last in plain["pieces"]),
    )


def reply_values(reply: Reply) -> Row:
    """Values of a reply by column."""
    return asdict(reply)


def reply_of(row: Row) -> Reply:
    """A reply from its row."""
    return Reply(**{name: row[name] for name in REPLY_COLUMNS})


def run_of(row: Row) -> Run:
    """A run from its row."""
    return Run(**{field.name: row[field.name] for field in fields(Run)})
