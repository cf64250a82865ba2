"""Which cases a cohort has: counts, prevalence and faults from a recipe file, seeds from one split only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import islice
from pathlib import Path

import numpy as np
import yaml

from catheterview.errors import InputError
from catheterview.phantom.cohort.asked import Study
from catheterview.phantom.cohort.projections import ROTOR_TURNS
from catheterview.phantom.cohort.study import recipe_of
from catheterview.phantom.recipe import PICTURES, split_of

SCHEMA = "catheterview/cohort/1"
_SPARES = 3  # seeds that stand in when a patient has no room for the device
_CONTROLS = ("matched", "own")


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPlan:
    """The recipe of a cohort.

    Parameters
    ----------
    count : int
        Cases in all.
    prevalence : float
        Share of them that have a fault.
    faults : mapping of str to float
        How often each fault is drawn among the faulty, relative to the others.
    modality, size, traps, dials, views, prior, writing : as in `Study`
    seed : int
        Seeds are taken from here upwards.
    split : str
        ``train``, ``calibration``, ``test``: only seeds of it are taken; ``any`` takes all.
    controls : str
        ``matched``: a healthy case has the patient, device and scan of a faulty one. ``own``: patients of their own.
    """

    count: int
    prevalence: float = 0.5
    faults: Mapping[str, float] = field(default_factory=lambda: {"discontinuity": 1.0, "kink": 1.0})
    modality: str = "CT"
    size: str = "small"
    traps: bool = False
    seed: int = 0
    split: str = "train"
    controls: str = "matched"
    dials: Mapping[str, object] = field(default_factory=dict)
    views: tuple[str, ...] = ()
    prior: bool = False
    writing: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.count < 1 or not 0.0 <= self.prevalence <= 1.0:
            raise InputError("a cohort needs a count of at least 1 and a prevalence from 0 to 1")
        if self.split not in ("train", "calibration", "test", "any") or self.controls not in _CONTROLS:
            raise InputError(f"no split {self.split!r} or no controls {self.controls!r}")
        if self.prevalence > 0.0 and (not self.faults or min(self.faults.values()) < 0.0):
            raise InputError("a cohort with faulty cases needs faults with weights that are not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortCase:
    """One case before it is made.

    Parameters
    ----------
    name : str
        Of its folder.
    study : Study
    spare_seeds : tuple of int
        Taken in turn when the patient has no room for the device.
    is_control : bool
        It has the seed of a faulty case: all of its patient, but not the name and number.
    """

    name: str
    study: Study
    spare_seeds: tuple[int, ...]
    is_control: bool = False

    @property
    def digest(self) -> str:
        """Changes with the study and with what the phantom makes of it."""
        told = {one.name: getattr(self.study, one.name) for one in fields(self.study)} | {"spare": self.spare_seeds}
        told |= {"dials": dict(self.study.dials), "writing": dict(self.study.writing)}
        later = [name for name in ("views", "prior", "writing") if not told[name]]  # left out, older cases stay valid
        told = {name: value for name, value in told.items() if name not in later}
        text = json.dumps([PICTURES, told], sort_keys=True, default=list)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_plan(path: Path) -> CohortPlan:
    """Read a recipe file, YAML or JSON.

    Raises
    ------
    InputError
        Naming the file, when it cannot be read or holds what is no recipe.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        return plan_of(values)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read as a cohort recipe: {error}", where=str(path)) from error
    except InputError as error:
        raise InputError(error.reason, where=str(path)) from error


def plan_of(values: object) -> CohortPlan:
    """Build a plan from the values of a file.

    Raises
    ------
    InputError
        For another schema, a name that is not known, or a value of the wrong kind.
    """
    if not isinstance(values, Mapping) or values.get("schema") != SCHEMA:
        raise InputError(f"a cohort recipe is a mapping with schema: {SCHEMA}")
    given = {str(name): value for name, value in values.items() if name != "schema"}
    known = {one.name: one for one in fields(CohortPlan)}
    if unknown := sorted(set(given) - set(known)):
        raise InputError(f"a cohort recipe has no {', '.join(unknown)}; it has {', '.join(known)}")
    if "count" not in given:
        raise InputError("a cohort recipe needs a count")
    if isinstance(faults := given.get("faults"), list):
        given["faults"] = {str(name): 1.0 for name in faults}
    if isinstance(views := given.get("views"), list):
        given["views"] = tuple(str(view) for view in views)
    for name, kind in _KINDS.items():
        if name in given and (not isinstance(given[name], kind) or isinstance(given[name], bool) is not (kind is bool)):
            raise InputError(f"{name} of a cohort recipe cannot be {given[name]!r}")
    return CohortPlan(**given)


_KINDS: dict[str, type | tuple[type, ...]] = {
    "count": int,
    "prevalence": (int, float),
    "faults": Mapping,
    "modality": str,
    "size": str,
    "traps": bool,
    "seed": int,
    "split": str,
    "controls": str,
    "dials": Mapping,
    "views": tuple,
    "prior": bool,
    "writing": Mapping,
}


def cases_of(plan: CohortPlan) -> tuple[CohortCase, ...]:
    """All cases of a plan, in the order of their names; the same plan gives the same cases.

    Parameters
    ----------
    plan : CohortPlan
    """
    faulty = round(plan.count * plan.prevalence)
    kinds = _kinds(plan, faulty)
    seeds = _seeds(plan)
    studies, spares = [], []
    for kind in kinds:
        seed, *spare = islice(seeds, 1 + _SPARES)
        studies.append(_study(plan, kind, seed))
        spares.append(tuple(spare))
    for n in range(plan.count - faulty):
        if plan.controls == "matched" and n < faulty:
            # What contrast does is drawn with the fault; a control keeps all of it but the fault.
            studies.append(_control(studies[n]))
            spares.append(spares[n])
            continue
        seed, *spare = islice(seeds, 1 + _SPARES)
        studies.append(_study(plan, "healthy", seed))
        spares.append(tuple(spare))
    digits = len(str(plan.count - 1))
    return tuple(
        CohortCase(
            name=f"case-{n:0{digits}d}-{study.fault}",
            study=study,
            spare_seeds=spare,
            is_control=plan.controls == "matched" and faulty <= n < 2 * faulty,
        )
        for n, (study, spare) in enumerate(zip(studies, spares, strict=True))
    )


def _kinds(plan: CohortPlan, faulty: int) -> list[str]:
    """Draw the fault of each faulty case, as near to the weights as whole cases allow."""
    names = sorted(plan.faults)
    weights = np.array([plan.faults[name] for name in names], dtype=np.float64)
    if not faulty or weights.sum() <= 0.0:
        return []
    share = weights / weights.sum() * faulty
    counts = np.floor(share).astype(int)
    for n in np.argsort(counts - share, kind="stable")[: faulty - int(counts.sum())]:
        counts[n] += 1
    drawn = [name for name, count in zip(names, counts, strict=True) for _ in range(int(count))]
    order = np.random.default_rng([plan.seed, 15]).permutation(len(drawn))
    return [drawn[int(n)] for n in order]


def _seeds(plan: CohortPlan) -> Iterator[int]:
    seed = plan.seed
    while True:
        if plan.split in ("any", split_of(seed)):
            yield seed
        seed += 1


def _study(plan: CohortPlan, fault: str, seed: int) -> Study:
    return Study(
        modality=plan.modality,
        fault=fault,
        seed=seed,
        size=plan.size,
        traps=plan.traps,
        dials=dict(plan.dials),
        views=plan.views,
        prior=plan.prior,
        writing=dict(plan.writing),
    )


def _control(study: Study) -> Study:
    """The same patient without the fault."""
    return replace(study, fault="healthy", dials={**study.dials, **_as_faulty(study)})


def _as_faulty(study: Study) -> Mapping[str, object]:
    """Dials that the draw of a fault sets and a control must keep."""
    if study.fault == "rotor_not_turning":
        return ROTOR_TURNS
    if study.modality not in ("CT", "CAP-CT", "LP-CT"):
        return {}
    recipe = recipe_of(study)
    kept = ("intrathecal_mm", "injected_ml", "iodine_mg_per_ml", "mixing_ml")
    return {name: getattr(recipe, name) for name in kept}
