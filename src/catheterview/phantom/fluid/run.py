"""Run a delivery down the catheter of a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from catheterview.geometry import FloatArray, arc_length
from catheterview.phantom.fluid.delivery import Delivery, Escape, Plumbing
from catheterview.phantom.fluid.places import DOWN, along, blob_at, pool_in_pocket
from catheterview.phantom.fluid.shapes import Shape, Tube
from catheterview.phantom.fluid.state import Collection, FluidState
from catheterview.phantom.fluid.transport import Flow, flow, spread_along
from catheterview.phantom.scene import Device, Scene

SAC_SHARE = 0.8  # of the canal's radius that the thecal sac takes; the rest is fat and veins


def flow_state(scene: Scene, delivery: Delivery, plumbing: Plumbing, *, hours: float) -> FluidState:
    """Say where agent is some time after it was given.

    Parameters
    ----------
    scene : Scene
    delivery : Delivery
    plumbing : Plumbing
    hours : float
        Since the delivery began.

    Returns
    -------
    FluidState
        Of a scene without a device: nothing anywhere.

    Notes
    -----
    A gap in the catheter is a hole through which all leaves, whatever the plumbing says.
    """
    device = scene.device
    if device is None:
        return FluidState(agent=delivery.agent, hours=hours)
    plumbing = _with_gaps(device, plumbing)
    points = np.concatenate(device.course.pieces)
    went = flow(along(points), scene.recipe.inner_mm, delivery, plumbing, hours=hours)
    spilt = tuple(
        _spilt(scene, device, delivery, (hole, float(amount), n))
        for n, (hole, amount) in enumerate(zip(plumbing.escapes, went.escaped, strict=True))
        if amount > 1e-9
    )
    by_hand = delivery.bolus_ml_per_s > 0.0
    entered = 0.0 if plumbing.pump_stalled or by_hand else min(delivery.entered_ml(hours), delivery.volume_ml)
    return FluidState(
        agent=delivery.agent,
        hours=hours,
        reservoir=0.0 if by_hand else delivery.concentration * (delivery.volume_ml - entered),
        lumen=_lumen(scene, device, went, delivery),
        csf=_csf(scene, device, went, (delivery, plumbing)),
        collections=spilt,
    )


def _with_gaps(device: Device, plumbing: Plumbing) -> Plumbing:
    """Let all out at the first gap."""
    if len(device.course.pieces) < 2:
        return plumbing
    end = float(arc_length(device.course.pieces[0])[-1])
    before = tuple(hole for hole in plumbing.escapes if hole.arc_mm < end)
    return replace(plumbing, escapes=(*before, Escape(arc_mm=end, share=1.0)))


def _spilt(scene: Scene, device: Device, delivery: Delivery, what: tuple[Escape, float, int]) -> Collection:
    """What left at one hole: spread over its volume, or over more where it would be denser than what was given."""
    hole, amount, number = what
    volume = max(hole.volume_ml, amount / delivery.concentration)
    shape: Shape
    if hole.place in ("pocket", "posterior"):
        toward = -device.pocket.axes[2] if hole.place == "posterior" else DOWN
        shape = pool_in_pocket(device, volume_ml=volume, toward=toward)
    else:
        shape = blob_at(scene, device, hole.arc_mm, volume_ml=volume, seed=number)
    # The shape's edges are soft and its volume sampled: the amount, which is what counts, is made exact.
    rough = Collection(place=hole.place, shape=shape, concentration=1.0)
    return replace(rough, concentration=amount / rough.amount, seen_ml=volume)


def _lumen(scene: Scene, device: Device, went: Flow, delivery: Delivery) -> tuple[Collection, ...]:
    """What is in each piece of the catheter."""
    radius, first, out = scene.recipe.inner_mm / 2.0, 0, []
    for piece in device.course.pieces:
        strength = went.relative[first : first + len(piece)]
        first += len(piece)
        tube = Tube(axis=piece, radius_mm=np.full(len(piece), radius), strength=strength)
        out.append(Collection(place="lumen", shape=tube, concentration=delivery.concentration))
    return tuple(out)


def _csf(scene: Scene, device: Device, went: Flow, how: tuple[Delivery, Plumbing]) -> Collection | None:
    """What has left at the tip, spread along the sac; none before anything has."""
    delivery, plumbing = how
    canal, tip = scene.site.canal, device.course.pieces[-1][-1]
    if went.arrived <= 1e-9 or len(canal) < 2:
        return None
    arc, heights = arc_length(canal), canal[:, 2]
    source = float(np.interp(tip[2], heights, arc))
    block = float("inf") if plumbing.csf_block_mm is None else float(np.interp(plumbing.csf_block_mm, heights, arc))
    radius = SAC_SHARE * scene.site.canal_radius_mm
    profile = _aged(went, delivery, lambda sd: spread_along(canal, radius, (source, block), sd))
    strongest = float(profile.max())
    tube = Tube(axis=canal, radius_mm=radius, strength=profile / strongest)
    return Collection(place="csf", shape=tube, concentration=went.arrived * strongest)


def _aged(went: Flow, delivery: Delivery, spread: Callable[[float], FloatArray]) -> FloatArray:
    """Mean profile (N,) per ml of an amount of 1 that arrived evenly since the first of it did."""
    oldest = went.hours_since_arrival
    ages = np.linspace(0.0, oldest, 12) if delivery.bolus_ml_per_s <= 0.0 else np.array([oldest])
    widths = np.sqrt(delivery.csf_start_mm**2 + 2.0 * delivery.csf_mixing_mm2_per_h * ages)
    return np.asarray(np.mean([spread(float(width)) for width in widths], axis=0))
