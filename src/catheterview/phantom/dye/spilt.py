"""Contrast that is somewhere else for an honest reason: spilt where the needle went in."""

from __future__ import annotations

import numpy as np

from catheterview.phantom.fluid import Collection, Ellipsoid
from catheterview.phantom.scene import Device, Scene

_PORT_MM = np.array([22.0, 28.0])  # the access port on the pump's face, as the pump is drawn
_SPILT_HU = 350.0


def spilt_in(scene: Scene, device: Device, *, hu_per_mg: float) -> tuple[Collection, ...]:
    """A flat puddle under the skin over the access port, and the needle's way up from it."""
    volume, pocket = scene.recipe.needle_spill_ml, device.pocket
    if volume <= 0.0:
        return ()
    height = pocket.model.thickness_mm / 2.0 + 3.0
    local = np.array([*_PORT_MM, height])
    center = pocket.center_mm + local @ pocket.axes
    flat = (volume * 1000.0 * 3.0 / (4.0 * np.pi * 0.35)) ** (1.0 / 3.0)
    half = np.array([flat, flat, 0.35 * flat])
    puddle = Ellipsoid(center_mm=center, axes=np.array(pocket.axes), half_mm=half, rough=0.15, seed=8)
    up = center + 5.0 * pocket.axes[2]
    needle = Ellipsoid(center_mm=up, axes=np.array(pocket.axes), half_mm=np.array([1.0, 1.0, 6.0]))
    strength = _SPILT_HU / hu_per_mg
    return tuple(Collection(place="needle", shape=shape, concentration=strength) for shape in (puddle, needle))
