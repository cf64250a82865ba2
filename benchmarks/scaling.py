"""How the rate grows with workers, here and by dask, and what a million studies would cost: measured, then simulated.

    python benchmarks/scaling.py --count 24 --rounds 3 --scratch build/scaling --write

Measured in turns, on the same small studies: one case at a time, two at a time, and a dask cluster of two workers on
this machine. A rate counts from the first case that is done to the last, so that no start is in it; the ratio of two
rates of one round is free of what else the machine does, as far as that lasts longer than a round. Then the time that
the one writer takes for a case, and that of reading a header.

Simulated: cores that each read a study from one storage, whose speed they share, examine it, and hand the result to
one writer. What a case takes is drawn from a log-normal distribution about the measured time of a CT of 512 x 512 x 600
(docs/performance.md, the table above); the speed of the storage and the price of a core are assumptions, and named.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import json
import math
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "triage"))
from document import put_table
from simulated_studies import write_tiny

from catheterview.export import read_report
from catheterview.read import scan
from catheterview.store import open_store
from catheterview.triage import Plan, triage

ROOT = Path(__file__).resolve().parents[1]
#: Assumptions: a study's size, the storage's speed, a core's price, how much cases differ (log-normal sigma).
STUDY_MIB, STORAGE_MIB_PER_S, DOLLARS_PER_CORE_HOUR, SIGMA = 315.0, 1000.0, 0.05, 0.6
#: What is compared, and the least that it must be. Cases for a second of the processors do not depend on who else is
#: using them: two at a time must cost as much as one, dask as much as either.
MUST = {
    "by the clock: two at a time over one": 1.8,
    "by the clock: dask over two at a time": 0.9,
    "by the processors: two at a time over one": 0.9,
    "by the processors: dask over two at a time": 0.9,
}
#: Two-sided 95 % quantiles of Student's t by degrees of freedom.
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36}


def rate(studies: Path, out: Path, plan: Plan) -> tuple[float, float]:
    """Cases a second of the clock and of the processors, from the first that is done to the last."""
    shutil.rmtree(out, ignore_errors=True)
    ends: list[tuple[float, float]] = []
    triage(
        [studies], out=out, plan=plan, tell=lambda done, *_: ends.append((time.monotonic(), spent_s())) if done else 0
    )
    (begun_s, before_s), (ended_s, after_s) = ends[0], ends[-1]
    return (len(ends) - 1) / (ended_s - begun_s), (len(ends) - 1) / (after_s - before_s)


def spent_s() -> float:
    """Processor time of this process, of all that came of it, and of those of them that have ended."""
    told: dict[int, tuple[int, float]] = {}
    ours, found = {os.getpid()}, {0}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            told[int(path.parent.name)] = int(fields[1]), sum(map(float, fields[11:15]))
    while found:
        found = {pid for pid, (parent, _) in told.items() if parent in ours} - ours
        ours |= found
    return sum(told[pid][1] for pid in ours) / os.sysconf("SC_CLK_TCK")


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """Geometric mean of ratios and its 95 % interval (Student's t on logarithms)."""
    logs = [math.log(one) for one in ratios]
    middle = statistics.mean(logs)
    half = STUDENT[len(logs) - 1] * statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else math.inf
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


def timed(times: int, step: Callable[[int], object]) -> float:
    """Median seconds of a step."""
    took = []
    for number in range(times):
        began_s = time.perf_counter()
        step(number)
        took.append(time.perf_counter() - began_s)
    return statistics.median(took)


def writer_s(out: Path) -> float:
    """What the one writer takes for a case: reading its report, and three transactions."""
    folder = next(path.parent for path in out.glob("cases/*/report.json"))

    def write(number: int) -> None:
        report = read_report(folder)
        entry = store.start_run(f"c{number}", input_digest="i", limits_digest="l", version="v", started="s")
        store.save_report(report)
        store.finish_run(entry, outcome="complete", finished="f")

    with open_store(out / "worklist.sqlite") as store:
        return timed(40, write)


def simulated(cores: int, case_s: float, writing_s: float, cases: int = 20000) -> tuple[float, str]:
    """Cases a second in the long run, and what they wait for.

    An event simulation of cores, each of which reads, computes and queues for the writer. Storage serves one study at a
    time at its full speed, which in the long run is the same as sharing it.
    """
    dice, mean = random.Random(1), math.log(case_s) - SIGMA**2 / 2.0
    reading_s = STUDY_MIB / STORAGE_MIB_PER_S
    free, storage_s, written_s = [0.0] * cores, 0.0, 0.0
    for _ in range(cases):
        begins_s = heapq.heappop(free)
        storage_s = max(storage_s, begins_s) + reading_s
        done_s = storage_s + dice.lognormvariate(mean, SIGMA)
        heapq.heappush(free, done_s)
        written_s = max(written_s, done_s) + writing_s
    per_s = cases / max(written_s, *free)
    limits = {"the cores": cores / (case_s + reading_s), "storage": 1.0 / reading_s, "the writer": 1.0 / writing_s}
    return per_s, min(limits, key=lambda name: limits[name])


def measured(studies: Path, scratch: Path, rounds: int) -> dict[str, list[float]]:
    """Ratios of each round by what they compare."""
    from distributed import LocalCluster

    ratios: dict[str, list[float]] = {name: [] for name in MUST}
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        rate(studies, scratch / "warm", Plan(scheduler=cluster.scheduler_address))
        for number in range(rounds):
            one = rate(studies, scratch / "one", Plan(jobs=1))
            two = rate(studies, scratch / "two", Plan(jobs=2))
            far = rate(studies, scratch / "far", Plan(scheduler=cluster.scheduler_address))
            found = (two[0] / one[0], far[0] / two[0], two[1] / one[1], far[1] / two[1])
            for name, ratio in zip(MUST, found, strict=True):
                ratios[name].append(ratio)
            print(f"round {number}: {one} {two} {far} a second", file=sys.stderr, flush=True)
    return ratios


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3, help="0: only what the simulation needs")
    parser.add_argument("--case-s", type=float, default=3.7, help="seconds of one core for a full-size CT")
    parser.add_argument("--scratch", type=Path, default=Path("build/scaling"))
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    given = parser.parse_args()
    os.environ.setdefault("CATHETERVIEW_KEY", "of the bench")
    shutil.rmtree(given.scratch, ignore_errors=True)
    studies = write_tiny(given.scratch / "in", given.scratch / "made", given.count)
    if given.rounds:
        compared = measured(studies, given.scratch, given.rounds)
    else:  # what is simulated needs one run only
        compared = {name: [] for name in MUST}
        triage([studies], out=given.scratch / "two")
    writing_s = writer_s(given.scratch / "two")
    header_s = timed(3, lambda _: scan([studies], key=b"bench")) / (8 * given.count)
    text = f"""{given.count} small studies, {given.rounds} rounds in turns, two cores, load {os.getloadavg()[1]:.0f}.

| rate | ratio | 95 % | must | |
|---|--:|--:|--:|---|
"""
    for name, must in MUST.items():
        if not compared[name]:
            text += f"| {name} | | | {must} | not measured |\n"
            continue
        middle, low, high = interval(compared[name])
        said = "met" if middle >= must else "**not met**"
        text += f"| {name} | {middle:.2f} | {low:.2f} to {high:.2f} | {must} | {said} |\n"
    text += f"""
The writer takes {1000.0 * writing_s:.1f} ms for a case, reading a header {1000.0 * header_s:.2f} ms. Simulated, with
{given.case_s} s a study on one core (measured), {STUDY_MIB:.0f} MiB a study, storage of {STORAGE_MIB_PER_S:.0f} MiB/s
and {DOLLARS_PER_CORE_HOUR} dollars for an hour of a core (assumed):

| cores | studies an hour | a million takes | waits for | dollars for a million |
|--:|--:|--:|---|--:|
"""
    for cores in (2, 16, 64, 256):
        per_s, slow = simulated(cores, given.case_s, writing_s)
        hours = 1e6 / per_s / 3600.0
        dollars = cores * hours * DOLLARS_PER_CORE_HOUR
        text += f"| {cores} | {3600.0 * per_s:.0f} | {hours / 24.0:.1f} days | {slow} | {dollars:.0f} |\n"
    print(text, json.dumps(compared))
    if given.write:
        put_table(ROOT / "docs" / "performance.md", text, name="scaling")
    return 0


if __name__ == "__main__":
    sys.exit(main())
