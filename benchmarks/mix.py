"""Forty cases of which one hangs, one crashes, one takes 20 GiB and one is corrupt: 36 done, four with their reason.

    python benchmarks/mix.py --scratch build/mix --write

The faults are real ones: in the case's own process the search for the pump sleeps for ever, aborts the process, or
allocates; the fourth case has a slice whose pixels end half way. Each case is held to 4 GiB and --timeout seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "triage"))
from document import put_table
from mix_faults import FAULTS, work_with_faults
from simulated_studies import write_tiny

from catheterview.export import read_report
from catheterview.read import scan, site_key
from catheterview.triage import Plan, run, triage

ROOT = Path(__file__).resolve().parents[1]
COUNT, MEMORY_GIB = 40, 4


def spoil(studies: Path, out: Path) -> dict[str, str]:
    """Write which case is to do what, and cut a slice of another; return the fault of each case."""
    cut = sorted((studies / "p3").iterdir())[4]
    whole = cut.read_bytes()
    cut.write_bytes(whole[: len(whole) - 4000])
    ids = [scan([studies / f"p{n}"], key=site_key()).cases[0].case_id for n in range(4)]
    faults = dict(zip(ids, (*FAULTS, "corrupt"), strict=True))
    named = {case_id: fault for case_id, fault in faults.items() if fault in FAULTS}
    (out.parent / "faults.json").write_text(json.dumps(named))
    return faults


def main() -> int:
    """Print what became of each; the exit status says whether all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--scratch", type=Path, default=Path("build/mix"))
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args()
    os.environ.setdefault("CATHETERVIEW_KEY", "of the bench")
    shutil.rmtree(given.scratch, ignore_errors=True)
    studies, out = write_tiny(given.scratch / "in", given.scratch / "made", COUNT), given.scratch / "out"
    faults = spoil(studies, out)
    run.work = work_with_faults
    began_s = time.monotonic()
    plan = Plan(jobs=given.jobs, timeout_s=given.timeout, memory_bytes=MEMORY_GIB << 30)
    outcome = triage([studies], out=out, plan=plan)
    took_s = time.monotonic() - began_s
    whole = sum(case.complete for case in outcome.cases)
    reasons = {
        fault: "; ".join(problem.reason for problem in read_report(out / "cases" / case_id).problems)
        for case_id, fault in faults.items()
    }
    begins = {"hang": "timeout", "crash": "crash", "allocate": "memory", "corrupt": ""}
    good = len(outcome.cases) == COUNT and whole == COUNT - len(faults)
    good &= all(reasons[fault] and reasons[fault].startswith(word) for fault, word in begins.items())
    good &= took_s < given.timeout + COUNT * given.timeout / given.jobs
    table = f"{whole} of {len(outcome.cases)} finished in {took_s:.0f} s, {given.jobs} at a time, {MEMORY_GIB} GiB and "
    table += f"{given.timeout:.0f} s each: {'met' if good else '**not met**'}.\n\n"
    table += "| one case | its report says |\n|---|---|\n"
    table += "\n".join(f"| {fault} | {reason} |" for fault, reason in reasons.items())
    print(table)
    if given.write:
        put_table(ROOT / "docs" / "performance.md", table, name="mix")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
