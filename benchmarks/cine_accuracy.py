"""Accuracy on simulated dye studies: ``python benchmarks/cine_accuracy.py --split train --patients 4``.

Each patient is filmed three times: with a fault, without one (healthy, contrast spilt at the needle, or put into the
pocket by mistake), and with another fault. Prints a line for each run, then the bars with Wilson's intervals;
``--write`` puts the table into the page of the dye study. Nothing is tuned on test.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time

import numpy as np
import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded
from document import put_table
from scipy.spatial import cKDTree
from tally import Tally, tables

from catheterview.detect.cine import detect_in_cine
from catheterview.errors import UnsuitableError
from catheterview.geometry import Frame
from catheterview.ladder.imaging import DEFECT_KINDS
from catheterview.limits import Limits
from catheterview.model import Centreline, Image, Kind
from catheterview.model.cine import Cine, DyeReading
from catheterview.model.film import Film, View
from catheterview.phantom import split_of
from catheterview.phantom.cine import CineRecipe, make_cine, random_cine_recipe
from catheterview.phantom.film import Sitter, sit
from catheterview.trace.cine import find_disc, read_dye

FIRST_SEED = {"train": 300_000, "test": 1_100_000}  # test seeds from 900,000 to 1,100,000 were seen by earlier code
FAULTS = (
    "extravasation", "connector_leak", "tip_loculation", "pocket_pooling", "discontinuity", "flow_obstruction",
    "epidural_pattern", "ectasia",
)  # fmt: skip
OTHERS = ("healthy", "spilt", "healthy", "into_pocket")
KIND = {name: Kind(name) for name in FAULTS} | {"ectasia": Kind.EXTRAVASATION}
LIMITS = Limits()
PAGE = Path(__file__).resolve().parents[1] / "docs" / "dye-study.md"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One simulated run and what is true of it."""

    recipe: CineRecipe
    voxels: np.ndarray
    catheters: tuple[Centreline, ...]
    arrival: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=FIRST_SEED, default="train")
    parser.add_argument("--patients", type=int, default=4)
    parser.add_argument(
        "--scratch", type=Path, help="where simulated runs are kept; to be emptied when the simulator changes"
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="stop before a run that would begin later")
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    tally, until, patients = Tally(), monotonic() + 60.0 * wanted.minutes, set()
    for run in runs(wanted.split, wanted.patients, wanted.scratch):
        examine(run, tally)
        patients.add(run.recipe.film.patient.seed)
        if monotonic() > until:
            break
    table = "\n".join(lines(tally, wanted.split, len(patients)))
    print(table)
    if wanted.write:
        put_table(PAGE, table, name="cine_accuracy")


def runs(split: str, patients: int, scratch: Path | None) -> Iterator[Run]:
    """Runs of some patients of a split."""
    seed, number = FIRST_SEED[split], 0
    while number < patients:
        seed += 1
        if split_of(seed) != split:
            continue
        sitters: dict[object, Sitter] = {}
        for fault in (FAULTS[2 * number % 8], OTHERS[number % 4], FAULTS[(2 * number + 1) % 8]):
            recipe = random_cine_recipe(seed, fault=fault)  # type: ignore[arg-type]
            try:
                yield simulated(recipe, sitters, scratch)
            except UnsuitableError as error:
                print(f"{seed} {fault}: {error}")
        number += 1


def simulated(recipe: CineRecipe, sitters: dict[object, Sitter], scratch: Path | None) -> Run:
    """Simulate, or take what was simulated before."""
    kept = scratch / f"{recipe.film.patient.seed}_{recipe.fault}" if scratch else None
    if kept and kept.with_suffix(".npy").exists() and kept.with_suffix(".pkl").exists():
        truth = pickle.loads(kept.with_suffix(".pkl").read_bytes())
        voxels = np.load(kept.with_suffix(".npy"))
        return Run(recipe=recipe, voxels=voxels, catheters=truth["catheters"], arrival=truth["arrival"])
    if recipe.film.patient not in sitters:
        sitters[recipe.film.patient] = sit(recipe.film)
    cine = make_cine(recipe, sitters[recipe.film.patient])
    run = Run(recipe=recipe, voxels=cine.image.voxels, catheters=cine.catheters, arrival=cine.arrival_s)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept.with_suffix(".npy"), run.voxels)
        truth = {"catheters": run.catheters, "arrival": run.arrival}
        kept.with_suffix(".pkl").write_bytes(pickle.dumps(truth))
    return run


def as_cine(run: Run) -> Cine:
    """The run as reading gives it."""
    values, recipe = run.voxels, run.recipe
    image = Image(
        voxels=values, grid=None, frame=Frame.DETECTOR, modality="RF", series_instance_uid="1.2.3",
        study_instance_uid="1.2", sop_instance_uids=("1.2.3.4",) * len(values),
    )  # fmt: skip
    density = values.astype(np.float32) / 1000.0
    film = Film(
        image=image, density=density[0].copy(), exposed=values[0] < 4085, spacing_mm=(recipe.film.pitch_mm,) * 2,
        view=View.AP, view_from="tags",
    )  # fmt: skip
    return Cine(film=film, density=density, times_s=np.array(recipe.times_s))


def examine(run: Run, tally: Tally) -> None:
    """Read one run as triage does and count."""
    cine = as_cine(run)
    began = process_time()
    reading = read_dye(cine, find_disc(cine, LIMITS.cine), LIMITS.cine)
    findings, _ = detect_in_cine(reading, LIMITS.cine_detect)
    tally.figures["CPU seconds a run"].append(process_time() - began)
    kinds, fault = {finding.kind for finding in findings}, run.recipe.fault
    claimed = bool(kinds & DEFECT_KINDS)
    if fault in FAULTS:
        tally.counts["sensitivity, any finding"].append(claimed)
        tally.counts[f"sensitivity, {fault}"].append(claimed)
        tally.counts["named rightly, of those found"] += [KIND[fault] in kinds] if claimed else []
    else:
        tally.counts["specificity, no finding"].append(not claimed)
        tally.counts[f"specificity, {fault}"].append(not claimed)
    tally.counts["not assessable, nothing else said"].append(kinds == {Kind.NOT_ASSESSABLE})
    if fault == "into_pocket":
        tally.counts["put into the pocket: said to be not assessable"].append(Kind.NOT_ASSESSABLE in kinds)
    told = course_figures(run, reading, tally)
    print(f"{run.recipe.film.patient.seed} {fault:16} {', '.join(sorted(kinds)) or 'nothing':44} {told}", flush=True)


def course_figures(run: Run, reading: DyeReading, tally: Tally) -> str:
    """How well the filled catheter was followed and timed."""
    tally.counts["pump found"].append(bool(reading.pumps))
    if run.recipe.fault in ("into_pocket", "no_contrast") or not run.catheters:
        return ""
    tally.counts["a filled catheter was followed"].append(reading.course is not None)
    if reading.course is None:
        return "no course"
    (truth,), course = run.catheters, reading.course
    away, nearest = cKDTree(truth.points).query(course.catheter.points)
    true = run.arrival[nearest] / run.recipe.frame_s
    seen = (course.catheter.confidence >= LIMITS.cine_detect.seen) & (away < 4.0) & np.isfinite(true)
    filled = np.isfinite(run.arrival) & (run.arrival < run.recipe.times_s[-1])
    cover = float((cKDTree(course.catheter.points).query(truth.points[filled])[0] < 4.0).mean())
    tally.figures["share of the filled catheter that was followed"].append(cover)
    tally.figures["share of the course that lies on the catheter"].append(float((away < 4.0).mean()))
    if not seen.any():
        return f"followed {cover:.2f}"
    off = np.abs(course.arrival[seen] - true[seen])
    near = _within(run, course.arrival[seen], nearest[seen])
    right = (off <= 1.0) | near
    tally.figures["error of arrival, frames (median of a run)"].append(float(np.median(off)))
    tally.figures["share of the course timed within a frame or 5 mm"].append(float(right.mean()))
    tally.counts["arrival curve right (90 % of what is seen)"].append(bool(right.mean() >= 0.9))
    return f"followed {cover:.2f}, timed {right.mean():.2f}, off {np.median(off):.1f} frames"


def _within(run: Run, arrival: np.ndarray, nearest: np.ndarray, most_mm: float = 5.0) -> np.ndarray:
    """Whether the front was within some mm of a place when it is said to have been there."""
    step_mm = 0.5  # of the truth's points
    finite = np.isfinite(run.arrival)
    front = np.searchsorted(run.arrival[finite], arrival * run.recipe.frame_s)
    return np.abs(front - nearest) * step_mm <= most_mm


def lines(tally: Tally, split: str, patients: int) -> Iterator[str]:
    """The table."""
    count = len(tally.counts["pump found"])
    yield (
        f"`python benchmarks/cine_accuracy.py --split {split} --patients {patients}`: {count} runs of {patients} "
        "simulated patients; three runs share a patient, so that the intervals are somewhat too narrow."
    )
    yield from tables(tally, of="runs")


if __name__ == "__main__":
    main()
