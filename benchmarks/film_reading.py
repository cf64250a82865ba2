"""What is read of a film besides its catheter: ``python benchmarks/film_reading.py --split train --patients 8``.

The turn of the rotor between two frontal films in two postures, whether a still one is told, the view from the picture
alone; and with ``--speed 3``, as often, the time of one film of 3000 x 2500 beside skimage's `frangi` on the same film
in the same run. ``--write`` puts the tables into the page of films. Nothing is tuned on test.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded
from document import put_table
from film_accuracy import as_film
from skimage.filters import frangi
from tally import Tally, tables

from catheterview.detect.film import FilmEvidence, detect_on_film
from catheterview.detect.film.rotor import RotorPair, examine_rotor
from catheterview.device.film import find_film_pump
from catheterview.device.film.rotor import rotor_turn
from catheterview.errors import UnsuitableError
from catheterview.limits import Limits
from catheterview.model.film import Film, View
from catheterview.phantom import split_of
from catheterview.phantom.film import FilmRecipe, expose, make_films, prior_of, random_film_recipe, sit, write_films
from catheterview.read import scan
from catheterview.read.film import load_film
from catheterview.read.film_view import view_seen
from catheterview.triage.film_study import read_study
from catheterview.triage.journal import Journal

FIRST_SEED = {"train": 340_000, "test": 960_000}
STILL_SHARE = 0.4  # of the patients, whose rotor stands still
PAGE = Path(__file__).parents[1] / "docs" / "films.md"
LIMITS = Limits()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=FIRST_SEED, default="train")
    parser.add_argument("--patients", type=int, default=8)
    parser.add_argument("--pitch", type=float, help="of the detector, mm; else as drawn")
    parser.add_argument("--speed", type=int, default=0, help="how often the large film is timed")
    parser.add_argument("--write", action="store_true")
    wanted = parser.parse_args()
    tally = Tally()
    for recipe in recipes(wanted.split, wanted.patients, wanted.pitch):
        examine(recipe, tally)
    for _ in range(wanted.speed):
        time_large_film(tally)
    given = f"--split {wanted.split} --patients {wanted.patients}"
    given += f" --pitch {wanted.pitch:g}" if wanted.pitch else ""
    table = "\n".join(lines(tally, f"{given} --speed {wanted.speed}"))
    print(table)
    if wanted.write:
        put_table(PAGE, table, name="film_reading")


def recipes(split: str, patients: int, pitch: float | None) -> Iterator[FilmRecipe]:
    """Patients of a split after a bolus that asked their rotor for a turn, some of which stand still."""
    seed, count = FIRST_SEED[split], 0
    while count < patients:
        seed += 1
        if split_of(seed) != split:
            continue
        count += 1
        rng = np.random.default_rng([seed, 5])
        turn = 0.0 if rng.random() < STILL_SHARE else float(np.round(rng.uniform(25.0, 335.0), 1))
        size = {} if pitch is None else {"pitch_mm": pitch, "rows": round(430 / pitch), "columns": round(430 / pitch)}
        yield random_film_recipe(seed, rotor_asked_deg=60.0, rotor_deg=turn, **size)


def examine(recipe: FilmRecipe, tally: Tally) -> None:
    """Expose and read one patient."""
    try:
        sitter = sit(recipe)
    except UnsuitableError as error:
        print(f"{recipe.patient.seed}: {error}")
        return
    front, side = (as_film(film) for film in make_films(recipe, sitter=sitter))
    for film, view in ((front, View.AP), (side, View.LATERAL)):
        seen = view_seen(film.density, film.exposed, LIMITS.read)
        tally.counts[f"view told by the picture ({view})"].append(seen is not View.UNKNOWN)
        tally.counts["view right, of those told"] += [seen is view] if seen is not View.UNKNOWN else []
    before = as_film(expose(prior_of(recipe, recipe.patient.seed), sitter, 0))
    told = rotor(replace(front, taken="20000101 120000"), replace(before, taken="20000101 090000"), recipe, tally)
    print(f"{recipe.patient.seed} rotor turned by {recipe.rotor_deg:.0f}: {told}", flush=True)


def rotor(film: Film, then: Film, recipe: FilmRecipe, tally: Tally) -> str:
    """Measure the rotor's turn as triage does and count."""
    pumps = [find_film_pump(one, LIMITS.film).pumps for one in (film, then)]
    still = recipe.rotor_deg == 0.0
    name = "a still rotor reported" if still else "no report of a rotor that turned by 25 degrees or more"
    if not all(pumps):
        tally.counts["rotor's turn told"].append(False)
        tally.counts[name].append(not still)
        return "pump not found on both"
    began = process_time()
    turn = rotor_turn(film, pumps[0][0], (then, pumps[1][0]), LIMITS.film)
    tally.figures["CPU seconds, comparing two rotors"].append(process_time() - began)
    now, earlier = (FilmEvidence(film=one, pumps=two) for one, two in zip((film, then), pumps, strict=True))
    found, _ = examine_rotor(RotorPair(now=now, then=earlier, turn=turn), LIMITS.film_detect)
    tally.counts[name].append(bool(found) == still)
    tally.counts["rotor's turn told"].append(turn.turn_deg is not None)
    if turn.turn_deg is None:
        return turn.why
    off = abs((turn.turn_deg - recipe.rotor_deg + 180.0) % 360.0 - 180.0)
    tally.counts["rotor's turn within 5 degrees, of those told"].append(off <= 5.0)
    tally.figures["error of the rotor's turn, degrees"].append(off)
    return f"{turn.turn_deg:.0f}, off by {off:.0f}, margin {turn.margin:.3f}, fit {turn.fit:.2f}"


def time_large_film(tally: Tally) -> None:
    """Time one frontal film of 3000 x 2500 from the file to its findings, and `frangi` on its pixels."""
    recipe = random_film_recipe(340_001, pitch_mm=0.143, rows=3000, columns=2500, written="presentation")
    with tempfile.TemporaryDirectory() as folder:
        place = write_films(make_films(replace(recipe, views=recipe.views[:1])), Path(folder) / "study")
        began = process_time()
        film = load_film(scan([place], key=b"bench").series[0])
        tally.figures["CPU seconds, reading a film of 3000 x 2500"].append(process_time() - began)
        study = read_study([film], LIMITS, Journal())
        detect_on_film(study.reads[0].evidence, LIMITS.film_detect)
        whole = process_time() - began
    tally.figures["CPU seconds, the film read, its pump, catheter and findings"].append(whole)
    for name, scales in (("as it comes, five scales", range(1, 10, 2)), ("one scale", [3.0])):
        began = process_time()
        frangi(film.density, sigmas=scales, black_ridges=False)
        peer = process_time() - began
        tally.figures[f"CPU seconds, frangi on it ({name})"].append(peer)
        tally.figures[f"the film over frangi ({name})"].append(whole / peer)


def lines(tally: Tally, given: str) -> Iterator[str]:
    """The tables."""
    yield f"`python benchmarks/film_reading.py {given}`: one patient each line counted, simulated."
    yield from tables(tally, of="count")


if __name__ == "__main__":
    main()
