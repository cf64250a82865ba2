"""Which way a picture is held: the radiologist's three views, and the letters at its edges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray, Grid, unit

_LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))  # towards +x, -x; +y, -y; +z, -z of LPS
_NAMED_FROM = 0.3  # a direction is named when it is at least this part of a unit vector: 17 degrees off


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A way to look at a patient.

    Parameters
    ----------
    name : str
    right, down : (3,) LPS
        Where the columns and the rows of the picture go: patient's left on the right, front on the left, head on top.
    through : int
        The axis of the patient (0 = x, 1 = y, 2 = z) that one looks along.
    """

    name: str
    right: tuple[float, float, float]
    down: tuple[float, float, float]
    through: int


CORONAL = View(name="coronal", right=(1.0, 0.0, 0.0), down=(0.0, 0.0, -1.0), through=1)
SAGITTAL = View(name="sagittal", right=(0.0, 1.0, 0.0), down=(0.0, 0.0, -1.0), through=0)
AXIAL = View(name="axial", right=(1.0, 0.0, 0.0), down=(0.0, 1.0, 0.0), through=2)
VIEWS = (CORONAL, SAGITTAL, AXIAL)


def direction_letters(vector: ArrayLike) -> str:
    """Name a direction in LPS by R, L, A, P, H, F: the largest part first, parts that hardly count left out."""
    parts = unit(vector)
    order = [n for n in np.argsort(-np.abs(parts), kind="stable") if abs(parts[n]) >= _NAMED_FROM]
    return "".join(_LETTERS[n][0 if parts[n] > 0 else 1] for n in order)


def edges(right: ArrayLike, down: ArrayLike) -> tuple[str, str, str, str]:
    """Letters for the left, right, top and bottom edge of a picture whose columns and rows go this way."""
    across, along = np.asarray(right, dtype=np.float64), np.asarray(down, dtype=np.float64)
    return (
        direction_letters(-across),
        direction_letters(across),
        direction_letters(-along),
        direction_letters(along),
    )


def axes_of_patient(grid: Grid) -> tuple[int, int, int]:
    """Which axis of the grid (0 = k, 1 = j, 2 = i) lies nearest to the patient's x, y and z; each is used once."""
    nearness = np.abs(grid.directions)
    best = max(permutations(range(3)), key=lambda axes: sum(nearness[n, axis] for n, axis in enumerate(axes)))
    return best[0], best[1], best[2]


def plane_axes(first: FloatArray, second: FloatArray, view: View) -> tuple[FloatArray, FloatArray]:
    """Unit vectors (right, down) within the plane of two step vectors, turned as near to a view as the plane allows."""
    normal = unit(np.cross(first, second))
    down = np.asarray(view.down)
    right = np.asarray(view.right) - normal * float(normal @ np.asarray(view.right))
    right = unit(right)
    across = np.cross(normal, right)
    return right, np.asarray(across * np.sign(float(across @ down)))
