"""What a simulated scintigraphy is made from: every dial, and how a seed draws them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from catheterview.errors import InputError
from catheterview.model import Segment
from catheterview.phantom import CtRecipe, random_recipe, small_recipe, split_of
from catheterview.phantom.later import told
from catheterview.phantom.recipe import Split

NuclearFault: TypeAlias = Literal[
    "healthy", "posterior", "confined", "interruption", "pooling", "not_arrived", "csf_block"
]
FAULTS: tuple[NuclearFault, ...] = (
    "healthy", "posterior", "confined", "interruption", "pooling", "not_arrived", "csf_block",
)  # fmt: skip

#: Where tracer pools, and where its way is interrupted.
POOL_PLACES = (
    Segment.POCKET,
    Segment.SUBCUTANEOUS_TRACT,
    Segment.ANCHOR,
    Segment.FASCIAL_ENTRY,
    Segment.PARASPINAL_TRACT,
)
STOP_PLACES = (Segment.SUBCUTANEOUS_TRACT, Segment.ANCHOR, Segment.PARASPINAL_TRACT)
_TIMES_H = ((24.0, 48.0), (24.0, 72.0), (48.0, 72.0), (48.0, 96.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraDials:
    """The gamma camera and what its workstation does.

    Parameters
    ----------
    matrix : int
        Rows and columns.
    voxel_mm : float
    views, stop_s : over a full turn, one detector's stops; seconds each
    cps_per_mbq : float
        Counts per second and MBq in air of one detector, both peaks together.
    scatter_share, septal_share : float
        Scattered and septum-crossing photons per primary one.
    scatter_left : float
        Share of the scatter that the reconstruction does not know of.
    iterations, subsets : int
        Of the ordered-subsets expectation maximisation; attenuation is always modelled.
    recovery : float
        Share of the collimator's blur that the reconstruction models; 0 for none.
    smooth_mm : float
        Full width at half maximum of the Gaussian after reconstruction.
    """

    matrix: int = 128
    voxel_mm: float = 4.42
    views: int = 60
    stop_s: float = 25.0
    cps_per_mbq: float = 90.0
    scatter_share: float = 0.35
    septal_share: float = 0.06
    scatter_left: float = 0.15
    iterations: int = 4
    subsets: int = 10
    recovery: float = 0.85
    smooth_mm: float = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NuclearRecipe:
    """All dials of one study: a CT scene, tracer in its pump's reservoir, and a camera; equal recipes, equal bytes.

    Parameters
    ----------
    ct : CtRecipe
        The patient and the device; `ct.seed` draws whatever is not a dial.
    fault, place : what is wrong, and where tracer pools or stops
    injected_mbq, mix_ml : activity at injection and the volume of drug that it is mixed into
    flow_ml_per_day : float
    ml_per_cm, pump_ml : of the lumen; volume between reservoir and connector
    hours : tuple of float
        Since injection, of each acquisition.
    leak_share : float
        Of the flow that a leak lets out.
    pool_half_h, csf_half_h : float
        Half-times of resorption from tissue and from CSF. No source gives them: they are drawn widely.
    seep_mm : float
        How widely tracer that leaks spreads before it is resorbed, standard deviation; 0 for a pool of a centimetre.
    off_mm : float
        How far from the catheter, towards the body's middle, the pool of a leak lies.
    csf_reach_mm : float
        Length over which tracer in CSF falls to 1/e from the tip; no source gives it.
    bowel_kbq : float
        Activity in a loop of bowel, a trap; 0 for none.
    shift_mm, turn_deg : (3,) LPS
        How the patient moved between CT and scintigraphy, about the middle of the scan.
    """

    ct: CtRecipe
    fault: NuclearFault = "healthy"
    place: Segment = Segment.PARASPINAL_TRACT
    injected_mbq: float = 20.0
    mix_ml: float = 10.0
    flow_ml_per_day: float = 0.3
    ml_per_cm: float = 0.0022
    pump_ml: float = 0.1
    hours: tuple[float, ...] = (24.0, 48.0)
    leak_share: float = 0.7
    pool_half_h: float = 12.0
    seep_mm: float = 0.0
    off_mm: float = 0.0
    csf_half_h: float = 12.0
    csf_reach_mm: float = 120.0
    bowel_kbq: float = 0.0
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    camera: CameraDials = field(default_factory=CameraDials)

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise InputError(f"no fault {self.fault!r} of a tracer study; known: {', '.join(FAULTS)}")
        if min(self.injected_mbq, self.mix_ml, *self.hours) <= 0.0 or self.flow_ml_per_day < 0.0:
            raise InputError("a tracer study needs an activity, a volume, and times after injection")

    @property
    def split(self) -> Split:
        """The split of the seed; see `catheterview.phantom.split_of`."""
        return split_of(self.ct.seed)

    @property
    def mbq_per_ml(self) -> float:
        """Concentration in the reservoir at injection."""
        return self.injected_mbq / self.mix_ml


def random_nuclear_recipe(seed: int, *, fault: NuclearFault = "healthy", **fixed: object) -> NuclearRecipe:
    """Draw every dial from its range; the same seed gives the same recipe.

    Parameters
    ----------
    seed : int
    fault : str
    **fixed
        Dials of `NuclearRecipe` to set instead of draw.
    """
    rng = np.random.default_rng([seed, 61])
    drawn: dict[str, object] = {**_tracer_dials(rng), **_fault_dials(rng, fault), "camera": _camera_dials(rng)}
    ct = _low_dose_ct(seed, rng)
    drawn |= _spread_dials(np.random.default_rng([seed, 68]), fault)
    return NuclearRecipe(**{"ct": ct, **drawn, "fault": fault, **fixed})  # type: ignore[arg-type]


def small_nuclear_recipe(seed: int, *, fault: NuclearFault = "healthy", **fixed: object) -> NuclearRecipe:
    """A coarse study for unit tests: matrix 64 of 6.8 mm, thirty views, many counts."""
    camera = CameraDials(matrix=64, voxel_mm=6.8, views=30, stop_s=50.0, subsets=6, iterations=3)
    small: dict[str, object] = {"ct": small_recipe(seed), "camera": camera, "flow_ml_per_day": 0.5, "hours": (48.0,)}
    return NuclearRecipe(**{**small, "fault": fault, **fixed})  # type: ignore[arg-type]


def _low_dose_ct(seed: int, rng: np.random.Generator) -> CtRecipe:
    """The CT of a SPECT-CT: thicker slices, more noise."""
    drawn = random_recipe(seed)
    thickness = float(rng.choice([1.5, 2.0, 2.5]))
    return replace(
        drawn,
        shape=(round(230.0 / thickness), 272, 272),
        spacing_mm=(thickness, 1.27, 1.27),
        slice_thickness_mm=thickness,
        noise_hu=float(np.round(rng.uniform(15.0, 28.0), 1)),
        wall_hu=max(drawn.wall_hu, 600.0),
        physics=False,
        second_lead=False,
    )


def _tracer_dials(rng: np.random.Generator) -> dict[str, object]:
    """Draw the injection, the flow, and what the body does with tracer."""
    return {
        "injected_mbq": float(np.round(np.exp(rng.uniform(np.log(5.0), np.log(25.0))), 1)),
        "flow_ml_per_day": float(np.round(np.exp(rng.uniform(np.log(0.05), np.log(1.0))), 3)),
        "ml_per_cm": float(rng.choice([0.0022, 0.0026])),
        "pump_ml": float(np.round(rng.uniform(0.05, 0.14), 3)),
        "hours": _TIMES_H[int(rng.integers(len(_TIMES_H)))],
        "pool_half_h": float(np.round(rng.uniform(6.0, 30.0), 1)),
        "csf_half_h": float(np.round(rng.uniform(8.0, 20.0), 1)),
        "csf_reach_mm": float(np.round(rng.uniform(70.0, 200.0))),
        "bowel_kbq": float(np.round(rng.uniform(3.0, 20.0), 1)) if rng.random() < 0.3 else 0.0,
    }


def _fault_dials(rng: np.random.Generator, fault: NuclearFault) -> dict[str, object]:
    """Draw how bad the fault is and where."""
    share = float(np.round(rng.uniform(0.35, 1.0), 2))
    pool, stop = POOL_PLACES[int(rng.integers(len(POOL_PLACES)))], STOP_PLACES[int(rng.integers(len(STOP_PLACES)))]
    return {"leak_share": share, "place": stop if fault == "interruption" else pool}


def _spread_dials(rng: np.random.Generator, fault: NuclearFault) -> dict[str, object]:
    """Draw what becomes of tracer that leaks: every second time it seeps away, or pools beside the catheter.

    No source says how often. What leaves an interrupted catheter and seeps away shows by the end of the line alone.
    """
    if fault not in ("interruption", "pooling") or rng.random() < 0.5:
        return {}
    if fault == "pooling":
        return {"off_mm": float(np.round(rng.uniform(12.0, 28.0)))}
    return {
        "seep_mm": float(np.round(rng.uniform(25.0, 45.0))),
        "pool_half_h": float(np.round(rng.uniform(0.5, 2.0), 1)),
    }


def _camera_dials(rng: np.random.Generator) -> CameraDials:
    """Draw a camera and a protocol."""
    return CameraDials(
        voxel_mm=float(rng.choice([4.42, 4.6, 4.8])),
        views=int(rng.choice([60, 64])),
        subsets=4,
        iterations=int(rng.choice([6, 8, 10])),
        stop_s=float(rng.choice([20.0, 25.0, 30.0])),
        cps_per_mbq=float(np.round(rng.uniform(60.0, 120.0))),
        scatter_left=float(np.round(rng.uniform(0.05, 0.3), 2)),
        recovery=float(rng.choice([0.0, 0.8, 0.9], p=[0.3, 0.4, 0.3])),
        smooth_mm=float(rng.choice([5.0, 6.0, 7.0])),
    )


def nuclear_recipe_record(recipe: NuclearRecipe) -> dict[str, object]:
    """All dials and the split as plain values."""
    return {**told(recipe), "place": str(recipe.place), "split": recipe.split}
