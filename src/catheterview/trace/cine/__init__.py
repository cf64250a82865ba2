"""Following contrast in a dye study under fluoroscopy: motion, change, the filled catheter, what lies outside it."""

from __future__ import annotations

import numpy as np

from catheterview.limits.cine import CineLimits
from catheterview.model.cine import Cine, DyeReading
from catheterview.model.film import FilmPump
from catheterview.trace.cine.change import late_of, opacified, pump_shrunk, step_of
from catheterview.trace.cine.course import filled_course
from catheterview.trace.cine.disc import find_disc
from catheterview.trace.cine.follow import follow
from catheterview.trace.cine.ridges import ridges_of
from catheterview.trace.cine.stains import stains_of

__all__ = ["find_disc", "late_of", "opacified", "read_dye", "step_of"]


def read_dye(cine: Cine, pumps: tuple[FilmPump, ...], limits: CineLimits) -> DyeReading:
    """Follow the contrast of one run.

    Parameters
    ----------
    cine : Cine
    pumps : tuple of FilmPump
        As found on the run, in its pixels; the first is where the catheter is taken to begin.
    limits : CineLimits

    Returns
    -------
    DyeReading
        As far as it got; `why` says what is missing.
    """
    seen = opacified(cine, pumps[0] if pumps else None, limits)
    if seen is None:
        why = f"{len(cine.density)} frames are too few: {limits.least_frames} are needed"
        return DyeReading(cine=cine, pumps=pumps, why=why)
    pump = pump_shrunk(pumps[0], seen.shrunk) if pumps else None
    way = follow(ridges_of(seen, pump, limits), pump, limits)
    course = (
        None
        if way is None
        else filled_course(cine, seen, way, limits, mm_per_px=_mm_per_px(cine, pump, seen.shrunk, limits))
    )
    return DyeReading(
        cine=cine,
        pumps=pumps,
        opacified=seen,
        course=course,
        stains=stains_of(seen, course, pump, limits),
        why="" if course else "no line of contrast was seen that could be a catheter",
    )


def _mm_per_px(cine: Cine, pump: FilmPump | None, by: int, limits: CineLimits) -> float:
    """Of pixels `by` times as wide: at the pump's depth, on the detector, or of a usual field."""
    if pump is not None and pump.mm_per_px is not None:
        return pump.mm_per_px
    if cine.film.spacing_mm is not None:
        return float(np.mean(cine.film.spacing_mm)) * by
    return limits.field_mm * by / float(max(cine.density.shape[1:]))
