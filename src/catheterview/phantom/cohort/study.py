"""One simulated study: which modality, which fault, which seed; written with its truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from catheterview.errors import InputError
from catheterview.model import Anatomy, Image, Segment
from catheterview.phantom.cine import CINE_FAULTS
from catheterview.phantom.cohort.asked import PRIOR_DATE, Study, writing_of
from catheterview.phantom.cohort.projections import FILM_FAULTS, write_dye_study, write_radiographs
from catheterview.phantom.cohort.tracer import TRACER_FAULTS, write_planar_views, write_spect_ct
from catheterview.phantom.dials import CAP_FAULTS, DYE_FAULTS, FAULTS, LEAK_FAULTS
from catheterview.phantom.dials import Study as Contrast
from catheterview.phantom.dicom import make_and_write
from catheterview.phantom.draw import random_recipe, random_traps
from catheterview.phantom.make import Phantom
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.serial import prior_recipe

#: The coarsest grid on which a catheter of 1.3 mm still shows as a line.
SMALL: dict[str, object] = {"shape": (150, 290, 305), "spacing_mm": (1.5, 1.1, 1.1), "slice_thickness_mm": 1.5}
#: Coarser still: pools of contrast show, the catheter hardly does. For samples and tests.
TINY: dict[str, object] = {
    "shape": (86, 176, 236),
    "spacing_mm": (2.5, 1.4, 1.35),
    "slice_thickness_mm": 2.5,
    "noise_hu": 5.0,
    "loops": 0,
    "physics": False,
    "table": False,
}
SIZES: dict[str, dict[str, object]] = {"full": {}, "small": SMALL, "tiny": TINY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Modality:
    """A kind of study that can be simulated.

    Parameters
    ----------
    name : str
    faults : tuple of str
        That it can show.
    write : callable
        Simulates a `Study` and writes it into a folder.
    """

    name: str
    faults: tuple[str, ...]
    write: Callable[[Study, Path], None]


def write_study(study: Study, folder: Path) -> None:
    """Simulate one study and write ``folder/dicom`` and ``folder/truth.json``.

    Parameters
    ----------
    study : Study
    folder : Path

    Raises
    ------
    InputError
        For a modality, fault, size or dial that is not known, and for a folder in use.
    UnsuitableError
        When the patient of this seed has no room for the device.
    """
    modality = _modality(study.modality)
    if study.fault not in modality.faults:
        raise InputError(f"{study.modality} cannot show {study.fault!r}; it shows: {', '.join(modality.faults)}")
    if study.size not in SIZES:
        raise InputError(f"no size {study.size!r}; known: {', '.join(SIZES)}")
    if study.views and study.modality not in WITH_VIEWS:
        raise InputError(f"{study.modality} has no views to choose; these have: {', '.join(WITH_VIEWS)}")
    if study.prior and study.modality not in WITH_PRIOR:
        raise InputError(f"{study.modality} has no earlier study; these have: {', '.join(WITH_PRIOR)}")
    if study.writing and study.modality not in _CONTRAST:
        raise InputError(f"{study.modality} is written in one way; these have more: {', '.join(_CONTRAST)}")
    modality.write(study, folder)


def _modality(name: str) -> Modality:
    for modality in MODALITIES:
        if modality.name == name:
            return modality
    raise InputError(f"no modality {name!r}; known: {', '.join(one.name for one in MODALITIES)}")


#: Modalities that see the patient from a side that can be chosen.
WITH_VIEWS = ("RADIOGRAPH", "FLUOROSCOPY")
#: Modalities that come with an earlier study of the same patient where wanted.
WITH_PRIOR = ("RADIOGRAPH", "CT", "CAP-CT", "LP-CT")
_CONTRAST: dict[str, Contrast] = {"CT": "non_contrast", "CAP-CT": "cap_ct", "LP-CT": "lp_ct"}


def recipe_of(study: Study) -> CtRecipe:
    """The recipe of a CT study: drawn by the seed, then what the study fixes.

    Raises
    ------
    InputError
        For a dial that no CT has, or a value that is none for it.
    """
    traps = random_traps(study.seed) if study.traps else {}
    given = {name: _dial(name, value) for name, value in study.dials.items()}
    fixed = {**SIZES[study.size], **traps, "study": _CONTRAST[study.modality], **given}
    return random_recipe(study.seed, fault=study.fault, **fixed)  # type: ignore[arg-type]


def _dial(name: str, value: object) -> object:
    """A value of a file as a recipe has it: of the kind of the dial's default."""
    known = {one.name: one.default for one in fields(CtRecipe) if one.name not in ("seed", "fault", "study")}
    if name not in known:
        raise InputError(f"no dial of a CT is called {name}")
    default = known[name]
    if name == "place" and value in set(Segment):
        return Segment(str(value))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, float) and number:
        return float(value)  # type: ignore[arg-type]
    if isinstance(default, tuple) and isinstance(value, list | tuple) and _numbers(value, len(default)):
        return tuple(type(one)(item) for one, item in zip(default, value, strict=True))
    if type(value) is not type(default):
        raise InputError(f"the dial {name} cannot be {value!r}")
    return value


def _numbers(values: Sequence[object], count: int) -> bool:
    """Whether a list holds so many numbers."""
    return len(values) == count and all(isinstance(value, int | float) for value in values)


def _write_ct(study: Study, folder: Path) -> None:
    write_pair(study, recipe_of(study), folder)


def write_pair(
    study: Study, recipe: CtRecipe, folder: Path, *, into: Image | None = None, anatomy: Anatomy | None = None
) -> Phantom:
    """Simulate a CT, and where the study wants one an earlier one of the patient in ``folder/prior``; see `make_ct`."""
    how = writing_of(study)
    phantom = make_and_write(recipe, folder, into=into, anatomy=anatomy, how=how)
    if study.prior:
        earlier = replace(how, date=PRIOR_DATE)
        make_and_write(prior_recipe(recipe), folder / "prior", into=into, anatomy=anatomy, how=earlier)
    return phantom


_PLAIN = tuple(fault for fault in FAULTS if fault not in DYE_FAULTS and fault != "retrograde_tracking")
_LUMBAR = tuple(fault for fault in FAULTS if fault not in (*CAP_FAULTS, *LEAK_FAULTS))

MODALITIES: tuple[Modality, ...] = (
    Modality(name="RADIOGRAPH", faults=FILM_FAULTS, write=write_radiographs),
    Modality(name="FLUOROSCOPY", faults=CINE_FAULTS, write=write_dye_study),
    Modality(name="CT", faults=_PLAIN, write=_write_ct),
    Modality(name="CAP-CT", faults=FAULTS, write=_write_ct),
    Modality(name="LP-CT", faults=_LUMBAR, write=_write_ct),
    Modality(name="SPECT-CT", faults=TRACER_FAULTS, write=write_spect_ct),
    Modality(name="PLANAR", faults=TRACER_FAULTS, write=write_planar_views),
)
