"""How often contrast in a simulated CT is read right: ``python benchmarks/contrast_accuracy.py --split train``.

Makes the cohort (kept in the scratch folder for the next run), reads every case, holds it against truth, prints a line
a case and the bars with 95 % Wilson intervals. Pump and catheter are handed over as they are (``--course given``), so
that the figures are those of reading contrast; with ``--course traced`` both are searched for, as triage does it.

The test split is for measuring: nothing is ever set by looking at it. Tune on train.
"""

from __future__ import annotations

import argparse
import os
import pickle
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded
from cohort import source_digest
from contrast_cohort import Case, Made, cases, made
from contrast_table import Row, document, line, row_of
from document import put_table

from catheterview.anatomy import find_anatomy
from catheterview.detect import detect_all, map_contrast
from catheterview.detect.place import level_at
from catheterview.detect.serial import detect_since_ct, prior_of
from catheterview.device import find_devices
from catheterview.limits import Limits
from catheterview.model import Evidence, Finding, Rung
from catheterview.trace import trace_catheter

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "ct.md"
ARCHIVE = "ct-thorax-1mm.zip"


def main() -> None:
    wanted = _arguments()
    chosen = [case for case in cases(wanted.split, wanted.count) if wanted.case in case.name]
    rows = []
    for row in _rows(chosen, wanted):
        print(line(row), flush=True)
        rows.append(row)
    only = f" --case {wanted.case}" if wanted.case else ""
    text = document(rows, split=wanted.split, course=wanted.course, chosen=f"--count {wanted.count}{only}")
    print(f"\n{text}")
    if wanted.write:
        put_table(DOCUMENT, text, name="" if wanted.course == "given" else "traced")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--count", type=int, default=28, help="cases, every second one healthy (default 28)")
    parser.add_argument("--course", choices=("given", "traced"), default="given")
    parser.add_argument("--case", default="", help="only cases with this in their name")
    parser.add_argument("--jobs", type=int, default=1, help="cases at the same time (default 1)")
    parser.add_argument("--scratch", type=Path, default=_scratch(), help="where cases are kept")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/ct.md")
    return parser.parse_args()


def _scratch() -> Path:
    return Path(os.environ.get("TMPDIR", tempfile.gettempdir())) / "catheterview-contrast"


def _real() -> Path:
    """Where the real background is: the folder that the tests use, too."""
    folder = os.environ.get("CATHETERVIEW_REAL_DATA")
    return (Path(folder) if folder else HERE.parents[1] / "shared" / "data") / ARCHIVE


def _rows(chosen: list[Case], wanted: argparse.Namespace) -> Iterator[Row]:
    """Read every case, in their order."""
    if wanted.jobs == 1:
        yield from (_one(case, wanted) for case in chosen)
        return
    with ProcessPoolExecutor(max_workers=wanted.jobs) as pool:
        for ended in [pool.submit(_one, case, wanted) for case in chosen]:
            yield ended.result()


def _one(case: Case, wanted: argparse.Namespace) -> Row:
    """Make one case or take it from the scratch folder, and read it."""
    one = made(case, wanted.scratch / wanted.split, _real())
    began = process_time()
    findings = read(one, case, wanted)
    return row_of(case, one.truth, findings, seconds=process_time() - began)


def read(one: Made, case: Case, wanted: argparse.Namespace) -> tuple[Finding, ...]:
    """What is found in a case."""
    evidence = seen(one, case, wanted)
    limits = Limits().detect
    if not evidence.catheters:
        return ()
    evidence = replace(evidence, contrast=map_contrast(evidence, limits))
    if evidence.rung is Rung.CT and evidence.contrast is not None and evidence.contrast.told is not None:
        evidence = replace(evidence, rung=evidence.contrast.told)
    found = tuple(finding for detection in detect_all(evidence, limits) for finding in detection.findings)
    return found + _since(one, evidence, wanted)


def _since(one: Made, evidence: Evidence, wanted: argparse.Namespace) -> tuple[Finding, ...]:
    """What has changed since an earlier CT, where there is one."""
    if one.earlier is None:
        return ()
    limits = Limits()
    before = replace(one.earlier, **_found(one.earlier, wanted.course))
    return detect_since_ct(evidence, prior_of(before, limits.detect, limits.serial), limits.detect, limits.serial)[0]


def seen(one: Made, case: Case, wanted: argparse.Namespace) -> Evidence:
    """What is known before contrast is looked for; kept as long as the rooms that found it have not changed."""
    rooms = ("anatomy",) if wanted.course == "given" else ("anatomy", "device", "trace")
    kept = wanted.scratch / wanted.split / f"{case.name}-{wanted.course}.known"
    key = source_digest(rooms) + str(one.truth["series_instance_uid"])
    known: tuple[str, Any] = pickle.loads(kept.read_bytes()) if kept.exists() else ("", None)
    if known[0] != key:
        known = (key, _found(one.given, wanted.course))
        kept.write_bytes(pickle.dumps(known))
    evidence = replace(one.given, **known[1])
    implanted = one.truth["implanted_mm"]
    named = evidence.anatomy.levels_from not in ("relative", "none")
    return replace(evidence, implant_tip_level=level_at(evidence, implanted) if implanted and named else None)


def _found(given: Evidence, course: str) -> dict[str, Any]:
    """Spine, and where asked for pump and catheter, found in the image."""
    limits = Limits()
    anatomy = find_anatomy(given.image, limits.anatomy)
    if course == "given":
        return {"anatomy": anatomy}
    pumps = find_devices(given.image, limits.device).pumps
    traced = [trace_catheter(given.image, pump=pump, anatomy=anatomy, limits=limits.trace) for pump in pumps]
    catheters = tuple(one.catheter for one in traced if one.catheter is not None)
    return {"anatomy": anatomy, "pumps": pumps, "catheters": catheters}


if __name__ == "__main__":
    main()
