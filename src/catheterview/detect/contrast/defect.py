"""A hole in a filled sac at the tip: possibly a granuloma."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.detect.along import canal_clearance_mm
from catheterview.detect.contrast.mass import Ball, Filled, ball_at, tail_of
from catheterview.detect.contrast.sections import Sections, sections_of
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray, arc_length, resample_polyline
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
_FEW = 3
_LINE_MM = 0.5
#: Between the places farther back along the catheter at which the same ball is fitted.
_APART_MM = 4.0


def find_filling_defects(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report tissue at the tip where the sac round it is filled with contrast.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        At most one for a catheter. Measures: ``diameter_mm``, ``volume_ml`` of what of it is seen; ``sac_hu`` expected
        there.

    Notes
    -----
    Each place near the tip is held against the same place of sections some centimetres away, so that the cord, which is
    a void in all of them, is none (clinical catalogue CT-GRAN), and what the tube's blur adds is taken off. A ball of
    tissue on the tip has to explain more than the same ball does anywhere farther back along the catheter in the sac,
    where there is none. In a sac as dark as tissue nothing can be told.
    """
    dye = limits.contrast
    sections = sections_of(evidence.image, evidence.anatomy, evidence.catheters, dye)
    if sections is None:
        return ()
    seen = [_defect(sections, one, evidence, dye) for one in evidence.catheters if _inside(one, evidence)]
    return tuple(finding_of(evidence, one, limits) for one in seen if one is not None)


def _inside(catheter: Centreline, evidence: Evidence) -> bool:
    return bool(canal_clearance_mm(evidence.anatomy, catheter.points[-1:])[0] < 0.0)


def _defect(sections: Sections, catheter: Centreline, evidence: Evidence, limits: ContrastLimits) -> Observation | None:
    """The void at one tip."""
    expected = _expected(sections, catheter.points[-1], limits)
    if expected is None:
        return None
    line = resample_polyline(catheter.points, step=_LINE_MM)
    filled = Filled(
        image=evidence.image, anatomy=evidence.anatomy, share=sections.share, expected_hu=expected, line=line
    )
    back_mm = arc_length(line)[-1] - arc_length(line)
    low, high = limits.mass_apart_mm
    beside = line[(back_mm >= low) & (back_mm <= high)]
    beside = beside[canal_clearance_mm(evidence.anatomy, beside) < -limits.dura_mm][:: round(_APART_MM / _LINE_MM)]
    if not len(beside):
        return None
    tail_hu = tail_of(filled, np.unique(beside[:, 2]), limits)
    steps = [int(np.argmin(np.abs(back_mm - mm))) for mm in limits.mass_shift_mm]
    best = max((ball_at(filled, line[n], tail_hu, limits) for n in steps), key=lambda one: one.gain)
    others = [ball_at(filled, point, tail_hu, limits) for point in beside]
    return _observed(catheter, best) if _stands_out(best, others, limits) else None


def _stands_out(best: Ball, others: list[Ball], limits: ContrastLimits) -> bool:
    """Whether a ball at the tip is tissue, seen well enough, and none that fits elsewhere as well."""
    sure = max(limits.mass_gain, limits.mass_times * max(one.gain for one in others))
    return best.volume_ml >= limits.mass_seen_ml and best.lack >= limits.mass_lack and best.gain >= sure


def _expected(sections: Sections, tip: FloatArray, limits: ContrastLimits) -> FloatArray | None:
    """(R, A) what sections on both sides of a tip hold; None where the sac is in view on one side only.

    There, the sac's own changes from level to level look like a void.
    """
    along = sections.arc_mm - sections.arc_mm[sections.nearest(tip)]
    away = np.abs(along)
    low, high = limits.defect_beside_mm
    beside = (away >= low) & (away <= high)
    if min((beside & (along < 0.0)).sum(), (beside & (along > 0.0)).sum()) < _FEW:
        return None
    return _median_of(_evened(sections, limits)[beside])


def _observed(catheter: Centreline, ball: Ball) -> Observation:
    """Put a void into a detector's terms."""
    return Observation(
        kind=Kind.FILLING_DEFECT,
        point=catheter.points[-1],
        arc_mm=float(catheter.arc_mm[-1]),
        score=float(np.clip(0.5 + ball.volume_ml / 0.4, 0.5, 0.95)),
        measures={
            "diameter_mm": ball.diameter_mm,
            "volume_ml": round(ball.volume_ml, 2),
            "sac_hu": round(ball.filled_hu, 0),
        },
        message=f"The filled sac has a void of soft tissue of about {ball.diameter_mm:.0f} mm at the tip: "
        "a mass is possible",
        cautions=_CAUTIONS,
        segment=Segment.TIP,
    )


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
