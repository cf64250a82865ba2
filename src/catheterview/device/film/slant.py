"""How much longer a disc's shadow is off the middle of a film, where rays come in at a slant."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmLimits
from catheterview.model.film import Film


def stretched(film: Film, at: tuple[float, float], toward: FloatArray, limits: FilmLimits) -> float:
    """Long half axis of a disc's shadow over that of the disc, magnified.

    Parameters
    ----------
    film : Film
    at : (row, column)
        Of the disc's middle.
    toward : (3,) unit vector
        The disc's normal (right, up, to the source).
    limits : FilmLimits

    Returns
    -------
    float
        1 straight below the source. A disc on its edge, whose plane holds the ray, is longer by the root of 1 and the
        squared slope of the ray along it: by one part in a hundred at 13 cm from the middle of a film at 110 cm.

    Notes
    -----
    A point that lies `z` nearer to the source is thrown outwards by `z` times the slope of the ray; the two ways of
    a tilt cannot be told from an outline, and the mean of both is taken. The central ray is taken to meet the middle.
    """
    if film.spacing_mm is None:
        return 1.0
    rows, columns = film.density.shape
    source = film.source_mm or limits.source_mm
    slope = np.array([
        (at[1] - 0.5 * (columns - 1)) * film.spacing_mm[1] / source,
        -(at[0] - 0.5 * (rows - 1)) * film.spacing_mm[0] / source,
    ])  # fmt: skip
    return 0.5 * (_longest(toward, slope) + _longest(toward * np.array([-1.0, -1.0, 1.0]), slope))


def _longest(toward: FloatArray, slope: FloatArray) -> float:
    """Long half axis of the shadow of a disc of radius 1."""
    plane = np.linalg.svd(toward[None])[2][1:]
    return float(np.linalg.svd(plane[:, :2] + plane[:, 2:] * slope)[1][0])
