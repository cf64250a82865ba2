"""Real studies, end to end: no device is invented, and what makes no volume is told by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from catheterview.export import read_report
from catheterview.model import Report
from catheterview.triage import Outcome, Plan, triage

pytestmark = pytest.mark.real


def examine(out: Path, *archives: Path) -> tuple[Outcome, list[Report]]:
    """Triage some archives; give the outcome and the report of every case."""
    outcome = triage(archives, out=out, plan=Plan(jobs=2))
    return outcome, [read_report(out / "cases" / case.case_id) for case in outcome.cases]


@pytest.mark.parametrize("name", ["ct-lumbar-pelvis-5mm.zip", "ct-chest-port-2p5mm.zip"])
def test_a_real_patient_without_a_pump_has_none(real_data: Path, tmp_path: Path, name: str) -> None:
    """Nothing is called a pump, nothing is traced, nothing is flagged; the report says so and is never routine."""
    _, (report,) = examine(tmp_path, real_data / name)
    assert (report.pumps, report.catheters, report.findings) == ((), (), ())
    said = {line.detector: line for line in report.examined}
    assert said["device"].outcome == "RAN"
    assert said["device"].why.startswith("no pump")
    assert said["trace"].outcome == "SKIPPED"
    assert report.priority != "routine"
    assert report.problems == ()
    if "port" in name:
        assert "port" in {implant.kind for implant in report.implants}


def test_stacks_that_lie_are_refused_by_name(real_data: Path, tmp_path: Path) -> None:
    """Two acquisitions under one series and a tilted gantry are told in the case's own report; nothing crashes."""
    archives = [real_data / f"{name}.zip" for name in ("ct-two-acquisitions-one-series", "ct-head-gantry-tilt")]
    outcome, reports = examine(tmp_path, *archives)
    assert not outcome.complete
    reasons = " ".join(problem.reason for report in reports for problem in report.problems)
    assert "two acquisitions" in reasons
    assert "tilt" in reasons
    assert not [problem for report in reports for problem in report.problems if "internal error" in problem.reason]
    assert not [report.findings for report in reports if report.findings]


def test_studies_of_every_kind_are_recorded(real_data: Path, tmp_path: Path) -> None:
    """Radiographs, a scintigram and an angiogram are examined or said to be not, by name, and nothing is flagged."""
    outcome, reports = examine(tmp_path, real_data / "nema-samples.zip")
    recorded = {series.modality for report in reports for study in report.studies for series in study.series}
    assert {"CR", "NM", "XA", "CT"} <= recorded
    for report in reports:
        held = [series for study in report.studies for series in study.series]
        named = {uid for line in report.examined for uid in line.series_instance_uids}
        assert {one.series_instance_uid for one in held if one.modality in {"CR", "NM", "XA"}} <= named
        assert [finding for finding in report.findings if finding.kind != "not_assessable"] == []
        assert report.priority != "routine"
    assert outcome.files > 0
