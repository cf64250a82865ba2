"""How often a simulated tracer study is read right: sensitivity, specificity, abstention and place, with intervals.

    python benchmarks/nuclear_accuracy.py --split train --count 60 --rows rows.jsonl

Half of the studies are healthy, half have one of six faults in turn; two time points each, 5 to 25 MBq, 0.05 to
1 ml/day. The CT's reading is handed over as its truth (pump, catheter, canal), so the figures are those of reading the
tracer, not of tracing the catheter. Rows are kept as they come: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from catheterview.detect.nuclear import PASSAGE, read_tracer
from catheterview.errors import CatheterviewError
from catheterview.geometry import Frame, grid_from_axes
from catheterview.limits import Limits
from catheterview.model import Delivery, Evidence, Finding, Image, Rung, Scintigram, TracerEvidence
from catheterview.phantom import split_of
from catheterview.phantom.nuclear import NuclearPhantom, Scan, make_nuclear, random_nuclear_recipe
from catheterview.phantom.nuclear.recipe import FAULTS
from catheterview.phantom.scene import true_catheter, true_pump
from catheterview.score.interval import wilson

_FIRST_SEED = 5000
_CAP_ML = 0.14  # what the catalogue gives for the port, whatever the simulated pump holds
_LOCAL_MM = 8.0
_LEAKS = ("tracer_pooling", "tracer_posterior_to_pump")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One study as it was simulated and as it was read."""

    seed: int
    fault: str
    segment: str
    mbq: float
    flow: float
    hours: float
    readable_h: float
    found: tuple[str, ...]
    told: bool
    away_mm: float | None
    same_segment: bool | None

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault == "healthy"

    @property
    def assessable(self) -> bool:
        """Whether the reading gave an answer: a finding, or that tracer passes."""
        return self.told or bool(self.found)

    @property
    def in_time(self) -> bool:
        """Whether flow and dead space allow an answer by the last image."""
        return self.hours >= self.readable_h


def studies(split: str, count: int) -> Iterator[tuple[int, str]]:
    """Seeds of a split with their faults: every second healthy, the faults in turn."""
    faults = [fault for fault in FAULTS if fault != "healthy"]
    number, seed = 0, _FIRST_SEED
    while number < count:
        if split_of(seed) == split:
            yield seed, "healthy" if number % 2 == 0 else faults[(number // 2) % len(faults)]
            number += 1
        seed += 1


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


def _image(voxels: np.ndarray, grid: object, uid: str) -> Image:
    return Image(
        voxels=voxels,
        grid=grid,  # type: ignore[arg-type]
        frame=Frame.PATIENT,
        modality="NM",
        series_instance_uid=uid,
        study_instance_uid="1",
        frame_of_reference_uid="1.9",
    )


def row_of(seed: int, evidence: TracerEvidence, recipe: object, truth: tuple[Finding, ...]) -> Row:
    """Read one study and compare it with its truth."""
    reading = read_tracer(evidence, Limits())
    tip_mm = float(evidence.scans[0].ct.catheters[0].arc_mm[-1])
    (passage,) = [one.examined for one in reading.detections if one.examined.detector == PASSAGE]
    away, same = _place(reading.findings, truth)
    return Row(
        seed=seed,
        fault=recipe.fault,  # type: ignore[attr-defined]
        segment=str(truth[0].segment) if truth else "",
        mbq=recipe.injected_mbq,  # type: ignore[attr-defined]
        flow=recipe.flow_ml_per_day,  # type: ignore[attr-defined]
        hours=float(evidence.scans[-1].hours or 0.0),
        readable_h=evidence.delivery.readable_h(tip_mm),
        found=tuple(str(one.kind) for one in reading.findings),
        told=passage.outcome == "RAN",
        away_mm=away,
        same_segment=same,
    )


def _place(findings: tuple[Finding, ...], truth: tuple[Finding, ...]) -> tuple[float | None, bool | None]:
    """Distance and segment of the finding of the true kind; None where there is none."""
    if not truth:
        return None, None
    alike = [one for one in findings if one.kind == truth[0].kind]
    if not alike:
        return None, None
    away = [float(np.linalg.norm(np.subtract(one.point, truth[0].point))) for one in alike]
    return round(min(away), 1), alike[int(np.argmin(away))].segment == truth[0].segment


def table(rows: Iterable[Row]) -> str:
    """The figures against their bars, each with its 95 % Wilson interval."""
    every = list(rows)
    sick = [one for one in every if not one.healthy]
    well = [one for one in every if one.healthy]
    sick_told, well_told = [one for one in sick if one.assessable], [one for one in well if one.assessable]
    in_time = [one for one in every if one.in_time]
    early = [one for one in well if not one.in_time]
    leaks = [one for one in sick if one.away_mm is not None and set(one.found) & set(_LEAKS)]
    lines = [
        ("sensitivity, per assessable study", sum(bool(one.found) for one in sick_told), len(sick_told), "0.97"),
        ("specificity, per assessable study", sum(not one.found for one in well_told), len(well_told), "0.97"),
        (
            "not assessable though transit allows",
            sum(not one.assessable for one in in_time),
            len(in_time),
            "at most 0.15",
        ),
        ("healthy and too early, called a fault", sum(bool(one.found) for one in early), len(early), "0"),
        (
            "leak within 8 mm, of those found",
            sum((one.away_mm or 0.0) <= _LOCAL_MM for one in leaks),
            len(leaks),
            "0.95",
        ),
        ("leak on the right segment, of those found", sum(bool(one.same_segment) for one in leaks), len(leaks), "0.95"),
    ]
    head = [f"{len(sick)} studies with a fault, {len(well)} without", "", "| what | n | figure (95 % interval) | bar |"]
    return "\n".join([*head, "|---|---|---|---|", *(_line(*line) for line in lines), "", _by_fault(every)])


def _line(what: str, hits: int, of: int, bar: str) -> str:
    interval = wilson(hits, of)
    if interval is None:
        return f"| {what} | 0 | undefined | {bar} |"
    low, high = interval
    return f"| {what} | {hits}/{of} | {hits / of:.3f} ({low:.3f} to {high:.3f}) | {bar} |"


def _by_fault(rows: list[Row]) -> str:
    """What each fault was called."""
    lines = ["| simulated | studies | not assessable | called |", "|---|---|---|---|"]
    for fault in FAULTS:
        mine = [one for one in rows if one.fault == fault]
        called: dict[str, int] = {}
        for one in mine:
            for kind in one.found or ("nothing",):
                called[kind] = called.get(kind, 0) + 1
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(called.items()))
        lines.append(f"| {fault} | {len(mine)} | {sum(not one.assessable for one in mine)} | {told} |")
    return "\n".join(lines)


def _known(path: Path) -> dict[int, Row]:
    """Rows of an earlier run."""
    if not path.exists():
        return {}
    plain = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {one["seed"]: Row(**{**one, "found": tuple(one["found"])}) for one in plain}


def main() -> None:
    """Simulate, read and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("train", "calibration", "test"), default="train")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--rows", type=Path, default=Path("nuclear-rows.jsonl"))
    given = parser.parse_args()
    rows = _known(given.rows)
    for seed, fault in studies(given.split, given.count):
        if seed in rows:
            continue
        try:
            phantom = make_nuclear(random_nuclear_recipe(seed, fault=fault), with_ct=False)  # type: ignore[arg-type]
        except CatheterviewError as error:
            print(f"seed {seed} cannot be simulated: {error.reason}")
            continue
        rows[seed] = row_of(seed, evidence_of(phantom), phantom.recipe, phantom.findings)
        with given.rows.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(rows[seed])) + "\n")
    print(table(rows.values()))


if __name__ == "__main__":
    main()
