"""Reports and the worklist as pages that need nothing but themselves."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from catheterview.export import wording
from catheterview.export.write import write_whole
from catheterview.model import URGENCY, CaseRow, KeyImage, Report

# Everything is escaped: names, messages and paths come from files that anybody may have written.
_TEMPLATES = Environment(
    loader=PackageLoader("catheterview.export"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_OUTCOMES = {"RAN": "examined", "SKIPPED": "not examined", "FAILED": "failed, not examined"}


def write_page(report: Report, images: Sequence[KeyImage], folder: Path) -> Path:
    """Write ``report.html``, one file with its pictures in it.

    Parameters
    ----------
    report : Report
    images : sequence of KeyImage
        A close-up is shown with its finding, any other under key images, in this order.
    folder : Path
        Made when it is missing.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    labels = {finding.id: f"F{number}" for number, finding in enumerate(report.findings, 1)}
    page = _TEMPLATES.get_template("report.html.j2").render(
        report=report,
        version=report.version,
        findings=_findings(report, images, labels),
        because=[(labels.get(found), found) for found in report.decision.because],
        overviews=[_inline(image) for image in images if image.finding_id not in labels],
        catheters=[wording.catheter_words(catheter) for catheter in report.catheters],
        examined=sorted(report.examined, key=lambda entry: entry.outcome == "RAN"),
        outcomes=_OUTCOMES,
        sensitivities=wording.sensitivities(report),
        limits=list(_flat(report.limits)),
        point=wording.point_mm,
        size=wording.size_mm,
        no_pump=wording.no_pump(report),
    )
    return write_whole(folder / "report.html", page.encode("utf-8", errors="backslashreplace"))


def write_worklist(rows: Sequence[CaseRow], path: Path, *, version: str = "") -> Path:
    """Write the worklist as a page that links to ``cases/<case_id>/report.html`` beside it.

    Parameters
    ----------
    rows : sequence of CaseRow
        Shown most urgent first, whatever their order.
    path : Path
        Of the page.
    version : str
        Of catheterview; left empty, the newest that a case was read with.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    ordered = sorted(rows, key=lambda row: row.rank)
    script = _script()
    tally = Counter(row.priority for row in ordered)
    page = _TEMPLATES.get_template("worklist.html.j2").render(
        rows=[{**asdict(row), "link": _link(row.case_id)} for row in ordered],
        counts=[(priority, tally[priority]) for priority in URGENCY if tally[priority]],
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        version=version or max((row.version for row in ordered), default=""),
    )
    return write_whole(path, page.encode("utf-8", errors="backslashreplace"))


def _script() -> str:
    """What filters and sorts; the page's policy allows this script alone, by its hash."""
    return resources.files("catheterview.export").joinpath("templates/worklist.js").read_text(encoding="utf-8")


def _link(case_id: str) -> str:
    """Where a case's page lies, seen from the worklist."""
    return f"cases/{case_id}/report.html"


def _findings(report: Report, images: Sequence[KeyImage], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a page says of each finding."""
    return [
        {
            "finding": finding,
            "label": labels[finding.id],
            "place": wording.place(finding),
            "measures": [wording.measure(name, value) for name, value in finding.measures.items()],
            "images": [_inline(image) for image in images if image.finding_id == finding.id],
        }
        for finding in report.findings
    ]


def _inline(image: KeyImage) -> dict[str, Any]:
    """A picture as text, with its size, so that the page does not jump while it loads."""
    width, height = struct.unpack(">II", image.png[16:24])
    encoded = base64.b64encode(image.png).decode("ascii")
    return {"base64": encoded, "width": width, "height": height, "caption": image.caption}


def _flat(limits: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Each limit by its full name."""
    for name, value in limits.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
