"""Facts files find their case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from catheterview.ladder import Facts
from catheterview.model import Rung
from catheterview.read import Case, Study, pseudonym
from catheterview.triage.facts import facts_by_case

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
