"""Where on a film the catheter should leave a pump, from how the pump lies."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmLimits
from catheterview.model.film import FilmPump, tilting


def stem_way(pump: FilmPump, limits: FilmLimits) -> FloatArray | None:
    """The direction from the pump's middle to its stem as (right, up, to the viewer).

    Parameters
    ----------
    pump : FilmPump
    limits : FilmLimits

    Returns
    -------
    (3,) unit vector, or None where the pattern could not be read
    """
    if pump.turn_deg is None or pump.flipped is None:
        return None
    turn, stem = np.radians(pump.turn_deg), np.radians(limits.stem_deg)
    toward = np.array(pump.toward)
    u = tilting(toward) @ np.array([np.cos(turn), np.sin(turn), 0.0])
    n = -toward if pump.flipped else toward
    return np.asarray(np.cos(stem) * u + np.sin(stem) * np.cross(n, u))


def stem_at(pump: FilmPump, way: FloatArray) -> tuple[float, float]:
    """The (row, column) at the rim in a direction given as `stem_way` gives it, for the view of this pump."""
    return pump.center[0] - pump.radius_px * float(way[1]), pump.center[1] + pump.radius_px * float(way[0])


def seen_from_the_side(way: FloatArray) -> FloatArray:
    """A direction of an AP film as a lateral one (seen from the patient's left) sees it, and the other way round.

    To the right on an AP film is the patient's left, which is to the viewer of the lateral; to the viewer of the AP is
    in front, which is to the left on the lateral.
    """
    return np.array([-way[2], way[1], way[0]])
