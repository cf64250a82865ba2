"""What the image shows along a line: the tube's contrast, its surroundings, and its radius, at each point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, tangents, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample

#: Directions round the line in which its surroundings are looked at.
_SPOKES = 16

#: From fat to muscle, HU; beyond lie lung and bone, over which a tube's contrast means nothing.
_TISSUE_HU = (-150.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Measured along a line of N points, HU.

    Parameters
    ----------
    core : (N,) float64
        Mean within half a millimetre of the line.
    around : (N,) float64
        Median of a ring beyond the tube.
    spread : (N,) float64
        Robust standard deviation of that ring.
    brightest : (N,) float64
        The ring's next to highest value: high where bone, metal or another tube is near.
    """

    core: FloatArray
    around: FloatArray
    spread: FloatArray
    brightest: FloatArray

    @property
    def contrast(self) -> FloatArray:
        """(N,) HU by which the core stands over its surroundings."""
        return np.asarray(self.core - self.around)

    def where(self, keep: NDArray[np.bool_]) -> Profile:
        """The points that `keep`, (N,) bool, selects."""
        return Profile(
            core=self.core[keep], around=self.around[keep], spread=self.spread[keep], brightest=self.brightest[keep]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """How the contrast of a tube depends on what surrounds it: a thin wall fades from fat to muscle.

    A tube narrower than the scanner's blur shows a share of its own HU and, for the rest, its surroundings; its
    contrast is that share of the difference.

    Parameters
    ----------
    share : float, 0 to 1
    level_hu : float
        Contrast over surroundings of 0 HU.
    least_hu : float
        What it does not fall below.
    """

    share: float
    level_hu: float
    least_hu: float

    def contrast_over(self, around_hu: FloatArray | float) -> FloatArray:
        """(N,) HU by which the tube stands over surroundings of (N,) HU."""
        return np.asarray(np.maximum(self.level_hu - self.share * np.clip(around_hu, *_TISSUE_HU), self.least_hu))


def fade_of(profile: Profile, limits: TraceLimits) -> Fade:
    """Measure how a tube's contrast depends on its surroundings, where it is seen clearly.

    Parameters
    ----------
    profile : Profile
        Of points on the tube.

    Returns
    -------
    Fade
        One contrast everywhere where the surroundings hardly change.
    """
    clear = (profile.contrast > 0) & (profile.spread < limits.fade_spread * profile.contrast)
    contrast = profile.contrast[clear]
    usual = float(np.median(contrast)) if clear.any() else float(np.median(np.maximum(profile.contrast, 1.0)))
    around = np.clip(profile.around[clear], *_TISSUE_HU)
    if len(contrast) < limits.fade_points or float(np.std(around)) < limits.fade_range_hu:
        return Fade(share=0.0, level_hu=usual, least_hu=0.0)
    slope = np.cov(around, contrast)[0, 1] / np.var(around, ddof=1)
    share = float(np.clip(-slope, 0.0, limits.fade_most))
    level = float(np.median(contrast + share * around))
    return Fade(share=share, level_hu=level, least_hu=limits.fade_least * usual)


def profile_along(image: Image, points: FloatArray, limits: TraceLimits) -> Profile:
    """Measure an image along a line.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm; N >= 2

    Returns
    -------
    Profile
    """
    spokes = spokes_of(points)
    core = sample(image, points[:, None] + limits.core_radius_mm * spokes[:, ::4])
    centre = sample(image, points)
    rings = [sample(image, points[:, None] + radius * spokes) for radius in (limits.ring_mm, limits.ring_mm + 0.8)]
    ring = np.concatenate(rings, axis=1).astype(np.float64)
    ordered = np.sort(ring, axis=1)
    low, middle, high = np.percentile(ordered, [25, 50, 75], axis=1)
    return Profile(
        core=np.asarray((centre + core.sum(axis=1)) / (core.shape[1] + 1), dtype=np.float64),
        around=middle,
        spread=np.asarray((high - low) / 1.349),
        brightest=np.asarray(ordered[:, -2]),
    )


def spokes_of(points: FloatArray) -> FloatArray:
    """(N, S, 3) unit vectors across a line of (N, 3) points, evenly round it; where they begin means nothing."""
    along = tangents(points)
    first = unit(np.cross(along, np.eye(3)[np.argmin(np.abs(along), axis=1)]))
    second = np.cross(along, first)
    angle = np.linspace(0.0, 2 * np.pi, _SPOKES, endpoint=False)[:, None]
    return np.asarray(first[:, None] * np.cos(angle) + second[:, None] * np.sin(angle))
