"""A trunk with metal in it, drawn by formula on any grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes, unit
from catheterview.model import Image

Place = tuple[float, float, float]
#: Says for (..., 3) LPS mm which points are metal.
Metal = Callable[[FloatArray], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]


def grid(turn: str = "head first", shape: tuple[int, int, int] = (60, 150, 170)) -> Grid:
    """An anisotropic grid; `turn` says how its array lies."""
    axes = np.array([[0.0, 0.0, 2.6], [0.0, 1.7, 0.0], [1.55, 0.0, 0.0]])
    if turn == "feet first":
        axes[0] *= -1.0
        axes[2] *= -1.0
    if turn == "sheared":
        axes[0] += [0.0, 0.8, 0.0]
    if turn == "oblique":
        cosine, sine = np.cos(0.4), np.sin(0.4)
        axes = axes @ np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
    if turn == "coronal":
        axes, shape = axes[[1, 0, 2]], (shape[1], shape[0], shape[2])
    origin = np.array([4.0, 5.0, -3.0]) - ((np.array(shape) - 1) / 2) @ axes
    return grid_from_axes(shape, origin=origin, axes_mm=axes)


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A round flat device, solid or a shell."""

    center: Place
    normal: Place
    diameter: float
    thickness: float
    wall: float | None = None

    def __call__(self, points: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        offset = points - np.array(self.center)
        height = np.abs(offset @ unit(self.normal))
        across = np.sqrt(np.maximum((offset**2).sum(axis=-1) - height**2, 0.0))
        inside = (height <= self.thickness / 2) & (across <= self.diameter / 2)
        if self.wall is None:
            return np.asarray(inside)
        return np.asarray(
            inside & ((height > self.thickness / 2 - self.wall) | (across > self.diameter / 2 - self.wall))
        )


@dataclass(frozen=True, kw_only=True)
class Block:
    """A box along the patient's axes."""

    center: Place
    size: Place

    def __call__(self, points: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.asarray((np.abs(points - np.array(self.center)) <= np.array(self.size) / 2).all(axis=-1))


@dataclass(frozen=True, kw_only=True)
class Rod:
    """A straight round rod between two points."""

    start: Place
    end: Place
    diameter: float

    def __call__(self, points: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        start, along = np.array(self.start), np.subtract(self.end, self.start)
        part = np.clip(((points - start) @ along) / (along @ along), 0.0, 1.0)
        return np.asarray(np.linalg.norm(points - start - part[..., None] * along, axis=-1) <= self.diameter / 2)


@dataclass(frozen=True, kw_only=True)
class Coil:
    """Loops of a bright catheter behind a device: in the plane z-x at depth y."""

    center: Place
    radius: float

    def __call__(self, points: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        offset = points - np.array(self.center)
        return np.asarray(np.hypot(np.hypot(offset[..., 0], offset[..., 2]) - self.radius, offset[..., 1]) <= 1.2)


def trunk_with(*metal: Metal, on: Grid, metal_hu: float = 9000.0, top_hu: int = 3071) -> Image:
    """Draw a trunk 260 mm wide and 200 mm deep with metal in it; parts of voxels count, the scale is clipped."""
    index = np.moveaxis(np.indices(on.shape), 0, -1)
    points = on.index_to_world(index)
    hu = np.full(on.shape, -1000.0)
    hu[(points[..., 0] / 130.0) ** 2 + (points[..., 1] / 100.0) ** 2 < 1.0] = 30.0
    hu[(np.abs(points[..., 1] - 112.0) < 3.0) & (np.abs(points[..., 0]) < 120.0)] = 200.0
    if metal:
        share = ndimage.gaussian_filter(_metal_share(metal, on, index, points), 0.35 / on.spacing_mm)
        hu = hu * (1.0 - share) + metal_hu * share
    return image_of(hu + np.random.default_rng(3).normal(0.0, 12.0, on.shape), on, top_hu)


def _metal_share(metal: tuple[Metal, ...], on: Grid, index: np.ndarray, points: FloatArray) -> FloatArray:
    """Part of each voxel that is metal; eighths are looked at only near an edge."""
    whole = np.any([part(points) for part in metal], axis=0)
    edge = ndimage.binary_dilation(whole, iterations=2) & ~ndimage.binary_erosion(whole, iterations=2)
    share = whole.astype(float)
    share[edge] = 0.0
    for shift in np.stack(np.meshgrid([-0.25, 0.25], [-0.25, 0.25], [-0.25, 0.25]), axis=-1).reshape(-1, 3):
        world = on.index_to_world(index[edge] + shift)
        share[edge] += np.any([part(world) for part in metal], axis=0) / 8.0
    return share


def image_of(hu: FloatArray, on: Grid, top_hu: int = 3071) -> Image:
    """Wrap HU up as a CT whose scale ends at `top_hu`."""
    return Image(
        voxels=np.clip(np.round(hu), -1024, top_hu).astype(np.int16),
        grid=on,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
        saturated_hu=top_hu if top_hu < 4000 else None,
    )
