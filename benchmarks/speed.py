"""Speed and memory beside peers, in one run: ``python benchmarks/speed.py``.

Every run is a fresh process, timed from its start to its end, files in the page cache, methods in turn, medians.
The table is printed and, with ``--write``, put into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import dcm2niix
import speed_series
from document import put_table
from speed_table import Runs, report

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "performance.md"
CLI = Path(sys.executable).with_name("catheterview")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A command that is timed, and the folder that it reads."""

    name: str
    command: Sequence[str]
    folder: Path
    threads: int = 1


def main() -> None:
    wanted = _arguments()
    with tempfile.TemporaryDirectory(prefix="catheterview-speed-") as temporary:
        scratch = wanted.scratch or Path(temporary)
        scratch.mkdir(parents=True, exist_ok=True)
        jobs = [
            job for job in _jobs(scratch, wanted.slices) if not wanted.only or any(w in job.name for w in wanted.only)
        ]
        runs = _run(jobs, repeat=wanted.repeat)
        text = report(runs, repeat=wanted.repeat, slices=wanted.slices)
    print(text)
    if wanted.write:
        put_table(DOCUMENT, text)
    if wanted.out:
        wanted.out.write_text(json.dumps({name: vars(one) for name, one in runs.items()}, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each job (default 5)")
    parser.add_argument("--slices", type=int, default=600, help="slices of the CT (default 600, as the bars say)")
    parser.add_argument("--scratch", type=Path, help="keep the series here for the next run; else a temporary folder")
    parser.add_argument("--only", nargs="*", help="only jobs whose name has one of these in it")
    parser.add_argument("--out", type=Path, help="also write every single time as JSON here")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


def _jobs(scratch: Path, slices: int) -> list[Job]:
    headers, ct = speed_series.many_headers(scratch), speed_series.ct_series(scratch, slices=slices)
    jpeg = speed_series.lossless_series(scratch, slices=slices)
    converted = scratch / "converted"
    converted.mkdir(exist_ok=True)
    peer = [dcm2niix.bin, "-z", "n", "-f", "ct", "-w", "1", "-o", str(converted), str(ct)]
    return [
        _python("index_pydicom", headers),
        _python("index_ours", headers),
        Job(name="dcm2niix", command=peer, folder=ct),
        _python("load_ours", ct),
        _python("load_pydicom", ct),
        _python("load_simpleitk", ct),
        _python("load_simpleitk", jpeg, name="jpeg_simpleitk"),
        _python("load_ours", jpeg, name="jpeg_ours"),
        _python("load_pydicom", jpeg, name="jpeg_pydicom"),
        _python("triage", ct),
        _python("triage_with_contrast", ct),
        _python("triage_with_pictures", ct),
        Job(name="bare interpreter", command=[sys.executable, "-c", "pass"], folder=ct),
        *(_help(words, ct) for words in HELPS),
    ]


HELPS = ((), ("triage",), ("worklist",), ("review",), ("ladder",), ("phantom",), ("score",), ("doctor",))


def _help(words: Sequence[str], folder: Path) -> Job:
    return Job(name=" ".join(["help", *words]), command=[str(CLI), *words, "--help"], folder=folder)


def _python(job: str, folder: Path, *, name: str = "") -> Job:
    return Job(name=name or job, command=[sys.executable, str(HERE / "speed_jobs.py"), job, str(folder)], folder=folder)


def _run(jobs: Sequence[Job], *, repeat: int) -> dict[str, Runs]:
    """Run each job once to warm the cache and to see that it works, then all in turn."""
    runs = {job.name: Runs() for job in jobs}
    for job in jobs:
        _once(job, runs[job.name], keep=False)
    for turn in range(repeat):
        print(f"turn {turn + 1} of {repeat}", file=sys.stderr, flush=True)
        for job in jobs:
            if not runs[job.name].failed:
                _once(job, runs[job.name], keep=True)
    return runs


def _once(job: Job, runs: Runs, *, keep: bool) -> None:
    """Run one job in a fresh process; its peak memory is the kernel's count for that process and its children."""
    environment = {**os.environ, "SPEED_CHECK": "" if keep else "1", "SPEED_THREADS": str(job.threads)}
    began = perf_counter()
    with subprocess.Popen(job.command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, error = process.communicate()
        took = perf_counter() - began
    if process.returncode:
        runs.failed = (
            error.decode(errors="replace").strip().splitlines()[-1][:200] if error else str(process.returncode)
        )
        print(f"{job.name} failed: {runs.failed}", file=sys.stderr)
        return
    said = _last_json(out)
    if not keep:
        runs.said = said
        return
    runs.seconds.append(took)
    runs.parts.append({name: float(value) for name, value in dict(said.get("seconds") or {}).items()})
    runs.peak_bytes.append(int(said.get("peak_bytes") or 0))


def _last_json(out: bytes) -> dict[str, object]:
    lines = out.decode(errors="replace").strip().splitlines()
    return json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}


if __name__ == "__main__":
    main()
