"""What goes wrong with a catheter: it breaks, or it kinks; each fault changes the course and knows its truth."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from catheterview.geometry import FloatArray, arc_length, resample_polyline, tangents, unit
from catheterview.model import Kind, Segment
from catheterview.phantom.curves import STEP_MM, bend_radius, perpendicular, smoothed, step_smoothly
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.route import Route

_LEG_MM, _EASE_MM = 5.0, 9.0  # straight run beside a kink, and the radius by which the tube comes back to its course
_LOOSE_MM = 28.0  # of a loose end that moves aside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesion:
    """The truth of one fault.

    Parameters
    ----------
    kind : Kind
    segment : Segment
    point : (3,) LPS mm
    arc_mm : float
        From the pump's rim, gaps counted straight across.
    ends : tuple of (3,) LPS mm
        Loose ends, if any.
    measures : dict
    extent : (N, 3) LPS mm
        Points that together show how far it reaches, a few mm apart; empty where the point says it all.
    """

    kind: Kind
    segment: Segment
    point: FloatArray
    ends: tuple[FloatArray, ...]
    measures: dict[str, float]
    extent: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """A catheter as it lies: its continuous pieces (N, 3) from pump to tip, and what is wrong with it."""

    pieces: tuple[FloatArray, ...]
    lesions: tuple[Lesion, ...] = ()


def apply_fault(recipe: CtRecipe, route: Route, outward: FloatArray) -> Course:
    """Break or kink a course as the recipe says.

    Parameters
    ----------
    recipe : CtRecipe
    route : Route
    outward : (N, 3)
        Unit vectors towards the skin at the route's points: loose ends and kinks keep their depth.

    Returns
    -------
    Course
    """
    rng = np.random.default_rng([recipe.seed, 41])
    if recipe.fault == "discontinuity":
        return _break(recipe, route, outward, rng)
    if recipe.fault == "kink":
        return _kink(recipe, route, outward)
    return Course(pieces=(route.points,))


def _break(recipe: CtRecipe, route: Route, outward: FloatArray, rng: np.random.Generator) -> Course:
    """Take a length out and push the loose ends aside."""
    low, high = _gap_window(recipe, route)
    first = round(rng.uniform(low, max(low, high)) / STEP_MM)
    last = first + max(1, round(recipe.gap_mm / STEP_MM))
    middle = (first + min(last, len(route.points) - 1)) // 2
    sideways = unit(np.cross(tangents(route.points)[middle], outward[middle])) * float(rng.choice([-1.0, 1.0]))
    arc = arc_length(route.points)
    aside = recipe.gap_offset_mm / 2.0 * sideways[None]
    proximal = route.points[: first + 1] + _loose(arc[first] - arc[: first + 1], aside)
    distal = route.points[last:] - _loose(arc[last:] - arc[last], aside)
    if recipe.place is Segment.CONNECTOR:
        proximal, distal = (
            route.points[: first + 1],
            route.points[last:] - 2.0 * _loose(arc[last:] - arc[last], aside),
        )
    pieces = tuple(resample_polyline(piece, step=STEP_MM) for piece in (proximal, distal))
    return Course(pieces=pieces, lesions=(_gap_truth(pieces, recipe.place),))


def _gap_window(recipe: CtRecipe, route: Route) -> tuple[float, float]:
    """Arc lengths between which a gap may begin."""
    low, high = route.window_mm(recipe.place)
    if recipe.place is Segment.CONNECTOR:
        return route.connector_mm, route.connector_mm + 2.0
    margin = 15.0 if recipe.place in (Segment.INTRATHECAL, Segment.SUBCUTANEOUS_TRACT) else 1.0
    return low + margin, max(low + margin, high - margin - recipe.gap_mm)


def _loose(from_end: FloatArray, aside: FloatArray) -> FloatArray:
    """How far each point moves aside, most at the loose end."""
    return np.asarray(step_smoothly(1.0 - from_end / _LOOSE_MM)[:, None] * aside)


def _gap_truth(pieces: tuple[FloatArray, ...], segment: Segment) -> Lesion:
    """Measure a gap between two pieces."""
    ends = (pieces[0][-1], pieces[1][0])
    gap = float(np.linalg.norm(ends[1] - ends[0]))
    arc = float(arc_length(pieces[0])[-1]) + gap / 2.0
    middle = (ends[0] + ends[1]) / 2.0
    return Lesion(
        kind=Kind.DISCONTINUITY, segment=segment, point=middle, ends=ends, measures={"gap_mm": gap, "arc_mm": arc}
    )


def _kink(recipe: CtRecipe, route: Route, outward: FloatArray) -> Course:
    """Bend the course sharply at its straightest place in the window, and lead it back."""
    along, aside = _kink_profile(recipe)
    span = float(along[-1])
    low, high = route.window_mm(recipe.place)
    if recipe.place is Segment.CONNECTOR:
        low = high = route.connector_mm + 1.0
    start = _straightest(route, (low, max(low, high - span)), span)
    arc = arc_length(route.points)
    first, last = np.searchsorted(arc, (start, start + span))
    base = np.stack([np.interp(start + along, arc, column) for column in route.points.T], axis=1)
    out = np.stack([np.interp(start + along, arc, column) for column in outward.T], axis=1)
    along_mean = tangents(route.points[first : last + 1]).mean(axis=0)
    level = perpendicular(along_mean[None], out.mean(axis=0)[None])[0]
    sideways = np.cross(along_mean, level)
    bends = [_bent(route, (int(first), int(last)), base + aside[:, None] * way) for way in (sideways, -sideways)]
    truths = [_kink_truth(recipe, points, apex) for points, apex in bends]
    pick = int(np.argmax([truth.measures["turn_deg"] for truth in truths]))  # the way that the course bends already
    return Course(pieces=(resample_polyline(bends[pick][0], step=STEP_MM),), lesions=(truths[pick],))


def _bent(route: Route, span: tuple[int, int], bend: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The course with a bend in place of points `span`, at fine steps, and the bend's apex."""
    whole = np.concatenate([route.points[: span[0]], bend, route.points[span[1] + 1 :]])
    return resample_polyline(whole, step=STEP_MM / 5.0), bend[len(bend) // 2]


def _straightest(route: Route, window: tuple[float, float], span: float) -> float:
    """Where in a window of arc lengths a stretch of `span` bends least."""
    radius = smoothed(np.minimum(bend_radius(route.points, reach_mm=3.0), 80.0)[:, None], over_mm=4.0)[:, 0]
    starts = np.arange(window[0], window[1] + 0.1, 1.0)
    arc = arc_length(route.points)
    worst = [radius[(arc >= start) & (arc <= start + span)].min() for start in starts]
    return float(starts[int(np.argmax(worst))])


def _kink_profile(recipe: CtRecipe) -> tuple[FloatArray, FloatArray]:
    """A sharp bend with its legs: position along the course and beside it, in mm, at steps of 0.05 mm."""
    step, half = 0.05, np.radians(recipe.kink_turn_deg) / 2.0
    bend_mm, leg_mm, ease_mm = recipe.kink_radius_mm * 2.0 * half, _LEG_MM, _EASE_MM * half
    knots = np.cumsum([0.0, ease_mm, leg_mm, bend_mm, leg_mm, ease_mm])
    s = np.arange(0.0, knots[-1], step)
    direction = np.interp(s, knots, [0.0, half, half, -half, -half, 0.0])
    return np.cumsum(np.cos(direction)) * step, np.cumsum(np.sin(direction)) * step


def _kink_truth(recipe: CtRecipe, points: FloatArray, apex: FloatArray) -> Lesion:
    """Measure the kink on the finished course."""
    at = int(np.argmin(np.linalg.norm(points - apex, axis=1)))
    step = STEP_MM / 5.0
    reach = round((recipe.kink_radius_mm * np.radians(recipe.kink_turn_deg) / 2.0 + 1.0) / step)
    along = tangents(points)
    before, after = along[max(0, at - reach)], along[min(len(along) - 1, at + reach)]
    turn = float(np.degrees(np.arccos(np.clip(before @ after, -1.0, 1.0))))
    radius = float(np.median(bend_radius(points, reach_mm=0.4)[at - reach // 3 : at + reach // 3 + 1]))
    arc = float(arc_length(points)[at])
    measures = {"turn_deg": turn, "radius_mm": radius, "arc_mm": arc}
    return Lesion(kind=Kind.KINK, segment=recipe.place, point=points[at], ends=(), measures=measures)
