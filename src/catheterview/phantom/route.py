"""The catheter's course: connector, loops, tract round the flank, anchor, obliquely into the canal, up to the tip."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, arc_length, read_only, resample_polyline, tangents
from catheterview.model import Segment
from catheterview.phantom.curves import STEP_MM, bend_radius, bezier, join, relaxed, smoothed
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.sac import Entry, Site, inside_canal, ways_in
from catheterview.phantom.tract import draw_tract, leave_pump

_SHARPEST_MM = 6.5  # a healthy catheter bends no tighter
_BONE_HU = 250.0  # above muscle, contrast in fat and trabeculae of an old spine; below any lamina (300 to 1500)
_MOST_BONE_MM = 0.5  # a voxel that is grazed is no bone that is bored through
_TRIES = 8  # at a course from a pump that has moved
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
    """Draw courses until one is smooth, clear of the pump and clear of bone.

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
    entries = ways_in(recipe, site, np.random.default_rng([recipe.seed, 31]))
    blocked = 0
    for attempt in range(60):
        rng = np.random.default_rng([recipe.seed, 32, attempt])
        eased = replace(recipe, loops=max(0, recipe.loops - attempt // 20))
        turned = replace(pocket, clock_rad=_clock(recipe, pocket, rng))
        route = _draw(eased, turned, site, (entries[blocked % len(entries)], rng))
        if not _is_sound(route, turned, site):
            continue
        if bone_mm(site, route.points) <= _MOST_BONE_MM:
            return route, turned
        first = route.ends_mm[Segment.SUBCUTANEOUS_TRACT]
        blocked += bone_mm(site, route.points[round(first / STEP_MM) :]) > 0.0  # then by another way into the canal
    if blocked:
        raise UnsuitableError("every course that was found for a catheter to this canal runs through bone")
    raise UnsuitableError("no smooth course was found for a catheter from this pump to this canal")


def bone_mm(site: Site, points: FloatArray) -> float:
    """Length of a course (N, 3), a point every `STEP_MM`, that lies in bone."""
    return float((site.hu(points) > _BONE_HU).sum() * STEP_MM)


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
    head, loops_mm = leave_pump(recipe, pocket, connector_mm, rng)
    tract, more_mm = draw_tract(recipe, pocket, site, (head, entry, rng))
    course = _led_on(head, tract)
    way = resample_polyline(np.stack([entry.anchor, entry.dura]), step=STEP_MM)
    inside = inside_canal(recipe, site, entry, rng)
    course = join(join(course, way, cut_mm=14.0), inside, cut_mm=13.0)
    points = smoothed(resample_polyline(course, step=STEP_MM), over_mm=2.5)
    points = relaxed(points, sharpest_mm=_SHARPEST_MM + 1.5, fixed_mm=connector_mm)
    ends = _ends(points, entry, (connector_mm, loops_mm + more_mm))
    return Route(points=points, ends_mm=ends, connector_mm=connector_mm)


def _led_on(head: FloatArray, tract: FloatArray) -> FloatArray:
    """Lead the stem gently into the tract, whose beginning is drawn anew."""
    late = round(_EASE_MM / STEP_MM)
    arm = 0.42 * float(np.linalg.norm(tract[late] - head[-1]))
    out, on = tangents(head[-3:])[-1], tangents(tract[late : late + 3])[0]
    return np.concatenate([head, bezier(head[-1], arm * out, tract[late], arm * on)[1:-1], tract[late:]])


def redrawn_from_pump(recipe: CtRecipe, route: Route, pocket: Pocket, site: Site, *, kept: int) -> Route | None:
    """The same route from a pump at another place: without loops up to point `kept`, from there as it lay.

    Parameters
    ----------
    recipe : CtRecipe
    route : Route
    pocket : Pocket
        Of the pump where it is now.
    site : Site
        With it in place.
    kept : int

    Returns
    -------
    Route or None
        None when no such course bends gently and keeps off pump and bone.
    """
    straight = replace(recipe, loops=0)
    joint = Entry(anchor=route.points[kept], dura=route.points[-1])
    for attempt in range(_TRIES):
        rng = np.random.default_rng([recipe.seed, 33, attempt])
        head, _ = leave_pump(straight, pocket, route.connector_mm, rng)
        tract, _ = draw_tract(straight, pocket, site, (head, joint, rng))
        if len(tract) <= round((_EASE_MM + 20.0) / STEP_MM):
            return None
        begun = join(_led_on(head, tract), route.points[kept:], cut_mm=14.0)
        points = smoothed(resample_polyline(begun, step=STEP_MM), over_mm=2.0)
        points = relaxed(points, sharpest_mm=_SHARPEST_MM + 1.5, fixed_mm=route.connector_mm)
        longer = float(arc_length(points)[-1] - arc_length(route.points)[-1])
        connector = route.connector_mm + 20.0
        ends = {name: end + longer for name, end in route.ends_mm.items()}
        ends |= {Segment.CONNECTOR: connector, Segment.POCKET: connector + 10.0}
        drawn = Route(points=points, ends_mm=ends, connector_mm=route.connector_mm)
        if _is_sound(drawn, pocket, site) and bone_mm(site, points) <= _MOST_BONE_MM:
            return drawn
    return None


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
