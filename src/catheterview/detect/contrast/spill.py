"""Contrast that lies round the catheter: followed from its rings into the voxels, and parted from bone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage.segmentation import watershed

from catheterview.detect.along import pump_clearance_mm
from catheterview.detect.contrast.cover import surrounded
from catheterview.detect.contrast.rings import Rings
from catheterview.detect.contrast.swell import Swelling, swellings_on
from catheterview.geometry import FloatArray, Grid
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Evidence, Image

Mask = NDArray[np.bool_]

#: Fewer parts than this are no long stretch.
_PARTS = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spill:
    """Contrast on a stretch of a catheter.

    Parameters
    ----------
    first, last : int
        Rows of the rings that it covers.
    mask : (K, J, I) bool
    grid : Grid
        Of the mask's box.
    hu : (M,) float
        Of its voxels.
    bone_share : float
        Share of its surface on which it goes on into bone.
    thin : bool
        Whether it is a swelling in fat, no brighter than muscle.
    """

    first: int
    last: int
    mask: Mask
    grid: Grid
    hu: FloatArray
    bone_share: float
    thin: bool = False

    @property
    def volume_ml(self) -> float:
        """Its volume."""
        return float(self.mask.sum()) * self.grid.voxel_volume_mm3 / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Growth:
    """How a stretch is followed: as part of a longer one no farther than beside itself; down to a level of its own."""

    alone: bool = False
    level_hu: float | None = None


_WHOLE = _Growth()


def spills_on(evidence: Evidence, rings: Rings, cover: FloatArray, limits: ContrastLimits) -> list[Spill]:
    """Follow every covered stretch of a catheter into the voxels, and keep what is contrast.

    Parameters
    ----------
    evidence : Evidence
    rings : Rings
    cover : (N,)
        From `covered`.
    limits : ContrastLimits
    """
    labels, count = ndimage.label(cover >= limits.cover_share)
    out: list[Spill] = []
    for (part,) in ndimage.find_objects(labels, count):
        rows = (int(part.start), int(part.stop) - 1)
        whole = _followed(evidence, rings, rows, limits)
        if whole is not None and whole.volume_ml >= limits.least_ml:
            judged = is_contrast(whole, rings, cover, limits)
            out += [whole] if judged else _part_by_part(evidence, rings, (rows, cover), limits)
    thin = [_thin(evidence, rings, one, limits) for one in swellings_on(evidence, rings, limits)]
    seen = [one for one in thin if one is not None]
    return out + [one for one in seen if not any(o.first <= one.last and one.first <= o.last for o in out)]


def _thin(evidence: Evidence, rings: Rings, one: Swelling, limits: ContrastLimits) -> Spill | None:
    """A swelling followed into the voxels, half way down to what lies round it; None where it goes on there."""
    level_hu = 0.5 * (one.inside_hu + one.around_hu)
    found = _followed(evidence, rings, (one.first, one.last), limits, how=_Growth(level_hu=level_hu))
    if found is None or found.volume_ml < limits.least_ml or found.bone_share > limits.joined_share:
        return None
    return replace(found, thin=True)


def spill_between(
    evidence: Evidence, rings: Rings, rows: tuple[int, int], limits: ContrastLimits, *, level_hu: float
) -> Spill | None:
    """Follow one stretch of a catheter into the voxels beside it, down to a level; None where nothing reaches it.

    Parameters
    ----------
    evidence : Evidence
    rings : Rings
    rows : (first, last)
    limits : ContrastLimits
    level_hu : float
    """
    found = _followed(evidence, rings, rows, limits, how=_Growth(alone=True, level_hu=level_hu))
    return None if found is None else replace(found, thin=True)


def _part_by_part(
    evidence: Evidence, rings: Rings, what: tuple[tuple[int, int], FloatArray], limits: ContrastLimits
) -> list[Spill]:
    """What of a long stretch is contrast where the whole is not: a track that runs on to bone is not bone all along."""
    (first, last), cover = what
    part = round(limits.part_mm / limits.ring_step_mm)
    count = (last - first + 1) // part
    if count < _PARTS:
        return []
    edges = np.linspace(first, last + 1, count + 1).astype(int)
    rows = [(int(a), int(b) - 1) for a, b in pairwise(edges)]
    parts = [_followed(evidence, rings, each, limits, how=_Growth(alone=True)) for each in rows]
    return [
        one
        for one in parts
        if one is not None and one.volume_ml >= limits.least_ml and is_contrast(one, rings, cover, limits)
    ]


def is_contrast(spill: Spill, rings: Rings, cover: FloatArray, limits: ContrastLimits) -> bool:
    """Whether a spill is contrast and not bone, metal or another tube.

    Parameters
    ----------
    spill : Spill
    rings : Rings
    cover : (N,)
        From `covered`.
    limits : ContrastLimits
    """
    thick_mm = float(ndimage.distance_transform_edt(spill.mask, sampling=spill.grid.spacing_mm).max())
    outside = outside_tube(spill, rings, limits)
    if thick_mm >= limits.bone_thick_mm and surrounded(rings, (spill.first, spill.last), cover, limits):
        return True
    few = len(outside) * spill.grid.voxel_volume_mm3 / 1000.0 < limits.outside_ml
    if few or float((outside > limits.cortex_hu).mean()) > limits.cortex_share:
        return False
    if spill.bone_share == 0.0:
        return thick_mm >= limits.thick_mm
    inside = outside[np.abs(outside - np.median(outside)) < 3.0 * outside.std()]
    even = float(inside.std() / max(inside.mean(), 1.0)) <= limits.uneven
    least = limits.joined_cover if spill.bone_share <= limits.joined_share else limits.bone_cover
    even &= float(np.percentile(outside, 99)) <= limits.bone_peak * float(np.median(outside))
    covers = float(cover[spill.first : spill.last + 1].max()) >= least
    return even and covers and thick_mm >= limits.bone_thick_mm and spill.bone_share <= limits.bone_share


def outside_tube(spill: Spill, rings: Rings, limits: ContrastLimits) -> FloatArray:
    """HU of the voxels of a spill that lie neither on the tube and its blur nor on the connector's stem."""
    away, row = cKDTree(rings.points).query(spill.grid.index_to_world(np.argwhere(spill.mask)))
    stem = rings.arc_mm[row] <= limits.stem_mm
    return np.asarray(spill.hu[away > np.where(stem, limits.stem_off_mm, limits.tube_in_sac_mm)])


def _followed(
    evidence: Evidence, rings: Rings, rows: tuple[int, int], limits: ContrastLimits, *, how: _Growth = _WHOLE
) -> Spill | None:
    """Grow one covered stretch."""
    view, grid = _box(evidence.image, rings.points[rows[0] : rows[1] + 1], limits.reach_mm + 2.0)
    smooth = ndimage.gaussian_filter(view.astype(np.float32), limits.blur_mm / grid.spacing_mm, mode="nearest")
    bright = smooth >= (_level(rings, rows, limits) if how.level_hu is None else how.level_hu)
    index = np.argwhere(bright)
    points = grid.index_to_world(index)
    away, row = cKDTree(rings.points).query(points)
    free = (away <= limits.reach_mm) & ~_other_turns(points, rings, rows, limits)
    for pump in evidence.pumps:
        free &= pump_clearance_mm(pump, points) > limits.metal_mm
    within = (row >= rows[0] - 1) & (row <= rows[1] + 1)
    free &= within if how.alone else within | (away > limits.tube_mm)
    near = free & within & (away <= limits.near_mm[1])
    if not near.any():
        return None
    here, seeds, far = (_marked(bright.shape, index[chosen]) for chosen in (free, near, free & (away > limits.far_mm)))
    mask, share = _parted(here, seeds, far)
    return Spill(
        first=rows[0],
        last=rows[1],
        mask=mask,
        grid=grid,
        hu=np.asarray(view[mask], dtype=np.float64),
        bone_share=share,
    )


def _marked(shape: tuple[int, ...], index: NDArray[np.intp]) -> Mask:
    """An array that is true at (N, 3) indices."""
    out = np.zeros(shape, dtype=bool)
    out[tuple(index.T)] = True
    return out


def _level(rings: Rings, rows: tuple[int, int], limits: ContrastLimits) -> float:
    """HU at which a pool ends: half way between it and its surroundings, but never below what tissue has."""
    chosen = (rings.radii_mm >= limits.near_mm[0] - 1e-6) & (rings.radii_mm <= limits.near_mm[1] + 1e-6)
    tail = float(rings.tail_hu[chosen].mean())
    ring = rings.hu[rows[0] : rows[1] + 1, chosen] - tail
    bright = ring[ring > limits.iodine_hu]
    inside = float(np.median(bright)) if len(bright) else 0.0
    return tail + max(limits.iodine_hu, limits.tissue_hu + 0.5 * (inside - limits.tissue_hu))


def _box(image: Image, points: FloatArray, margin_mm: float) -> tuple[NDArray[np.int16], Grid]:
    """Cut out the box round points, as a view."""
    grid = image.placed
    index = grid.world_to_index(points)
    margin = margin_mm / grid.spacing_mm
    low = np.maximum(np.floor(index.min(axis=0) - margin), 0).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0) + margin) + 1, grid.shape).astype(int)
    k, j, i = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    view = image.voxels[k, j, i]
    return view, grid.cropped((int(low[0]), int(low[1]), int(low[2])), (view.shape[0], view.shape[1], view.shape[2]))


def _other_turns(points: FloatArray, rings: Rings, rows: tuple[int, int], limits: ContrastLimits) -> Mask:
    """Which of (N, 3) points lie on parts of the catheter that do not belong to the stretch."""
    lone = int(np.ceil(limits.turn_mm / limits.ring_step_mm))
    others = np.concatenate([rings.points[: max(0, rows[0] - lone)], rings.points[rows[1] + lone + 1 :]])
    if not len(others):
        return np.zeros(len(points), dtype=bool)
    away, _ = cKDTree(others).query(points, distance_upper_bound=limits.tube_mm)
    return np.isfinite(away)


def _parted(here: Mask, near: Mask, far: Mask) -> tuple[Mask, float]:
    """Part what belongs to the stretch from what belongs to bone, at the neck between them; share of surface shared."""
    markers = np.zeros(here.shape, dtype=np.int32)
    markers[far] = 2
    markers[near] = 1
    depth = ndimage.distance_transform_edt(here)
    basins = watershed(-depth, markers, mask=here)
    mask = basins == 1
    surface = ndimage.binary_dilation(mask) & ~mask
    return mask, float((basins[surface] == 2).mean()) if surface.any() else 0.0
