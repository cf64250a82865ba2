"""The way under the skin, from the pump's rim round the flank to the anchor, with the loops that surgeons leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, arc_length, resample_polyline, tangents, unit
from catheterview.phantom.curves import STEP_MM, bezier, loops, smoothed, step_smoothly
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.sac import Entry, Site
from catheterview.phantom.skin import Skin
from catheterview.phantom.texture import smooth_curve

_BEHIND_MM = 4.5  # the loops' distance behind the pump
_RISE_MM = 38.0  # of way that a catheter takes from behind the pump to under the skin


def leave_pump(
    recipe: CtRecipe, pocket: Pocket, connector_mm: float, rng: np.random.Generator
) -> tuple[FloatArray, float]:
    """The connector, and the loops where they lie behind the pump.

    Parameters
    ----------
    recipe : CtRecipe
    pocket : Pocket
    connector_mm : float
    rng : numpy.random.Generator

    Returns
    -------
    points : (N, 3) LPS mm
    length_mm : float
        Its length.
    """
    reach = pocket.radius_mm + np.arange(0.0, connector_mm + 1.0, STEP_MM)
    local = np.stack([reach, np.zeros_like(reach), np.zeros_like(reach)], axis=1)
    if recipe.loops and recipe.loops_where == "behind":
        local = np.concatenate([local, _loops_behind(recipe, pocket, local[-1], rng)[1:]])
    out = pocket.way(pocket.clock_rad)
    axes = np.stack([out, np.cross(pocket.axes[2], out), pocket.axes[2]])
    return local @ axes + pocket.center_mm, float(arc_length(local)[-1])


def _loops_behind(recipe: CtRecipe, pocket: Pocket, start: FloatArray, rng: np.random.Generator) -> FloatArray:
    """From the connector round the rim, loops behind the pump, and out again; x points out through the connector."""
    side = float(rng.choice([-1.0, 1.0]))
    under = -pocket.model.thickness_mm / 2.0 - _BEHIND_MM
    under_rim = np.array([start[0] - 3.0, side * rng.uniform(28.0, 34.0), under])
    out = np.array([1.0, 0.0, 0.0])
    turn = bezier(start, out * 30.0, under_rim, -out * 22.0)
    begin = under_rim - out * rng.uniform(16.0, 24.0)
    straight = resample_polyline(np.stack([under_rim, begin]), step=STEP_MM)
    flat = loops(begin[:2], -out[:2], radius_mm=recipe.loop_radius_mm, turns=side * (recipe.loops + 0.5))
    sink = -1.6 * arc_length(flat) / (2.0 * np.pi * recipe.loop_radius_mm)
    return np.concatenate([turn, straight[1:], np.column_stack([flat, under + sink])[1:]])


def draw_tract(
    recipe: CtRecipe, pocket: Pocket, site: Site, plan: tuple[FloatArray, Entry, np.random.Generator]
) -> tuple[FloatArray, float]:
    """The way under the skin to the anchor.

    Parameters
    ----------
    recipe : CtRecipe
    pocket : Pocket
    site : Site
    plan : (N, 3) LPS mm of the way so far, Entry, Generator

    Returns
    -------
    points : (M, 3) LPS mm
        From a few mm past the way so far to the anchor.
    loops_mm : float
        Arc length at which the loops beside the pump end.

    Notes
    -----
    It is drawn on the unrolled surface of the body (arc round it, height), then laid at its depth under the skin.
    """
    head, entry, rng = plan
    way = tangents(head[-3:])[-1]
    start = head[-1] + 5.0 * way
    flat = _flat(recipe, pocket, site.skin)
    heading = unit(flat.of(start + 8.0 * way) - flat.of(start))
    plane, loops_mm = _plane_path(recipe, pocket, (flat.of(start), heading, flat.of(entry.anchor)), rng)
    depth = _depth_along(recipe, pocket, flat, (plane, start, entry.anchor, rng))
    laid = flat.lay(plane, depth)
    return smoothed(np.concatenate([start[None], laid[1:-1], entry.anchor[None]]), over_mm=3.0), 6.0 + loops_mm


def _depth_along(
    recipe: CtRecipe, pocket: Pocket, flat: _Flat, path: tuple[FloatArray, FloatArray, FloatArray, np.random.Generator]
) -> FloatArray:
    """Depth under the skin at each point of an unrolled path, from its start's to its end's depth."""
    plane, start, end, rng = path
    arc = arc_length(plane)
    depth = recipe.tract_depth_mm + 2.5 * smooth_curve(rng, arc, wavelength=90.0)
    outside = np.linalg.norm(plane - flat.of(pocket.center_mm), axis=1) > pocket.radius_mm + 4.0
    leave, rise = (float(arc[np.argmax(outside)]), _RISE_MM) if not outside[0] else (0.0, 22.0)
    first, last = float(flat.skin.depth(start)), float(flat.skin.depth(end))
    depth += step_smoothly(1.0 - (arc - leave) / rise) * (first - depth)
    depth += step_smoothly(1.0 - (arc[-1] - arc) / 25.0) * (last - depth)
    return smoothed(depth[:, None], over_mm=7.0)[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Flat:
    """The body's surface unrolled: (arc round the body towards the pump's side, height), mm."""

    skin: Skin
    side: int
    round_mm: float

    def of(self, point: FloatArray) -> FloatArray:
        """Unroll one (3,) point."""
        azimuth = self.side * float(self.skin.azimuth(point))
        return np.array([self.round_mm * (azimuth if azimuth > -1.0 else azimuth + 2.0 * np.pi), point[2]])

    def lay(self, plane: FloatArray, depth_mm: FloatArray) -> FloatArray:
        """Lay (N, 2) unrolled points at depths under the skin, to (N, 3)."""
        return self.skin.at(self.side * plane[:, 0] / self.round_mm, plane[:, 1], depth_mm)


def _flat(recipe: CtRecipe, pocket: Pocket, skin: Skin) -> _Flat:
    """Unroll the body at the pump's distance from its middle."""
    return _Flat(skin=skin, side=recipe.pump_side, round_mm=float(np.hypot(*(pocket.center_mm - skin.middle_mm)[:2])))


def _plane_path(
    recipe: CtRecipe, pocket: Pocket, ways: tuple[FloatArray, FloatArray, FloatArray], rng: np.random.Generator
) -> tuple[FloatArray, float]:
    """The unrolled path (N, 2) from the pump to the back, and the arc length at which the loops beside the pump end."""
    start, heading, end = ways
    arrive = unit(np.array([1.0, rng.uniform(-0.5, 0.5)]))
    parts, here, way = [start[None]], start, heading
    if recipe.loops and recipe.loops_where == "beside":
        parts.append(_to_loops(recipe, pocket, start, heading))
        turn = recipe.loops * float(rng.choice([-1.0, 1.0]))
        parts.append(loops(parts[-1][-1], heading, radius_mm=recipe.loop_radius_mm, turns=turn))
        here, way = parts[-1][-1], tangents(parts[-1][-3:])[-1]
    loops_mm = float(arc_length(np.concatenate(parts))[-1])
    far = float(np.linalg.norm(end - here))
    parts.append(bezier(here, way * min(70.0, 0.4 * far), end, arrive * min(60.0, 0.3 * far)))
    return smoothed(resample_polyline(np.concatenate(parts), step=STEP_MM), over_mm=2.0), loops_mm


def _to_loops(recipe: CtRecipe, pocket: Pocket, start: FloatArray, heading: FloatArray) -> FloatArray:
    """The unrolled way from the connector to where loops clear the pump."""
    reach, radius = pocket.radius_mm + 9.0, recipe.loop_radius_mm
    out = np.sqrt(reach * reach + 2.0 * radius * reach) - pocket.radius_mm - 14.0
    return resample_polyline(np.stack([start, start + max(4.0, out) * heading]), step=STEP_MM)
