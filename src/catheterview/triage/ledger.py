"""Which run examined a case, with what, and what came of it; by this a resumed run knows what it need not repeat."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catheterview import __version__
from catheterview.errors import CatheterviewError
from catheterview.export import read_report
from catheterview.ladder import Facts, facts_to_plain
from catheterview.limits import Limits, as_dict
from catheterview.model import Report
from catheterview.read import Case
from catheterview.read.sources import Source, opened
from catheterview.store import Store


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """What the process of one case is given."""

    case: Case
    out: Path
    limits: Limits
    facts: Facts
    dicom: bool = False
    memory_bytes: int | None = None

    @property
    def folder(self) -> Path:
        """Where the case's report goes."""
        return self.out / "cases" / self.case.case_id

    @property
    def input_digest(self) -> str:
        """A hash of every image of the case, its masks and what is known of the patient, whatever files are called."""
        series = [one for study in self.case.studies for one in study.series]
        images = sorted(f"{image.sop_instance_uid} {image.frame}" for one in series for image in one.instances)
        masks = [_bytes_digest(one.source) for one in self.case.masks]
        return _digest([*images, facts_to_plain(self.facts), *masks])

    @property
    def limits_digest(self) -> str:
        """A hash of all limits."""
        return _digest(as_dict(self.limits))


def _digest(plain: object) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _bytes_digest(source: Source) -> str:
    """A hash of what a file holds; of one that cannot be read, of its name."""
    try:
        with opened(source) as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except CatheterviewError:
        return source.name


def report_to_keep(store: Store, job: Job) -> Report | None:
    """The report of a case whose last run was complete and had the same input, limits and version; None without one."""
    runs = store.runs(job.case.case_id)
    if not runs or runs[-1].outcome != "complete":
        return None
    last = runs[-1]
    same = (job.input_digest, job.limits_digest, __version__)
    if (last.input_digest, last.limits_digest, last.version) != same:
        return None
    if job.dicom and not any(job.folder.glob("sr-*.dcm")):
        return None
    try:
        return read_report(job.folder)
    except CatheterviewError:  # gone or damaged: it is made anew
        return None


def enter(store: Store, job: Job) -> int:
    """Enter that a case is being examined; returns the number of the entry."""
    return store.start_run(
        job.case.case_id,
        input_digest=job.input_digest,
        limits_digest=job.limits_digest,
        version=__version__,
        started=_now(),
    )


def close(store: Store, entry: int, report: Report) -> None:
    """Enter what came of it."""
    why = "; ".join(dict.fromkeys(problem.reason for problem in report.problems))
    store.finish_run(entry, outcome="complete" if is_complete(report) else "incomplete", finished=_now(), why=why)


def is_complete(report: Report) -> bool:
    """Say whether nothing went wrong in a case."""
    return not report.problems and not any(line.outcome == "FAILED" for line in report.examined)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
