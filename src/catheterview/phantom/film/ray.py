"""Line integrals of a volume along a cone beam, slab by slab: every slab is seen through one homography."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Grid, unit
from catheterview.phantom.film.camera import Camera

Maps: TypeAlias = NDArray[np.float32]


def through(volume: Maps, grid: Grid, camera: Camera) -> Maps:
    """Integrate a volume along the rays to every pixel.

    Parameters
    ----------
    volume : (K, J, I, C) float32
        C kinds of material, each as a share of its full density.
    grid : Grid
        Where the voxels are, LPS mm; not sheared.
    camera : Camera

    Returns
    -------
    (R, C, C) float32
        Millimetres of each material along the ray.

    Notes
    -----
    The axis that lies closest to the beam is walked; each slab is interpolated linearly in its plane.
    """
    axis = int(np.argmax(np.abs(grid.directions.T @ camera.toward)))
    slabs = np.moveaxis(volume, axis, 0)
    others = [n for n in range(3) if n != axis]
    steps = grid.affine[:3, :3]
    total = np.zeros((*camera.shape, volume.shape[-1]), dtype=np.float32)
    size = (camera.shape[1], camera.shape[0])
    for n, slab in enumerate(slabs):
        if not slab.any():
            continue
        origin = grid.affine[:3, 3] + n * steps[:, axis]
        plane = np.column_stack([steps[:, others[1]], steps[:, others[0]], origin])
        seen = camera.matrix @ np.vstack([plane, (0.0, 0.0, 1.0)])
        warped = cv2.warpPerspective(np.ascontiguousarray(slab), seen / seen[2, 2], size, flags=cv2.INTER_LINEAR)
        total += warped.reshape(total.shape)
    total *= _lengths(unit(steps[:, axis]), float(grid.spacing_mm[axis]), camera)[..., None]
    return total


def _lengths(normal: FloatArray, step_mm: float, camera: Camera) -> Maps:
    """Length of every ray within one slab."""
    return np.asarray(step_mm / np.abs(camera.rays() @ normal), dtype=np.float32)
