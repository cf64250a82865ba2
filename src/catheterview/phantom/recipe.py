"""What a simulated CT is made from: every dial, the seed, and the split it belongs to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

import numpy as np

from catheterview.errors import InputError
from catheterview.model import Segment
from catheterview.phantom.dials import Fault, check_fault
from catheterview.phantom.later import LaterDials, told

Background: TypeAlias = Literal["synthetic", "given"]
Split: TypeAlias = Literal["train", "calibration", "test"]

#: Raised whenever an unchanged recipe gives another picture or truth than before; a test holds it to the bytes.
PICTURES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CtRecipe(LaterDials):
    """All dials of one simulated CT; two equal recipes give the same bytes. See also `LaterDials`.

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
        if not 0.0 <= self.cover[0] < self.cover[1] <= 1.0:
            raise InputError(f"no scan covers the part {self.cover} of its height")
        check_fault(self.fault, self.place, self.study)

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


def stream(recipe: CtRecipe, *what: int) -> np.random.Generator:
    """Random numbers of one purpose for one scan of a patient."""
    return np.random.default_rng([recipe.seed, *what, *((recipe.scan,) if recipe.scan else ())])


def recipe_record(recipe: CtRecipe) -> dict[str, object]:
    """All dials and the split as plain values, for `truth.json`; a later dial at its default is left out."""
    return {**told(recipe), "split": recipe.split}


def identity_record(recipe: CtRecipe) -> dict[str, object]:
    """The dials that tell a recipe from others: a dial that came later and is at its default is left out.

    What follows from it, identifiers above all, stays as it was when a dial is added.
    """
    defaults = {field.name: field.default for field in fields(LaterDials)}
    return {
        name: value for name, value in recipe_record(recipe).items() if name not in defaults or value != defaults[name]
    }
