"""Draw recipes: every dial from its range by the seed, or the smallest scene that will do."""

from __future__ import annotations

import numpy as np

from catheterview.phantom.dials import CAP_FAULTS, DYE_FAULTS, GAP_PLACES, KINK_PLACES, PLACES, Fault, Study, TipPlace
from catheterview.phantom.recipe import Background, CtRecipe


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
    drawn |= _dye_dials(np.random.default_rng([seed, 12]), fault, fixed.get("study"))
    drawn |= _move_dials(np.random.default_rng([seed, 14])) if fault == "pump_migration" else {}
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


def random_traps(seed: int) -> dict[str, object]:
    """Draw what looks wrong and is not, for `random_recipe(seed, **random_traps(seed))`; each in a few of ten cases."""
    rng = np.random.default_rng([seed, 13])
    often = rng.random(7) < (0.2, 0.3, 0.4, 0.15, 0.2, 0.2, 0.15)
    sizes = rng.uniform((20.0, 0.5, 40.0, 4.0), (60.0, 3.0, 90.0, 25.0)).round(1)
    return {
        "radiolucent_mm": float(sizes[0] * often[0]),
        "needle_spill_ml": float(sizes[1] * often[1]),
        "renal_iodine": bool(often[2]),
        "port": bool(often[3]),
        "abandoned_mm": float(sizes[2] * often[4]),
        "old_fluid_ml": float(sizes[3] * often[5]),
        "pedicle_screws": bool(often[6]),
        "stimulator": bool(rng.random() < 0.15),
    }


def _dye_dials(rng: np.random.Generator, fault: Fault, wanted: object) -> dict[str, object]:
    """Draw contrast and what it shows; nothing for the faults of a plain scan, whose recipes stay as they were."""
    study = wanted or _study_for(rng, fault)
    if study == "non_contrast" and fault in ("healthy", "no_device", "discontinuity", "kink"):
        return {}
    low, high = (25.0, 130.0) if study == "non_contrast" else (100.0, 700.0)
    places = PLACES.get(fault, PLACES["extravasation"])
    drawn: dict[str, object] = {
        "study": study,
        "injected_ml": float(np.round(rng.uniform(1.0, 2.0), 1)),
        "iodine_mg_per_ml": float(rng.choice([180.0, 240.0, 300.0])),
        "mixing_ml": float(np.round(rng.uniform(25.0, 110.0))),
        "leak_hu": _log_uniform(rng, low, high),
        "leak_ml": _log_uniform(rng, *_LEAK_ML.get(fault, (0.2, 6.0))),
    } | _sizes(rng)
    if fault in DYE_FAULTS:  # so that the sac beyond the tip is in view
        drawn["intrathecal_mm"] = float(np.round(rng.uniform(60.0, 105.0)))
    if fault not in ("discontinuity", "kink"):
        drawn["place"] = places[int(rng.integers(len(places)))]
    return drawn


def _move_dials(rng: np.random.Generator) -> dict[str, object]:
    """Draw how far a pump has moved, and whether it drew the tip with it."""
    way, pull = rng.uniform((25.0, 15.0), (70.0, 60.0)).round()
    return {"move_mm": float(way), "pull_mm": float(pull * (rng.random() < 0.5))}


#: Volumes in ml that each pool is drawn from; elsewhere those of a leak.
_LEAK_ML: dict[Fault, tuple[float, float]] = {
    "pocket_pooling": (1.0, 25.0),
    "tip_loculation": (0.3, 3.0),
    "retrograde_tracking": (1.0, 10.0),
}


def _study_for(rng: np.random.Generator, fault: Fault) -> Study:
    """A study that can show the fault."""
    if fault in CAP_FAULTS or fault == "retrograde_tracking":
        return "cap_ct"
    if fault in DYE_FAULTS:
        return "cap_ct" if rng.random() < 0.7 else "lp_ct"
    if fault in ("extravasation", "connector_leak", "pocket_pooling", "ectasia"):
        return "cap_ct" if rng.random() < 0.8 else "non_contrast"
    return "non_contrast"


def _sizes(rng: np.random.Generator) -> dict[str, object]:
    """Draw how bad the other faults are."""
    places: tuple[TipPlace, ...] = ("epidural", "foraminal", "paraspinal", "pocket")
    return {
        "track_share": float(np.round(rng.uniform(0.35, 1.0), 2)),
        "tip_place": places[int(rng.integers(4))],
        "shift_mm": float(np.round(rng.uniform(20.0, 90.0))),
        "turn_deg": float(np.round(rng.uniform(60.0, 150.0))),
        "wide_ratio": float(np.round(rng.uniform(1.6, 2.6), 2)),
        "wide_mm": float(np.round(rng.uniform(15.0, 45.0))),
        "defect_mm": float(np.round(rng.uniform(5.0, 12.0), 1)),
        "seroma_ml": _log_uniform(rng, 5.0, 80.0),
        "spread_mm": float(np.round(rng.uniform(12.0, 35.0))),
        "block_mm": float(np.round(rng.uniform(10.0, 40.0))),
    }


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw evenly over ratios, rounded to 3 digits."""
    return float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.3g}")
