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


def coiled_course(turns: float) -> FloatArray:
    """A catheter that leaves the rim and runs `turns` times round a coil whose turns lie 1.7 mm apart, and on."""
    out = np.array([1.0, 0.0, 0.0]) * np.linspace(0.0, 36.0, 140)[:, None]
    angle = np.linspace(-np.pi / 2, (2.0 * turns - 0.5) * np.pi, round(400 * turns))[:, None]
    middle = out[-1] + np.array([0.0, 0.0, 16.0])
    rise = 1.7 * (angle + np.pi / 2) / (2 * np.pi)
    coil = middle + 16.0 * (np.cos(angle) * [1, 0, 0] + np.sin(angle) * [0, 0, 1]) + rise * [0, 1, 0]
    on = coil[-1] + np.array([1.0, 0.05, 0.0]) * np.linspace(0.0, 60.0, 200)[:, None]
    drawn = np.concatenate([out[:-1], coil[:-1], on])
    # Along a row of voxels nothing would be a maximum across it by more than noise.
    x, y = np.radians(7.0), np.radians(10.0)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    return resample_polyline(RIM + drawn @ about_x.T @ about_y.T, step=0.25)


def without(points: FloatArray, first_mm: float, last_mm: float) -> FloatArray:
    """The points of a course outside an interval of arc length, cut back so that the drawn tube ends there."""
    along = arc_length(points)
    return points[(along < first_mm - END_MM) | (along > last_mm + END_MM)]


#: A drawn end falls to half its brightness so far beyond its last point: 0.8 mm times sqrt(2 ln 2).
END_MM = 0.94

#: Standard deviation of a tube that is drawn with touching turns: a 1.3 mm tube in a sharp CT.
TOUCHING_MM = 0.65


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is drawn: the tube's points, its contrast and the noise; turns that touch add up where that is asked for."""

    tube: FloatArray
    contrast_hu: float = 400.0
    noise_hu: float = 12.0
    seed: int = 5
    touching: bool = False

    def on(self, grid: Grid) -> Image:
        """Draw the scene on a grid: a saturated disc, a tube of 0.8 mm standard deviation, muscle and noise."""
        rng = np.random.default_rng(self.seed)
        value = 40.0 + self.noise_hu * rng.standard_normal(grid.shape)
        points = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1)).reshape(-1, 3)
        bright = _summed(self.tube, grid) if self.touching else _nearest(self.tube, points).reshape(grid.shape)
        value += self.contrast_hu * bright
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


def _nearest(tube: FloatArray, points: FloatArray) -> FloatArray:
    """How bright (N, 3) points are for being near the tube: a cap at its end, and no more where it comes by twice."""
    distance, _ = cKDTree(tube[:-4]).query(points, distance_upper_bound=4.0)
    return np.asarray(np.exp(-0.5 * (np.minimum(distance, 9.0) / 0.8) ** 2))


def _summed(tube: FloatArray, grid: Grid) -> FloatArray:
    """How bright the voxels are when every quarter millimetre of tube adds its own blur, wherever it runs."""
    reach = np.ceil(3.0 / grid.spacing_mm).astype(int)
    box = np.stack(np.meshgrid(*(np.arange(-r, r + 1) for r in reach), indexing="ij"), axis=-1).reshape(-1, 3)
    index = np.rint(grid.world_to_index(tube)).astype(int)[:, None] + box
    away = np.linalg.norm(grid.index_to_world(index) - tube[:, None], axis=-1)
    share = 0.25 / (np.sqrt(2 * np.pi) * TOUCHING_MM) * np.exp(-0.5 * (away / TOUCHING_MM) ** 2)
    inside = ((index >= 0) & (index < np.array(grid.shape))).all(axis=-1)
    value = np.zeros(grid.shape)
    np.add.at(value, tuple(index[inside].T), share[inside])
    return value


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


def coil_grid() -> Grid:
    """Thin slices round what `coiled_course` draws."""
    return grid_from_axes((80, 50, 180), origin=(-24.3, -36.4, 10.2), axes_mm=((0, 0, 1.0), (0, 0.7, 0), (0.7, 0, 0)))


def oblique_coil_grid() -> Grid:
    """The same, with slices turned by 12 degrees about the patient's left."""
    c, s = np.cos(np.radians(12.0)), np.sin(np.radians(12.0))
    down, back = np.array([0.0, -s, c]), np.array([0.0, c, s])
    return grid_from_axes(
        (92, 66, 180), origin=(-24.2, -27.0, 4.0), axes_mm=(1.0 * down, 0.65 * back, np.array([0.7, 0, 0]))
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
