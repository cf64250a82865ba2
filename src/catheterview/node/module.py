"""One folder in, one folder out: how a dispatcher such as Mercure runs a reader.

The dispatcher starts a process for each study, hands it the folder that the images are in, sends on the DICOM objects
that it finds in the other folder afterwards, and acts on ``result.json`` there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from catheterview import __version__
from catheterview.errors import InputError
from catheterview.export import read_report
from catheterview.export.write import write_whole
from catheterview.model import Priority, Report
from catheterview.triage import Outcome, Plan, triage

#: The dispatcher's own description of the task, which lies among the images.
_TASK = "task.json"
#: Of these somebody is told at once.
_TELL: tuple[Priority, ...] = ("emergent", "urgent")
_SCHEMA = "catheterview/module/1"
DISCLAIMER = "Research use only."


def run_module(given: Path, out: Path, *, plan: Plan | None = None) -> Outcome:
    """Triage what is in one folder, and leave DICOM results and ``result.json`` in another.

    Parameters
    ----------
    given : Path
        Images of any studies, flat or in folders.
    out : Path
        Made when it is missing. Objects are called ``<case_id>-sr-1.dcm`` and so on.
    plan : Plan, optional

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        When there is nothing to read, or the output cannot be written.
    """
    images = [path for path in sorted(given.iterdir()) if path.name != _TASK]
    if not images:
        raise InputError("nothing in it", where=given.name)
    with TemporaryDirectory(prefix="catheterview-") as scratch:
        outcome = triage(images, out=Path(scratch), plan=replace(plan or Plan(), dicom=True))
        reports = [read_report(Path(scratch) / "cases" / case.case_id) for case in outcome.cases]
        for report in reports:
            for path in sorted((Path(scratch) / "cases" / report.case_id).glob("*.dcm")):
                write_whole(out / f"{report.case_id}-{path.name}", path.read_bytes())
    write_whole(out / "result.json", (json.dumps(_result(reports, outcome), indent=1) + "\n").encode())
    return outcome


def _result(reports: list[Report], outcome: Outcome) -> dict[str, Any]:
    """What the dispatcher is told; a case goes by its pseudonym."""
    told = [_told(report) for report in reports]
    urgent = [one for one in told if one["priority"] in _TELL]
    text = "; ".join(f"{one['priority']}: {', '.join(one['kinds']) or 'no finding'}" for one in urgent)
    return {
        "schema": _SCHEMA,
        "intended_use": "research_only",
        "version": __version__,
        "complete": outcome.complete,
        "cases": told,
        "problems": len(outcome.problems),
        "__mercure_notification": {"text": f"{text}. {DISCLAIMER}" if urgent else "", "requested": bool(urgent)},
    }


def _told(report: Report) -> dict[str, Any]:
    return {
        "case_id": report.case_id,
        "priority": report.priority,
        "kinds": sorted({finding.kind.value for finding in report.findings}),
        "findings": [finding.message for finding in report.findings],
        "step": report.decision.step,
        "action": report.decision.action,
        "studies": [study.study_instance_uid for study in report.studies],
    }
