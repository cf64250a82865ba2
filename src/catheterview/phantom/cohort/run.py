"""Make a cohort: in processes, resumable, the same bytes whatever the number of processes."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pydicom

from catheterview.errors import CatheterviewError, InputError, UnsuitableError
from catheterview.phantom.cohort.plan import SCHEMA, CohortCase, CohortPlan, cases_of
from catheterview.phantom.cohort.study import write_study
from catheterview.phantom.recipe import split_of

_AHEAD = 2  # cases for each process that wait in line; more would only cost memory
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of a cohort.

    Parameters
    ----------
    made, kept : int
        Cases made now, and cases that an earlier run had made.
    failed : tuple of (name, reason)
    """

    made: int
    kept: int
    failed: tuple[tuple[str, str], ...]


def _silent(done: int, total: int, what: str) -> None:
    """Report no progress."""


def make_cohort(plan: CohortPlan, out: Path, *, jobs: int = 1, tell: Tell = _silent) -> Made:
    """Make every case of a plan that is not there yet.

    Parameters
    ----------
    plan : CohortPlan
    out : Path
        Gets a folder for each case, with ``dicom``, ``truth.json`` and ``case.json``, and ``cohort.json``.
    jobs : int
        Processes.
    tell : callable
        Told of each case that is done: how many, of how many, its name.

    Returns
    -------
    Made

    Raises
    ------
    InputError
        When a folder of `out` holds a case of another plan.

    Notes
    -----
    A case is made in a folder of its own that gets its name when it is complete: a run that was killed leaves no half
    case, and the next one goes on where it ended.
    """
    cases = cases_of(plan)
    out.mkdir(parents=True, exist_ok=True)
    todo = [case for case in cases if not _is_there(case, out)]
    failed = []
    for n, (case, reason) in enumerate(_worked(todo, out, jobs), start=1 + len(cases) - len(todo)):
        tell(n, len(cases), case.name)
        if reason:
            failed.append((case.name, reason))
    _write_list(plan, cases, out)
    return Made(made=len(todo) - len(failed), kept=len(cases) - len(todo), failed=tuple(sorted(failed)))


def _is_there(case: CohortCase, out: Path) -> bool:
    """Whether a case is complete; a folder of another plan is refused, not overwritten."""
    folder = out / case.name
    if not folder.exists():
        return False
    try:
        digest = json.loads((folder / "case.json").read_text(encoding="utf-8"))["digest"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError("the folder is no case of a cohort", where=str(folder)) from error
    if digest != case.digest:
        raise InputError("the folder holds a case of another recipe or version", where=str(folder))
    return True


def _worked(todo: list[CohortCase], out: Path, jobs: int) -> Iterator[tuple[CohortCase, str]]:
    """Make cases, here or in processes; yields each with the reason why it failed, empty when it did not."""
    if jobs <= 1 or len(todo) <= 1:
        yield from ((case, _make(case, out)) for case in todo)
        return
    waiting = iter(todo)
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        running: dict[Future[str], CohortCase] = {}
        while True:
            for case in islice(waiting, jobs * _AHEAD - len(running)):
                running[pool.submit(_make, case, out)] = case
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()


def _make(case: CohortCase, out: Path) -> str:
    """Make one case; gives the reason when it cannot be made."""
    part = out / f"{case.name}.part"
    for seed in (case.study.seed, *case.spare_seeds):
        shutil.rmtree(part, ignore_errors=True)
        try:
            write_study(replace(case.study, seed=seed), part)
        except UnsuitableError as error:
            reason = str(error)
            continue
        except CatheterviewError as error:
            shutil.rmtree(part, ignore_errors=True)
            return str(error)
        if case.is_control:
            _rename(part)
        told = {"digest": case.digest, "seed": seed, "split": split_of(seed), "modality": case.study.modality}
        told |= {"fault": case.study.fault, "size": case.study.size}
        (part / "case.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        part.rename(out / case.name)
        return ""
    shutil.rmtree(part, ignore_errors=True)
    return f"no room for the device in the patients of four seeds: {reason}"


def _rename(folder: Path) -> None:
    """Make a control a patient of its own: a pair that shared a PatientID would be read as one case."""
    for path in sorted(folder.rglob("*.dcm")):
        dataset = pydicom.dcmread(path)
        dataset.PatientName, dataset.PatientID = (
            str(name).replace("PHANTOM", "CONTROL") for name in (dataset.PatientName, dataset.PatientID)
        )
        dataset.save_as(path, enforce_file_format=True)


def _write_list(plan: CohortPlan, cases: tuple[CohortCase, ...], out: Path) -> None:
    """Write what the cohort holds, by case."""
    entries = []
    for case in cases:
        path = out / case.name / "case.json"
        if path.exists():
            entries.append({"name": case.name, **json.loads(path.read_text(encoding="utf-8"))})
    told = {"schema": SCHEMA, "seed": plan.seed, "split": plan.split, "cases": entries}
    (out / "cohort.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
