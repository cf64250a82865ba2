"""All cases of some folders: every file accounted for, nothing lost, most urgent first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from simulated_studies import Studies

from catheterview.errors import InputError
from catheterview.export import read_report
from catheterview.limits import Limits
from catheterview.read import scan, site_key
from catheterview.store import open_store
from catheterview.triage import Outcome, Plan, triage


@pytest.fixture(scope="module")
def done(studies: Studies, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path, list[tuple[int, int]]]:
    """Both patients, a file that is no DICOM and a facts file that fits nobody, triaged; and the progress told."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "notes.txt").write_text("not DICOM")
    facts = folder / "facts"
    facts.mkdir()
    told = {"schema": "catheterview/facts/1", "case": {"patient_id": "stranger"}}
    (facts / "stranger.json").write_text(json.dumps(told))
    steps: list[tuple[int, int]] = []
    outcome = triage(
        [studies.device, studies.bare, folder / "notes.txt"],
        out=folder / "out",
        plan=Plan(jobs=2, facts=facts),
        tell=lambda done, total, _: steps.append((done, total)),
    )
    return outcome, folder / "out", steps


def test_every_case_has_a_report_and_a_line(done: tuple[Outcome, Path, list[tuple[int, int]]]) -> None:
    """Each patient has a folder with report and page, and a line of the worklist, most urgent first."""
    outcome, out, _ = done
    ids = {case.case_id for case in outcome.cases}
    assert len(ids) == 2
    assert {path.name for path in (out / "cases").iterdir()} == ids
    for case_id in ids:
        names = {path.name for path in (out / "cases" / case_id).iterdir()}
        assert {"report.json", "report.html"} <= names
    with open_store(out / "worklist.sqlite", create=False) as store:
        rows = store.cases()
    assert {row.case_id for row in rows} == ids
    assert [row.rank for row in rows] == sorted(row.rank for row in rows)
    page = (out / "worklist.html").read_text()
    assert all(f"cases/{case_id}/report.html" in page for case_id in ids)


def test_every_file_is_accounted_for(done: tuple[Outcome, Path, list[tuple[int, int]]], studies: Studies) -> None:
    """All files are counted; what belongs to no case is a problem that is written down."""
    outcome, out, _ = done
    assert outcome.files == len(list(studies.device.iterdir())) + len(list(studies.bare.iterdir())) + 1
    written = json.loads((out / "problems.json").read_text())["problems"]
    assert [problem["path_or_uid"] for problem in written] == ["notes.txt", "stranger.json"]
    assert not outcome.complete
    assert all(case.complete for case in outcome.cases)


def test_progress_is_told(done: tuple[Outcome, Path, list[tuple[int, int]]]) -> None:
    """First that headers are read, then each case as it is done."""
    assert done[2] == [(0, 0), (1, 2), (2, 2)]


def test_a_case_that_takes_too_long_is_not_lost(studies: Studies, tmp_path: Path) -> None:
    """Its report says that it was ended, it is on the worklist, and it never counts as examined."""
    outcome = triage([studies.bare], out=tmp_path, plan=Plan(timeout_s=0.01))
    (case,) = outcome.cases
    assert (case.priority, case.complete) == ("cannot_tell", False)
    report = read_report(tmp_path / "cases" / case.case_id)
    assert report.problems[0].reason.startswith("timeout")
    assert [line.outcome for line in report.examined] == ["FAILED"]
    assert report.studies[0].series


def test_a_resumed_run_keeps_what_is_complete(
    done: tuple[Outcome, Path, list[tuple[int, int]]], studies: Studies
) -> None:
    """Complete reports are left as they are, byte for byte, and stay on the worklist."""
    outcome, out, _ = done
    before = {path: path.read_bytes() for path in out.rglob("report.json")}
    again = triage([studies.device, studies.bare], out=out, plan=Plan(resume=True, timeout_s=0.01))
    assert {case.case_id: case.complete for case in again.cases} == {case.case_id: True for case in outcome.cases}
    assert {path: path.read_bytes() for path in out.rglob("report.json")} == before


def reasons(outcome: Outcome) -> list[str]:
    """What the cases of a run have as problems."""
    reports = [read_report(outcome.out / "cases" / case.case_id) for case in outcome.cases]
    return [problem.reason.split(":")[0] for report in reports for problem in report.problems]


def test_a_resumed_run_repeats_what_is_not_the_same(studies: Studies, tmp_path: Path) -> None:
    """An incomplete case, other facts, other limits and a damaged report are all examined again."""
    hasty = Plan(timeout_s=0.01, resume=True)  # whatever is examined again shows as a timeout
    assert reasons(triage([studies.bare], out=tmp_path, plan=hasty)) == ["timeout"]
    assert reasons(triage([studies.bare], out=tmp_path, plan=Plan(resume=True))) == []
    assert reasons(triage([studies.bare], out=tmp_path, plan=hasty)) == []
    limits = Limits(device=replace(Limits().device, metal_hu=2001.0))
    assert reasons(triage([studies.bare], out=tmp_path, plan=replace(hasty, limits=limits))) == ["timeout"]


def test_facts_that_came_later_are_taken_in(studies: Studies, tmp_path: Path) -> None:
    """A resumed run asks the ladder again when more is known of the patient."""
    (study,) = scan([studies.bare], key=site_key()).cases[0].studies
    triage([studies.bare], out=tmp_path / "out")
    told = {"schema": "catheterview/facts/1", "case": {"study_instance_uids": [study.study_instance_uid]}}
    (tmp_path / "facts.json").write_text(json.dumps(told | {"pres": {"withdrawal_signs": True}}))
    (case,) = triage([studies.bare], out=tmp_path / "out", plan=Plan(resume=True, facts=tmp_path)).cases
    assert case.priority == "emergent"


def test_the_ledger_says_what_was_done(studies: Studies, tmp_path: Path) -> None:
    """Every run of a case is entered with its outcome; one that came to nothing says why."""
    for timeout_s in (0.01, None):
        (case,) = triage([studies.bare], out=tmp_path, plan=Plan(timeout_s=timeout_s)).cases
    with open_store(tmp_path / "worklist.sqlite", create=False) as store:
        first, second = store.runs(case.case_id)
    assert (first.outcome, second.outcome) == ("incomplete", "complete")
    assert first.why.startswith("timeout")
    assert first.input_digest == second.input_digest
    assert second.finished >= second.started


def test_a_resumed_run_makes_a_lost_report_anew(studies: Studies, tmp_path: Path) -> None:
    """A report that is gone or damaged is not kept, though the ledger says that it was complete."""
    (case,) = triage([studies.bare], out=tmp_path).cases
    (tmp_path / "cases" / case.case_id / "report.json").write_text("{")
    again = triage([studies.bare], out=tmp_path, plan=Plan(resume=True, timeout_s=0.01))
    assert reasons(again) == ["timeout"]


def test_an_output_that_cannot_be_written_is_said_at_once(studies: Studies, tmp_path: Path) -> None:
    """A file in the place of the output folder is misuse, found before any case is examined."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="cannot write"):
        triage([studies.bare], out=tmp_path / "out")


def test_a_report_that_cannot_be_written_is_said(studies: Studies, tmp_path: Path) -> None:
    """When one case cannot be written, the run says which file, rather than leave a case without a report."""
    (case_id,) = {case.case_id for case in scan([studies.bare], key=site_key()).cases}
    (tmp_path / "cases" / case_id / "report.json").mkdir(parents=True)
    with pytest.raises(InputError, match=r"report\.json"):
        triage([studies.bare], out=tmp_path)


def test_nothing_to_read_is_no_case(tmp_path: Path) -> None:
    """An empty folder makes an empty worklist."""
    (tmp_path / "in").mkdir()
    outcome = triage([tmp_path / "in"], out=tmp_path / "out")
    assert (outcome.files, outcome.cases, outcome.complete) == (0, (), True)
    assert (tmp_path / "out" / "worklist.html").is_file()
