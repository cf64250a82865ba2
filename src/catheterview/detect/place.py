"""Where on the system a finding is: point, voxel, arc length, segment, and how to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, Frame
from catheterview.limits import DetectLimits
from catheterview.model import Centreline, Evidence, Finding, Kind, Segment


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """What a detector has to say about one place, before it is put into a report's terms.

    Parameters
    ----------
    kind : Kind
    point : (3,) LPS mm
    arc_mm : float
        Along the catheter from the pump.
    score : float, 0 to 1
    measures : mapping
    message : str
        Without the place, which is added.
    """

    kind: Kind
    point: FloatArray
    arc_mm: float
    score: float
    measures: Mapping[str, float]
    message: str
    cautions: tuple[str, ...] = ()
    ends: tuple[tuple[float, ...], ...] = ()


def finding_of(evidence: Evidence, seen: Observation, limits: DetectLimits) -> Finding:
    """Put an observation into a report's terms: nearest voxel, slice, segment and level."""
    image = evidence.image
    index = np.rint(image.placed.world_to_index(seen.point)).astype(int)
    k, j, i = (int(np.clip(n, 0, size - 1)) for n, size in zip(index, image.voxels.shape, strict=True))
    segment = segment_at(evidence, seen.point, seen.arc_mm, limits)
    return Finding(
        kind=seen.kind,
        score=round(float(np.clip(seen.score, 0.0, 1.0)), 3),
        frame=Frame.PATIENT,
        point=as_point(seen.point),
        series_instance_uid=image.series_instance_uid,
        sop_instance_uid=image.sop_instance_uid_at(k),
        index_kji=(k, j, i),
        measures={**seen.measures, "arc_mm": round(seen.arc_mm, 1)},
        message=f"{seen.message}, {seen.arc_mm / 10:.1f} cm along the catheter from the pump"
        + (f" ({segment.replace('_', ' ')})" if segment else ""),
        segment=segment,
        level=level_at(evidence, seen.point),
        cautions=seen.cautions,
        ends=seen.ends,
    )


def as_point(point: FloatArray) -> tuple[float, float, float]:
    """A point of a report: three floats, to a hundredth of a millimetre."""
    x, y, z = (round(float(v), 2) for v in point)
    return x, y, z


def segment_at(evidence: Evidence, point: FloatArray, arc_mm: float, limits: DetectLimits) -> Segment | None:
    """The segment that a place on the catheter belongs to; None where neither pump nor canal tells it.

    By distance: the connector within `connector_mm` of the catheter's beginning, the pocket within `pocket_mm` of the
    pump's middle, intrathecal inside the canal, paraspinal within `paraspinal_mm` of it, else the subcutaneous tract.
    """
    if arc_mm <= limits.connector_mm:
        return Segment.CONNECTOR
    pump = evidence.pumps[0] if evidence.pumps else None
    away = np.inf if pump is None else float(np.linalg.norm(point - np.array(pump.center_mm)))
    if pump is not None and away <= pump.diameter_mm / 2 + limits.pocket_mm:
        return Segment.POCKET
    to_canal = _canal_clearance_mm(evidence, point)
    if to_canal is None:
        return None
    if to_canal <= 0:
        return Segment.INTRATHECAL
    if to_canal <= limits.dural_entry_mm:
        return Segment.DURAL_ENTRY
    return Segment.PARASPINAL_TRACT if to_canal <= limits.paraspinal_mm else Segment.SUBCUTANEOUS_TRACT


def _canal_clearance_mm(evidence: Evidence, point: FloatArray) -> float | None:
    """Distance in mm from a point to the canal's border, negative inside; None where no canal was found."""
    canal = evidence.anatomy.canal
    if not len(canal):
        return None
    distance = np.linalg.norm(canal - point, axis=1)
    nearest = int(np.argmin(distance))
    return float(distance[nearest] - evidence.anatomy.canal_radius_mm[nearest])


def level_at(evidence: Evidence, point: FloatArray) -> str | None:
    """The vertebral level nearest to a point; None where levels are not known."""
    levels = evidence.anatomy.levels
    if not levels:
        return None
    distance = [float(np.linalg.norm(np.array(level.point) - point)) for level in levels]
    return levels[int(np.argmin(distance))].name


def arc_of(catheter: Centreline, index: int) -> float:
    """Distance along the catheter from the pump to point `index`, gaps counted straight across, mm."""
    return float(catheter.arc_mm[index])
