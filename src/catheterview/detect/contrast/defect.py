"""A hole in a filled sac at the tip: possibly a granuloma."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.detect.along import canal_clearance_mm
from catheterview.detect.contrast.sections import Sections, sections_of
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray
from catheterview.limits import DetectLimits
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Centreline, Evidence, Finding, Kind, Segment

Mask = NDArray[np.bool_]

_CAUTIONS = (
    "An air bubble, a nerve root, or the shadow of a metal tip can look like a defect.",
    "A mass at the tip is suspected, not shown: MRI with contrast tells.",
    "Whether delivery is stopped is decided by the patient's physicians; stopping it brings a risk of withdrawal.",
)
#: Ellipses and angles over which noise is evened out.
_EVENED = (3, 5)
#: Share of a section that a mass leaves free: what is filled there tells how dense the contrast is at this height.
_FREE_PERCENT = 65
_FEW = 3
#: Less of the sac than this, off the tube, is too little to be judged: 20 voxels of a mm.
_LEAST_ML = 0.03


def find_filling_defects(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report tissue at the tip where the sac round it is filled with contrast.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        At most one for a catheter. Measures: ``volume_ml``; ``sac_hu`` expected there.

    Notes
    -----
    Each place near the tip is held against the same place of sections some centimetres away, so that the cord, which is
    a void in all of them, is none (clinical catalogue CT-GRAN). In a sac as dark as tissue nothing can be told.
    """
    dye = limits.contrast
    sections = sections_of(evidence.image, evidence.anatomy, evidence.catheters, dye)
    if sections is None:
        return ()
    seen = [_defect(sections, one, dye) for one in evidence.catheters if _inside(one, evidence)]
    return tuple(finding_of(evidence, one, limits) for one in seen if one is not None)


def _inside(catheter: Centreline, evidence: Evidence) -> bool:
    return bool(canal_clearance_mm(evidence.anatomy, catheter.points[-1:])[0] < 0.0)


def _defect(sections: Sections, catheter: Centreline, limits: ContrastLimits) -> Observation | None:
    """The void at one tip."""
    tip = catheter.points[-1]
    along = sections.arc_mm - sections.arc_mm[sections.nearest(tip)]
    away = np.abs(along)
    low, high = limits.defect_beside_mm
    beside, near = (away >= low) & (away <= high), away <= limits.defect_reach_mm
    if min((beside & (along < 0.0)).sum(), (beside & (along > 0.0)).sum(), near.sum()) < _FEW:
        return None  # where the sac is seen on one side only, its own changes from level to level look like a void
    even = _evened(sections, limits)
    expected = _median_of(even[beside])
    lack, sure = _lacking(sections, even, (near, expected, tip), limits)
    volumes_ml, away_mm = _volumes_ml(sections)[near], np.linalg.norm(sections.at[near] - tip, axis=-1)
    if float(volumes_ml[sure].sum()) < limits.defect_seen_ml:
        return None
    lacking = [_mean_within(lack, volumes_ml * sure, away_mm <= reach_mm) for reach_mm in limits.defect_core_mm]
    if any(one < least for one, least in zip(lacking, limits.defect_core_lack, strict=True)):
        return None
    volume_ml = float(volumes_ml[sure & (lack > limits.defect_lack)].sum())
    filled = float(np.nanmedian(np.broadcast_to(expected, even[near].shape)[sure]))
    return Observation(
        kind=Kind.FILLING_DEFECT,
        point=tip,
        arc_mm=float(catheter.arc_mm[-1]),
        score=float(np.clip(0.5 + volume_ml / 0.4, 0.5, 0.95)),
        measures={"volume_ml": round(volume_ml, 2), "sac_hu": round(filled, 0)},
        message="The filled sac has a void of soft tissue at the tip: a mass is possible",
        cautions=_CAUTIONS,
        segment=Segment.TIP,
    )


def _mean_within(lack: FloatArray, weight_ml: FloatArray, within: Mask) -> float:
    """Mean lack of what is known within a reach, by volume; none where too little is known."""
    weight = np.where(within, weight_ml, 0.0)
    known = float(weight.sum())
    return float((np.where(weight > 0.0, lack, 0.0) * weight).sum()) / known if known >= _LEAST_ML else 0.0


def _lacking(
    sections: Sections,
    even: FloatArray,
    where: tuple[NDArray[np.bool_], FloatArray, FloatArray],
    limits: ContrastLimits,
) -> tuple[FloatArray, Mask]:
    """How much samples near the tip lack of what is expected there, 1 where they are tissue, and which can be told."""
    near, expected, tip = where
    inside = (sections.share >= limits.rim_share[0] - 0.4) & (sections.share <= limits.rim_share[1])
    close = np.linalg.norm(sections.at[near] - tip, axis=-1) <= limits.defect_reach_mm
    here = _at_its_height(even[near], np.where(inside[:, None], expected, -np.inf), limits)
    rise = here - limits.mass_hu
    told = (rise > limits.defect_rise_hu) & inside[None, :, None] & np.isfinite(even[near]) & close
    lack = (here - even[near]) / np.maximum(rise, 1.0)
    return np.asarray(lack), np.asarray(told)


def _at_its_height(even: FloatArray, expected: FloatArray, limits: ContrastLimits) -> FloatArray:
    """(N, R, A) what is expected, raised at each height by as much as most of the section is denser than expected.

    Contrast is densest where it came from: what it is some centimetres away is too little to expect at the tip.
    """
    over = np.maximum(expected - limits.native_hu, 1.0)
    told = np.isfinite(even) & (expected > limits.spread_hu)
    times = np.where(told, (even - limits.native_hu) / over, 1.0).reshape(len(even), -1)
    known = told.reshape(len(even), -1)
    denser = [
        np.percentile(row[seen], _FREE_PERCENT) if seen.any() else 1.0 for row, seen in zip(times, known, strict=True)
    ]
    return np.asarray(limits.native_hu + (expected - limits.native_hu) * np.clip(denser, 1.0, 2.0)[:, None, None])


def _evened(sections: Sections, limits: ContrastLimits) -> FloatArray:
    """HU averaged over neighbours that are known, nan where it was; along the canal over less than a mass is long."""
    step_mm = float(np.median(np.diff(sections.arc_mm)))
    window = (max(1, round(limits.defect_even_mm / step_mm)), *_EVENED)
    known = np.isfinite(sections.hu)
    weight, total = (
        ndimage.uniform_filter(values, window, mode=("nearest", "nearest", "wrap"))
        for values in (known.astype(np.float64), np.where(known, sections.hu, 0.0))
    )
    return np.where(known & (weight > 0.3), total / np.maximum(weight, 1e-6), np.nan)


def _median_of(rows: FloatArray) -> FloatArray:
    """(R, A) median over sections of what is known; below any contrast where nothing is."""
    known = np.asarray(np.isfinite(rows).any(axis=0))
    return np.where(known, np.nanmedian(np.where(known[None], rows, 0.0), axis=0), -np.inf)


def _volumes_ml(sections: Sections) -> FloatArray:
    """(N, R, A) volume that each sample stands for."""
    step_mm = float(np.median(np.diff(sections.arc_mm)))
    wide = 1.2 * sections.radius_mm[:, None, None] ** 2 * sections.share[None, :, None]
    share = float(sections.share[1] - sections.share[0]) * 2.0 * np.pi / sections.hu.shape[2]
    return np.asarray(np.broadcast_to(wide * share * step_mm / 1000.0, sections.hu.shape))
