"""Many small studies, the run killed with -9 again and again and resumed: nothing lost, doubled or different.

    python benchmarks/kills.py --count 1000 --kills 10 --scratch build/kills --write

An undisturbed run says what comes out. Then a run with --resume is killed, with every process of it left to its own
devices, a random while after a random number of reports was there, and resumed until it ends. Every study must have
exactly one report, equal to the undisturbed one but for its times, one line of the worklist and one completed entry of
the ledger; what was begun and not finished is counted.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "triage"))
from document import put_table
from simulated_studies import told, write_tiny

from catheterview.store import open_store

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).with_name("catheterview")


def words(studies: Path, out: Path, jobs: int) -> list[str]:
    """The command that is killed."""
    return [str(COMMAND), "triage", str(studies), "--out", str(out), "--resume", "--json", "--jobs", str(jobs)]


def killed_at(command: list[str], out: Path, *, reports: int, seconds: float) -> bool:
    """Run a command and kill it so many seconds after so many reports are there; false when it ended before."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and len(list(out.glob("cases/*/report.json"))) < reports:
            time.sleep(0.02)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        return False


def ledger(out: Path) -> tuple[int, Counter[str], int]:
    """Lines of the worklist, entries of the ledger by outcome, and the most completed entries of one case."""
    entries, most = Counter[str](), 0
    with open_store(out / "worklist.sqlite", create=False) as store:
        rows = store.cases()
        for row in rows:
            runs = [entry.outcome for entry in store.runs(row.case_id)]
            entries.update(runs)
            most = max(most, runs.count("complete"))
    return len(rows), entries, most


def main() -> int:
    """Print what came of it; the exit status says whether all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=Path("build/kills"))
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args()
    os.environ.setdefault("CATHETERVIEW_KEY", "of the bench")
    shutil.rmtree(given.scratch, ignore_errors=True)
    studies = write_tiny(given.scratch / "in", given.scratch / "made", given.count)
    calm_out, killed_out = given.scratch / "calm", given.scratch / "killed"
    began_s = time.monotonic()
    subprocess.run(words(studies, calm_out, given.jobs), stdout=subprocess.DEVNULL, check=True)
    calm_s = time.monotonic() - began_s
    print(f"undisturbed: {calm_s:.0f} s", file=sys.stderr, flush=True)
    dice, killed = random.Random(given.seed), 0
    for reports in sorted(dice.sample(range(given.count), given.kills)):
        late_s = dice.uniform(0.0, 2.0 * calm_s / given.count)
        killed += killed_at(words(studies, killed_out, given.jobs), killed_out, reports=reports, seconds=late_s)
        print(f"{killed} killed, {len(told(killed_out))} reports", file=sys.stderr, flush=True)
    ended = subprocess.run(words(studies, killed_out, given.jobs), stdout=subprocess.DEVNULL, check=False).returncode
    calm, found = told(calm_out), told(killed_out)
    lines, entries, most = ledger(killed_out)
    good = ended == 0 and found == calm and len(found) == lines == given.count == entries["complete"] and most == 1
    table = f"""{given.count} studies of eight small slices, {given.jobs} at a time; undisturbed {calm_s:.0f} s.

| killed with -9 | reports | equal to the undisturbed | lines | completed once | begun and repeated | |
|--:|--:|--:|--:|--:|--:|---|
| {killed} | {len(found)} | {sum(found.get(one) == calm[one] for one in calm)} | {lines} | {entries["complete"]} \
| {entries["started"]} | {"met" if good else "**not met**"} |"""
    print(table)
    if given.write:
        put_table(ROOT / "docs" / "performance.md", table, name="kills")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
