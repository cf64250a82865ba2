"""How well canal and levels are found: ``python benchmarks/anatomy_accuracy.py --split train``.

Simulated patients whose sacrum or last ribs are in view, with a device and contrast as drawn, and the marks made by
hand on two real CTs. Prints a line a case and the bars with 95 % Wilson intervals. Nothing is set by the test split.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import one_thread  # noqa: F401 sets how many threads the libraries below take, before they are loaded

# isort: split
import numpy as np
from document import put_table

from catheterview.anatomy import find_anatomy
from catheterview.errors import CatheterviewError
from catheterview.geometry import FloatArray
from catheterview.limits import Limits
from catheterview.model import Anatomy, Image
from catheterview.phantom import PICTURES, Phantom, make_ct, random_recipe, split_of
from catheterview.read import load, scan
from catheterview.score.interval import wilson

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "ct.md"
MARKS = HERE.parent / "tests" / "anatomy" / "marks.json"
REAL = HERE.parent.parent / "shared" / "data"
#: Far from the seeds of the other benches. Test seeds from 1,700,000 on were read in earlier states, and count as seen.
FIRST_SEED = {"train": 1_500_000, "test": 2_300_000}
STUDIES = ("cap_ct", "non_contrast", "lp_ct")
#: Slice distance, mm; the scan is as tall as a trunk's lower half, or begins above the sacrum.
SLICES_MM = (1.5, 2.0, 3.0)
TALL_MM, PIXEL_MM, FIELD = 300.0, 1.4, (235, 245)
COVERS = ((0.0, 0.75), (0.3, 1.0))
BAR_MM = 2.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured on one CT: distances in mm from the true middle, and vertebrae named right, of how many."""

    name: str
    off_mm: FloatArray
    right: int
    named: int
    levels_from: str
    seconds: float

    @property
    def within(self) -> bool:
        """Whether nearly all of the canal lies within the bar."""
        return len(self.off_mm) > 0 and float(np.percentile(self.off_mm, 95)) <= BAR_MM


def main() -> None:
    wanted = _arguments()
    simulated = []
    for number, seed in zip(range(wanted.count), _seeds(wanted.split), strict=False):
        row = _simulated(number, seed, wanted.scratch)
        if row is not None:
            print(_line(row), flush=True)
            simulated.append(row)
    real = [_real(name, marks) for name, marks in json.loads(MARKS.read_text()).items() if name != "about"]
    for row in real:
        print(_line(row), flush=True)
    text = _table(simulated, real, f"--split {wanted.split} --count {wanted.count}", wanted.split)
    print(f"\n{text}")
    if wanted.write:
        put_table(DOCUMENT, text, name="anatomy")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--count", type=int, default=36, help="simulated patients (default 36)")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "anatomy-cohort")
    parser.add_argument("--write", action="store_true", help="put the table into docs/ct.md")
    return parser.parse_args()


def _seeds(split: str) -> Iterator[int]:
    seed = FIRST_SEED[split]
    while True:
        if split_of(seed) == split:
            yield seed
        seed += 1


def _simulated(number: int, seed: int, scratch: Path) -> Row | None:
    """One simulated patient; None where the patient has no room for the device."""
    kept = scratch / f"{seed}-{number}-{PICTURES}.pickle"
    if not kept.exists():
        phantom = _made(number, seed)
        scratch.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(None if phantom is None else (phantom.image, phantom.anatomy)))
    made = pickle.loads(kept.read_bytes())
    if made is None:
        return None
    image, true = made
    began = process_time()
    found = find_anatomy(image, Limits().anatomy)
    seconds = process_time() - began
    low, high = (float(end) for end in np.sort(image.placed.corners()[:, 2])[[0, -1]])
    inside = (true.canal[:, 2] > low) & (true.canal[:, 2] < high)
    levels = {one.name: np.array(one.point) for one in true.levels if low < one.point[2] < high}
    right = sum(_name_at(found, float(at[2])) == name for name, at in levels.items())
    return Row(
        name=f"{seed} {STUDIES[number % 3]} {'rib' if number % 2 else 'sacrum'} {SLICES_MM[number % 3]:g} mm",
        off_mm=_off_mm(found, true.canal[inside]),
        right=right,
        named=len(levels),
        levels_from=found.levels_from,
        seconds=seconds,
    )


def _made(number: int, seed: int) -> Phantom | None:
    slice_mm = SLICES_MM[number % len(SLICES_MM)]
    recipe = random_recipe(
        seed,
        fault="healthy",
        background="synthetic",
        study=STUDIES[number % len(STUDIES)],
        physics=False,
        sacrum=True,
        cover=COVERS[number % 2],
        shape=(round(TALL_MM / slice_mm), *FIELD),
        spacing_mm=(slice_mm, PIXEL_MM, PIXEL_MM),
        slice_thickness_mm=slice_mm,
    )
    try:
        return make_ct(recipe)
    except CatheterviewError:
        return None


def _off_mm(found: Anatomy, true: FloatArray) -> FloatArray:
    """Distance within the axial plane at every true height; where no canal was found it counts as 20 mm."""
    if not len(found.canal):
        return np.full(len(true), 20.0)
    z = true[:, 2]
    there = np.column_stack([np.interp(z, found.canal[:, 2], found.canal[:, n]) for n in (0, 1)])
    off = np.linalg.norm(there - true[:, :2], axis=1)
    beyond = (z < found.canal[0, 2] - 10.0) | (z > found.canal[-1, 2] + 10.0)
    return np.where(beyond, 20.0, off)


def _name_at(found: Anatomy, z: float) -> str:
    """The name of the level nearest to a height."""
    return min(found.levels, key=lambda one: abs(one.point[2] - z)).name if found.levels else ""


def _real(name: str, marks: dict[str, list[list[float]]]) -> Row:
    """One real CT against its marks."""
    image = _volume(REAL / name)
    began = process_time()
    found = find_anatomy(image, Limits().anatomy)
    seconds = process_time() - began
    canal = np.array(marks["canal"])[:, [1, 2, 0]]
    wanted = [(at, vertebra) for vertebra, ends in marks.get("bodies", {}).items() for at in _inner(ends)]  # type: ignore[attr-defined]
    wanted += [(z, f"V{n}") for n, z in enumerate(marks.get("rib_necks", ()), 1)]  # type: ignore[misc]
    per: dict[str, bool] = {}
    for at, vertebra in wanted:
        per[vertebra] = per.get(vertebra, True) and _name_at(found, float(at)) == vertebra  # type: ignore[arg-type]
    return Row(
        name=name,
        off_mm=_off_mm(found, canal),
        right=sum(per.values()),
        named=len(per),
        levels_from=found.levels_from,
        seconds=seconds,
    )


def _inner(ends: list[float]) -> list[float]:
    """Heights in the inner half of a vertebral body."""
    return np.linspace(ends[0], ends[1], 9)[2:-2].tolist()  # type: ignore[no-any-return]


def _volume(archive: Path) -> Image:
    inventory = scan([archive], limits=Limits().read, key=b"bench")
    return load(max((one for one in inventory.series if one.role == "volume"), key=lambda one: len(one.instances)))


def _line(row: Row) -> str:
    mean, most = float(row.off_mm.mean()), float(row.off_mm.max())
    canal = f"canal {mean:.2f} mm, worst {most:.1f} mm, {'ok ' if row.within else 'OFF'}"
    return f"{row.name:42} {canal}  levels {row.right}/{row.named} from {row.levels_from}  {row.seconds:.2f} s"


def _share(right: int, of: int) -> str:
    low, high = wilson(right, of) or (float("nan"), float("nan"))
    return f"{right}/{of} | {right / max(of, 1):.2f} ({low:.2f} to {high:.2f})"


def _table(simulated: list[Row], real: list[Row], command: str, split: str) -> str:
    """The bars, simulated and real."""
    off = np.concatenate([row.off_mm for row in simulated])
    within, all_right = sum(row.within for row in simulated), sum(row.right == row.named for row in simulated)
    right, named = (sum(values) for values in zip(*((row.right, row.named) for row in simulated), strict=True))
    patients = f"{len(simulated)} simulated patients ({split} split: CAP-CT, plain and lumbar-puncture CT in turn"
    interval = f"95 % Wilson intervals.** `python benchmarks/anatomy_accuracy.py {command}`"
    lines = [
        f"**{patients}; half begin above the sacrum), and two real CTs marked by hand; {interval}",
        "",
        "| what | n | figure (95 % interval) | bar |",
        "|---|--:|---|---|",
        f"| canal: patients in whom 95 % of it lies within 2 mm | {_share(within, len(simulated))} | |",
        f"| canal: its points within 2 mm | {_share(int((off <= BAR_MM).sum()), len(off))} | 2 mm |",
        f"| canal: mean error of all points | {len(off)} | {off.mean():.2f} mm | 2 mm |",
        f"| levels: vertebrae named right | {_share(right, named)} | ≥ 0.95 |",
        f"| levels: patients with all of them right | {_share(all_right, len(simulated))} | |",
    ]
    for row in real:
        how = "told apart, named as relative" if row.levels_from == "relative" else "named right"
        lines.append(
            f"| {row.name}: canal at marks | {len(row.off_mm)} | mean {row.off_mm.mean():.1f} mm, worst "
            f"{row.off_mm.max():.1f} mm | 2 mm |"
        )
        lines.append(f"| {row.name}: vertebrae {how} | {_share(row.right, row.named)} | ≥ 0.95 |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
