"""``catheterview ladder`` in the terminal: the answer in each form, the questionnaire, and changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ladder_records import GATED, record

from catheterview.cli import main
from catheterview.errors import InputError
from catheterview.ladder import Policies, changes_from, load_facts, policies_from, write_facts, write_page
from catheterview.ladder.answer import explain


def _run(*words: object, answers: str = "") -> Result:
    return CliRunner().invoke(main, ["ladder", *(str(word) for word in words)], input=answers)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """A facts file with all that the gate asks for."""
    path = tmp_path / "facts.yaml"
    write_facts(record(GATED), path)
    return path


def test_json_is_the_decision_of_a_report(facts: Path) -> None:
    """The decision's own keys and no others, unless more is asked for."""
    plain = json.loads(_run(facts, "--json").output)
    assert list(plain) == ["step", "also", "action", "urgency", "because", "ask", "trail"]
    assert plain["step"] == "I5"
    assert "gate" in json.loads(_run(facts, "--json", "--explain").output)


def test_the_page_is_written_beside_the_answer(facts: Path, tmp_path: Path) -> None:
    """The page is a file of its own; one that cannot be written is misuse."""
    page = tmp_path / "answer.html"
    assert _run(facts, "--html", page).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    refused = _run(facts, "--html", tmp_path / "nowhere" / "answer.html")
    assert refused.exit_code == 2
    assert "cannot write" in refused.output
    with pytest.raises(InputError, match="cannot write"):
        write_page(explain(record(GATED)), tmp_path)


def test_the_questionnaire_needs_no_file_and_keeps_the_answers(tmp_path: Path) -> None:
    """From nothing, a sign of overdose leads to the reservoir; q ends; the answers are saved."""
    saved = tmp_path / "answers.json"
    result = _run("--ask", "--save", saved, "--json", answers="maybe\nyes\n" + "no\n" * 5 + "q\n")
    assert result.exit_code == 0, result.output
    assert "'maybe' is neither yes nor no" in result.stderr
    assert json.loads(result.stdout)["step"] == "A4"
    assert load_facts(saved).pres.overdose_signs is True


def test_facts_are_needed_unless_they_are_asked_for() -> None:
    """Without a file and without questions there is nothing to decide on."""
    result = _run()
    assert result.exit_code == 2
    assert "--ask" in result.output


def test_a_change_says_what_it_changes(facts: Path) -> None:
    """What a fact would change is told for a person and for a program."""
    told = _run(facts, "--what-if", "gate.tolerates_bolus=no").output
    assert "Changes: step" in told
    assert "before: I5" in told
    assert "after: I6" in told
    plain = json.loads(_run(facts, "--json", "--what-if", "gate.tolerates_bolus=no").output)
    assert plain["before"]["step"] == "I5"
    assert plain["after"]["step"] == "I6"
    assert "No change: I5, soon." in _run(facts, "--what-if", "implant.tip_level=T10").output


@pytest.mark.parametrize(
    ("written", "changes"),
    [
        ("gate.tolerates_bolus=no", {"gate.tolerates_bolus": False}),
        ("gate.tolerates_bolus=", {"gate.tolerates_bolus": None}),
        ("vol.aspirated_ml=8 cc", {"vol.aspirated_ml": "8 cc"}),
        ("img.ct.result=normal", {"img.ct.result": "normal"}),
        ("drug.agents[0].concentration_mg_per_ml=5", {"drug.agents[0].concentration_mg_per_ml": 5.0}),
        ("as_of=2026-03-05", {"as_of": "2026-03-05"}),
    ],
)
def test_changes_are_read_by_the_kind_of_fact(written: str, changes: dict[str, Any]) -> None:
    """NAME=VALUE is parsed as an answer to the question for that fact."""
    assert changes_from([written]) == changes


@pytest.mark.parametrize(
    "written",
    ["gate.tolerates_bolus", "gate.nothing=yes", "nothing.at_all=yes", "nothing=yes", "img.ct=normal", "a.b.c=1"],
)
def test_a_change_that_names_no_fact_is_refused(written: str) -> None:
    """The error says how a change is written."""
    with pytest.raises(InputError):
        changes_from([written])


def test_policies_are_chosen_by_name(facts: Path) -> None:
    """A policy changes the answer and is told with it; what is not known is refused by name."""
    assert policies_from(["no_cap=spect_ct"]) == Policies(no_cap="spect_ct")
    assert policies_from([]) == Policies()
    assert "Policy bolus_judgement=signed" in _run(facts, "--policy", "bolus_judgement=signed").output
    for wrong in ("no_such=thing", "no_cap=mri", "no_cap"):
        assert _run(facts, "--policy", wrong).exit_code == 2


@pytest.mark.parametrize(("name", "told"), [("facts.json", "facts.json"), ("facts.yaml", "facts.yaml")])
def test_an_error_never_quotes_what_identifies_a_patient(tmp_path: Path, name: str, told: str) -> None:
    """Neither a wrong PatientID nor a line that cannot be parsed is repeated in an error."""
    path = tmp_path / name
    path.write_text('{"schema": "catheterview/facts/1", "case": {"patient_id": 4711}}', encoding="utf-8")
    result = _run(path)
    assert "case.patient_id: must be text, not int" in result.output
    assert "4711" not in result.output
    path.write_text('{"case": {"patient_id": "4711"\n, ]', encoding="utf-8")
    result = _run(path)
    assert told in result.output
    assert "look at line 2" in result.output
    assert "4711" not in result.output
