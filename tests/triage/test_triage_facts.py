"""Facts files find their case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from catheterview.ladder import Facts, Reading, decide, load_facts
from catheterview.model import Rung
from catheterview.read import Case, Study, pseudonym
from catheterview.triage.facts import facts_by_case, keep_facts

KEY = b"a key of these tests"


def case_of(patient_id: str, issuer: str | None = None, study_uid: str = "1.2.3") -> Case:
    """A case of one empty study."""
    study = Study(study_instance_uid=study_uid, date="2026-03-02", rung=Rung.CT, series=())
    return Case(case_id=pseudonym(issuer=issuer, patient_id=patient_id, key=KEY), studies=(study,))


def write(folder: Path, name: str, case: dict[str, object], **groups: object) -> None:
    """Write one facts file."""
    (folder / name).write_text(json.dumps({"schema": "catheterview/facts/1", "case": case, **groups}))


def found(folder: Path, *cases: Case) -> tuple[Mapping[str, Facts], list[tuple[str, str]]]:
    """Facts by case id, and the problems as (file, rule)."""
    facts, problems = facts_by_case(folder, cases, key=KEY)
    return facts, [(problem.path_or_uid, problem.reason.split(":")[0]) for problem in problems]


def test_facts_belong_to_the_patient_they_name(tmp_path: Path) -> None:
    """PatientID and issuer together say whose facts these are; the same number of another issuer is another patient."""
    write(tmp_path, "one.json", {"patient_id": "77", "issuer": "East"}, pres={"infection": True})
    east, west = case_of("77", "East"), case_of("77", "West")
    facts, problems = found(tmp_path, east, west)
    assert list(facts) == [east.case_id]
    assert facts[east.case_id].pres.infection is True
    assert problems == []


def test_facts_belong_to_the_study_they_name(tmp_path: Path) -> None:
    """A study's UID is enough, in YAML as well."""
    (tmp_path / "two.yaml").write_text("schema: catheterview/facts/1\ncase: {study_instance_uids: ['9.8.7']}\n")
    case = case_of("77", study_uid="9.8.7")
    facts, problems = found(tmp_path, case, case_of("78"))
    assert list(facts) == [case.case_id]
    assert problems == []


def test_facts_that_fit_nobody_are_told(tmp_path: Path) -> None:
    """A file without a case, a broken one and a second one for the same case are problems; other files are not read."""
    write(tmp_path, "a.json", {"patient_id": "77"}, pres={"infection": True})
    write(tmp_path, "b.json", {"patient_id": "77"}, pres={"infection": False})
    write(tmp_path, "c.json", {"patient_id": "stranger"})
    write(tmp_path, "d.json", {"patient_id": "77", "shoe_size": 42})
    (tmp_path / "notes.txt").write_text("not facts")
    case = case_of("77")
    facts, problems = found(tmp_path, case)
    assert facts[case.case_id].pres.infection is True
    assert [name for name, _ in problems] == ["b.json", "c.json", "d.json"]
    assert dict(problems)["b.json"] == "doubled facts"
    assert dict(problems)["c.json"] == "facts without a case"


def test_the_kept_copy_says_all_but_whose_it_is(tmp_path: Path) -> None:
    """The copy beside a report leads to the same decision, and names neither patient, study, nor a source by name."""
    given = {"patient_id": "77-xyz", "issuer": "East", "study_instance_uids": ["9.8.7"]}
    write(
        tmp_path,
        "one.json",
        given,
        as_of="2026-03-02",
        vol={"aspirated_ml": 18.0, "expected_ml": 5.0},
        gate={"tolerates_bolus": True},
        origins={"gate.tolerates_bolus": {"at": "2026-03-01", "source": "Dr. Jane Roe"}},
    )
    facts = load_facts(tmp_path / "one.json")
    kept = keep_facts(facts, tmp_path / "cases" / "a")
    text = kept.read_text(encoding="utf-8")
    assert not any(name in text for name in ("77-xyz", "East", "9.8.7", "Roe"))
    again = load_facts(kept)
    assert again.vol == facts.vol
    assert again.origins["gate.tolerates_bolus"].source
    assert decide(again, reading=Reading()) == decide(facts, reading=Reading())
