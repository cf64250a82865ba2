"""A pump that has left its place: along the skin, turned or turned over on the way; and what its catheter does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, arc_length
from catheterview.model import Kind, Segment
from catheterview.phantom.curves import STEP_MM
from catheterview.phantom.faults import Course, Lesion
from catheterview.phantom.pocket import Pocket, pocket_moved
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.route import Route, redrawn_from_pump
from catheterview.phantom.sac import Site

#: Directions that are tried in turn, degrees from straight down towards the flank; a pump sinks where it can.
_WAYS_DEG = (0.0, 35.0, -35.0, 70.0, -70.0, 100.0, -100.0, 180.0)
_TURNS_DEG = (0.0, 25.0, -25.0, 50.0, -50.0)  # that are added where the catheter could not follow otherwise
_FAR_MM, _DEEP_MM = 36.0, 60.0  # beyond the rim, or behind the pump, where the tissue's bulge has faded
_LEAST_TRACT_MM = 30.0  # of the old way that is kept before the anchor
_LEAST_INSIDE_MM = 25.0  # that a pulled catheter still lies in the sac
_LEAST_SHARE = 0.8  # of the way asked for that the pump must have gone


def moved_pump(
    recipe: CtRecipe, before: tuple[Route, Pocket], bare: Site, place: Callable[[Pocket], Site]
) -> tuple[Pocket, Route, Course, Site]:
    """Move the pump and lay the catheter's beginning anew; its rest stays where it was, but for a tip that is drawn.

    Parameters
    ----------
    recipe : CtRecipe
    before : Route, Pocket
        As it was implanted.
    bare : Site
        Without a pump.
    place : callable
        Gives the site with the pump in another pocket; `UnsuitableError` where there is none.

    Returns
    -------
    Pocket, Route, Course, Site

    Raises
    ------
    UnsuitableError
        When there is no room for the pump, or no way for its catheter, within a walk of the skin.
    """
    route, pocket = before
    for way_deg in _WAYS_DEG:
        moved = pocket_moved(recipe, pocket, (bare.skin, bare.hu), way_deg)
        if moved is None or np.linalg.norm(moved.center_mm - pocket.center_mm) < _LEAST_SHARE * recipe.move_mm:
            continue
        there = place(moved)
        kept = _kept_from(route, (pocket, moved))
        if kept is None:
            continue
        for turn_deg in _TURNS_DEG:
            turned = _turned(moved, recipe.move_turn_deg + turn_deg)
            drawn = redrawn_from_pump(recipe, route, turned, there, kept=kept)
            if drawn is not None:
                turn = recipe.move_turn_deg + turn_deg
                return (*_finished(recipe, (route, pocket), (drawn, turned), turn), there)
    raise UnsuitableError(f"no room for a pump that has moved by {recipe.move_mm:g} mm")


def _turned(pocket: Pocket, turn_deg: float) -> Pocket:
    """The pump turned about its axis, its connector with it: the parts lie in the pump's own axes."""
    turn = np.radians(turn_deg)
    axes = np.stack([pocket.way(float(turn)), pocket.way(float(turn) + np.pi / 2.0), pocket.axes[2]])
    return replace(pocket, axes=axes)


def _kept_from(route: Route, pockets: tuple[Pocket, Pocket]) -> int | None:
    """The first point of the course from which on neither bulge reaches it; None when that is past the tract."""
    points, near = route.points, np.zeros(len(route.points), dtype=bool)
    for pocket in pockets:
        local = pocket.local(points)
        near |= (np.hypot(local[:, 0], local[:, 1]) < pocket.radius_mm + _FAR_MM) & (local[:, 2] > -_DEEP_MM)
    last = round((route.window_mm(Segment.SUBCUTANEOUS_TRACT)[1] - _LEAST_TRACT_MM) / STEP_MM)
    first = int(np.flatnonzero(near)[-1]) + 1 if near.any() else 0
    return first if first < last else None


def _finished(
    recipe: CtRecipe, before: tuple[Route, Pocket], now: tuple[Route, Pocket], turn_deg: float
) -> tuple[Pocket, Route, Course]:
    """Pull the tip, turn the pump over where asked, and say what is true."""
    (old, pocket), (route, moved) = before, now
    pulled = _pulled(route, recipe.pull_mm)
    moved = replace(moved, flipped=recipe.move_flip)
    way = float(np.linalg.norm(moved.center_mm - pocket.center_mm))
    lesions = [_at_pump(Kind.PUMP_MIGRATION, moved, {"moved_mm": way, "turn_deg": turn_deg})]
    if turn_deg:
        lesions.append(_at_pump(Kind.PUMP_ROTATION, moved, {"turn_deg": turn_deg}))
    if recipe.move_flip:
        lesions.append(_at_pump(Kind.PUMP_FLIP, moved, {"tilt_deg": 180.0}))
    if recipe.pull_mm > 0.0:
        tip = pulled[-1]
        shift = float(np.linalg.norm(tip - old.points[-1]))
        measures = {"shift_mm": shift, "arc_mm": float(arc_length(pulled)[-1])}
        lesions.append(Lesion(kind=Kind.MIGRATION, segment=Segment.TIP, point=tip, ends=(), measures=measures))
    return moved, route, Course(pieces=(pulled,), lesions=tuple(lesions))


def _pulled(route: Route, by_mm: float) -> FloatArray:
    """The course with a length drawn out of the canal; enough stays inside."""
    arc = arc_length(route.points)
    shortest = route.window_mm(Segment.DURAL_ENTRY)[1] + _LEAST_INSIDE_MM
    end = max(float(arc[-1]) - by_mm, min(shortest, float(arc[-1])))
    return np.asarray(route.points[: int(np.searchsorted(arc, end)) + 1])


def _at_pump(kind: Kind, pocket: Pocket, measures: dict[str, float]) -> Lesion:
    return Lesion(kind=kind, segment=Segment.PUMP, point=np.array(pocket.center_mm), ends=(), measures=measures)
