"""What a simulated CT is made from: every dial, the seed, and the split it belongs to."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import numpy as np

from catheterview.errors import InputError
from catheterview.model import Segment

Background: TypeAlias = Literal["synthetic", "given"]
Fault: TypeAlias = Literal["healthy", "discontinuity", "kink", "no_device"]
Split: TypeAlias = Literal["train", "calibration", "test"]

#: Where a fault can be put; a kink needs room to bend, so it is never put inside the canal.
GAP_PLACES = (
    Segment.CONNECTOR,
    Segment.SUBCUTANEOUS_TRACT,
    Segment.ANCHOR,
    Segment.PARASPINAL_TRACT,
    Segment.INTRATHECAL,
)
KINK_PLACES = (Segment.CONNECTOR, Segment.SUBCUTANEOUS_TRACT, Segment.ANCHOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class CtRecipe:
    """All dials of one simulated CT; two equal recipes give the same bytes.

    Parameters
    ----------
    seed : int
        Draws everything that is not a dial: the body's shape, textures, the route, noise.
    fault, place : what is wrong and where; `place` is not used when nothing is wrong.
    gap_mm, gap_offset_mm : float
        Length of catheter taken out, and how far the loose ends are pushed sideways.
    kink_turn_deg, kink_radius_mm : float
    wall_hu : float
        The wall material's HU above soft tissue (about 50 HU).
    outer_mm, inner_mm : float
        Diameters of the tube.
    pump_model : str
        A name of `catheterview.phantom.catalogue.PUMPS`.
    pump_side : 1 the patient's left, -1 right
    loops : int
        Strain-relief loops of radius `loop_radius_mm`, ``behind`` or ``beside`` the pump.
    tract_depth_mm : float
        Depth of the tract under the skin.
    intrathecal_mm : float
        Length inside the canal; shorter where the scan ends before.
    shape, spacing_mm : (slices, rows, columns); synthetic background only
    slice_thickness_mm, psf_mm : float
        Slice profile's width, and the in-plane point spread's full width at half maximum.
    noise_hu : float
        Standard deviation in water at the body's centre; synthetic background only, but also sets the dose of rays
        through metal.
    extended_hu : bool
        Whether the scale goes past 3071.
    anchor_sleeve, tip_marker : bool
        A sleeve of silicone round the tube at the anchor; a dense end, as the metal tips of some catheters.
    physics : bool
        Whether metal is projected and reconstructed; if not, it only blooms (fast).
    """

    seed: int
    background: Background = "synthetic"
    fault: Fault = "healthy"
    place: Segment = Segment.SUBCUTANEOUS_TRACT
    gap_mm: float = 8.0
    gap_offset_mm: float = 0.0
    kink_turn_deg: float = 100.0
    kink_radius_mm: float = 2.0
    wall_hu: float = 1000.0
    outer_mm: float = 1.3
    inner_mm: float = 0.53
    lumen_hu: float = 5.0
    pump_model: str = "8637-20"
    pump_side: int = 1
    loops: int = 1
    loop_radius_mm: float = 16.0
    loops_where: Literal["behind", "beside"] = "beside"
    tract_depth_mm: float = 12.0
    intrathecal_mm: float = 140.0
    shape: tuple[int, int, int] = (180, 320, 320)
    spacing_mm: tuple[float, float, float] = (1.25, 1.0, 1.0)
    slice_thickness_mm: float = 1.25
    psf_mm: float = 0.9
    noise_hu: float = 14.0
    kvp: float = 120.0
    extended_hu: bool = False
    physics: bool = True
    ribs: bool = True
    table: bool = True
    calcified_aorta: bool = False
    bowel: Literal["plain", "gas", "contrast"] = "gas"
    bright_vessels: bool = False
    ecg_cable: bool = False
    second_lead: bool = False
    anchor_sleeve: bool = False
    tip_marker: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.inner_mm < self.outer_mm:
            raise InputError(f"a tube needs 0 < inner < outer, got {self.inner_mm} and {self.outer_mm} mm")
        if min(self.shape) < 8 or min(self.spacing_mm) <= 0.0 or self.slice_thickness_mm <= 0.0:
            raise InputError(f"no CT has shape {self.shape} and spacing {self.spacing_mm} mm")
        places = {"discontinuity": GAP_PLACES, "kink": KINK_PLACES}.get(self.fault)
        if places is not None and self.place not in places:
            raise InputError(f"a {self.fault} cannot be put at {self.place}")

    @property
    def split(self) -> Split:
        """The split of this recipe's seed; see `split_of`."""
        return split_of(self.seed)


def split_of(seed: int) -> Split:
    """Say which split a seed belongs to for ever: half train, a fifth calibration, the rest test.

    Parameters
    ----------
    seed : int

    Returns
    -------
    str
        Anything drawn from a seed of ``test`` must never be tuned on.
    """
    place = int.from_bytes(hashlib.sha256(f"catheterview split {seed}".encode()).digest()[:4]) / 2**32
    return "train" if place < 0.5 else "calibration" if place < 0.7 else "test"


def random_recipe(
    seed: int, *, fault: Fault = "healthy", background: Background = "synthetic", **fixed: object
) -> CtRecipe:
    """Draw every dial from its range; the same seed gives the same recipe.

    Parameters
    ----------
    seed : int
    fault : str
    background : str
    **fixed
        Dials of `CtRecipe` to set instead of draw.

    Returns
    -------
    CtRecipe

    Raises
    ------
    TypeError
        For a name that is no dial.
    """
    rng = np.random.default_rng([seed, 11])
    drawn: dict[str, object] = {**_device_dials(rng), **_fault_dials(rng, fault), **_scan_dials(rng)}
    return CtRecipe(**{**drawn, "seed": seed, "fault": fault, "background": background, **fixed})  # type: ignore[arg-type]


def small_recipe(seed: int, *, fault: Fault = "healthy", **fixed: object) -> CtRecipe:
    """The smallest scene that holds a whole system, without projections: for unit tests.

    Parameters
    ----------
    seed : int
    fault : str
    **fixed
        Dials of `CtRecipe` to set.
    """
    small: dict[str, object] = {
        "shape": (86, 232, 244),
        "spacing_mm": (2.5, 1.35, 1.35),
        "slice_thickness_mm": 1.5,
        "psf_mm": 1.2,
        "physics": False,
        "loops": 0,
        "seed": seed,
        "fault": fault,
    }
    return CtRecipe(**{**small, **fixed})  # type: ignore[arg-type]


def _device_dials(rng: np.random.Generator) -> dict[str, object]:
    """Draw the pump, the tube and its course."""
    return {
        "wall_hu": float(np.round(np.exp(rng.uniform(np.log(250.0), np.log(2500.0))))),
        "outer_mm": float(rng.choice([1.2, 1.3, 1.4])),
        "inner_mm": float(rng.choice([0.5, 0.53, 0.55])),
        "lumen_hu": float(rng.choice([0.0, 10.0, 20.0])),
        "pump_model": str(rng.choice(["8637-20", "8637-40"])),
        "pump_side": int(rng.choice([-1, 1])),
        "loops": int(rng.choice([0, 1, 2], p=[0.25, 0.5, 0.25])),
        "loop_radius_mm": float(np.round(rng.uniform(12.0, 24.0), 1)),
        "loops_where": str(rng.choice(["behind", "beside"])),
        "tract_depth_mm": float(np.round(rng.uniform(7.0, 18.0), 1)),
        "intrathecal_mm": float(np.round(rng.uniform(80.0, 250.0))),
    }


def _fault_dials(rng: np.random.Generator, fault: Fault) -> dict[str, object]:
    """Draw how bad the fault is and where."""
    gap = float(np.round(np.exp(rng.uniform(np.log(3.0), np.log(25.0))), 1))
    offset = float(np.round(rng.choice([0.0, rng.uniform(1.0, 8.0)]), 1))
    turn, radius = float(np.round(rng.uniform(70.0, 140.0))), float(np.round(rng.uniform(1.0, 3.5), 1))
    places = KINK_PLACES if fault == "kink" else GAP_PLACES
    return {
        "place": places[int(rng.integers(len(places)))],
        "gap_mm": gap,
        "gap_offset_mm": offset,
        "kink_turn_deg": turn,
        "kink_radius_mm": radius,
    }


def _scan_dials(rng: np.random.Generator) -> dict[str, object]:
    """Draw the scan and what else lies in the field."""
    thickness = float(rng.choice([1.0, 1.25, 1.5, 2.0]))
    pixel = float(rng.choice([0.95, 1.0, 1.05]))
    return {
        "shape": (round(225.0 / thickness), 336, 352),
        "spacing_mm": (thickness, pixel, pixel),
        "slice_thickness_mm": thickness,
        "psf_mm": float(np.round(rng.uniform(0.7, 1.2), 2)),
        "noise_hu": float(np.round(rng.uniform(8.0, 24.0), 1)),
        "kvp": float(rng.choice([100.0, 120.0, 140.0])),
        "extended_hu": bool(rng.random() < 0.2),
        "calcified_aorta": bool(rng.random() < 0.4),
        "bowel": str(rng.choice(["plain", "gas", "contrast"])),
        "bright_vessels": bool(rng.random() < 0.3),
        "ecg_cable": bool(rng.random() < 0.4),
        "second_lead": bool(rng.random() < 0.2),
        "anchor_sleeve": bool(rng.random() < 0.5),
        "tip_marker": bool(rng.random() < 0.3),
    }


def recipe_record(recipe: CtRecipe) -> dict[str, object]:
    """All dials and the split as plain values, for `truth.json`."""
    return {**asdict(recipe), "split": recipe.split}
