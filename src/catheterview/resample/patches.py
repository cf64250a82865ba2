"""Small planes across a line, in which a line that holds tracer shows as a spot: what a SPECT is laid on a CT by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, resample_polyline, unit

_STEP_MM = 7.0  # from plane to plane
_ALIKE = 3.0  # by how much the scatter of neighbours, who share their counts, belittles the noise of a spot
_SEEN = 3.0  # standard deviations from which on a spot says where it lies
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
    along : (N, 3)
        Direction of the line.
    sigma_mm : (N,)
        Blur of the line.
    """

    points: FloatArray
    shape: FloatArray
    along: FloatArray
    sigma_mm: FloatArray

    def __len__(self) -> int:
        return len(self.points)

    def score(self, seen: FloatArray) -> FloatArray:
        """How much of the spot each plane (N,) shows, of what is seen (N * P,) at its points."""
        return np.asarray((seen.reshape(self.shape.shape) * self.shape).sum(axis=1))

    def information(self, seen: FloatArray, shift: FloatArray) -> FloatArray:
        """What the planes say of three turns about the origin and a shift along a direction (3,).

        Returns
        -------
        (4, 4) inverse variance, per square radian and square mm, of what is seen (N * P,).
        """
        parts = seen.reshape(self.shape.shape)
        score = self.score(seen)
        left = parts - parts.mean(axis=1, keepdims=True) - score[:, None] * self.shape
        times = score / np.maximum(_ALIKE * left.std(axis=1), 1e-6)
        weight = np.where(times > _SEEN, times / self.sigma_mm, 0.0) ** 2
        moves = moves_of(self.points[:, self.points.shape[1] // 2], shift)
        across = moves - (moves * self.along[:, None]).sum(axis=2, keepdims=True) * self.along[:, None]
        return np.asarray(np.einsum("n,nai,nbi->ab", weight, across, across))


def moves_of(points: FloatArray, shift: FloatArray) -> FloatArray:
    """How (N, 3) points move by a radian about each axis, and by a mm along a direction: (N, 4, 3)."""
    turned = np.cross(np.eye(3)[None], points[:, None])
    return np.concatenate([turned, np.broadcast_to(shift, (len(points), 1, 3))], axis=1)


def patches_of(line: FloatArray, sigma_mm: float) -> Patches:
    """Planes across a polyline (N, 3) whose tracer is blurred to a standard deviation; none of a line too short."""
    across = np.array(_ACROSS_MM)
    if len(line) < 2 or float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) < 3.0 * _STEP_MM:
        none = np.zeros((0, len(across) ** 2))
        return Patches(points=none[..., None] * np.zeros(3), shape=none, along=np.zeros((0, 3)), sigma_mm=np.zeros(0))
    middle = resample_polyline(line, step=_STEP_MM)
    along = unit(np.gradient(middle, axis=0))
    side = unit(np.cross(along, np.where(np.abs(along[:, 2:]) > 0.8, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))))
    other = np.cross(along, side)
    a, b = (each.ravel() for each in np.meshgrid(across, across, indexing="ij"))
    points = middle[:, None] + a[None, :, None] * side[:, None] + b[None, :, None] * other[:, None]
    spot = np.exp(-0.5 * (a**2 + b**2) / sigma_mm**2)
    spot = (spot - spot.mean()) / np.linalg.norm(spot - spot.mean())
    shape = np.tile(spot, (len(middle), 1))
    return Patches(points=points, shape=shape, along=along, sigma_mm=np.full(len(middle), sigma_mm))


def joined(parts: tuple[Patches, ...]) -> Patches:
    """Planes of several lines together."""
    return Patches(
        points=np.concatenate([part.points for part in parts]),
        shape=np.concatenate([part.shape for part in parts]),
        along=np.concatenate([part.along for part in parts]),
        sigma_mm=np.concatenate([part.sigma_mm for part in parts]),
    )
