"""The simulated cohort that accuracy is measured on: which cases there are, and how one is made and kept.

Cases come in pairs: a fault, and its healthy control with the same patient, device, route, scan and noise. Half of the
pairs lie in a synthetic patient, half in a real CT. Train and test take their seeds from ranges that share none, and
of these only the ones that the phantom itself counts to that split.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from catheterview.anatomy import find_anatomy
from catheterview.errors import CatheterviewError
from catheterview.limits import Limits
from catheterview.model import Anatomy, Image
from catheterview.phantom import PICTURES, CtRecipe, Phantom, make_ct, random_recipe, split_of, write_phantom
from catheterview.phantom.recipe import identity_record
from catheterview.read import load, scan

#: Where the seeds of a split begin; fixed for ever, and no seed of one is ever reached by the other.
FIRST_SEED = {"train": 100_000, "test": 700_000}
WALL_HU = (250.0, 2000.0)
THIN_MM = (1.0, 1.25)
THICK_MM = (2.0, 3.0, 5.0)
FIELD_MM = 225.0
#: The real patients that devices are put into: the chest of the main table, and two more.
ARCHIVES = {"thorax": "ct-thorax-1mm.zip", "lumbar": "ct-lumbar-pelvis-5mm.zip", "port": "ct-chest-port-2p5mm.zip"}
SLICES = {"thorax": "1.0 mm", "lumbar": "5 mm every 4.25 mm", "port": "2.5 mm, lung kernel"}
SOURCE = Path(__file__).resolve().parents[1] / "src" / "catheterview"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One case of the cohort, before it is made.

    Parameters
    ----------
    name : str
        Says what it is; the folder's name.
    recipe : CtRecipe
    spare_seeds : tuple of int
        Taken in turn when the patient of the recipe has no room for the device.
    patient : str
        Which of `ARCHIVES` is the real patient, where there is one.
    """

    name: str
    recipe: CtRecipe
    spare_seeds: tuple[int, ...]
    patient: str = "thorax"

    @property
    def tags(self) -> dict[str, object]:
        """What the case is, for subgroups."""
        recipe = self.recipe
        return {
            "background": "real" if recipe.background == "given" else "synthetic",
            "wall contrast": _band(recipe.wall_hu, (250, 500, 1000, 2001), "HU"),
            "slice": SLICES[self.patient] if recipe.background == "given" else f"{recipe.spacing_mm[0]:g} mm",
            "case": recipe.fault,
            "place": "none" if recipe.fault == "healthy" else str(recipe.place),
            "gap": _band(recipe.gap_mm, (3, 6, 12, 26), "mm") if recipe.fault == "discontinuity" else "none",
        }

    def quick(self) -> Member:
        """The same case without the projection of metal: it only blooms."""
        return replace(self, name=f"{self.name}-quick", recipe=replace(self.recipe, physics=False))


def members(split: str, count: int, *, thick: bool) -> list[Member]:
    """The first `count` cases of a split, pairs kept together; thin slices, or the subgroup of thick ones.

    A shorter cohort is the beginning of a longer one, so that cases already made are used again.
    """
    seeds = _seeds(split, offset=50_000 if thick else 0)
    chosen: list[Member] = []
    for pair in range((count + 1) // 2):
        seed = next(seeds)
        spare = tuple(next(seeds) for _ in range(3))
        chosen += [_member(pair, seed, spare, faulty=faulty, thick=thick) for faulty in (True, False)]
    return chosen[:count]


def members_elsewhere(split: str, count: int) -> list[Member]:
    """The first `count` cases of a split in real patients other than the main table's, in thick slices and noise."""
    seeds = _seeds(split, offset=120_000)
    chosen: list[Member] = []
    for pair in range((count + 1) // 2):
        patient = ("lumbar", "port")[pair % 2]
        seed = next(seeds)
        spare = tuple(next(seeds) for _ in range(3))
        for faulty in (True, False):
            drawn = _member(2 * pair + 1, seed, spare, faulty=faulty, thick=False)
            chosen.append(replace(drawn, name=drawn.name.replace("main", patient), patient=patient))
    return chosen[:count]


def _seeds(split: str, *, offset: int) -> Iterator[int]:
    seed = FIRST_SEED[split] + offset
    while True:
        if split_of(seed) == split:
            yield seed
        seed += 1


def _member(pair: int, seed: int, spare: tuple[int, ...], *, faulty: bool, thick: bool) -> Member:
    """One case of a pair; the kinds, backgrounds, contrasts and slices go round so that each meets each."""
    kind = "kink" if (pair // 2) % 2 else "discontinuity"
    background = "given" if pair % 2 and not thick else "synthetic"
    # The golden ratio's multiples fill the range of contrast evenly, whatever the number of pairs.
    share = (0.5 + 0.6180339887 * pair) % 1.0
    wall = round(WALL_HU[0] * (WALL_HU[1] / WALL_HU[0]) ** share)
    slice_mm = (THICK_MM[pair % 3]) if thick else THIN_MM[(pair // 4) % 2]
    drawn = random_recipe(seed, fault=kind, background=background)  # draws the place from the kind's own
    recipe = replace(
        drawn,
        fault=kind if faulty else "healthy",
        wall_hu=float(wall),
        shape=(round(FIELD_MM / slice_mm), *drawn.shape[1:]),
        spacing_mm=(slice_mm, *drawn.spacing_mm[1:]),
        slice_thickness_mm=slice_mm if background == "synthetic" else 1.0,
    )
    name = f"{'thick' if thick else 'main'}-{pair:03d}-{background}-{kind if faulty else 'healthy'}"
    return Member(name=name, recipe=recipe, spare_seeds=spare)


def _band(value: float, edges: tuple[int, ...], unit: str) -> str:
    """Name the band that a number falls in."""
    for low, high in pairwise(edges):
        if low <= value < high:
            return f"{low} to {high - (high % 10 == 1)} {unit}"
    return f"outside {edges[0]} to {edges[-1]} {unit}"


def study_of(member: Member, scratch: Path, real: Path | None) -> Path:
    """Folder with the DICOM files and truth.json of a case; made when it is not there for this phantom code."""
    folder = scratch / f"{member.name}-{_digest(member)}"
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        # What an older phantom made under this name goes, or the scratch folder would fill up.
        for stale in (part, *scratch.glob(f"{member.name}-{'[0-9a-f]' * 12}")):
            shutil.rmtree(stale, ignore_errors=True)
        _make(member, part, real)
        part.rename(folder)
    return folder


def truth_of(member: Member, folder: Path) -> dict[str, Any]:
    """The truth of a case with its tags."""
    path = next(iter(sorted(folder.rglob("truth.json"))))
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {**truth, "tags": member.tags}


def _make(member: Member, folder: Path, real: Path | None) -> None:
    """Simulate a case and write it."""
    write_phantom(with_room(member.name, member.recipe, member.spare_seeds, partial(real_patient, real)), folder)


def with_room(
    name: str, recipe: CtRecipe, spare_seeds: tuple[int, ...], patient: Callable[[], tuple[Image, Anatomy]]
) -> Phantom:
    """Simulate, in the given patient where the recipe wants one; without room for the device the next seed is taken."""
    for seed in (recipe.seed, *spare_seeds):
        drawn = replace(recipe, seed=seed)
        try:
            if recipe.background == "given":
                image, anatomy = patient()
                return make_ct(drawn, into=image, anatomy=anatomy)
            return make_ct(drawn)
        except CatheterviewError as error:
            print(f"{name}: seed {seed} has no room: {error}", flush=True)
    raise SystemExit(f"{name}: no seed gives a patient with room for the device")


@cache
def real_patient(archive: Path | None) -> tuple[Image, Anatomy]:
    """The real CT and its anatomy; read once in each process."""
    if archive is None or not archive.exists():
        raise SystemExit("the real background ct-thorax-1mm.zip is not there: set CATHETERVIEW_REAL_DATA")
    inventory = scan([archive], key=b"bench")
    series = [one for one in inventory.series if one.role == "volume"]
    image = load(max(series, key=lambda one: len(one.files)))
    return image, find_anatomy(image, Limits().anatomy)


def _digest(member: Member) -> str:
    """Change with the recipe and with what the phantom makes of it (and the code that finds the real patient's spine).

    A test holds the phantom's pictures to their bytes, and `PICTURES` is raised with them: code that draws other
    things, or the same in another way, costs no case that was made.
    """
    spine = source_digest(("anatomy",)) if member.recipe.background == "given" else ""
    dials = json.dumps(identity_record(member.recipe), sort_keys=True)
    spine += "" if member.patient == "thorax" else member.patient
    return hashlib.sha256(f"{PICTURES} {spine} {dials}".encode()).hexdigest()[:12]


@cache
def source_digest(rooms: tuple[str, ...] = ()) -> str:
    """A hash over the source of some rooms, or of the whole package."""
    digest = hashlib.sha256()
    for folder in [SOURCE / room for room in rooms] or [SOURCE]:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
