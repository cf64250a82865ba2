"""The catheter, its connector, and thin things that are no catheter, as wires for the beam."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, arc_length, unit
from catheterview.model import Segment
from catheterview.phantom.confusers import confuser_layers
from catheterview.phantom.film.posed import Posed
from catheterview.phantom.film.recipe import FilmRecipe
from catheterview.phantom.film.wires import Wire
from catheterview.phantom.scene import Scene
from catheterview.phantom.tube import Layer

_TITANIUM_PER_MM = 0.348  # at 60 keV, from its mass attenuation coefficient and density
_METAL_HU, _METAL_PER_MM = 5000.0, 0.8  # platinum contacts and copper strands: dense, but not solid
_WATER_PER_MM = 0.0206  # at 60 keV
_STEM_MM = 2.6
_CLIP_MM = (5.0, 0.5)  # a surgical clip's leg: length and thickness
_PAD_MM = 12.0


def catheter_wires(recipe: FilmRecipe, scene: Scene, device: Posed) -> tuple[Wire, ...]:
    """The wall of every piece, the rigid stem at the rim, and the tip's marker."""
    patient, out, start = recipe.patient, [], 0.0
    for piece in device.pieces:
        arc = arc_length(piece) + start
        per_mm = np.full(len(piece), recipe.wall_per_mm) * _opaque(recipe, scene, arc)
        out.append(Wire(axis=piece, inner_mm=patient.inner_mm, outer_mm=patient.outer_mm, per_mm=per_mm))
        start = float(arc[-1])
    assert scene.device is not None
    count = round(scene.device.route.connector_mm * 2.0) + 1
    first = device.pieces[0]
    stem = np.concatenate([first[:1] - 1.0 * unit(first[1] - first[0]), first[:count]])
    out.append(_metal(stem, (patient.outer_mm, _STEM_MM), _TITANIUM_PER_MM))
    if patient.tip_marker:
        out.append(_metal(device.pieces[-1][-5:], (0.0, patient.inner_mm), _TITANIUM_PER_MM))
    return tuple(out)


def _opaque(recipe: FilmRecipe, scene: Scene, arc: FloatArray) -> FloatArray:
    """1 where the wall is opaque, 0 in the radiolucent segment in the middle of the tract."""
    assert scene.device is not None
    low, high = scene.device.route.window_mm(Segment.SUBCUTANEOUS_TRACT)
    return np.where(np.abs(arc - 0.5 * (low + high)) < 0.5 * recipe.clear_mm, 0.0, 1.0)


def other_wires(recipe: FilmRecipe, scene: Scene) -> tuple[Wire, ...]:
    """Cables, leads, clips and electrodes, as far as the recipe has them."""
    rng = np.random.default_rng([recipe.patient.seed, 96])
    wires = [_as_wire(layer) for layer in confuser_layers(scene)]
    for _ in range(recipe.clips):
        wires.append(_clip(scene, rng))
    for _ in range(recipe.electrodes):
        wires += _electrode(scene, rng)
    return tuple(wires)


def _as_wire(layer: Layer) -> Wire:
    """A CT's layer as a wire."""
    metal = float(np.median(layer.excess_hu)) >= _METAL_HU
    per_mm = np.full(len(layer.axis), _METAL_PER_MM) if metal else layer.excess_hu / 1000.0 * _WATER_PER_MM
    return Wire(axis=layer.axis, inner_mm=layer.inner_mm, outer_mm=layer.outer_mm, per_mm=per_mm)


def _metal(axis: FloatArray, inner_outer_mm: tuple[float, float], per_mm: float) -> Wire:
    """A wire of one material."""
    return Wire(axis=axis, inner_mm=inner_outer_mm[0], outer_mm=inner_outer_mm[1], per_mm=np.full(len(axis), per_mm))


def _clip(scene: Scene, rng: np.random.Generator) -> Wire:
    """A clip of two legs in the front of the belly."""
    low, high = scene.skin.heights_mm
    at = scene.skin.at(
        rng.uniform(-1.2, 1.2, 1), rng.uniform(low + 0.2 * (high - low), high - 40.0, 1), rng.uniform(25.0, 60.0, 1)
    )[0]
    way, aside = unit(rng.standard_normal(3)), unit(rng.standard_normal(3))
    aside = unit(aside - way * float(aside @ way))
    t = np.linspace(-1.0, 1.0, 21)
    legs = at + np.outer(np.abs(t) * _CLIP_MM[0], way) + np.outer(np.clip(4.0 * t, -1.0, 1.0) * 0.8, aside)
    return _metal(legs, (0.0, _CLIP_MM[1]), _TITANIUM_PER_MM * 2.0)


def _electrode(scene: Scene, rng: np.random.Generator) -> list[Wire]:
    """A round electrode on the skin with a cable that leads off to the head."""
    low, high = scene.skin.heights_mm
    azimuth, z = rng.uniform(-1.0, 1.0, 1), rng.uniform(low + 0.4 * (high - low), high - 30.0, 1)
    middle = scene.skin.at(azimuth, z, np.array([-1.5]))[0]
    out = scene.skin.outward(middle[None])[0]
    side = unit(np.cross(out, (0.0, 0.0, 1.0)))
    ring = np.linspace(0.0, 2.0 * np.pi, 60)
    wires = []
    for radius in (_PAD_MM / 2.0, 2.0):
        points = middle + radius * (np.cos(ring)[:, None] * side + np.sin(ring)[:, None] * np.array([0.0, 0.0, 1.0]))
        wires.append(_metal(points, (0.0, 0.9), 0.25))
    rise = np.arange(z[0], high, 2.0)
    sway = azimuth[0] + 0.1 * np.sin((rise - z[0]) / 60.0)
    cable = scene.skin.at(sway, rise, np.full(len(rise), -2.5))
    return [*wires, _metal(cable, (0.0, 0.7), 0.45), _metal(cable, (0.7, 2.6), 0.02)]
