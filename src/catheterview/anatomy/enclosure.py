"""How much speaks for the spinal canal at each voxel of an axial view.

A voxel of the canal sees bone in most directions, has room around it, has a solid vertebral body in front, and is not
far from the middle of the patient. All levels are done at once, eight levels to a byte.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.anatomy.axial import AxialView
from catheterview.limits import AnatomyLimits

Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Steps (row, column) of the sixteen rays, in units that all lie on one square.
_RAYS = tuple((r, c) for r in range(-2, 3) for c in range(-2, 3) if max(abs(r), abs(c)) == 2)


def canal_scores(view: AxialView, middle_column: float, limits: AnatomyLimits) -> Scores:
    """Say for each voxel of a view how much speaks for the canal.

    Parameters
    ----------
    view : AxialView
    middle_column : float
        Column of the view on which the middle of the patient lies.
    limits : AnatomyLimits

    Returns
    -------
    (Z, Y, X) float32, 0 to 1
    """
    bone = without_specks(view.voxels >= limits.bone_hu, limits.specks_mm2 / view.pixel_mm**2)
    scores = _enclosure(bone, limits.reach_mm / view.pixel_mm)
    scores *= scores
    scores *= _room(bone, limits.canal_half_mm / view.pixel_mm)
    scores *= _solid_in_front(view, limits)
    aside_mm = (np.arange(view.grid.shape[2]) - middle_column) * view.pixel_mm
    scores *= np.exp(-0.5 * (aside_mm / limits.aside_mm) ** 2).astype(np.float32)
    return scores


def scores_beside(
    view: AxialView, known: tuple[AxialView, Scores], middle_column: float, limits: AnatomyLimits
) -> Scores:
    """The scores of a view most of whose levels may be those of another: only levels that differ are looked at.

    Parameters
    ----------
    view : AxialView
    known : (AxialView, (Z, Y, X) float32)
        A view on the same grid, and its scores.
    middle_column : float
    limits : AnatomyLimits

    Returns
    -------
    (Z, Y, X) float32
        What `canal_scores` gives: it takes each level by itself.
    """
    other, scores = known
    differ = np.array([not np.array_equal(a, b) for a, b in zip(view.voxels, other.voxels, strict=True)])
    out = scores.copy()
    if differ.any():
        part = view.voxels[differ]
        grid = view.grid.cropped((0, 0, 0), (part.shape[0], part.shape[1], part.shape[2]))
        out[differ] = canal_scores(AxialView(voxels=part, grid=grid), middle_column, limits)
    return out


def _solid_in_front(view: AxialView, limits: AnatomyLimits) -> Scores:
    """Fraction of spongy or harder bone in the square where the vertebral body of each voxel would be."""
    size = max(3, round(limits.body_of_vertebra_mm / view.pixel_mm))
    shift = round((limits.canal_half_mm + limits.body_of_vertebra_mm / 2) / view.pixel_mm)
    out = np.zeros(view.voxels.shape, np.float32)
    spongy = (view.voxels >= limits.spongy_hu).astype(np.float32)
    for plane, into in zip(spongy, out, strict=True):
        into[shift:] = cv2.blur(plane, (size, size), borderType=cv2.BORDER_CONSTANT)[:-shift]
    return out


def without_specks(bone: Mask, pixels: float) -> Mask:
    """Drop, level by level, connected parts of fewer pixels: a catheter's section, a clip, noise."""
    out = np.empty_like(bone)
    for plane, into in zip(bone, out, strict=True):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(plane.view(np.uint8), connectivity=8)
        keep = stats[:, cv2.CC_STAT_AREA] >= pixels
        keep[0] = False
        np.take(keep, labels, out=into)
    return out


def _room(bone: Mask, enough: float) -> Scores:
    """Distance to the nearest bone of the level, as a fraction of `enough` pixels, at most 1."""
    out = np.empty(bone.shape, np.float32)
    for plane, into in zip((~bone).view(np.uint8), out, strict=True):
        cv2.distanceTransform(plane, cv2.DIST_L2, 3, dst=into)
    out *= 1.0 / enough
    return np.minimum(out, 1.0, out=out)


def _enclosure(bone: Mask, reach: float) -> Scores:
    """Fraction of the rays from each voxel, within its level, that meet bone within `reach` pixels."""
    levels, height, width = bone.shape
    margin = int(np.ceil(reach))
    wide = np.pad(_packed(bone), ((0, 0), (margin, margin), (margin, margin)))
    counter = np.zeros((5, len(wide), height, width), np.uint8)
    met = np.empty(counter.shape[1:], np.uint8)
    for row, column in _RAYS:
        length = float(np.hypot(row, column))
        met[:] = 0
        for step in range(1, int(reach) + 1):
            r, c = margin + round(row / length * step), margin + round(column / length * step)
            met |= wide[:, r : r + height, c : c + width]
        _count(counter, met)
    return _unpacked(counter)[:levels] * np.float32(1.0 / len(_RAYS))


def _packed(bone: Mask) -> NDArray[np.uint8]:
    """Put the n-th eighth of the levels into bit n: (Z, Y, X) bool to (ceil(Z / 8), Y, X) bytes."""
    words = -(-len(bone) // 8)
    out = np.zeros((words, *bone.shape[1:]), np.uint8)
    for bit in range(8):
        part = bone[bit * words : (bit + 1) * words].view(np.uint8)
        out[: len(part)] |= part << np.uint8(bit)
    return out


def _count(counter: NDArray[np.uint8], bits: NDArray[np.uint8]) -> None:
    """Add one bit to each lane of a counter whose n-th plane holds the lanes' n-th binary digits."""
    carry = bits.copy()
    for plane in counter:
        overflow = plane & carry
        plane ^= carry
        carry = overflow


def _unpacked(counter: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Read a counter out: (digits, words, Y, X) packed to (8 * words, Y, X) counts."""
    out = np.zeros((8, *counter.shape[1:]), np.uint8)
    for bit, into in enumerate(out):
        for digit, plane in enumerate(counter):
            into |= ((plane >> np.uint8(bit)) & np.uint8(1)) << np.uint8(digit)
    return out.reshape(-1, *counter.shape[2:])
