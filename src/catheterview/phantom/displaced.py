"""A catheter whose end lies where it should not, and a pump that has turned: courses other than the planned one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, arc_length, resample_polyline, tangents, unit
from catheterview.model import Kind, Segment
from catheterview.phantom.curves import STEP_MM, bend_radius, bezier, join, loops, relaxed, smoothed, step_smoothly
from catheterview.phantom.faults import Course, Lesion
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.route import Route
from catheterview.phantom.sac import Site

_LEAST_INSIDE_MM = 25.0  # that a migrated catheter still lies in the sac
_SHARPEST_MM = 7.0  # to which a displaced course is eased, as a healthy one is
_EPIDURAL_MM = 1.1  # under the canal's edge: between dura and lamina
_LEAST_DEPTH_MM = 2.5  # under the skin
_SLACK_MM, _UNDER_MM = 11.0, 2.5  # radius of loops of slack, and how far a turn lies under the one before; no source
_BONE_HU = 250.0
_PAST_PEDICLE_MM = 9.0  # beyond the canal's edge, where a tip in a foramen lies


def displaced(recipe: CtRecipe, route: Route, site: Site) -> Course | None:
    """The course of a catheter whose tip is not where it was put, with its truth.

    Parameters
    ----------
    recipe : CtRecipe
    route : Route
        As it was implanted.
    site : Site

    Returns
    -------
    Course or None
        None when the recipe's fault leaves the course alone.

    Raises
    ------
    UnsuitableError
        When the anatomy in view has no room for it.
    """
    if recipe.fault == "migration":
        return _migrated(recipe, route, site)
    place = "epidural" if recipe.fault == "epidural_pattern" else recipe.tip_place
    if recipe.fault not in ("tip_malposition", "epidural_pattern"):
        return None
    drawn = _drawn(place, recipe, route, site)
    points = relaxed(drawn, sharpest_mm=_SHARPEST_MM, fixed_mm=route.connector_mm)
    tip = points[-1]
    meant = route.points[-1]
    measures = {"off_mm": float(np.linalg.norm(tip - meant)), "arc_mm": float(arc_length(points)[-1])}
    lesion = Lesion(kind=Kind.TIP_MALPOSITION, segment=Segment.TIP, point=tip, ends=(), measures=measures)
    return Course(pieces=(resample_polyline(points, step=STEP_MM),), lesions=(lesion,))


def _drawn(place: str, recipe: CtRecipe, route: Route, site: Site) -> FloatArray:
    """The course to a tip at the place of a malposition."""
    if place == "epidural":
        return _epidural(recipe, route, site)
    if place == "foraminal":
        return _foraminal(recipe, route, site)
    return _paraspinal(route, site) if place == "paraspinal" else _in_pocket(route)


def _migrated(recipe: CtRecipe, route: Route, site: Site) -> Course:
    """Draw the tip back; what came out lies as loops under the skin, or, where it is short, is not drawn."""
    arc = arc_length(route.points)
    shortest = route.window_mm(Segment.DURAL_ENTRY)[1] + _LEAST_INSIDE_MM
    end = max(float(arc[-1]) - recipe.shift_mm, min(shortest, float(arc[-1]) - 10.0))
    points = route.points[: int(np.searchsorted(arc, end)) + 1]
    shift = float(np.linalg.norm(route.points[-1] - points[-1]))
    slack = _with_slack(points, route, site, came_out_mm=float(arc[-1]) - end)
    more = float(arc_length(slack)[-1] - arc_length(points)[-1])
    measures = {"shift_mm": shift, "slack_mm": more, "arc_mm": float(arc_length(slack)[-1])}
    lesion = Lesion(kind=Kind.MIGRATION, segment=Segment.TIP, point=slack[-1], ends=(), measures=measures)
    return Course(pieces=(slack,), lesions=(lesion,))


def _with_slack(points: FloatArray, route: Route, site: Site, *, came_out_mm: float) -> FloatArray:
    """Lay a length as loops in the tract, flat under the skin, where there is room; the course itself where not."""
    turns = max(1, round(came_out_mm / (2.0 * np.pi * _SLACK_MM)))
    radius = came_out_mm / (2.0 * np.pi * turns)
    if radius < _SHARPEST_MM + 0.8:
        return points
    low, high = route.window_mm(Segment.SUBCUTANEOUS_TRACT)
    for share in (0.8, 0.65, 0.5, 0.35):
        at = round((low + share * (high - low)) / STEP_MM)
        for turned in (turns, -turns):
            laid = relaxed(
                _looped(points, at, site, (radius, turned)), sharpest_mm=_SHARPEST_MM, fixed_mm=route.connector_mm
            )
            near = laid[at : at + round(came_out_mm / STEP_MM)]
            if site.skin.depth(near).min() > _LEAST_DEPTH_MM and site.hu(near).max() < _BONE_HU:
                return laid
    return points


def _looped(points: FloatArray, at: int, site: Site, how: tuple[float, int]) -> FloatArray:
    """The course with loops (radius, turns) put in at a point; each turn passes a little under the one before."""
    radius, turns = how
    way = tangents(points[at - 6 : at + 7])[6]
    out = site.skin.outward(points[at][None])[0]
    aside = unit(np.cross(out, way))
    flat = loops(np.zeros(2), np.array([1.0, 0.0]), radius_mm=radius, turns=float(turns))
    sunk = _UNDER_MM * arc_length(flat) / (2.0 * np.pi * radius)
    laid = points[at] + flat[:, :1] * way + flat[:, 1:] * aside - sunk[:, None] * out
    after = points[at + 1 :]
    back = sunk[-1] * (1.0 - step_smoothly(np.asarray(np.arange(len(after)) * STEP_MM / 25.0, dtype=np.float64)))
    course = np.concatenate([points[:at], laid, after - back[:, None] * out])
    return smoothed(resample_polyline(course, step=STEP_MM), over_mm=1.5)


def _epidural(recipe: CtRecipe, route: Route, site: Site) -> FloatArray:
    """Up the back of the canal, outside the dura."""
    before, start = _until(route, Segment.PARASPINAL_TRACT, -2.0)
    top = min(start[2] + min(recipe.intrathecal_mm, 130.0), site.span_mm[1] - 2.0, float(site.canal[-1, 2]) - 3.0)
    if top - start[2] < 40.0:
        raise UnsuitableError("too little of the canal in view for a catheter outside the dura")
    z = np.arange(start[2] + 12.0, top, STEP_MM)
    middle, radius = site.canal_at(z)
    middle[:, 0] += 1.5 * np.sin(z / 30.0)
    middle[:, 1] += radius - _EPIDURAL_MM
    return join(np.concatenate([before, middle[:2]]), middle, cut_mm=2.0)


def _foraminal(recipe: CtRecipe, route: Route, site: Site) -> FloatArray:
    """Up in the sac, then out beside a root, where the least bone is in the way."""
    window = route.window_mm(Segment.INTRATHECAL)
    before = route.points[: round((window[0] + 0.4 * (window[1] - window[0])) / STEP_MM)]
    side = float(recipe.pump_side)
    best: tuple[float, FloatArray] | None = None
    for lift in np.arange(16.0, 44.0, 2.0):
        z = before[-1, 2] + lift
        if z > site.span_mm[1] - 8.0:
            break
        middle, radius = site.canal_at(np.array([z]))
        out = middle[0] + (side * (radius[0] + _PAST_PEDICLE_MM), -2.0, -4.0)
        way = bezier(before[-1], tangents(before[-3:])[-1] * lift * 0.7, out, np.array([side * 14.0, -1.0, -5.0]))
        cost = float(np.clip(site.hu(way) - 120.0, 0.0, 900.0).mean())
        if best is None or cost < best[0]:
            best = (cost, way)
    if best is None:
        raise UnsuitableError("too little of the canal in view for a tip in a foramen")
    return np.concatenate([before, best[1][1:]])


def _paraspinal(route: Route, site: Site) -> FloatArray:
    """Into the muscle of the back and up in it, never through the dura."""
    window = route.window_mm(Segment.PARASPINAL_TRACT)
    before = route.points[: round((window[0] + 0.45 * (window[1] - window[0])) / STEP_MM)]
    start, way = before[-1], tangents(before[-3:])[-1]
    middle, radius = site.canal_at(start[2:3] + 38.0)
    side = 1.0 if start[0] > middle[0, 0] else -1.0
    end = np.array([middle[0, 0] + side * (radius[0] + 14.0), start[1] + 2.0, min(start[2] + 40.0, site.span_mm[1])])
    return np.concatenate([before, bezier(start, way * 16.0, end, np.array([0.0, 0.0, 16.0]))[1:]])


def _in_pocket(route: Route) -> FloatArray:
    """Pulled out all the way: it ends soon after its loops, in the pocket."""
    end = route.window_mm(Segment.POCKET)[1] + 6.0
    return route.points[: round(end / STEP_MM)]


def _until(route: Route, segment: Segment, past_mm: float) -> tuple[FloatArray, FloatArray]:
    """The course to `past_mm` beyond a segment's end, and its last point."""
    points = route.points[: round((route.window_mm(segment)[1] + past_mm) / STEP_MM)]
    return points, points[-1]


def turned_pump(recipe: CtRecipe, route: Route, pocket: Pocket, site: Site) -> tuple[Route, Pocket, Lesion]:
    """The pump turned about its axis, the catheter wound round its rim; the way that there is room for.

    Parameters
    ----------
    recipe : CtRecipe
    route : Route
    pocket : Pocket
        As implanted.
    site : Site

    Returns
    -------
    Route, Pocket, Lesion

    Raises
    ------
    UnsuitableError
        When the catheter can be wound neither way.
    """
    for turn in (np.radians(recipe.turn_deg), -np.radians(recipe.turn_deg)):
        points = relaxed(_wound(route, pocket, float(turn), site), sharpest_mm=_SHARPEST_MM, fixed_mm=0.0)
        free = points[round(route.connector_mm / STEP_MM) + 2 :]
        roomy = pocket.clearance(free).min() > 1.0 and site.skin.depth(free).min() > _LEAST_DEPTH_MM
        if roomy and bend_radius(points).min() > _SHARPEST_MM - 1.0:
            break
    else:
        raise UnsuitableError("no room to wind a catheter round a turned pump")
    longer = float(arc_length(points)[-1]) - float(arc_length(route.points)[-1])
    ends = {name: end + (longer if name is not Segment.CONNECTOR else 0.0) for name, end in route.ends_mm.items()}
    # Internals are arranged in the pump's own axes, so that these turn with it; the clock is then the old one.
    axes = np.stack([pocket.way(float(turn)), pocket.way(float(turn) + np.pi / 2.0), pocket.axes[2]])
    lesion = _pump_lesion(Kind.PUMP_ROTATION, pocket, {"turn_deg": recipe.turn_deg})
    return replace(route, points=points, ends_mm=ends), replace(pocket, axes=axes), lesion


def _wound(route: Route, pocket: Pocket, turn: float, site: Site) -> FloatArray:
    """The course from the turned connector along the rim to where the connector was, and on as before."""
    clock, way = pocket.clock_rad + turn, float(np.sign(turn))
    reach = pocket.radius_mm + np.arange(0.0, route.connector_mm + 1.0, STEP_MM)
    stem = pocket.center_mm + reach[:, None] * pocket.way(clock)
    rim = reach[-1] + 15.0
    angles = np.arange(clock - 0.34 * way, pocket.clock_rad + 0.12 * way, -way * STEP_MM / rim)
    wound = pocket.center_mm + rim * np.stack([pocket.way(float(angle)) for angle in angles])
    shallow = np.clip(_LEAST_DEPTH_MM + 4.0 - site.skin.depth(wound), 0.0, 12.0)
    wound = wound - smoothed(shallow[:, None], over_mm=8.0) * pocket.axes[2]
    late = round((route.connector_mm + 34.0) / STEP_MM)
    on = tangents(route.points[late : late + 3])[0]
    first = bezier(stem[-1], 12.0 * pocket.way(clock), wound[0], 14.0 * tangents(wound[:3])[0])
    far = float(np.linalg.norm(route.points[late] - wound[-1]))
    last = bezier(wound[-1], 0.4 * far * tangents(wound[-3:])[-1], route.points[late], 0.4 * far * on)
    course = np.concatenate([stem, first[1:-1], wound, last[1:-1], route.points[late:]])
    return smoothed(resample_polyline(course, step=STEP_MM), over_mm=1.5)


def flipped_pump(pocket: Pocket) -> tuple[Pocket, Lesion]:
    """The pump turned over, its port to the body's inside; it turns about the axis through its connector."""
    lesion = _pump_lesion(Kind.PUMP_FLIP, pocket, {"tilt_deg": 180.0})
    return replace(pocket, flipped=True), lesion


def _pump_lesion(kind: Kind, pocket: Pocket, measures: dict[str, float]) -> Lesion:
    """What is wrong with the pump itself, at its middle."""
    return Lesion(kind=kind, segment=Segment.PUMP, point=np.array(pocket.center_mm), ends=(), measures=measures)
