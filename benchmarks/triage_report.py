"""A report on a CT that was walked: the ladder's answer, the key images, and the files."""

from __future__ import annotations

from pathlib import Path

from triage_stages import Examination

from catheterview import __version__
from catheterview.export import write_page, write_report
from catheterview.ladder import Facts, Reading, decide
from catheterview.limits import Limits, as_dict
from catheterview.model import Report
from catheterview.picture import key_images
from catheterview.triage.series import records


def report_on(walked: Examination, times: dict[str, float]) -> Report:
    """Ask the ladder and put a report together, as triage does."""
    reading = Reading(findings=walked.findings, examined=walked.examined, rungs=(walked.evidence.rung,))
    decision = decide(Facts(), reading=reading)
    return Report(
        version=__version__,
        case_id=walked.case.case_id,
        priority=decision.urgency,
        studies=records(walked.case),
        pumps=walked.evidence.pumps,
        catheters=walked.evidence.catheters,
        findings=walked.findings,
        examined=walked.examined,
        decision=decision,
        limits=as_dict(Limits()),
        seconds=dict(times),
    )


def picture(walked: Examination, out: Path) -> None:
    """Draw the key images and write report.json and report.html."""
    images = key_images(walked.evidence, walked.findings)
    report = report_on(walked, {})
    write_report(report, out)
    write_page(report, images, out)
