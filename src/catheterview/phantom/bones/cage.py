"""Ribs that begin at their vertebra, go back to their angle, and on under the muscles of the wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, read_only, resample_polyline
from catheterview.phantom.bones.names import FIRST_RIBBED
from catheterview.phantom.spine import Spine
from catheterview.phantom.texture import Columns

_HALF_THICK_MM, _HALF_TALL_MM = 3.4, 6.0
_CORTEX_HU, _MARROW_HU, _CORTEX_MM = 800.0, 180.0, 1.3
_WALL_MM = 9.0  # under the fascia
_FALL_MM = 34.0  # that a rib sinks for each radian of its way round the trunk
_ANGLE_RAD = 0.95  # from behind, at which it has come to the wall
_ENDS_RAD = {0: 1.35, 1: 1.75}  # the floating ribs, by their number from the twelfth up
_LONG_RAD = 2.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rib:
    """The middle line of one rib.

    Parameters
    ----------
    line : (N, 3) float32 LPS mm
        From its vertebra, every mm.
    """

    line: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "line", read_only(self.line, ndim=2))


def ribs_of(spine: Spine, height_mm: float, under_fascia: Callable[[FloatArray], FloatArray]) -> tuple[Rib, ...]:
    """Lay both ribs of every thoracic vertebra that could be seen below `height_mm`.

    Parameters
    ----------
    spine : Spine
        With a sacrum: it is counted from there.
    height_mm : float
    under_fascia : callable
        Depth in mm of (N, 3) LPS mm points under the fascia.
    """
    out = []
    for number in range(FIRST_RIBBED, FIRST_RIBBED + 12):
        z = spine.middle_z(number)
        if z < height_mm + 110.0:
            out += [_rib(spine, z, side, (number - FIRST_RIBBED, under_fascia)) for side in (-1.0, 1.0)]
    return tuple(out)


def _rib(spine: Spine, z: float, side: float, which: tuple[int, Callable[[FloatArray], FloatArray]]) -> Rib:
    """One rib: head beside the body, neck along the transverse process, then round the wall and down."""
    number, under_fascia = which
    x0, y0 = (float(v[0]) for v in spine.canal(np.array([z])))
    wide = spine.canal_half_width
    head = np.array([x0 + side * (wide + 8.0), y0 - 4.0, z + 4.0])
    process = np.array([x0 + side * (wide + 30.0), y0 + 8.0, z + 1.0])
    turns = np.arange(_ANGLE_RAD, _ENDS_RAD.get(number, _LONG_RAD), 0.03)
    heights = z - 4.0 - _FALL_MM * (turns - _ANGLE_RAD)
    wall = _on_wall(side * turns, heights, under_fascia)
    return Rib(line=resample_polyline(np.concatenate([[head, process], wall]), step=1.0).astype(np.float32))


def _on_wall(turns: FloatArray, heights: FloatArray, under_fascia: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Points (N, 3) under the fascia at angles from behind and heights."""
    reach = np.arange(30.0, 180.0, 0.5)
    way = np.stack([np.sin(turns), np.cos(turns), np.zeros_like(turns)], axis=1)
    points = way[:, None] * reach[None, :, None]
    points[..., 2] = heights[:, None]
    deep = under_fascia(points.reshape(-1, 3)).reshape(len(turns), len(reach))
    at = len(reach) - 1 - np.argmax((deep > _WALL_MM)[:, ::-1], axis=1)
    return np.asarray(points[np.arange(len(turns)), at])


def paint_ribs(hu: Columns, at: Columns, ribs: tuple[Rib, ...], blend: Callable[..., None]) -> None:
    """Write ribs over `hu` (N,) at `at` (3, N), in place: flat, taller than thick."""
    for rib in ribs:
        low, high = rib.line.min(axis=0) - 8.0, rib.line.max(axis=0) + 8.0
        near = np.arange(at.shape[1])
        for axis in (2, 0, 1):
            near = near[(at[axis, near] > low[axis]) & (at[axis, near] < high[axis])]
        if not len(near):
            continue
        away = _distance(at[:, near], np.asarray(rib.line))
        close = away < 2.0
        part = hu[near[close]]
        blend(part, -away[close], _CORTEX_HU)
        blend(part, -away[close] - _CORTEX_MM, _MARROW_HU)
        hu[near[close]] = part


def _distance(at: Columns, line: FloatArray) -> Columns:
    """Signed distance (N,), to first order, of (3, N) points from a band about a line."""
    best = np.full(at.shape[1], np.inf, dtype=np.float32)
    for x, y, z in line[::3]:
        flat = np.hypot(at[0] - x, at[1] - y)
        best = np.minimum(best, np.hypot(flat / _HALF_THICK_MM, (at[2] - z) / _HALF_TALL_MM))
    return np.asarray((best - 1.0) * 0.5 * (_HALF_THICK_MM + _HALF_TALL_MM), dtype=np.float32)
