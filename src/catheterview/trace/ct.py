"""The catheter in CT, from the pump to its tip.

Plan: ridge points, joined to tubelets; the best route over them from the pump; the piece before it and the pieces after
it where it is severed; links filled by the brightest short way; the whole brought onto the tube's middle; ends cut
where the tube ends; and last, point by point, whether the tube is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Centreline, Image, Pump
from catheterview.trace.assemble import assemble
from catheterview.trace.bridge import bridge
from catheterview.trace.centre import centre_on_tube
from catheterview.trace.coil import Coils, follow_coils
from catheterview.trace.extend import follow_on
from catheterview.trace.field import body_box, clear_of_wall, end_in_canal, inside_body, inside_pump, rim_of
from catheterview.trace.profile import profile_along
from catheterview.trace.ridge import find_ridges
from catheterview.trace.route import Route, best_route
from catheterview.trace.tubelet import Tubelet, freed, join
from catheterview.trace.web import shown_mm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tracing:
    """A traced catheter, or why there is none.

    Parameters
    ----------
    catheter : Centreline or None
    why : str
        Empty when there is a catheter.
    """

    catheter: Centreline | None
    why: str = ""


def trace_catheter(image: Image, *, pump: Pump, anatomy: Anatomy, limits: TraceLimits) -> Tracing:
    """Trace the catheter of a pump in a CT.

    Parameters
    ----------
    image : Image
        CT in HU with a grid, frame PATIENT.
    pump : Pump
        Where the catheter begins.
    anatomy : Anatomy
        Its body, where known, keeps the search off the table and what lies on the skin.
    limits : TraceLimits

    Returns
    -------
    Tracing
        Never an invented path: where nothing leads away from the pump there is no catheter, and `why` says so.
    """
    rim = rim_of(pump, limits)
    tubelets, route = _first_route(image, (pump, rim), anatomy, limits)
    if route is None or route.gain < limits.route_gain_mm:
        return Tracing(catheter=None, why="no tube leads away from the pump that stands out of its surroundings")
    coils = follow_coils(image, tubelets, rim, route, limits=limits)
    if len(coils.touching):
        route = best_route(image, coils.tubelets, rim, limits, contrast_hu=route.strength) or route
    whole = _with_beginning(image, coils.tubelets, (_from_line_end(coils.tubelets, route, limits), rim), limits)
    whole = _to_tip(_with_detours(image, coils.tubelets, whole, limits), anatomy, limits)
    routes, legs = _legs(image, coils, whole, anatomy, limits=limits)
    doubtful = np.concatenate([coils.crowded, *(_unseen_links(image, route, limits) for route in routes)])
    return Tracing(catheter=assemble(image, legs, (pump, doubtful), limits))


def _first_route(
    image: Image, pump_and_rim: tuple[Pump, FloatArray], anatomy: Anatomy, limits: TraceLimits
) -> tuple[list[Tubelet], Route | None]:
    """The tubelets of the image and the best route from the pump, looking for bright tubes before faint ones.

    Most catheters are bright, and what is bright is little; only where no sure route is found, or one so faint that
    parts of it may have been left out, is everything down to the noise looked at.
    """
    pump, rim = pump_and_rim
    for factor in (limits.bright_first, 1.0):
        stage = replace(
            limits,
            candidate_contrast_hu=round(factor * limits.candidate_contrast_hu),
            ridge_strength_hu=factor * limits.ridge_strength_hu,
        )
        tubelets = _tubelets(image, pump, anatomy, stage)
        route = best_route(image, tubelets, rim, stage)
        sure = route is not None and route.gain >= limits.sure_gain_mm
        if sure and route is not None and route.strength >= limits.contrast_ratio * stage.ridge_strength_hu:
            break
    return tubelets, route


def _tubelets(image: Image, pump: Pump, anatomy: Anatomy, limits: TraceLimits) -> list[Tubelet]:
    """All tubelets in the body and outside the pump."""
    ridge = find_ridges(image, limits, box=body_box(anatomy, image.placed))
    keep = inside_body(anatomy, ridge.points) & ~inside_pump(pump, ridge.points, limits)
    return freed(image, join(ridge.where(keep), image.placed, limits), limits)


def _from_line_end(tubelets: list[Tubelet], route: Route, limits: TraceLimits) -> Route:
    """Prepend what the route left behind of its first line: it may have been entered where a loop passes the pump."""
    for tubelet in tubelets:
        at = np.flatnonzero((tubelet.points == route.points[0]).all(axis=1))
        if not len(at) or not route.on_tube[0]:
            continue
        forward = bool((tubelet.points[min(at[0] + 1, len(tubelet.points) - 1)] == route.points[1]).all())
        behind = tubelet.points[: at[0]] if forward else tubelet.points[: at[0] : -1]
        length = float(np.linalg.norm(np.diff(behind, axis=0), axis=1).sum()) if len(behind) else 0.0
        if length < limits.beginning_mm:
            return route
        return Route(
            points=np.concatenate([behind, route.points]),
            on_tube=np.concatenate([np.ones(len(behind), dtype=np.bool_), route.on_tube]),
            gain=route.gain + length,
            strength=route.strength,
        )
    return route


def _with_beginning(
    image: Image, tubelets: list[Tubelet], found: tuple[Route, FloatArray], limits: TraceLimits
) -> Route:
    """Prepend what the route skipped: it may have begun at a loop that passes closer to the pump than its beginning."""
    route, rim = found
    if np.linalg.norm(rim - route.points[0], axis=1).min() < limits.at_rim_mm:
        return route
    rest = _unused(tubelets, [route], limits)
    near = replace(limits, start_reach_mm=limits.beginning_mm)
    before = best_route(image, rest, route.points[:1], near, contrast_hu=route.strength)
    if before is None or before.gain < limits.beginning_mm:
        return route
    return Route(
        points=np.concatenate([before.points[::-1], route.points]),
        on_tube=np.concatenate([before.on_tube[::-1], [False], route.on_tube]),
        gain=route.gain + before.gain,
        strength=route.strength,
    )


def _with_detours(image: Image, tubelets: list[Tubelet], route: Route, limits: TraceLimits) -> Route:
    """Put back the loops that the route cut short: the cheapest way is not the catheter's where a loop comes close.

    Only links that the image does not bear out are tried; a loop is put in when it begins at one end of the link and
    comes back to the other.
    """
    near = replace(limits, start_reach_mm=limits.beginning_mm)
    for n in reversed(np.flatnonzero(~route.on_tube).tolist()):
        ends = route.points[n : n + 2, None]
        length = float(np.linalg.norm(ends[1] - ends[0]))
        if length < limits.bridge_from_mm or shown_mm(image, ends, route.strength)[0] > limits.shown_share * length:
            continue
        rest = [t for t in _unused(tubelets, [route], limits) if _within(t, ends[0, 0], limits.loop_reach_mm)]
        loop = best_route(image, rest, ends[0], near, contrast_hu=route.strength)
        if loop is not None and loop.gain >= limits.piece_gain_mm and _comes_back(loop, ends[1, 0], limits):
            route = _inserted(route, n, loop)
    return route


def _to_tip(route: Route, anatomy: Anatomy, limits: TraceLimits) -> Route:
    """Cut off what a route runs on after it has left the canal: beyond the tip it has found a bone to follow."""
    end = end_in_canal(anatomy, route.points, limits)
    if end is None or end + 1 >= len(route.points):
        return route
    return replace(route, points=route.points[: end + 1], on_tube=route.on_tube[:end])


def _within(tubelet: Tubelet, point: FloatArray, reach_mm: float) -> bool:
    """Whether a tubelet begins within reach of a point."""
    return bool(np.linalg.norm(tubelet.points[0] - point) <= reach_mm)


def _comes_back(loop: Route, end: FloatArray, limits: TraceLimits) -> bool:
    """Whether a loop ends within a link's reach of a point."""
    return float(np.linalg.norm(loop.points[-1] - end)) <= limits.link_reach_mm


def _inserted(route: Route, at: int, loop: Route) -> Route:
    """A route with a loop in place of its step `at`."""
    return Route(
        points=np.concatenate([route.points[: at + 1], loop.points, route.points[at + 1 :]]),
        on_tube=np.concatenate([route.on_tube[:at], [False], loop.on_tube, [False], route.on_tube[at + 1 :]]),
        gain=route.gain + loop.gain,
        strength=route.strength,
    )


def _unused(tubelets: list[Tubelet], routes: list[Route], limits: TraceLimits) -> list[Tubelet]:
    """The tubelets that no route runs along, whole or in part."""
    if not tubelets:
        return []
    used = cKDTree(np.concatenate([resample_polyline(r.points, step=1.0) for r in routes]))
    points = np.concatenate([t.points for t in tubelets])
    away = np.asarray(used.query(points, distance_upper_bound=limits.ring_mm)[0])
    ends = np.cumsum([len(t.points) for t in tubelets])
    return [t for t, end in zip(tubelets, ends, strict=True) if np.isinf(np.median(away[end - len(t.points) : end]))]


def _legs(
    image: Image, coils: Coils, route: Route, anatomy: Anatomy, *, limits: TraceLimits
) -> tuple[list[Route], list[FloatArray]]:
    """The routes and lines of the route and of the pieces that lie beyond a gap too wide for a link, pump end first."""
    routes, legs = [route], [_line_of(image, route, coils.touching, limits)]
    far = replace(limits, start_reach_mm=limits.piece_reach_mm, start_cost=limits.piece_cost)
    while len(routes) < 4:
        rest = _unused(coils.tubelets, routes, limits)
        piece = best_route(image, rest, legs[-1][-1:], far, contrast_hu=route.strength)
        if piece is None or piece.gain < limits.piece_gain_mm or piece.share_on_tube < limits.piece_share:
            return routes, legs
        piece = _to_tip(piece, anatomy, limits)
        in_canal = end_in_canal(anatomy, routes[-1].points, limits) is not None
        inside = end_in_canal(anatomy, piece.points, limits) is not None and clear_of_wall(
            anatomy, piece.points, limits
        )
        if in_canal and not inside:
            return routes, legs
        routes.append(piece)
        legs.append(_line_of(image, piece, coils.touching, limits))
    return routes, legs


def _unseen_links(image: Image, route: Route, limits: TraceLimits) -> FloatArray:
    """(D, 3) LPS mm along the links of a route that the image does not bear out: a bend there means nothing."""
    points = [np.zeros((0, 3))]
    for n in np.flatnonzero(~route.on_tube).tolist():
        ends = route.points[n : n + 2]
        length = float(np.linalg.norm(ends[1] - ends[0]))
        unseen = shown_mm(image, ends[:, None], route.strength)[0] < limits.unseen_share * length
        if length >= limits.unseen_mm and unseen:
            points.append(resample_polyline(ends, step=limits.step_mm))
    return np.concatenate(points)


def _line_of(image: Image, route: Route, touching: FloatArray, limits: TraceLimits) -> FloatArray:
    """The centred line of a route, its links filled and its far end followed to where the tube ends."""
    parts = [route.points[:1]]
    for n, on_tube in enumerate(route.on_tube):
        step = route.points[n : n + 2]
        wide = not on_tube and np.linalg.norm(step[1] - step[0]) > 2 * limits.step_mm
        parts.append(
            bridge(image, (step[0], step[1]), limits.bridge_contrast * route.strength, limits)[1:] if wide else step[1:]
        )
    line = centre_on_tube(image, np.concatenate(parts), limits, held=touching)
    contrast = float(np.median(profile_along(image, line, limits).contrast))
    return follow_on(image, line, contrast, limits)
