"""Fluid in the spinal canal: the whole sac, a crescent under the dura, a layer outside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, read_only

_WIDER = 1.24  # a canal's half width over its half depth, as the synthetic spine draws it
_FAT_WIDE_MM, _FAT_DEEP_MM, _FORWARD_MM = 1.0, 1.5, 0.8  # of fat beside the sac, and how far it lies forward
_EDGE_MM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SacRing:
    """A part of the canal's cross-section, along its length.

    Parameters
    ----------
    canal : (N, 3) LPS mm, from feet to head
    radius_mm : (N,) float
        Of the largest circle in the canal.
    strength : (N,) float
        Relative concentration along it, 0 to 1.
    inner, outer : float
        In units of the sac's radius: 0 to 1 is the sac, 1 to about 1.3 what lies outside the dura.
    toward_deg, spread_deg : float
        Middle and half width of the angles that are filled; 0 is dorsal, 90 the patient's left, 180 half width is all
        round.
    layering : float
        How much denser it is at the back than in the middle, as a share: contrast is heavier than CSF.
    """

    canal: FloatArray
    radius_mm: FloatArray
    strength: FloatArray
    inner: float = 0.0
    outer: float = 1.0
    toward_deg: float = 0.0
    spread_deg: float = 180.0
    layering: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "canal", read_only(self.canal, ndim=2))
        object.__setattr__(self, "radius_mm", read_only(self.radius_mm, ndim=1))
        object.__setattr__(self, "strength", read_only(self.strength, ndim=1))

    def share(self, points: FloatArray) -> FloatArray:
        """See `Shape.share`."""
        z = self.canal[:, 2]
        x, y, radius, strength = (
            np.interp(points[:, 2], z, line)
            for line in (self.canal[:, 0], self.canal[:, 1], self.radius_mm, self.strength)
        )
        deep = np.maximum(radius - _FAT_DEEP_MM, 1.0)
        beside = (points[:, 0] - x) / np.maximum(_WIDER * radius - _FAT_WIDE_MM, 1.0)
        behind = (points[:, 1] - y + _FORWARD_MM) / deep
        rho = np.hypot(beside, behind)
        depth = np.minimum(self.outer - rho, rho - self.inner if self.inner > 0.0 else np.inf) * deep
        off = np.abs((np.degrees(np.arctan2(beside, behind)) - self.toward_deg + 180.0) % 360.0 - 180.0)
        turned = np.clip((self.spread_deg - off) / 12.0 + 0.5, 0.0, 1.0) if self.spread_deg < 180.0 else 1.0
        heavy = (1.0 + self.layering * behind) / (1.0 + self.layering)
        seen = (points[:, 2] >= z[0]) & (points[:, 2] <= z[-1])
        return np.asarray(np.clip(0.5 + depth / _EDGE_MM, 0.0, 1.0) * turned * heavy * strength * seen)

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """See `Shape.bounds`."""
        used = self.canal[self.strength > 1e-3]
        used = used if len(used) else self.canal[:1]
        reach = float(_WIDER * self.radius_mm.max() * max(self.outer, 1.0)) + _EDGE_MM
        margin = np.array([reach, reach, 0.0])
        return used.min(axis=0) - margin, used.max(axis=0) + margin
