"""What contrast fills outside the lumen, frame by frame: leaks, pocket, needle, sac, epidural fat, a loculated tip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from catheterview.geometry import FloatArray, arc_length
from catheterview.phantom.cine.drops import Drops, pool_drops, pool_points
from catheterview.phantom.cine.flow import Injection
from catheterview.phantom.cine.recipe import CineRecipe
from catheterview.phantom.film.camera import Camera
from catheterview.phantom.film.metal import pattern_axes
from catheterview.phantom.fluid import Ellipsoid, blob_at, pool_round_pump
from catheterview.phantom.fluid.transport import Flow, spread_along
from catheterview.phantom.scene import Device, Scene

_DOWN = np.array([0.0, 1.0, 0.0])
_PORT_MM = (22.0, 28.0)  # of the access port, in the pump's own axes
_WIDER, _SAC = 1.24, 0.8  # a canal's half width over its half depth; the sac's share of the canal
_RING = 60
_EPIDURAL = (1.02, 1.5)
_EPIDURAL_FASTER = 2.0  # how much further than in the sac a volume goes in the thin layer outside; a dial

#: Elements and mg of iodine in each mm3 times mm3 of a pool, at a moment.
Amounts = Callable[[Flow, float], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """Contrast outside the lumen.

    Parameters
    ----------
    name : str
    moves : bool
        Whether it goes with the belly wall.
    held : callable
        From the flow and the time to points (M, 3) LPS mm and mg of iodine at each (M,).
    """

    name: str
    moves: bool
    held: Amounts

    def drops(self, flow: Flow, time_s: float, camera: Camera) -> Drops:
        """Elements whose `area` is mg of iodine over a pixel's area, times mm3 to the ml."""
        points, mg = self.held(flow, time_s)
        return pool_drops(points, mg * 1000.0, camera)


def pools_of(recipe: CineRecipe, scene: Scene, device: Device, injection: Injection) -> tuple[Pool, ...]:
    """All pools that a recipe's study can fill."""
    fault, out = recipe.fault, []
    if injection.plumbing.escapes:
        out.append(_leak(recipe, scene, device, injection))
    if fault == "tip_loculation":
        out.append(Pool(name="tip", moves=False, held=partial(_at_tip, _loculus(recipe, scene, device))))
    elif fault == "epidural_pattern":
        out.append(Pool(name="epidural", moves=False, held=_along_canal(recipe, scene, device, outside=True)))
    elif fault not in ("into_pocket", "no_contrast"):
        out.append(Pool(name="csf", moves=False, held=_along_canal(recipe, scene, device, outside=False)))
    if fault in ("spilt", "into_pocket"):
        out.append(Pool(name="needle", moves=True, held=partial(_by_hand, _puddle(recipe, device), recipe, 1.0)))
    if fault == "into_pocket":
        crescent = pool_points(pool_round_pump(device, volume_ml=2.0 * recipe.leak_ml + 2.0, toward=_DOWN))
        out.append(Pool(name="pocket", moves=True, held=partial(_by_hand, crescent, recipe, 3.0)))
    return tuple(out)


_Held = tuple[FloatArray, FloatArray]


def _leak(recipe: CineRecipe, scene: Scene, device: Device, injection: Injection) -> Pool:
    """What leaves at the hole: into the pocket, or a blob beside the catheter that grows from the hole."""
    (hole,) = injection.plumbing.escapes
    if recipe.fault == "pocket_pooling":
        held = pool_points(pool_round_pump(device, volume_ml=3.0 * recipe.leak_ml + 1.0, toward=_DOWN))
        return Pool(name="pocket", moves=True, held=lambda flow, _: (held[0], held[1] * flow.escaped[0]))
    points = np.concatenate(device.course.pieces)
    at = points[min(int(np.searchsorted(injection.arc_mm, hole.arc_mm)), len(points) - 1)]
    held = pool_points(blob_at(scene, device, hole.arc_mm, volume_ml=recipe.leak_ml, seed=1))
    full = max(float(injection.at(recipe.frames * recipe.frame_s).escaped[0]), 1e-9)

    def grown(flow: Flow, _: float) -> _Held:
        share = min(float(flow.escaped[0]) / full, 1.0)
        return at + (held[0] - at) * max(share, 0.02) ** (1.0 / 3.0), held[1] * float(flow.escaped[0])

    return Pool(name="leak", moves=hole.arc_mm < _tract_end(device), held=grown)


def _tract_end(device: Device) -> float:
    """Arc length half way along the tract: what lies before it breathes."""
    return float(0.5 * arc_length(device.route.points)[-1])


def _at_tip(held: _Held, flow: Flow, _: float) -> _Held:
    return held[0], held[1] * flow.arrived


def _by_hand(held: _Held, recipe: CineRecipe, delay_s: float, _: Flow, time_s: float) -> _Held:
    """What leaves at the needle itself: all of a pocket injection, a given volume of a spill."""
    seconds = max(time_s - recipe.before_s - (delay_s - 1.0), 0.0)
    volume = recipe.rate_ml_per_s * seconds
    most = recipe.spill_ml if recipe.fault == "spilt" else np.inf
    return held[0], held[1] * min(0.5 * volume, most) * recipe.mg_per_ml


def _puddle(recipe: CineRecipe, device: Device) -> _Held:
    """A flat puddle under the skin over the port."""
    pocket = device.pocket
    axes = pattern_axes(pocket, recipe.film)
    height = pocket.model.thickness_mm / 2.0 + 4.0
    center = pocket.center_mm + np.array([*_PORT_MM, height]) @ axes
    flat = (recipe.spill_ml * 2.0 * 1000.0 * 3.0 / (4.0 * np.pi * 0.35)) ** (1.0 / 3.0)
    return pool_points(
        Ellipsoid(center_mm=center, axes=axes, half_mm=np.array([flat, flat, 0.35 * flat]), rough=0.15, seed=8)
    )


def _loculus(recipe: CineRecipe, scene: Scene, device: Device) -> _Held:
    """A smooth pool in the sac round the tip, a little longer than wide."""
    volume, tip = min(recipe.leak_ml, 1.6), device.course.pieces[-1][-1]
    wide = min((volume * 1000.0 * 3.0 / (4.0 * np.pi * 1.5)) ** (1.0 / 3.0), 6.5)
    half = np.array([max(wide, volume * 1000.0 * 3.0 / (4.0 * np.pi * wide * wide)), wide, wide])
    middle, _ = scene.site.canal_at(tip[2:3])
    center = tip + 0.4 * (middle[0] - tip)
    return pool_points(Ellipsoid(center_mm=center, axes=np.eye(3)[[2, 0, 1]], half_mm=half, rough=0.04, seed=7))


def _along_canal(recipe: CineRecipe, scene: Scene, device: Device, *, outside: bool) -> Amounts:
    """Contrast that spreads along the sac from the tip, or in streaks in the fat outside it."""
    canal, radius = scene.site.canal, _SAC * scene.site.canal_radius_mm
    tip, arc = device.course.pieces[-1][-1], arc_length(canal)
    source = float(np.interp(tip[2], canal[:, 2], arc))
    fine = np.arange(0.0, arc[-1], 1.0)
    middle = np.stack([np.interp(fine, arc, canal[:, n]) for n in range(3)], axis=1)
    wide = np.interp(fine, arc, radius)
    ring, weight = _ring(recipe, fine, outside=outside)
    points = middle[:, None] + wide[:, None, None] * ring
    start, speed = recipe.sac_start_mm, recipe.sac_mm_per_s * (_EPIDURAL_FASTER if outside else 1.0)

    def held(flow: Flow, _: float) -> _Held:
        width = np.hypot(start, speed * flow.hours_since_arrival * 3600.0)
        line = spread_along(middle, wide, (source, float("inf")), float(width)) * wide**2
        mg = line[:, None] * weight
        return points.reshape(-1, 3), (mg / max(float(mg.sum()), 1e-12) * flow.arrived).ravel()

    return held


def _ring(recipe: CineRecipe, fine: FloatArray, *, outside: bool) -> tuple[FloatArray, FloatArray]:
    """Elements of each cross-section (N, M, 3) in units of the sac's radius, and their weights (N, M).

    Every cross-section has elements of its own: equal ones would make a pattern on the detector.
    """
    rng = np.random.default_rng([recipe.film.patient.seed, 117])
    low, high = _EPIDURAL if outside else (0.0, 1.0)
    n = np.arange(_RING) + rng.random((len(fine), _RING))
    rho = np.sqrt(low**2 + (high**2 - low**2) * n / _RING)
    angle = 2.0 * np.pi * rng.random((len(fine), _RING))
    ring = np.stack([_WIDER * rho * np.cos(angle), rho * np.sin(angle), np.zeros_like(angle)], axis=-1)
    if not outside:
        return ring, np.ones((len(fine), _RING))
    rng = np.random.default_rng([recipe.film.patient.seed, 113])
    waves = np.zeros((len(fine), _RING))
    for _ in range(6):
        pitch, turn, phase = rng.uniform(9.0, 40.0), rng.integers(-3, 4), rng.uniform(0.0, 2.0 * np.pi)
        waves += np.cos(2.0 * np.pi * fine[:, None] / pitch + turn * angle + phase)
    return ring, np.clip(0.45 + 0.4 * waves, 0.0, None)
