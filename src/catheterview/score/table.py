"""A summary as JSON, CSV and Markdown; the same summary gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from catheterview.score.cohort import Summary
from catheterview.score.measure import Measure

SCHEMA = "catheterview/score/1"
_COLUMNS = ("tag", "value_of_tag", *(one.name for one in fields(Measure)))


def as_json(summary: Summary) -> str:
    """Everything in a summary as JSON text; numbers that are undefined are null, with `why` beside them."""
    plain: dict[str, Any] = {"schema": SCHEMA, "intended_use": "research_only", **asdict(summary)}
    return json.dumps(plain, indent=1, sort_keys=True, allow_nan=False) + "\n"


def as_csv(summary: Summary) -> str:
    """Every figure, one a row, those of subgroups after those of all cases, as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    blocks = [("", "", summary.measures), *((part.tag, part.value, part.measures) for part in summary.subgroups)]
    for tag, value, measures in blocks:
        writer.writerows([tag, value, *(asdict(one)[name] for name in _COLUMNS[2:])] for one in measures)
    return text.getvalue()


def as_markdown(measures: Sequence[Measure]) -> str:
    """Figures as one Markdown table; undefined ones say why."""
    rows = [f"| {one.about} | {one.name} | {said(one)} | {_interval(one)} | {one.count or ''} |" for one in measures]
    return "\n".join(["| about | measure | value | 95 % interval | n |", "|---|---|--:|---|--:|", *rows, ""])


def said(one: Measure) -> str:
    """Return a figure as a person reads it: with its unit, or undefined and why."""
    if one.value is None:
        return f"undefined: {one.why}"
    return f"{one.value:.3f}" + ("" if one.unit == "1" else f" {one.unit}")


def _interval(one: Measure) -> str:
    """Return the interval with the way it was made; empty when there is none."""
    return "" if one.low is None or one.high is None else f"{one.low:.3f} to {one.high:.3f} ({one.interval})"


def subgroup_markdown(summary: Summary, wanted: Sequence[tuple[str, str]]) -> str:
    """Return a Markdown table with one row for each subgroup and one column for each wanted (about, name)."""
    head = " | ".join(f"{about}: {name}" for about, name in wanted)
    lines = [f"| subgroup | cases | {head} |", "|---|--:|" + "--:|" * len(wanted)]
    for part in summary.subgroups:
        known = {(one.about, one.name): one for one in part.measures}
        cells = " | ".join(_short(known.get(key)) for key in wanted)
        lines.append(f"| {part.tag}: {part.value} | {part.cases} | {cells} |")
    return "\n".join([*lines, ""])


def _short(one: Measure | None) -> str:
    """Return a figure with its interval, or a dash where it is undefined."""
    if one is None or one.value is None:
        return "–"
    if one.low is None or one.high is None:
        return f"{one.value:.2f}"
    return f"{one.value:.2f} ({one.low:.2f}–{one.high:.2f})"
