"""The catheter as layers of material: wall, lumen with what is in it, rigid connector, sleeve, marker."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import ndimage

from catheterview.geometry import FloatArray, unit
from catheterview.model import Segment
from catheterview.phantom.body import MUSCLE_HU
from catheterview.phantom.dye import Dye, dye_hu
from catheterview.phantom.dye.pools import leak_arc_mm
from catheterview.phantom.fluid import Tube
from catheterview.phantom.scene import Device, Scene
from catheterview.phantom.tube import Layer

_CONNECTOR_MM, _CONNECTOR_HU = 2.6, 6000.0  # the rigid stem at the rim
_SLEEVE_MM, _SILICONE_HU = 4.0, 257.0  # pure silicone at 70 keV, from its attenuation coefficient
_MARKER_HU = 11500.0  # a titanium tip
_FADE_MM = 4.0  # over which a radiolucent stretch begins and ends


def catheter_layers(scene: Scene, device: Device, dye: Dye) -> tuple[Layer, ...]:
    """The catheter's wall, lumen and rigid connector.

    Parameters
    ----------
    scene, device : Scene, Device
    dye : Dye
        What is in the lumen, and round the tube.
    """
    recipe = scene.recipe
    layers = [layer for n in range(len(device.course.pieces)) for layer in _tube(scene, device, dye, n)]
    count = round(device.route.connector_mm * 2.0) + 1
    stem = np.concatenate(
        [
            device.route.points[:1] - 1.0 * unit(device.route.points[1] - device.route.points[0]),
            device.route.points[:count],
        ]
    )
    layers.append(
        Layer(axis=stem, inner_mm=recipe.outer_mm, outer_mm=_CONNECTOR_MM, excess_hu=np.full(len(stem), _CONNECTOR_HU))
    )
    return (*layers, *_extras(scene, device))


def _extras(scene: Scene, device: Device) -> list[Layer]:
    """The anchor's sleeve and the tip's marker, where the recipe has them."""
    recipe, out = scene.recipe, []
    low, high = device.route.window_mm(Segment.ANCHOR)
    middle = device.route.points[round(low + high)]  # two points a mm
    if recipe.anchor_sleeve:
        axis = min(device.course.pieces, key=lambda piece: np.linalg.norm(piece - middle, axis=1).min())
        at = int(np.argmin(np.linalg.norm(axis - middle, axis=1)))
        part = axis[max(0, at - 16) : at + 16]
        excess = np.full(len(part), _SILICONE_HU) - scene.site.hu(part)
        out.append(Layer(axis=part, inner_mm=recipe.outer_mm, outer_mm=_SLEEVE_MM, excess_hu=excess))
    if recipe.tip_marker:
        tip = device.course.pieces[-1][-5:]
        out.append(Layer(axis=tip, inner_mm=0.0, outer_mm=recipe.inner_mm, excess_hu=np.full(len(tip), _MARKER_HU)))
    return out


def _tube(scene: Scene, device: Device, dye: Dye, piece: int) -> list[Layer]:
    """Wall and lumen of one piece."""
    recipe, axis = scene.recipe, device.course.pieces[piece]
    tissue = scene.site.hu(axis)
    if not dye.is_plain:
        tissue = tissue + dye_hu(scene, dye, axis)
    tissue = ndimage.gaussian_filter1d(tissue, 4.0, mode="nearest")
    wall = MUSCLE_HU + recipe.wall_hu - tissue
    if recipe.radiolucent_mm > 0.0 and piece == 0:
        wall = wall * _opaque(recipe.radiolucent_mm, device)[: len(axis)]
    lumen = recipe.lumen_hu - tissue
    if piece < len(dye.state.lumen):
        filled = dye.state.lumen[piece]
        assert isinstance(filled.shape, Tube)
        lumen = lumen + filled.concentration * filled.shape.strength * dye.hu_per_mg
    layers = [
        Layer(axis=axis, inner_mm=recipe.inner_mm, outer_mm=recipe.outer_mm, excess_hu=wall),
        Layer(axis=axis, inner_mm=0.0, outer_mm=recipe.inner_mm, excess_hu=lumen),
    ]
    return [part for layer in layers for part in _widened(scene, device, layer)]


def _opaque(radiolucent_mm: float, device: Device) -> FloatArray:
    """How opaque the wall is (N,) along the first piece: not at all over a stretch of the tract."""
    low, high = device.route.window_mm(Segment.SUBCUTANEOUS_TRACT)
    arc = np.arange(len(device.course.pieces[0])) * 0.5
    off = np.abs(arc - 0.5 * (low + high)) - radiolucent_mm / 2.0
    return np.asarray(np.clip(0.5 + off / _FADE_MM, 0.0, 1.0))


def _widened(scene: Scene, device: Device, layer: Layer) -> list[Layer]:
    """The layer cut in three where the catheter is ectatic, the middle one wider."""
    recipe = scene.recipe
    if recipe.fault != "ectasia":
        return [layer]
    first = round(leak_arc_mm(recipe, device) * 2.0)
    cuts = [0, first, first + round(recipe.wide_mm * 2.0), len(layer.axis) - 1]
    out = []
    for n, (begin, end) in enumerate(pairwise(cuts)):
        ratio = recipe.wide_ratio if n == 1 else 1.0
        part = slice(begin, min(end, len(layer.axis) - 1) + 1)
        if end - begin > 1:
            sizes = {"inner_mm": layer.inner_mm * ratio, "outer_mm": layer.outer_mm * ratio}
            out.append(replace(layer, axis=layer.axis[part], excess_hu=layer.excess_hu[part], **sizes))
    return out
