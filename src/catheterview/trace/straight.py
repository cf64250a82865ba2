"""An image straightened along a line, and the course of a tube through it.

A faint tube is lost to any filter of a few voxels, but not to one who knows which way it runs: laid out along a line
that runs as it does, the image is averaged along it, and of all courses through it the one that gathers the most
evidence is the tube's. Chance gathers some too, so evidence counts only from half the tube's brightness on.

Source of the method: the course is a dynamic programme (Bellman), as used on straightened vessels; its free beginning
and end are those of the local alignment of Smith and Waterman, J Mol Biol 1981, 147(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from catheterview.geometry import FloatArray, moving_frame
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample_at
from catheterview.trace.centre import quadratic

IndexArray = NDArray[np.intp]

#: From where a step may come, along the two axes.
_STEPS = tuple((da, db) for da in (-1, 0, 1) for db in (-1, 0, 1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Straight:
    """What speaks for a tube beside a line of N points.

    Parameters
    ----------
    line : (N, 3) float64, LPS mm, evenly spaced
    axes : (2, N, 3) float64
        Unit vectors across the line.
    offsets_mm : (K,) float64
        Along either of them.
    evidence : (N, K, K) float32
        Share of the tube's contrast that is seen there; by first, then by second axis.
    clear : (N, K, K) bool
        Where neither bone nor metal nor a wall lies beside it.
    """

    line: FloatArray
    axes: FloatArray
    offsets_mm: FloatArray
    evidence: NDArray[np.float32]
    clear: NDArray[np.bool_]

    def places(self, course: IndexArray) -> FloatArray:
        """(M, 3) LPS mm of a course, (M, 3) integer: point of the line, step along either axis."""
        at, first, second = course.T
        return np.asarray(
            self.line[at]
            + self.offsets_mm[first, None] * self.axes[0, at]
            + self.offsets_mm[second, None] * self.axes[1, at]
        )


def straighten(
    image: Image, line: FloatArray, tube_hu: tuple[float, float], reach_mm: float, *, limits: TraceLimits
) -> Straight:
    """Lay an image out along a line and look for a tube beside it.

    Parameters
    ----------
    line : (N, 3) float64, LPS mm, evenly spaced; N >= 2
    tube_hu : float, float
        What surrounds the tube, and the tube's contrast over it.
    reach_mm : float
        How far to either side.

    Returns
    -------
    Straight
    """
    step = limits.step_mm
    axes = np.stack(moving_frame(line))
    margin = int(np.ceil(limits.ring_mm / step))
    count = round(reach_mm / step)
    wide = step * np.arange(-count - margin, count + margin + 1)
    # Steps are taken in voxels: a million places in millimetres would each have to be turned into them.
    at = image.placed.world_to_index(line)
    down, across = (image.placed.world_to_index(line + axis) - at for axis in axes)
    flat = wide[:, None, None] * down[:, None, None] + wide[None, :, None] * across[:, None, None]
    level, contrast_hu = tube_hu
    value = sample_at(image.voxels, at[:, None, None] + flat)
    bright = value > level + limits.tissue_range_hu + limits.straight_bone * contrast_hu
    # A bone is brighter than the tube: unclipped, its edge outshines the tube a ring's width away.
    low, high = level - limits.tissue_range_hu, level + limits.tissue_range_hu + 2.0 * contrast_hu
    value = gaussian_filter1d(
        np.clip(value, low, high), limits.straight_along_mm / spacing_of(line), axis=0, mode="nearest"
    )
    seen = _roundly(value, limits) / np.float32(max(contrast_hu, 1.0))
    seen = np.minimum(seen, 2.0 - seen)  # what is twice as bright is not the tube
    disc = _far2(limits) <= limits.ring_mm**2
    beside_bone = np.stack([cv2.dilate(cut, disc.astype(np.uint8)) for cut in bright.astype(np.uint8)]) > 0
    seen = np.where(beside_bone & (seen > 0), np.float32(limits.straight_floor) * seen, seen)
    inner = slice(margin, -margin)
    return Straight(
        line=line,
        axes=axes,
        offsets_mm=np.asarray(wide[inner], dtype=np.float64),
        evidence=seen[:, inner, inner],
        clear=~beside_bone[:, inner, inner],
    )


def spacing_of(line: FloatArray) -> float:
    """Distance in mm between the points of an evenly spaced (N, 3) line, LPS mm."""
    return float(np.linalg.norm(line[1] - line[0]))


def _roundly(value: NDArray[np.float32], limits: TraceLimits) -> NDArray[np.float32]:
    """(N, W, W) height of a round bump at every place of (N, W, W) cuts; near nothing on a wall or an edge.

    It is the smaller of the two curvatures of a local quadratic, scaled so that a tube gives its own height.
    """
    kernels, (at_tube, _, _) = _curvatures(limits)
    height = np.empty_like(value)
    for cut, out in zip(value, height, strict=True):
        uu, vv, uv = (cv2.filter2D(cut, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE) for kernel in kernels)
        out[:] = ((uu + vv) / 2 + np.sqrt(((uu - vv) / 2) ** 2 + uv**2)) / at_tube
    return height


def _curvatures(limits: TraceLimits) -> tuple[FloatArray, FloatArray]:
    """(3, S, S) kernels of the curvatures uu, vv and uv of a local quadratic, and (3,) what they give on a tube."""
    at = _window(limits)
    offset = np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).reshape(-1, 2)
    weights = quadratic(offset, limits.facet_sigma_mm)[2:]
    bump = np.exp(-0.5 * (offset**2).sum(axis=1) / limits.facet_sigma_mm**2)
    return np.asarray(weights.reshape(3, len(at), len(at)), dtype=np.float32), weights @ bump


def _window(limits: TraceLimits) -> FloatArray:
    """(S,) mm across the line that a local quadratic looks at, at the line's own steps."""
    margin = int(np.ceil(limits.ring_mm / limits.step_mm))
    return np.asarray(limits.step_mm * np.arange(-margin, margin + 1))


def _far2(limits: TraceLimits) -> FloatArray:
    """(S, S) squared distance in mm from the middle of the window."""
    at = _window(limits)
    return np.asarray(at[:, None] ** 2 + at[None] ** 2)


def best_course(straight: Straight, limits: TraceLimits) -> tuple[IndexArray, float]:
    """Find the course of the most evidence; it may begin and end anywhere along the line.

    Parameters
    ----------
    straight : Straight

    Returns
    -------
    course : (M, 3) int
        Point of the line, step along either axis, in order; empty where nothing speaks for a tube.
    gain_mm : float
        Evidence gathered beyond `limits.straight_floor`, over its length.

    Notes
    -----
    A step goes on by one point and to any of nine neighbours, dearer the farther aside. A course that loses more than
    `limits.straight_lost_mm` has ended: what lies beyond is another thing.
    """
    reward = (straight.evidence - np.float32(limits.straight_floor)) * np.float32(spacing_of(straight.line))
    wide = reward.shape[1]
    dear = np.array([da * da + db * db for da, db in _STEPS], dtype=np.float32)[:, None, None] * limits.straight_bend_mm
    total = np.maximum(reward[0], 0.0)
    peak = total.copy()
    ways = np.full(reward.shape, -1, dtype=np.int8)
    best, end = float(total.max()), (0, *divmod(int(total.argmax()), wide))
    for n in range(1, len(reward)):
        from_there = _neighbours(total) - dear
        way = from_there.argmax(axis=0)
        top = np.take_along_axis(from_there, way[None], axis=0)[0]
        high = np.take_along_axis(_neighbours(peak), way[None], axis=0)[0]
        fresh = (top <= 0.0) | (top < high - limits.straight_lost_mm)
        total = np.where(fresh, 0.0, top) + reward[n]
        peak = np.maximum(np.where(fresh, 0.0, high), total)
        ways[n] = np.where(fresh, -1, way)
        if total.max() > best:
            best, end = float(total.max()), (n, *divmod(int(total.argmax()), wide))
    return _walked_back(ways, end), best


def _neighbours(total: FloatArray) -> FloatArray:
    """(9, K, K) the value from which each step would come; what lies outside is out of reach."""
    wide, high = total.shape
    padded = np.full((wide + 2, high + 2), -1e6, dtype=total.dtype)
    padded[1:-1, 1:-1] = total
    return np.stack([padded[1 + da : 1 + da + wide, 1 + db : 1 + db + high] for da, db in _STEPS])


def _walked_back(ways: NDArray[np.int8], end: tuple[int, int, int]) -> IndexArray:
    """(M, 3) the course that ends at `end`, in order."""
    course = [end]
    while ways[course[-1]] >= 0:
        n, a, b = course[-1]
        da, db = _STEPS[ways[n, a, b]]
        course.append((n - 1, a + da, b + db))
    return np.array(course[::-1], dtype=np.intp)
