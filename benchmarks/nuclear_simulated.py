"""Simulated tracer studies for the bench, made once and kept: SPECT and planar views at two times, truth, record.

    python benchmarks/nuclear_simulated.py --split train --count 60 --cache FOLDER

Half of the studies are healthy, half have one of six faults in turn. A study that is in the folder is not made again.
The camera stops half as often and twice as long as the recipe says, and the reconstruction makes the same number of
updates from smaller subsets: as many counts for a third of the work.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from catheterview.errors import CatheterviewError
from catheterview.geometry import Frame, Grid, grid_from_axes
from catheterview.model import Delivery, Evidence, Image, Rung, Scintigram, TracerEvidence
from catheterview.phantom import split_of
from catheterview.phantom.nuclear import NuclearPhantom, Planar, Scan, make_nuclear, random_nuclear_recipe
from catheterview.phantom.nuclear.make import lay_down
from catheterview.phantom.nuclear.planar import planar_of
from catheterview.phantom.nuclear.recipe import FAULTS, NuclearRecipe
from catheterview.phantom.scene import true_catheter, true_pump

FIRST_SEED = 5000
_STOPS, _SUBSETS = 30, 6  # 60 stops or fewer do: clinical reference E.1
_CAP_ML = 0.14  # what the catalogue gives for the port, whatever the simulated pump holds


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """One simulated study.

    Parameters
    ----------
    evidence : TracerEvidence
        On the CT's truth: pump, catheter and canal.
    planars : tuple of Planar
        Front and back views at the same times.
    truth : tuple of (kind, (3,) LPS mm, segment)
    """

    seed: int
    recipe: NuclearRecipe
    evidence: TracerEvidence
    planars: tuple[Planar, ...]
    truth: tuple[tuple[str, tuple[float, ...], str], ...]


def wanted(split: str, count: int, *, first: int = FIRST_SEED) -> Iterator[tuple[int, str]]:
    """Seeds of a split with their faults: every second healthy, the faults in turn."""
    faults = [fault for fault in FAULTS if fault != "healthy"]
    number, seed = 0, first
    while number < count:
        if split_of(seed) == split:
            yield seed, "healthy" if number % 2 == 0 else faults[(number // 2) % len(faults)]
            number += 1
        seed += 1


def recipe_of(seed: int, fault: str) -> NuclearRecipe:
    """The recipe of a seed, with fewer and longer stops."""
    drawn = random_nuclear_recipe(seed, fault=fault)  # type: ignore[arg-type]
    camera = drawn.camera
    fewer = replace(
        camera,
        views=_STOPS,
        stop_s=camera.stop_s * camera.views / _STOPS,
        subsets=_SUBSETS,
        iterations=round(camera.iterations * camera.subsets / _SUBSETS),
    )
    return replace(drawn, camera=fewer)


def study_of(seed: int, fault: str, cache: Path | None) -> Study:
    """Simulate a study, or take it from the folder.

    Raises
    ------
    CatheterviewError
        When this patient has no room for the device.
    """
    path = cache / f"{seed}-{fault}.pkl" if cache else None
    recipe = recipe_of(seed, fault)
    if path and path.exists():
        return Study(**{**pickle.loads(path.read_bytes()), "recipe": recipe})
    patient = lay_down(recipe)
    phantom = make_nuclear(recipe, with_ct=False, patient=patient)
    made = {
        "seed": seed,
        "evidence": evidence_of(phantom),
        "planars": tuple(planar_of(patient, hours=hours) for hours in recipe.hours),
        "truth": tuple((str(one.kind), one.point, str(one.segment)) for one in phantom.findings),
    }
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(pickle.dumps(made))
        part.rename(path)
    return Study(**made, recipe=recipe)  # type: ignore[arg-type]


def evidence_of(phantom: NuclearPhantom) -> TracerEvidence:
    """What is handed over: the scans as whole numbers without a unit, the CT's truth, and the record."""
    assert phantom.scene.device is not None
    recipe, device = phantom.recipe, phantom.scene.device
    grid = grid_from_axes((2, 2, 2), origin=(-170.0, -170.0, 0.0), axes_mm=np.eye(3)[::-1] * 340.0)
    ct = Evidence(
        image=_image(np.zeros(grid.shape, dtype=np.int16), grid, "1.1"),
        rung=Rung.SPECT_CT,
        pumps=(true_pump(device, "1.1"),),
        anatomy=phantom.scene.anatomy,
        catheters=(true_catheter(recipe.ct, device, "1.1"),),
    )
    delivery = Delivery(
        flow_ml_per_day=recipe.flow_ml_per_day,
        pump_ml=_CAP_ML,
        ml_per_cm=recipe.ml_per_cm,
        reservoir_ml=device.pocket.model.reservoir_ml,
    )
    return TracerEvidence(scans=tuple(_scintigram(scan, ct) for scan in phantom.scans), delivery=delivery)


def _scintigram(scan: Scan, ct: Evidence) -> Scintigram:
    voxels = np.rint(scan.activity * (32000.0 / scan.activity.max())).astype(np.int16)
    return Scintigram(image=_image(voxels, scan.grid, f"1.2.{scan.hours:.0f}"), ct=ct, hours=scan.hours)


def _image(voxels: np.ndarray[Any, Any], grid: Grid, uid: str) -> Image:
    return Image(
        voxels=voxels,
        grid=grid,
        frame=Frame.PATIENT,
        modality="NM",
        series_instance_uid=uid,
        study_instance_uid="1",
        frame_of_reference_uid="1.9",
    )


def main() -> None:
    """Simulate into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("train", "calibration", "test"), default="train")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="seed from which on they are taken")
    parser.add_argument("--cache", type=Path, required=True)
    given = parser.parse_args()
    for seed, fault in wanted(given.split, given.count, first=given.first):
        try:
            study_of(seed, fault, given.cache)
        except CatheterviewError as error:
            print(f"seed {seed} cannot be simulated: {error.reason}", flush=True)


if __name__ == "__main__":
    main()
