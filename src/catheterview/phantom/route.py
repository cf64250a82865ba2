"""The catheter's course: connector, loops, tract round the flank, anchor, obliquely into the canal, up to the tip."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, arc_length, read_only, resample_polyline, tangents, unit
from catheterview.model import Segment
from catheterview.phantom.curves import STEP_MM, bend_radius, bezier, join, loops, relaxed, smoothed, step_smoothly
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.sac import Entry, Site, choose_entry, inside_canal
from catheterview.phantom.skin import Skin
from catheterview.phantom.texture import smooth_curve

_SHARPEST_MM = 6.5  # a healthy catheter bends no tighter
_EASE_MM = 22.0  # of the tract's beginning that is drawn anew, to leave the rigid connector straight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """A catheter's axis before anything happens to it.

    Parameters
    ----------
    points : (N, 3) LPS mm, from the pump's rim to the tip, every `STEP_MM`
    ends_mm : dict of Segment to float
        Arc length at which each segment ends, in order.
    connector_mm : float
        Length of the rigid connector at the rim.
    """

    points: FloatArray
    ends_mm: dict[Segment, float]
    connector_mm: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", read_only(self.points, ndim=2))

    def segment_at(self, arc_mm: float) -> Segment:
        """The segment at an arc length from the rim."""
        for segment, end in self.ends_mm.items():
            if arc_mm <= end:
                return segment
        return Segment.TIP

    def window_mm(self, segment: Segment) -> tuple[float, float]:
        """Arc lengths between which a segment lies."""
        names = list(self.ends_mm)
        at = names.index(segment)
        return (0.0 if at == 0 else self.ends_mm[names[at - 1]]), self.ends_mm[segment]


def plan_route(recipe: CtRecipe, pocket: Pocket, site: Site) -> tuple[Route, Pocket]:
    """Draw courses until one is smooth and clear of the pump.

    Parameters
    ----------
    recipe : CtRecipe
    pocket : Pocket
        Its connector's clock angle is drawn here.
    site : Site

    Returns
    -------
    Route, Pocket

    Raises
    ------
    UnsuitableError
        When there is no room for a catheter.
    """
    entry = choose_entry(recipe, site, np.random.default_rng([recipe.seed, 31]))
    for attempt in range(60):
        rng = np.random.default_rng([recipe.seed, 32, attempt])
        eased = replace(recipe, loops=max(0, recipe.loops - attempt // 20))
        turned = replace(pocket, clock_rad=_clock(recipe, pocket, rng))
        route = _draw(eased, turned, site, (entry, rng))
        if _is_sound(route, turned, site):
            return route, turned
    raise UnsuitableError("no smooth course was found for a catheter from this pump to this canal")


def _is_sound(route: Route, pocket: Pocket, site: Site) -> bool:
    """Whether a course bends gently, keeps off the pump and stays in the scan and the body."""
    free = route.points[round(route.connector_mm / STEP_MM) + 2 :]
    low, high = site.span_mm
    return bool(
        bend_radius(route.points).min() > _SHARPEST_MM
        and pocket.clearance(free).min() > 1.0
        and site.skin.depth(free).min() > 2.5
        and free[:, 2].min() > low
        and free[:, 2].max() < high
    )


def _clock(recipe: CtRecipe, pocket: Pocket, rng: np.random.Generator) -> float:
    """Point the connector roughly to the patient's flank on the pump's side, up or down."""
    flank = 0.0 if recipe.pump_side * pocket.axes[0, 0] > 0 else np.pi
    return float(flank + rng.uniform(-0.9, 0.9))


def _draw(recipe: CtRecipe, pocket: Pocket, site: Site, plan: tuple[Entry, np.random.Generator]) -> Route:
    """Draw one course through its fixed points."""
    entry, rng = plan
    connector_mm = rng.uniform(5.0, 8.0)
    out = pocket.way(pocket.clock_rad)
    stub = pocket.rim(0.0) + np.outer(np.arange(0.0, connector_mm + 1.0, STEP_MM), out)
    tract, loop_mm = _tract(recipe, pocket, site, (entry, stub[-1] + 5.0 * out, rng))
    late = round(_EASE_MM / STEP_MM)
    arm = 0.42 * float(np.linalg.norm(tract[late] - stub[-1]))
    ease = bezier(stub[-1], arm * out, tract[late], arm * tangents(tract[late : late + 3])[0])
    course = np.concatenate([stub, ease[1:-1], tract[late:]])
    way = resample_polyline(np.stack([entry.anchor, entry.dura]), step=STEP_MM)
    inside = inside_canal(recipe, site, entry, rng)
    course = join(join(course, way, cut_mm=14.0), inside, cut_mm=13.0)
    points = smoothed(resample_polyline(course, step=STEP_MM), over_mm=2.5)
    points = relaxed(points, sharpest_mm=_SHARPEST_MM + 1.5, fixed_mm=connector_mm)
    return Route(points=points, ends_mm=_ends(points, entry, (connector_mm, loop_mm)), connector_mm=connector_mm)


def _ends(points: FloatArray, entry: Entry, begin: tuple[float, float]) -> dict[Segment, float]:
    """Arc lengths at which the segments end."""
    arc = arc_length(points)
    late = arc > arc[-1] * 0.3
    anchor, dura = (
        float(arc[late][np.argmin(np.linalg.norm(points[late] - at, axis=1))]) for at in (entry.anchor, entry.dura)
    )
    connector = begin[0] + 20.0
    return {
        Segment.CONNECTOR: connector,
        Segment.POCKET: max(connector + 10.0, begin[1]),
        Segment.SUBCUTANEOUS_TRACT: anchor - 12.0,
        Segment.ANCHOR: anchor + 10.0,
        Segment.FASCIAL_ENTRY: anchor + 16.0,
        Segment.PARASPINAL_TRACT: dura - 4.0,
        Segment.DURAL_ENTRY: dura + 4.0,
        Segment.INTRATHECAL: float(arc[-1]) - 3.0,
        Segment.TIP: float(arc[-1]),
    }


def _tract(
    recipe: CtRecipe, pocket: Pocket, site: Site, plan: tuple[Entry, FloatArray, np.random.Generator]
) -> tuple[FloatArray, float]:
    """The way under the skin from the connector to the anchor, and the arc length at which the loops end.

    It is drawn on the unrolled surface of the body (arc round it, height), then laid at its depth under the skin.
    """
    entry, start, rng = plan
    skin, round_mm = site.skin, float(np.hypot(*(pocket.center_mm - site.skin.middle_mm)[:2]))
    flat = _Flat(skin=skin, side=recipe.pump_side, round_mm=round_mm)
    from_pump, to_back = flat.of(start), flat.of(entry.anchor)
    heading = unit(from_pump - flat.of(pocket.center_mm))
    plane, loop_mm = _plane_path(recipe, pocket, (from_pump, heading, to_back), rng)
    arc = arc_length(plane)
    depth = recipe.tract_depth_mm + 2.5 * smooth_curve(rng, arc, wavelength=90.0)
    centre = flat.of(pocket.center_mm)
    behind = step_smoothly((pocket.radius_mm + 16.0 - np.linalg.norm(plane - centre, axis=1)) / 12.0)
    behind *= step_smoothly((arc - 14.0) / 10.0)
    thick = float(skin.depth(pocket.center_mm)) + pocket.model.thickness_mm / 2.0 + 6.0
    depth += behind * (thick - depth)
    first, last = float(skin.depth(start)), float(skin.depth(entry.anchor))
    depth += step_smoothly(1.0 - arc / 22.0) * (first - depth)
    depth += step_smoothly(1.0 - (arc[-1] - arc) / 25.0) * (last - depth)
    laid = flat.lay(plane, smoothed(depth[:, None], over_mm=7.0)[:, 0])
    return smoothed(np.concatenate([start[None], laid[1:-1], entry.anchor[None]]), over_mm=3.0), 6.0 + loop_mm


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


def _plane_path(
    recipe: CtRecipe, pocket: Pocket, ways: tuple[FloatArray, FloatArray, FloatArray], rng: np.random.Generator
) -> tuple[FloatArray, float]:
    """The unrolled path (N, 2) from the pump to the back with its loops, and the arc length at the loops' end."""
    start, heading, end = ways
    arrive = unit(np.array([1.0, rng.uniform(-0.5, 0.5)]))
    parts, here, way = [start[None]], start, heading
    if recipe.loops:
        parts.append(_to_loops(recipe, pocket, (start, heading), rng))
        here, way = parts[-1][-1], tangents(parts[-1][-3:])[-1]
        turn = recipe.loops * float(rng.choice([-1.0, 1.0]))
        parts.append(loops(here, way, radius_mm=recipe.loop_radius_mm, turns=turn))
        here, way = parts[-1][-1], tangents(parts[-1][-3:])[-1]
    loop_mm = float(arc_length(np.concatenate(parts))[-1])
    far = float(np.linalg.norm(end - here))
    parts.append(bezier(here, way * min(70.0, 0.4 * far), end, arrive * min(60.0, 0.3 * far)))
    return smoothed(resample_polyline(np.concatenate(parts), step=STEP_MM), over_mm=2.0), loop_mm


def _to_loops(
    recipe: CtRecipe, pocket: Pocket, begin: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> FloatArray:
    """The unrolled way from the connector to where the loops begin: further out, or back behind the pump."""
    start, heading = begin
    if recipe.loops_where == "beside":
        reach, radius = pocket.radius_mm + 9.0, recipe.loop_radius_mm
        out = np.sqrt(reach * reach + 2.0 * radius * reach) - pocket.radius_mm - 14.0
        return resample_polyline(np.stack([start, start + max(4.0, out) * heading]), step=STEP_MM)
    square = np.array([-heading[1], heading[0]]) * float(rng.choice([-1.0, 1.0]))
    centre = start - heading * (pocket.radius_mm + 14.0)
    target = centre + 24.0 * square
    return bezier(start, heading * 34.0, target, -heading * 45.0 + square * rng.uniform(-8.0, 8.0))
