"""What a simulated radiograph is made from: the patient's recipe, the views, and the dials of tube and detector."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from catheterview.errors import InputError
from catheterview.phantom.dials import Fault
from catheterview.phantom.draw import random_recipe
from catheterview.phantom.later import LATER, told
from catheterview.phantom.recipe import CtRecipe, split_of

FilmKind: TypeAlias = Literal["AP", "PA", "LATERAL"]
Written: TypeAlias = Literal["presentation", "log", "linear"]

_HEIGHT_MM = 380.0  # of the patient that a route is planned in: what a large film shows of a trunk
_INTRATHECAL_MM = 180.0  # a tip that is higher would be off the film


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmView:
    """One exposure.

    Parameters
    ----------
    kind : ``AP``, ``PA`` or ``LATERAL`` (from the right to the left)
    oblique_deg : float
        Turn of tube and detector about the patient's long axis.
    posture_deg, shift_mm : three floats
        How the patient lies, turned about and moved along the axes x, y and z.
    breath_mm : float
        How far the belly wall with the pump and the tract goes towards the feet.
    """

    kind: FilmKind = "AP"
    oblique_deg: float = 0.0
    posture_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    breath_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRecipe:
    """All dials of the radiographs of one patient; two equal recipes give the same bytes.

    Parameters
    ----------
    patient : CtRecipe
        Who lies there, the device and its fault; its scan is not used.
    contrast : float
        Share of the beam that the tube's wall holds back, along the ray through its middle: primary contrast.
    pitch_mm : float
        Of the detector.
    source_mm : float
        From the source to the detector.
    behind_mm : two floats
        From the patient's middle to the detector, for AP and lateral.
    scatter : float
        Scattered over primary radiation behind the grid.
    photons_per_mm2 : float
        That reach the detector behind the middle of the patient, times its efficiency.
    blur_mm : float
        Full width at half maximum of detector and focal spot together.
    grain : float
        Standard deviation of structure finer than the patient model has, in the logarithm.
    grid_lines : float
        Amplitude of the grid's own lines, in the logarithm.
    shutters : bool
    marker : str
        A lead letter in a corner; empty for none.
    clips, electrodes : int
        Surgical clips near the anchor; round electrodes with their cables on the skin.
    clear_mm : float
        Length of a radiolucent segment of the catheter, in the tract.
    flipped, pump_turn_deg, rotor_deg : the pump turned over; turned about its axis; its rotor turned
    letters : bool
        The maker's radiopaque code.
    unlike : float
        How much the parts inside the pump differ from the catalogue's arrangement (1: by 1.5 mm and 15 %).
    pull_mm : float
        How far the catheter has slid out of the canal.
    pump_move_mm : float
        How far the pump has gone round the belly towards the flank.
    rotor_asked_deg : float
        By how much a bolus should have turned the rotor since the earlier film; it has turned by `rotor_deg`.
    """

    patient: CtRecipe
    contrast: float = 0.16
    pitch_mm: float = 0.2
    rows: int = 2150
    columns: int = 2150
    source_mm: float = 1100.0
    behind_mm: tuple[float, float] = (165.0, 205.0)
    kvp: float = 80.0
    scatter: float = 1.0
    photons_per_mm2: float = 60000.0
    blur_mm: float = 0.25
    grain: float = 0.008
    grid_lines: float = 0.0
    shutters: bool = True
    marker: str = "L"
    clips: int = 0
    electrodes: int = 0
    clear_mm: float = 0.0
    flipped: bool = False
    pump_turn_deg: float = 0.0
    rotor_deg: float = 0.0
    letters: bool = True
    unlike: float = 1.0
    pull_mm: float = 0.0
    pump_move_mm: float = field(default=0.0, metadata=LATER)
    rotor_asked_deg: float = field(default=0.0, metadata=LATER)
    written: Written = "presentation"
    inverted: bool = False
    views: tuple[FilmView, ...] = field(default=(FilmView(kind="AP"), FilmView(kind="LATERAL")))

    def __post_init__(self) -> None:
        if not 0.0 < self.contrast < 0.9:
            raise InputError(f"a tube that holds back {self.contrast} of the beam is none")
        if min(self.rows, self.columns) < 32 or self.pitch_mm <= 0.0 or self.source_mm < 600.0:
            raise InputError("no radiograph has this size, pitch or distance")

    @property
    def wall_per_mm(self) -> float:
        """Linear attenuation of the wall above soft tissue."""
        return float(-np.log(1.0 - self.contrast) / (self.patient.outer_mm - self.patient.inner_mm))


def film_patient(seed: int, *, fault: Fault = "healthy", **fixed: object) -> CtRecipe:
    """Draw a patient tall enough for a large film; see `catheterview.phantom.random_recipe`."""
    spacing = 2.0
    shape = (round(_HEIGHT_MM / spacing), 100, 100)
    tall = {"shape": shape, "spacing_mm": (spacing, 3.0, 3.0), "physics": False, "table": False}
    drawn = random_recipe(seed, fault=fault, **{**tall, **fixed})  # type: ignore[arg-type]
    return replace(drawn, intrathecal_mm=min(drawn.intrathecal_mm, _INTRATHECAL_MM))


def random_film_recipe(seed: int, *, fault: Fault = "healthy", **fixed: object) -> FilmRecipe:
    """Draw every dial from its range; the same seed gives the same recipe.

    Parameters
    ----------
    seed : int
    fault : str
        Of the catheter.
    **fixed
        Dials of `FilmRecipe` to set instead of draw.
    """
    rng = np.random.default_rng([seed, 91])
    drawn: dict[str, object] = {
        "patient": film_patient(seed, fault=fault),
        "contrast": float(np.round(rng.uniform(0.06, 0.24), 3)),
        "pitch_mm": float(rng.choice([0.143, 0.16, 0.2])),
        "scatter": float(np.round(rng.uniform(0.5, 1.5), 2)),
        "kvp": float(rng.choice([75.0, 80.0, 85.0])),
        "photons_per_mm2": float(np.round(np.exp(rng.uniform(np.log(3.0e4), np.log(1.2e5))))),
        "blur_mm": float(np.round(rng.uniform(0.2, 0.35), 2)),
        "grain": float(np.round(rng.uniform(0.003, 0.012), 4)),
        "grid_lines": float(rng.choice([0.0, 0.0, 0.004])),
        "clips": int(rng.choice([0, 0, 3])),
        "electrodes": int(rng.choice([0, 0, 2])),
        "letters": bool(rng.random() < 0.8),
        "inverted": bool(rng.random() < 0.3),
        "written": str(rng.choice(["presentation", "presentation", "log", "linear"])),
    }
    angle = float(np.round(rng.uniform(-6.0, 6.0), 1))
    drawn["views"] = (FilmView(kind="AP", oblique_deg=angle), FilmView(kind="LATERAL", oblique_deg=angle))
    pitch = float(drawn["pitch_mm"])  # type: ignore[arg-type]
    drawn |= {"rows": round(430.0 / pitch), "columns": round(430.0 / pitch)}
    return FilmRecipe(**{**drawn, **fixed})  # type: ignore[arg-type]


def prior_of(recipe: FilmRecipe, seed: int) -> FilmRecipe:
    """The same patient on another day: healthy device, another posture and breath.

    Parameters
    ----------
    recipe : FilmRecipe
        Of the later films.
    seed : int
        Draws posture and breath.
    """
    rng = np.random.default_rng([seed, 92])
    views = tuple(
        replace(
            view,
            posture_deg=_drawn(rng, (2.0, 2.0, 2.0)),
            shift_mm=_drawn(rng, (8.0, 4.0, 10.0)),
            breath_mm=float(np.round(rng.uniform(-8.0, 8.0), 1)),
        )
        for view in recipe.views
    )
    patient = replace(recipe.patient, fault="healthy")
    before = replace(recipe, patient=patient, views=views, pump_move_mm=0.0, rotor_asked_deg=0.0)
    return replace(before, flipped=False, pump_turn_deg=0.0, pull_mm=0.0, rotor_deg=0.0)


def _drawn(rng: np.random.Generator, spread: tuple[float, float, float]) -> tuple[float, float, float]:
    """Draw three numbers about zero."""
    x, y, z = (float(v) for v in np.round(rng.normal(0.0, spread), 2))
    return x, y, z


def film_record(recipe: FilmRecipe) -> dict[str, object]:
    """All dials and the split as plain values, for `truth.json`."""
    return {**told(recipe), "split": split_of(recipe.patient.seed)}
