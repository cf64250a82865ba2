"""The lines of a catheter: its route and the pieces beyond what hides or severs it, centred and joined."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Image
from catheterview.trace.assemble import gap_shown
from catheterview.trace.beside import led_on_beside_bone
from catheterview.trace.bridge import bridge, way_past_bone
from catheterview.trace.canal import piece_to_goal
from catheterview.trace.centre import centre_on_tube
from catheterview.trace.coil import Coils
from catheterview.trace.extend import follow_on
from catheterview.trace.field import clear_of_wall, end_in_canal
from catheterview.trace.profile import Profile, fade_of, profile_along
from catheterview.trace.route import Route, best_route, unused
from catheterview.trace.tubelet import Tubelet
from catheterview.trace.web import shown_mm


def find_legs(
    image: Image, coils: Coils, route: Route, anatomy: Anatomy, *, limits: TraceLimits
) -> tuple[list[Route], list[FloatArray]]:
    """Find the pieces of a catheter that lie beyond a gap too wide for a link.

    Parameters
    ----------
    coils : Coils
        Tubelets, and the places where turns of a loop touch.
    route : Route
        From the pump.

    Returns
    -------
    routes : list of Route
        The route, then that of each piece.
    legs : list of (N, 3) float64, LPS mm, at steps of `limits.step_mm`
        Their centred lines, pump end first.
    """
    led = any(tubelet.goal for tubelet in coils.tubelets)
    routes, legs = [route], [_line_of(image, route, coils.touching, limits)]
    far = replace(limits, start_reach_mm=limits.piece_reach_mm, start_cost=limits.piece_cost)
    while len(routes) < 4:
        rest = unused(coils.tubelets, routes, limits)
        if led and not any(tubelet.goal for tubelet in rest):
            break  # all that runs in the canal was found: what else lies there is not the catheter
        end = legs[-1][-1]
        piece = piece_to_goal(image, rest, end, (route.strength, limits))
        piece = piece and (_between(image, rest, (end, piece), (route.strength, limits)) or piece)
        piece = piece or best_route(image, rest, end[None], far, contrast_hu=route.strength)
        # What it found beyond the tip says nothing of the piece itself.
        piece = None if piece is None else cut_at_tip(piece, anatomy, limits)
        if piece is None or piece.gain < limits.piece_gain_mm or piece.share_on_tube < limits.piece_share:
            break
        in_canal = end_in_canal(anatomy, routes[-1].points, limits) is not None
        inside = end_in_canal(anatomy, piece.points, limits) is not None and clear_of_wall(
            anatomy, piece.points, limits
        )
        if in_canal and not inside:
            break
        routes.append(piece)
        legs.append(_line_of(image, piece, coils.touching, limits))
    return routes, legs


def _between(
    image: Image,
    tubelets: list[Tubelet],
    ends: tuple[FloatArray, Route],
    strength_and_limits: tuple[float, TraceLimits],
) -> Route | None:
    """A piece that leads most of the way from a loose end to the piece that ends in the canal; else None."""
    strength, limits = strength_and_limits
    end, last = ends
    open_mm = float(np.linalg.norm(last.points[0] - end))
    if open_mm <= limits.link_reach_mm:
        return None
    rest = [tubelet for tubelet in unused(tubelets, [last], limits) if not tubelet.goal]
    far = replace(limits, start_reach_mm=limits.piece_reach_mm, start_cost=limits.piece_cost)
    found = best_route(image, rest, end[None], far, contrast_hu=strength)
    if found is None or found.gain < limits.piece_gain_mm or found.share_on_tube < limits.stem_share:
        return None
    left_mm = float(np.linalg.norm(last.points[0] - found.points[-1]))
    return found if left_mm <= limits.between_share * open_mm else None


def join_where_hidden(
    image: Image, legs: list[FloatArray], limits: TraceLimits
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Join lines to one where the image does not show that nothing is between them.

    Parameters
    ----------
    legs : list of (N, 3) float64, LPS mm, at steps of `limits.step_mm`, pump end first

    Returns
    -------
    legs : list of (N, 3) float64, LPS mm
        Between two of them the catheter is severed.
    ways : list of (N, 3) float64, LPS mm
        Those that join lines: nothing was seen along them.
    """
    joined, ways = legs[:1], []
    for leg in legs[1:]:
        before = joined[-1]
        way = _way_between(image, before, leg, limits)
        if way is None or gap_shown(image, (before, way, leg), limits):
            joined.append(leg)
        else:
            joined[-1] = np.concatenate([before, way[1:-1], leg])
            ways.append(way)
    return joined, ways


def led_out(
    image: Image, coils: Coils, stem_and_legs: tuple[Route, list[FloatArray]], limits: TraceLimits
) -> tuple[list[FloatArray], FloatArray]:
    """Put the piece that leads out of the pump before the lines that go on beyond loops.

    Parameters
    ----------
    stem_and_legs : Route, list of (N, 3) float64, LPS mm
        The piece from the pump, and the lines beyond.

    Returns
    -------
    legs : list of (N, 3) float64, LPS mm
        The first of them begins at the pump: what lies between was not followed, which shows no gap.
    way : (N, 3) float64, LPS mm
        Guessed, between the piece and what goes on.
    """
    stem, legs = stem_and_legs
    line = _line_of(image, stem, coils.touching, limits)
    way = resample_polyline(np.stack([line[-1], legs[0][0]]), step=limits.step_mm)
    return [np.concatenate([line, way[1:-1], legs[0]]), *legs[1:]], way


def _way_between(image: Image, before: FloatArray, after: FloatArray, limits: TraceLimits) -> FloatArray | None:
    """The way from the end of a line to the beginning of another: along something like the tube, else past bone.

    None where there is neither: nothing hides the tube there.
    """
    ends = np.stack([before[-1], after[0]])
    profile = profile_along(image, np.concatenate([before, after]), limits)
    around = float(profile.around[len(before) - 1 : len(before) + 1].max())
    contrast = float(fade_of(profile, limits).contrast_over(around))
    if float(np.linalg.norm(ends[1] - ends[0])) <= limits.past_bone_mm:
        strength = limits.bridge_contrast * limits.ridge_of_contrast * contrast
        way = bridge(image, (ends[0], ends[1]), strength, limits)
        if len(way) > len(ends):
            return resample_polyline(way, step=limits.step_mm)
    bone_hu = max(float(np.median(profile.core)) + limits.tissue_range_hu, limits.soft_tissue_hu)
    way = resample_polyline(way_past_bone(image, ends, bone_hu, limits), step=limits.step_mm)
    return way if _beside_bone(profile_along(image, way, limits), contrast, limits) else None


def cut_at_tip(route: Route, anatomy: Anatomy, limits: TraceLimits) -> Route:
    """Cut off what a route runs on after it has left the canal: beyond the tip it has found a bone to follow.

    Returns
    -------
    Route
        The same one where it never was in the canal, or none is known.
    """
    end = end_in_canal(anatomy, route.points, limits)
    if end is None or end + 1 >= len(route.points):
        return route
    return replace(route, points=route.points[: end + 1], on_tube=route.on_tube[:end])


def unseen_links(image: Image, route: Route, limits: TraceLimits) -> FloatArray:
    """Find the links of a route that the image does not bear out, or that bone beside them does: a bend means nothing.

    Returns
    -------
    (D, 3) float64, LPS mm, along them
    """
    points = [np.zeros((0, 3))]
    for n in np.flatnonzero(~route.on_tube).tolist():
        ends = route.points[n : n + 2]
        length = float(np.linalg.norm(ends[1] - ends[0]))
        if length < limits.unseen_mm:
            continue
        line = resample_polyline(ends, step=limits.step_mm)
        unseen = shown_mm(image, ends[:, None], route.strength)[0] < limits.unseen_share * length
        if unseen or _beside_bone(profile_along(image, line, limits), route.strength, limits):
            points.append(line)
    return np.concatenate(points)


def _beside_bone(profile: Profile, strength: float, limits: TraceLimits) -> bool:
    """Whether bone or metal lies beside most of a line that follows a tube."""
    tube = float(np.median(profile.around)) + limits.tissue_range_hu + limits.straight_bone * strength
    return bool((profile.brightest > max(tube, limits.soft_tissue_hu)).mean() > limits.unseen_share)


def _line_of(image: Image, route: Route, touching: FloatArray, limits: TraceLimits) -> FloatArray:
    """The centred line of a route, its links filled and its far end followed to where the tube ends."""
    parts = [route.points[:1]]
    profile = profile_along(image, route.points, limits)
    seen = np.concatenate([route.on_tube, route.on_tube[-1:]])
    fade = fade_of(profile.where(seen), limits)
    usual = fade.contrast_over(float(np.median(profile.around[seen])))
    for n, on_tube in enumerate(route.on_tube):
        step = route.points[n : n + 2]
        wide = not on_tube and np.linalg.norm(step[1] - step[0]) > 2 * limits.step_mm
        faded = float(fade.contrast_over(float(profile.around[n : n + 2].max())) / usual)
        contrast = limits.bridge_contrast * route.strength * min(faded, 1.0)
        parts.append(bridge(image, (step[0], step[1]), contrast, limits)[1:] if wide else step[1:])
    line = centre_on_tube(image, np.concatenate(parts), limits, held=touching)
    contrast = float(np.median(profile_along(image, line, limits).contrast))
    line = follow_on(image, line, contrast, limits)
    longer = led_on_beside_bone(image, line, contrast, limits)
    return line if longer is line else follow_on(image, longer, contrast, limits)
