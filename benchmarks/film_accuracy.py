"""Accuracy on simulated radiographs: ``python benchmarks/film_accuracy.py --split train --count 8``.

Each study is an AP and a lateral film of one patient. Faults in turn: none, a gap of 4 mm or more, none with the pump
turned over, a kink, no device. Prints one line a film, then the bars with Wilson intervals. Nothing is tuned on test.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded
from scipy.spatial import cKDTree

from catheterview.detect.film import FilmEvidence, detect_on_film
from catheterview.device.film import find_film_pump, outline_of
from catheterview.device.film.stem import seen_from_the_side, stem_at, stem_way
from catheterview.errors import UnsuitableError
from catheterview.limits import Limits
from catheterview.model import Kind
from catheterview.model.film import Film, FilmPump, View
from catheterview.phantom import split_of
from catheterview.phantom.film import FilmPhantom, FilmRecipe, make_films, random_film_recipe
from catheterview.score.interval import wilson
from catheterview.trace.film import PumpOnFilm, trace_film

FIRST_SEED = {"train": 200_000, "test": 800_000}
CASES = (("healthy", False), ("discontinuity", False), ("healthy", True), ("kink", False), ("no_device", False))
VISIBLE = 0.12
PAGE = Path(__file__).parents[1] / "docs" / "films.md"
BEGIN, END = "<!-- film_accuracy -->", "<!-- end of film_accuracy -->"
LIMITS = Limits()


@dataclass(kw_only=True)
class Tally:
    """Counts of right and of all, and lists of errors, by name."""

    right: dict[str, int] = field(default_factory=dict)
    all: dict[str, int] = field(default_factory=dict)
    errors: dict[str, list[float]] = field(default_factory=dict)

    def count(self, name: str, right: bool) -> None:  # noqa: FBT001  (what is counted)
        self.right[name] = self.right.get(name, 0) + right
        self.all[name] = self.all.get(name, 0) + 1

    def add(self, name: str, value: float) -> None:
        self.errors.setdefault(name, []).append(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=FIRST_SEED, default="train")
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--pitch", type=float, default=0.2)
    parser.add_argument("--minutes", type=float, default=60.0, help="stop before a study that would begin later")
    parser.add_argument("--write", action="store_true", help="put the table into docs/films.md")
    wanted = parser.parse_args()
    tally, until, done = Tally(), time.monotonic() + 60.0 * wanted.minutes, 0
    for recipe in recipes(wanted.split, wanted.pitch):
        if done >= wanted.count or time.monotonic() > until:
            break
        examine(recipe, tally)
        done += 1
    table = show(tally)
    print(table)
    if wanted.write:
        write(table, f"{done} studies of the {wanted.split} split, `--split {wanted.split} --pitch {wanted.pitch}`")


def recipes(split: str, pitch: float) -> Iterator[FilmRecipe]:
    """Recipes of a split, without end."""
    seed, number = FIRST_SEED[split], 0
    while True:
        seed += 1
        if split_of(seed) != split:
            continue
        fault, flipped = CASES[number % len(CASES)]
        recipe = random_film_recipe(seed, fault=fault, pitch_mm=pitch, flipped=flipped)  # type: ignore[arg-type]
        patient = replace(recipe.patient, gap_mm=max(4.0, recipe.patient.gap_mm))
        side = round(430.0 / pitch)
        yield replace(recipe, patient=patient, rows=side, columns=side, inverted=False, written="presentation")
        number += 1


def examine(recipe: FilmRecipe, tally: Tally) -> None:
    """Make and read one study."""
    try:
        films = make_films(recipe)
    except UnsuitableError as error:
        print(f"{recipe.patient.seed}: {error}")
        return
    stem, row, claimed, unseen = None, None, set(), 0.0
    for phantom in films:
        film = as_film(phantom)
        near = row if phantom.view.kind == "LATERAL" else None
        begun = time.process_time()
        pumps = find_film_pump(film, LIMITS.film, near_row=near).pumps
        tally.add("seconds of one core, pump", time.process_time() - begun)
        if phantom.pumps:
            pump_figures(phantom, pumps, tally)
        else:
            tally.count("film without a device: no pump", not pumps)
        if not pumps:
            print(f"{recipe.patient.seed} {phantom.view.kind:8} {recipe.patient.fault:14} no pump found")
            continue
        if phantom.view.kind == "AP":
            stem, row = stem_way(pumps[0], LIMITS.film), pumps[0].center[0]
        begun = time.process_time()
        evidence = followed(film, pumps[0], stem)
        findings, _ = detect_on_film(evidence, LIMITS.film_detect)
        tally.add("seconds of one core, catheter and findings", time.process_time() - begun)
        claimed |= {finding.kind for finding in findings}
        unseen += course_figures(phantom, evidence, tally)
    finding_figures(recipe, claimed, tally)


def as_film(phantom: FilmPhantom) -> Film:
    """The film as reading gives it."""
    values = phantom.image.voxels[0]
    view = View.LATERAL if phantom.view.kind == "LATERAL" else View.AP
    return Film(
        image=phantom.image, density=values.astype(np.float32) / 1000.0, exposed=values < 4085,
        spacing_mm=(phantom.recipe.pitch_mm,) * 2, view=view, view_from="tags",
    )  # fmt: skip


def followed(film: Film, pump: FilmPump, stem: np.ndarray | None) -> FilmEvidence:
    """Trace as triage does."""
    outline = outline_of(pump, LIMITS.film, margin_px=3.0)
    lateral = film.view is View.LATERAL
    way = seen_from_the_side(stem) if lateral and stem is not None else stem
    where = PumpOnFilm(
        pump=pump, outline=outline.points, covered=outline.mask(film.density.shape),  # type: ignore[arg-type]
        stem=None if way is None else stem_at(pump, way), rows_only=lateral,
    )  # fmt: skip
    tracing = trace_film(film, where, LIMITS.film_trace)
    catheters = (tracing.catheter,) if tracing.catheter else ()
    return FilmEvidence(film=film, pumps=(pump,), catheters=catheters, why_no_catheter=tracing.why)


def pump_figures(phantom: FilmPhantom, pumps: tuple[FilmPump, ...], tally: Tally) -> None:
    """How well the pump was read."""
    (truth,) = phantom.pumps
    near = [pump for pump in pumps if np.hypot(*np.subtract(pump.center, truth.center)) < 0.3 * truth.radius_px]
    tally.count("pump found", bool(near))
    if not near:
        return
    pump = near[0]
    off = abs(pump.magnification / truth.magnification - 1.0)  # type: ignore[operator]
    tally.count("magnification within 2 %", off <= 0.02)
    tally.add("magnification error, %", 100.0 * off)
    if phantom.view.kind == "AP":
        tally.count("turn and side read (AP)", pump.turn_deg is not None)
    if pump.turn_deg is not None and truth.turn_deg is not None:
        turn = abs((pump.turn_deg - truth.turn_deg + 180.0) % 360.0 - 180.0)
        tally.count("turn within 3 degrees, of those read", turn <= 3.0)
        tally.add("turn error, degrees", turn)
        tally.count("side right, of those read", pump.flipped == truth.flipped)


def course_figures(phantom: FilmPhantom, evidence: FilmEvidence, tally: Tally) -> float:
    """How much of what can be seen was followed, and how well."""
    if not phantom.catheters:
        tally.count("film without a device: no catheter", not evidence.catheters)
        return 0.0
    (truth,), (pump,) = phantom.catheters, evidence.pumps
    kind = f"{phantom.view.kind}, {'visible' if phantom.recipe.contrast >= VISIBLE else 'faint'}"
    shape = evidence.film.density.shape
    at = np.round(truth.points).astype(int)
    inside = ((at >= 12) & (at < np.array(shape) - 12)).all(axis=1)
    at = np.clip(at, 0, np.array(shape) - 1)
    covered = outline_of(pump, LIMITS.film, margin_px=3.0).mask(shape)  # type: ignore[arg-type]
    open_ = inside & evidence.film.exposed[at[:, 0], at[:, 1]] & ~covered[at[:, 0], at[:, 1]]
    found, wrong, error = 0.0, 0.0, float("nan")
    if evidence.catheters:
        (traced,) = evidence.catheters
        mm = phantom.pumps[0].mm_per_px or 0.0
        seen = traced.confidence >= LIMITS.film_detect.seen_confidence
        away = cKDTree(truth.points).query(traced.points)[0] * mm
        found = float((cKDTree(traced.points).query(truth.points[open_])[0] * mm < 2.0).mean())
        wrong = float((away[seen] > 2.0).mean()) if seen.any() else 0.0
        error = float(away[seen & (away <= 2.0)].mean()) if (seen & (away <= 2.0)).any() else float("nan")
        tally.add(f"wrong share of what is said to be seen ({kind})", wrong)
        if np.isfinite(error):
            tally.add(f"error, mm ({kind})", error)
    tally.add(f"share followed ({kind})", found)
    tally.count(f"95 % followed ({kind})", found >= 0.95)
    what = f"found {found:.2f} wrong {wrong:.2f} error {error:.2f} mm"
    print(f"{phantom.recipe.patient.seed} {kind:17} {phantom.recipe.patient.fault:14} {what}", flush=True)
    return 1.0 - found


def finding_figures(recipe: FilmRecipe, claimed: set[Kind], tally: Tally) -> None:
    """Per study: is the fault claimed, and nothing else."""
    faults = {"discontinuity": Kind.DISCONTINUITY, "kink": Kind.KINK}
    visible = "visible" if recipe.contrast >= VISIBLE else "faint"
    for name, kind in faults.items():
        if recipe.patient.fault == name:
            tally.count(f"sensitivity, {name} ({visible})", kind in claimed)
        else:
            tally.count(f"specificity, {name}", kind not in claimed)
    tally.count("sensitivity, pump_flip" if recipe.flipped else "specificity, pump_flip",
                (Kind.PUMP_FLIP in claimed) == recipe.flipped)  # fmt: skip
    if recipe.patient.fault != "no_device":
        tally.count("study with a stretch not assessable", Kind.NOT_ASSESSABLE in claimed)


def show(tally: Tally) -> str:
    """The table, in Markdown."""
    lines = ["| figure | right of all | share | 95 % interval |", "|---|---|---|---|"]
    for name in sorted(tally.all):
        right, of = tally.right[name], tally.all[name]
        low, high = wilson(right, of) or (float("nan"), float("nan"))
        lines.append(f"| {name} | {right} of {of} | {right / of:.2f} | {low:.2f} to {high:.2f} |")
    lines += ["", "| figure | median | mean | 95 % interval of the mean | worst | films |", "|---|---|---|---|---|---|"]
    rng = np.random.default_rng(0)
    for name, values in sorted(tally.errors.items()):
        means = np.array(values)[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
        low, high = np.percentile(means, (2.5, 97.5))
        row = f"{np.median(values):.2f} | {np.mean(values):.2f} | {low:.2f} to {high:.2f} | {np.max(values):.2f}"
        lines.append(f"| {name} | {row} | {len(values)} |")
    return "\n".join(lines)


def write(table: str, what: str) -> None:
    """Put the table between the marks in the page on films."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{what}.\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
