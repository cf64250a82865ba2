"""Where a radiograph's source and detector are, and where on the film a point of the patient is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.geometry import FloatArray, read_only, unit
from catheterview.phantom.film.recipe import FilmRecipe, FilmView


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """A point source and a flat detector.

    Parameters
    ----------
    source : (3,) LPS mm
    corner : (3,) LPS mm
        Centre of pixel (0, 0).
    down, right : (3,) LPS mm
        Steps from row to row and from column to column; as seen by the reader.
    shape : (rows, columns)
    """

    source: FloatArray
    corner: FloatArray
    down: FloatArray
    right: FloatArray
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        for name in ("source", "corner", "down", "right"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))

    @property
    def toward(self) -> FloatArray:
        """Unit vector (3,) out of the film to its reader."""
        return unit(np.cross(self.right, -self.down))

    @property
    def axes(self) -> FloatArray:
        """(3, 3) unit vectors in rows: right, up, to the reader."""
        return np.stack([unit(self.right), -unit(self.down), self.toward])

    @property
    def matrix(self) -> FloatArray:
        """(3, 4): takes (x, y, z, 1) to a multiple of (column, row, 1)."""
        away = float((self.corner - self.source) @ self.toward)
        out = np.zeros((3, 4))
        start = self.source - self.corner
        for n, step in enumerate((self.right, self.down)):
            out[n, :3] = away * step / (step @ step) + (start @ step) / (step @ step) * self.toward
        out[2, :3] = self.toward
        out[:, 3] = -out[:, :3] @ self.source
        return out

    def project(self, points: FloatArray) -> FloatArray:
        """(N, 3) LPS mm to (N, 2) (row, column) in pixels with fractions."""
        seen = points @ self.matrix[:, :3].T + self.matrix[:, 3]
        return np.asarray(seen[:, 1::-1] / seen[:, 2:])

    def magnification(self, points: FloatArray) -> FloatArray:
        """How much larger things at (N, 3) points are on the detector, (N,)."""
        away = float((self.corner - self.source) @ self.toward)
        return np.asarray(away / ((points - self.source) @ self.toward))

    @property
    def pitch_mm(self) -> float:
        """From pixel to pixel on the detector."""
        return float(np.linalg.norm(self.right))

    def coarser(self, by: int) -> Camera:
        """The same detector with pixels `by` times as wide."""
        shift = (by - 1) / 2.0
        shape = (-(-self.shape[0] // by), -(-self.shape[1] // by))
        return replace(
            self,
            corner=self.corner + shift * (self.down + self.right),
            down=self.down * by,
            right=self.right * by,
            shape=shape,
        )

    def cropped(self, first: tuple[int, int], shape: tuple[int, int]) -> Camera:
        """A part of the detector that begins at pixel `first` and has `shape`."""
        return replace(self, corner=self.corner + first[0] * self.down + first[1] * self.right, shape=shape)

    def rays(self) -> FloatArray:
        """Unit vectors (R, C, 3) from the source to every pixel."""
        rows, columns = np.arange(self.shape[0])[:, None, None], np.arange(self.shape[1])[None, :, None]
        return unit(self.corner - self.source + rows * self.down + columns * self.right)


def camera_of(recipe: FilmRecipe, view: FilmView, middle: FloatArray) -> Camera:
    """Set the tube and the detector up.

    Parameters
    ----------
    recipe : FilmRecipe
    view : FilmView
    middle : (3,) LPS mm
        What the central ray goes through.

    Notes
    -----
    Patient posture is the camera's: to turn the patient one way is to turn the tube and the detector the other.
    """
    reader = {"AP": (0.0, -1.0, 0.0), "PA": (0.0, -1.0, 0.0), "LATERAL": (1.0, 0.0, 0.0)}[view.kind]
    turn = _turn(np.array([0.0, 0.0, 1.0]), view.oblique_deg)
    for axis, angle in zip(np.eye(3), view.posture_deg, strict=True):
        turn = _turn(axis, -angle) @ turn
    toward, up = turn @ np.array(reader), turn @ np.array([0.0, 0.0, 1.0])
    right = np.cross(up, toward)
    away = -toward if view.kind == "AP" else toward  # from the source to the detector
    behind = recipe.behind_mm[1 if view.kind == "LATERAL" else 0]
    middle = middle - turn @ np.array(view.shift_mm)
    pitch = recipe.pitch_mm
    down, step = -up * pitch, right * pitch
    center = middle + away * behind
    corner = center - (recipe.rows - 1) / 2.0 * down - (recipe.columns - 1) / 2.0 * step
    source = center - away * recipe.source_mm
    return Camera(source=source, corner=corner, down=down, right=step, shape=(recipe.rows, recipe.columns))


def _turn(axis: FloatArray, angle_deg: float) -> FloatArray:
    """Rotation matrix (3, 3) about a unit axis."""
    a = np.radians(angle_deg)
    cross = np.cross(np.eye(3), axis)
    return np.asarray(np.cos(a) * np.eye(3) - np.sin(a) * cross + (1.0 - np.cos(a)) * np.outer(axis, axis))
