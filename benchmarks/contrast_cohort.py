"""The simulated CTs that the reading of contrast is measured on: which there are, and how one is made and kept.

Faulty and healthy cases take turns, the faults go round, and half of the pairs lie in a real CT. Dials are drawn over
their whole range. To spare time the grid is coarser than a clinical one (1.5 mm slices, 1.1 mm pixels; the real CT is
brought to it, too), and only every fifth pair has its pump's metal projected: in the others it blooms without streaks.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from cohort import real_patient, source_digest, with_room
from scipy import ndimage

from catheterview.anatomy import find_anatomy
from catheterview.geometry import Grid
from catheterview.limits import Limits
from catheterview.model import Anatomy, Evidence, Image, Rung
from catheterview.phantom import PICTURES, CtRecipe, Phantom, random_recipe, split_of
from catheterview.phantom.dials import DYE_FAULTS
from catheterview.phantom.draw import random_traps
from catheterview.phantom.recipe import identity_record
from catheterview.phantom.serial import prior_recipe
from catheterview.phantom.truth import truth_record

#: Where the seeds of a split begin; far from those of the other benches. Test seeds from 900,000, 1,200,000,
#: 1,500,000 and 1,700,000 on were read in earlier states, and count as seen.
FIRST_SEED = {"train": 300_000, "test": 2_600_000}
FAULTS = (
    "extravasation", "pocket_pooling", "tip_loculation", "retrograde_tracking", "inadequate_pooling", "connector_leak",
    "flow_obstruction", "filling_defect", "subdural_pattern", "seroma", "epidural_pattern", "ectasia",
    "tip_malposition", "migration", "pump_rotation", "pump_flip", "pump_migration",
)  # fmt: skip
#: Faults that only an earlier CT of the same patient shows; it is made, too, in another posture and breath.
#: Their healthy controls have one as well.
SINCE = ("migration", "pump_rotation", "pump_flip", "pump_migration")
#: The coarsest grid on which a catheter of 1.3 mm still shows as a line.
_STEP_MM = (1.5, 1.1, 1.1)
_SMALL: dict[str, object] = {"shape": (150, 290, 305), "spacing_mm": _STEP_MM, "slice_thickness_mm": _STEP_MM[0]}
_SPARES = 6
_METAL_EVERY = 5
_TALL_MM = 225.0
#: What a healthy control is: mostly CAP-CT; then a lumbar puncture, and plain scans with contrast elsewhere.
_CONTROLS = ("cap_ct", "cap_ct", "non_contrast", "cap_ct", "lp_ct")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case before it is made; `spare_seeds` stand in where the patient has no room for the device.

    `since` says that there is an earlier CT: of each fault that only one shows, and of its healthy control.
    """

    name: str
    recipe: CtRecipe
    spare_seeds: tuple[int, ...]
    since: bool = False


@dataclass(frozen=True, kw_only=True)
class Made:
    """A simulated CT, what its reader is told of it (`given`), its truth as in truth.json, and an earlier CT."""

    given: Evidence
    truth: dict[str, Any]
    earlier: Evidence | None = None


def cases(split: str, count: int) -> Iterator[Case]:
    """The first `count` cases of a split: a shorter cohort is the beginning of a longer one."""
    seeds = _seeds(split)
    for number in range(count):
        seed, spare = next(seeds), tuple(next(seeds) for _ in range(_SPARES))
        yield _case(number, seed, spare)


def _seeds(split: str) -> Iterator[int]:
    seed = FIRST_SEED[split]
    while True:
        if split_of(seed) == split:
            yield seed
        seed += 1


def _case(number: int, seed: int, spare: tuple[int, ...]) -> Case:
    """Every second case healthy; background and metal change with the pair, so that each fault meets each."""
    pair, healthy = divmod(number, 2)
    rounds = 0 if len(FAULTS) % 2 else pair // len(FAULTS)  # an odd number of faults takes turns by itself
    background = "given" if (pair + rounds) % 2 else "synthetic"
    paired = FAULTS[pair % len(FAULTS)]
    fault = "healthy" if healthy else paired
    fixed: dict[str, object] = {"physics": pair % _METAL_EVERY == 0, **_SMALL}
    if healthy:
        fixed |= _control(pair, seed)
        if paired in DYE_FAULTS:  # as far below the scan's end as the tip of the fault that it stands against
            fixed["intrathecal_mm"] = random_recipe(seed, fault=paired, background=background).intrathecal_mm  # type: ignore[arg-type]
    recipe = random_recipe(seed, fault=fault, background=background, **fixed)  # type: ignore[arg-type]
    metal = "metal" if recipe.physics else "bloom"
    name = f"{number:03d}-{fault}-{recipe.study}-{background}-{metal}"
    return Case(name=name, recipe=recipe, spare_seeds=spare, since=paired in SINCE)


def _control(pair: int, seed: int) -> dict[str, object]:
    """What a healthy control has: its study, and what only looks wrong; all other contrast in a plain scan."""
    study = _CONTROLS[pair % len(_CONTROLS)]
    if study == "non_contrast":
        return {"study": study, "renal_iodine": True, "bright_vessels": True, "bowel": "contrast"}
    traps = random_traps(seed) if pair % 2 else {}
    return {"study": study, **traps}


def made(case: Case, scratch: Path, real: Path) -> Made:
    """A case, made when it is not there for this phantom."""
    dials = json.dumps(identity_record(case.recipe), sort_keys=True)
    spine = source_digest(("anatomy",)) if case.recipe.background == "given" else ""
    twice = "since" if case.since and case.recipe.fault == "healthy" else ""
    digest = hashlib.sha256(f"{PICTURES} {spine} {dials}{twice}".encode()).hexdigest()[:12]
    kept = scratch / f"{case.name}-{digest}.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())  # type: ignore[no-any-return]
    for stale in scratch.glob(f"{case.name}-*.pickle"):
        stale.unlink()
    made_now = _make(case, real)
    scratch.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(pickle.dumps(made_now))
    part.rename(kept)
    return made_now


def _make(case: Case, real: Path) -> Made:
    """Simulate a case, with what its reader is told."""
    phantom = with_room(case.name, case.recipe, case.spare_seeds, partial(small_patient, real))
    earlier = None
    if case.since:
        earlier = with_room(case.name, prior_recipe(phantom.recipe), (), partial(small_patient, real))
    return Made(
        given=_told(phantom),
        truth={**truth_record(phantom), "implanted_mm": phantom.implanted_tip_mm},
        earlier=None if earlier is None else _told(earlier),
    )


def _told(phantom: Phantom) -> Evidence:
    """What the reader is told of a CT."""
    return Evidence(
        image=phantom.image,
        rung={"non_contrast": Rung.CT, "cap_ct": Rung.CAP_CT, "lp_ct": Rung.LP_CT}[phantom.recipe.study],
        pumps=phantom.pumps,
        anatomy=phantom.anatomy,
        catheters=phantom.catheters,
    )


@cache
def small_patient(archive: Path) -> tuple[Image, Anatomy]:
    """The real CT on the grid of the synthetic ones, as tall as they are, and its anatomy."""
    image, _ = real_patient(archive)
    old = image.placed
    step = np.array(_STEP_MM)
    scale = old.spacing_mm / step
    sigma = np.clip(0.45 * (1.0 / scale - 1.0), 0.0, None)
    smooth = ndimage.gaussian_filter(image.voxels.astype(np.float32), sigma)
    voxels = ndimage.zoom(smooth, scale, order=1, grid_mode=False)
    ratio = (np.array(old.shape) - 1.0) / (np.array(voxels.shape) - 1.0)
    first = max(0, (voxels.shape[0] - round(_TALL_MM / step[0])) // 2)
    voxels = voxels[first : first + round(_TALL_MM / step[0])]
    affine = old.affine @ np.diag([*ratio, 1.0])
    affine[:3, 3] += affine[:3, 0] * first
    small = replace(
        image,
        voxels=np.asarray(np.round(voxels), dtype=np.int16),
        grid=Grid(shape=voxels.shape, affine=affine),
        sop_instance_uids=tuple(f"{image.series_instance_uid}.{k}" for k in range(len(voxels))),
        slice_thickness_mm=float(step[0]),
    )
    return small, find_anatomy(small, Limits().anatomy)
