"""The truth of contrast and fluid: kind, segment, point, reach, volume and HU."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Kind, Segment
from catheterview.phantom.dye.pools import leak_arc_mm, way_back
from catheterview.phantom.dye.sac import block_height_mm
from catheterview.phantom.dye.solids import Solid
from catheterview.phantom.faults import Lesion
from catheterview.phantom.fluid import Collection, Shape, lattice, step_for
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.scene import Device, Scene

_REACH_STEP_MM = 5.0  # between the points that show how far something reaches
_Found = tuple[tuple[Collection, ...], Collection | None, tuple[Solid, ...]]


def dye_lesions(scene: Scene, device: Device, found: _Found, *, hu_per_mg: float) -> tuple[Lesion, ...]:
    """What is wrong with what is where.

    Parameters
    ----------
    scene, device : Scene, Device
    found : tuple of pools, sac, solids
    hu_per_mg : float
    """
    pools, sac, solids = found
    out = [_of_pools(scene, device, pools, hu_per_mg)] if pools else []
    out += [lesion for lesion in [_of_sac(scene, device, sac, hu_per_mg)] if lesion]
    out += [lesion for solid in solids if (lesion := _of_solid(scene.recipe, device, solid))]
    if scene.recipe.fault == "ectasia":
        out.append(_ectasia(scene.recipe, device))
    return tuple(out)


_BY_FAULT: dict[str, tuple[Kind, Segment]] = {
    "connector_leak": (Kind.CONNECTOR_LEAK, Segment.CONNECTOR),
    "pocket_pooling": (Kind.POCKET_POOLING, Segment.POCKET),
    "retrograde_tracking": (Kind.RETROGRADE_TRACKING, Segment.DURAL_ENTRY),
    "tip_loculation": (Kind.TIP_LOCULATION, Segment.TIP),
    "subdural_pattern": (Kind.SUBDURAL_PATTERN, Segment.TIP),
    "epidural_pattern": (Kind.EPIDURAL_PATTERN, Segment.TIP),
}


def _of_pools(scene: Scene, device: Device, pools: tuple[Collection, ...], hu_per_mg: float) -> Lesion:
    """The one lesion that all pools of a fault belong to."""
    recipe, first = scene.recipe, pools[0]
    kind, segment = _BY_FAULT.get(recipe.fault, (Kind.EXTRAVASATION, recipe.place))
    if recipe.fault == "tip_malposition":
        kind, segment = _MALPOSED[recipe.tip_place], Segment.POCKET if recipe.tip_place == "pocket" else Segment.TIP
    measures = {
        "volume_ml": sum(pool.measured_ml() for pool in pools),
        "mean_hu": _mean_hu(first, hu_per_mg),
        "iodine_mg": sum(pool.amount for pool in pools),
    }
    point, arc = _source(recipe, device, first)
    if arc is not None:
        measures["arc_mm"] = arc
    track = way_back(pools)
    if len(track):
        measures["track_mm"] = float(np.linalg.norm(np.diff(track, axis=0), axis=1).sum())
    reach = [_reach(pool.shape) for pool in pools if pool.place != "sleeve"] + [track[::5]]
    return Lesion(kind=kind, segment=segment, point=point, ends=(), measures=measures, extent=np.concatenate(reach))


_MALPOSED = {
    "epidural": Kind.EPIDURAL_PATTERN,
    "foraminal": Kind.EXTRAVASATION,
    "paraspinal": Kind.EXTRAVASATION,
    "pocket": Kind.POCKET_POOLING,
}


def _source(recipe: CtRecipe, device: Device, pool: Collection) -> tuple[FloatArray, float | None]:
    """Where on the catheter it comes from, and the arc length there; the pool's middle where it has no source."""
    points = np.concatenate(device.course.pieces)
    if recipe.fault in ("extravasation", "ectasia", "connector_leak"):
        arc = leak_arc_mm(recipe, device)
        return points[min(round(arc * 2.0), len(points) - 1)], arc
    if pool.place == "tract":
        end = device.course.pieces[0]
        return end[-1], len(end) / 2.0
    if pool.place == "dura":
        window = device.route.window_mm(Segment.DURAL_ENTRY)
        return device.route.points[round(window[0] * 2.0) + 4], window[0] + 2.0
    if pool.place in ("tip", "epidural", "subdural"):
        return points[-1], len(points) / 2.0
    held = lattice(pool.shape, step_for(pool.shape))
    return np.average(held, axis=0, weights=pool.shape.share(held)), None


def _mean_hu(pool: Collection, hu_per_mg: float) -> float:
    """HU that a pool adds, averaged over the half of it that is densest."""
    share = pool.shape.share(lattice(pool.shape, step_for(pool.shape)))
    dense = share[share >= 0.5 * share.max(initial=0.0)]
    return float(dense.mean() * pool.concentration * hu_per_mg) if len(dense) else 0.0


def _reach(shape: Shape) -> FloatArray:
    """Points (N, 3) that show how far a shape reaches, a few mm apart."""
    points = lattice(shape, _REACH_STEP_MM)
    inside = points[shape.share(points) > 0.4]
    return inside if len(inside) else np.zeros((0, 3))


def _of_sac(scene: Scene, device: Device, sac: Collection | None, hu_per_mg: float) -> Lesion | None:
    """Contrast that does not get where it should."""
    recipe, tip = scene.recipe, device.course.pieces[-1][-1]
    if sac is None or recipe.fault not in ("inadequate_pooling", "flow_obstruction"):
        return None
    measures = {"mean_hu": _mean_hu(sac, hu_per_mg), "arc_mm": sum(len(p) for p in device.course.pieces) / 2.0}
    if recipe.fault == "inadequate_pooling":
        heights, kind = np.arange(tip[2] - 30.0, tip[2] + 31.0, _REACH_STEP_MM), Kind.INADEQUATE_POOLING
        measures["spread_mm"] = recipe.spread_mm
        point = tip
    else:
        top = block_height_mm(scene, device)
        heights, kind = np.arange(top - 15.0, top + 16.0, _REACH_STEP_MM), Kind.FLOW_OBSTRUCTION
        point = scene.site.canal_at(np.array([top]))[0][0]
        measures = {"above_tip_mm": top - float(tip[2])}
    extent = scene.site.canal_at(heights)[0]
    return Lesion(kind=kind, segment=Segment.INTRATHECAL, point=point, ends=(), measures=measures, extent=extent)


def _of_solid(recipe: CtRecipe, device: Device, solid: Solid) -> Lesion | None:
    """A seroma or a mass; old fluid is none."""
    if solid.name == "old fluid":
        return None
    step = step_for(solid.shape)
    points = lattice(solid.shape, step)
    share = solid.shape.share(points)
    inside = points[share > 0.5]
    measures = {"volume_ml": float(share.sum()) * step**3 / 1000.0, "mean_hu": solid.hu}
    if solid.name == "mass":
        measures["diameter_mm"] = recipe.defect_mm
    kind, segment = (Kind.SEROMA, Segment.POCKET) if solid.name == "seroma" else (Kind.FILLING_DEFECT, Segment.TIP)
    point = inside.mean(axis=0) if len(inside) else device.course.pieces[-1][-1]
    reach = _reach(solid.shape)
    return Lesion(kind=kind, segment=segment, point=point, ends=(), measures=measures, extent=reach)


def _ectasia(recipe: CtRecipe, device: Device) -> Lesion:
    """The widened stretch beyond the hole."""
    start = leak_arc_mm(recipe, device)
    points = np.concatenate(device.course.pieces)
    part = points[round(start * 2.0) : round((start + recipe.wide_mm) * 2.0)]
    measures = {"wide_ratio": recipe.wide_ratio, "length_mm": recipe.wide_mm, "arc_mm": start + recipe.wide_mm / 2.0}
    middle = part[len(part) // 2]
    return Lesion(kind=Kind.ECTASIA, segment=recipe.place, point=middle, ends=(), measures=measures, extent=part[::10])
