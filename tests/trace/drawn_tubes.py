"""A pump and a blurred tube drawn into noise by formula: scenes for tests, on any grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Frame, Grid, arc_length, grid_from_axes, resample_polyline
from catheterview.model import Image, Pump

#: Middle of the pump, its axis, and where the tube leaves its rim.
PUMP_CENTER = np.array([-60.0, -20.0, 40.0])
PUMP_NORMAL = np.array([0.0, -1.0, 0.0])
RIM = PUMP_CENTER + np.array([44.5, 0.0, 0.0])


def course() -> FloatArray:
    """A catheter: out of the pump's rim, once round a loop of 16 mm radius, then a long gentle bend upwards."""
    out = RIM + np.array([1.0, 0.0, 0.0]) * np.linspace(0.0, 20.0, 40)[:, None]
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, 220)[:, None]
    middle = out[-1] + np.array([0.0, 0.0, 16.0])
    rise = np.linspace(0.0, 9.0, 220)[:, None]
    loop = middle + 16.0 * (np.cos(angle) * [1, 0, 0] + np.sin(angle) * [0, 0, 1]) + rise * [0, 1, 0]
    turn = np.linspace(0.0, 1.2, 160)[:, None]
    bend = loop[-1] + 60.0 * (np.sin(turn) * [1, 0, 0] + (1 - np.cos(turn)) * [0, 0.6, 0.8])
    return resample_polyline(np.concatenate([out[:-1], loop[:-1], bend]), step=0.25)


def kinked_course(turn_deg: float) -> FloatArray:
    """A straight tube from the rim that turns sharply, at a radius of 2 mm, after 60 mm."""
    turn = np.radians(turn_deg)
    first = RIM + np.array([1.0, 0.0, 0.0]) * np.linspace(0.0, 60.0, 120)[:, None]
    angle = np.linspace(0.0, turn, 30)[:, None]
    arc = first[-1] + 2.0 * (np.sin(angle) * [1, 0, 0] + (1 - np.cos(angle)) * [0, 0.6, 0.8])
    ahead = np.cos(turn) * np.array([1, 0, 0]) + np.sin(turn) * np.array([0, 0.6, 0.8])
    last = arc[-1] + ahead * np.linspace(0.0, 40.0, 80)[:, None]
    return resample_polyline(np.concatenate([first[:-1], arc[:-1], last]), step=0.25)


def without(points: FloatArray, first_mm: float, last_mm: float) -> FloatArray:
    """The points of a course outside an interval of arc length, cut back so that the drawn tube ends there."""
    along = arc_length(points)
    return points[(along < first_mm - END_MM) | (along > last_mm + END_MM)]


#: A drawn end falls to half its brightness so far beyond its last point: 0.8 mm times sqrt(2 ln 2).
END_MM = 0.94


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is drawn: the tube's points, its contrast and the noise."""

    tube: FloatArray
    contrast_hu: float = 400.0
    noise_hu: float = 12.0
    seed: int = 5

    def on(self, grid: Grid) -> Image:
        """Draw the scene on a grid: a saturated disc, a tube of 0.8 mm standard deviation, muscle and noise."""
        rng = np.random.default_rng(self.seed)
        value = 40.0 + self.noise_hu * rng.standard_normal(grid.shape)
        points = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1)).reshape(-1, 3)
        distance, _ = cKDTree(self.tube[:-4]).query(points, distance_upper_bound=4.0)
        value += self.contrast_hu * np.exp(-0.5 * (np.minimum(distance, 9.0) / 0.8) ** 2).reshape(grid.shape)
        away = points - PUMP_CENTER
        axial = away @ PUMP_NORMAL
        radial = np.linalg.norm(away - axial[:, None] * PUMP_NORMAL, axis=1)
        value[((np.abs(axial) < 10.0) & (radial < 43.75)).reshape(grid.shape)] = 3071
        return Image(
            voxels=np.clip(np.rint(value), -1024, 3071).astype(np.int16),
            grid=grid,
            frame=Frame.PATIENT,
            modality="CT",
            series_instance_uid="1.2.3",
            study_instance_uid="1.2",
            sop_instance_uids=tuple(f"1.2.3.{k}" for k in range(grid.shape[0])),
        )


def pump() -> Pump:
    """The pump of the scenes."""
    x, y, z = PUMP_CENTER.tolist()
    return Pump(
        series_instance_uid="1.2.3", center_mm=(x, y, z), normal=(0.0, -1.0, 0.0), diameter_mm=87.5, thickness_mm=20.0
    )


def plain_grid() -> Grid:
    """Head-first axial slices of 1.25 mm over the whole scene."""
    return grid_from_axes(
        (104, 106, 202), origin=(-118.0, -42.0, -12.0), axes_mm=((0, 0, 1.25), (0, 1.0, 0), (1.0, 0, 0))
    )


def feet_first_grid() -> Grid:
    """The scene feet first and prone: rows run to the front, columns to the right, slices downwards."""
    return grid_from_axes(
        (104, 106, 202), origin=(83.0, 63.3, 117.4), axes_mm=((0, 0, -1.25), (0, -1.0, 0), (-1.0, 0, 0))
    )


def turned_grid() -> Grid:
    """Sagittal slices: the slice axis is the patient's left, in steps of another size."""
    return grid_from_axes(
        (168, 118, 106), origin=(-118.2, -42.3, 117.8), axes_mm=((1.2, 0, 0), (0, 0, -1.1), (0, 1.0, 0))
    )


def oblique_grid() -> Grid:
    """Slices turned by 12 degrees about the patient's left, rows and columns of unequal spacing."""
    c, s = np.cos(np.radians(12.0)), np.sin(np.radians(12.0))
    down = np.array([0.0, -s, c])
    back = np.array([0.0, c, s])
    return grid_from_axes(
        (126, 132, 180), origin=(-118.0, -28.0, -40.0), axes_mm=(1.25 * down, 0.95 * back, np.array([1.12, 0, 0]))
    )
