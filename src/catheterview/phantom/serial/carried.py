"""How a device goes along when the belly wall moves, or the pump turns: near the pump wholly, at the anchor not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from catheterview.geometry import FloatArray, arc_length, unit
from catheterview.model import Segment
from catheterview.phantom.curves import step_smoothly
from catheterview.phantom.faults import Lesion
from catheterview.phantom.pocket import Pocket

if TYPE_CHECKING:
    from catheterview.phantom.scene import Device

#: Takes (N, 3) points and their arc lengths (N,) to where they are now.
Move: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]

_FOLLOWS_MM = 90.0  # of catheter that a turned pump takes along
_BELLY_MM = 130.0  # radius of the arc on which a pump goes round a belly, as the phantom's trunks are


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """How pump and tract have gone.

    Parameters
    ----------
    turn_rad : float
        Of the pump about its own axis; the beginning of the catheter follows.
    breath_mm : float
        That the belly wall takes pump and tract towards the feet.
    aside_mm : float
        Round the belly towards the flank, on an arc of the trunk's size.
    """

    turn_rad: float = 0.0
    breath_mm: float = 0.0
    aside_mm: float = 0.0


def carried(device: Device, going: Going) -> tuple[Device, Move]:
    """The device where it lies now, and how its points came there.

    Parameters
    ----------
    device : Device
    going : Going

    Returns
    -------
    Device, callable
    """
    breath = np.array([0.0, 0.0, -going.breath_mm])
    ends = device.route.ends_mm
    begin, end = ends[Segment.POCKET], ends[Segment.ANCHOR]

    def moved(points: FloatArray, arc: FloatArray) -> FloatArray:
        share = 1.0 - step_smoothly((arc - device.route.connector_mm - 3.0) / _FOLLOWS_MM)
        out = _about(points, device.pocket, share * going.turn_rad)
        wall = 1.0 - step_smoothly((arc - begin) / (end - begin))
        out = _round_belly(out, device.pocket, wall * going.aside_mm) if going.aside_mm else out
        return np.asarray(out + wall[:, None] * breath)

    start, pieces = 0.0, []
    for piece in device.course.pieces:
        arc = arc_length(piece) + start
        pieces.append(moved(piece, arc))
        start = float(arc[-1])
    pocket = _gone(device.pocket, going, breath)
    lesions = tuple(_moved_lesion(lesion, moved) for lesion in device.course.lesions)
    course = replace(device.course, pieces=tuple(pieces), lesions=lesions)
    return replace(device, pocket=pocket, course=course), moved


def breathed(device: Device, breath_mm: float) -> Device:
    """The device in another breath, its planned way too; lesions of the pump itself go with it."""
    now, moved = carried(device, Going(breath_mm=breath_mm))
    route = replace(device.route, points=moved(device.route.points, arc_length(device.route.points)))
    return replace(now, route=route)


def _about(points: FloatArray, pocket: Pocket, angle: FloatArray) -> FloatArray:
    """Turn each point by its own angle about the pump's axis."""
    local = pocket.local(points)
    cos, sin = np.cos(angle), np.sin(angle)
    u, v = cos * local[:, 0] - sin * local[:, 1], sin * local[:, 0] + cos * local[:, 1]
    return np.asarray(np.stack([u, v, local[:, 2]], axis=1) @ pocket.axes + pocket.center_mm)


def _gone(pocket: Pocket, going: Going, breath: FloatArray) -> Pocket:
    """The pump itself where it is now."""
    center, axes = pocket.center_mm, pocket.axes
    if going.aside_mm:
        ends = np.concatenate([center[None], center + axes])
        round_it = _round_belly(ends, pocket, np.full(4, going.aside_mm))
        center, axes = round_it[0], round_it[1:] - round_it[0]
    return replace(pocket, center_mm=center + breath, axes=axes, clock_rad=pocket.clock_rad + going.turn_rad)


def _round_belly(points: FloatArray, pocket: Pocket, way_mm: FloatArray) -> FloatArray:
    """Turn each point by its own way on an arc about the long axis, towards the flank on the pump's side."""
    out = unit(pocket.axes[2] * (1.0, 1.0, 0.0))
    axis = pocket.center_mm - _BELLY_MM * out
    angle = np.sign(pocket.center_mm[0]) * way_mm / _BELLY_MM
    x, y = points[:, 0] - axis[0], points[:, 1] - axis[1]
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(np.stack([cos * x - sin * y + axis[0], sin * x + cos * y + axis[1], points[:, 2]], axis=1))


def _moved_lesion(lesion: Lesion, moved: Move) -> Lesion:
    """The fault where it is now; its loose ends go with the pieces, and what is wrong with the pump with the pump."""
    arc = np.array([lesion.measures.get("arc_mm", 0.0)])
    points = [lesion.point, *lesion.ends]
    now = [moved(np.asarray(point)[None], arc)[0] for point in points]
    extent = moved(lesion.extent, np.full(len(lesion.extent), arc[0])) if len(lesion.extent) else lesion.extent
    return replace(lesion, point=now[0], ends=tuple(now[1:]), extent=extent)
