"""A frontal and a lateral film as two beams through one patient: heights, depths, and one course in space.

The pump calibrates both films at its own depth. With the distance from source to detector, each view's pixels become
rays; the depth of a point of one view is its place across the other (DICOM PS3.3 C.8.7.5 for how views are shown).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from catheterview.geometry import FloatArray, arc_length
from catheterview.limits.film import FilmPairLimits
from catheterview.model import Centreline
from catheterview.model.film import Film, FilmPump, View
from catheterview.model.film_course import FilmCourse

IndexArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """One view: rays through its pixels, and where its pump is.

    Parameters
    ----------
    middle : (row, column)
        Where the central ray meets the film: its middle, as far as anybody knows.
    step : (row, column)
        Tangents of the angle from pixel to pixel.
    depth_mm : float
        From the source to the pump.
    pump_mm : (right, up)
        The pump off the central ray.
    source : int
        1 where what lies further back (frontal) or to the left (lateral) is further from the source, else -1.
    back : int
        On a lateral film 1 where the patient's back is to the right, -1 where to the left.
    """

    middle: tuple[float, float]
    step: tuple[float, float]
    depth_mm: float
    pump_mm: tuple[float, float]
    source: int
    back: int = 1

    def slopes(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Tangents (N,), (N,) to the right and up of the rays through (N, 2) (row, column)."""
        return (points[:, 1] - self.middle[1]) * self.step[1], (self.middle[0] - points[:, 0]) * self.step[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A frontal and a lateral beam."""

    front: Beam
    side: Beam


def beam_of(film: Film, pump: FilmPump, limits: FilmPairLimits) -> Beam | None:
    """Set up one view; None where its scale or its view is not known."""
    if film.spacing_mm is None or pump.magnification is None or film.view in (View.OBLIQUE, View.UNKNOWN):
        return None
    source_mm = film.source_mm or limits.source_mm
    rows, columns = film.density.shape
    middle = ((rows - 1) / 2.0, (columns - 1) / 2.0)
    right = (pump.center[1] - middle[1]) * film.spacing_mm[1] / pump.magnification
    up = (middle[0] - pump.center[0]) * film.spacing_mm[0] / pump.magnification
    back = 1 if pump.center[1] < middle[1] else -1
    return Beam(
        middle=middle,
        step=(film.spacing_mm[0] / source_mm, film.spacing_mm[1] / source_mm),
        depth_mm=source_mm / pump.magnification,
        pump_mm=(right, up),
        source=back if film.view is View.LATERAL else (-1 if film.view is View.PA else 1),
        back=back,
    )


def tip_rows(pair: Pair, tip: FloatArray, limits: FilmPairLimits) -> tuple[float, float]:
    """Rows of the frontal film between which the tip lies that the lateral film has at (row, column).

    The spine is taken to be in the frontal film's middle.
    """
    right, up = (float(v[0]) for v in pair.side.slopes(np.asarray(tip, dtype=np.float64)[None]))
    left_mm = -pair.front.pump_mm[0]
    reach = pair.side.depth_mm + pair.side.source * left_mm
    height, back = up * reach - pair.side.pump_mm[1], pair.side.back * (right * reach - pair.side.pump_mm[0])
    depth = pair.front.depth_mm + pair.front.source * back
    row = pair.front.middle[0] - (height + pair.front.pump_mm[1]) / depth / pair.front.step[0]
    slack = limits.tip_slack_mm / depth / pair.front.step[0]
    return row - slack, row + slack


def met(pair: Pair, front: FloatArray, side: FloatArray) -> FloatArray:
    """Where rays of the two views pass each other: (..., 4) left, back, height by the front, height by the side, mm.

    Parameters
    ----------
    pair : Pair
    front, side : (N, 2), (M, 2) (row, column)

    Returns
    -------
    (N, M, 4)
        From the pump's middle.
    """
    a, b = (v[:, None] for v in pair.front.slopes(front))
    c, d = (v[None] for v in pair.side.slopes(side))
    f, s = pair.front, pair.side
    lean = a * f.source * s.back
    left = (a * f.depth_mm - f.pump_mm[0] + lean * (c * s.depth_mm - s.pump_mm[0])) / (1.0 - lean * c * s.source)
    back = s.back * (c * (s.depth_mm + s.source * left) - s.pump_mm[0])
    by_front = b * (f.depth_mm + f.source * back) - f.pump_mm[1]
    by_side = d * (s.depth_mm + s.source * left) - s.pump_mm[1]
    return np.stack(np.broadcast_arrays(left, back, by_front, by_side), axis=-1)


def joined(pair: Pair, front: Centreline, side: Centreline, limits: FilmPairLimits) -> FilmCourse | None:
    """Join the two views' courses, from the pump on, by heights.

    Parameters
    ----------
    pair : Pair
    front, side : Centreline
    limits : FilmPairLimits

    Returns
    -------
    FilmCourse or None
        None where the views do not show the same catheter: their heights are apart by more than
        `limits.most_apart_mm` in the median.

    Notes
    -----
    Both views run along the catheter in the same order, so that points are matched by dynamic time warping (Sakoe and
    Chiba 1978) over the difference of heights; where one view lacks the tip, the other's end is left open.
    """
    n, m = _every(front, pair.front, limits.match_mm), _every(side, pair.side, limits.match_mm)
    space = met(pair, front.points[n], side.points[m])
    apart = space[..., 2] - space[..., 3]
    whole = front.landmarks.tip is not None and side.landmarks.tip is not None
    i, j = _warped(np.minimum(np.abs(apart), limits.doubt_mm), closed=whole)
    found = space[i, j]
    points = np.stack([found[:, 0], found[:, 1], 0.5 * (found[:, 2] + found[:, 3])], axis=1)
    course = FilmCourse(
        points=gaussian_filter1d(points, 1.0, axis=0, mode="nearest"),
        apart_mm=apart[i, j],
        front=n[i],
        side=m[j],
        base_mm=limits.base_mm,
        whole=whole,
    )
    return course if course.disagreement_mm <= limits.most_apart_mm else None


def _every(line: Centreline, beam: Beam, step_mm: float) -> IndexArray:
    """Indices of a centreline about so many mm apart at the pump's depth."""
    arc = arc_length(line.points) * beam.step[0] * beam.depth_mm
    count = max(2, round(float(arc[-1]) / step_mm) + 1)
    return np.unique(np.searchsorted(arc, np.linspace(0.0, arc[-1], count)).clip(0, len(arc) - 1))


def _warped(cost: FloatArray, *, closed: bool) -> tuple[IndexArray, IndexArray]:
    """The cheapest way through a matrix in steps ahead, from its first cell to its last, or to a border."""
    total = np.full((cost.shape[0] + 1, cost.shape[1] + 1), np.inf)
    total[0, 0] = 0.0
    for i, row in enumerate(cost):
        before = np.minimum(total[i, :-1] + row, total[i, 1:] + 2.0 * row)  # a step in one view alone costs twice
        here = np.inf
        for j, (value, least) in enumerate(zip(row.tolist(), before.tolist(), strict=True)):
            here = min(least, here + 2.0 * value)
            total[i + 1, j + 1] = here
    end = (cost.shape[0], cost.shape[1]) if closed else _open_end(total)
    return _back(total, cost, end)


def _open_end(total: FloatArray) -> tuple[int, int]:
    """Where on the last row or column the mean cost is least."""
    rows, columns = total.shape
    ends = [(rows - 1, j) for j in range(columns // 2, columns)]
    ends += [(i, columns - 1) for i in range(rows // 2, rows)]
    means = [float(total[end]) / (end[0] + end[1]) for end in ends]
    return ends[int(np.argmin(means))]


def _back(total: FloatArray, cost: FloatArray, end: tuple[int, int]) -> tuple[IndexArray, IndexArray]:
    """The way to an end."""
    i, j = end
    path = [(i - 1, j - 1)]
    while (i, j) != (1, 1):
        value = cost[i - 1, j - 1]
        steps = (
            (total[i - 1, j - 1] + value, (i - 1, j - 1)),
            (total[i - 1, j] + 2 * value, (i - 1, j)),
            (total[i, j - 1] + 2 * value, (i, j - 1)),
        )
        i, j = min(steps)[1]
        path.append((i - 1, j - 1))
    way = np.array(path[::-1], dtype=np.intp)
    return way[:, 0], way[:, 1]
