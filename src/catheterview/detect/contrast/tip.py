"""Where a catheter's end lies: in the sac, outside the dura, in a foramen, beside the spine, or in the pocket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from catheterview.detect.along import canal_clearance_mm, entry_index, pump_clearance_mm
from catheterview.detect.place import Observation, finding_of, level_at
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind, Segment
from catheterview.resample import sample

TipPlace: TypeAlias = Literal["sac", "epidural", "foraminal", "paraspinal", "pocket"]

_CAUTIONS = (
    "The tip is where the catheter was followed to: a faint end beyond it would not have been seen.",
    "Subdural and intrathecal cannot be told apart by the catheter's place alone.",
)
_MOVED = ("The level in the implant's record may be wrong, and posture moves a tip by part of a level.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A catheter's end.

    Parameters
    ----------
    place : str
    clearance_mm : float
        From the canal's border, negative inside.
    """

    place: TipPlace
    clearance_mm: float


def tip_of(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> Tip | None:
    """Say where a catheter ends; None without a canal, or where the scan ends at the tip.

    Parameters
    ----------
    catheter : Centreline
    evidence : Evidence
    limits : DetectLimits
    """
    if not len(evidence.anatomy.canal):
        return None
    near = catheter.points[catheter.arc_mm >= catheter.arc_mm[-1] - limits.contrast.tip_stretch_mm]
    clear = canal_clearance_mm(evidence.anatomy, near)
    at_tip = float(clear[-1])
    if at_tip <= _narrowed_mm(catheter, evidence, limits):
        return Tip(place="sac", clearance_mm=at_tip)
    if at_tip <= 0.0:
        beside = min(float(np.median(clear)), at_tip) > -limits.contrast.epidural_mm
        return Tip(place="epidural" if beside else "sac", clearance_mm=at_tip)
    return Tip(place=_outside(catheter, evidence, limits), clearance_mm=at_tip)


def _narrowed_mm(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> float:
    """How far the canal may reach beyond its border at the tip; below any tip's clearance where it is as wide as usual.

    A canal that is much narrower there than elsewhere was taken to end at contrast beside the tip.
    """
    radius, away = (
        evidence.anatomy.canal_radius_mm,
        np.linalg.norm(evidence.anatomy.canal - catheter.points[-1], axis=1),
    )
    here = float(np.median(radius[away <= max(limits.contrast.tip_stretch_mm, float(away.min()))]))
    usual = float(np.percentile(radius, 75))
    return 2.0 * (usual - here) if here < limits.contrast.narrowed * usual else -np.inf


def _outside(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> TipPlace:
    """Name the place of an end outside the canal."""
    tip = catheter.points[-1:]
    if any(float(pump_clearance_mm(pump, tip)[0]) <= limits.contrast.pocket_tip_mm for pump in evidence.pumps):
        return "pocket"
    return "paraspinal" if entry_index(catheter, evidence.anatomy, limits) is None else "foraminal"


def find_tip_malpositions(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report every catheter that ends outside the sac, or at another level than the implant's record says.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        Measures: ``clearance_mm`` from the canal's border, negative inside; ``shift_levels`` and ``shift_mm`` of a
        migration.
    """
    seen = [one for catheter in evidence.catheters if (one := _malposed(catheter, evidence, limits)) is not None]
    seen += [one for catheter in evidence.catheters if (one := _migrated(catheter, evidence, limits)) is not None]
    return tuple(finding_of(evidence, one, limits) for one in seen)


def _malposed(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> Observation | None:
    """A tip outside the sac; an end far from spine and pump is one that was lost, not one that lies there."""
    tip = tip_of(catheter, evidence, limits)
    if tip is None or tip.place == "sac" or cut_off(catheter, evidence, limits):
        return None
    # By less than its slices are thicker than thin ones, a scan does not tell the border's one side from the other.
    thicker_mm = evidence.image.slice_mm - limits.contrast.blush_slice_mm
    if tip.place == "epidural" and tip.clearance_mm < thicker_mm and thicker_mm > 0.0:
        return None
    far = tip.clearance_mm > limits.paraspinal_mm
    if tip.place == "paraspinal" and (far or _at_bone(catheter, evidence, limits)):
        return None
    where = {"epidural": "at the canal's border, outside the sac", "foraminal": "in or beyond a foramen"}
    said = where.get(tip.place, f"in the {tip.place} tissue" if tip.place == "paraspinal" else "in the pocket")
    return Observation(
        kind=Kind.TIP_MALPOSITION,
        point=catheter.points[-1],
        arc_mm=float(catheter.arc_mm[-1]),
        score=float(np.clip(0.5 + tip.clearance_mm / 8.0, 0.5, 0.95)) * float(catheter.confidence[-1:].mean() > 0.0),
        measures={"clearance_mm": round(tip.clearance_mm, 1)},
        message=f"The catheter's tip lies {said}",
        cautions=_CAUTIONS,
        segment=Segment.TIP,
    )


def cut_off(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> bool:
    """Whether a catheter may leave the scan where it ends, or the canal is not known well enough there.

    Parameters
    ----------
    catheter : Centreline
    evidence : Evidence
        With a canal.
    limits : DetectLimits
    """
    grid = evidence.image.placed
    ends = evidence.anatomy.canal[[0, -1]]
    if float(np.linalg.norm(ends - catheter.points[-1], axis=1).min()) < limits.contrast.canal_end_mm:
        return True
    index = grid.world_to_index(catheter.points[-1])
    edge_mm = np.minimum(index, np.array(grid.shape) - 1 - index) * grid.spacing_mm
    return bool(edge_mm.min() < limits.contrast.edge_mm)


def _at_bone(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> bool:
    """Whether bone lies round the end, behind which a catheter may go on unseen."""
    tip, way = catheter.points[-1], catheter.points[-1] - catheter.points[max(0, len(catheter.points) - 9)]
    steps = np.arange(-7.0, 7.1, 1.75)
    ball = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    ahead = ball[(np.linalg.norm(ball, axis=1) > 3.0) & (ball @ way > 0.0)]
    bone = sample(evidence.image, tip + ahead) > limits.contrast.bone_near_hu
    return bool(bone.mean() > limits.contrast.bone_near_share)


def _migrated(catheter: Centreline, evidence: Evidence, limits: DetectLimits) -> Observation | None:
    """A tip at another level than the record of the implant gives; levels that are only relative tell nothing."""
    levels, wanted = evidence.anatomy.levels, evidence.implant_tip_level
    names = [one.name for one in levels]
    here = level_at(evidence, catheter.points[-1])
    if wanted is None or wanted not in names or here is None or cut_off(catheter, evidence, limits):
        return None
    shift = names.index(here) - names.index(wanted)
    recorded = np.array(levels[names.index(wanted)].point)
    shift_mm = float(np.linalg.norm(catheter.points[-1] - recorded))
    if abs(shift) < limits.contrast.shift_levels:
        return None
    return Observation(
        kind=Kind.MIGRATION,
        point=catheter.points[-1],
        arc_mm=float(catheter.arc_mm[-1]),
        score=min(0.95, 0.5 + 0.2 * abs(shift)),
        measures={"shift_levels": float(shift), "shift_mm": round(shift_mm, 1)},
        message=f"The catheter's tip lies at {here}, and the record of the implant says {wanted}",
        cautions=_MOVED,
        segment=Segment.TIP,
    )
