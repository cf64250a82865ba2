"""A catheter in space, as two films together tell it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, arc_length


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmCourse:
    """The course of a catheter, from pump to where both views have it.

    Parameters
    ----------
    points : (N, 3) mm
        From the pump's middle: to the patient's left, to the back, up.
    apart_mm : (N,)
        By how much the two views disagree about the height of each point.
    front, side : (N,) int
        Indices into the centrelines of the frontal and of the lateral film.
    base_mm : float
        Standard deviation that posture, breath and the central ray's place leave where the views agree.
    whole : bool
        Whether both views have the tip.
    """

    points: FloatArray
    apart_mm: FloatArray
    front: NDArray[np.intp]
    side: NDArray[np.intp]
    base_mm: float
    whole: bool

    @property
    def error_mm(self) -> FloatArray:
        """Standard deviation (N,) of each point, mm."""
        return np.asarray(np.hypot(self.base_mm, 0.5 * self.apart_mm))

    @property
    def disagreement_mm(self) -> float:
        """Median by which the views disagree about heights."""
        return float(np.median(np.abs(self.apart_mm)))

    @property
    def length_mm(self) -> float:
        """From its first to its last point."""
        return float(arc_length(self.points)[-1])

    def at(self, index: int, *, lateral: bool) -> NDArray[np.intp]:
        """The points of the course that an index of one view's centreline belongs to."""
        known = self.side if lateral else self.front
        away = np.abs(known - index)
        return np.flatnonzero(away == away.min())
