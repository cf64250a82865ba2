"""Pointing at something in 3-D: the brightest voxel under the pointer, which is what a maximum projection shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.geometry import FloatArray
from napari_catheterview.compat import Viewer
from napari_catheterview.layers import IMAGE
from napari_catheterview.place import MINE

#: Steps along a ray, in voxels: none that it crosses by more than its half is passed over.
STEP_VOXELS = 0.5


def seen_at(viewer: Viewer, event: Any) -> FloatArray | None:
    """Return (3,) world of what a click in 3-D points at, None where it points past the volume.

    Parameters
    ----------
    viewer : napari.Viewer
    event : napari mouse event
    """
    shown = [layer for layer in viewer.layers if layer.metadata.get(MINE) == IMAGE and layer.visible]
    if not shown:
        return None
    first, last = shown[0].get_ray_intersections(event.position, event.view_direction, list(event.dims_displayed))
    if first is None or last is None:
        return None
    return np.asarray(shown[0].data_to_world(brightest_between(shown[0].data, first, last)), dtype=np.float64)


def brightest_between(voxels: NDArray[Any], first: ArrayLike, last: ArrayLike) -> NDArray[np.intp]:
    """Return (3,) index of the brightest voxel on the line between two (3,) data coordinates, the nearest of equals."""
    start, end = np.asarray(first, dtype=np.float64), np.asarray(last, dtype=np.float64)
    count = int(np.linalg.norm(end - start) / STEP_VOXELS) + 2
    line = np.rint(np.linspace(start, end, count)).astype(np.intp)
    line = np.clip(line, 0, np.array(voxels.shape) - 1)
    return np.asarray(line[int(np.argmax(voxels[tuple(line.T)]))])
