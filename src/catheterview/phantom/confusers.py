"""Thin bright things that are not the catheter: a cable on the skin, another lead in the canal."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.phantom.curves import STEP_MM, join
from catheterview.phantom.scene import Scene
from catheterview.phantom.texture import smooth_curve
from catheterview.phantom.tube import Layer

_CABLE_HU, _COPPER_HU = 1100.0, 9000.0  # over air
_LEAD_HU, _CONTACT_HU = 1500.0, 9000.0  # over soft tissue
_CONTACTS, _BAND_MM, _PITCH_MM = 8, 3.0, 7.0
CONTACT_INNER_MM, CONTACT_MM = 1.0, 1.3  # diameters of a band of metal round a lead
_LEAD_NEEDS_MM = 180.0  # of scan, to lead it in and have its contacts in view


def confuser_layers(scene: Scene) -> tuple[Layer, ...]:
    """The cables and leads that the recipe asks for."""
    rng = np.random.default_rng([scene.recipe.seed, 71])
    cable = _cable(scene, rng) if scene.recipe.ecg_cable else ()
    return cable + (_lead(scene) if scene.recipe.second_lead else ())


def _cable(scene: Scene, rng: np.random.Generator) -> tuple[Layer, ...]:
    """An ECG cable that runs up the front, on the skin."""
    low, high = scene.skin.heights_mm
    z = np.arange(low, high, 1.0)
    azimuth = np.radians(-12.0 * scene.recipe.pump_side + 12.0 * smooth_curve(rng, z, wavelength=120.0))
    axis = resample_polyline(scene.skin.at(azimuth, z, np.full(len(z), -2.2)), step=STEP_MM)
    return (_solid(axis, (0.6, 3.0), _CABLE_HU), _solid(axis, (0.0, 0.6), _COPPER_HU))


def _lead(scene: Scene) -> tuple[Layer, ...]:
    """A stimulator's lead: up under the skin of the back, into the canal, contacts at its end."""
    axis = _lead_axis(scene)
    if axis is None:
        return ()
    lead = _solid(axis, (0.0, CONTACT_MM), _LEAD_HU)
    if scene.recipe.physics and scene.recipe.hardware_streaks:
        return (lead,)  # its contacts are projected
    bands = (_solid(band, (CONTACT_INNER_MM, CONTACT_MM), _CONTACT_HU) for band in contact_axes(scene))
    return (lead, *bands)


def _lead_axis(scene: Scene) -> FloatArray | None:
    """The way (N, 3) of a lead; None where the scan is too short for one."""
    low, high = scene.site.span_mm
    if len(scene.site.canal) < 2 or high - low < _LEAD_NEEDS_MM:
        return None
    side = -12.0 * scene.recipe.pump_side
    z = np.arange(low, low + 60.0, STEP_MM)
    middle, _ = scene.site.canal_at(z)
    azimuth = scene.skin.azimuth(middle + np.array([side, 60.0, 0.0]))
    tract = scene.skin.at(azimuth, z, np.full(len(z), 14.0))
    up = np.arange(z[-1] + 40.0, high - 12.0, STEP_MM)
    inside, radius = scene.site.canal_at(up)
    inside = inside + np.stack([0.3 * np.sign(side) * radius, 0.8 * radius, 0.0 * radius], axis=1)
    dive = resample_polyline(np.stack([tract[-1], inside[0]]), step=STEP_MM)
    return resample_polyline(join(join(tract, dive, cut_mm=14.0), inside, cut_mm=14.0), step=STEP_MM)


def contact_axes(scene: Scene) -> tuple[FloatArray, ...]:
    """Axes (N, 3) of the bands of metal at the end of the lead that the recipe asks for."""
    axis = _lead_axis(scene) if scene.recipe.second_lead else None
    if axis is None:
        return ()
    ends = [len(axis) - 1 - round(n * _PITCH_MM / STEP_MM) for n in range(_CONTACTS)]
    size = round(_BAND_MM / STEP_MM)
    return tuple(axis[end - size : end + 1] for end in ends if end > size)


def _solid(axis: FloatArray, inner_outer_mm: tuple[float, float], hu: float) -> Layer:
    """A cylinder of one material."""
    return Layer(axis=axis, inner_mm=inner_outer_mm[0], outer_mm=inner_outer_mm[1], excess_hu=np.full(len(axis), hu))
