"""Sample data: a tube drawn into an oblique volume, activity on it, and a film. No patient's image is shipped."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, Frame, grid_from_axes, resample_polyline
from catheterview.model import Image
from napari_catheterview.frame import hang
from napari_catheterview.hanging import fused_on, side_by_side
from napari_catheterview.hanging.sheet_layers import film_layer, fused_layer
from napari_catheterview.layers import image_layer
from napari_catheterview.place import LayerData

SHAPE = (60, 96, 96)
TUBE_RADIUS_MM = 0.9
#: Soft tissue and a polymer wall with barium, as CT shows them.
TISSUE_HU, WALL_HU = 40, 900

#: Voxels of the map in mm, and how far activity seems to spread from where it is.
MAP_VOXEL_MM, SPREAD_MM = 4.0, 5.0

#: Pixels and spacing at the detector of the drawn film, and how dark the tube is on it.
FILM_SHAPE, FILM_SPACING_MM, TUBE_SHADE = (360, 300), (0.4, 0.4), 260


def oblique_image() -> Image:
    """Return a volume of 1.5 x 0.8 x 0.8 mm voxels, turned 20 degrees, with a bent tube and a gap of 6 mm in it."""
    grid = grid_from_axes(SHAPE, origin=(-38.0, -60.0, 210.0), axes_mm=_axes(1.5, 0.8))
    points = resample_polyline(grid.index_to_world(_course()), step=0.3)
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


def _axes(step: float, pixel: float) -> FloatArray:
    """Axes of a stack that is turned 20 degrees about the patient's left, in mm."""
    sine, cosine = np.sin(np.radians(20.0)), np.cos(np.radians(20.0))
    return np.array([[0, step * sine, step * cosine], [0, pixel * cosine, -pixel * sine], [pixel, 0, 0]])


def _course() -> FloatArray:
    """(60, 3) kji of the tube's course in the drawn volume."""
    along = np.linspace(0, 1, 60)[:, None]
    return np.concatenate([6 + 48 * along, 30 + 40 * along**2, 48 + 25 * np.sin(4 * along)], axis=1)


def activity_image() -> Image:
    """Return a map of activity on the same patient: tracer along half of the tube, its axes the patient's."""
    volume = oblique_image().placed
    corners = volume.corners()
    shape = tuple(int(n) for n in np.ceil(np.ptp(corners, axis=0)[::-1] / MAP_VOXEL_MM) + 1)
    axes = MAP_VOXEL_MM * np.array([[0.0, 0, 1], [0, 1, 0], [1, 0, 0]])
    grid = grid_from_axes((shape[0], shape[1], shape[2]), origin=corners.min(axis=0), axes_mm=axes)
    reached = volume.index_to_world(_course())[:30]
    at = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    apart = np.min([np.linalg.norm(at - point, axis=-1) for point in reached], axis=0)
    return Image(
        voxels=np.rint(400 * np.exp(-((apart / SPREAD_MM) ** 2))).astype(np.int16),
        grid=grid,
        frame=Frame.PATIENT,
        modality="NM",
        series_instance_uid="2.25.3",
        study_instance_uid="2.25.2",
    )


def film_image() -> Image:
    """Return a drawn radiograph: soft shades, and a bent tube with a gap."""
    rows, columns = np.indices(FILM_SHAPE)
    shade = 900 - 500 * np.exp(-(((columns - 150) / 110.0) ** 2)) + 40 * np.sin(rows / 25.0)
    along = np.linspace(0, 1, 900)
    row, column = 40 + 280 * along, 150 + 60 * np.sin(5 * along)
    whole = np.abs(along - 0.5) > 0.015
    r, c = np.rint(row[whole]).astype(int), np.rint(column[whole]).astype(int)
    for dr, dc in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)):
        shade[r + dr, c + dc] += TUBE_SHADE
    return Image(
        voxels=np.rint(shade[None]).astype(np.int16),
        grid=None,
        frame=Frame.DETECTOR,
        modality="CR",
        series_instance_uid="2.25.4",
        study_instance_uid="2.25.5",
    )


def oblique_catheter() -> list[LayerData]:
    """Return the drawn volume as layers."""
    image = oblique_image()
    return [image_layer(hang(image), image)]


def fused_activity() -> list[LayerData]:
    """Return the drawn volume with the map of activity on it."""
    image = oblique_image()
    hung = hang(image)
    return [image_layer(hung, image), fused_layer(fused_on(activity_image(), hung.frame))]


def drawn_film() -> list[LayerData]:
    """Return the drawn film, in mm at the detector."""
    return [film_layer(side_by_side([(film_image(), FILM_SPACING_MM)])[0])]
