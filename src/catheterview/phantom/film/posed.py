"""The device on the day of the film: turned, breathed away, slid out of the canal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from catheterview.geometry import FloatArray, arc_length
from catheterview.model import Segment
from catheterview.phantom.curves import step_smoothly
from catheterview.phantom.faults import Lesion
from catheterview.phantom.film.recipe import FilmRecipe, FilmView
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.scene import Device

#: Takes (N, 3) points and their arc lengths (N,) to where they are now.
_Move: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]

_FOLLOWS_MM = 90.0  # of catheter that a turned pump takes along
_SHORTEST_MM = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posed:
    """Pump and catheter as they lie in one exposure.

    Parameters
    ----------
    pocket : Pocket
    pieces : tuple of (N, 3) LPS mm
        From pump to tip, continuous each.
    lesions : tuple of Lesion
    dura : (3,) LPS mm
        Where the catheter enters the canal.
    """

    pocket: Pocket
    pieces: tuple[FloatArray, ...]
    lesions: tuple[Lesion, ...]
    dura: FloatArray


def posed(recipe: FilmRecipe, device: Device, view: FilmView) -> Posed:
    """Turn the pump, let the patient breathe, pull the tip."""
    pieces = _pulled(device.course.pieces, recipe.pull_mm)
    window = device.route.window_mm(Segment.DURAL_ENTRY)
    dura = device.route.points[round(sum(window))]
    turn = np.radians(recipe.pump_turn_deg)
    breath = np.array([0.0, 0.0, -view.breath_mm])
    ends = device.route.ends_mm
    begin, end = ends[Segment.POCKET], ends[Segment.ANCHOR]

    def moved(points: FloatArray, arc: FloatArray) -> FloatArray:
        share = 1.0 - step_smoothly((arc - device.route.connector_mm - 3.0) / _FOLLOWS_MM)
        out = _about(points, device.pocket, share * turn)
        return np.asarray(out + (1.0 - step_smoothly((arc - begin) / (end - begin)))[:, None] * breath)

    start, out = 0.0, []
    for piece in pieces:
        arc = arc_length(piece) + start
        out.append(moved(piece, arc))
        start = float(arc[-1])
    pocket = replace(
        device.pocket, center_mm=device.pocket.center_mm + breath, clock_rad=device.pocket.clock_rad + turn
    )
    lesions = tuple(_moved_lesion(lesion, moved) for lesion in device.course.lesions)
    return Posed(pocket=pocket, pieces=tuple(out), lesions=lesions, dura=dura)


def _pulled(pieces: tuple[FloatArray, ...], by_mm: float) -> tuple[FloatArray, ...]:
    """Take a length off the far end."""
    if by_mm <= 0.0:
        return pieces
    last = pieces[-1]
    arc = arc_length(last)
    keep = arc <= max(_SHORTEST_MM, float(arc[-1]) - by_mm)
    return (*pieces[:-1], last[keep])


def _about(points: FloatArray, pocket: Pocket, angle: FloatArray) -> FloatArray:
    """Turn each point by its own angle about the pump's axis."""
    local = pocket.local(points)
    cos, sin = np.cos(angle), np.sin(angle)
    u, v = cos * local[:, 0] - sin * local[:, 1], sin * local[:, 0] + cos * local[:, 1]
    return np.asarray(np.stack([u, v, local[:, 2]], axis=1) @ pocket.axes + pocket.center_mm)


def _moved_lesion(lesion: Lesion, moved: _Move) -> Lesion:
    """The fault where it is now; its loose ends go with the pieces."""
    arc = np.array([lesion.measures["arc_mm"]])
    points = [lesion.point, *lesion.ends]
    now = [moved(np.asarray(point)[None], arc)[0] for point in points]
    return replace(lesion, point=now[0], ends=tuple(now[1:]))
