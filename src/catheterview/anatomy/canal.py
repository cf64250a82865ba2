"""The middle of the spinal canal to a fraction of a voxel, and the circle that fits inside it."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from catheterview.anatomy.axial import AxialView
from catheterview.anatomy.chain import Course
from catheterview.anatomy.enclosure import without_specks
from catheterview.geometry import FloatArray
from catheterview.limits import AnatomyLimits

_RAYS = 32
_RIM = np.ones((3, 3), np.uint8)
_ROUNDS = 3
_FITS_PERCENT = 15  # of the rays may be cut short: by a tube that lies on the wall


def canal_centreline(view: AxialView, course: Course, limits: AnatomyLimits) -> tuple[FloatArray, FloatArray]:
    """Move a course to the middle of the canal.

    Parameters
    ----------
    view : AxialView
    course : Course
        With at least one level.
    limits : AnatomyLimits

    Returns
    -------
    points : (N, 3) float64
        LPS mm, feet to head.
    radius_mm : (N,) float64
        Of the circle that fits inside.
    """
    view = _without_tubes(view, limits)
    centres = smoothed(course.pixels.astype(np.float64), limits.smooth_mm / view.level_mm)
    for _ in range(_ROUNDS):
        walls = _walls(view, course, centres, limits)
        offset = _middle(walls) / view.grid.spacing_mm[1:]
        centres = smoothed(centres + offset, limits.smooth_mm / view.level_mm)
    walls = _walls(view, course, centres, limits)
    index = np.column_stack([course.levels, centres])
    return view.grid.index_to_world(index), np.percentile(walls, _FITS_PERCENT, axis=1)


def _without_tubes(view: AxialView, limits: AnatomyLimits) -> AxialView:
    """The view with bright specks darkened, rim and all: a catheter full of contrast is no wall of the canal."""
    bright = view.voxels >= limits.bone_hu
    solid = without_specks(bright, limits.specks_mm2 / view.pixel_mm**2)
    voxels = view.voxels.copy()
    for plane, kept, specks in zip(voxels, solid, bright & ~solid, strict=True):
        rims = cv2.dilate(specks.view(np.uint8), _RIM).astype(bool) & ~kept
        plane[rims] = 0
    return AxialView(voxels=voxels, grid=view.grid)


def smoothed(values: FloatArray, sigma: float) -> FloatArray:
    """Smooth (N, D) values along the first axis, by `sigma` steps, without pulling in the ends of a straight line."""
    reach = min(len(values) - 1, int(4 * sigma) + 1)
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return np.asarray(ndimage.gaussian_filter1d(padded, sigma, axis=0)[reach : len(padded) - reach])


def _directions() -> FloatArray:
    """(R, 2) unit steps (row, column) of the rays."""
    angles = np.arange(_RAYS) * (2 * np.pi / _RAYS)
    return np.column_stack([np.sin(angles), np.cos(angles)])


def _walls(view: AxialView, course: Course, centres: FloatArray, limits: AnatomyLimits) -> FloatArray:
    """(N, R) distance in mm from each centre to the canal's bony wall, foramina and interlaminar gaps closed."""
    radii = np.arange(0.0, limits.ray_reach_mm + limits.ray_step_mm, limits.ray_step_mm)
    values = _without_lasting(_sampled(view, course, centres, radii), view.level_mm, limits)
    inner = np.median(values[:, :, radii <= limits.ray_start_mm], axis=(1, 2))
    threshold = np.maximum(limits.bone_hu, inner + limits.contrast_margin_hu)
    first = _first_crossing(values, threshold, radii, limits.ray_start_mm)
    return _closed(first, view.level_mm, limits)


def _sampled(view: AxialView, course: Course, centres: FloatArray, radii: FloatArray) -> FloatArray:
    """(N, R, S) HU along the rays within each level."""
    steps = (_directions() / view.grid.spacing_mm[1:])[:, None, :] * radii[:, None]
    at = centres[:, None, None, :] + steps
    level = np.broadcast_to(course.levels[:, None, None], at.shape[:3])
    where = np.stack([level, at[..., 0], at[..., 1]])
    return np.asarray(ndimage.map_coordinates(view.voxels, where, np.float64, order=1, mode="nearest"))


def _without_lasting(values: FloatArray, level_mm: float, limits: AnatomyLimits) -> FloatArray:
    """Darken what is bright and stays so over a vertebra and its disc: contrast in the canal, which bone is not."""
    window = max(3, round(limits.vertebra_mm / level_mm))
    low = ndimage.minimum_filter1d(values, window, axis=0, mode="nearest")
    # A tube that passes by is brighter than any layer of contrast.
    high = np.minimum(ndimage.maximum_filter1d(values, window, axis=0, mode="nearest"), limits.lasting_most_hu)
    lasting = (low > limits.lasting_hu) & (low > limits.sac_steadiness * high)
    edges = max(1, round(limits.lasting_edge_mm / limits.ray_step_mm))
    near = ndimage.maximum_filter1d(np.where(lasting, high, -np.inf), 2 * edges + 1, axis=2)
    return np.where(values < limits.sac_evenness * near, np.minimum(values, 0.0), values)


def _first_crossing(values: FloatArray, threshold: FloatArray, radii: FloatArray, start_mm: float) -> FloatArray:
    """(N, R) distance at which each ray first rises over its level's threshold; inf when it never does."""
    over = values >= threshold[:, None, None]
    over[:, :, radii < start_mm] = False
    hit = over.argmax(axis=2)
    before = np.maximum(hit - 1, 0)
    high = np.take_along_axis(values, hit[..., None], 2)[..., 0]
    low = np.minimum(np.take_along_axis(values, before[..., None], 2)[..., 0], threshold[:, None])
    part = (threshold[:, None] - low) / np.maximum(high - low, 1.0)
    found = radii[before] + np.clip(part, 0.0, 1.0) * (radii[hit] - radii[before])
    return np.where(over.any(axis=2), found, np.inf)


def _closed(first: FloatArray, level_mm: float, limits: AnatomyLimits) -> FloatArray:
    """Close gaps in the wall with the wall of the levels around, and single rays with their neighbours."""
    window = 2 * max(1, round(limits.closing_mm / level_mm)) + 1
    capped = np.minimum(first, limits.ray_reach_mm)
    around = ndimage.percentile_filter(capped, 100 * limits.closing_share, size=(window, 1), mode="nearest")
    return np.asarray(ndimage.median_filter(around, size=(1, 5), mode="wrap"))


def _middle(walls: FloatArray) -> FloatArray:
    """(N, 2) middle (row, column), mm from the rays' origin, of the polygons that the walls span.

    Halfway between the centre of area and the middle of the extent: a lumbar canal is a triangle with its base in
    front, whose centre of area lies in front of what a reader calls the middle.
    """
    corners = walls[..., None] * _directions()
    following = np.roll(corners, -1, axis=1)
    twice = corners[..., 0] * following[..., 1] - corners[..., 1] * following[..., 0]
    area = ((corners + following) * twice[..., None]).sum(axis=1) / (3.0 * twice.sum(axis=1)[:, None])
    extent = (corners.min(axis=1) + corners.max(axis=1)) / 2.0
    return np.asarray((area + extent) / 2.0)
