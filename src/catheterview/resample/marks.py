"""What of a CT a SPECT is laid on: the reservoir's disc, small planes across catheter and canal, the body's outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt

from catheterview.geometry import FloatArray, unit
from catheterview.model import Anatomy, Centreline, Pump
from catheterview.resample.patches import Patches, joined, patches_of

_LATTICE_MM = 9.0  # in which the reservoir is compared
_BLUR_MM = 4.5
_BEHIND_MM = 6.0  # deeper behind the pump's middle a pool would draw the disc to it
_LINE_BLUR_MM, _CANAL_BLUR_MM = 6.0, 8.0
_CLEAR_MM = 40.0  # of the pump's rim: the reservoir's blur is no line
_WITHIN_MM, _BEYOND_MM, _SHELL_MM = 6.0, 10.0, 3.0
_MANY = 1200  # points on either side of the skin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """What of a CT a SPECT is laid on."""

    pump: Pump
    anatomy: Anatomy
    catheters: tuple[Centreline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """Points on the CT (N, 3) LPS mm, from the pump's middle, and what is expected there.

    Parameters
    ----------
    pivot : (3,) LPS mm
    axes : (3, 3)
        Rows: two across the pump's axis, and the axis.
    disc, disc_value : (N, 3), (N,)
        Round the pump, and the blurred reservoir there on the scale of `compressed` counts.
    lines : Patches
        Across catheter and canal.
    inside, outside : (N, 3)
        Just under the skin and just out of it.
    course : (N, 3)
        Where a SPECT has to lie right: catheter, or canal.
    """

    pivot: FloatArray
    axes: FloatArray
    disc: FloatArray
    disc_value: FloatArray
    lines: Patches
    inside: FloatArray
    outside: FloatArray
    course: FloatArray


def marks_of(target: Target) -> Marks:
    """Choose the points on the CT."""
    pump, pivot = target.pump, np.array(target.pump.center_mm)
    disc, value = _disc(pump)
    inside, outside = _outline(target.anatomy)
    lines = [patches_of(target.anatomy.canal - pivot, _CANAL_BLUR_MM)]
    reach = pump.diameter_mm / 2.0 + _CLEAR_MM
    for catheter in target.catheters:
        points = catheter.points - pivot
        clear = np.flatnonzero(np.linalg.norm(points, axis=1) < reach)
        lines.append(patches_of(points[int(clear[-1]) + 1 if len(clear) else 0 :], _LINE_BLUR_MM))
    course = [one.points[::10] - pivot for one in target.catheters] or [target.anatomy.canal - pivot]
    return Marks(
        pivot=pivot,
        axes=_axes(unit(pump.normal)),
        disc=disc,
        disc_value=value,
        lines=joined(tuple(lines)),
        inside=inside - pivot,
        outside=outside - pivot,
        course=np.concatenate(course),
    )


def _axes(normal: FloatArray) -> FloatArray:
    """Two axes across a normal, and the normal, as rows."""
    side = unit(np.cross(normal, (0.0, 0.0, 1.0) if abs(normal[2]) < 0.8 else (1.0, 0.0, 0.0)))
    return np.stack([side, np.cross(normal, side), normal])


def _disc(pump: Pump) -> tuple[FloatArray, FloatArray]:
    """A lattice round the pump and before it, and the compressed, blurred disc there."""
    reach = pump.diameter_mm / 2.0 + 20.0
    at = np.arange(-reach, reach + 0.1, _LATTICE_MM)
    lattice = np.stack(np.meshgrid(at, at, at, indexing="ij"), axis=-1).reshape(-1, 3)
    height = lattice @ unit(pump.normal)
    used = (np.linalg.norm(lattice, axis=1) < reach) & (height > -_BEHIND_MM)
    lattice, height = lattice[used], height[used]
    out = np.sqrt(np.maximum((lattice**2).sum(axis=1) - height**2, 0.0))
    beyond = np.hypot(np.maximum(out - 0.4 * pump.diameter_mm, 0.0), np.maximum(np.abs(height) - 3.0, 0.0))
    value = np.log1p(np.exp(-0.5 * (beyond / _BLUR_MM) ** 2) / 0.0005) / np.log1p(1.0 / 0.0005)
    return lattice, np.asarray(value)


def _outline(anatomy: Anatomy) -> tuple[FloatArray, FloatArray]:
    """Points just inside and just outside the body, away from where the CT itself ends."""
    if anatomy.body is None:
        return np.zeros((0, 3)), np.zeros((0, 3))
    grid, mask = anatomy.body.grid, anatomy.body.mask
    spacing = grid.spacing_mm
    wide = np.pad(mask, 8)
    depth = distance_transform_edt(wide, sampling=spacing) - distance_transform_edt(~wide, sampling=spacing)
    depth[:12], depth[-12:] = 0.0, 0.0
    shells = []
    for at in (_WITHIN_MM, -_BEYOND_MM):
        index = np.argwhere(np.abs(depth - at) < _SHELL_MM)
        shells.append(grid.index_to_world(index[:: max(1, len(index) // _MANY)] - 8))
    return shells[0], shells[1]
