"""Small planes across a line, in which a line that holds tracer shows as a spot: what a SPECT is laid on a CT by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, resample_polyline, unit

_STEP_MM = 7.0  # from plane to plane
_ACROSS_MM = (-21.0, -14.0, -7.0, 0.0, 7.0, 14.0, 21.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patches:
    """Planes across lines.

    Parameters
    ----------
    points : (N, P, 3) LPS mm
        P points of each of N planes.
    shape : (N, P) float64
        What a line of this width shows there: of mean zero and size one, so that an even or sloping ground gives none.
    """

    points: FloatArray
    shape: FloatArray

    def __len__(self) -> int:
        return len(self.points)

    def score(self, seen: FloatArray) -> FloatArray:
        """How much of the spot each plane (N,) shows, of what is seen (N * P,) at its points."""
        return np.asarray((seen.reshape(self.shape.shape) * self.shape).sum(axis=1))


def patches_of(line: FloatArray, sigma_mm: float) -> Patches:
    """Planes across a polyline (N, 3) whose tracer is blurred to a standard deviation; none of a line too short."""
    across = np.array(_ACROSS_MM)
    if len(line) < 2 or float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) < 3.0 * _STEP_MM:
        return Patches(points=np.zeros((0, len(across) ** 2, 3)), shape=np.zeros((0, len(across) ** 2)))
    middle = resample_polyline(line, step=_STEP_MM)
    along = unit(np.gradient(middle, axis=0))
    side = unit(np.cross(along, np.where(np.abs(along[:, 2:]) > 0.8, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))))
    other = np.cross(along, side)
    a, b = (each.ravel() for each in np.meshgrid(across, across, indexing="ij"))
    points = middle[:, None] + a[None, :, None] * side[:, None] + b[None, :, None] * other[:, None]
    spot = np.exp(-0.5 * (a**2 + b**2) / sigma_mm**2)
    spot = (spot - spot.mean()) / np.linalg.norm(spot - spot.mean())
    return Patches(points=points, shape=np.tile(spot, (len(middle), 1)))


def joined(parts: tuple[Patches, ...]) -> Patches:
    """Planes of several lines together."""
    return Patches(
        points=np.concatenate([part.points for part in parts]), shape=np.concatenate([part.shape for part in parts])
    )


def sureness(scores: FloatArray) -> float:
    """By how many standard errors the mean of scores is over zero; neighbours share their counts."""
    if len(scores) < 4:
        return 0.0
    return float(scores.mean() / max(float(scores.std()) / np.sqrt(len(scores) / 2.0), 1e-9))
