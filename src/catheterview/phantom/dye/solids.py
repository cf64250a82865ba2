"""Fluid without contrast, and a mass at the tip: what replaces tissue instead of adding to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Segment
from catheterview.phantom.fluid import Ellipsoid, SacRing, Shape, blob_at, pool_round_pump
from catheterview.phantom.scene import Device, Scene

SEROMA_HU, OLD_FLUID_HU = 10.0, 18.0  # 0 to 20 HU (clinical reference B.3)
MASS_HU = 45.0  # soft tissue: an iodine void in a filled sac (clinical reference B.3, CT-GRAN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solid:
    """Something of its own HU.

    Parameters
    ----------
    name : str
        ``seroma``, ``old fluid`` or ``mass``.
    shape : Shape
    hu : float
    """

    name: str
    shape: Shape
    hu: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlap:
    """Where two shapes are."""

    one: Shape
    other: Shape

    def share(self, points: FloatArray) -> FloatArray:
        """See `Shape.share`."""
        return self.one.share(points) * self.other.share(points)

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """See `Shape.bounds`."""
        return self.one.bounds()


def solids_in(scene: Scene, device: Device) -> tuple[Solid, ...]:
    """What of it the recipe asks for."""
    recipe, out = scene.recipe, []
    if recipe.fault == "seroma":
        toward = np.array([0.0, 0.4, 0.0]) + device.pocket.axes[2]
        pool = pool_round_pump(device, volume_ml=recipe.seroma_ml, toward=toward)
        out.append(Solid(name="seroma", shape=pool, hu=SEROMA_HU))
    if recipe.fault == "filling_defect":
        out.append(Solid(name="mass", shape=_mass(scene, device), hu=MASS_HU))
    if recipe.old_fluid_ml > 0.0:
        arc = device.route.window_mm(Segment.ANCHOR)[1] - 4.0
        arc = min(arc, sum(len(piece) for piece in device.course.pieces) / 2.0 - 10.0)
        blob = blob_at(scene, device, arc, volume_ml=recipe.old_fluid_ml, seed=6)
        out.append(Solid(name="old fluid", shape=blob, hu=OLD_FLUID_HU))
    return tuple(out)


def _mass(scene: Scene, device: Device) -> Overlap:
    """A round mass on the tip that takes up part of the sac."""
    site, tip = scene.site, device.course.pieces[-1][-1]
    half = scene.recipe.defect_mm / 2.0
    ball = Ellipsoid(center_mm=tip, axes=np.eye(3), half_mm=np.array([half, half, 1.3 * half]), rough=0.05, seed=5)
    sac = SacRing(canal=site.canal, radius_mm=site.canal_radius_mm, strength=np.ones(len(site.canal)))
    return Overlap(one=ball, other=sac)
