"""Sample data: a tube drawn into an oblique volume. No patient's image is shipped."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import Frame, grid_from_axes, resample_polyline
from catheterview.model import Image
from napari_catheterview.frame import hang
from napari_catheterview.layers import LayerData, image_layer

SHAPE = (60, 96, 96)
TUBE_RADIUS_MM = 0.9
#: Soft tissue and a polymer wall with barium, as CT shows them.
TISSUE_HU, WALL_HU = 40, 900


def oblique_image() -> Image:
    """Return a volume of 1.5 x 0.8 x 0.8 mm voxels, turned 20 degrees, with a bent tube and a gap of 6 mm in it."""
    sine, cosine = np.sin(np.radians(20.0)), np.cos(np.radians(20.0))
    axes = np.array([[0, 1.5 * sine, 1.5 * cosine], [0, 0.8 * cosine, -0.8 * sine], [0.8, 0, 0]])
    grid = grid_from_axes(SHAPE, origin=(-38.0, -60.0, 210.0), axes_mm=axes)
    along = np.linspace(0, 1, 60)[:, None]
    line = np.concatenate([6 + 48 * along, 30 + 40 * along**2, 48 + 25 * np.sin(4 * along)], axis=1)
    points = resample_polyline(grid.index_to_world(line), step=0.3)
    points = np.concatenate([points[: len(points) // 2 - 10], points[len(points) // 2 + 10 :]])
    voxels = np.full(SHAPE, TISSUE_HU, dtype=np.int16)
    offsets = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    near = (np.rint(grid.world_to_index(points)).astype(int)[:, None] + offsets).reshape(-1, 3)
    apart = np.linalg.norm(grid.index_to_world(near) - np.repeat(points, len(offsets), axis=0), axis=1)
    k, j, i = near[apart < TUBE_RADIUS_MM].T
    voxels[k, j, i] = WALL_HU
    return Image(
        voxels=voxels,
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="2.25.1",
        study_instance_uid="2.25.2",
    )


def oblique_catheter() -> list[LayerData]:
    """Return the drawn volume as layers."""
    image = oblique_image()
    return [image_layer(hang(image), image)]
