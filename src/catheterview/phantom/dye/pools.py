"""Contrast that is where it should not be, fault by fault."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Segment
from catheterview.phantom.dye.sac import epidural, subdural
from catheterview.phantom.fluid import DOWN, Collection, Ellipsoid, blob_at, pool_in_pocket, sleeve_along
from catheterview.phantom.fluid.delivery import Place
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.scene import Device, Scene

_CONNECTOR_MM = 6.0  # past the rigid part, where a connector leaks
_SLEEVE_MM = 3.0  # radius of the track beside the catheter; no source
_THIN_LAYER_HU = 450.0  # least of a layer under or outside the dura, where little fluid thins the contrast
_FALLING = 1.6  # how often the density of a track falls to 1/e on the whole way to the pump


def pools_in(scene: Scene, device: Device, *, hu_per_mg: float) -> tuple[Collection, ...]:
    """Pools of contrast that the recipe's fault makes; where the leak began comes first."""
    recipe = scene.recipe
    strength = recipe.leak_hu / hu_per_mg
    by_fault = {
        "connector_leak": _at_connector,
        "pocket_pooling": _in_pocket,
        "retrograde_tracking": _tracking,
        "tip_loculation": _at_tip,
        "extravasation": _beside,
        "ectasia": _beside,
        "discontinuity": _at_gap,
        "tip_malposition": _from_tip,
    }
    if recipe.fault == "subdural_pattern":
        return (subdural(scene, device, max(strength, 0.6 * _THIN_LAYER_HU / hu_per_mg)),)
    if recipe.fault == "epidural_pattern" and recipe.study == "cap_ct":
        return (epidural(scene, device, max(strength, _THIN_LAYER_HU / hu_per_mg)),)
    make = by_fault.get(recipe.fault)
    through = recipe.study == "cap_ct" or recipe.fault not in ("discontinuity", "tip_malposition")
    return make(scene, device, strength) if make and through and recipe.study != "lp_ct" else ()


def leak_arc_mm(recipe: CtRecipe, device: Device) -> float:
    """Arc length of the hole of a leaking catheter, drawn in its segment."""
    rng = np.random.default_rng([recipe.seed, 94])
    if recipe.fault == "connector_leak":
        return device.route.connector_mm + _CONNECTOR_MM * float(rng.uniform(0.2, 1.0))
    low, high = device.route.window_mm(recipe.place)
    margin = 12.0 if recipe.place is Segment.SUBCUTANEOUS_TRACT else 1.0
    return float(rng.uniform(low + margin, max(low + margin, high - margin)))


def _pool(place: Place, shape: Ellipsoid, strength: float, recipe: CtRecipe) -> Collection:
    return Collection(place=place, shape=shape, concentration=strength, seen_ml=recipe.leak_ml)


def _beside(scene: Scene, device: Device, strength: float) -> tuple[Collection, ...]:
    arc, recipe = leak_arc_mm(scene.recipe, device), scene.recipe
    return (_pool("tract", blob_at(scene, device, arc, volume_ml=recipe.leak_ml, seed=1), strength, recipe),)


def _at_connector(scene: Scene, device: Device, strength: float) -> tuple[Collection, ...]:
    (pool,) = _beside(scene, device, strength)
    return (Collection(place="connector", shape=pool.shape, concentration=strength, seen_ml=pool.seen_ml),)


def _at_gap(scene: Scene, device: Device, strength: float) -> tuple[Collection, ...]:
    """All that was injected leaves at the first loose end."""
    recipe = scene.recipe
    arc = float(np.linalg.norm(np.diff(device.course.pieces[0], axis=0), axis=1).sum())
    return (_pool("tract", blob_at(scene, device, arc, volume_ml=recipe.leak_ml, seed=2), strength, recipe),)


def _in_pocket(scene: Scene, device: Device, strength: float) -> tuple[Collection, ...]:
    volume = scene.recipe.leak_ml
    pool = pool_in_pocket(device, volume_ml=volume, toward=DOWN)
    return (Collection(place="pocket", shape=pool, concentration=strength, seen_ml=volume),)


def _at_tip(scene: Scene, device: Device, strength: float) -> tuple[Collection, ...]:
    """A well-bounded pool round the tip, shaped by the sac: longer than wide."""
    volume, tip = scene.recipe.leak_ml, device.course.pieces[-1][-1]
    wide = min((volume * 1000.0 * 3.0 / (4.0 * np.pi * 1.6)) ** (1.0 / 3.0), 7.0)
    half = np.array([volume * 1000.0 * 3.0 / (4.0 * np.pi * wide * wide), wide, wide])
    middle, _ = scene.site.canal_at(tip[2:3])
    center = tip + 0.4 * (middle[0] - tip)
    shape = Ellipsoid(center_mm=center, axes=np.eye(3)[[2, 0, 1]], half_mm=half, rough=0.04, seed=7)
    return (Collection(place="tip", shape=shape, concentration=max(strength, 8.0), seen_ml=volume),)


def _from_tip(scene: Scene, device: Device, strength: float) -> tuple[Collection, ...]:
    """What a malposed tip fills: the fat outside the dura, a root's sleeve, muscle, the pocket."""
    recipe = scene.recipe
    if recipe.tip_place == "epidural":
        return (epidural(scene, device, max(strength, 18.0)),)
    if recipe.tip_place == "pocket":
        return _in_pocket(scene, device, strength)
    arc = float(np.linalg.norm(np.diff(device.course.pieces[-1], axis=0), axis=1).sum())
    return (_pool("tip", blob_at(scene, device, arc, volume_ml=recipe.leak_ml, seed=4), strength, recipe),)


def _tracking(scene: Scene, device: Device, strength: float) -> tuple[Collection, ...]:
    """Out at the back of the dura and along the catheter towards the pump, thinner and thinner, perhaps all the way."""
    recipe, route = scene.recipe, device.route
    dura = route.window_mm(Segment.DURAL_ENTRY)[0] + 2.0
    near = route.window_mm(Segment.CONNECTOR)[1]
    far = dura - recipe.track_share * (dura - near)
    axis = route.points[round(far * 2.0) : round(dura * 2.0)][::-2]
    back = np.linspace(0.0, recipe.track_share, len(axis))
    sleeve = sleeve_along(scene, axis, radius_mm=_SLEEVE_MM, strength=np.exp(-_FALLING * back))
    blob = blob_at(scene, device, dura, volume_ml=recipe.leak_ml, seed=3)
    out = [
        Collection(place="dura", shape=blob, concentration=strength, seen_ml=recipe.leak_ml),
        Collection(place="sleeve", shape=sleeve, concentration=strength),
    ]
    if recipe.track_share > 0.9:
        pool = pool_in_pocket(device, volume_ml=0.5 * recipe.leak_ml, toward=DOWN)
        out.append(Collection(place="pocket", shape=pool, concentration=strength * float(np.exp(-_FALLING))))
    return tuple(out)


def way_back(pools: tuple[Collection, ...]) -> FloatArray:
    """The axis (N, 3) of a track, from the dura towards the pump; empty where there is none."""
    axes = [getattr(pool.shape, "axis", None) for pool in pools if pool.place == "sleeve"]
    return np.asarray(axes[0]) if axes and axes[0] is not None else np.zeros((0, 3))
