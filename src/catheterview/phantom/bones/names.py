"""Names of vertebrae, counted from the sacrum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import VertebralLevel
from catheterview.phantom.spine import Spine

#: From S1 upwards; from S2 downwards for negative numbers.
_UP = ("S1", *(f"L{n}" for n in range(5, 0, -1)), *(f"T{n}" for n in range(12, 0, -1)))
FIRST_RIBBED = _UP.index("T12")


def levels_of(spine: Spine, height_mm: float) -> tuple[VertebralLevel, ...]:
    """Vertebrae whose middle is between 0 and `height_mm`, from feet to head; none of a spine without a sacrum."""
    if not spine.sacrum:
        return ()
    out = []
    for number, name in enumerate(_UP):
        z = spine.middle_z(number)
        if 0.0 <= z <= height_mm:
            x, y = (float(v[0]) for v in spine.canal(np.array([z])))
            out.append(VertebralLevel(name=name, point=(x, y, z)))
    return tuple(out)


def level_near(levels: Sequence[VertebralLevel], point: FloatArray) -> str | None:
    """Name of the vertebra nearest in height to a (3,) LPS mm point, if it is one beside it; None of unknown levels."""
    if not levels:
        return None
    heights = np.array([level.point[2] for level in levels])
    at = int(np.argmin(np.abs(heights - point[2])))
    pitch = float(np.diff(heights).mean()) if len(heights) > 1 else 35.0
    return levels[at].name if abs(heights[at] - point[2]) <= 0.5 * pitch + 1.0 else None
