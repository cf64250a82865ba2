"""The truth beside a simulated tracer study, in the report's own terms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from catheterview.model import Finding
from catheterview.phantom.nuclear.fate import Fate
from catheterview.phantom.nuclear.make import NuclearPhantom
from catheterview.phantom.nuclear.recipe import nuclear_recipe_record
from catheterview.phantom.truth import truth_record


def nuclear_truth(phantom: NuclearPhantom, *, series_uid_at: Callable[[float], str]) -> dict[str, object]:
    """What `truth.json` holds: the CT's truth, the tracer's findings, and where the activity was at each time."""
    record = truth_record(phantom.ct) if phantom.ct else {}
    one = finding_records(phantom.findings)
    scans = [{"series_instance_uid": series_uid_at(scan.hours), **amounts_of(scan.fate)} for scan in phantom.scans]
    return {**record, "findings": one, "scans": scans, "nuclear_recipe": nuclear_recipe_record(phantom.recipe)}


def finding_records(findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    """The findings as `report.json` writes them."""
    return [
        {
            "id": finding.id,
            "kind": str(finding.kind),
            "segment": str(finding.segment),
            "score": finding.score,
            "frame": str(finding.frame),
            "point": [round(v, 3) for v in finding.point],
            "series_instance_uid": finding.series_instance_uid,
            "measures": {name: round(value, 3) for name, value in finding.measures.items()},
            "message": finding.message,
        }
        for finding in findings
    ]


def amounts_of(fate: Fate) -> dict[str, float]:
    """MBq in each place at one time."""
    named = {
        "reservoir": fate.reservoir,
        "line": float(fate.line.sum()),
        "pool": fate.pool,
        "csf": fate.csf,
        "kidneys": fate.kidneys,
        "bladder": fate.bladder,
    }
    return {"hours": fate.hours, **{f"{name}_mbq": round(value, 6) for name, value in named.items()}}


def write_nuclear_truth(phantom: NuclearPhantom, path: Path, *, series_uid_at: Callable[[float], str]) -> None:
    """Write the truth as JSON with sorted keys."""
    text = json.dumps(nuclear_truth(phantom, series_uid_at=series_uid_at), indent=1, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
