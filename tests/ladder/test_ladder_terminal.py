"""What the terminal needs of the ladder: changes and policies as they are typed, questions and changes in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ladder_records import GATED, LOST, record

from catheterview.errors import CatheterviewError, InputError
from catheterview.ladder import (
    Facts,
    Policies,
    Question,
    asked_as_text,
    changes_from,
    explain,
    interview,
    load_facts,
    policies_from,
    what_if,
    what_if_as_text,
    what_if_to_plain,
    write_facts,
    write_page,
)


def test_a_question_in_the_terminal_says_where_the_case_stands() -> None:
    """Before each question stands the step as it is now, and after a refusal why the answer was not taken."""
    shown: list[str] = []
    replies = iter(["maybe", "yes", None])

    def ask(question: Question) -> str | None:
        shown.append(asked_as_text(question))
        return next(replies)

    facts = interview(Facts(), ask)
    assert facts.pres.overdose_signs is True
    assert shown[0].startswith("Now at N1, Step 1: triage and stabilise; cannot tell; review 7.1.")
    assert "Are there signs of overdose" in shown[0]
    assert "[yes or no; " in shown[0]
    assert "Not taken" not in shown[0]
    assert "Not taken: pres.overdose_signs: 'maybe' is neither yes nor no" in shown[1]
    assert shown[2].startswith("Now at A4, Reservoir aspiration in overdose; emergent")


def test_a_change_is_told_with_both_decisions() -> None:
    """What a fact would change is told for a person and as plain data."""
    result = what_if(record(GATED), {"gate.tolerates_bolus": False})
    told = what_if_as_text(result)
    assert told.startswith("Changes: step, action, ask.")
    assert "before: I5 CAP-CT myelography" in told
    assert "after: I6 Thin-slice CT" in told
    plain = what_if_to_plain(result)
    assert (plain["before"]["step"], plain["after"]["step"]) == ("I5", "I6")
    assert plain["changed"] == ["step", "action", "ask"]


def test_a_change_that_changes_nothing_says_so() -> None:
    """The record of the tip's level decides nothing here."""
    assert what_if_as_text(what_if(record(GATED), {"implant.tip_level": "T10"})) == "No change: I5, soon."


def test_what_comes_beside_the_step_is_told_with_the_change() -> None:
    """A suspected mass puts MRI first, and the work-up beside it."""
    result = what_if(record(GATED), {"pres.suspect_tip_mass": True})
    assert "beside it I6" in what_if_as_text(result)
    final = what_if(record(LOST), {"intr.programming_error": True, "intr.motor_stall": "permanent"})
    assert "would change it: nothing" in what_if_as_text(final)


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


def test_policies_are_chosen_by_name() -> None:
    """What is not named keeps its default; what is not known is refused by name."""
    assert policies_from(["no_cap=spect_ct"]) == Policies(no_cap="spect_ct")
    assert policies_from([]) == Policies()
    for wrong, told in (("no_such=thing", "is not a policy"), ("no_cap=mri", "is not an option"), ("no_cap", "''")):
        with pytest.raises(InputError, match=told):
            policies_from([wrong])


def test_what_cannot_be_written_is_told_by_name(tmp_path: Path) -> None:
    """A page or a record that cannot be written is an error of the input, not a traceback."""
    write_page(explain(record(GATED)), tmp_path / "answer.html")
    assert (tmp_path / "answer.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="cannot write"):
        write_page(explain(record(GATED)), tmp_path)
    with pytest.raises(InputError, match="cannot write"):
        write_facts(Facts(), tmp_path / "nowhere" / "facts.json")


@pytest.mark.parametrize("name", ["facts.json", "facts.yaml"])
def test_an_error_never_quotes_what_identifies_a_patient(tmp_path: Path, name: str) -> None:
    """Neither a wrong PatientID nor a line that cannot be parsed is repeated in an error."""
    path = tmp_path / name
    path.write_text('{"schema": "catheterview/facts/1", "case": {"patient_id": 4711}}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_facts(path)
    assert str(caught.value) == "case.patient_id: must be text, not int"
    path.write_text('{"case": {"patient_id": "4711"\n, ]', encoding="utf-8")
    with pytest.raises(CatheterviewError) as unreadable:
        load_facts(path)
    assert str(unreadable.value).endswith("look at line 2")
