"""The patient without table, clothes and cables."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.anatomy.axial import AxialView
from catheterview.geometry import Grid
from catheterview.limits import AnatomyLimits
from catheterview.model import Region

Mask = NDArray[np.bool_]


def find_body(view: AxialView, limits: AnatomyLimits) -> Region | None:
    """Find the patient: the largest body of soft tissue, its gas filled in.

    Parameters
    ----------
    view : AxialView
    limits : AnatomyLimits

    Returns
    -------
    Region or None
        On a coarse grid of `limits.body_pixel_mm`; None when nothing as large as a patient's part is there.
    """
    coarse = _coarser(view, limits.body_pixel_mm)
    solid = coarse.voxels > limits.body_hu
    kept = _largest(_opened(solid, limits.table_opening_mm / coarse.pixel_mm))
    if kept is None or float(kept.sum()) * coarse.grid.voxel_volume_mm3 < limits.body_ml * 1000.0:
        return None
    return Region.of(_filled(_regrown(kept, solid)), coarse.grid)


def _coarser(view: AxialView, pixel_mm: float) -> AxialView:
    """Average the levels' pixels down to about `pixel_mm`; the levels stay."""
    factor = max(1, int(pixel_mm / view.pixel_mm + 0.5))
    height, width = (max(1, n // factor) for n in view.voxels.shape[1:])
    used = view.voxels[:, : height * factor, : width * factor]
    out = np.stack([cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) for plane in used])
    affine = view.grid.affine.copy()
    affine[:3, 3] = view.grid.index_to_world((0, (factor - 1) / 2, (factor - 1) / 2))
    affine[:3, 1:3] *= factor
    return AxialView(voxels=out, grid=Grid(shape=out.shape, affine=affine))


def _disc(size: int) -> NDArray[np.uint8]:
    """Return a round structuring element of `size` pixels across."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _opened(solid: Mask, size: float) -> Mask:
    """Remove, level by level, what is thinner than `size` pixels."""
    element = _disc(max(2, round(size)))
    planes = [cv2.morphologyEx(plane, cv2.MORPH_OPEN, element) for plane in _filled(solid).view(np.uint8)]
    return np.stack(planes).astype(bool)


def _largest(mask: Mask) -> Mask | None:
    """Keep the largest connected part; None when there is none."""
    labels, count = ndimage.label(mask)
    if not count:
        return None
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray(labels == sizes.argmax())


def _regrown(kept: Mask, solid: Mask) -> Mask:
    """Give back the corners that opening rounded off, one pixel wide."""
    element = np.ones((3, 3), np.uint8)
    grown = np.stack([cv2.dilate(plane, element) for plane in kept.view(np.uint8)]).astype(bool)
    return np.asarray(kept | (grown & solid))


def _filled(mask: Mask) -> Mask:
    """Fill, level by level, what is enclosed: lungs, airways, bowel gas."""
    return np.stack([_filled_plane(plane) for plane in mask])


def _filled_plane(plane: Mask) -> Mask:
    """Fill the holes of one level: flood the outside from a rim of air, keep the rest."""
    padded = cv2.copyMakeBorder(plane.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(padded, None, (0, 0), 2)
    return np.asarray(padded[1:-1, 1:-1] != 2)
