"""Canal and vertebrae measured in masks."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.geometry import FloatArray
from catheterview.limits.masks import MaskLimits
from catheterview.masks.mask import Mask
from catheterview.masks.upright import upright
from catheterview.model import Region, VertebralLevel


def course_in(masks: Sequence[Mask], limits: MaskLimits) -> tuple[FloatArray, FloatArray]:
    """Follow the middle of what masks of a canal, a cord or a sac show.

    Parameters
    ----------
    masks : sequence of Mask
        Together one structure; may be none.
    limits : MaskLimits

    Returns
    -------
    points : (N, 3) float64
        LPS mm, from feet to head, not smoothed; none where the masks are shorter than a course.
    radius_mm : (N,) float64
        Of the largest circle inside the mask, within the axial plane.
    """
    if not masks:
        return np.zeros((0, 3)), np.zeros(0)
    solid, grid = upright([mask.region for mask in masks], (limits.level_mm, limits.step_mm, limits.step_mm))
    shown = _longest(np.flatnonzero(solid.any(axis=(1, 2))), round(limits.gap_mm / limits.level_mm))
    if len(shown) * limits.level_mm < limits.course_least_mm:
        return np.zeros((0, 3)), np.zeros(0)
    middles = np.array([np.argwhere(solid[level]).mean(axis=0) for level in shown.tolist()])
    radii = [
        float(cv2.distanceTransform(solid[level].astype(np.uint8), cv2.DIST_L2, 5).max()) for level in shown.tolist()
    ]
    levels = np.arange(shown[0], shown[-1] + 1)
    known = np.column_stack([middles, radii])
    row, column, radius = (np.interp(levels, shown, each) for each in known.T)
    points = grid.index_to_world(np.column_stack([levels, row, column]))
    return points, np.asarray((radius - 0.5) * limits.step_mm)  # the distance is to the next voxel's centre


def vertebrae_in(masks: Sequence[Mask], limits: MaskLimits) -> tuple[VertebralLevel, ...]:
    """Place the vertebrae that masks name, from feet to head, at the middle of their bodies."""
    found = []
    for name in dict.fromkeys(mask.structure.level for mask in masks):
        regions = [mask.region for mask in masks if mask.structure.level == name]
        x, y, z = (float(v) for v in _body_middle(regions, limits))
        found.append(VertebralLevel(name=name, point=(x, y, z)))
    return tuple(sorted(found, key=lambda level: level.point[2]))


def _body_middle(regions: Sequence[Region], limits: MaskLimits) -> FloatArray:
    """(3,) LPS mm, middle of the thick part of a vertebra: its body, not its arch and processes."""
    step = limits.coarse_mm
    solid, grid = upright(regions, (step, step, step))
    depth = ndimage.distance_transform_edt(solid)
    labels, _ = ndimage.label(depth >= limits.thick_share * depth.max())
    thickest = labels[np.unravel_index(int(depth.argmax()), depth.shape)]
    return grid.index_to_world(np.argwhere(labels == thickest).mean(axis=0))


def _longest(levels: NDArray[np.intp], gap: int) -> NDArray[np.intp]:
    """The longest part of some levels in which no gap is wider than `gap`."""
    parts = np.split(levels, np.flatnonzero(np.diff(levels) > gap) + 1)
    return max(parts, key=len)
