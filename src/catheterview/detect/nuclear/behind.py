"""Tracer behind the pump: more than the reservoir's blur leaves there, and more than beside it at the same depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.detect.nuclear.samples import Samples
from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from catheterview.model import Pump


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Behind:
    """The strongest excess behind the pump.

    Parameters
    ----------
    point : (3,) LPS mm
    times : float
        Counts there over what is usual at that depth behind this reservoir.
    share : float
        Of the reservoir's activity.
    sigmas : float
        Excess over its error: noise of the counts, and what the reservoir's model may be off.
    left : Samples
        Voxels round it, with what they hold over the usual.
    """

    point: FloatArray
    times: float
    share: float
    sigmas: float
    left: Samples


def excess_behind(near: Samples, disc: Reservoir, pump: Pump, limits: NuclearLimits) -> Behind | None:
    """Look for a pool behind the pump.

    Parameters
    ----------
    near : Samples
        Within reach of the pump, without those beside the catheter.
    disc : Reservoir
    pump : Pump
    limits : NuclearLimits

    Returns
    -------
    Behind or None
        None where no voxel lies there.

    Notes
    -----
    The model of the reservoir is scaled, layer by layer, to the middle of what is seen at that depth: a pool covers
    less than half of the pump's back, scatter covers all of it.
    """
    height, out = disc.local(near.points)
    back = height + float((disc.center_mm - np.array(pump.center_mm)) @ disc.normal) + pump.thickness_mm / 2.0
    used = (back < limits.pool_from_mm) & (back > -limits.pool_to_mm) & (out < pump.diameter_mm / 2.0 + 4.0)
    if not used.any():
        return None
    pool = near.only(used)
    usual = _usual(pool.counts, disc.at(pool.points), back[used], limits)
    return _strongest(pool, usual, disc, limits)


def _usual(counts: FloatArray, model: FloatArray, back: FloatArray, limits: NuclearLimits) -> FloatArray:
    """What is usual at each voxel's depth: the model times the lower middle of counts over model in its layer."""
    layer = np.floor(back / limits.layer_mm).astype(int)
    scale = np.ones(len(counts))
    for one in np.unique(layer):
        here = layer == one
        scale[here] = np.percentile(counts[here] / model[here], 40.0)
    return np.asarray(model * scale)


def _strongest(pool: Samples, usual: FloatArray, disc: Reservoir, limits: NuclearLimits) -> Behind:
    """The place whose neighbourhood holds the most over the usual."""
    points, counts = pool.points, pool.counts
    weight = _kernel(points, limits.pool_sigma_mm)
    seen, wanted = weight @ counts, weight @ usual
    noise = np.sqrt(weight**2 @ (np.maximum(usual, 1.0) * _noise_factor(counts, usual)) * _alike(disc, pool.voxel_mm3))
    over, times = seen - wanted, seen / np.maximum(wanted, 1e-9)
    clear = np.maximum(over, 0.0) / np.maximum(noise, 1e-9)
    best = int(np.argmax(np.log(np.maximum(times, 1.0)) * np.sqrt(clear)))
    near = np.linalg.norm(points - points[best], axis=1) < 3.0 * limits.pool_sigma_mm
    excess = (counts - usual)[near].clip(0.0)
    held, point = float(excess.sum()) * pool.voxel_mm3, points[best]
    if held > 0.0:
        point = excess @ points[near] / excess.sum()
    return Behind(
        point=point,
        times=float(times[best]),
        share=held / disc.total,
        sigmas=float(over[best] / np.hypot(noise[best], limits.pool_error * wanted[best])),
        left=Samples(points=points[near], counts=excess, voxel_mm3=pool.voxel_mm3),
    )


def _kernel(points: FloatArray, sigma: float) -> NDArray[np.float64]:
    """(N, N) Gaussian weights between voxels."""
    away2 = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-0.5 * away2 / sigma**2))


def _alike(disc: Reservoir, voxel_mm3: float) -> float:
    """How many voxels share their counts: those within a point spread rise and fall together."""
    return max(1.0, float((4.0 * np.pi * disc.sigma_mm**2) ** 1.5) / voxel_mm3)


def _noise_factor(counts: FloatArray, usual: FloatArray) -> float:
    """Variance over mean of what is usual: a reconstruction's noise is no plain Poisson noise."""
    apart = (counts - usual) / np.sqrt(np.maximum(usual, 1.0))
    return float(np.median(np.abs(apart - np.median(apart))) * 1.4826) ** 2 + 1e-6
