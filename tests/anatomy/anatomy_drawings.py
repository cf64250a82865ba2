"""A patient drawn by formula, so that the middle of the canal is known at every height and on every grid."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes
from catheterview.model import Image

CANAL_RADIUS_MM = 8.0
PITCH_MM = 32.0


def canal_at(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Middle (x, y) of the drawn canal at heights z, LPS mm."""
    return 6.0 * np.sin(z / 90.0) - 4.0, 62.0 + 10.0 * np.cos(z / 85.0)


def axial_grid(shape: tuple[int, int, int] = (56, 104, 128), turn: str = "head first") -> Grid:
    """An anisotropic grid round the drawn patient; `turn` says how its array lies."""
    axes = np.array([[0.0, 0.0, 4.1], [0.0, 2.3, 0.0], [2.1, 0.0, 0.0]])
    if turn == "feet first":
        axes[0] *= -1.0
        axes[2] *= -1.0
    if turn == "prone":
        axes[1] *= -1.0
        axes[2] *= -1.0
    if turn == "sheared":
        axes[0] += [0.0, 1.2, 0.0]
    if turn == "oblique":
        cosine, sine = np.cos(0.3), np.sin(0.3)
        axes = axes @ np.array([[1.0, 0.0, 0.0], [0.0, cosine, sine], [0.0, -sine, cosine]])
    if turn == "coronal":
        axes, shape = axes[[1, 0, 2]], (shape[1], shape[0], shape[2])
    middle = np.array([0.0, 5.0, 0.0])
    origin = middle - ((np.array(shape) - 1) / 2) @ axes
    return grid_from_axes(shape, origin=origin, axes_mm=axes)


def patient(
    grid: Grid, *, spine: bool = True, sac_hu: float = 10.0, catheter: bool = False, table: bool = True
) -> Image:
    """Draw a trunk with lungs, a spine and a table under it."""
    x, y, z = np.moveaxis(grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1)), -1, 0)
    hu = np.full(grid.shape, -1000.0)
    trunk = (x / 120.0) ** 2 + ((y - 5.0) / 95.0) ** 2 < 1.0
    hu[trunk] = 40.0
    for side in (-1.0, 1.0):
        hu[((x - side * 58.0) / 38.0) ** 2 + (y / 55.0) ** 2 < 1.0] = -850.0
    if spine:
        _draw_spine(hu, (x, y, z), sac_hu)
    if catheter:
        x0, y0 = canal_at(z)
        hu[np.hypot(x - x0 - 4.0, y - y0 - 3.0) < 1.6] = 3000.0
    if table:
        hu[(np.abs(y - 118.0) < 3.0) & (np.abs(x) < 130.0)] = 150.0
    hu += np.random.default_rng(7).normal(0.0, 15.0, grid.shape)
    return image_of(hu, grid)


def _draw_spine(hu: FloatArray, at: tuple[FloatArray, FloatArray, FloatArray], sac_hu: float) -> None:
    """Add vertebrae with discs, arches with gaps between them, and what fills the canal."""
    x0, y0 = canal_at(at[2])
    x, y = at[0] - x0, at[1] - y0
    level = at[2] % PITCH_MM
    body = (x / 21.0) ** 2 + ((y + CANAL_RADIUS_MM + 16.0) / 16.0) ** 2 < 1.0
    hu[body] = np.where(level < 24.0, 230.0, 85.0)[body]
    from_middle = np.hypot(x, y)
    arch = (from_middle < CANAL_RADIUS_MM + 5.0) & (y > -CANAL_RADIUS_MM) & (level < 20.0)
    process = (np.abs(x) < 4.0) & (y > 0.0) & (y < 34.0) & (level < 18.0)
    hu[arch | process] = 550.0
    hu[from_middle < CANAL_RADIUS_MM] = -40.0
    hu[from_middle < CANAL_RADIUS_MM - 2.0] = sac_hu


def image_of(hu: FloatArray, grid: Grid) -> Image:
    """Wrap HU up as a CT."""
    voxels = np.clip(np.round(hu), -1024, 3071).astype(np.int16)
    return Image(
        voxels=voxels,
        grid=grid,
        frame=Frame.PATIENT,
        modality="CT",
        series_instance_uid="1.2.3",
        study_instance_uid="1.2",
        saturated_hu=3071,
    )


def distance_from_canal_mm(points: FloatArray) -> FloatArray:
    """(N,) distance within the axial plane of (N, 3) LPS mm from the drawn canal's middle."""
    x, y = canal_at(points[:, 2])
    return np.hypot(points[:, 0] - x, points[:, 1] - y)
