"""All cases of some folders: scanned once, each examined in a process of its own, listed most urgent first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path

from catheterview import __version__
from catheterview.export import read_report, write_report, write_worklist
from catheterview.export.write import write_whole
from catheterview.ladder import Facts
from catheterview.limits import Limits, as_dict
from catheterview.model import Examined, Priority, Problem, Report
from catheterview.read import Case, Inventory, scan, site_key
from catheterview.store import Store, claim, only_run, open_store
from catheterview.triage.apart import alone
from catheterview.triage.cluster import connected, run_afar
from catheterview.triage.facts import facts_by_case
from catheterview.triage.ledger import Job, close, enter, is_complete, report_to_keep
from catheterview.triage.masks import with_masks
from catheterview.triage.pool import Ended, run_apart
from catheterview.triage.series import records
from catheterview.triage.sources import note_sources
from catheterview.triage.summing import undecided
from catheterview.triage.work import work

#: Called with how many cases are done, how many there are (0 while not known), and what is being done.
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a run is done.

    Parameters
    ----------
    facts : Path or None
        Folder of facts files.
    masks : Path or None
        File or folder of masks of another segmentation tool.
    jobs : int
        Cases at the same time.
    timeout_s : float or None
        What one case may take.
    resume : bool
        Keep the reports of cases whose last run was complete and had the same images, facts, limits and version.
    dicom : bool
        Write DICOM results beside each report.
    memory_bytes : int or None
        What one case may take.
    quiet_s : float
        Where a folder is watched: how long nothing may have changed before a round begins, so that half a study that is
        being copied is not taken for one.
    scheduler : str
        Address of a dask scheduler that gives the cases to its workers, ``slurm`` for workers that are asked of SLURM,
        or empty to examine them here.
    store : str
        URL of the PostgreSQL database that keeps the worklist from now on, or empty for where it is kept.
    """

    limits: Limits = field(default_factory=Limits)
    facts: Path | None = None
    masks: Path | None = None
    jobs: int = 1
    timeout_s: float | None = None
    resume: bool = False
    dicom: bool = False
    memory_bytes: int | None = None
    quiet_s: float = 30.0
    scheduler: str = ""
    store: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome:
    """What became of one case."""

    case_id: str
    priority: Priority
    complete: bool
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a run.

    Parameters
    ----------
    out : Path
    files : int
        How many files were looked at.
    cases : tuple of CaseOutcome
    problems : tuple of Problem
        Of files and facts; those of a case are in its report.
    """

    out: Path
    files: int
    cases: tuple[CaseOutcome, ...]
    problems: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing at all went wrong."""
        return not self.problems and all(case.complete for case in self.cases)


def triage(inputs: Sequence[Path], *, out: Path, plan: Plan | None = None, tell: Tell = lambda *_: None) -> Outcome:
    """Examine every case found in some files, folders and zips.

    Parameters
    ----------
    inputs : sequence of Path
    out : Path
        Made when it is missing; gets ``cases/``, ``worklist.sqlite``, ``worklist.html`` and ``problems.json``.
    plan : Plan, optional
    tell : callable, optional
        Told of the progress.

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        When an input is not there, the site key cannot be used, the output cannot be written, or another run writes
        there.
    """
    with alone(out):
        if plan is not None and plan.store:
            claim(plan.store, out)
        with only_run(out):
            return _triage(inputs, out, plan or Plan(), tell)


def _triage(inputs: Sequence[Path], out: Path, plan: Plan, tell: Tell) -> Outcome:
    """Examine every case; nobody else writes into the output."""
    key = site_key()
    tell(0, 0, "reading headers")
    inventory = scan(inputs, limits=plan.limits.read, key=key)
    facts, unused = facts_by_case(plan.facts, inventory.cases, key=key) if plan.facts else ({}, ())
    cases, unplaced = _with_masks(inventory, plan, key)
    of_cases = {series.series_instance_uid for series in inventory.series}
    problems = (*(problem for problem in inventory.problems if problem.path_or_uid not in of_cases), *unused, *unplaced)
    _write_problems(problems, out)  # or says why it cannot, before any case is examined
    note_sources(inventory.cases, out)
    examined = _examine(replace(inventory, cases=cases), facts, out=out, plan=plan, tell=tell)
    with open_store(out / "worklist.sqlite") as store:
        write_worklist(store.cases(), out / "worklist.html")
    return Outcome(out=out, files=inventory.files, cases=examined, problems=problems)


def _with_masks(inventory: Inventory, plan: Plan, key: bytes) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """The cases with the masks that the plan names for them, and what belongs to none."""
    if plan.masks is None:
        return inventory.cases, ()
    return with_masks(inventory.cases, plan.masks, limits=plan.limits, key=key)


def _examine(
    inventory: Inventory, facts: Mapping[str, Facts], *, out: Path, plan: Plan, tell: Tell
) -> tuple[CaseOutcome, ...]:
    """Examine every case that has no report to keep, and enter all into the worklist as they end."""
    jobs = [
        Job(
            case=case,
            out=out,
            limits=plan.limits,
            facts=facts.get(case.case_id, Facts()),
            dicom=plan.dicom,
            memory_bytes=plan.memory_bytes,
        )
        for case in inventory.cases
    ]
    done: dict[str, CaseOutcome] = {}
    with open_store(out / "worklist.sqlite") as store:
        kept = {job.case.case_id: report for job in jobs if plan.resume and (report := report_to_keep(store, job))}
        left = [job for job in jobs if job.case.case_id not in kept]
        for report in chain(kept.values(), _reports(left, plan, store)):
            store.save_report(report)
            done[report.case_id] = _outcome(report)
            tell(len(done), len(jobs), report.case_id)
    return tuple(done[job.case.case_id] for job in jobs)


def _reports(jobs: Sequence[Job], plan: Plan, store: Store) -> Iterator[Report]:
    """Examine cases in processes of their own; yield each case's report as it ends."""
    entries: dict[str, int] = {}

    def started(job: Job) -> None:
        entries[job.case.case_id] = enter(store, job)

    for ended in _ends(jobs, plan, started):
        if ended.why:
            write_report(_lost(ended.job, ended.why), ended.job.folder)
        report = read_report(ended.job.folder)
        close(store, entries[report.case_id], report)
        yield report


def _ends(jobs: Sequence[Job], plan: Plan, started: Callable[[Job], None]) -> Iterator[Ended[Job]]:
    """Examine cases here, or on a cluster where the plan names one."""
    if not plan.scheduler or not jobs:
        yield from run_apart(work, jobs, at_once=plan.jobs, timeout_s=plan.timeout_s, started=started)
        return
    with connected(plan.scheduler, jobs=plan.jobs) as client:
        yield from run_afar(client, jobs, timeout_s=plan.timeout_s, started=started)


def _lost(job: Job, why: str) -> Report:
    """The report of a case whose process ended without one: nothing was examined, and it says why."""
    studies = records(job.case)
    uids = tuple(series.series_instance_uid for study in studies for series in study.series)
    return Report(
        version=__version__,
        case_id=job.case.case_id,
        priority="cannot_tell",
        studies=studies,
        pumps=(),
        catheters=(),
        findings=(),
        examined=(Examined(detector="triage", series_instance_uids=uids, outcome="FAILED", why=why),),
        decision=undecided(),
        problems=(Problem(path_or_uid=job.case.case_id, stage="triage", reason=why),),
        limits=as_dict(job.limits),
    )


def _outcome(report: Report) -> CaseOutcome:
    return CaseOutcome(
        case_id=report.case_id,
        priority=report.priority,
        complete=is_complete(report),
        findings=len(report.findings),
    )


def _write_problems(problems: Sequence[Problem], out: Path) -> None:
    """Write what was wrong with files that belong to no case."""
    told = {"schema": "catheterview/problems/1", "problems": [asdict(problem) for problem in problems]}
    write_whole(out / "problems.json", (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
