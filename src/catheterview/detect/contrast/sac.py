"""Contrast across the spinal canal: in the middle of the sac, along its border, and outside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.detect.along import lengthened
from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Anatomy, Centreline, Image
from catheterview.model.contrast import Sac
from catheterview.resample import sample

_ANGLES = 36


def sac_of(image: Image, anatomy: Anatomy, catheters: tuple[Centreline, ...], limits: ContrastLimits) -> Sac | None:
    """Measure the sac at every point of the canal.

    Parameters
    ----------
    image : Image
    anatomy : Anatomy
    catheters : tuple of Centreline
        Whose tubes are left out.
    limits : ContrastLimits

    Returns
    -------
    Sac or None
        None without a canal in the image.
    """
    canal, radius_mm = lengthened(anatomy)
    shown = image.placed.contains(canal) if len(canal) else np.zeros(0, dtype=bool)
    if shown.sum() < 2:
        return None
    anatomy = replace(anatomy, canal=canal[shown], canal_radius_mm=radius_mm[shown])
    share = np.arange(0.0, limits.outside_share[1] + 0.01, 0.05)
    hu = _off_tubes(_ellipses(anatomy, share, limits), image, catheters, limits)
    core, rim, outside = (
        (share >= low - 1e-6) & (share <= high + 1e-6)
        for low, high in (limits.core_share, limits.rim_share, limits.outside_share)
    )
    sides = np.nanmean(np.where(np.isnan(hu[:, rim]), np.nanmedian(hu), hu[:, rim]), axis=1)
    return Sac(
        points=anatomy.canal,
        core_hu=_median(hu[:, core]),
        rim_hu=_median(hu[:, rim]),
        outside_hu=_median(hu[:, outside]),
        side_share=(sides > limits.iodine_hu).mean(axis=1),
    )


def _ellipses(anatomy: Anatomy, share: FloatArray, limits: ContrastLimits) -> FloatArray:
    """(N, R, A, 3) LPS mm on ellipses round the canal's middle in axial planes, at shares of its radius."""
    angle = 2.0 * np.pi * np.arange(_ANGLES) / _ANGLES
    radius = anatomy.canal_radius_mm[:, None, None] * share[None, :, None]
    aside, back = limits.canal_wider * radius * np.sin(angle), radius * np.cos(angle)
    return np.asarray(anatomy.canal[:, None, None] + np.stack([aside, back, np.zeros_like(back)], axis=-1))


def _off_tubes(
    at: FloatArray, image: Image, catheters: tuple[Centreline, ...], limits: ContrastLimits
) -> NDArray[np.float64]:
    """HU at points (…, 3), nan on a tube."""
    hu = np.asarray(sample(image, at), dtype=np.float64)
    for catheter in catheters:
        near, _ = cKDTree(catheter.points).query(at.reshape(-1, 3), distance_upper_bound=limits.tube_in_sac_mm)
        hu[np.isfinite(near).reshape(hu.shape)] = np.nan
    return hu


def _median(hu: NDArray[np.float64]) -> FloatArray:
    """(N,) median of what is known; the median of the rest of the canal where nothing is."""
    flat = hu.reshape(len(hu), -1)
    known = ~np.isnan(flat).all(axis=1)
    out = np.full(len(flat), np.nan)
    out[known] = np.nanmedian(flat[known], axis=1)
    return np.where(known, out, np.nanmedian(out) if known.any() else 0.0)
