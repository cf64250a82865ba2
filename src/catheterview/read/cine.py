"""A run of a fluoroscope as more than pixels: all frames on one scale of density, and when each was taken."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from catheterview.errors import UnreadableError
from catheterview.geometry import FloatArray
from catheterview.limits.read import ReadLimits
from catheterview.model.cine import Cine, Frames
from catheterview.read.film import Opened, film_of, opened
from catheterview.read.series import Series

_VALUE_ERRORS: Final = (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError)
_SCALE = 1000.0  # of values that are a logarithm of unknown gain; any will do


def load_cine(series: Series, *, limits: ReadLimits = ReadLimits()) -> Cine:  # noqa: B008  (frozen)
    """Read one run.

    Parameters
    ----------
    series : Series
        Of role ``cine``.
    limits : ReadLimits

    Returns
    -------
    Cine
        What is not in the header stays unknown: spacing, view, the times of the frames (DICOM PS3.3 C.7.6.5,
        FrameTime and FrameTimeVector; without either, RecommendedDisplayFrameRate is for showing and is not used).

    Raises
    ------
    UnreadableError, UnsuitableError
        As `catheterview.read.load`.
    """
    what = opened(series, limits)
    film = film_of(what, 0, limits)
    try:
        times = _times(what.header, len(film.image.voxels))
    except _VALUE_ERRORS as error:
        name = series.instances[0].source.name
        raise UnreadableError(f"broken header of a run ({type(error).__name__})", where=name) from error
    return Cine(film=film, density=_densities(what), times_s=times)


def _times(header: Any, frames: int) -> FloatArray | None:
    """Seconds of each frame after the first; None where the header does not tell them, or they make no sense."""
    vector = header.get("FrameTimeVector")
    if vector is not None and not isinstance(vector, float | int | str) and len(vector) == frames:
        steps = np.array([float(one) for one in vector]) / 1000.0
        steps[0] = 0.0  # by definition; some write the frame time there as well
        return (
            np.asarray(np.cumsum(steps), dtype=np.float64)
            if (steps[1:] > 0.0).all() and np.isfinite(steps).all()
            else None
        )
    value = header.get("FrameTime")
    step = float(value) / 1000.0 if value not in (None, "") else 0.0
    return np.arange(frames, dtype=np.float64) * step if np.isfinite(step) and step > 0.0 else None


def _densities(what: Opened) -> Frames:
    """Density of all frames by one rule; see `catheterview.read.film_values`."""
    stack = what.meaning.of(what.image.voxels)
    if not what.meaning.linear:
        stack -= stack.min()
        stack /= np.float32(_SCALE)
    return stack
