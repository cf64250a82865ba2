"""The catheter while it is being drawn anew: points are dragged, pieces traced again. No Qt, no napari."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, arc_length
from catheterview.limits import TraceLimits
from catheterview.model import Centreline, Image
from catheterview.trace import trace_between
from napari_catheterview.corrected import with_points

#: Distance in mm between the handles that may be dragged: four in a kink's neighbourhood, eighty on a catheter.
HANDLES_MM = 10.0

#: A click within this of an end, and off the line by more than this, lengthens the catheter.
BEYOND_MM = 4.0


class Draft:
    """A catheter that is being drawn anew; nothing is kept until the reader says so.

    Parameters
    ----------
    catheter : Centreline
        In frame PATIENT.
    """

    def __init__(self, catheter: Centreline) -> None:
        self.catheter = catheter
        self._before: list[Centreline] = []
        self._after: list[Centreline] = []
        self.handles = _handles(catheter)

    @property
    def changed(self) -> bool:
        """Whether anything was drawn."""
        return bool(self._before)

    @property
    def places(self) -> FloatArray:
        """(H, 3) LPS mm of the handles."""
        return np.asarray(self.catheter.points[self.handles])

    def move(self, handle: int, to: ArrayLike) -> None:
        """Drag a handle to (3,) LPS mm; the line follows, less and less towards the handles beside it."""
        points = np.array(self.catheter.points)
        arc = arc_length(points)
        at = int(self.handles[handle])
        before = arc[self.handles[handle - 1]] if handle > 0 else arc[0] - HANDLES_MM
        after = arc[self.handles[handle + 1]] if handle + 1 < len(self.handles) else arc[-1] + HANDLES_MM
        reach = np.where(arc <= arc[at], arc[at] - before, after - arc[at])
        share = np.clip(np.abs(arc - arc[at]) / np.maximum(reach, 1e-6), 0, 1)
        pull = (1 + np.cos(np.pi * share)) / 2
        moved = points + pull[:, None] * (np.asarray(to, dtype=np.float64) - points[at])
        self._become(with_points(self.catheter, moved, pieces=self.catheter.pieces))

    def trace_again(self, image: Image, first: ArrayLike, second: ArrayLike) -> Centreline:
        """Trace between (3,) LPS mm clicks and put the new piece into the line; gaps between them close.

        Raises
        ------
        UnsuitableError
            When a click lies outside the image, or both are one place.
        """
        points = self.catheter.points
        ends = np.array([first, second], dtype=np.float64)
        at = np.array([int(np.argmin(np.linalg.norm(points - end, axis=1))) for end in ends])
        if at[0] > at[1] or (at[0] == at[1] == 0 and _off(points[0], ends[0]) > _off(points[0], ends[1])):
            at, ends = at[::-1], ends[::-1]
        traced = trace_between(image, ends, limits=TraceLimits()).points
        return _spliced(self.catheter, traced, int(at[0]), int(at[1]))

    def take(self, catheter: Centreline) -> None:
        """Take a line that was traced again."""
        self._become(catheter)

    def _become(self, catheter: Centreline) -> None:
        self._before.append(self.catheter)
        self._after.clear()
        self._draw(catheter)

    def _draw(self, catheter: Centreline) -> None:
        self.catheter, self.handles = catheter, _handles(catheter)

    def undo(self) -> bool:
        """Take the last stroke back; False when there is none."""
        if not self._before:
            return False
        self._after.append(self.catheter)
        self._draw(self._before.pop())
        return True

    def redo(self) -> bool:
        """Make the stroke that was last taken back once more; False when there is none."""
        if not self._after:
            return False
        self._before.append(self.catheter)
        self._draw(self._after.pop())
        return True


def _off(point: FloatArray, end: FloatArray) -> float:
    return float(np.linalg.norm(end - point))


def _handles(catheter: Centreline) -> NDArray[np.intp]:
    """(H,) indices of the handles: both ends of every piece, and every so many mm between."""
    arc = arc_length(catheter.points)
    chosen: list[int] = []
    for first, last in catheter.pieces:
        count = max(2, round(float(arc[last] - arc[first]) / HANDLES_MM) + 1)
        wanted = np.linspace(arc[first], arc[last], count)
        chosen += [first + int(np.argmin(np.abs(arc[first : last + 1] - each))) for each in wanted]
    return np.array(list(dict.fromkeys(chosen)), dtype=np.intp)


def _spliced(catheter: Centreline, traced: FloatArray, first: int, last: int) -> Centreline:
    """Put a traced piece in place of the points from `first` to `last`; a click beyond an end lengthens the line.

    Raises
    ------
    UnsuitableError
        When both clicks are at one place of the line, and not beyond its end.
    """
    points, count = catheter.points, len(catheter.points)
    far = max(_off(points[first], traced[0]), _off(points[last], traced[-1]))
    if first == last and (far < BEYOND_MM or first not in (0, count - 1)):
        raise UnsuitableError("the two clicks are at one place of the catheter")
    head = points[:first] if first > 0 or first != last else points[:0]
    tail = points[last + 1 :]
    if first == last == count - 1:
        head, tail = points[:count], points[:0]
    elif first == last == 0:
        head, tail = points[:0], points
    line = np.concatenate([head, traced, tail])
    breaks = {n for _, n in catheter.pieces[:-1]}
    kept = {n for n in breaks if n < len(head) - 1 and n < first}
    shifted = {n + len(line) - count for n in breaks if n > last}
    cuts = sorted(kept | shifted)
    pieces = tuple(zip([0, *(n + 1 for n in cuts)], [*cuts, len(line) - 1], strict=True))
    return with_points(catheter, line, pieces=pieces)
