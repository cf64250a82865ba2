"""What the thecal sac, and the layers beside it, hold in a study."""

from __future__ import annotations

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, arc_length
from catheterview.phantom.fluid import Collection, SacRing, dead_space_ml
from catheterview.phantom.fluid.delivery import PUMP_SIDE_ML
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.scene import Device, Scene

_LAYERING = 0.3  # contrast is heavier than CSF and lies at the back; how much has no source
_BLOCK_EDGE_MM, _SEEN_BEYOND_MM = 3.0, 15.0
_SUBDURAL_MM, _EPIDURAL_MM = 45.0, 40.0  # how far along the canal they spread, as standard deviations
_EPIDURAL_STREAK_MM = 9.0


def sac_in(scene: Scene, device: Device, *, hu_per_mg: float, lost_mg: float) -> Collection | None:
    """Contrast in the thecal sac.

    Parameters
    ----------
    scene, device : Scene, Device
    hu_per_mg : float
    lost_mg : float
        Of iodine that went elsewhere.

    Returns
    -------
    Collection or None
        None where no contrast reaches the sac.

    Notes
    -----
    The dose left over is mixed into `mixing_ml` of CSF round the tip (clinical reference E.3), a little denser where it
    came from; after a lumbar puncture it fills the sac from below, thinner towards the head.
    """
    recipe, canal = scene.recipe, scene.site.canal
    if len(canal) < 2 or not _reached(recipe, device):
        return None
    radius = scene.site.canal_radius_mm
    tip = float(device.course.pieces[-1][-1, 2])
    if recipe.study == "lp_ct":
        line, peak = _from_below(recipe, canal)
    elif recipe.fault == "inadequate_pooling":
        line, peak = _round(canal, tip, recipe.spread_mm / 2.0), np.clip(0.4 * recipe.leak_hu, 40.0, 140.0) / hu_per_mg
    else:
        line, peak = _mixed(recipe, (canal, radius), tip, max(dose_mg(recipe, device) - lost_mg, 0.0))
    if recipe.fault == "flow_obstruction":
        line = line * np.clip(0.5 + (block_height_mm(scene, device) - canal[:, 2]) / _BLOCK_EDGE_MM, 0.0, 1.0)
    if peak * hu_per_mg < 1.0:
        return None
    ring = SacRing(canal=canal, radius_mm=radius, strength=line, layering=_LAYERING)
    return Collection(place="csf", shape=ring, concentration=float(peak))


def block_height_mm(scene: Scene, device: Device) -> float:
    """Height z of a block of the CSF: above the tip, and low enough that the empty sac beyond it is in view.

    Raises
    ------
    UnsuitableError
        When too little of the canal above the tip is in view.
    """
    tip = float(device.course.pieces[-1][-1, 2])
    height = min(tip + scene.recipe.block_mm, float(scene.site.canal[-1, 2]) - _SEEN_BEYOND_MM)
    if height < tip + _SEEN_BEYOND_MM / 2.0:
        raise UnsuitableError("too little of the canal above the tip is in view to show that contrast stops there")
    return height


def _reached(recipe: CtRecipe, device: Device) -> bool:
    """Whether contrast gets into the sac at all."""
    if recipe.study == "lp_ct":
        return True
    outside = recipe.fault == "tip_malposition"
    elsewhere = recipe.fault in ("tip_loculation", "subdural_pattern", "epidural_pattern")
    return recipe.study == "cap_ct" and len(device.course.pieces) == 1 and not outside and not elsewhere


def dose_mg(recipe: CtRecipe, device: Device) -> float:
    """Iodine (mg) that left the catheter somewhere: what was injected less what still fills the way."""
    length = sum(float(arc_length(piece)[-1]) for piece in device.course.pieces)
    kept = dead_space_ml(length, recipe.inner_mm, PUMP_SIDE_ML)
    return max(recipe.injected_ml - kept, 0.2 * recipe.injected_ml) * recipe.iodine_mg_per_ml


def _mixed(
    recipe: CtRecipe, sac: tuple[FloatArray, FloatArray], tip: float, amount_mg: float
) -> tuple[FloatArray, float]:
    """Relative concentration along the canal, and the strongest in mg/ml, of an amount mixed round the tip."""
    canal, radius = sac
    deep, wide = radius - 1.5, 1.24 * radius - 1.0
    area_ml = float(np.pi * np.mean(deep * wide)) / 1000.0  # per mm
    length = recipe.mixing_ml / area_ml
    z = np.arange(tip - 2.0 * length, tip + 2.0 * length, 2.0)
    whole = _plateau(z, tip, length)
    peak = amount_mg / (float(whole.sum()) * 2.0 * area_ml) * float(whole.max())
    return _plateau(canal[:, 2], tip, length) / float(whole.max()), peak


def _plateau(z: FloatArray, tip: float, length: float) -> FloatArray:
    """Flat round the tip, falling at both ends, somewhat higher at the tip."""
    flat = np.exp(-((np.abs(z - tip) / (0.55 * length)) ** 4))
    return np.asarray(flat * (1.0 + 0.35 * np.exp(-(((z - tip) / 20.0) ** 2))))


def _round(canal: FloatArray, tip: float, sd_mm: float) -> FloatArray:
    """A short spread round the tip."""
    return np.asarray(np.exp(-0.5 * ((canal[:, 2] - tip) / sd_mm) ** 2))


def _from_below(recipe: CtRecipe, canal: FloatArray) -> tuple[FloatArray, float]:
    """Contrast of a lumbar puncture: over the whole sac in view, a third thinner at its top."""
    z = canal[:, 2]
    line = 1.0 - 0.35 * (z - z[0]) / max(float(np.ptp(z)), 1.0)
    return np.asarray(line), recipe.injected_ml * recipe.iodine_mg_per_ml / recipe.mixing_ml


def subdural(scene: Scene, device: Device, concentration: float) -> Collection:
    """A narrow crescent under the dura that does not fill the sac, its inner border sharp (clinical reference B.3)."""
    rng = np.random.default_rng([scene.recipe.seed, 96])
    canal, tip = scene.site.canal, device.course.pieces[-1][-1]
    ring = SacRing(
        canal=canal,
        radius_mm=scene.site.canal_radius_mm,
        strength=_round(canal, float(tip[2]), _SUBDURAL_MM),
        inner=0.66,
        toward_deg=float(rng.uniform(-70.0, 70.0)),
        spread_deg=float(rng.uniform(60.0, 95.0)),
    )
    return Collection(place="subdural", shape=ring, concentration=concentration)


def epidural(scene: Scene, device: Device, concentration: float) -> Collection:
    """Streaks in the fat outside the dura, round the sac (clinical reference B.2, B.3)."""
    canal, tip = scene.site.canal, device.course.pieces[-1][-1]
    streaks = 0.8 + 0.2 * np.sin(2.0 * np.pi * canal[:, 2] / _EPIDURAL_STREAK_MM)
    ring = SacRing(
        canal=canal,
        radius_mm=scene.site.canal_radius_mm,
        strength=_round(canal, float(tip[2]), _EPIDURAL_MM) * streaks,
        inner=1.02,
        outer=1.45,
    )
    return Collection(place="epidural", shape=ring, concentration=concentration)
