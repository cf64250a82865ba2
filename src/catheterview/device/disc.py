"""A flat round disc fitted to a device's body, its edges at half maximum."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catheterview.device.solid import Solid
from catheterview.geometry import FloatArray, moving_frame, unit
from catheterview.limits import DeviceLimits

_RAYS = 96


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disc:
    """A disc in space.

    Parameters
    ----------
    center, normal : (3,) float64
        LPS mm, and a unit vector of either sign.
    radius_mm, thickness_mm : float
    rim_residual : float
        Median distance of the rim from the circle, over the radius.
    rim_share : float
        Part of the circle on which the rim was seen.
    overlap : float
        Of the body with the ideal disc: intersection over union, within the image.
    """

    center: FloatArray
    normal: FloatArray
    radius_mm: float
    thickness_mm: float
    rim_residual: float
    rim_share: float
    overlap: float = 0.0


def fit_disc(solid: Solid, limits: DeviceLimits) -> Disc | None:
    """Fit a disc to a body's sample points.

    Parameters
    ----------
    solid : Solid
    limits : DeviceLimits

    Returns
    -------
    Disc or None
        To about a sample's size; `refined_disc` measures the edges. None when too little of the rim is in the image.
    """
    middle = solid.points.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((solid.points - middle).T))
    normal = axes[:, 0]
    heights = (solid.points - middle) @ normal
    low, high = np.percentile(heights, (2.0, 98.0))
    rim = _outline((solid.points - middle) @ axes[:, 1:], limits.cube_step_mm)
    outward = rim + 1.5 * limits.cube_step_mm * unit(rim)
    rim = rim[solid.seen_by.contains(middle + outward @ axes[:, 1:].T)]
    if len(rim) < limits.rim_share_min * _RAYS:
        return None
    at, radius, residual = circle_through(rim)
    center = middle + normal * (low + high) / 2 + axes[:, 1:] @ at
    disc = Disc(
        center=center,
        normal=normal,
        radius_mm=radius + limits.cube_step_mm / 2,
        thickness_mm=float(high - low) + limits.cube_step_mm,
        rim_residual=residual,
        rim_share=len(rim) / _RAYS,
    )
    return replace(disc, overlap=_overlap(disc, solid))


def _outline(flat: FloatArray, least_mm: float) -> FloatArray:
    """(M, 2) farthest points of (N, 2) in each of `_RAYS` directions from their middle."""
    distance = np.hypot(flat[:, 0], flat[:, 1])
    sector = ((np.arctan2(flat[:, 1], flat[:, 0]) / (2 * np.pi) + 0.5) * _RAYS).astype(int) % _RAYS
    farthest = np.zeros(_RAYS)
    np.maximum.at(farthest, sector, distance)
    seen = np.flatnonzero(farthest > least_mm)
    angles = ((seen + 0.5) / _RAYS - 0.5) * 2 * np.pi
    return np.asarray(farthest[seen, None] * np.column_stack([np.cos(angles), np.sin(angles)]))


def circle_through(points: FloatArray) -> tuple[FloatArray, float, float]:
    """Fit a circle to points of which up to a third may lie off it.

    Parameters
    ----------
    points : (N, 2) float64; N >= 3

    Returns
    -------
    middle : (2,) float64
    radius : float
    residual : float
        Median distance of the points from the circle, over the radius.
    """
    kept = points
    for _ in range(4):
        design = np.column_stack([2 * kept, np.ones(len(kept))])
        solution = np.linalg.lstsq(design, (kept**2).sum(axis=1), rcond=None)[0]
        middle = solution[:2]
        radius = float(np.sqrt(max(solution[2] + middle @ middle, 1e-6)))
        off = np.abs(np.linalg.norm(points - middle, axis=1) - radius)
        kept = points[off <= max(3.0 * float(np.median(off)), 1e-6)]
    return middle, radius, float(np.median(off)) / radius


def _overlap(disc: Disc, solid: Solid) -> float:
    """Intersection over union of a body and a disc."""
    offset = solid.cube - disc.center
    height = offset @ disc.normal
    across = np.sqrt(np.maximum((offset**2).sum(axis=1) - height**2, 0.0))
    ideal = (np.abs(height) <= disc.thickness_mm / 2) & (across <= disc.radius_mm)
    return float((ideal & solid.inside).sum()) / max(1, int((ideal | solid.inside).sum()))


def why_no_pump(disc: Disc, limits: DeviceLimits) -> str:
    """Say why a disc is not a pump; empty when it is one."""
    diameter = 2 * disc.radius_mm
    checks: tuple[tuple[bool, str], ...] = (
        (limits.pump_diameter_min_mm <= diameter <= limits.pump_diameter_max_mm, f"{diameter:.0f} mm wide"),
        (
            limits.pump_thickness_min_mm <= disc.thickness_mm <= limits.pump_thickness_max_mm,
            f"{disc.thickness_mm:.0f} mm thick",
        ),
        (disc.thickness_mm <= limits.flatness_max * diameter, "not flat"),
        (disc.rim_residual <= limits.rim_residual_max, "not round"),
        (disc.rim_share >= limits.rim_share_min, "too little of its rim in view"),
        (disc.overlap >= limits.overlap_min, "not a disc"),
    )
    return ", ".join(reason for passed, reason in checks if not passed)


def surrounding_points(disc: Disc, off_mm: float) -> FloatArray:
    """(N, 3) LPS mm of points `off_mm` off a disc's rim and faces."""
    across, up = (axis[0] for axis in moving_frame(np.stack([disc.center, disc.center + disc.normal])))
    angles = np.arange(24) * (np.pi / 12)
    round_about = np.outer(np.cos(angles), across) + np.outer(np.sin(angles), up)
    rim = disc.center + (disc.radius_mm + off_mm) * round_about
    lift = (disc.thickness_mm / 2 + off_mm) * unit(disc.normal)
    face = disc.center + 0.5 * disc.radius_mm * round_about
    return np.concatenate([rim, face + lift, face - lift])
