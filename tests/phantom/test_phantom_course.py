"""Courses and faults: a catheter that a surgeon could have laid, and truth that is true of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from catheterview.errors import InputError, UnsuitableError
from catheterview.geometry import angle_deg, arc_length, tangents
from catheterview.model import Anatomy, Segment
from catheterview.phantom import CtRecipe, random_recipe, small_recipe
from catheterview.phantom.catalogue import pump_model
from catheterview.phantom.curves import bend_radius, join, loops, smoothed
from catheterview.phantom.dials import GAP_PLACES, KINK_PLACES
from catheterview.phantom.scene import Scene, build_scene

Scenes = Callable[[CtRecipe], Scene]
SEEDS = (1, 2, 3)


def test_the_circle_through_three_points_is_the_circle() -> None:
    """Radius of curvature of a helix is what its formula says."""
    t = np.arange(0.0, 20.0, 0.5 / np.hypot(12.0, 2.0))
    helix = np.stack([12.0 * np.cos(t), 12.0 * np.sin(t), 2.0 * t], axis=1)
    assert bend_radius(helix) == pytest.approx((12.0**2 + 2.0**2) / 12.0, rel=0.01)


def test_a_corner_is_rounded_and_ends_stay() -> None:
    """A joined right angle bends about as wide as the cut; smoothing keeps both ends."""
    first = np.stack([np.arange(0.0, 40.5, 0.5), np.zeros(81), np.zeros(81)], axis=1)
    second = np.stack([np.full(81, 40.0), np.arange(0.0, 40.5, 0.5), np.zeros(81)], axis=1)
    whole = join(first, second, cut_mm=12.0)
    assert bend_radius(smoothed(whole, over_mm=1.0)).min() > 8.0
    assert smoothed(whole, over_mm=2.0)[[0, -1]] == pytest.approx(whole[[0, -1]])


def test_loops_go_round() -> None:
    """Two turns are 720 degrees and come back near where they began."""
    turns = loops(np.zeros(2), np.array([0.0, 1.0]), radius_mm=15.0, turns=-2.0)
    way = np.unwrap(np.arctan2(*tangents(turns).T[::-1]))
    assert np.degrees(way[-1] - way[0]) == pytest.approx(-720.0, abs=4.0)
    assert np.linalg.norm(turns[-1] - turns[0]) < 2.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_healthy_catheter_is_laid_as_a_surgeon_lays_it(seed: int, scene_of: Scenes) -> None:
    """No kink, clear of the pump, in the body, straight at the connector, and its tip in the canal above the entry."""
    scene = scene_of(random_recipe(seed, physics=False))
    assert scene.device is not None
    route, pocket = scene.device.route, scene.device.pocket
    assert bend_radius(route.points).min() > 6.0
    assert np.linalg.norm(np.diff(route.points, axis=0), axis=1) == pytest.approx(0.5, abs=0.02)
    assert np.linalg.norm(route.points[0] - pocket.rim(0.0)) < 0.6
    free = route.points[round(2.0 * route.connector_mm) + 4 :]
    assert pocket.clearance(free).min() > 1.0
    assert scene.skin.depth(free).min() > 2.0
    tip, (low, high) = route.points[-1], route.window_mm(Segment.INTRATHECAL)
    middle, radius = scene.site.canal_at(tip[2:])
    assert np.linalg.norm((tip - middle[0])[:2]) < radius[0]
    assert high - low > 40.0
    assert route.points[round(2 * low) :, 2].argmax() > 70


@pytest.mark.parametrize("where", ["behind", "beside"])
def test_loops_lie_where_the_recipe_says(where: str, scene_of: Scenes) -> None:
    """A loop behind the pump lies under its disc; one beside it does not."""
    recipe = random_recipe(6, physics=False, loops=1, loops_where=where, loop_radius_mm=16.0)
    device = scene_of(recipe).device
    assert device is not None
    end = device.route.window_mm(Segment.POCKET)[1]
    local = device.pocket.local(device.route.points[: round(2 * end)])
    under = (np.hypot(local[:, 0], local[:, 1]) < device.pocket.radius_mm) & (local[:, 2] < 0.0)
    assert bool(under.sum() * 0.5 > 60.0) is (where == "behind")
    assert device.course.pieces[0].shape == device.route.points.shape


@pytest.mark.parametrize("place", GAP_PLACES)
@pytest.mark.parametrize("offset_mm", [0.0, 6.0])
def test_a_gap_is_as_long_as_the_truth_says(place: Segment, offset_mm: float, scene_of: Scenes) -> None:
    """Two pieces whose loose ends are the truth's, at the place and distance it says."""
    recipe = random_recipe(4, fault="discontinuity", place=place, gap_mm=7.0, gap_offset_mm=offset_mm, physics=False)
    device = scene_of(recipe).device
    assert device is not None
    (proximal, distal), (lesion,) = device.course.pieces, device.course.lesions
    assert np.linalg.norm(distal[0] - proximal[-1]) == pytest.approx(lesion.measures["gap_mm"], abs=1e-9)
    assert lesion.measures["gap_mm"] == pytest.approx(np.hypot(7.0, offset_mm), abs=1.0)
    assert lesion.measures["arc_mm"] == pytest.approx(arc_length(proximal)[-1] + lesion.measures["gap_mm"] / 2.0)
    assert lesion.segment is place
    assert device.route.segment_at(lesion.measures["arc_mm"]) in (place, Segment.PARASPINAL_TRACT, Segment.TIP)
    assert min(bend_radius(piece).min() for piece in (proximal, distal) if len(piece) > 20) > 4.5


@pytest.mark.parametrize("place", KINK_PLACES)
@pytest.mark.parametrize(("turn_deg", "radius_mm"), [(75.0, 3.3), (130.0, 1.2)])
def test_a_kink_is_as_sharp_as_the_truth_says(
    place: Segment, turn_deg: float, radius_mm: float, scene_of: Scenes
) -> None:
    """The course turns by that angle within a few millimetres there, and nowhere else."""
    dials = {"place": place, "kink_turn_deg": turn_deg, "kink_radius_mm": radius_mm}
    device = scene_of(random_recipe(7, fault="kink", physics=False, **dials)).device
    assert device is not None
    (points,), (lesion,) = device.course.pieces, device.course.lesions
    at = int(np.argmin(np.linalg.norm(points - lesion.point, axis=1)))
    reach = round(2.0 * (radius_mm * np.radians(turn_deg) / 2.0 + 1.5))
    along = tangents(points)
    assert float(angle_deg(along[at - reach], along[at + reach])) == pytest.approx(lesion.measures["turn_deg"], abs=8.0)
    assert lesion.measures["turn_deg"] > 60.0
    assert lesion.measures["radius_mm"] < 4.0
    assert arc_length(points)[at] == pytest.approx(lesion.measures["arc_mm"], abs=1.5)
    away = np.abs(np.arange(len(points)) - at) > 24
    assert bend_radius(points)[away].min() > 5.0


def test_what_cannot_hold_a_device_is_refused_with_the_reason(scene_of: Scenes) -> None:
    """No body, no canal, a scan too short, a body too narrow, an unknown pump."""
    recipe = small_recipe(1)
    good = scene_of(recipe)
    empty = Anatomy(series_instance_uid="1.2", why="nothing was found")
    with pytest.raises(UnsuitableError, match="no body"):
        build_scene(recipe, empty, good.site.hu)
    with pytest.raises(UnsuitableError, match="no spinal canal"):
        build_scene(recipe, replace(empty, body=good.anatomy.body), good.site.hu)
    stump = replace(good.anatomy, canal=good.anatomy.canal[:20], canal_radius_mm=good.anatomy.canal_radius_mm[:20])
    with pytest.raises(UnsuitableError, match="canal in view"):
        build_scene(recipe, stump, good.site.hu)
    with pytest.raises(InputError, match="8637-20"):
        pump_model("9999")
