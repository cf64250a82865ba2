"""Which file of clinical facts belongs to which case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from catheterview.errors import CatheterviewError
from catheterview.ladder import Facts, load_facts, write_facts
from catheterview.model import Problem
from catheterview.read import Case, pseudonym

#: Name of the copy that a case's folder keeps, for the reading room.
KEPT_FACTS = "facts.json"
#: Stands there for the source of a fact.
SOURCE_KEPT = "on record"

_SUFFIXES = (".json", ".yaml", ".yml")


def facts_by_case(
    folder: Path, cases: Iterable[Case], *, key: bytes
) -> tuple[Mapping[str, Facts], tuple[Problem, ...]]:
    """Read every facts file of a folder and give each to its case.

    Parameters
    ----------
    folder : Path
    cases : iterable of Case
    key : bytes
        The site's secret, by which a PatientID becomes a case id.

    Returns
    -------
    facts : mapping of case id to Facts
    problems : tuple of Problem
        Files that cannot be read, that belong to no case, or to a case that has facts already.
    """
    known = tuple(cases)
    given: dict[str, Facts] = {}
    problems: list[Problem] = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES):
        try:
            facts = load_facts(path)
        except CatheterviewError as error:
            problems.append(_problem(path, error.reason))
            continue
        owners = {case.case_id for case in known if _belongs(facts, case, key)}
        if not owners:
            problems.append(_problem(path, "facts without a case: no case of this run has its patient or study"))
        if owners & given.keys():
            problems.append(_problem(path, "doubled facts: another file of this folder is about the same case"))
        given |= dict.fromkeys(owners - given.keys(), facts)
    return given, tuple(problems)


def keep_facts(facts: Facts, folder: Path) -> Path:
    """Write what is known of a patient beside the report, but not whose it is: no PatientID, UID or source by name.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # That a source is named matters (the gate asks for one), which it is may name a person.
    nameless = {
        name: replace(origin, source=None if origin.source is None else SOURCE_KEPT)
        for name, origin in facts.origins.items()
    }
    write_facts(replace(facts, case=Facts().case, origins=nameless), folder / KEPT_FACTS)
    return folder / KEPT_FACTS


def _belongs(facts: Facts, case: Case, key: bytes) -> bool:
    """Say whether facts name the patient or a study of a case."""
    named = facts.case
    if named.patient_id and pseudonym(issuer=named.issuer, patient_id=named.patient_id, key=key) == case.case_id:
        return True
    return any(study.study_instance_uid in named.study_instance_uids for study in case.studies)


def _problem(path: Path, reason: str) -> Problem:
    return Problem(path_or_uid=path.name, stage="ladder", reason=reason)
