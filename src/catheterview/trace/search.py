"""The search for the way from the pump: first over what stands out by itself, then led by what runs in the canal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Image, Pump
from catheterview.trace.canal import brightest_in_canal, fade_along, lines_in_canal, of_one_tube, piece_to_goal
from catheterview.trace.field import body_box, inside_body, inside_pump
from catheterview.trace.ridge import find_ridges
from catheterview.trace.route import Route, best_route, unused
from catheterview.trace.tubelet import Tubelet, apart, freed, join


def find_route(
    image: Image, pump_and_rim: tuple[Pump, FloatArray], anatomy: Anatomy, limits: TraceLimits
) -> tuple[list[Tubelet], Route | None]:
    """Find the tubelets of an image and the best route over them from the pump.

    Parameters
    ----------
    pump_and_rim : Pump, (R, 3) LPS mm
        What is looked away from, and where the route begins.
    anatomy : Anatomy
        Its body keeps the search off the table; its canal is where the catheter ends.

    Returns
    -------
    tubelets : list of Tubelet
        Those of a catheter in the canal are goals.
    route : Route or None
        None where nothing leads away from the pump.
    """
    first = _first_route(image, pump_and_rim, anatomy, limits)
    tubelets, route = first.tubelets, first.route
    lines = [] if route is None else lines_in_canal(image, anatomy, fade_along(image, route, limits), limits)
    if route is not None and lines:
        lines = of_one_tube(image, lines, route.points, limits)
        strength = _strength_along(tubelets, lines, limits) or route.strength
        led_by = _with_goals(tubelets, lines, strength, limits)
        return led_by, best_route(image, led_by, pump_and_rim[1], limits, contrast_hu=strength) or route
    return _led_by_canal(image, first, pump_and_rim, anatomy, limits=limits)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _First:
    """What a first search found, and whether it looked at everything down to the noise."""

    tubelets: list[Tubelet]
    route: Route | None
    at_all: bool


def _first_route(image: Image, pump_and_rim: tuple[Pump, FloatArray], anatomy: Anatomy, limits: TraceLimits) -> _First:
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
    return _First(tubelets=tubelets, route=route, at_all=factor == 1.0)


def _led_by_canal(
    image: Image,
    first: _First,
    pump_and_rim: tuple[Pump, FloatArray],
    anatomy: Anatomy,
    *,
    limits: TraceLimits,
) -> tuple[list[Tubelet], Route | None]:
    """What is found when the canal is searched for a tube of any brightness; what was found before, where it is less.

    A route that has followed bones is found out by this: nothing of its brightness runs in the canal.
    """
    (pump, rim), found = pump_and_rim, (first.tubelets, first.route)
    lines, contrast = brightest_in_canal(image, anatomy, limits)
    if not lines:
        return found
    lines = of_one_tube(image, lines, lines[0], limits)
    strength = limits.ridge_of_contrast * contrast
    every = first.tubelets if first.at_all else _tubelets(image, pump, anatomy, limits)
    led_by = _with_goals(every, lines, strength, limits)
    led = best_route(image, led_by, rim, limits, contrast_hu=strength)
    if led is None:
        return found
    piece = piece_to_goal(image, unused(led_by, [led], limits), led.points[-1], (strength, limits))
    gain = led.gain if piece is None else max(led.gain, piece.gain)
    return found if first.route is not None and first.route.gain >= gain else (led_by, led)


def _with_goals(
    tubelets: list[Tubelet], lines: list[FloatArray], strength: float, limits: TraceLimits
) -> list[Tubelet]:
    """The tubelets with those of the canal in place of what lay there, longest first."""
    there = [Tubelet(points=line, strength=strength, goal=True) for line in lines]
    tree = cKDTree(np.concatenate(lines))
    rest = [part for tubelet in tubelets for part in _outside(tubelet, tree, limits)]
    return sorted([*rest, *there], key=lambda tubelet: -tubelet.length_mm)


def _outside(tubelet: Tubelet, lines: cKDTree, limits: TraceLimits) -> list[Tubelet]:
    """What of a tubelet does not lie along lines."""
    away = np.isinf(lines.query(tubelet.points, distance_upper_bound=limits.ring_mm)[0])
    if away.all():
        return [tubelet]
    parts = np.split(np.arange(len(away)), np.flatnonzero(np.diff(away)) + 1)
    kept = [part for part in parts if away[part[0]] and len(part) >= limits.tubelet_points]
    return [replace(tubelet, points=tubelet.points[part]) for part in kept]


def _strength_along(tubelets: list[Tubelet], lines: list[FloatArray], limits: TraceLimits) -> float | None:
    """Median strength of the tubelets that lie along lines; None where there are none."""
    elsewhere = set(map(id, apart(tubelets, lines, limits)))
    along = [tubelet for tubelet in tubelets if id(tubelet) not in elsewhere]
    if not along:
        return None
    return float(np.median(np.repeat([t.strength for t in along], [len(t.points) for t in along])))


def _tubelets(image: Image, pump: Pump, anatomy: Anatomy, limits: TraceLimits) -> list[Tubelet]:
    """All tubelets in the body and outside the pump."""
    ridge = find_ridges(image, limits, box=body_box(anatomy, image.placed))
    keep = inside_body(anatomy, ridge.points) & ~inside_pump(pump, ridge.points, limits)
    return freed(image, join(ridge.where(keep), image.placed, limits), limits)
