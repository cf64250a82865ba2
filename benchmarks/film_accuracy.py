"""Accuracy on simulated radiographs: ``python benchmarks/film_accuracy.py --split train --count 8``.

Each study is an AP and a lateral film of one patient, read as triage reads them; every second patient has a pelvis and
ribs that can be counted. Faults in turn: a gap of 4 mm or more, a kink, none, a gap, a kink, none with the pump turned
over, a tip outside the canal, no device. With ``--serial N`` studies of one patient on two
days follow: nothing changed, a pump turned by 15 to 45 degrees, a tip slid down by 35 to 60 mm. Prints one line a
film, then the bars with 95 % intervals. Nothing is tuned on test.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded
from document import put_table
from film_ends import end_figures
from scipy.spatial import cKDTree
from tally import Tally, tables

from catheterview.detect.film import FilmEvidence, Since, detect_on_film, detect_since
from catheterview.detect.film.pair import TwoViews, settled
from catheterview.device.film import outline_of
from catheterview.errors import UnsuitableError
from catheterview.limits import Limits
from catheterview.model import Finding, Kind
from catheterview.model.film import Film, FilmPump, View
from catheterview.phantom import split_of
from catheterview.phantom.film import FilmPhantom, FilmRecipe, make_films, prior_of, random_film_recipe, sit
from catheterview.trace.film.register import skeleton_shift
from catheterview.triage.film_study import StudyRead, read_study
from catheterview.triage.journal import Journal

FIRST_SEED = {"train": 200_000, "test": 870_000}  # test seeds from 800,000 to 870,000 were seen by earlier code
CASES = (
    ("discontinuity", False), ("kink", False), ("healthy", False), ("discontinuity", False), ("kink", False),
    ("healthy", True), ("tip_malposition", False), ("no_device", False),
)  # fmt: skip
VISIBLE = 0.12
PAGE = Path(__file__).parents[1] / "docs" / "films.md"
LIMITS = Limits()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=FIRST_SEED, default="train")
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--pitch", type=float, default=0.2)
    parser.add_argument("--minutes", type=float, default=60.0, help="stop before a study that would begin later")
    parser.add_argument("--serial", type=int, default=0, help="so many pairs of films of two days")
    parser.add_argument("--write", action="store_true", help="put the table into docs/films.md")
    wanted = parser.parse_args()
    tally, until, done = Tally(), time.monotonic() + 60.0 * wanted.minutes, 0
    for recipe in recipes(wanted.split, wanted.pitch):
        if done >= wanted.count or time.monotonic() > until:
            break
        done += examine(recipe, tally)
    pairs = 0
    for number, recipe in enumerate(serial_recipes(wanted)):
        pairs += time.monotonic() < until + 30.0 * wanted.minutes and compare(recipe, number, tally)
    table = "\n".join(tables(tally, of="films")).strip()
    print(table)
    if wanted.write:
        what = f"{done} studies and {pairs} pairs of days of the {wanted.split} split"
        what += f", `--split {wanted.split} --pitch {wanted.pitch} --serial {wanted.serial}`"
        put_table(PAGE, f"{what}.\n\n{table}", name="film_accuracy")


def recipes(split: str, pitch: float) -> Iterator[FilmRecipe]:
    """Recipes of a split, without end."""
    seed, number = FIRST_SEED[split], 0
    while True:
        seed += 1
        if split_of(seed) != split:
            continue
        fault, flipped = CASES[number % len(CASES)]
        recipe = random_film_recipe(seed, fault=fault, pitch_mm=pitch, flipped=flipped)  # type: ignore[arg-type]
        patient = replace(recipe.patient, gap_mm=max(4.0, recipe.patient.gap_mm), sacrum=number % 2 == 0)
        side = round(430.0 / pitch)
        yield replace(recipe, patient=patient, rows=side, columns=side, inverted=False, written="presentation")
        number += 1


def examine(recipe: FilmRecipe, tally: Tally) -> bool:
    """Make and read one study; False where there is no room for the device."""
    try:
        sitter = sit(recipe)
        phantoms = make_films(recipe, sitter=sitter)
    except UnsuitableError as error:
        print(f"{recipe.patient.seed}: {error}")
        return False
    begun = time.process_time()
    read = read_study([as_film(phantom) for phantom in phantoms], LIMITS, Journal())
    found = findings_of(read)
    tally.add("seconds of one core, a study of two films", time.process_time() - begun)
    for phantom, one in zip(phantoms, read.reads, strict=True):
        if phantom.pumps:
            pump_figures(phantom, one.devices.pumps, tally)
        else:
            tally.count("film without a device: no pump", not one.devices.pumps)
        if one.devices.pumps:
            course_figures(phantom, one.evidence, tally)
        else:
            print(f"{recipe.patient.seed} {phantom.view.kind:8} {recipe.patient.fault:14} no pump found")
    if recipe.patient.fault != "no_device":
        tally.count("two views joined into one course", read.course is not None)
    finding_figures(phantoms, found, tally)
    end_figures(phantoms, sitter.scene.anatomy.levels, read, tally)
    return True


def findings_of(read: StudyRead) -> list[tuple[Finding, ...]]:
    """What is said of every film, after the other view was asked."""
    found = [detect_on_film(one.evidence, LIMITS.film_detect)[0] for one in read.reads]
    if read.course is not None and read.front is not None and read.side is not None:
        views = TwoViews(
            front=read.reads[read.front].evidence, side=read.reads[read.side].evidence, course=read.course,
            front_found=found[read.front], side_found=found[read.side],
        )  # fmt: skip
        found[read.front], found[read.side] = settled(views, LIMITS.film_detect)
    return found


def serial_recipes(wanted: argparse.Namespace) -> Iterator[FilmRecipe]:
    """Films of the later day, in turn: nothing changed, the pump turned, the tip slid down."""
    made = recipes(wanted.split, 0.3)
    for number in range(wanted.serial):
        recipe = next(made)
        rng = np.random.default_rng([recipe.patient.seed, 77])
        changes = ({}, {"pump_turn_deg": rng.uniform(15.0, 45.0)}, {"pull_mm": rng.uniform(35.0, 60.0)})
        patient = replace(recipe.patient, fault="healthy")
        contrast = max(recipe.contrast, VISIBLE)
        yield replace(recipe, patient=patient, contrast=contrast, flipped=False, **changes[number % 3])  # type: ignore[arg-type]


def compare(recipe: FilmRecipe, number: int, tally: Tally) -> bool:
    """Make and compare the films of two days."""
    try:
        sitter = sit(recipe)
    except UnsuitableError:
        return False
    days = [make_films(one, sitter=sitter) for one in (prior_of(recipe, number), recipe)]
    reads = [read_study([as_film(phantom) for phantom in day], LIMITS, Journal()).reads[0] for day in days]
    kinds: set[Kind] = set()
    if all(one.devices.pumps for one in reads):
        pumps = (reads[1].devices.pumps[0], reads[0].devices.pumps[0])
        since = Since(prior=reads[0].evidence, shift=skeleton_shift(reads[1].film, reads[0].film, pumps))
        kinds = {finding.kind for finding in detect_since(reads[1].evidence, since, LIMITS.film_detect)[0]}
    changed = {Kind.PUMP_ROTATION: bool(recipe.pump_turn_deg), Kind.MIGRATION: bool(recipe.pull_mm)}
    for kind, is_changed in (*changed.items(), (Kind.PUMP_MIGRATION, False)):
        name = f"{'sensitivity' if is_changed else 'specificity'}, two days, {kind}"
        tally.count(name, (kind in kinds) == is_changed)
    print(
        f"{recipe.patient.seed} two days, turn {recipe.pump_turn_deg:.0f} pull {recipe.pull_mm:.0f}: {sorted(kinds)}",
        flush=True,
    )
    return True


def as_film(phantom: FilmPhantom) -> Film:
    """The film as reading gives it."""
    values = phantom.image.voxels[0]
    view = View.LATERAL if phantom.view.kind == "LATERAL" else View.AP
    return Film(
        image=phantom.image, density=values.astype(np.float32) / 1000.0, exposed=values < 4085,
        spacing_mm=(phantom.recipe.pitch_mm,) * 2, view=view, view_from="tags",
    )  # fmt: skip


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


def course_figures(phantom: FilmPhantom, evidence: FilmEvidence, tally: Tally) -> None:
    """How much of what can be seen was followed, and how well."""
    if not phantom.catheters:
        tally.count("film without a device: no catheter", not evidence.catheters)
        return
    (truth,), mm = phantom.catheters, phantom.pumps[0].mm_per_px or 0.0
    kind = f"{phantom.view.kind}, {'visible' if phantom.recipe.contrast >= VISIBLE else 'faint'}"
    open_ = in_the_open(phantom, evidence)
    found, told, wrong, error = 0.0, 0.0, 0.0, float("nan")
    if evidence.catheters:
        (traced,) = evidence.catheters
        seen = traced.confidence >= LIMITS.film_detect.seen_confidence
        away = cKDTree(truth.points).query(traced.points)[0] * mm
        near, nearest = cKDTree(traced.points).query(truth.points[open_])
        found = float((near * mm < 2.0).mean())
        told = float(((near * mm < 2.0) & seen[nearest]).mean())
        wrong = float((away[seen] > 2.0).mean()) if seen.any() else 0.0
        error = float(away[seen & (away <= 2.0)].mean()) if (seen & (away <= 2.0)).any() else float("nan")
        tally.add(f"wrong share of what is said to be seen ({kind})", wrong)
        if np.isfinite(error):
            tally.add(f"error, mm ({kind})", error)
        if traced.landmarks.tip is not None:
            off = abs(float(traced.points[-1, 0] - truth.points[-1, 0])) * mm
            tally.count(f"tip within 15 mm in height, of those told ({phantom.view.kind})", off <= 15.0)
    tally.add(f"share followed ({kind})", found)
    tally.add(f"share followed, contrast {binned(phantom.recipe.contrast)} ({phantom.view.kind})", found)
    tally.add(f"share not assessable, contrast {binned(phantom.recipe.contrast)} ({phantom.view.kind})", 1.0 - told)
    tally.count(f"95 % followed ({kind})", found >= 0.95)
    what = f"found {found:.2f} wrong {wrong:.2f} error {error:.2f} mm"
    print(f"{phantom.recipe.patient.seed} {kind:17} {phantom.recipe.patient.fault:14} {what}", flush=True)


def binned(contrast: float) -> str:
    """The part of the range that a contrast is in."""
    return next((name for top, name in ((0.1, "6 to 10 %"), (0.16, "10 to 16 %")) if contrast < top), "16 to 24 %")


def in_the_open(phantom: FilmPhantom, evidence: FilmEvidence) -> np.ndarray:
    """Which points of the true course are on the film, exposed, and not behind the pump."""
    (truth,), (pump,) = phantom.catheters, evidence.pumps
    shape = evidence.film.density.shape
    at = np.round(truth.points).astype(int)
    inside = ((at >= 12) & (at < np.array(shape) - 12)).all(axis=1)
    at = np.clip(at, 0, np.array(shape) - 1)
    covered = outline_of(pump, LIMITS.film, margin_px=3.0).mask(shape)  # type: ignore[arg-type]
    return np.asarray(inside & evidence.film.exposed[at[:, 0], at[:, 1]] & ~covered[at[:, 0], at[:, 1]])


def finding_figures(phantoms: tuple[FilmPhantom, ...], found: list[tuple[Finding, ...]], tally: Tally) -> None:
    """Per study: is the fault claimed within 20 mm of where it is, and nothing where there is none."""
    recipe = phantoms[0].recipe
    claimed = {finding.kind for one in found for finding in one}
    visible = "visible" if recipe.contrast >= VISIBLE else "faint"
    for name, kind in {
        "discontinuity": Kind.DISCONTINUITY, "kink": Kind.KINK, "tip_malposition": Kind.TIP_MALPOSITION
    }.items():  # fmt: skip
        if recipe.patient.fault == name:
            hit = any(is_hit(phantom, one, kind) for phantom, one in zip(phantoms, found, strict=True))
            tally.count(f"sensitivity, {name} ({visible})", hit)
        else:
            tally.count(f"specificity, {name}", kind not in claimed)
    tally.count("sensitivity, pump_flip" if recipe.flipped else "specificity, pump_flip",
                (Kind.PUMP_FLIP in claimed) == recipe.flipped)  # fmt: skip
    if recipe.patient.fault != "no_device":
        tally.count("study with a stretch not assessable", Kind.NOT_ASSESSABLE in claimed)


def is_hit(phantom: FilmPhantom, found: tuple[Finding, ...], kind: Kind) -> bool:
    """Whether one film's findings have the fault at its place."""
    places = [np.array(one.point) for one in phantom.findings if one.kind is kind]
    mm = phantom.pumps[0].mm_per_px or 0.0
    return any(
        float(np.linalg.norm(np.array(one.point) - place)) * mm < 20.0
        for one in found
        if one.kind is kind
        for place in places
    )


if __name__ == "__main__":
    main()
