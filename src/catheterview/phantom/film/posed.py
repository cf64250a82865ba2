"""The device on the day of the film: turned, breathed away, slid out of the canal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.geometry import FloatArray, arc_length
from catheterview.model import Segment
from catheterview.phantom.faults import Lesion
from catheterview.phantom.film.recipe import FilmRecipe, FilmView
from catheterview.phantom.pocket import Pocket
from catheterview.phantom.scene import Device
from catheterview.phantom.serial import Going, carried

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
    course = replace(device.course, pieces=_pulled(device.course.pieces, recipe.pull_mm))
    going = Going(
        turn_rad=float(np.radians(recipe.pump_turn_deg)), breath_mm=view.breath_mm, aside_mm=recipe.pump_move_mm
    )
    now, _ = carried(replace(device, course=course), going)
    dura = device.route.points[round(sum(device.route.window_mm(Segment.DURAL_ENTRY)))]
    return Posed(pocket=now.pocket, pieces=now.course.pieces, lesions=now.course.lesions, dura=dura)


def _pulled(pieces: tuple[FloatArray, ...], by_mm: float) -> tuple[FloatArray, ...]:
    """Take a length off the far end."""
    if by_mm <= 0.0:
        return pieces
    last = pieces[-1]
    arc = arc_length(last)
    keep = arc <= max(_SHORTEST_MM, float(arc[-1]) - by_mm)
    return (*pieces[:-1], last[keep])
