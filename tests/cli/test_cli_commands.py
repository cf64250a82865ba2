"""What each command prints, and its exit status."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catheterview.cli import main
from catheterview.model import Decision, Priority, Report, Review
from catheterview.store import open_store


def run(*words: object) -> Result:
    """Run one command."""
    return CliRunner().invoke(main, [str(word) for word in words])


def facts(folder: Path, **groups: object) -> Path:
    """Write a facts file."""
    path = folder / "facts.json"
    path.write_text(json.dumps({"schema": "catheterview/facts/1", **groups}))
    return path


def test_the_ladder_answers_without_images(tmp_path: Path) -> None:
    """With --json its answer is the decision object of a report; without, the same is told to a person."""
    path = facts(tmp_path, as_of="2026-03-02", device={"has_idds": True})
    answer = run("ladder", path, "--json")
    assert answer.exit_code == 0, answer.output
    decision = json.loads(answer.output)
    assert set(decision) == {"step", "also", "action", "urgency", "because", "ask", "trail"}
    told = run("ladder", path)
    assert told.output.startswith(f"{decision['step']}: {decision['action']}")
    assert all(name in told.output for name in decision["ask"])


def test_a_change_of_facts_shows_what_it_changes(tmp_path: Path) -> None:
    """A what-if leaves the record alone and gives both decisions."""
    path = facts(tmp_path, as_of="2026-03-02")
    told = json.loads(run("ladder", path, "--what-if", "pres.withdrawal_signs=yes", "--json").output)
    assert told["after"]["urgency"] == "emergent"
    assert told["before"]["urgency"] != "emergent"
    assert "urgency" in told["changed"]
    assert "before" in run("ladder", path, "--what-if", "pres.withdrawal_signs=yes").output


def test_an_interview_asks_what_matters_and_keeps_the_answers(tmp_path: Path) -> None:
    """Questions go to standard error, the answer to standard output, the facts into a file that can be read again."""
    said = tmp_path / "said.yaml"
    words = ["ladder", "--interview", "--save", str(said), "--json"]
    result = CliRunner().invoke(main, words, input="no\nyes\nq\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["urgency"] == "emergent"
    assert result.stderr.count("?") >= 3
    assert json.loads(run("ladder", said, "--json").output)["step"] == json.loads(result.stdout)["step"]


def test_an_interview_may_be_broken_off(tmp_path: Path) -> None:
    """When nothing more is typed, what was answered so far decides."""
    result = CliRunner().invoke(main, ["ladder", "--interview"], input="yes\n")
    assert result.exit_code == 0, result.output
    assert "emergent" in result.stdout


def test_the_answer_as_a_page_and_by_another_policy(tmp_path: Path) -> None:
    """The page holds the same step; a policy that there is not is misuse and names those that there are."""
    path, page = facts(tmp_path, as_of="2026-03-02"), tmp_path / "answer.html"
    answer = json.loads(
        run("ladder", path, "--page", page, "--policy", "radiographs=optional", "--explain", "--json").output
    )
    assert answer["step"] in page.read_text()
    assert answer["policies"] == ["radiographs=optional"]
    wrong = run("ladder", path, "--policy", "weather=fine")
    assert wrong.exit_code == 2
    assert "radiographs" in wrong.output


def test_the_ladder_needs_facts_or_a_person() -> None:
    """Without a file and without an interview there is nothing to decide on."""
    assert run("ladder").exit_code == 2


def test_a_facts_file_that_makes_no_sense_names_the_field(tmp_path: Path) -> None:
    """An unknown field is misuse: status 2, its path, and no traceback."""
    result = run("ladder", facts(tmp_path, device={"shoe_size": 42}))
    assert result.exit_code == 2
    assert "device.shoe_size" in result.output


def test_a_facts_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file that is no JSON ends with status 1 and names itself."""
    path = tmp_path / "facts.json"
    path.write_text("{")
    result = run("ladder", path)
    assert result.exit_code == 1
    assert "facts.json" in result.output


def test_a_worklist_is_listed_most_urgent_first(tmp_path: Path) -> None:
    """The order is the store's, the same for a person and a program; reviews are counted."""
    with open_store(tmp_path / "worklist.sqlite") as store:
        for report in _three_reports():
            store.save_report(report)
        first = store.cases()[0].case_id
        at = "2026-03-02T10:00:00+00:00"
        store.add_review(Review(case_id=first, finding_id="", verdict="accepted", reader="r", at=at, version="0.1.0"))
        wanted = [row.case_id for row in store.cases()]
    listed = json.loads(run("worklist", tmp_path, "--json").output)
    assert [row["case_id"] for row in listed] == wanted
    assert listed[0]["reviews"] == 1
    told = run("worklist", tmp_path).output
    assert [told.index(case_id) for case_id in wanted] == sorted(told.index(case_id) for case_id in wanted)


def _three_reports() -> list[Report]:
    """Three cases of different priority, without findings."""
    priorities: tuple[Priority, ...] = ("routine", "emergent", "cannot_tell")
    return [
        Report(
            version="0.1.0",
            case_id=f"{n:016x}",
            priority=priority,
            studies=(),
            pumps=(),
            catheters=(),
            findings=(),
            examined=(),
            decision=Decision(step="N1", action="look for emergencies first", urgency=priority),
        )
        for n, priority in enumerate(priorities)
    ]


def test_a_folder_without_a_worklist_is_misuse(tmp_path: Path) -> None:
    """Listing a folder that triage never wrote says so, and makes no worklist."""
    result = run("worklist", tmp_path)
    assert result.exit_code == 2
    assert "triage first" in result.output
    assert not list(tmp_path.iterdir())


def test_the_doctor_finds_this_machine_fit() -> None:
    """Everything that triage needs is here, decoders of every lossless syntax included, since these tests run."""
    result = run("doctor", "--json")
    found = {check["what"]: check for check in json.loads(result.output)}
    assert result.exit_code == 0, result.output
    assert sum(name.startswith("decoder") for name in found) == 7
    assert all(check["works"] for check in found.values() if check["needed_for"] == "triage")
    assert "works    numpy" in run("doctor").output


def test_the_doctor_sees_a_key_that_others_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site key that others can read is no key: the doctor says so and ends with status 1."""
    if os.name != "posix":
        pytest.skip("file modes are checked on POSIX systems only")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "catheterview" / "key"
    path.parent.mkdir()
    path.write_text("secret")
    path.chmod(0o644)
    result = run("doctor")
    assert result.exit_code == 1
    assert "MISSING  site key" in result.output
