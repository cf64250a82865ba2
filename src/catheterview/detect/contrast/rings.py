"""HU on rings round a catheter, along its length: what lies just outside the tube, and the tube's own profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from catheterview.geometry import FloatArray, moving_frame, resample_polyline
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Centreline, Image
from catheterview.resample import sample

_ANGLES = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rings:
    """Rings round a catheter.

    Parameters
    ----------
    points : (N, 3) LPS mm, equally spaced
    arc_mm : (N,)
    radii_mm : (R,)
        The first is 0.
    ways : (N, A, 3)
        Unit vectors of the angles.
    hu : (N, R, A) float32
        At A angles.
    """

    points: FloatArray
    arc_mm: FloatArray
    radii_mm: FloatArray
    ways: FloatArray
    hu: NDArray[np.float32]

    def positions(self, chosen: NDArray[np.bool_]) -> FloatArray:
        """(N, K, A, 3) LPS mm of the samples on the rings that are chosen of the radii."""
        radii = self.radii_mm[chosen][None, :, None, None]
        return np.asarray(self.points[:, None, None] + radii * self.ways[:, None])

    def at(self, first_mm: float, last_mm: float) -> NDArray[np.float32]:
        """(N, K, A) HU of the rings between two radii."""
        chosen = (self.radii_mm >= first_mm - 1e-6) & (self.radii_mm <= last_mm + 1e-6)
        return np.asarray(self.hu[:, chosen])

    @property
    def tail_hu(self) -> FloatArray:
        """(R,) HU that the tube's own blur adds at each radius, by what is common to most of its length."""
        profile = np.median(self.hu, axis=2)
        outer = np.median(profile[:, self.radii_mm >= self.radii_mm[-1] - 2.0], axis=1)
        return np.asarray(np.clip(np.median(profile - outer[:, None], axis=0), 0.0, None), dtype=np.float64)

    def excess_hu(self, near_mm: tuple[float, float], far_mm: float) -> FloatArray:
        """(N,) HU by which the rings between two radii exceed those from a third one on, the tube's blur taken off.

        The blur is what the barest fifth of the catheter shows: a track may lie on most of it.
        """
        chosen = (self.radii_mm >= near_mm[0] - 1e-6) & (self.radii_mm <= near_mm[1] + 1e-6)
        far = np.median(self.hu[:, self.radii_mm >= far_mm - 1e-6], axis=(1, 2))
        over = np.median(self.hu[:, chosen] - far[:, None, None], axis=2)
        blur = np.clip(np.percentile(over, 20, axis=0), 0.0, None)
        return np.asarray(np.median(over - blur, axis=1), dtype=np.float64)

    def section(self, within_mm: float) -> FloatArray:
        """(N,) HU over what lies just beyond, summed over the tube's section, HU mm2: blur leaves it as it is."""
        profile = np.median(self.hu, axis=2)
        inside = self.radii_mm <= within_mm + 1e-6
        beyond = ~inside & (self.radii_mm > within_mm + 0.5) & (self.radii_mm <= within_mm + 1.8)
        base = np.median(profile[:, beyond], axis=1)
        rings_mm2 = 2.0 * np.pi * self.radii_mm[inside] * float(self.radii_mm[1] - self.radii_mm[0])
        return np.asarray((profile[:, inside] - base[:, None]) @ rings_mm2, dtype=np.float64)

    @property
    def lumen_hu(self) -> FloatArray:
        """(N,) HU on the axis."""
        return np.asarray(self.hu[:, 0].mean(axis=1), dtype=np.float64)

    @property
    def width_mm(self) -> FloatArray:
        """(N,) outer width at half of the height over the surroundings; 0 where the tube is not seen."""
        profile = np.median(self.hu, axis=2)
        base = np.median(profile[:, self.radii_mm >= self.radii_mm[-1] - 2.0], axis=1)
        height = profile[:, :3].max(axis=1) - base
        over = (profile - base[:, None]) - height[:, None] / 2.0
        first = np.argmax(over < 0.0, axis=1)
        row = np.arange(len(profile))
        inner, outer = over[row, np.maximum(first - 1, 0)], over[row, first]
        part = inner / np.maximum(inner - outer, 1e-6)
        step = self.radii_mm[first] - self.radii_mm[np.maximum(first - 1, 0)]
        width = 2.0 * (self.radii_mm[np.maximum(first - 1, 0)] + np.clip(part, 0.0, 1.0) * step)
        return np.where((height > 0.0) & (over < 0.0).any(axis=1), width, 0.0)


def rings_round(image: Image, catheter: Centreline, limits: ContrastLimits) -> Rings:
    """Sample rings round a catheter.

    Parameters
    ----------
    image : Image
    catheter : Centreline
        In frame PATIENT.
    limits : ContrastLimits
    """
    points = resample_polyline(catheter.points, step=limits.ring_step_mm)
    sigma = limits.ring_smooth_mm / limits.ring_step_mm
    first, second = moving_frame(gaussian_filter1d(points, sigma, axis=0, mode="nearest"))
    radii = np.arange(0.0, limits.ring_reach_mm + 1e-6, limits.ring_radius_step_mm)
    angle = 2.0 * np.pi * np.arange(_ANGLES) / _ANGLES
    way = np.cos(angle)[None, :, None] * first[:, None] + np.sin(angle)[None, :, None] * second[:, None]
    at = points[:, None, None] + radii[None, :, None, None] * way[:, None]
    return Rings(
        points=points,
        arc_mm=np.linspace(0.0, float(catheter.arc_mm[-1]), len(points)),
        radii_mm=radii,
        ways=way,
        hu=sample(image, at),
    )
