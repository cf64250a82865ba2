"""One simulated study: which modality, which fault, which seed; written with its truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from catheterview.errors import InputError
from catheterview.model import Segment
from catheterview.phantom.dials import CAP_FAULTS, DYE_FAULTS, FAULTS, LEAK_FAULTS
from catheterview.phantom.dials import Study as Contrast
from catheterview.phantom.dicom import make_and_write
from catheterview.phantom.draw import random_recipe, random_traps
from catheterview.phantom.film import make_films, random_film_recipe, write_films
from catheterview.phantom.nuclear import random_nuclear_recipe, small_nuclear_recipe, write_nuclear
from catheterview.phantom.nuclear.make import make_nuclear
from catheterview.phantom.recipe import CtRecipe

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

_TRACER = {
    "tracer_posterior_to_pump": "posterior",
    "tracer_confined_to_reservoir": "confined",
    "tracer_interruption": "interruption",
    "tracer_pooling": "pooling",
    "tracer_not_arrived": "not_arrived",
    "tracer_csf_block": "csf_block",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What to simulate; equal values give equal bytes.

    Parameters
    ----------
    modality : str
        A name of `MODALITIES`.
    fault : str
        One that the modality can show.
    seed : int
    size : str
        ``full``, ``small`` or ``tiny``.
    traps : bool
        Whether to draw what looks wrong and is not; CT only.
    dials : mapping
        Dials of the modality's recipe to set instead of draw.
    """

    modality: str = "CT"
    fault: str = "healthy"
    seed: int = 0
    size: str = "full"
    traps: bool = False
    dials: Mapping[str, object] = field(default_factory=dict)


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
    modality.write(study, folder)


def _modality(name: str) -> Modality:
    for modality in MODALITIES:
        if modality.name == name:
            return modality
    raise InputError(f"no modality {name!r}; known: {', '.join(one.name for one in MODALITIES)}")


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


def _tuples(dials: Mapping[str, object]) -> dict[str, object]:
    """Lists of a file as the tuples of a recipe."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in dials.items()}


def _write_ct(study: Study, folder: Path) -> None:
    make_and_write(recipe_of(study), folder)


def _write_spect(study: Study, folder: Path) -> None:
    fault = _TRACER.get(study.fault, study.fault)
    draw = small_nuclear_recipe if study.size != "full" else random_nuclear_recipe
    write_nuclear(make_nuclear(draw(study.seed, fault=fault, **_tuples(study.dials))), folder)  # type: ignore[arg-type]


#: Faults of a radiograph that are dials of the film's own recipe: what a second film, or a mirrored pump, shows.
_FILM_DIALS: dict[str, dict[str, object]] = {
    "pump_flip": {"flipped": True},
    "pump_rotation": {"pump_turn_deg": 100.0},
    "migration": {"pull_mm": 60.0},
}
_FILM_FAULTS = ("healthy", "discontinuity", "kink", "tip_malposition", *_FILM_DIALS)
_FILM_SIZES: dict[str, dict[str, object]] = {
    "full": {},
    "small": {"pitch_mm": 0.3, "rows": 1433, "columns": 1433},
    "tiny": {"pitch_mm": 0.5, "rows": 860, "columns": 860},
}


def _write_films(study: Study, folder: Path) -> None:
    fault = "healthy" if study.fault in _FILM_DIALS else study.fault
    fixed = {**_FILM_SIZES[study.size], **_FILM_DIALS.get(study.fault, {}), **_tuples(study.dials)}
    write_films(make_films(random_film_recipe(study.seed, fault=fault, **fixed)), folder)  # type: ignore[arg-type]


_PLAIN = tuple(fault for fault in FAULTS if fault not in DYE_FAULTS and fault != "retrograde_tracking")
_LUMBAR = tuple(fault for fault in FAULTS if fault not in (*CAP_FAULTS, *LEAK_FAULTS))

MODALITIES: tuple[Modality, ...] = (
    Modality(name="RADIOGRAPH", faults=_FILM_FAULTS, write=_write_films),
    Modality(name="CT", faults=_PLAIN, write=_write_ct),
    Modality(name="CAP-CT", faults=FAULTS, write=_write_ct),
    Modality(name="LP-CT", faults=_LUMBAR, write=_write_ct),
    Modality(name="SPECT-CT", faults=("healthy", *_TRACER), write=_write_spect),
)
