"""A catheter drawn anew by a reader, and how a review carries it. No Qt, no napari."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Landmarks, Mark

#: What a correction is a verdict on, before the SeriesInstanceUID.
LINE = "catheter"


def line_name(series_instance_uid: str) -> str:
    """Return under which name a review speaks of a series' catheter."""
    return f"{LINE} {series_instance_uid}"


def marked_line(catheter: Centreline) -> Mark:
    """Return a catheter as a mark, to a hundredth of a mm or pixel."""
    return Mark(
        series_instance_uid=catheter.series_instance_uid,
        sop_instance_uid=catheter.sop_instance_uid,
        frame=catheter.frame,
        points=tuple(tuple(round(float(v), 2) for v in point) for point in catheter.points),
        pieces=catheter.pieces,
    )


def catheter_of(mark: Mark, found: Centreline) -> Centreline:
    """Return a corrected catheter; what was measured along the one that was found is taken from its nearest point.

    Parameters
    ----------
    mark : Mark
        Of a line.
    found : Centreline
        What the machine found, in the same frame.
    """
    return with_points(found, np.array(mark.points), pieces=mark.pieces or ((0, len(mark.points) - 1),))


def with_points(found: Centreline, points: ArrayLike, *, pieces: tuple[tuple[int, int], ...]) -> Centreline:
    """Return a catheter along other points; radius, contrast and noise stay those of the nearest point before."""
    line = np.asarray(points, dtype=np.float64)
    nearest = _nearest(found.points, line)
    landmarks = Landmarks(
        pump=None if found.landmarks.pump is None else 0,
        dural_entry=_moved(found.landmarks.dural_entry, found.points, line),
        tip=None if found.landmarks.tip is None else len(line) - 1,
    )
    taken = {name: getattr(found, name)[nearest] for name in ("radius", "confidence", "contrast", "noise")}
    return replace(found, points=line, pieces=pieces, landmarks=landmarks, **taken)


def _nearest(points: FloatArray, line: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """(N,) index of the point nearest to each point of a line."""
    return np.asarray([int(np.argmin(np.linalg.norm(points - each, axis=1))) for each in line])


def _moved(landmark: int | None, points: FloatArray, line: FloatArray) -> int | None:
    """Return the index on a new line that is nearest to a landmark of the old one."""
    return None if landmark is None else int(np.argmin(np.linalg.norm(line - points[landmark], axis=1)))
