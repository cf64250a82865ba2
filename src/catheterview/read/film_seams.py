"""Long films that were joined from several exposures: how they are told, and what seams leave taken out."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.read import ReadLimits
from catheterview.model.film import Density

_WORDS: Final = re.compile(r"stitch|compos|mosaic|pasted|long.?(length|leg|view)|\blli\b", re.IGNORECASE)
_EVERY = 3  # columns: their median is sure enough
_AROUND = 31  # rows, whose median says how density goes on by itself
_LEAST_SHARE = 0.3  # of a row that must be exposed
_MARGIN = 0.05  # of the exposed rows, from its ends: nobody joins so little, and shutters are askew
_BESIDE = 4  # rows on either side of a seam that say how high the step is


def is_stitched(
    header: Any, shape: tuple[int, ...], spacing_mm: tuple[float, float] | None, limits: ReadLimits
) -> bool:
    """Say whether a film was joined from several exposures.

    Parameters
    ----------
    header : Dataset
        ImageType and DerivationDescription are free text of the makers; a film longer than any detector was joined.
    shape : (rows, columns)
    spacing_mm : (between rows, between columns) or None
    limits : ReadLimits
    """
    said = header.get("ImageType")
    words = " ".join(said if not isinstance(said, str | None) else [said or ""])
    if _WORDS.search(f"{words} {header.get('DerivationDescription', '') or ''}"):
        return True
    return spacing_mm is not None and shape[0] * spacing_mm[0] > limits.one_exposure_mm


def joined(density: Density, exposed: NDArray[np.bool_], limits: ReadLimits) -> tuple[Density, tuple[int, ...]]:
    """Take steps and lines at the seams out of a film of exposures joined from top to bottom.

    Parameters
    ----------
    density : (R, C) float32
    exposed : (R, C) bool
    limits : ReadLimits

    Returns
    -------
    density : (R, C) float32
    seam_rows : tuple of int
        The middle of each seam; where exposures were blended over centimetres there is none to be seen.

    Notes
    -----
    Nothing of a patient changes from one row to the next in half of all columns at once, but another exposure does: in
    the logarithm, by one number. What crosses the seam is left as it is, whatever its angle.
    """
    some = density[:, ::_EVERY]
    open_ = exposed[:, ::_EVERY]
    usable = open_.mean(axis=1) >= _LEAST_SHARE
    rows = np.flatnonzero(usable[1:] & usable[:-1])
    if len(rows) < 2 * _AROUND:
        return density, ()
    steps = np.zeros(len(density) - 1)
    steps[rows] = _row_steps(some, open_, rows)
    smooth = _running_median(steps)
    inner = rows[round(_MARGIN * len(rows)) : len(rows) - round(_MARGIN * len(rows))]
    noise = float(np.median(np.abs(np.diff(some, axis=0)[open_[1:]]))) + 1e-9
    found = inner[np.abs(steps - smooth)[inner] > limits.seam_step * noise]
    bands = _bands(found, len(density))
    return _mended(density, bands, smooth), tuple((first + last) // 2 for first, last in bands)


def _row_steps(some: Density, open_: NDArray[np.bool_], rows: NDArray[np.intp]) -> FloatArray:
    """The median change from each of `rows` to the next, where both are exposed."""
    out = np.empty(len(rows))
    for n, row in enumerate(rows):
        both = open_[row] & open_[row + 1]
        out[n] = float(np.median((some[row + 1] - some[row])[both])) if both.any() else 0.0
    return out


def _running_median(steps: FloatArray) -> FloatArray:
    """The median of the neighbourhood of each row."""
    half = _AROUND // 2
    padded = np.pad(steps, half, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, _AROUND), axis=1))


def _bands(found: NDArray[np.intp], count: int) -> list[tuple[int, int]]:
    """First and last row that is neither the exposure above nor that below, for each group of steps."""
    bands: list[tuple[int, int]] = []
    for row in (int(r) for r in found):
        if bands and row - bands[-1][1] <= _BESIDE:
            bands[-1] = (bands[-1][0], row)
        else:
            bands.append((row + 1, row))
    return [(a, b) for a, b in bands if a - _BESIDE >= 0 and b + _BESIDE + 1 <= count - 1 and b - a < _AROUND // 2]


def _mended(density: Density, bands: list[tuple[int, int]], smooth: FloatArray) -> Density:
    """Bring all that lies below a seam to the level of what lies above it, and the rows between to both."""
    out = density.copy() if bands else density
    for first, last in bands:
        above, below = out[first - _BESIDE : first].mean(axis=0), out[last + 1 : last + 1 + _BESIDE].mean(axis=0)
        apart = last + 1 - first + _BESIDE
        out[last + 1 :] -= np.float32(np.median(below - above) - smooth[first - 1] * apart)
        for row in range(first, last + 1):
            out[row] -= np.float32(np.median(out[row] - out[first - 1] - smooth[first - 1] * (row - first + 1)))
    return out
