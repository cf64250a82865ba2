"""The catheter straightened out for reading, with every pixel's place in the patient. No Qt, no napari."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Image
from catheterview.picture import curved_reformat

#: Pixels of 0.5 mm: half the smallest usual voxel, and a metre of catheter is 2000 of them.
STEP_MM, HALF_WIDTH_MM = 0.5, 12.0
#: Distance between the ticks along a straightened catheter: ten are read on the longest one, at a glance.
TICK_MM = 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Straightened:
    """Two cuts at right angles along a catheter, one above the other.

    Parameters
    ----------
    values : (R, N) float32
        In the image's unit; the rows of the first cut, then those of the second.
    centre : (N, 3) float64, LPS mm
        Where the middle of each column lies.
    arc_mm : (N,) float64
        Distance along the catheter from its first point.
    """

    values: NDArray[np.float32]
    centre: FloatArray
    arc_mm: FloatArray

    def place(self, column: float) -> FloatArray:
        """(3,) LPS mm of a column, fractions allowed, at the catheter's middle."""
        at = float(np.clip(column, 0, len(self.centre) - 1))
        return np.array([np.interp(at, np.arange(len(self.centre)), axis) for axis in self.centre.T])

    def column(self, point: ArrayLike) -> tuple[int, float]:
        """Return the column that is nearest to (3,) LPS mm, and how far away it is in mm."""
        apart = np.linalg.norm(self.centre - np.asarray(point, dtype=np.float64), axis=1)
        nearest = int(np.argmin(apart))
        return nearest, float(apart[nearest])

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Columns of the catheter's ends and of every 10 cm between, each with its words."""
        length = float(self.arc_mm[-1])
        inner = np.arange(TICK_MM, length - TICK_MM / 3, TICK_MM)
        columns = np.interp(inner, self.arc_mm, np.arange(len(self.arc_mm)))
        between = [(float(column), f"{arc:.0f} mm") for column, arc in zip(columns, inner, strict=True)]
        return ((0.0, "pump"), *between, (float(len(self.arc_mm) - 1), f"{length:.0f} mm"))

    def shades(self, low: float, high: float) -> NDArray[np.uint8]:
        """(R, N) grey values of a window from `low` (black) to `high` (white)."""
        share = (self.values - low) / max(high - low, 1e-6)
        return np.asarray(np.clip(share * 255, 0, 255), dtype=np.uint8)


def straightened(image: Image, catheter: Centreline) -> Straightened:
    """Straighten a catheter out.

    Raises
    ------
    GeometryError
        When the image has no place in the patient.
    """
    planes, values = curved_reformat(image, catheter, half_width_mm=HALF_WIDTH_MM, step_mm=STEP_MM)
    return Straightened(values=np.concatenate(list(values)), centre=planes.centre, arc_mm=planes.arc_mm)
