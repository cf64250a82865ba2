"""The vertebral column of a film made straight: a row for each millimetre of height, a column for each beside it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.film_levels import FilmLevelLimits
from catheterview.model.film import Film

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """Where a film shows the column of vertebral bodies.

    Parameters
    ----------
    middle : (R, 2) (row, column) of the film
        From its upper border to its lower one.
    mm_per_px : float
        At the pump's depth.
    covered : (R, C) bool
        What the pump's metal hides.
    lateral : bool
    """

    middle: FloatArray
    mm_per_px: float
    covered: NDArray[np.bool_]
    lateral: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Upright:
    """The straightened column.

    Parameters
    ----------
    seen : (H, W) float64
        Density less its coarse shading along the column; nan where the film shows nothing.
    flat : (H, W) float64
        Density less its mean over each row; nan likewise.
    beside_mm : (W,)
        To the right of the middle.
    points : (H, 2) (row, column) of the film
        Of the middle in each row.
    """

    seen: FloatArray
    flat: FloatArray
    beside_mm: FloatArray
    points: FloatArray

    def within(self, low_mm: float, high_mm: float) -> NDArray[np.bool_]:
        """Which columns lie between two distances to the right; negative ones to the left."""
        return np.asarray((self.beside_mm >= low_mm) & (self.beside_mm <= high_mm))


def upright(film: Film, column: Column, limits: FilmLevelLimits) -> Upright:
    """Make the column of a film straight.

    Parameters
    ----------
    film : Film
    column : Column
    limits : FilmLevelLimits
    """
    step_px = limits.step_mm / column.mm_per_px
    rows = np.arange(0.0, film.density.shape[0] - 1.0, step_px)
    middle = np.interp(rows, column.middle[:, 0], column.middle[:, 1])
    beside = np.arange(-limits.beside_mm, limits.beside_mm + 0.5, limits.step_mm)
    at = middle[:, None] + beside / column.mm_per_px
    shut = (~film.exposed | column.covered).astype(np.float32)
    blurred = cv2.blur(film.density, (max(1, int(step_px)),) * 2)
    there = np.float32(np.repeat(rows[:, None], len(beside), axis=1))
    values, hidden = (
        cv2.remap(plane, at.astype(np.float32), there, cv2.INTER_LINEAR, borderValue=border)
        for plane, border in ((blurred, 0.0), (shut, 1.0))
    )
    values = np.where(hidden > 0.01, np.nan, values).astype(np.float64)
    level = np.nanmedian(values) if np.isfinite(values).any() else 0.0
    return Upright(
        seen=values - _smooth_rows(values, limits.coarse_mm / limits.step_mm),
        flat=values - level,
        beside_mm=beside,
        points=np.stack([rows, middle], axis=1),
    )


def _smooth_rows(values: FloatArray, sigma: float) -> FloatArray:
    """Each column smoothed along the height, of what is seen only."""
    known = np.isfinite(values)
    parts = [
        cv2.GaussianBlur(plane, (0, 0), sigmaX=0.01, sigmaY=sigma, borderType=cv2.BORDER_REFLECT)
        for plane in (np.where(known, values, 0.0), known.astype(np.float64))
    ]
    return np.asarray(parts[0] / np.maximum(parts[1], 1e-6))
