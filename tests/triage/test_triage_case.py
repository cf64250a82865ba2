"""One case, from files to report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from simulated_studies import Studies

from catheterview import __version__
from catheterview.detect import DETECTORS
from catheterview.export import REPORT_SCHEMA
from catheterview.ladder import Facts
from catheterview.ladder.facts import Presentation
from catheterview.limits import Limits, as_dict
from catheterview.model import Report
from catheterview.read import Case, scan
from catheterview.triage import triage_case

KEY = b"a key of these tests"


def case_of(folder: Path) -> Case:
    """The only case of a folder."""
    (case,) = scan([folder], key=KEY).cases
    return case


def plain(report: Report, out: Path) -> dict[str, object]:
    """The report as written, held to its schema."""
    written: dict[str, object] = json.loads((out / "cases" / report.case_id / "report.json").read_text())
    jsonschema.validate(written, json.loads(REPORT_SCHEMA.read_text()))
    return written


@pytest.fixture(scope="module")
def examined(studies: Studies, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """The report of the patient with a device, and where it was written."""
    out = tmp_path_factory.mktemp("out")
    return triage_case(case_of(studies.device), out=out), out


def test_a_device_is_found_and_its_catheter_followed(examined: tuple[Report, Path]) -> None:
    """Pump and catheter of a simulated patient are where its truth says, and every stage says that it ran."""
    report, _ = examined
    (pump,), (catheter,) = report.pumps, report.catheters
    assert pump.series_instance_uid == catheter.series_instance_uid
    assert report.problems == ()
    assert {line.detector: line.outcome for line in report.examined} == dict.fromkeys(
        ["device", "anatomy", "trace", "contrast", *(detector.name for detector in DETECTORS)], "RAN"
    )


def test_the_truth_is_met(examined: tuple[Report, Path], studies: Studies) -> None:
    """The pump's centre is within 2 mm of what was simulated, in LPS; how well rooms measure is tested in theirs."""
    report, _ = examined
    truth = json.loads((studies.device.parent / "truth.json").read_text())
    off_mm = np.subtract(report.pumps[0].center_mm, truth["pumps"][0]["center_mm"])
    assert np.linalg.norm(off_mm) < 2.0


def test_the_report_carries_what_made_it(examined: tuple[Report, Path]) -> None:
    """Version, all limits, and the seconds of every stage are written, and the file keeps to its schema."""
    report, out = examined
    written = plain(report, out)
    assert written["version"] == __version__
    assert written["limits"] == json.loads(json.dumps(as_dict(Limits())))
    stages = {"read", "device", "anatomy", "trace", "contrast", "detect", "ladder", "picture", "export", "total"}
    assert set(report.seconds) == stages
    assert report.seconds["total"] >= max(report.seconds.values())
    page = (out / "cases" / report.case_id / "report.html").read_text()
    assert page.count("data:image/png;base64,") >= 4


def test_the_same_input_gives_the_same_bytes(examined: tuple[Report, Path], studies: Studies, tmp_path: Path) -> None:
    """A second run writes the same report, times apart."""
    first, out = examined
    second = triage_case(case_of(studies.device), out=tmp_path)
    one, two = plain(first, out), plain(second, tmp_path)
    assert {name: value for name, value in one.items() if name != "seconds"} == {
        name: value for name, value in two.items() if name != "seconds"
    }


def test_no_identity_is_written(examined: tuple[Report, Path], studies: Studies) -> None:
    """Neither the name nor the number of the patient is in anything that was written."""
    import pydicom

    _, out = examined
    header = pydicom.dcmread(next(studies.device.iterdir()), stop_before_pixels=True)
    secrets = [str(header.get(name, "")) for name in ("PatientName", "PatientID")]
    assert any(secrets)
    for path in out.rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            assert not [secret for secret in secrets if secret and secret.encode() in text], path


def test_a_patient_without_a_device_is_said_to_have_none(studies: Studies, tmp_path: Path) -> None:
    """Nothing is traced, nothing is flagged, and it says so; and it is never called normal."""
    report = triage_case(case_of(studies.bare), out=tmp_path)
    assert (report.pumps, report.catheters, report.findings) == ((), (), ())
    said = {line.detector: line for line in report.examined}
    assert said["device"].outcome == "RAN"
    assert said["device"].why.startswith("no pump")
    assert said["trace"].outcome == "SKIPPED"
    assert all(said[detector.name].outcome == "SKIPPED" for detector in DETECTORS)
    assert "normal" not in json.dumps(plain(report, tmp_path)["decision"]).lower().replace("abnormal", "")


def test_facts_reach_the_ladder(studies: Studies, tmp_path: Path) -> None:
    """A patient with signs of an emergency is an emergency, whatever the images show."""
    facts = Facts(pres=Presentation(withdrawal_signs=True))
    report = triage_case(case_of(studies.bare), out=tmp_path, facts=facts)
    assert report.priority == "emergent"
    assert report.decision.urgency == "emergent"


def test_files_that_are_gone_are_a_problem_of_the_case(studies: Studies, tmp_path: Path) -> None:
    """When pixels cannot be read any more, the report says which series, and that nothing was examined."""
    copies = tmp_path / "copies"
    copies.mkdir()
    for path in studies.device.iterdir():
        (copies / path.name).write_bytes(path.read_bytes())
    case = case_of(copies)
    for path in copies.iterdir():
        path.unlink()
    report = triage_case(case, out=tmp_path / "out")
    assert report.problems
    assert report.problems[0].stage == "read"
    assert {line.outcome for line in report.examined} == {"FAILED"}
    assert {line.detector for line in report.examined} == {"read", *(detector.name for detector in DETECTORS)}
    assert report.priority != "routine"
    plain(report, tmp_path / "out")


def test_a_case_without_ct_is_said_to_be_not_examined(studies: Studies, tmp_path: Path) -> None:
    """A study of another modality is recorded, and said to be not examined; nothing is found in it."""
    case = case_of(studies.bare)
    (study,) = case.studies
    other = tuple(replace(one, modality="MR") for one in study.series)
    report = triage_case(replace(case, studies=(replace(study, series=other),)), out=tmp_path)
    said = {line.detector: line for line in report.examined}
    assert {line.outcome for line in report.examined} == {"SKIPPED"}
    assert said["other_series"].why == "MR is not examined by this version"
    assert said["trace"].why == "the case holds no CT volume"
    assert report.studies[0].series[0].modality == "MR"
    assert report.priority != "routine"


@pytest.mark.parametrize("stage", ["device", "anatomy", "trace", "detect"])
def test_a_broken_stage_costs_only_what_needs_it(studies: Studies, tmp_path: Path, stage: str) -> None:
    """Limits that make one room fail leave a problem and FAILED lines; the report is written all the same."""
    report = triage_case(case_of(studies.device), out=tmp_path, limits=replace(Limits(), **{stage: None}))
    said = {line.detector: line.outcome for line in report.examined}
    broken = ["contrast", "detect"] if stage == "detect" else [stage]  # both go by the detectors' limits
    assert [problem.stage for problem in report.problems] == broken
    assert report.problems[0].reason.startswith("internal error: ")
    assert "FAILED" in said.values()
    if stage != "detect":
        assert said[stage] == "FAILED"
    detectors = {said[detector.name] for detector in DETECTORS}
    assert detectors == {"FAILED"} if stage in ("device", "detect") else detectors <= {"RAN", "SKIPPED"}
    assert bool(report.pumps) == (stage != "device")
    assert report.priority != "routine"
    plain(report, tmp_path)


def test_what_reading_met_is_in_the_report(studies: Studies, tmp_path: Path) -> None:
    """A rule that was met and handled is told with its series, and the series is examined all the same."""
    case = case_of(studies.bare)
    (study,) = case.studies
    (series,) = study.series
    tilted = replace(series, why="gantry tilt: 12 degrees")
    report = triage_case(replace(case, studies=(replace(study, series=(tilted,)),)), out=tmp_path)
    told = [(problem.path_or_uid, problem.stage, problem.reason) for problem in report.problems]
    assert told == [(series.series_instance_uid, "read", "gantry tilt: 12 degrees")]
    assert {line.detector: line.outcome for line in report.examined}["device"] == "RAN"


def test_where_one_ct_shows_no_pump_the_next_is_walked(studies: Studies, tmp_path: Path) -> None:
    """Two parts of a patient scanned apart are both searched before it is said that there is no pump."""
    case = case_of(studies.bare)
    (study,) = case.studies
    (series,) = study.series
    apart = replace(series, series_instance_uid="1.2.3.4", frame_of_reference_uid="1.2.3")
    report = triage_case(replace(case, studies=(replace(study, series=(series, apart)),)), out=tmp_path)
    said = {line.detector: line for line in report.examined}
    assert set(said["device"].series_instance_uids) == {series.series_instance_uid, "1.2.3.4"}
    assert "other_series" not in said
    assert len({path.name for path in (tmp_path / "cases").iterdir()}) == 1
