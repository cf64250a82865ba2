"""The least pool behind the pump that a study can show: a matched observer that knows how far the model may be off.

What is seen behind the pump over what the reservoir's model says there is compared, on a logarithmic scale, with what a
flat pool would add at each place. What the model may be off is part of the observer: an error of its own at every
depth, tilts and bends of the whole, and noise of neighbouring voxels that belong together. A pool is told by the ratio
of likelihoods; the error of its size says what the least is that would be told in this study.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.detect.nuclear.samples import Samples
from catheterview.geometry import FloatArray, unit
from catheterview.limits import NuclearLimits
from catheterview.model import Pump

_ENOUGH, _FEW = 1400, 60  # voxels
_SIZES = np.geomspace(2e-4, 0.2, 60)  # shares of the reservoir that are tried
_ROUNDS = 15  # of reweighting
_RIM = 3  # of the sides of `_back_of`, the one that rises towards the pump's rim
_DEEP = 3  # modes of each side: even, leaning and bending with depth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matched:
    """The likeliest pool behind the pump.

    Parameters
    ----------
    point : (3,) LPS mm
    share : float
        Of the reservoir's activity.
    sigmas : float
        Root of twice the logarithm of the ratio of likelihoods, with a pool and without.
    least : float
        The share that nineteen of twenty pools need to be told, at nine of ten places behind this pump.
    """

    point: FloatArray
    share: float
    sigmas: float
    least: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Back:
    """Voxels behind a pump: across (N, 2) mm from its axis, depth (N,) behind its back, counts over model (N,)."""

    across: FloatArray
    depth: FloatArray
    ratio: FloatArray
    model: FloatArray
    modes: FloatArray


def matched_pool(near: Samples, disc: Reservoir, pump: Pump, limits: NuclearLimits) -> Matched | None:
    """Look for a flat pool behind the pump, and say how small a one would be told.

    Parameters
    ----------
    near : Samples
        Within reach of the pump, without those beside the catheter.
    disc : Reservoir
    pump : Pump
    limits : NuclearLimits

    Returns
    -------
    Matched or None
        None where too little of the pump's back is seen.
    """
    back = _back_of(near, disc, pump, limits)
    if len(back.depth) < _FEW:
        return None
    usual, noise = _usual(back, limits)
    lower = np.asarray(np.linalg.cholesky(_covariance(back, noise, limits)), dtype=np.float64)
    trials = _trials(pump.diameter_mm / 2.0, limits)
    shown = _shown(back, trials, disc, limits) * (disc.total / usual)[:, None]
    left = np.asarray(np.linalg.solve(lower, back.ratio - back.modes @ _mean(back.modes.shape[1], limits)))
    whitened = np.linalg.solve(lower, shown)
    error = 1.0 / np.sqrt(np.maximum((whitened**2).sum(axis=0), 1e-12))
    best = int(np.argmax((whitened.T @ left) * error))
    share, sigmas = _size(left, lower, shown[:, best])
    axes = _across_axes(disc.normal)
    depth = -disc.normal * (limits.matched_depth_mm + pump.thickness_mm / 2.0)
    return Matched(
        point=np.array(pump.center_mm) + trials[best] @ axes + depth,
        share=share,
        sigmas=sigmas,
        least=max(
            limits.matched_share, (limits.matched_sigmas + limits.matched_missed) * float(np.percentile(error, 90.0))
        ),
    )


def _across_axes(normal: FloatArray) -> FloatArray:
    """Two axes (2, 3) across a normal."""
    side = unit(np.cross(normal, (0.0, 0.0, 1.0) if abs(normal[2]) < 0.8 else (1.0, 0.0, 0.0)))
    return np.stack([side, np.cross(normal, side)])


def _back_of(near: Samples, disc: Reservoir, pump: Pump, limits: NuclearLimits) -> _Back:
    """The voxels that are looked at, and the modes in which the model may be off there."""
    height, out = disc.local(near.points)
    front = float((disc.center_mm - np.array(pump.center_mm)) @ disc.normal) + pump.thickness_mm / 2.0
    depth, radius = -(height + front), pump.diameter_mm / 2.0
    used = np.flatnonzero((depth >= limits.matched_from_mm) & (depth < limits.matched_to_mm) & (out < radius))
    used = used[:: max(1, -(-len(used) // _ENOUGH))]
    points, depth = near.points[used], depth[used]
    across = (points - np.array(pump.center_mm)) @ _across_axes(disc.normal).T
    floor = limits.matched_floor * float(near.counts.max())
    model = disc.at(points) + floor
    x, y = across.T / radius
    t = (depth - 0.5 * (limits.matched_from_mm + limits.matched_to_mm)) / 10.0
    even = np.ones_like(x)
    sides = (even, x, y, x * x + y * y - 0.5, x * x - y * y, 2.0 * x * y)
    modes = np.stack([side * deep for side in sides for deep in (even, t, t * t - 0.3)], axis=1)
    ratio = np.log((near.counts[used].astype(np.float64) + floor) / model)
    return _Back(across=across, depth=depth, ratio=ratio, model=model, modes=modes)


def _usual(back: _Back, limits: NuclearLimits) -> tuple[FloatArray, FloatArray]:
    """What is usual at each voxel, most of the back being free of a pool, and the noise of the logarithm there."""
    weight = np.ones(len(back.depth))
    ridge = 1e-6 * len(weight) * np.eye(back.modes.shape[1])
    apart = back.ratio
    for _ in range(_ROUNDS):
        weighed = back.modes * weight[:, None]
        apart = back.ratio - back.modes @ np.linalg.solve(back.modes.T @ weighed + ridge, weighed.T @ back.ratio)
        weight = 1.0 / np.maximum(1.0, np.abs(apart) / (1.4826 * np.median(np.abs(apart)) + 1e-6))
    layer = np.floor(back.depth / 4.0).astype(int)
    noise = np.ones_like(apart)
    for one in np.unique(layer):
        here = apart[layer == one]
        noise[layer == one] = max(1.4826 * float(np.median(np.abs(here - np.median(here)))), limits.matched_noise)
    return back.model * np.exp(back.ratio - apart), noise


def _covariance(back: _Back, noise: FloatArray, limits: NuclearLimits) -> NDArray[np.float64]:
    """(N, N) of the logarithm: noise that neighbours share, and what the model may be off as a whole."""
    points = np.column_stack([back.across, back.depth])
    away = np.sqrt(np.maximum(((points[:, None] - points[None]) ** 2).sum(axis=2), 0.0))
    leaning = limits.matched_lean * np.array([1.0, limits.matched_deeper, limits.matched_deeper])
    bending = limits.matched_bend * np.array([1.0, limits.matched_bend_deeper, limits.matched_bend_curved])
    off = back.modes * np.concatenate(
        [np.full(_DEEP, limits.matched_free), leaning, leaning, bending, leaning, leaning]
    )
    return np.asarray(np.outer(noise, noise) * np.exp(-away / limits.matched_alike_mm) + off @ off.T)


def _mean(count: int, limits: NuclearLimits) -> FloatArray:
    """What the modes are on average: a model that is too wide at the pump's rim."""
    mean = np.zeros(count)
    mean[_DEEP * _RIM] = limits.matched_rim
    return mean


def _trials(radius_mm: float, limits: NuclearLimits) -> FloatArray:
    """Places (T, 2) mm across the pump's axis at which a pool is tried."""
    reach = limits.matched_reach * radius_mm
    count = int(reach / limits.matched_trial_mm)
    at = np.arange(-count, count + 1) * limits.matched_trial_mm
    x, y = (one.ravel() for one in np.meshgrid(at, at))
    inside = np.hypot(x, y) <= reach
    return np.stack([x[inside], y[inside]], axis=1)


def _shown(back: _Back, trials: FloatArray, disc: Reservoir, limits: NuclearLimits) -> FloatArray:
    """Density (N, T) per cubic mm that a pool of 1 would show: flat, blurred."""
    sigma = disc.sigma_mm * limits.deeper_blur
    flat, thin = np.hypot(sigma, limits.matched_flat_mm), np.hypot(sigma, limits.matched_thin_mm)
    away2 = ((back.across[:, None] - trials[None]) ** 2).sum(axis=2)
    along = np.exp(-0.5 * ((back.depth - limits.matched_depth_mm) / thin) ** 2) / (np.sqrt(2.0 * np.pi) * thin)
    return np.asarray(np.exp(-0.5 * away2 / flat**2) / (2.0 * np.pi * flat**2) * along[:, None])


def _size(left: FloatArray, lower: FloatArray, shown: FloatArray) -> tuple[float, float]:
    """The likeliest share of a pool at one place, and how clear it is."""
    tried = np.linalg.solve(lower, np.log1p(np.outer(shown, _SIZES)))
    gain = left @ tried - 0.5 * (tried**2).sum(axis=0)
    best = int(np.argmax(gain))
    return float(_SIZES[best]), float(np.sqrt(max(0.0, 2.0 * gain[best])))
