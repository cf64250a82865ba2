"""Cross-sections of the spinal canal: HU on ellipses round its middle, the catheters' tubes left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.detect.along import lengthened
from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Anatomy, Centreline, Image
from catheterview.resample import sample

_ANGLES = 36


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sections:
    """Axial sections of the canal, one at each of its points that the image shows.

    Parameters
    ----------
    points : (N, 3) LPS mm, from feet to head
    radius_mm : (N,)
    share : (R,)
        Of the canal's radius, at which the ellipses lie.
    at : (N, R, A, 3) LPS mm
    hu : (N, R, A) float64
        nan on a tube; the first angle is dorsal, the next ones go to the patient's left.
    """

    points: FloatArray
    radius_mm: FloatArray
    share: FloatArray
    at: FloatArray
    hu: NDArray[np.float64]

    @property
    def arc_mm(self) -> FloatArray:
        """(N,) along the canal from the feet."""
        return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(self.points, axis=0), axis=1))])

    def between(self, low: float, high: float) -> NDArray[np.float64]:
        """(N, K, A) HU of the ellipses between two shares of the radius."""
        chosen = (self.share >= low - 1e-6) & (self.share <= high + 1e-6)
        return np.asarray(self.hu[:, chosen])

    def nearest(self, point: FloatArray) -> int:
        """Row of the section nearest to a point."""
        return int(np.argmin(np.linalg.norm(self.points - point, axis=1)))


def sections_of(
    image: Image, anatomy: Anatomy, catheters: tuple[Centreline, ...], limits: ContrastLimits
) -> Sections | None:
    """Cut the canal across.

    Parameters
    ----------
    image : Image
    anatomy : Anatomy
    catheters : tuple of Centreline
        Whose tubes are left out.
    limits : ContrastLimits

    Returns
    -------
    Sections or None
        None without a canal in the image.
    """
    canal, radius_mm = lengthened(anatomy)
    shown = image.placed.contains(canal) if len(canal) else np.zeros(0, dtype=bool)
    if shown.sum() < 2:
        return None
    share = np.arange(0.0, limits.outside_share[1] + 0.01, 0.05)
    at = ellipses_at(canal[shown], radius_mm[shown], share, limits)
    hu = _off_tubes(at, image, catheters, limits)
    return Sections(points=canal[shown], radius_mm=radius_mm[shown], share=share, at=at, hu=hu)


def ellipses_at(canal: FloatArray, radius_mm: FloatArray, share: FloatArray, limits: ContrastLimits) -> FloatArray:
    """Points on ellipses round the canal's middle in axial planes.

    Parameters
    ----------
    canal : (N, 3) LPS mm
    radius_mm : (N,)
    share : (R,)
        Of the radius.
    limits : ContrastLimits

    Returns
    -------
    (N, R, A, 3) LPS mm
        The first angle is dorsal, the next ones go to the patient's left.
    """
    angle = 2.0 * np.pi * np.arange(_ANGLES) / _ANGLES
    radius = radius_mm[:, None, None] * share[None, :, None]
    aside, back = limits.canal_wider * radius * np.sin(angle), radius * np.cos(angle)
    return np.asarray(canal[:, None, None] + np.stack([aside, back, np.zeros_like(back)], axis=-1))


def _off_tubes(
    at: FloatArray, image: Image, catheters: tuple[Centreline, ...], limits: ContrastLimits
) -> NDArray[np.float64]:
    """HU at points (…, 3), nan on a tube."""
    hu = np.asarray(sample(image, at), dtype=np.float64)
    for catheter in catheters:
        near, _ = cKDTree(catheter.points).query(at.reshape(-1, 3), distance_upper_bound=limits.tube_in_sac_mm)
        hu[np.isfinite(near).reshape(hu.shape)] = np.nan
    return hu
