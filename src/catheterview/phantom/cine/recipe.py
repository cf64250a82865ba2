"""What a simulated dye study under fluoroscopy is made from: patient, detector, injection, breathing, fault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from catheterview.errors import InputError
from catheterview.model import Segment
from catheterview.phantom.film.recipe import FilmRecipe, FilmView, film_patient
from catheterview.phantom.later import told
from catheterview.phantom.recipe import recipe_record

CineFault: TypeAlias = Literal[
    "healthy",
    "extravasation",
    "connector_leak",
    "pocket_pooling",
    "discontinuity",
    "flow_obstruction",
    "tip_loculation",
    "epidural_pattern",
    "ectasia",
    "spilt",
    "into_pocket",
    "no_contrast",
    "no_device",
]
CINE_FAULTS: tuple[CineFault, ...] = get_args(CineFault)
#: Those that are no fault of the device: contrast beside the needle, beside the port, or none.
MISHAPS: tuple[CineFault, ...] = ("spilt", "into_pocket", "no_contrast")

_GAPS = (Segment.CONNECTOR, Segment.SUBCUTANEOUS_TRACT, Segment.ANCHOR, Segment.PARASPINAL_TRACT)
_LEAKS = (Segment.SUBCUTANEOUS_TRACT, Segment.ANCHOR, Segment.FASCIAL_ENTRY, Segment.PARASPINAL_TRACT)
_TALLEST_MM = 110.0  # of catheter in the canal: a tip that is higher would be off a fluoroscope's field
_MOST_FRAMES = 64
_FIELD_MM = 375.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CineRecipe:
    """All dials of one run; two equal recipes give the same bytes.

    Parameters
    ----------
    film : FilmRecipe
        Patient, tube and detector; its first view is the run's. Photons are those of one frame.
    fault : str
    frames : int
    frame_s : float
    before_s : float
        Of the run before the injection.
    rate_ml_per_s : float
        By hand through the access port, until the end of the run.
    mg_per_ml : float
        Iodine.
    place : Segment
        Where a leak or a block lies.
    place_share : float
        Where within it, 0 to 1.
    leak_share : float
        Of what comes past a hole, that leaves through it.
    leak_ml : float
        Of tissue or pocket over which it spreads; of the pool of a loculated tip.
    sac_start_mm, sac_mm_per_s : float
        Spread (standard deviation) along the sac at arrival, and how fast it grows. No source; dials.
    wide_ratio, wide_mm : float
        Lumen of an ectatic stretch over the nominal, and its length.
    spill_ml : float
        Contrast spilt over the port.
    breath_mm, breath_s : float
        How far the belly wall with pump and tract goes with a breath, and its period.
    shift_mm : (down, right)
        How far the patient moves in the course of the run.
    """

    film: FilmRecipe
    fault: CineFault = "healthy"
    frames: int = 64
    frame_s: float = 0.25
    before_s: float = 2.0
    rate_ml_per_s: float = 0.04
    mg_per_ml: float = 240.0
    place: Segment = Segment.SUBCUTANEOUS_TRACT
    place_share: float = 0.5
    leak_share: float = 0.4
    leak_ml: float = 1.0
    sac_start_mm: float = 12.0
    sac_mm_per_s: float = 3.0
    wide_ratio: float = 1.8
    wide_mm: float = 40.0
    spill_ml: float = 0.4
    breath_mm: float = 0.0
    breath_s: float = 4.0
    shift_mm: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.frames < 1 or min(self.frame_s, self.rate_ml_per_s, self.mg_per_ml) <= 0.0:
            raise InputError("a run needs frames, a frame time, a rate and a concentration")

    @property
    def times_s(self) -> tuple[float, ...]:
        """When each frame is taken, from the first."""
        return tuple(n * self.frame_s for n in range(self.frames))


def random_cine_recipe(seed: int, *, fault: CineFault = "healthy", **fixed: object) -> CineRecipe:
    """Draw every dial from its range; the same seed gives the same recipe, and the same patient whatever the fault.

    Parameters
    ----------
    seed : int
    fault : str
    **fixed
        Dials of `CineRecipe` to set instead of draw.
    """
    rng = np.random.default_rng([seed, 111])
    drawn = _injection_dials(rng) | _motion_dials(rng)
    places = {"discontinuity": _GAPS, "extravasation": _LEAKS, "ectasia": _LEAKS[:1]}.get(fault, _LEAKS)
    own = np.random.default_rng([seed, 112])
    drawn |= {
        "place": places[int(own.integers(len(places)))],
        "place_share": float(np.round(own.uniform(0.1, 0.9), 3)),
        "leak_share": float(np.round(np.exp(own.uniform(np.log(0.12), np.log(0.85))), 3)),
        "leak_ml": float(np.round(own.uniform(0.4, 3.0), 2)),
        "wide_ratio": float(np.round(own.uniform(1.5, 2.4), 2)),
        "spill_ml": float(np.round(own.uniform(0.15, 0.8), 2)),
    }
    if fault == "flow_obstruction":
        drawn["place"] = (*_LEAKS, Segment.INTRATHECAL)[int(own.integers(len(_LEAKS) + 1))]
    drawn["film"] = _film(seed, fault, rng, drawn["place"])
    return CineRecipe(**{**drawn, "fault": fault, **fixed})  # type: ignore[arg-type]


def _injection_dials(rng: np.random.Generator) -> dict[str, object]:
    """Draw how contrast is given and filmed: the run goes on until a usual dead space was filled thrice."""
    rate = float(np.round(np.exp(rng.uniform(np.log(0.02), np.log(0.07))), 4))
    before = float(np.round(rng.uniform(1.2, 2.5), 2))
    length = before + rng.uniform(0.75, 1.1) / rate
    frame = next((one for one in (1.0 / 7.5, 0.25, 1.0 / 3.0) if length / one <= _MOST_FRAMES), 0.5)
    return {
        "rate_ml_per_s": rate,
        "before_s": before,
        "frame_s": round(frame, 5),
        "frames": min(round(length / frame), _MOST_FRAMES),
        "mg_per_ml": float(rng.choice([180.0, 240.0, 300.0])),
        "sac_start_mm": float(np.round(rng.uniform(7.0, 16.0), 1)),
        "sac_mm_per_s": float(np.round(rng.uniform(1.0, 4.0), 1)),
    }


def _motion_dials(rng: np.random.Generator) -> dict[str, object]:
    """Draw breathing, mostly held, and a small shift of the patient."""
    return {
        "breath_mm": float(np.round(rng.choice([0.0, 1.0, 2.5]) * rng.uniform(0.6, 1.4), 2)),
        "breath_s": float(np.round(rng.uniform(3.0, 5.5), 1)),
        "shift_mm": (float(np.round(rng.normal(0.0, 1.0), 2)), float(np.round(rng.normal(0.0, 1.0), 2))),
    }


def _film(seed: int, fault: CineFault, rng: np.random.Generator, place: object) -> FilmRecipe:
    """The patient in a fluoroscope's field."""
    course = {"discontinuity": "discontinuity", "no_device": "no_device"}.get(fault, "healthy")
    patient = film_patient(seed, fault=course)  # type: ignore[arg-type]
    patient = replace(patient, intrathecal_mm=min(patient.intrathecal_mm, _TALLEST_MM), gap_offset_mm=0.0)
    if fault == "discontinuity":
        patient = replace(patient, place=place)  # type: ignore[arg-type]
    view = FilmView(kind="AP", oblique_deg=float(np.round(rng.uniform(-8.0, 8.0), 1)))
    pitch = float(rng.choice([0.68, 0.74, 0.8]))
    return FilmRecipe(
        patient=patient,
        contrast=float(np.round(rng.uniform(0.05, 0.2), 3)),
        pitch_mm=pitch,
        rows=512,
        columns=512,
        behind_mm=(140.0, 180.0),
        scatter=float(np.round(rng.uniform(0.4, 1.2), 2)),
        photons_per_mm2=float(np.round(np.exp(rng.uniform(np.log(2500.0), np.log(12000.0))))),
        blur_mm=float(np.round(rng.uniform(0.45, 0.7), 2)),
        grain=float(np.round(rng.uniform(0.003, 0.012), 4)),
        shutters=bool(rng.random() < 0.5),
        marker="",
        electrodes=int(rng.choice([0, 0, 1])),
        letters=bool(rng.random() < 0.8),
        views=(view,),
    )


def cine_record(recipe: CineRecipe) -> dict[str, object]:
    """All dials and the split as plain values, for `truth.json`."""
    out = told(recipe)
    out["film"] = {**out["film"], "patient": recipe_record(recipe.film.patient)}
    return out
