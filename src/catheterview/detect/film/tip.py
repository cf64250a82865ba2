"""Where a catheter ends on a film: beside which vertebra, in the canal's shadow or out of it, and where it was put."""

from __future__ import annotations

import numpy as np

from catheterview.detect.film.evidence import FilmEvidence, Sight, finding_on
from catheterview.detect.film.loops import loops_told
from catheterview.geometry import arc_length
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline, Finding, Kind, Segment
from catheterview.model.film import View

_SUGGESTS = "A film only suggests where a tip lies: subdural, epidural and intrathecal look alike; CT tells."
_OR_BROKEN = "The catheter may be broken here, its far part elsewhere or not seen."
_RECORD = "The level in the implant's record may be wrong, and posture moves a tip by part of a level."


def tip_told(evidence: FilmEvidence, limits: FilmDetectLimits) -> str:
    """In words: beside which vertebra the tip lies and what that was counted from, and the loops on the way there."""
    told = []
    for catheter in evidence.catheters:
        level = None if _in_canal(evidence, catheter) is None else evidence.levels.at(tuple(catheter.points[-1]))
        if level is None:
            told.append("the tip's vertebral level is not known")
        elif evidence.levels.named:
            told.append(f"the tip lies beside {level} (counted from the {evidence.levels.levels_from})")
        else:
            told.append(f"the tip lies beside {level}, counted from the lowest vertebra in view")
        told.append(loops_told(evidence, catheter, limits))
    if evidence.levels.why:
        told.append(evidence.levels.why)
    return "; ".join(text for text in told if text)


def find_film_tip(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[Finding, ...]:
    """Report a catheter that ends outside the canal's shadow, or beside another vertebra than the record says.

    Measures: ``off_mm`` to the right of the column's middle; ``shift_levels`` and ``shift_mm``, towards the head
    positive.
    """
    found = []
    for n, catheter in enumerate(evidence.catheters):
        shown = n < len(evidence.ends_shown) and evidence.ends_shown[n]
        seen = _malposed(evidence, catheter, limits) if shown else None
        moved = _migrated(evidence, catheter, limits)
        found += [finding_on(evidence, one) for one in (seen, moved) if one is not None]
    return tuple(found)


def _in_canal(evidence: FilmEvidence, catheter: Centreline) -> tuple[float, float] | None:
    """The tip (row, column) of a catheter that was followed up the canal; on a frontal film the other view agrees."""
    marks = catheter.landmarks
    sure = evidence.film.view is View.LATERAL or evidence.tip_confirmed
    if marks.tip is None or marks.dural_entry is None or not sure:
        return None
    row, column = (float(v) for v in catheter.points[marks.tip])
    return row, column


def _malposed(evidence: FilmEvidence, catheter: Centreline, limits: FilmDetectLimits) -> Sight | None:
    """An end that the film shows, outside what the canal may cover."""
    mm, pitch = evidence.mm_per_px, evidence.levels.pitch_px
    if mm is None or pitch is None or catheter.landmarks.dural_entry is not None:
        return None
    rows, columns = np.array(sorted(level.point for level in evidence.levels.levels)).T
    row, column = (float(v) for v in catheter.points[-1])
    if not rows[0] - pitch <= row <= rows[-1] + pitch or _at_edge(evidence, (row, column), limits.end_clear_mm / mm):
        return None
    off = (column - float(np.interp(row, rows, columns))) * mm
    low, high = _shadow(evidence, limits)
    beyond = max(low - off, off - high)
    if beyond <= 0.0:
        return None
    return Sight(
        kind=Kind.TIP_MALPOSITION,
        point=catheter.points[-1],
        score=float(np.clip(0.5 + beyond / 60.0, 0.5, 0.9)),
        message=f"The catheter ends {abs(off):.0f} mm beside the middle of the spine, outside the canal's shadow",
        measures={"off_mm": round(off, 1), **evidence.length("arc", float(arc_length(catheter.points)[-1]))},
        segment=Segment.TIP,
        cautions=(_SUGGESTS, _OR_BROKEN),
    )


def _shadow(evidence: FilmEvidence, limits: FilmDetectLimits) -> tuple[float, float]:
    """How far beside the bodies' middle the canal may be seen, mm to the left (negative) and right of it."""
    if evidence.film.view is not View.LATERAL:
        return -limits.outside_front_mm, limits.outside_front_mm
    near, far = limits.outside_side_mm
    pump_left = evidence.pumps[0].center[1] < 0.5 * evidence.film.density.shape[1]
    return (near, far) if pump_left else (-far, -near)


def _at_edge(evidence: FilmEvidence, at: tuple[float, float], reach: float) -> bool:
    """Whether a place is near the film's border, a shutter or the pump."""
    row, column = (round(v) for v in at)
    size = max(1, round(reach))
    part = evidence.film.exposed[max(0, row - size) : row + size + 1, max(0, column - size) : column + size + 1]
    if not part.all() or part.shape != (2 * size + 1, 2 * size + 1):
        return True
    return any(float(np.hypot(at[0] - p.center[0], at[1] - p.center[1])) < p.radius_px + reach for p in evidence.pumps)


def _migrated(evidence: FilmEvidence, catheter: Centreline, limits: FilmDetectLimits) -> Sight | None:
    """A tip beside another vertebra than the implant's record gives; levels that are only relative tell nothing."""
    levels, wanted = evidence.levels, evidence.implant.tip_level
    tip, pitch, mm = _in_canal(evidence, catheter), evidence.levels.pitch_px, evidence.mm_per_px
    there = None if wanted is None else levels.row_of(wanted)
    here = None if tip is None else levels.at(tip)
    if there is None or here is None or tip is None or pitch is None or mm is None or not levels.named:
        return None
    shift = (there - tip[0]) / pitch
    if abs(shift) < limits.shift_share:
        return None
    return Sight(
        kind=Kind.MIGRATION,
        point=np.array(tip),
        score=float(np.clip(0.4 + 0.2 * abs(shift), 0.5, 0.95)),
        message=f"The catheter's tip lies beside {here}, and the record of the implant says {wanted}",
        measures={"shift_levels": round(shift, 1), "shift_mm": round(shift * pitch * mm, 1)},
        segment=Segment.TIP,
        cautions=(_RECORD, *((f"Levels: {levels.why}.",) if levels.why else ())),
    )
