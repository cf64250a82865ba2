"""A run of a fluoroscope as more than pixels: all frames on one scale of density, and when each was taken."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from catheterview.errors import UnreadableError
from catheterview.geometry import FloatArray
from catheterview.limits.read import ReadLimits
from catheterview.model.cine import Cine, Frames
from catheterview.model.image import Voxels
from catheterview.read.film import load_film
from catheterview.read.series import Series

_VALUE_ERRORS: Final = (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError)
_FAINTEST = 0.003  # of the open beam; below it the detector's own noise reigns
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
    from catheterview.read.fallback import read_header  # noqa: PLC0415  (pydicom is slow to import; runs are few)

    film = load_film(series, limits=limits)
    header = read_header(series.instances[0].source, limits=limits).dataset
    try:
        times = _times(header, len(film.image.voxels))
        density = _densities(film.image.voxels, header)
    except _VALUE_ERRORS as error:
        name = series.instances[0].source.name
        raise UnreadableError(f"broken header of a run ({type(error).__name__})", where=name) from error
    return Cine(film=film, density=density, times_s=times)


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


def _densities(values: Voxels, header: Any) -> Frames:
    """Turn values (high is bright) of all frames into density by one rule; see `catheterview.read.film`."""
    stack = values.astype(np.float32)
    top, bottom = float(stack.max()), float(stack.min())
    sign = header.get("PixelIntensityRelationshipSign")
    shown_high = str(header.get("PhotometricInterpretation", "")).strip() != "MONOCHROME1"
    if sign is not None and int(sign) in (1, -1) and (int(sign) == 1) == shown_high:
        np.subtract(top + bottom, stack, out=stack)
    if str(header.get("PixelIntensityRelationship", "")).strip().upper() == "LIN":
        exposure = top - stack
        beam = max(float(np.percentile(exposure[0, ::8, ::8], 99.5)), 1.0)
        return np.asarray(-np.log(np.maximum(exposure / beam, _FAINTEST)), dtype=np.float32)
    stack -= bottom
    stack /= _SCALE
    return stack
