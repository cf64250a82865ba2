"""A mass on the tip: a ball of tissue in the filled sac, held against the same ball farther back along the catheter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from catheterview.detect.along import lengthened
from catheterview.detect.contrast.sections import ellipses_at
from catheterview.geometry import FloatArray
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Anatomy, Image
from catheterview.resample import sample

Mask = NDArray[np.bool_]

#: Over which a ball's border fades, and between the sections that it is looked for in.
_EDGE_MM, _STEP_MM = 1.2, 0.75
_FEW = 20
#: Distances from the tube's axis at which what its blur adds is learnt.
_TAIL_MM = np.arange(1.0, 4.1, 0.4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filled:
    """What the sac is expected to hold, and the tube in it.

    Parameters
    ----------
    image : Image
    anatomy : Anatomy
    share : (R,)
        Of the canal's radius.
    expected_hu : (R, A)
        Of sections some centimetres away; below any contrast where it is not known.
    line : (N, 3) LPS mm
        The catheter, from the pump to its tip.
    """

    image: Image
    anatomy: Anatomy
    share: FloatArray
    expected_hu: FloatArray
    line: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball:
    """A ball of tissue as it fits best at one place.

    Parameters
    ----------
    diameter_mm : float
    lack : float
        Share of the contrast that it replaces: 1 where it is tissue.
    gain : float
        HU2 mm3 by which it explains what is seen better than the filled sac does.
    volume_ml : float
        Of it, in the sac and off the tube.
    filled_hu : float
        What the sac was expected to hold there.
    """

    diameter_mm: float
    lack: float
    gain: float
    volume_ml: float
    filled_hu: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Near:
    """Samples (N, R, A) of the sac near a place: what they lack, what a mass would make them lack, and their volume."""

    away_mm: FloatArray
    lack_hu: FloatArray
    rise_hu: FloatArray
    volume_mm3: FloatArray


def ball_at(filled: Filled, center: FloatArray, tail_hu: FloatArray, limits: ContrastLimits) -> Ball:
    """Fit a ball of tissue to what the sac lacks round a place.

    Parameters
    ----------
    filled : Filled
    center : (3,) LPS mm
    tail_hu : (len,) float
        From `tail_of`.
    limits : ContrastLimits

    Returns
    -------
    Ball
        Of all diameters the one that explains most: a matched filter in noise of one spread.
    """
    near = _near(filled, center, tail_hu, limits)
    fits = [_fit(near, float(diameter), limits) for diameter in limits.mass_mm]
    return max(fits, key=lambda one: one.gain)


def tail_of(filled: Filled, heights_mm: FloatArray, limits: ContrastLimits) -> FloatArray:
    """HU that the tube's blur adds to the sac at distances from its axis, learnt at some heights.

    Parameters
    ----------
    filled : Filled
    heights_mm : (N,)
    limits : ContrastLimits
    """
    at, _ = _canal_at(filled, heights_mm, limits)
    hu = np.asarray(sample(filled.image, at), dtype=np.float64)
    away, _ = cKDTree(filled.line).query(at)
    told = (filled.expected_hu > limits.mass_hu + limits.mass_rise_hu)[None] & _inside(filled, limits)[None, :, None]
    over = hu - filled.expected_hu[None]
    rings = [over[told & (np.abs(away - radius) < 0.2)] for radius in _TAIL_MM]
    beyond = over[told & (away > 3.0) & (away < 5.0)]
    base = float(np.median(beyond)) if len(beyond) >= _FEW else 0.0
    tail = [float(np.median(one)) - base if len(one) >= _FEW else 0.0 for one in rings]
    return np.clip(tail, 0.0, None)


def _fit(near: _Near, diameter_mm: float, limits: ContrastLimits) -> Ball:
    """The best amplitude of one ball, and what it explains."""
    full = np.clip(0.5 + (diameter_mm / 2.0 - near.away_mm) / _EDGE_MM, 0.0, 1.0)
    ball = full * near.volume_mm3
    seen = float((ball * near.rise_hu * near.lack_hu).sum())
    whole = float((ball * full * near.rise_hu**2).sum())
    volume = float(ball.sum())
    rise = float((ball * near.rise_hu).sum()) / max(volume, 1e-6)
    return Ball(
        diameter_mm=diameter_mm,
        lack=seen / max(whole, 1.0),
        gain=2.0 * seen - whole,
        volume_ml=volume / 1000.0,
        filled_hu=limits.mass_hu + rise,
    )


def _near(filled: Filled, center: FloatArray, tail_hu: FloatArray, limits: ContrastLimits) -> _Near:
    """Samples of the sac within reach of a place."""
    reach = np.arange(-limits.defect_reach_mm, limits.defect_reach_mm + 1e-6, _STEP_MM)
    at, radius = _canal_at(filled, center[2] + reach, limits)
    hu = np.asarray(sample(filled.image, at), dtype=np.float64)
    off_axis = np.asarray(cKDTree(filled.line).query(at)[0])
    expected = _at_their_heights(filled, hu, off_axis, limits)
    rise = expected - limits.mass_hu
    use = (off_axis >= limits.mass_off_mm) & (rise > limits.mass_rise_hu) & _inside(filled, limits)[None, :, None]
    lack = expected + np.interp(off_axis, _TAIL_MM, tail_hu, right=0.0) - hu
    step = float(filled.share[1] - filled.share[0]) * 2.0 * np.pi / hu.shape[2]
    volume = limits.canal_wider * radius[:, None, None] ** 2 * filled.share[None, :, None] * step * _STEP_MM
    return _Near(
        away_mm=np.asarray(np.linalg.norm((at - center) / np.array([1.0, 1.0, limits.mass_long]), axis=-1)),
        lack_hu=np.where(use, lack, 0.0),
        rise_hu=np.where(use, rise, 0.0),
        volume_mm3=np.where(use, volume, 0.0),
    )


def _canal_at(filled: Filled, heights_mm: FloatArray, limits: ContrastLimits) -> tuple[FloatArray, FloatArray]:
    """(N, R, A, 3) LPS mm on the canal's ellipses at heights, and its radius there."""
    canal, radius = lengthened(filled.anatomy)
    middle = np.stack([np.interp(heights_mm, canal[:, 2], column) for column in canal.T], axis=1)
    wide = np.interp(heights_mm, canal[:, 2], radius)
    return ellipses_at(middle, wide, filled.share, limits), np.asarray(wide)


def _inside(filled: Filled, limits: ContrastLimits) -> Mask:
    """(R,) which ellipses lie inside the dura."""
    return np.asarray(filled.share <= limits.rim_share[1] + 1e-6)


def _at_their_heights(filled: Filled, hu: FloatArray, off_axis: FloatArray, limits: ContrastLimits) -> FloatArray:
    """(N, R, A) what is expected, raised or lowered at each height as most of the section there is."""
    over = np.maximum(filled.expected_hu - limits.native_hu, 1.0)[None]
    told = (off_axis > limits.tube_in_sac_mm) & (filled.expected_hu > limits.spread_hu)[None]
    times = np.where(told, (hu - limits.native_hu) / over, np.nan).reshape(len(hu), -1)
    known = np.isfinite(times)
    each = [
        float(np.percentile(row[seen], limits.mass_free_percent)) if seen.sum() >= _FEW else 1.0
        for row, seen in zip(times, known, strict=True)
    ]
    scale = np.clip(ndimage.uniform_filter1d(np.array(each), 5, mode="nearest"), 0.5, 2.0)
    raised = limits.native_hu + (filled.expected_hu - limits.native_hu)[None] * scale[:, None, None]
    return np.where(np.isfinite(raised), raised, -1000.0)
