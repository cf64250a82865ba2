"""The most tube-like short way between two places: how a line passes what hides the tube from the ridge filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.graph import MCP_Geometric

from catheterview.geometry import FloatArray, resample_polyline, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample
from catheterview.trace.profile import profile_along
from catheterview.trace.ridge import tubeness


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box:
    """Voxels round some places, and what it costs to go through each.

    Parameters
    ----------
    image : Image
    first_kji : (3,) int
    cost : (K, J, I) float64, per mm: 1 on the tube, about 30 where there is none
    """

    image: Image
    first_kji: NDArray[np.intp]
    cost: FloatArray

    @property
    def voxels(self) -> NDArray[np.int16]:
        """(K, J, I) of the image, HU."""
        (k, j, i), (slices, rows, columns) = self.first_kji.tolist(), self.cost.shape
        return self.image.voxels[k : k + slices, j : j + rows, i : i + columns]

    def voxel(self, point: FloatArray) -> tuple[int, ...]:
        """The box's voxel nearest to an LPS mm point in it."""
        index = np.rint(self.image.placed.world_to_index(point)).astype(int) - self.first_kji
        return tuple(np.clip(index, 0, np.array(self.cost.shape) - 1).tolist())

    def points(self, voxels: list[tuple[int, ...]]) -> FloatArray:
        """(N, 3) LPS mm of voxels of the box."""
        return self.image.placed.index_to_world(np.array(voxels, dtype=np.float64) + self.first_kji)

    def off_line_mm(self, ends: tuple[FloatArray, FloatArray]) -> FloatArray:
        """(K, J, I) distance in mm of each voxel from the straight line between two points."""
        places = self.image.placed.index_to_world(np.moveaxis(np.indices(self.cost.shape), 0, -1) + self.first_kji)
        along = unit(ends[1] - ends[0])
        return np.asarray(np.linalg.norm(np.cross(places - ends[0], along), axis=-1))

    def finder(self) -> MCP_Geometric:
        """A search for cheapest ways through the box."""
        return MCP_Geometric(self.cost, sampling=tuple(self.image.placed.spacing_mm.tolist()))


def box_round(
    image: Image, points: FloatArray, contrast_hu: float, limits: TraceLimits, *, too_bright: float = np.inf
) -> Box:
    """Lay a box round places and reckon what each of its voxels costs.

    Parameters
    ----------
    points : (N, 3) LPS mm
    contrast_hu : float
        Of the tube: a voxel with that ridge strength costs least.
    too_bright : float
        How many times that strength cannot be the tube.
    """
    low, shape = _extent(image, points, limits)
    height = tubeness(image, low, shape, limits) / max(contrast_hu, 1.0)
    stands = np.where(height <= too_bright, np.minimum(height, 1.0), 0.0)
    return Box(image=image, first_kji=low, cost=1.0 / (0.033 + 0.967 * stands**2))


def _extent(image: Image, points: FloatArray, limits: TraceLimits) -> tuple[NDArray[np.intp], tuple[int, int, int]]:
    """The first voxel and the shape of a box round places, with room for a detour."""
    grid = image.placed
    margin = max(limits.bridge_margin_mm, 0.35 * float(np.linalg.norm(np.ptp(points, axis=0))))
    reach = np.stack([points.min(axis=0) - margin, points.max(axis=0) + margin])
    corners = np.stack(np.meshgrid(*reach.T, indexing="ij"), axis=-1).reshape(-1, 3)
    index = grid.world_to_index(corners)
    low = np.clip(np.floor(index.min(axis=0)).astype(int), 0, np.array(grid.shape) - 1)
    high = np.clip(np.ceil(index.max(axis=0)).astype(int), low, np.array(grid.shape) - 1)
    k, j, i = (int(n) for n in high - low + 1)
    return low, (k, j, i)


def bare_box(image: Image, points: FloatArray, limits: TraceLimits) -> Box:
    """Lay a box round (N, 3) LPS mm places in which every voxel costs 1 per mm."""
    low, shape = _extent(image, points, limits)
    return Box(image=image, first_kji=low, cost=np.ones(shape))


def way_past_bone(image: Image, ends: FloatArray, bone_hu: float, limits: TraceLimits) -> FloatArray:
    """Find the shortest way between two places that keeps out of bone and metal, where the tube itself is not seen.

    Parameters
    ----------
    ends : (2, 3) LPS mm
    bone_hu : float
        What is brighter is bone or metal.

    Returns
    -------
    (N, 3) float64, LPS mm, from the first end to the second; straight where that is far
    """
    length = float(np.linalg.norm(ends[1] - ends[0]))
    if not limits.bridge_from_mm <= length <= limits.past_bone_mm:
        return ends
    box = bare_box(image, ends, limits)
    box.cost[box.voxels > bone_hu] = limits.past_bone_cost
    finder = box.finder()
    finder.find_costs([box.voxel(ends[0])], [box.voxel(ends[1])])
    inner = resample_polyline(box.points(finder.traceback(box.voxel(ends[1]))), step=limits.past_bone_step_mm)[1:-1]
    return np.concatenate([ends[:1], inner, ends[1:]])


def bridge(image: Image, ends: tuple[FloatArray, FloatArray], contrast_hu: float, limits: TraceLimits) -> FloatArray:
    """Find the cheapest way from one point to another through the voxels between and round them.

    Parameters
    ----------
    ends : two (3,) LPS mm
    contrast_hu : float
        Of the tube.

    Returns
    -------
    (N, 3) float64, LPS mm, from the first end to the second, both included
    """
    first, second = ends
    if float(np.linalg.norm(second - first)) < limits.bridge_from_mm:
        return np.stack([first, second])
    # What bends the brightness far more than the tube does is a bone's edge, and what is far brighter is the bone.
    box = box_round(image, np.stack(ends), contrast_hu, limits, too_bright=limits.bridge_too_bright)
    tube_hu = float(sample(image, np.stack(ends)).max())
    box.cost[box.voxels > tube_hu + limits.bridge_bone * contrast_hu] = box.cost.max()
    box.cost[:] *= 1.0 + (box.off_line_mm(ends) / (limits.bridge_detour * np.linalg.norm(second - first))) ** 2
    finder = box.finder()
    finder.find_costs([box.voxel(first)], [box.voxel(second)])
    middle = box.points(finder.traceback(box.voxel(second)))
    # The lattice zigzags; resampling takes out its corners, centring does the rest.
    inner = resample_polyline(middle, step=1.2)[1:-1]
    way = np.concatenate([first[None], inner, second[None]])
    return way if _is_tube(image, way, contrast_hu, limits) else np.stack([first, second])


def _is_tube(image: Image, way: FloatArray, contrast_hu: float, limits: TraceLimits) -> bool:
    """Whether a way found runs for the most part along something like the tube, free of bone.

    Where it does not it has gone along a bone's edge or through noise, and the straight way is the better guess: what
    the image shows there tells a gap from a hidden stretch.
    """
    profile = profile_along(image, resample_polyline(way, step=limits.step_mm), limits)
    free = profile.brightest < np.maximum(limits.soft_tissue_hu, profile.core)
    seen = (profile.contrast > limits.absent_edge * contrast_hu) & free
    return float(seen.mean()) >= limits.absent_edge
