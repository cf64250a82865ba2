"""Thin tubes and pools as volume elements on a detector, quickly enough for every frame of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, arc_length, moving_frame, resample_polyline
from catheterview.phantom.film.camera import Camera
from catheterview.phantom.fluid import Shape, lattice

_STEP_MM = 0.2
_RING = 7  # elements of a tube's cross-section: a pixel is as wide as the lumen
_POOL_MM = 1.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drops:
    """Elements seen on a detector.

    Parameters
    ----------
    at : (M, 2) (row, column)
    area : (M,)
        Volume of an element over the area of a pixel at its depth, mm.
    arc_mm : (M,)
        Along the tube that it belongs to; 0 for a pool.
    """

    at: FloatArray
    area: FloatArray
    arc_mm: FloatArray

    def seen(self, per_mm: FloatArray | float, shape: tuple[int, int], *, down: FloatArray | float = 0.0) -> FloatArray:
        """Attenuation (R, C) of elements that attenuate by `per_mm` (M,), moved `down` (M,) rows."""
        out = np.zeros(shape[0] * shape[1])
        row = self.at[:, 0] + down
        low_r, low_c = np.floor(row).astype(np.int64), np.floor(self.at[:, 1]).astype(np.int64)
        inside = (low_r >= 0) & (low_c >= 0) & (low_r < shape[0] - 1) & (low_c < shape[1] - 1)
        part_r, part_c = (row - low_r)[inside], (self.at[:, 1] - low_c)[inside]
        weight = np.broadcast_to(self.area * per_mm, self.area.shape)[inside]
        flat = (low_r * shape[1] + low_c)[inside]
        for r in (0, 1):
            for c in (0, 1):
                share = (part_r if r else 1.0 - part_r) * (part_c if c else 1.0 - part_c)
                out += np.bincount(flat + r * shape[1] + c, share * weight, minlength=len(out))
        return np.asarray(out.reshape(shape))


def tube_drops(axis: FloatArray, inner_mm: float, outer_mm: float, camera: Camera, *, start_mm: float = 0.0) -> Drops:
    """A hollow tube along (N, 3) LPS mm points; diameters in mm, arc lengths from `start_mm`."""
    fine = resample_polyline(axis, step=_STEP_MM)
    length = float(arc_length(axis)[-1])
    first, second = moving_frame(resample_polyline(axis, step=0.5))
    at = np.linspace(0, len(first) - 1, len(fine)).round().astype(int)
    n = np.arange(_RING) + 0.5
    radius = 0.5 * np.sqrt(inner_mm**2 + (outer_mm**2 - inner_mm**2) * n / _RING)
    angle = np.pi * (1.0 + 5.0**0.5) * n
    points = fine[:, None] + (radius * np.cos(angle))[:, None] * first[at, None]
    points = (points + (radius * np.sin(angle))[:, None] * second[at, None]).reshape(-1, 3)
    volume = np.pi / 4.0 * (outer_mm**2 - inner_mm**2) / _RING * length / max(len(fine) - 1, 1)
    arc = start_mm + np.repeat(np.linspace(0.0, length, len(fine)), _RING)
    return _dropped(points, np.full(len(points), volume), arc, camera)


def pool_points(shape: Shape) -> tuple[FloatArray, FloatArray]:
    """Points (M, 3) LPS mm that hold some of a shape, and their share of the whole amount (M,), adding up to 1."""
    points = lattice(shape, _POOL_MM)
    share = shape.share(points)
    held = share > 1e-3
    return points[held], share[held] / max(float(share[held].sum()), 1e-12)


def pool_drops(points: FloatArray, volume_mm3: FloatArray, camera: Camera) -> Drops:
    """Elements at (M, 3) LPS mm points."""
    return _dropped(points, volume_mm3, np.zeros(len(points)), camera)


def _dropped(points: FloatArray, volume: FloatArray, arc: FloatArray, camera: Camera) -> Drops:
    area: NDArray[np.float64] = volume * camera.magnification(points) ** 2 / camera.pitch_mm**2
    return Drops(at=camera.project(points), area=area, arc_mm=arc)
