"""One case against its truth, and the bars over all cases with their 95 % Wilson intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from contrast_cohort import Case

from catheterview.limits.score import ScoreLimits
from catheterview.model import Finding
from catheterview.score.interval import wilson
from catheterview.score.match import match_findings

#: Kinds that say nothing is wrong, or only that something could not be seen.
_SILENT = ("not_assessable",)
_NEAR_MM = 10.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case: what is true, what was found, and how far the two agree."""

    name: str
    fault: str
    study: str
    background: str
    metal: bool
    true: tuple[str, ...]
    found: tuple[str, ...]
    hits: tuple[str, ...]
    segments: tuple[bool, ...]
    away_mm: tuple[float, ...]
    extras: tuple[str, ...]
    seconds: float
    size: dict[str, float] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault == "healthy"


def row_of(case: Case, truth: dict[str, Any], findings: Sequence[Finding], *, seconds: float) -> Row:
    """Hold what was found against what is true; what could not be assessed is left out."""
    told = [_entry(one) for one in findings if one.kind not in _SILENT]
    matched = match_findings({"findings": told}, truth, ScoreLimits())
    same = [(one, entry) for entry in truth["findings"] for one in told if one["kind"] == entry["kind"]]
    return Row(
        name=case.name,
        fault=case.recipe.fault,
        study=case.recipe.study,
        background=case.recipe.background,
        metal=case.recipe.physics,
        true=tuple(str(entry["kind"]) for entry in truth["findings"]),
        found=tuple(str(one["kind"]) for one in told),
        hits=tuple(hit.kind for hit in matched.hits),
        segments=tuple(one["segment"] == entry["segment"] for one, entry in same),
        away_mm=tuple(round(_away_mm(one, entry), 1) for one, entry in same),
        extras=tuple(alarm.kind for alarm in matched.false_alarms),
        seconds=seconds,
        size={name: value for entry in truth["findings"] for name, value in entry["measures"].items()},
    )


def _entry(finding: Finding) -> dict[str, Any]:
    """A finding as a report has it, as far as matching asks for it."""
    return {
        "kind": str(finding.kind),
        "point": list(finding.point),
        "segment": str(finding.segment) if finding.segment else None,
        "score": finding.score,
        "measures": dict(finding.measures),
        "series_instance_uid": finding.series_instance_uid,
    }


def _away_mm(one: dict[str, Any], entry: dict[str, Any]) -> float:
    """Distance of a finding from the nearest point of what is there."""
    reach = np.array([entry["point"], *(entry.get("extent") or [])], dtype=float)
    return float(np.linalg.norm(reach - np.array(one["point"]), axis=1).min())


def line(row: Row) -> str:
    """One case on one line."""
    size = " ".join(f"{name} {value:.3g}" for name, value in row.size.items())
    told = ", ".join(row.found) or "–"
    right = "ok  " if bool(row.found) != row.healthy and not row.extras and set(row.true) <= set(row.hits) else "BAD "
    return f"{right}{row.name:62} {row.seconds:5.1f} s  {told}  [{size}] {row.away_mm} {row.segments}"


def document(rows: Sequence[Row], *, split: str, course: str, chosen: str = "") -> str:
    """All tables of a run, as they stand in the page."""
    how = "pump and catheter handed over as they are" if course == "given" else "pump and catheter searched for"
    real = sum(row.background == "given" for row in rows)
    metal = sum(row.metal for row in rows)
    command = f"python benchmarks/contrast_accuracy.py --split {split} --course {course} {chosen}"
    title = (
        f"**Simulated CTs, {split} split: {len(rows)} ({real} in a real CT, {metal} with the pump's metal projected,"
        f" the others without streaks), {how}; 95 % Wilson intervals.** `{command}`"
    )
    return "\n".join([title, "", _bars(rows), "", _kinds(rows)])


def _bars(rows: Sequence[Row]) -> str:
    sick, well = [row for row in rows if not row.healthy], [row for row in rows if row.healthy]
    found = [row for row in sick if set(row.true) & set(row.found)]
    plain = [row for row in well if row.study == "non_contrast"]
    back = [row for row in sick if row.fault == "retrograde_tracking"]
    lines = [
        ("sensitivity: a study with a fault in which one is told", sick, lambda row: bool(row.found), "≥ 0.95"),
        ("specificity: a study without, in which none is told", well, lambda row: not row.found, "≥ 0.97"),
        ("right kind, of studies with a fault", sick, lambda row: bool(set(row.true) & set(row.found)), "≥ 0.90"),
        ("right segment, of those named right", found, lambda row: any(row.segments), "≥ 0.95"),
        ("within 10 mm of it, of those named right", found, lambda row: min(row.away_mm) <= _NEAR_MM, "≥ 0.95"),
        ("another finding besides, of studies with a fault", sick, lambda row: bool(row.extras), ""),
        ("plain CT, contrast elsewhere: false alarm", plain, lambda row: bool(row.found), "0"),
        ("track from the dura called pocket pooling", back, lambda row: "pocket_pooling" in row.found, "0"),
    ]  # fmt: skip
    return "\n".join(
        ["| what | n | figure (95 % interval) | bar |", "|---|--:|---|---|", *(_bar(*one) for one in lines)]
    )


def _bar(what: str, rows: Sequence[Row], holds: Callable[[Row], bool], bar: str) -> str:
    return f"| {what} | {_share(sum(holds(row) for row in rows), len(rows))} | {bar} |"


def _share(count: int, of: int) -> str:
    """Count and share with its interval, as two cells."""
    interval = wilson(count, of)
    if interval is None:
        return "0 | undefined: no such case"
    return f"{count}/{of} | {count / of:.2f} ({interval[0]:.2f} to {interval[1]:.2f})"


def _kinds(rows: Sequence[Row]) -> str:
    """Each simulated fault: found under its own name, what else it was called, and false alarms of that kind."""
    lines = [
        "| fault | found under its name | figure (95 % interval) | called instead | false alarms, all studies |",
        "|---|--:|---|---|--:|",
    ]
    for fault in dict.fromkeys(row.fault for row in rows if not row.healthy):
        mine = [row for row in rows if row.fault == fault]
        hit = sum(bool(set(row.true) & set(row.found)) for row in mine)
        other = Counter(
            kind for row in mine if not set(row.true) & set(row.found) for kind in row.found or ("nothing",)
        )
        alarms = sum(row.extras.count(fault) for row in rows)
        called = ", ".join(f"{kind} {count}" for kind, count in sorted(other.items()))
        lines.append(f"| {fault} | {_share(hit, len(mine))} | {called} | {alarms}/{len(rows)} |")
    own = {row.fault for row in rows}
    rest = Counter(kind for row in rows for kind in row.extras if kind not in own)
    lines += [f"| {kind} (not simulated here) | | | | {count}/{len(rows)} |" for kind, count in sorted(rest.items())]
    return "\n".join(lines)
