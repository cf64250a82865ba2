"""The phantom's bars: ``python benchmarks/phantom_bars.py time`` and ``python benchmarks/phantom_bars.py resume``.

``time`` makes one CAP-CT of 300 slices of 512 x 512 with its pump projected, on one core, and prints seconds of the
processor, seconds by the clock, and the most memory; with ``--metal`` a stimulator and its lead, a port, pedicle screws
and a hip are projected too. ``resume`` makes a cohort of 100 tiny cases, kills all its
processes half-way, goes on, and says whether a case was repeated, lost or changed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded

from catheterview.phantom import make_ct, random_recipe
from catheterview.phantom.samples import digest_of

SEED = 100_005  # of train
METAL = ("hardware_streaks", "stimulator", "second_lead", "port", "pedicle_screws", "hip")
CASES = 100
RECIPE = {
    "schema": "catheterview/cohort/1",
    "modality": "CT",
    "count": CASES,
    "faults": ["discontinuity", "kink"],
    "size": "tiny",
    "seed": 100_000,
    "dials": {"cover": [0.48, 0.5], "shape": [60, 90, 100], "spacing_mm": [3.6, 3.2, 3.1]},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("time", "resume"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--metal", action="store_true")
    wanted = parser.parse_args()
    if wanted.what == "time":
        big_case(METAL if wanted.metal else ())
        return
    with tempfile.TemporaryDirectory() as folder:
        killed_cohort(Path(folder), wanted.jobs)


def big_case(metal: tuple[str, ...]) -> None:
    """One CAP-CT of the size that the bar names."""
    recipe = random_recipe(
        SEED, fault="extravasation", study="cap_ct", shape=(300, 512, 512), spacing_mm=(0.8, 0.75, 0.75),
        slice_thickness_mm=0.8, **dict.fromkeys(metal, True),
    )  # fmt: skip
    clock, busy = time.perf_counter(), time.process_time()
    made = make_ct(recipe)
    busy, clock = time.process_time() - busy, time.perf_counter() - clock
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    what = "all metal" if metal else "the pump"
    print(
        f"CAP-CT {made.image.voxels.shape}, {what} projected: "
        f"{busy:.0f} s of one core, {clock:.0f} s by the clock, {gib:.2f} GiB"
    )


def killed_cohort(folder: Path, jobs: int) -> None:
    """Kill a cohort half-way and go on."""
    recipe, out = folder / "cohort.json", folder / "out"
    recipe.write_text(json.dumps(RECIPE), encoding="utf-8")
    program = str(Path(sys.executable).with_name("catheterview"))
    command = [program, "phantom", str(out), "--recipe", str(recipe), "--jobs", str(jobs)]
    first = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    while len(made(out)) < CASES // 2 and first.poll() is None:
        time.sleep(0.2)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    before = {case.name: digest_of(case) for case in made(out)}
    halves = len(list(out.glob("*.part")))
    second = subprocess.run([*command, "--json"], check=True, capture_output=True, text=True)
    told, after = json.loads(second.stdout), {case.name: digest_of(case) for case in made(out)}
    seeds = [json.loads((case / "case.json").read_text())["seed"] for case in made(out) if "healthy" not in case.name]
    print(f"killed at {len(before)} of {CASES}, {halves} half made; then {told['made']} made, {told['kept']} kept")
    print(f"lost: {CASES - len(after) - len(told['failed'])}, refused with a reason: {len(told['failed'])}")
    print(f"changed: {sum(after[name] != digest for name, digest in before.items())}")
    print(f"seeds taken twice among the faulty: {len(seeds) - len(set(seeds))}")
    print(f"half cases left behind: {len(list(out.glob('*.part')))}")


def made(out: Path) -> list[Path]:
    """Folders of complete cases."""
    return sorted(one.parent for one in out.glob("case-*/case.json") if not one.parent.name.endswith(".part"))


if __name__ == "__main__":
    main()
