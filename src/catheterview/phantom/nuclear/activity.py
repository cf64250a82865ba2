"""From the tracer's fate to points with MBq, and from points to voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Grid, arc_length, unit
from catheterview.phantom.body import Body
from catheterview.phantom.nuclear.fate import Fate, fault_arc_mm
from catheterview.phantom.nuclear.recipe import NuclearRecipe
from catheterview.phantom.scene import Device, Scene

Counts = NDArray[np.float32]
_SAC_SHARE = 0.8  # of the canal's radius that the sac takes
_POOL_MM = 7.0  # half the size of a pool in tissue; drawn by the seed between 0.7 and 1.4 times this
_SEEP_FLAT = 0.5  # tracer seeps along layers of fat and fascia rather than across them
_RESERVOIR_SHARE = 0.8  # of the pump's radius
_BLADDER_MM = (26.0, 22.0, 24.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cloud:
    """Tracer in one place.

    Parameters
    ----------
    name : str
    points : (N, 3) LPS mm
    mbq : (N,) float64
    """

    name: str
    points: FloatArray
    mbq: FloatArray

    @property
    def total_mbq(self) -> float:
        """All of it."""
        return float(self.mbq.sum())


def clouds_of(recipe: NuclearRecipe, scene: Scene, body: Body, fate: Fate) -> tuple[Cloud, ...]:
    """Every place that holds tracer, as points in the patient.

    Parameters
    ----------
    recipe : NuclearRecipe
    scene : Scene
        With a device.
    body : Body
        For its organs.
    fate : Fate
    """
    assert scene.device is not None  # the caller refuses a scene without
    rng = np.random.default_rng([recipe.ct.seed, 63])
    clouds = [
        _even("reservoir", reservoir_points(recipe, scene.device, rng), fate.reservoir),
        Cloud(name="line", points=scene.device.route.points, mbq=fate.line),
        _csf(recipe, scene, fate),
        _even("pool", pool_points(recipe, scene.device), fate.pool),
        *_organs(recipe, body, fate, rng),
    ]
    return tuple(cloud for cloud in clouds if cloud.total_mbq > 0.0)


def _even(name: str, points: FloatArray, mbq: float) -> Cloud:
    return Cloud(name=name, points=points, mbq=np.full(len(points), mbq / len(points)))


def reservoir_points(recipe: NuclearRecipe, device: Device, rng: np.random.Generator) -> FloatArray:
    """(N, 3) points of the fluid in the pump: a flat disc whose thickness follows from its volume."""
    pocket = device.pocket
    radius = _RESERVOIR_SHARE * pocket.radius_mm
    thick = min(recipe.mix_ml * 1000.0 / (np.pi * radius**2), 0.8 * pocket.model.thickness_mm)
    around, out = rng.uniform(0.0, 2.0 * np.pi, 6000), radius * np.sqrt(rng.uniform(0.0, 1.0, 6000))
    height = rng.uniform(-0.5, 0.5, 6000) * thick + rng.uniform(-2.5, 2.5)
    local = np.stack([out * np.cos(around), out * np.sin(around), height], axis=1)
    return np.asarray(local @ pocket.axes + pocket.center_mm)


def pool_points(recipe: NuclearRecipe, device: Device) -> FloatArray:
    """(N, 3) points of tracer that has leaked: a flat pool behind the pump, or a ball about the leak."""
    rng = np.random.default_rng([recipe.ct.seed, 66])
    ball = rng.normal(size=(1500, 3))
    ball *= (rng.uniform(0.0, 1.0, 1500) ** (1.0 / 3.0) / np.linalg.norm(ball, axis=1))[:, None]
    size = _POOL_MM * rng.uniform(0.7, 1.4, 3)
    if recipe.fault == "posterior":
        pocket = device.pocket
        clock, away = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(0.0, 0.7) * pocket.radius_mm
        depth = -(pocket.model.thickness_mm / 2.0 + rng.uniform(3.0, 6.0))
        middle = np.array([away * np.cos(clock), away * np.sin(clock), depth])
        return np.asarray((ball * (2.2 * size[0], 2.2 * size[1], 3.0) + middle) @ pocket.axes + pocket.center_mm)
    if recipe.seep_mm:
        return pool_middle(recipe, device) + rng.normal(size=(1500, 3)) * recipe.seep_mm * (1.0, _SEEP_FLAT, 1.0)
    return pool_middle(recipe, device) + ball * size


def leak_point(recipe: NuclearRecipe, device: Device) -> FloatArray:
    """(3,) point of the route at which the fault lies."""
    arc = arc_length(device.route.points)
    return np.asarray(device.route.points[int(np.argmin(np.abs(arc - fault_arc_mm(recipe, device))))])


def pool_middle(recipe: NuclearRecipe, device: Device) -> FloatArray:
    """(3,) middle of the pool: at the leak, or off the catheter towards the middle of the body."""
    point, route = leak_point(recipe, device), device.route.points
    at = int(np.argmin(np.linalg.norm(route - point, axis=1)))
    along = unit(route[min(at + 5, len(route) - 1)] - route[max(at - 5, 0)])
    inwards = np.array((0.0, float(route[:, 1].mean()), point[2])) - point
    return np.asarray(point + recipe.off_mm * unit(inwards - (inwards @ along) * along))


def block_height_mm(recipe: NuclearRecipe, scene: Scene) -> float:
    """Height z that CSF does not pass, a way above the tip or below it where there is more canal in view."""
    assert scene.device is not None
    rng = np.random.default_rng([recipe.ct.seed, 64])
    tip = float(scene.device.route.points[-1, 2])
    low, high = float(scene.site.canal[0, 2]), float(scene.site.canal[-1, 2])
    room_up, room_down = high - tip, tip - low
    away = rng.uniform(15.0, 30.0)
    return tip + away if room_up > 90.0 or room_up > room_down else tip - away


def _csf(recipe: NuclearRecipe, scene: Scene, fate: Fate) -> Cloud:
    """Tracer in the sac: falls from the tip to both sides, cut where a block is."""
    assert scene.device is not None
    tip = float(scene.device.route.points[-1, 2])
    z = np.arange(scene.site.canal[0, 2], scene.site.canal[-1, 2], 2.0)
    middle, radius = scene.site.canal_at(z)
    weight = np.exp(-np.abs(z - tip) / recipe.csf_reach_mm)
    if recipe.fault == "csf_block":
        block = block_height_mm(recipe, scene)
        weight[(z > block) if block > tip else (z < block)] = 0.0
    around = np.linspace(0.0, 2.0 * np.pi, 8, endpoint=False)
    ring = np.stack([np.cos(around), np.sin(around), np.zeros(8)], axis=1)
    points = middle[:, None] + _SAC_SHARE * 0.7 * radius[:, None, None] * ring[None]
    share = np.repeat(weight / weight.sum() / 8.0, 8)
    return Cloud(name="csf", points=points.reshape(-1, 3), mbq=share * fate.csf)


def _organs(recipe: NuclearRecipe, body: Body, fate: Fate, rng: np.random.Generator) -> list[Cloud]:
    """Kidneys, bladder, a loop of bowel, and a faint rest everywhere."""
    ball = rng.normal(size=(800, 3))
    ball *= (rng.uniform(0.0, 1.0, 800) ** (1.0 / 3.0) / np.linalg.norm(ball, axis=1))[:, None]
    solid, loops = body.organs[2:4], body.organs[4:]
    left = rng.uniform(0.35, 0.65)
    kidneys = [
        _even("kidney", np.array(organ.centre) + ball * organ.half, fate.kidneys * share)
        for organ, share in zip(solid, (left, 1.0 - left), strict=True)
    ]
    bladder = _even("bladder", np.array((0.0, -30.0, 8.0)) + ball * _BLADDER_MM, fate.bladder)
    loop = loops[int(rng.integers(len(loops)))]
    bowel = _even("bowel", np.array(loop.centre) + ball * loop.half, recipe.bowel_kbq / 1000.0)
    box = rng.uniform(-1.0, 1.0, size=(6000, 3)) * (body.half_width, body.half_depth, 0.5)
    box[:, 2] = (box[:, 2] + 0.5) * recipe.ct.shape[0] * recipe.ct.spacing_mm[0]
    inside = box[body.depth(box) > 3.0]
    return [*kidneys, bladder, bowel, _even("body", inside, fate.body * 0.5)]


def splat(points: FloatArray, amount: FloatArray, grid: Grid) -> Counts:
    """Share points among their eight nearest voxels; what lies outside the grid is lost.

    Parameters
    ----------
    points : (N, 3) LPS mm
    amount : (N,)

    Returns
    -------
    (K, J, I) float32, in the unit of `amount` per voxel
    """
    index = grid.world_to_index(points)
    low = np.floor(index).astype(int)
    part = index - low
    out = np.zeros(int(np.prod(grid.shape)))
    for corner in range(8):
        step = np.array([(corner >> axis) & 1 for axis in range(3)])
        weight = np.prod(np.where(step, part, 1.0 - part), axis=1) * amount
        at = low + step
        inside = ((at >= 0) & (at < np.array(grid.shape))).all(axis=1)
        flat = np.ravel_multi_index(tuple(at[inside].T), grid.shape)
        out += np.bincount(flat, weights=weight[inside], minlength=len(out))
    return np.asarray(out.reshape(grid.shape), dtype=np.float32)
