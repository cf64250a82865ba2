"""The catheter in CT, from the pump to its tip.

Plan: ridge points, joined to tubelets; the best route over them from the pump; the piece before it and the pieces after
it where it is severed; links filled by the brightest short way; the whole brought onto the tube's middle; ends cut
where the tube ends; and last, point by point, whether the tube is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Centreline, Image, Pump
from catheterview.trace.assemble import assemble
from catheterview.trace.beside import followed_beside_bone
from catheterview.trace.coil import Coils, follow_coils
from catheterview.trace.field import rim_of
from catheterview.trace.legs import cut_at_tip, find_legs, join_where_hidden, led_out, unseen_links
from catheterview.trace.route import Route, best_route, may_stand_for, unused
from catheterview.trace.search import find_route
from catheterview.trace.tubelet import Tubelet
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
    tubelets, route = find_route(image, (pump, rim), anatomy, limits)
    if route is None or (route.gain < limits.route_gain_mm and not any(t.goal for t in tubelets)):
        return Tracing(catheter=None, why="no tube leads away from the pump that stands out of its surroundings")
    coils, route = _through_coils(image, (tubelets, route), rim, limits)
    whole = _with_beginning(image, coils.tubelets, (_from_line_end(coils.tubelets, route, limits), rim), limits)
    whole = cut_at_tip(_with_detours(image, coils.tubelets, whole, limits), anatomy, limits)
    stem = _stem(image, coils.tubelets, (whole, rim), limits)
    routes, legs = find_legs(image, coils, whole, anatomy, limits=limits)
    legs, ways = join_where_hidden(image, legs, limits)
    legs = [followed_beside_bone(image, leg, limits, held=coils.touching) for leg in legs]
    unjudged = coils.touching
    if stem is not None:
        legs, unfollowed = led_out(image, coils, (stem, legs), limits)
        routes, ways = [stem, *routes], [*ways, unfollowed]
        unjudged = np.concatenate([unjudged, unfollowed])
    doubtful = np.concatenate([coils.crowded, *ways, *(unseen_links(image, route, limits) for route in routes)])
    catheter = assemble(image, legs, (pump, doubtful), limits, unjudged=unjudged)
    if len(catheter.pieces) > limits.most_pieces:
        return Tracing(
            catheter=None, why=f"what leads away from the pump is broken in {len(catheter.pieces) - 1} places"
        )
    return Tracing(catheter=catheter)


def _through_coils(
    image: Image, found: tuple[list[Tubelet], Route], rim: FloatArray, limits: TraceLimits
) -> tuple[Coils, Route]:
    """The tube followed through coils at the pump, and the route over them, which still has to end where it did.

    A coil may be joined so that no good way leads through it any more. A route that then ends in the coil, or goes
    through noise and enters the canal from the tip, is worse than one that leaves out the coil's turns.
    """
    tubelets, route = found
    goals = [tubelet.points for tubelet in tubelets if tubelet.goal]
    tried = follow_coils(image, tubelets, rim, route, limits=limits)
    best: tuple[Coils, Route] | None = None
    for coils in tried:
        followed = coils.tubelets is not tubelets
        through = best_route(image, coils.tubelets, rim, limits, contrast_hu=route.strength) if followed else None
        if through is None or not may_stand_for(through, route, goals, limits):
            continue
        if best is None or through.gain > limits.coil_other_gain * best[1].gain:
            best = coils, through
    if best is not None:
        return best
    crowded = np.concatenate([np.zeros((0, 3)), *(coils.crowded for coils in tried)])
    return Coils(tubelets=tubelets, touching=np.zeros((0, 3)), crowded=crowded), route


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
    rest = [tubelet for tubelet in unused(tubelets, [route], limits) if not tubelet.goal]
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


def _stem(image: Image, tubelets: list[Tubelet], found: tuple[Route, FloatArray], limits: TraceLimits) -> Route | None:
    """What leads out of the pump where the route begins beyond loops that could not be followed; else None."""
    route, rim = found
    at_rim = replace(limits, start_reach_mm=limits.at_rim_mm)
    rest = [tubelet for tubelet in unused(tubelets, [route], limits) if not tubelet.goal]
    stem = best_route(image, rest, rim, at_rim, contrast_hu=route.strength)
    if stem is None or stem.gain < limits.piece_gain_mm or stem.share_on_tube < limits.stem_share:
        return None
    if np.linalg.norm(stem.points[-1] - route.points[0]) > limits.loop_reach_mm:
        return None  # it leads elsewhere
    stem_mm, route_mm = (float(np.linalg.norm(rim - one.points[0], axis=1).min()) for one in (stem, route))
    return stem if stem_mm < route_mm else None


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
        rest = [t for t in unused(tubelets, [route], limits) if _within(t, ends[0, 0], limits.loop_reach_mm)]
        loop = best_route(image, rest, ends[0], near, contrast_hu=route.strength)
        if loop is not None and loop.gain >= limits.piece_gain_mm and _comes_back(loop, ends[1, 0], limits):
            route = _inserted(route, n, loop)
    return route


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
