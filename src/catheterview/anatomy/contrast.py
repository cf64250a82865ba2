"""A dural sac filled with contrast, made dark again so that bone can be told from it.

Contrast in the sac is as bright as bone, but it goes on from level to level, while at every disc and between every two
laminae the bone stops: what stays bright over a whole vertebra and its disc is no bone of the spine.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.anatomy.axial import AxialView
from catheterview.anatomy.chain import Course
from catheterview.limits import AnatomyLimits
from catheterview.model import OUTSIDE_HU

Mask = NDArray[np.bool_]

#: Brightness of the sac that is looked for, HU, brightest first: where bone hangs on at one, it does not at the next.
_STEPS_HU = (1200, 800, 550, 380, 260, 200, 160, 130)


def without_contrast(
    view: AxialView, course: Course, limits: AnatomyLimits, *, drift_mm: float = 0.0
) -> AxialView | None:
    """Darken what stays bright along a course.

    Parameters
    ----------
    view : AxialView
    course : Course
        Of the canal as far as it was found; it need only run beside the sac, not in it.
    limits : AnatomyLimits
    drift_mm : float
        How far aside what stays bright may stray: a layer is thinner than the course is straight.

    Returns
    -------
    AxialView or None
        None when nothing of a sac's size stays bright.
    """
    if not len(course.levels):
        return None
    half = round((limits.reach_mm + limits.canal_half_mm) / view.pixel_mm)
    wide = np.pad(view.voxels, ((0, 0), (half, half), (half, half)))
    smooth = ndimage.gaussian_filter1d(course.pixels.astype(float), limits.smooth_mm / view.level_mm, axis=0)
    corners = np.clip(np.rint(smooth).astype(int), 0, np.array(view.grid.shape[1:]) - 1)
    windows = [
        wide[level, row : row + 2 * half + 1, column : column + 2 * half + 1]
        for level, (row, column) in zip(course.levels, corners, strict=True)
    ]
    stacked = np.stack(windows)
    if drift_mm > 0.0:
        drift = 2 * max(1, round(drift_mm / view.pixel_mm)) + 1
        stacked = ndimage.maximum_filter(stacked, size=(1, drift, drift), mode="nearest")
    seeds = _lasting(stacked, view, limits, limits.sac_drifted_mm2 if drift_mm > 0.0 else limits.sac_least_mm2)
    if not seeds.any():
        return None
    whole = _placed(seeds, wide.shape, course, corners)
    _carried_on(whole, wide, limits)
    for plane, seed in zip(wide, whole, strict=True):
        if seed.any():
            _darken(plane, seed, max(1, round(limits.sac_rim_mm / view.pixel_mm)), limits)
    return AxialView(voxels=np.ascontiguousarray(wide[:, half:-half, half:-half]), grid=view.grid)


def _placed(seeds: Mask, shape: tuple[int, ...], course: Course, corners: NDArray[np.int_]) -> Mask:
    """Windows (N, H, W) along a course, laid where they belong in the whole view."""
    out = np.zeros(shape, bool)
    for seed, level, (row, column) in zip(seeds, course.levels, corners, strict=True):
        out[level, row : row + seed.shape[0], column : column + seed.shape[1]] = seed
    return out


def _carried_on(seeds: Mask, voxels: NDArray[np.int16], limits: AnatomyLimits) -> None:
    """Follow a sac, in place, to where it fades or the scan ends: there it does not last over a vertebra any more.

    A level belongs to it as far as it touches the level before, is about as bright, and is no larger: bone that touches
    the sac is brighter at its shell or wider.
    """
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    sizes = seeds.sum(axis=(1, 2))
    usual = float(np.median(sizes[sizes > 0]))
    for order in (range(1, len(seeds)), range(len(seeds) - 2, -1, -1)):
        for level in order:
            before = seeds[level - order.step]
            if seeds[level].sum() >= usual or not before.any():
                continue
            middle = float(np.median(voxels[level - order.step][before]))
            plane = voxels[level]
            even = (plane < limits.sac_evenness * middle) & (plane > limits.sac_steadiness * middle)
            even &= plane >= limits.bone_hu
            near = cv2.dilate(before.view(np.uint8), reach).astype(bool) & even
            seeds[level] |= near if near.sum() <= limits.sac_evenness * usual else before & even


def _lasting(voxels: NDArray[np.int16], view: AxialView, limits: AnatomyLimits, least_mm2: float) -> Mask:
    """Find tall columns of a sac's width that stay bright over a vertebra and its disc, whatever lies in between."""
    window = max(3, round(limits.vertebra_mm / view.level_mm))
    lowest = ndimage.minimum_filter1d(voxels, window, axis=0, mode="nearest")
    # Not the brightest: a tube full of contrast passes by in the sac.
    highest = _usual(voxels, window, limits.lasting_percent)
    lowest[lowest < limits.sac_steadiness * highest] = OUTSIDE_HU
    seeds = np.zeros(voxels.shape, bool)
    level_mm, pixel_mm2 = view.level_mm, view.pixel_mm**2
    for step_hu in (step for step in _STEPS_HU if step <= int(lowest.max())):
        labels, count = ndimage.label(lowest >= step_hu)
        for label, box in enumerate(ndimage.find_objects(labels, count), 1):
            if (box[0].stop - box[0].start) * level_mm < limits.vertebra_mm:
                continue
            column = labels[box] == label
            if least_mm2 <= _section(column) * pixel_mm2 <= limits.sac_mm2:
                seeds[box] |= column
    return seeds


def _usual(voxels: NDArray[np.int16], window: int, percent: float) -> NDArray[np.int16]:
    """A percentile of each voxel's column of so many levels: what scipy's filter gives, in a third of its time."""
    before = window // 2
    wide = np.pad(voxels, ((before, window - 1 - before), (0, 0), (0, 0)), mode="edge")
    columns = np.lib.stride_tricks.sliding_window_view(wide, window, axis=0)
    rank = min(int(window * percent / 100.0), window - 1)
    return np.asarray(np.partition(columns, rank, axis=-1)[..., rank])


def _section(column: Mask) -> float:
    """Pixels of a column's section: a sac's, a layer's, a tube's or a vertebra's."""
    return float(np.median(column.sum(axis=(1, 2))))


def _darken(plane: NDArray[np.int16], seed: Mask, reach: int, limits: AnatomyLimits) -> None:
    """Darken, in place, what is close to the seed and as bright as it is there: a sac is denser at its lower side."""
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    close = cv2.dilate(seed.view(np.uint8), element).astype(bool)
    middle = np.float32(np.median(plane[seed]))
    known = _even(plane, close, middle, limits)
    for _ in range(limits.sac_spreads):
        known |= _even(plane, close, _beside(plane, known, reach), limits)
    plane[known] = 0


def _even(
    plane: NDArray[np.int16], close: Mask, usual: np.float32 | NDArray[np.float32], limits: AnatomyLimits
) -> Mask:
    """Which of the pixels close to a seed are about as bright as is usual there."""
    return np.asarray(close & (plane < limits.sac_evenness * usual) & (plane > usual / limits.sac_evenness**2))


def _beside(plane: NDArray[np.int16], known: Mask, reach: int) -> NDArray[np.float32]:
    """Mean HU of what is known within reach of each pixel; 0 where nothing is."""
    size = (2 * reach + 1, 2 * reach + 1)
    weight = cv2.blur(known.astype(np.float32), size)
    total = cv2.blur(np.where(known, plane, 0).astype(np.float32), size)
    return np.asarray(total / np.maximum(weight, 1e-6), dtype=np.float32)
