"""How often a simulated tracer study is read right: sensitivity, specificity, abstention and place, with intervals.

    python benchmarks/nuclear_accuracy.py --split train --count 60 --rows rows.jsonl --cache FOLDER

Every study is read four times: SPECT on the CT, whose pump, catheter and canal are handed over as its truth; SPECT
alone; planar views of two detectors; of one. A healthy study whose first image came too early is read at that time
too. ``--alone N`` and ``--planar N`` read only the first N without their CT, ``--traced N`` reads the first N on what
the CT's own reading finds (pump, canal, catheter), ``--displaced N`` lays the SPECT of the first N back after it was
moved, ``--turned N`` hands it over mirrored and with its axes exchanged.
Rows are kept as they come: a run that was stopped goes on where it was. ``--only-made`` takes what is in the folder,
``--write`` puts the tables into the page.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from document import put_table
from nuclear_ideal import LEAKS, Ideal, ideal_of, ideal_table
from nuclear_simulated import FIRST_SEED, Study, study_of, wanted
from nuclear_table import RIGHT, Moved, Row, Turned, displaced_table, early_table, passage_table, tables, turned_table
from scipy.spatial.transform import Rotation

from catheterview.anatomy import find_anatomy
from catheterview.detect.nuclear import PASSAGE, read_tracer
from catheterview.detect.nuclear.flat import planar_flat, read_lone
from catheterview.device import find_devices
from catheterview.errors import CatheterviewError
from catheterview.geometry import Frame, Grid
from catheterview.limits import Limits
from catheterview.model import Evidence, FlatScan, Image, LoneEvidence, TracerEvidence
from catheterview.phantom import make_ct
from catheterview.phantom.nuclear import Planar
from catheterview.resample import Target, hot_center_mm, mirrored_image, register_rigid
from catheterview.trace import trace_catheter
from catheterview.triage.nuclear_place import on_ct

_PAGE = Path(__file__).parents[1] / "docs" / "scintigraphy.md"
_VIEWS = ("anterior", "posterior") * 2
_LIMITS = Limits()
MODES = ("SPECT on CT", "SPECT alone", "planar, two detectors", "planar, one detector")
TRACED = "SPECT on CT as traced"
EARLY = "SPECT on CT, healthy, the first time alone, before tracer must have arrived"


def readings(study: Study, modes: tuple[str, ...]) -> Iterator[Row]:
    """Read one study in several ways and compare each with its truth."""
    for mode in modes:
        evidence = _traced(study) if mode == TRACED else study.evidence
        if evidence is None:
            yield _row(study, mode, ((), False, False))
            continue
        if mode == EARLY:
            evidence = replace(evidence, scans=evidence.scans[:1])
        lone = mode in MODES[1:]
        reading = read_lone(_lone(study, mode), _LIMITS) if lone else read_tracer(evidence, _LIMITS)
        ran = [one.examined.detector for one in reading.detections if one.examined.outcome == "RAN"]
        yield _row(study, mode, (reading.findings, len(ran) == len(reading.detections), PASSAGE in ran))


def _row(study: Study, mode: str, told: tuple[tuple[object, ...], bool, bool]) -> Row:
    findings, answered, passes = told
    tip_mm = float(study.evidence.scans[0].ct.catheters[0].arc_mm[-1])
    kind, point, segment = study.truth[0] if study.truth else ("", None, "")
    alike = [one for one in findings if one.kind == kind and one.frame is Frame.PATIENT]  # type: ignore[attr-defined]
    away = [float(np.linalg.norm(np.subtract(one.point, point))) for one in alike]  # type: ignore[attr-defined]
    best = int(np.argmin(away)) if away else None
    recipe = study.recipe
    return Row(
        seed=study.seed,
        mode=mode,
        fault=recipe.fault,
        mbq=recipe.injected_mbq,
        flow=recipe.flow_ml_per_day,
        hours=float(recipe.hours[0 if mode == EARLY else -1]),
        readable_h=study.evidence.delivery.readable_h(tip_mm),
        found=tuple(str(one.kind) for one in findings),  # type: ignore[attr-defined]
        told=answered,
        passage_told=passes,
        away_mm=None if best is None else round(away[best], 1),
        same_segment=None if best is None else str(alike[best].segment) == segment,  # type: ignore[attr-defined]
    )


def _lone(study: Study, mode: str) -> LoneEvidence:
    """The same study without its CT; how long the catheter is comes from the record."""
    given, scans = study.evidence, study.evidence.scans
    bare = LoneEvidence(delivery=given.delivery, tip_mm=float(scans[0].ct.catheters[0].arc_mm[-1]))
    if mode == MODES[1]:
        return replace(bare, tomograms=tuple((scan.image, scan.hours) for scan in scans))
    views = _VIEWS if mode == MODES[2] else ("anterior", "") * 2
    return replace(bare, flats=tuple(_flat(planar, views) for planar in study.planars))


def _flat(planar: Planar, views: tuple[str, ...]) -> FlatScan:
    image = Image(
        voxels=planar.counts.clip(0, 32000).astype(np.int16),
        grid=None,
        frame=Frame.DETECTOR,
        modality="NM",
        series_instance_uid=f"1.3.{planar.hours:.0f}",
        study_instance_uid="1",
        frame_of_reference_uid="",
    )
    return planar_flat(image, views, (planar.pixel_mm,) * 2, hours=planar.hours, limits=_LIMITS.nuclear)


def _traced(study: Study) -> TracerEvidence | None:
    """The study on what the reading of its low-dose CT finds; None without a pump."""
    ct = make_ct(study.recipe.ct)
    pumps = find_devices(ct.image, _LIMITS.device).pumps
    if not pumps:
        return None
    anatomy = find_anatomy(ct.image, _LIMITS.anatomy)
    catheter = trace_catheter(ct.image, pump=pumps[0], anatomy=anatomy, limits=_LIMITS.trace).catheter
    first = study.evidence.scans[0].ct
    seen = Evidence(
        image=first.image,
        rung=first.rung,
        pumps=pumps,
        anatomy=anatomy,
        catheters=() if catheter is None else (catheter,),
    )
    return replace(study.evidence, scans=tuple(replace(scan, ct=seen) for scan in study.evidence.scans))


def displaced(study: Study) -> Moved:
    """Move the last SPECT by up to 30 mm and 10 degrees, lay it back, and measure what is left."""
    scan = study.evidence.scans[-1]
    grid, ct, rng = scan.image.placed, scan.ct, np.random.default_rng([study.seed, 71])
    shift, turn = rng.normal(size=3), rng.normal(size=3)
    shift *= rng.uniform(5.0, 30.0) / np.linalg.norm(shift)
    turn *= np.radians(rng.uniform(2.0, 10.0)) / np.linalg.norm(turn)
    middle, move = grid.corners().mean(axis=0), np.eye(4)
    move[:3, :3] = Rotation.from_rotvec(turn).as_matrix()
    move[:3, 3] = middle + shift - move[:3, :3] @ middle
    moved = replace(scan.image, grid=Grid(shape=grid.shape, affine=move @ grid.affine))
    target = Target(pump=ct.pumps[0], anatomy=ct.anatomy, catheters=ct.catheters)
    try:
        back = register_rigid(moved, target, least_overlap=_LIMITS.nuclear.least_overlap)
    except CatheterviewError as error:
        return Moved(seed=study.seed, refused=error.reason, in_time=_in_time(study))
    points = np.concatenate([[ct.pumps[0].center_mm], ct.catheters[0].points[::10]])
    away = np.linalg.norm(back.image.placed.index_to_world(grid.world_to_index(points)) - points, axis=1)
    return Moved(
        seed=study.seed,
        pump_mm=round(float(away[0]), 2),
        worst_mm=round(float(away.max()), 2),
        sure=back.error_mm <= _LIMITS.nuclear.laid_mm,
        in_time=_in_time(study),
    )


def turned(study: Study) -> Iterator[Turned]:
    """Hand the last SPECT over as it lies, mirrored, or with its axes exchanged, and see what is made of it."""
    scan = study.evidence.scans[-1]
    image, mirror = scan.image, mirrored_image(scan.image)
    ways = {
        RIGHT: replace(image, frame_of_reference_uid=""),
        "left and right exchanged": mirror,
        "left and right exchanged, another frame of reference": replace(mirror, frame_of_reference_uid=""),
        "left and right exchanged about the pump": _about_pump(mirror, study),
        "head and feet exchanged": replace(image, voxels=np.ascontiguousarray(np.flip(image.voxels, 0))),
        "rows and columns exchanged": replace(image, voxels=np.ascontiguousarray(image.voxels.swapaxes(1, 2))),
    }
    for way, spect in ways.items():
        try:
            placed = on_ct(spect, scan.ct, scan.hours, _LIMITS.nuclear).placed
        except CatheterviewError:
            yield Turned(seed=study.seed, way=way, refused=True, in_time=_in_time(study))
            continue
        yield Turned(seed=study.seed, way=way, untold="cannot be told" in placed, in_time=_in_time(study))


def _about_pump(mirror: Image, study: Study) -> Image:
    """A mirrored SPECT moved so that its reservoir lies in the pump, as where the pump lies in the patient's middle."""
    affine = mirror.placed.affine.copy()
    affine[:3, 3] += np.array(study.evidence.scans[0].ct.pumps[0].center_mm) - hot_center_mm(mirror)
    return replace(mirror, grid=Grid(shape=mirror.placed.shape, affine=affine))


def _in_time(study: Study) -> bool:
    """Whether flow and dead space allow an answer by the last image."""
    tip_mm = float(study.evidence.scans[0].ct.catheters[0].arc_mm[-1])
    return float(study.recipe.hours[-1]) >= study.evidence.delivery.readable_h(tip_mm)


def _early(study: Study) -> bool:
    """Whether nothing is wrong and the first image came before an absence means anything."""
    tip_mm = float(study.evidence.scans[0].ct.catheters[0].arc_mm[-1])
    return study.recipe.fault == "healthy" and study.recipe.hours[0] < study.evidence.delivery.readable_h(tip_mm)


def _known(path: Path) -> list[dict[str, object]]:
    """Rows of an earlier run."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _studies(given: argparse.Namespace) -> Iterator[Study]:
    for seed, fault in wanted(given.split, given.count, first=given.first):
        if given.only_made and not (given.cache / f"{seed}-{fault}.pkl").exists():
            continue
        try:
            yield study_of(seed, fault, given.cache)
        except CatheterviewError as error:
            print(f"seed {seed} cannot be simulated: {error.reason}")


def _run(given: argparse.Namespace) -> None:
    """Read what has not been read yet."""
    kept = _known(given.rows)
    done = {(one["seed"], one.get("mode", "turned" if "way" in one else "displaced")) for one in kept}
    for number, study in enumerate(_studies(given)):
        modes = (
            *MODES[: 2 if number < given.alone else 1],
            *(MODES[2:] if number < given.planar else ()),
            *((TRACED,) if number < given.traced else ()),
            *((EARLY,) if _early(study) else ()),
        )
        rows: list[Row | Moved | Turned | Ideal] = list(
            readings(study, tuple(m for m in modes if (study.seed, m) not in done))
        )
        rows += [
            ideal_of(study, one.called)
            for one in rows
            if isinstance(one, Row) and one.mode == MODES[0] and one.fault in LEAKS
        ]
        if number < given.displaced and (study.seed, "displaced") not in done:
            rows.append(displaced(study))
        if number < given.turned and (study.seed, "turned") not in done:
            rows += turned(study)
        with given.rows.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)


def _report(given: argparse.Namespace) -> str:
    """All tables of the rows that there are."""
    kept = _known(given.rows)
    rows = [Row(**{**one, "found": tuple(one["found"])}) for one in kept if "mode" in one]  # type: ignore[arg-type]
    moves = [Moved(**one) for one in kept if "worst_mm" in one]  # type: ignore[arg-type]
    ideals = [Ideal(**one) for one in kept if "ideal" in one]  # type: ignore[arg-type]
    turns = [Turned(**one) for one in kept if "way" in one]  # type: ignore[arg-type]
    order = [mode for mode in (MODES[0], TRACED, EARLY, *MODES[1:]) if any(row.mode == mode for row in rows)]
    asked = ("split", "count", "first", "alone", "planar", "traced", "displaced", "turned")
    told = " ".join(f"--{name} {getattr(given, name)}" for name in asked)
    command, count = f"python benchmarks/nuclear_accuracy.py {told} --write", len({row.seed for row in rows})
    head = f"Split `{given.split}`, {count} studies with two time points each: `{command}`."
    read = [_table(rows, mode) for mode in order]
    others = [ideal_table(ideals)] if ideals else []
    others += [displaced_table(moves)] if moves else []
    others += [turned_table(turns)] if turns else []
    return "\n\n".join([head, *read, *others])


def _table(rows: list[Row], mode: str) -> str:
    """The figures of one way of reading; views show the passage, and are measured by it too."""
    if mode == EARLY:
        return early_table(rows, mode)
    return tables(rows, mode) + (f"\n\n{passage_table(rows, mode)}" if mode in MODES[2:] else "")


def main() -> None:
    """Simulate, read and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("train", "calibration", "test"), default="train")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--rows", type=Path, default=Path("nuclear-rows.jsonl"))
    parser.add_argument("--cache", type=Path, help="folder in which simulated studies are kept")
    parser.add_argument("--only-made", action="store_true", help="take only studies that are in the folder")
    parser.add_argument("--alone", type=int, default=10_000, help="so many are also read without their CT")
    parser.add_argument("--planar", type=int, default=10_000, help="so many are also read by their planar views")
    parser.add_argument("--traced", type=int, default=0, help="so many are also read on the CT's own reading")
    parser.add_argument("--displaced", type=int, default=0, help="so many are also laid back after they were moved")
    parser.add_argument("--turned", type=int, default=0, help="so many are also handed over mirrored and exchanged")
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="seed from which on they are taken")
    parser.add_argument("--table-only", action="store_true", help="print the rows that there are, read nothing")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scintigraphy.md")
    given = parser.parse_args()
    if not given.table_only:
        _run(given)
    text = _report(given)
    print(text)
    if given.write:
        put_table(_PAGE, text)


if __name__ == "__main__":
    main()
