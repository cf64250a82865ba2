"""Where on the system a finding is: point, voxel, arc length, segment, and how to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from catheterview.detect.along import stretches_of
from catheterview.geometry import FloatArray, Frame
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind, Segment

_VERTEBRA_MM = 50.0  # the tallest with its disc: what lies farther from the last that is named may be any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """What a detector has to say about one place, before it is put into a report's terms.

    Parameters
    ----------
    kind : Kind
    point : (3,) LPS mm
    arc_mm : float or None
        Along the catheter from the pump; None for what does not lie on it.
    score : float, 0 to 1
    measures : mapping
    message : str
        Without the place, which is added.
    segment : Segment or None
        Where it is told by more than its arc length.
    """

    kind: Kind
    point: FloatArray
    arc_mm: float | None
    score: float
    measures: Mapping[str, float]
    message: str
    cautions: tuple[str, ...] = ()
    ends: tuple[tuple[float, ...], ...] = ()
    segment: Segment | None = None


def finding_of(evidence: Evidence, seen: Observation, limits: DetectLimits) -> Finding:
    """Put an observation into a report's terms: nearest voxel, slice, segment and level."""
    image = evidence.image
    index = np.rint(image.placed.world_to_index(seen.point)).astype(int)
    k, j, i = (int(np.clip(n, 0, size - 1)) for n, size in zip(index, image.voxels.shape, strict=True))
    segment = seen.segment
    if segment is None and seen.arc_mm is not None:
        segment = segment_at(evidence, seen.point, seen.arc_mm, limits)
    return Finding(
        kind=seen.kind,
        score=round(float(np.clip(seen.score, 0.0, 1.0)), 3),
        frame=Frame.PATIENT,
        point=as_point(seen.point),
        series_instance_uid=image.series_instance_uid,
        sop_instance_uid=image.sop_instance_uid_at(k),
        index_kji=(k, j, i),
        measures=dict(seen.measures) | ({} if seen.arc_mm is None else {"arc_mm": round(seen.arc_mm, 1)}),
        message=f"{seen.message}{_where(seen.arc_mm, segment)}",
        segment=segment,
        level=level_at(evidence, seen.point),
        cautions=seen.cautions,
        ends=seen.ends,
    )


def _where(arc_mm: float | None, segment: Segment | None) -> str:
    """The place, as it ends a message."""
    along = "" if arc_mm is None else f", {arc_mm / 10:.1f} cm along the catheter from the pump"
    return along + (f" ({segment.replace('_', ' ')})" if segment else "")


def as_point(point: FloatArray) -> tuple[float, float, float]:
    """A point of a report: three floats, to a hundredth of a millimetre."""
    x, y, z = (round(float(v), 2) for v in point)
    return x, y, z


def segment_at(evidence: Evidence, point: FloatArray, arc_mm: float, limits: DetectLimits) -> Segment | None:
    """The segment at an arc length of the catheter that passes a point; None where neither pump nor canal tells it."""
    if not evidence.catheters:
        return None
    catheter = min(evidence.catheters, key=lambda one: _distance_mm(one, point, arc_mm))
    for stretch in stretches_of(catheter, evidence, limits):
        if arc_mm <= stretch.last_mm:
            return stretch.segment
    return None


def _distance_mm(catheter: Centreline, point: FloatArray, arc_mm: float) -> float:
    """Distance of a point from the place on a catheter at an arc length."""
    here = [float(np.interp(arc_mm, catheter.arc_mm, column)) for column in catheter.points.T]
    return float(np.linalg.norm(np.array(here) - point))


def level_at(evidence: Evidence, point: FloatArray) -> str | None:
    """The vertebral level nearest to a point; None where levels are not known, or end more than a vertebra before."""
    levels = evidence.anatomy.levels
    if not levels:
        return None
    at = np.array([level.point for level in levels])
    beyond_mm = max(float(at[:, 2].min() - point[2]), float(point[2] - at[:, 2].max()))
    if beyond_mm > _VERTEBRA_MM:
        return None
    return levels[int(np.argmin(np.linalg.norm(at - point, axis=1)))].name


def arc_of(catheter: Centreline, index: int) -> float:
    """Distance along the catheter from the pump to point `index`, gaps counted straight across, mm."""
    return float(catheter.arc_mm[index])
