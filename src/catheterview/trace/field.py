"""Where in an image a catheter may be looked for: inside the body, outside the pump."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Grid, unit
from catheterview.limits import TraceLimits
from catheterview.model import Anatomy, Pump

BoolArray = NDArray[np.bool_]


def inside_body(anatomy: Anatomy, points: FloatArray) -> BoolArray:
    """Say for (N, 3) LPS mm points whether they lie in the body; all do where the body is not known."""
    if anatomy.body is None:
        return np.ones(len(points), dtype=np.bool_)
    return anatomy.body.contains(points)


def body_box(anatomy: Anatomy, grid: Grid) -> tuple[slice, slice, slice]:
    """The box of the grid that holds the body."""
    if anatomy.body is None:
        return (slice(None),) * 3
    index = grid.world_to_index(anatomy.body.grid.corners())
    low = np.clip(np.floor(index.min(axis=0)).astype(int) - 1, 0, None)
    high = np.clip(np.ceil(index.max(axis=0)).astype(int) + 2, None, np.array(grid.shape))
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1])), slice(int(low[2]), int(high[2]))


def inside_pump(pump: Pump, points: FloatArray, limits: TraceLimits) -> BoolArray:
    """Say for (..., 3) LPS mm points whether they lie in the pump or its blooming."""
    away = points - np.array(pump.center_mm)
    axial = away @ np.array(pump.normal)
    radial = np.linalg.norm(away - axial[..., None] * np.array(pump.normal), axis=-1)
    margin = limits.pump_margin_mm
    return np.asarray(
        (np.abs(axial) < pump.thickness_mm / 2 + margin) & (radial < pump.diameter_mm / 2 + margin), dtype=np.bool_
    )


def rim_of(pump: Pump, limits: TraceLimits) -> FloatArray:
    """(R, 3) LPS mm round the pump's side, just outside its blooming, at five heights."""
    normal = np.array(pump.normal)
    first = unit(np.cross(normal, np.eye(3)[int(np.argmin(np.abs(normal)))]))
    second = np.cross(normal, first)
    angle = np.linspace(0.0, 2 * np.pi, 90, endpoint=False)
    circle = np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second
    radius = pump.diameter_mm / 2 + limits.pump_margin_mm + 0.5
    heights = np.linspace(-0.4, 0.4, 5) * pump.thickness_mm
    ring = np.array(pump.center_mm) + radius * circle
    return np.asarray((ring[None] + heights[:, None, None] * normal).reshape(-1, 3))


def end_in_canal(anatomy: Anatomy, points: FloatArray, limits: TraceLimits) -> int | None:
    """Where a line that has entered the spinal canal leaves it again; a catheter does not.

    Parameters
    ----------
    points : (N, 3) LPS mm, in order from the pump

    Returns
    -------
    int or None
        Index of the last point in the canal, after a run in it of at least `limits.canal_run_mm`; None where there is
        no such run or no canal is known.
    """
    if not len(anatomy.canal):
        return None
    away, nearest = cKDTree(anatomy.canal).query(points)
    inside = away <= anatomy.canal_radius_mm[nearest] + limits.canal_margin_mm
    steps = np.concatenate([[0.0], np.linalg.norm(np.diff(points, axis=0), axis=1)])
    run_mm, out_mm, last = 0.0, 0.0, None
    for n, here in enumerate(inside):
        out_mm = 0.0 if here else out_mm + steps[n]
        if out_mm > limits.canal_excursion_mm:
            if run_mm >= limits.canal_run_mm:
                return last
            run_mm = 0.0
        elif here:
            run_mm, last = run_mm + steps[n], n
    return last if run_mm >= limits.canal_run_mm else None


def clear_of_wall(anatomy: Anatomy, points: FloatArray, limits: TraceLimits) -> bool:
    """Say whether a line of (N, 3) LPS mm points keeps off the wall of the spinal canal; any does where none is known.

    What lies along the wall, and only there, is the wall: bone under the dura looks like a tube.
    """
    if not len(anatomy.canal):
        return True
    away, nearest = cKDTree(anatomy.canal).query(points)
    return bool(np.median(away - anatomy.canal_radius_mm[nearest]) <= -limits.canal_clear_mm)
