"""``catheterview triage``."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import EXISTING, FOLDER, NEW_FOLDER, as_json, gathered, leave
from catheterview.cli.progress import progress

if TYPE_CHECKING:
    from catheterview.triage import Outcome, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    inputs: tuple[Path, ...]
    out: Path
    facts: Path | None
    masks: Path | None
    jobs: int
    timeout: float | None
    resume: bool
    dicom: bool
    memory: float | None
    watch: bool
    quiet: float
    events: bool
    scheduler: str | None
    slurm: bool
    store: str | None
    as_json: bool


@click.command("triage")
@click.argument("inputs", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="INPUT...")
@click.option("--out", required=True, type=NEW_FOLDER, help="Where the results go.")
@click.option("--facts", type=FOLDER, help="Folder of clinical facts, one JSON or YAML file per case.")
@click.option("--masks", type=EXISTING, help="Masks of a segmentation tool (DICOM SEG, NIfTI): a file or a folder.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Cases at the same time.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds that one case may take.")
@click.option("--resume", is_flag=True, help="Leave cases alone that are already complete in OUT.")
@click.option("--dicom", is_flag=True, help="Also write the results as DICOM (SR, SEG, KO, PR, SC) beside each report.")
@click.option("--memory", type=click.FloatRange(min=0.5), help="GiB that one case may take.")
@click.option("--watch", is_flag=True, help="Go on, and triage what comes; ends on SIGTERM or SIGINT.")
@click.option(
    "--quiet",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="With --watch: seconds without a change before a round begins.",
)
@click.option("--events", is_flag=True, help="Tell the progress as lines of JSON on standard error.")
@click.option("--scheduler", metavar="ADDRESS", help="Examine the cases on the workers of this dask scheduler.")
@click.option("--slurm", is_flag=True, help="Examine them on workers that are jobs of SLURM, --jobs of them.")
@click.option("--store", metavar="URL", help="PostgreSQL database that keeps the worklist of OUT from now on.")
@as_json
@gathered(_Options)
def triage_command(options: _Options) -> None:
    """Triage every case found in INPUT.

    INPUT is a file, a folder (walked) or a .zip. Writes into OUT the worklist (worklist.html, worklist.sqlite) and a
    folder for every case with report.json and report.html.
    """
    from catheterview.triage import SLURM, Plan  # noqa: PLC0415 - loads every room; --help must not

    if options.slurm and options.scheduler:
        raise click.UsageError("--scheduler and --slurm exclude each other")
    plan = Plan(
        facts=options.facts,
        masks=options.masks,
        jobs=options.jobs,
        timeout_s=options.timeout,
        resume=options.resume,
        dicom=options.dicom,
        memory_bytes=None if options.memory is None else int(options.memory * (1 << 30)),
        quiet_s=options.quiet,
        store=options.store or "",
        scheduler=options.scheduler or (SLURM if options.slurm else ""),
    )
    _watch(options, plan) if options.watch else _once(options, plan)


def _once(options: _Options, plan: Plan) -> None:
    """One round; its exit status says whether all was complete."""
    leave(complete=_round(options, plan).complete)


def _round(options: _Options, plan: Plan) -> Outcome:
    """Triage, with progress; say what came of it."""
    from catheterview.triage import triage  # noqa: PLC0415 - loads every room; --help must not

    with progress("cases", quiet=options.as_json or options.events) as shown:
        tell = _tell_event if options.events else shown
        outcome = triage(options.inputs, out=options.out, plan=plan, tell=tell)
    click.echo(_as_json(outcome) if options.as_json else _as_text(outcome))
    return outcome


def _watch(options: _Options, plan: Plan) -> None:
    """One round after another, until a signal comes; a round that has begun is finished."""
    from catheterview.triage import watch  # noqa: PLC0415 - loads every room; --help must not

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    watch(options.inputs, out=options.out, plan=plan, until=stop.wait, begin=lambda resumed: _round(options, resumed))


def _tell_event(done: int, total: int, what: str) -> None:
    """One line of JSON: what was done last is a pseudonym."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    click.echo(json.dumps({"at": at, "done": done, "total": total, "what": what}), err=True)


def _as_json(outcome: Outcome) -> str:
    cases = [
        {
            "case_id": case.case_id,
            "priority": case.priority,
            "complete": case.complete,
            "findings": case.findings,
            "report": str(outcome.out / "cases" / case.case_id / "report.json"),
        }
        for case in outcome.cases
    ]
    problems = [{"path_or_uid": p.path_or_uid, "stage": p.stage, "reason": p.reason} for p in outcome.problems]
    told = {"out": str(outcome.out), "files": outcome.files, "cases": cases, "problems": problems}
    return json.dumps(told | {"complete": outcome.complete})


def _as_text(outcome: Outcome) -> str:
    lines = [f"{outcome.files} files, {len(outcome.cases)} cases"]
    for case in outcome.cases:
        state = "" if case.complete else ", incomplete: see its problems"
        lines.append(f"  {case.priority:<12} {case.case_id}  {case.findings} findings{state}")
    if outcome.problems:
        lines.append(f"{len(outcome.problems)} problems with the input, listed in {outcome.out / 'problems.json'}:")
        lines += [f"  {problem.path_or_uid}: {problem.reason}" for problem in outcome.problems[:10]]
    lines.append(f"Worklist: {outcome.out / 'worklist.html'}")
    return "\n".join(lines)
