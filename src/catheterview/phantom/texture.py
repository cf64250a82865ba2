"""Random structure that is fixed in the patient, so that the same scene seen on another grid stays the same."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray

#: Many values or coordinates at once, contiguous and in single precision, for speed.
Columns: TypeAlias = NDArray[np.floating[Any]]

_SIDE, _FINE = 48, 2  # cells, and samples a cell; the pattern repeats far apart for every use


class Texture:
    """Smooth noise of unit standard deviation and a given grain.

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng: np.random.Generator) -> None:
        raw = ndimage.gaussian_filter(rng.standard_normal((_SIDE,) * 3), 0.7, mode="wrap")
        fine = ndimage.zoom(raw, _FINE, order=1, mode="grid-wrap", grid_mode=True)
        self._block = (fine / fine.std()).astype(np.float32)

    def at(self, at: Columns, *, scale_mm: float) -> Columns:
        """Value (N,) at (3, N) LPS mm; `scale_mm` is the size of a cell."""
        index = np.floor(at * np.float32(_FINE / scale_mm)).astype(np.int32) % (_SIDE * _FINE)
        return np.asarray(self._block[index[0], index[1], index[2]])


def smooth_curve(rng: np.random.Generator, at: FloatArray, *, wavelength: float) -> FloatArray:
    """Draw a smooth random function of `at` (N,), about -1 to 1, whose shortest wave is `wavelength`."""
    waves = wavelength * np.array([1.0, 1.6, 2.7])
    phase = rng.uniform(0.0, 2.0 * np.pi, 3)
    weight = rng.uniform(0.3, 1.0, 3)
    return np.asarray((np.sin(2.0 * np.pi * at[:, None] / waves + phase) * (weight / weight.sum())).sum(axis=1))
