"""Fluid: transit times and doses as published, nothing lost, and holes that take their share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from catheterview.errors import InputError
from catheterview.geometry import arc_length
from catheterview.phantom import CtRecipe, small_recipe
from catheterview.phantom.fluid import (
    DOWN,
    Delivery,
    Ellipsoid,
    Escape,
    Plumbing,
    Tube,
    arrival_hours,
    blob_at,
    dead_space_ml,
    dye_bolus,
    flow_state,
    indium_infusion,
    pool_in_pocket,
    pool_round_pump,
)
from catheterview.phantom.fluid.transport import flow, front_mm, front_spread_mm, lumen_ml_per_mm, way_ml
from catheterview.phantom.scene import Scene

Scenes = Callable[[CtRecipe], Scene]


@pytest.mark.parametrize(("inner_mm", "ml_per_cm"), [(0.575, 0.0026), (0.529, 0.0022)])
def test_tubing_holds_what_was_published(inner_mm: float, ml_per_cm: float) -> None:
    """Volume per cm (clinical reference C.2), within 1 percent."""
    assert lumen_ml_per_mm(inner_mm) * 10.0 == pytest.approx(ml_per_cm, rel=0.01)


@pytest.mark.parametrize(("flow_ml", "hours"), [(0.048, 158), (0.1, 76), (0.2, 38), (0.3, 25), (0.5, 15), (1.0, 8)])
def test_transit_takes_the_published_time(flow_ml: float, hours: float) -> None:
    """80 cm of 0.0022 ml/cm and 0.14 ml on the pump's side: the table of clinical reference E.2, to the hour."""
    assert dead_space_ml(800.0, 0.529, 0.14) == pytest.approx(0.316, abs=0.001)
    taken = arrival_hours(800.0, 0.529, indium_infusion(flow_ml_per_day=flow_ml))
    assert taken == pytest.approx(hours, abs=0.7)


def test_every_agent_comes_at_the_same_time() -> None:
    """Dye by hand, and tracer by the pump: one way in ml, one front, with holes and without; the nuclear room's too."""
    arc = np.linspace(0.0, 800.0, 1601)
    holes = (Escape(arc_mm=150.2, share=0.4), Escape(arc_mm=500.2, share=0.5))
    for escapes in ((), holes):
        for delivery in (dye_bolus(), indium_infusion(flow_ml_per_day=0.1)):
            _, way = way_ml(arc, 0.529, delivery, Plumbing(escapes=escapes))
            back = front_mm(way, lumen_ml_per_mm(0.529), delivery.pump_side_ml, escapes)
            assert np.abs(back - arc).max() < 0.5  # a hole lies between two points
    slow = indium_infusion(flow_ml_per_day=0.1)
    taken = np.array([arrival_hours(800.0, 0.529, slow)])
    assert front_mm(slow.flow_ml_per_day * taken / 24.0, lumen_ml_per_mm(0.529), 0.14)[0] == pytest.approx(800.0)


def test_a_front_is_as_sharp_as_published() -> None:
    """At 0.1 ml/day the front's deviation after 76 h is about 1.8 cm (clinical reference E.2)."""
    assert front_spread_mm(indium_infusion(flow_ml_per_day=0.1), 0.5, 76.0) == pytest.approx(18.0, rel=0.08)


def test_nothing_is_lost_on_the_way() -> None:
    """What entered is in the tube, left at a hole, or left at the tip."""
    arc = np.arange(0.0, 800.0, 0.5)
    given = indium_infusion(flow_ml_per_day=0.5)
    holes = Plumbing(escapes=(Escape(arc_mm=300.0, share=0.4), Escape(arc_mm=500.0, share=0.5)))
    for hours in (10.0, 24.0, 72.0):
        went = flow(arc, 0.53, given, holes, hours=hours)
        inside = given.concentration * np.trapezoid(went.relative, arc) * lumen_ml_per_mm(0.53)
        pump_side = given.concentration * min(given.pump_side_ml, given.entered_ml(hours))
        total = inside + pump_side + went.escaped.sum() + went.arrived
        assert total == pytest.approx(given.concentration * given.entered_ml(hours), rel=0.02)
        if went.arrived > 0.1:
            assert went.escaped[1] < went.escaped[0] / 0.4 * 0.6 * 0.5 + 1e-6
            assert went.arrived < went.escaped[1]


def test_a_bolus_fills_the_tube_and_the_rest_leaves_at_the_tip(scene_of: Scenes) -> None:
    """2 ml of 240 mg/ml: the lumen full, 480 mg in all, the sac brighter near the tip than far from it."""
    scene = scene_of(small_recipe(5))
    state = flow_state(scene, dye_bolus(), Plumbing(), hours=0.05)
    (lumen,), csf = state.lumen, state.csf
    assert isinstance(lumen.shape, Tube)
    assert lumen.shape.strength[:-20].min() > 0.97
    assert csf is not None
    left = 480.0 - 0.14 * 240.0 - lumen.amount  # some of it above the scan
    assert 0.7 * left < csf.amount < 1.03 * left
    tip = scene.device.route.points[-1]  # type: ignore[union-attr]
    at = scene.site.canal_at(np.array([tip[2], tip[2] - 90.0]))[0]
    near, far = csf.density(at)
    assert near > 3.0 * far


def test_an_infusion_reaches_the_tip_after_its_time(scene_of: Scenes) -> None:
    """Before the transit time the front stands in the tube; long after, there is tracer in the sac."""
    scene = scene_of(small_recipe(5))
    given = indium_infusion(flow_ml_per_day=0.2)
    length = float(arc_length(scene.device.route.points)[-1])  # type: ignore[union-attr]
    due = arrival_hours(length, scene.recipe.inner_mm, given)
    early, late = (flow_state(scene, given, Plumbing(), hours=hours) for hours in (0.8 * due, 2.0 * due))
    assert early.csf is None or early.csf.amount < 0.02
    assert late.csf is not None
    assert late.reservoir + sum(one.amount for one in late.everything) == pytest.approx(
        20.0 - given.pump_side_ml * given.concentration, rel=0.03
    )


@pytest.mark.parametrize(
    ("plumbing", "somewhere"),
    [
        (Plumbing(pump_stalled=True), False),
        (Plumbing(blocked_mm=150.0), True),
        (Plumbing(escapes=(Escape(arc_mm=150.0, share=1.0),)), True),
    ],
)
def test_what_cannot_pass_does_not_arrive(plumbing: Plumbing, somewhere: bool, scene_of: Scenes) -> None:
    """A stalled pump, a blocked tube, a hole that takes all: no tracer in the sac, however long one waits."""
    scene = scene_of(small_recipe(5))
    state = flow_state(scene, indium_infusion(flow_ml_per_day=0.5), plumbing, hours=72.0)
    assert state.csf is None
    assert (sum(one.amount for one in state.everything) > 0.01) is somewhere
    if plumbing.pump_stalled:
        assert state.reservoir == pytest.approx(20.0)


def test_a_gap_lets_all_out(scene_of: Scenes) -> None:
    """A broken catheter fills the tissue at its loose end and nothing beyond."""
    scene = scene_of(small_recipe(5, fault="discontinuity"))
    device = scene.device
    assert device is not None
    state = flow_state(scene, dye_bolus(), Plumbing(), hours=0.05)
    (spilt,) = state.collections
    assert state.csf is None
    assert spilt.density(device.course.pieces[0][-1:])[0] > 20.0
    assert state.lumen[1].amount == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("volume_ml", [0.2, 1.0, 8.0])
def test_a_blob_has_its_volume_and_touches_the_catheter(volume_ml: float, scene_of: Scenes) -> None:
    """Within 15 percent on a fine lattice; ragged, elongated, on the hole."""
    scene = scene_of(small_recipe(5))
    assert scene.device is not None
    blob = blob_at(scene, scene.device, 160.0, volume_ml=volume_ml, seed=3)
    step = 0.25 * float(blob.half_mm.min()) / 1.5
    low, high = blob.bounds()
    points = np.stack(np.meshgrid(*[np.arange(a, b, step) for a, b in zip(low, high, strict=True)]), -1).reshape(-1, 3)
    assert (blob.share(points) >= 0.5).sum() * step**3 / 1000.0 == pytest.approx(volume_ml, rel=0.15)
    assert blob.share(scene.device.route.points[320:321])[0] > 0.5


@pytest.mark.parametrize("behind", [True, False])
def test_a_pool_lies_outside_the_pump_on_its_side(behind: bool, scene_of: Scenes) -> None:
    """10 ml round the pump: none inside it, and most of it to where it was sent."""
    scene = scene_of(small_recipe(5))
    assert scene.device is not None
    pocket = scene.device.pocket
    toward = -pocket.axes[2] if behind else np.array([0.0, 1.0, 0.0])
    pool = pool_round_pump(scene.device, volume_ml=10.0, toward=toward)
    rng = np.random.default_rng(1)
    low, high = pool.bounds()
    points = rng.uniform(low, high, (60_000, 3))
    inside = pool.share(points) > 0.5
    volume = pool.share(points).mean() * np.prod(high - low) / 1000.0
    assert volume == pytest.approx(10.0, rel=0.12)
    assert pocket.clearance(points[inside]).min() > -0.6
    assert ((points[inside] - pocket.center_mm) @ toward).mean() > 4.0


@pytest.mark.parametrize("volume_ml", [1.0, 5.0, 20.0])
def test_a_pool_gathers_low_in_the_pocket(volume_ml: float, scene_of: Scenes) -> None:
    """A lens at the pump's lowest place, not a film all round (clinical reference B.3): from 1 ml several mm thick."""
    scene = scene_of(small_recipe(5))
    assert scene.device is not None
    pocket = scene.device.pocket
    pool = pool_in_pocket(scene.device, volume_ml=volume_ml, toward=DOWN)
    step = 0.02 * (40.0 + volume_ml)
    low, high = pool.bounds()
    points = np.stack(np.meshgrid(*[np.arange(a, b, step) for a, b in zip(low, high, strict=True)]), -1).reshape(-1, 3)
    held = points[pool.share(points) >= 0.5]
    assert len(held) * step**3 / 1000.0 == pytest.approx(volume_ml, rel=0.15)
    assert 3.0 < pocket.clearance(held).max() < 14.0
    assert np.ptp(held, axis=0).max() < 2.0 * pocket.radius_mm
    rim = pocket.center_mm + np.array([pocket.rim(0.0, clock_rad=angle) for angle in np.linspace(0.0, 6.2, 60)])
    assert held[:, 1].max() > (rim - pocket.center_mm)[:, 1].max() - 2.0
    assert held[:, 1].mean() > pocket.center_mm[1]


def test_thin_tubes_are_not_lost_on_a_coarse_lattice() -> None:
    """A lumen of half a millimetre sampled for a camera of 4 mm keeps its amount."""
    axis = np.stack([np.zeros(201), np.linspace(0.0, 30.0, 201), np.linspace(5.0, 90.0, 201)], axis=1)
    from catheterview.phantom.fluid import Collection

    tube = Tube(axis=axis, radius_mm=np.full(201, 0.265), strength=np.ones(201))
    lumen = Collection(place="lumen", shape=tube, concentration=2.0)
    expected = 2.0 * arc_length(axis)[-1] * lumen_ml_per_mm(0.53)
    assert lumen.samples(4.0)[1].sum() == pytest.approx(expected, rel=0.01)
    blob = Ellipsoid(center_mm=np.array([1.0, 2.0, 3.0]), axes=np.eye(3), half_mm=np.array([9.0, 7.0, 8.0]))
    ball = Collection(place="tract", shape=blob, concentration=1.0)
    assert ball.amount == pytest.approx(4.0 / 3.0 * np.pi * 9 * 7 * 8 / 1000.0, rel=0.05)
    assert ball.measured_ml() == pytest.approx(ball.amount, rel=0.05)


def test_no_device_holds_no_fluid_and_nonsense_is_refused(scene_of: Scenes) -> None:
    """A control without a device; a delivery of nothing."""
    state = flow_state(scene_of(small_recipe(5, fault="no_device")), dye_bolus(), Plumbing(), hours=1.0)
    assert state.everything == ()
    with pytest.raises(InputError, match="delivery"):
        Delivery(agent="iodine", concentration=0.0, volume_ml=1.0, flow_ml_per_day=0.1)
    assert replace(dye_bolus(), flow_ml_per_day=0.4).entered_ml(24.0) == pytest.approx(2.4, abs=0.01)
