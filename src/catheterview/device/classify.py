"""Names for metal and dense bodies that are not a pump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.device.torso import Torso
from catheterview.geometry import FloatArray
from catheterview.limits import DeviceLimits
from catheterview.model import Implant


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """One group of bright voxels.

    Parameters
    ----------
    points : (N, 3) float64 LPS mm
    dense_share : float
        Part of its voxels that is far above the threshold.
    """

    points: FloatArray
    dense_share: float


def extent_mm(points: FloatArray) -> tuple[float, float, float]:
    """Size of (N, 3) points along their principal axes, largest first, without the outermost hundredths."""
    centred = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(centred.T) + 1e-9 * np.eye(3))
    along = centred @ axes
    sizes = np.sort(np.percentile(along, 99, axis=0) - np.percentile(along, 1, axis=0))[::-1]
    return float(sizes[0]), float(sizes[1]), float(sizes[2])


def named_implant(body: Body, torso: Torso, series_instance_uid: str, limits: DeviceLimits) -> Implant:
    """Name a body that is not a pump.

    Parameters
    ----------
    body : Body
        Of at least two points.
    torso : Torso
    series_instance_uid : str
    limits : DeviceLimits

    Returns
    -------
    Implant
    """
    extent = extent_mm(body.points)
    middle = body.points.mean(axis=0)
    kind, why = _kind(body, extent, torso, limits)
    return Implant(
        series_instance_uid=series_instance_uid,
        kind=kind,
        center_mm=(float(middle[0]), float(middle[1]), float(middle[2])),
        extent_mm=extent,
        why=why,
    )


def _kind(body: Body, extent: tuple[float, float, float], torso: Torso, limits: DeviceLimits) -> tuple[str, str]:
    """Kind of a body, and what it was told from a pump by."""
    size = " x ".join(f"{length:.0f}" for length in extent)
    if torso.near(body.points).mean() < 0.5:
        return "table", f"outside the patient ({size} mm)"
    if extent[1] <= limits.wire_mm:
        return "wire", f"long and thin ({size} mm): a wire, a lead or a catheter"
    if body.dense_share < limits.dense_share:
        return "contrast", f"fades at its edge as metal does not ({size} mm)"
    if _in_head(body, torso, limits):
        return "dental", f"in the head ({size} mm)"
    return _metal_kind(extent, size, limits)


def _metal_kind(extent: tuple[float, float, float], size: str, limits: DeviceLimits) -> tuple[str, str]:
    """Kind of a metal body inside the trunk, by its size alone."""
    longest, wide, thin = extent
    if longest <= limits.port_max_mm and wide >= limits.port_min_mm and wide >= 0.5 * longest:
        return "port", f"compact, {size} mm: smaller than any pump"
    if longest <= 1.8 * wide and thin < limits.pump_thickness_min_mm + 2 and longest <= limits.pump_diameter_max_mm:
        return "pulse generator", f"a flat plate, {size} mm: thinner than any pump or not round"
    if longest > 1.8 * wide:
        return "orthopaedic", f"elongated, {size} mm"
    return "unknown", f"metal, {size} mm, that is no round disc"


def _in_head(body: Body, torso: Torso, limits: DeviceLimits) -> bool:
    """Whether the patient is as narrow as a head at the body's level, and all the patient above it is."""
    level = float(body.points[:, 2].mean())
    cells = torso.near_level(level, limits.body_cell_mm)
    above = torso.near_level(level + 2 * limits.body_cell_mm, limits.body_cell_mm)
    widths = [float(np.ptp(part[:, 0])) for part in (cells, above)]
    return max(widths) < limits.head_width_mm and float(np.ptp(cells[:, 1])) > 0.7 * widths[0]
