"""From a simulated study to its score, by commands alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catheterview.cli import main


def run(*words: object) -> Result:
    """Run one command."""
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a simulated patient without a device, triaged."""
    made = tmp_path_factory.mktemp("flow")
    phantom = run("phantom", made / "study", "--fault", "no_device", "--seed", 5, "--small", "--json")
    assert phantom.exit_code == 0, phantom.output
    told = json.loads(phantom.stdout)
    assert len(list((made / "study" / "dicom").iterdir())) == told["slices"]
    (made / "study" / "dicom" / "notes.txt").write_text("not DICOM")
    return made


@pytest.fixture(scope="module")
def quiet(folder: Path) -> Result:
    """Its triage, machine-readable."""
    return run("triage", folder / "study" / "dicom", "--out", folder / "out", "--json")


def test_a_machine_reads_nothing_but_json(quiet: Result) -> None:
    """With --json there is one JSON object on standard output and nothing on standard error."""
    told = json.loads(quiet.stdout)
    assert quiet.stderr == ""
    assert set(told) == {"out", "files", "cases", "problems", "complete"}
    (case,) = told["cases"]
    assert Path(case["report"]).is_file()
    assert case["findings"] == 0


def test_a_problem_ends_with_status_one(quiet: Result) -> None:
    """A file that is no DICOM is a problem: the rest is done, and the exit status says so."""
    assert quiet.exit_code == 1
    told = json.loads(quiet.stdout)
    assert [problem["reason"] for problem in told["problems"]] == ["not DICOM"]
    assert told["cases"][0]["complete"] is True


def test_a_person_is_told_where_to_look(quiet: Result, folder: Path) -> None:
    """Without --json: progress on standard error; cases, problems and the worklist's place on standard output."""
    done = run("triage", folder / "study" / "dicom", "--out", folder / "out", "--resume")
    case_id = json.loads(quiet.stdout)["cases"][0]["case_id"]
    assert case_id in done.stdout
    assert "not DICOM" in done.stdout
    assert str(folder / "out" / "worklist.html") in done.stdout
    assert "1/1" in done.stderr
    assert "cases" in done.stderr


def test_all_done_ends_with_status_zero(quiet: Result, folder: Path) -> None:
    """Without a problem the status is 0; zip, folder and file are all taken."""
    slices = [path for path in (folder / "study" / "dicom").iterdir() if path.suffix == ".dcm"]
    done = run("triage", *slices, "--out", folder / "again", "--jobs", 1, "--json")
    assert done.exit_code == 0, done.output
    first, second = json.loads(quiet.stdout), json.loads(done.stdout)
    assert second["cases"][0]["case_id"] == first["cases"][0]["case_id"]
    assert second["files"] == first["files"] - 1


def test_reports_are_scored_against_truth(quiet: Result, folder: Path) -> None:
    """Measures are printed as a table or as JSON, and written as pages when asked for."""
    table = run("score", folder / "out", "--truth", folder / "study", "--report", folder / "scores")
    assert table.exit_code == 0, table.output
    assert "silent without a device" in table.stdout
    assert (folder / "scores" / "score.html").is_file()
    plain = run("score", folder / "out", "--truth", folder / "study", "--json")
    assert json.loads(plain.stdout)["intended_use"] == "research_only"


def test_a_device_goes_into_a_ct_only(folder: Path, tmp_path: Path) -> None:
    """Where there is no CT volume, nothing is simulated, and the message names the file."""
    result = run("phantom", tmp_path / "study", "--into", folder / "study" / "truth.json")
    assert result.exit_code == 2
    assert "truth.json: no CT volume" in result.output
    assert not (tmp_path / "study").exists()


def test_a_simulation_says_what_it_wrote(folder: Path, tmp_path: Path) -> None:
    """An output that holds a study already is not overwritten."""
    result = run("phantom", folder / "study", "--fault", "no_device", "--seed", 5, "--small")
    assert result.exit_code == 2, result.output
    assert "Error" in result.output


def test_the_command_is_installed() -> None:
    """The package brings a command of its name, and it can be run as a module's function."""
    command = Path(sys.executable).with_name("catheterview")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("catheterview, version ")
