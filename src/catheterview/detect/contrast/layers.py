"""Contrast that lies in a layer of the canal instead of filling the sac: under the dura, or outside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.detect.along import canal_clearance_mm
from catheterview.detect.contrast.sections import Sections, sections_of
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Anatomy, Centreline, Evidence, Finding, Kind, Segment

Mask = NDArray[np.bool_]

#: Neighbouring ellipses over which noise is evened out: a layer is at least as thick.
_EVENED = 2

_SUBDURAL = (
    "Subdural and epidural contrast can look alike where the layer is thick.",
    "A small amount that lies at the back of the sac in a patient who has not moved can look like a layer.",
)
_EPIDURAL = (
    "Partial volume at the canal's border can hide a thin layer or mimic one.",
    "Contrast that leaked at the dural entry lies outside the dura, too: see whether it begins there.",
)


def find_layers(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report contrast round the tip that fills only part of the sac's border, or only what lies outside the dura.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        At most one for a catheter. Measures: ``length_mm``, ``peak_hu``, ``angle_share`` of the border that is filled.

    Notes
    -----
    Subdural: a narrow crescent that does not fill the sac, its inner border sharp; epidural: contrast outside the dura
    (clinical catalogue CT-SUBD, CT-EPID).
    """
    dye = limits.contrast
    anatomy = _as_wide_as_usual(evidence.anatomy, dye)
    sections = sections_of(evidence.image, anatomy, evidence.catheters, dye)
    if sections is None:
        return ()
    seen = [_layer(sections, one, dye) for one in evidence.catheters if _in_canal(one, evidence, dye)]
    return tuple(finding_of(evidence, one, limits) for one in seen if one is not None)


def _as_wide_as_usual(anatomy: Anatomy, limits: ContrastLimits) -> Anatomy:
    """The canal, nowhere narrower than it is for most of its length: a layer of contrast passes for its wall."""
    if not len(anatomy.canal):
        return anatomy
    usual_mm = limits.layer_usual * float(np.percentile(anatomy.canal_radius_mm, 75))
    return replace(anatomy, canal_radius_mm=np.maximum(anatomy.canal_radius_mm, usual_mm))


def _in_canal(catheter: Centreline, evidence: Evidence, limits: ContrastLimits) -> bool:
    """Whether a catheter ends in the canal or on its border."""
    return bool(canal_clearance_mm(evidence.anatomy, catheter.points[-1:])[0] < limits.epidural_tip_mm)


def _layer(sections: Sections, catheter: Centreline, limits: ContrastLimits) -> Observation | None:
    """What lies round one tip: a crescent inside the dura, streaks outside it, or neither."""
    tip = sections.nearest(catheter.points[-1])
    away = sections.arc_mm - sections.arc_mm[tip]
    near = np.abs(away) <= limits.layer_near_mm
    if near.sum() < 3:
        return None
    outside, hu = _streaks(sections, limits)
    if float(outside[near].mean()) >= limits.streak_rows:
        text = "Contrast lies in the fat outside the dura, and the sac beside it holds none"
        return _said((Kind.EPIDURAL_PATTERN, text, _EPIDURAL), catheter, _measures(sections, tip, outside, hu))
    crescent, share, peak = _crescents(sections, limits)
    if float(crescent[near].mean()) >= limits.crescent_rows:
        share_here = float(np.median(share[near & crescent]))
        text = "Contrast lies in a crescent along one side of the sac and does not fill it, as under the dura"
        return _said(
            (Kind.SUBDURAL_PATTERN, text, _SUBDURAL),
            catheter,
            _measures(sections, tip, crescent, peak) | {"angle_share": round(share_here, 2)},
        )
    return None


def _crescents(sections: Sections, limits: ContrastLimits) -> tuple[Mask, FloatArray, FloatArray]:
    """Which sections hold a crescent, the share of angles that it fills, and its HU."""
    border = sections.between(*limits.crescent_share)
    even = ndimage.uniform_filter1d(border, _EVENED, axis=1, mode="nearest")  # nan on the tube, and beside it
    known = np.isfinite(even).any(axis=1)
    most = np.where(known, np.nanmax(np.where(np.isfinite(even), even, -np.inf), axis=1), np.nan)
    core = _middle(sections.between(*limits.core_share), (1, 2))
    bright = most > limits.layer_hu
    share = bright.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    filled = _middle(np.where(bright, most, np.nan), 1)
    empty = _middle(np.where(bright, np.nan, _middle(border, 1)), 1)
    low, high = limits.crescent_angles
    thin = (share >= low) & (share <= high) & (known.sum(axis=1) >= border.shape[2] // 2)
    thin &= _one_side(bright) & (filled - empty > limits.layer_hu)
    return thin & (empty < limits.empty_hu) & (core < limits.empty_hu), share, filled


def _one_side(bright: Mask) -> Mask:
    """(N,) whether the bright angles of (N, A) hang together, one in ten of them apart."""
    begins = bright & ~np.roll(bright, 1, axis=1)
    return np.asarray(begins.sum(axis=1) <= 1 + 0.1 * bright.sum(axis=1))


def _streaks(sections: Sections, limits: ContrastLimits) -> tuple[Mask, FloatArray]:
    """Which sections have contrast behind the dura and none inside it, and its HU."""
    hu = sections.between(*limits.outside_share)
    angles = np.arange(hu.shape[2]) * 360.0 / hu.shape[2]
    dorsal = np.abs((angles + 180.0) % 360.0 - 180.0) <= limits.dorsal_deg
    behind = _middle(np.where(hu > limits.cortex_hu, np.nan, hu)[:, :, dorsal], (1, 2))
    inside = _middle(sections.between(*limits.rim_share), (1, 2))
    return (behind > limits.behind_hu) & (inside < limits.sac_hu), behind


def _middle(hu: NDArray[np.float64], axis: int | tuple[int, ...]) -> FloatArray:
    """Median of what is known, nan where nothing is."""
    known = np.asarray(np.isfinite(hu).any(axis=axis))
    each = np.asarray(np.expand_dims(known, axis))
    return np.where(known, np.nanmedian(np.where(each, hu, 0.0), axis=axis), np.nan)


def _measures(sections: Sections, tip: int, chosen: Mask, hu: FloatArray) -> dict[str, float]:
    """Length of the run of chosen sections round the tip, and the layer's highest HU."""
    rows = np.flatnonzero(chosen)
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 2) + 1)
    run = min(runs, key=lambda one: int(np.abs(one - tip).min()))
    length_mm = float(sections.arc_mm[run[-1]] - sections.arc_mm[run[0]])
    return {"length_mm": round(length_mm, 1), "peak_hu": round(float(np.nanmax(hu[run])), 0)}


def _said(what: tuple[Kind, str, tuple[str, ...]], catheter: Centreline, measures: dict[str, float]) -> Observation:
    kind, message, cautions = what
    return Observation(
        kind=kind,
        point=catheter.points[-1],
        arc_mm=float(catheter.arc_mm[-1]),
        score=0.85,
        measures=measures,
        message=message,
        cautions=cautions,
        segment=Segment.TIP,
    )
