"""From what was measured to findings in a report's terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from catheterview.detect.nuclear.block import Block
from catheterview.detect.nuclear.leak import Spot
from catheterview.detect.nuclear.measure import Measured
from catheterview.detect.nuclear.passage import Passage
from catheterview.detect.place import as_point, level_at, segment_at
from catheterview.geometry import FloatArray, Frame
from catheterview.limits import Limits
from catheterview.model import Finding, FlatScan, Image, Kind, Segment

_SPILL = "Septal penetration and spill-out of the hot reservoir mimic a leak; compare with the model of the reservoir."
_URINE = "Urine, kidney and bowel hold DTPA that was excreted; this place was told from them by where it lies."
_ALONE = "Read without a CT: neither the catheter nor kidneys, bladder and bowel are known."
_CAUTIONS: Final = MappingProxyType(
    {
        Kind.TRACER_POSTERIOR_TO_PUMP: (_SPILL, "Bowel behind the abdominal wall can hold excreted tracer."),
        Kind.TRACER_POOLING: (_URINE, "Tracer near the pump may have tracked back from a leak at the dura."),
        Kind.TRACER_CONFINED_TO_RESERVOIR: (
            "Expected arrival was computed from flow and volumes on record; a wrong flow makes this wrong.",
            "A pump that stands and a catheter that is blocked or off the pump look the same: interrogate the pump.",
        ),
        Kind.TRACER_INTERRUPTION: ("Attenuation and noise thin a line: beyond the stop nothing was above detection.",),
        Kind.TRACER_NOT_ARRIVED: (
            "Expected arrival was computed from flow and volumes on record; a wrong flow makes this wrong.",
            "A block of CSF at the tip looks the same.",
        ),
        Kind.TRACER_CSF_BLOCK: ("A short time since arrival, or the patient's posture, also ends a column of tracer.",),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Said:
    """A finding before it is put into a report's terms."""

    kind: Kind
    point: FloatArray
    arc_mm: float
    segment: Segment | None
    score: float
    measures: dict[str, float]
    message: str


def of_spot(found: Measured, spot: Spot, limits: Limits, times: tuple[tuple[float, float], ...] = ()) -> Finding:
    """A leak; `times` are hours and share of the reservoir whenever it was seen, which takes decay out."""
    behind = spot.kind is Kind.TRACER_POSTERIOR_TO_PUMP
    segment = Segment.POCKET if behind else segment_at(found.scan.ct, spot.point, spot.arc_mm, limits.detect)
    where = "behind the pump" if behind else f"{spot.arc_mm / 10:.1f} cm along the catheter from the pump"
    said = _Said(
        kind=spot.kind,
        point=spot.point,
        arc_mm=spot.arc_mm,
        segment=segment,
        score=_score(spot.sigmas / (limits.nuclear.pool_sigmas if behind else limits.nuclear.leak_sigmas)),
        measures={"share_of_reservoir": round(spot.share, 5), "sigmas": round(spot.sigmas, 1)}
        | {f"share_at_{hours:.0f}_h": round(share, 5) for hours, share in times},
        message=f"Tracer pools {where}: {100 * spot.share:.2g} % of the reservoir's activity{_course(times)}",
    )
    return _finding(found, said)


def _course(times: tuple[tuple[float, float], ...]) -> str:
    """How a pool went over several times, in words."""
    told = ", ".join(f"{100.0 * share:.2g} % at {hours:.0f} h" for hours, share in times)
    return f" ({told}, decay taken out)" if len(times) > 1 else ""


def of_passage(found: Measured, passage: Passage, limits: Limits) -> Finding:
    """Tracer that does not get where it should."""
    assert passage.kind is not None
    tip = found.scan.ct.catheters[0].points[-1]
    point = tip if passage.point is None else passage.point
    named = {Kind.TRACER_CONFINED_TO_RESERVOIR: Segment.RESERVOIR, Kind.TRACER_NOT_ARRIVED: Segment.TIP}
    segment = named.get(passage.kind) or segment_at(found.scan.ct, point, passage.arc_mm, limits.detect)
    said = _Said(
        kind=passage.kind,
        point=point,
        arc_mm=passage.arc_mm,
        segment=segment,
        score=_score(passage.sigmas / limits.nuclear.detection_sigmas),
        measures={"seen_share": round(passage.seen, 5), "expected_share": round(passage.expected, 5)},
        message=passage.why[:1].upper() + passage.why[1:],
    )
    return _finding(found, said)


def of_lone_block(found: Measured, block: Block) -> Finding:
    """The same of a study without a CT."""
    finding = of_block(found, block)
    measures = {name: value for name, value in finding.measures.items() if name != "arc_mm"}
    return replace(finding, measures=measures, cautions=(*finding.cautions, _ALONE))


def of_block(found: Measured, block: Block) -> Finding:
    """CSF whose tracer ends abruptly."""
    said = _Said(
        kind=Kind.TRACER_CSF_BLOCK,
        point=block.point,
        arc_mm=found.tip_mm,
        segment=Segment.INTRATHECAL,
        score=_score(block.times / 8.0),
        measures={"times": round(block.times, 1)},
        message=f"Tracer in the CSF ends abruptly: {block.times:.0f} times less beyond",
    )
    return _finding(found, said)


def of_lone_spot(found: Measured, spot: Spot, limits: Limits) -> Finding:
    """A pool of a study without a CT: behind the pump, or in a place whose segment is not known."""
    finding = of_spot(found, spot, limits)
    if spot.kind is Kind.TRACER_POOLING:
        held = f"{100 * spot.share:.2g} % of the reservoir's activity, more than kidneys or a coil of catheter hold"
        measures = {name: value for name, value in finding.measures.items() if name != "arc_mm"}
        finding = replace(finding, message=f"Tracer pools in one place: {held}", segment=None, measures=measures)
    return replace(finding, cautions=(*finding.cautions, _ALONE))


def of_planar_pool(flat: FlatScan, at: tuple[int, int], share: float, sigmas: float) -> Finding:
    """A pool of planar views, at its pixel of the view from the back."""
    held = f"{100 * share:.2g} % of the reservoir's activity, far more than kidneys or a catheter can hold"
    return Finding(
        kind=Kind.TRACER_POOLING,
        score=0.75,
        frame=Frame.PIXEL,
        point=tuple(float(n) for n in at),
        series_instance_uid=flat.image.series_instance_uid,
        sop_instance_uid=flat.image.sop_instance_uid_at(0),
        measures={"share_of_reservoir": round(share, 5), "sigmas": round(sigmas, 1)}
        | ({} if flat.hours is None else {"hours": round(flat.hours, 1)}),
        message=f"Tracer pools in one place beside the middle: {held}, by the mean of front and back",
        cautions=(*_CAUTIONS[Kind.TRACER_POOLING], _ALONE),
    )


def of_planar_block(flat: FlatScan, at: tuple[int, int], times: float) -> Finding:
    """A column of tracer that ends abruptly in the view from the back, at its pixel."""
    return Finding(
        kind=Kind.TRACER_CSF_BLOCK,
        score=_score(times / 8.0),
        frame=Frame.PIXEL,
        point=tuple(float(n) for n in at),
        series_instance_uid=flat.image.series_instance_uid,
        sop_instance_uid=flat.image.sop_instance_uid_at(0),
        measures={"times": round(times, 1)} | ({} if flat.hours is None else {"hours": round(flat.hours, 1)}),
        message=f"Tracer in the middle of the back ends abruptly: {times:.0f} times less beyond",
        segment=Segment.INTRATHECAL,
        cautions=(*_CAUTIONS[Kind.TRACER_CSF_BLOCK], "A pool over the canal looks the same from the back.", _ALONE),
    )


def of_lone_absence(flat: FlatScan, kind: Kind, at: tuple[int, int], least: float) -> Finding:
    """No tracer in the middle of the back, by a study without a CT; it is placed at the reservoir."""
    confined = kind is Kind.TRACER_CONFINED_TO_RESERVOIR
    lies = "and none elsewhere outside the reservoir" if confined else "though there is some outside the reservoir"
    tomogram, point = flat.seen == "tomogram", tuple(float(n) for n in at)
    if tomogram:
        grid = flat.image.placed
        hot = np.unravel_index(int(flat.image.voxels.argmax()), flat.image.voxels.shape)
        point = as_point(grid.index_to_world(hot))
    return Finding(
        kind=kind,
        score=0.75,
        frame=Frame.PATIENT if tomogram else Frame.PIXEL,
        point=point,
        series_instance_uid=flat.image.series_instance_uid,
        sop_instance_uid=flat.image.sop_instance_uid_at(0),
        measures={"expected_share": round(least, 5)} | ({} if flat.hours is None else {"hours": round(flat.hours, 1)}),
        message=f"No tracer is seen in the middle of the back, {lies}",
        segment=Segment.RESERVOIR if confined else None,
        cautions=(*_CAUTIONS[kind], _ALONE),
    )


def _score(ratio: float) -> float:
    """How sure: a half at the threshold, towards 1 far above it."""
    return float(1.0 - 0.5 ** max(0.0, ratio))


def _finding(found: Measured, said: _Said) -> Finding:
    """Place it: on the SPECT where that shares the CT's frame, else on the CT, to which the SPECT was moved."""
    own = found.scan.image.frame_of_reference_uid == found.scan.ct.image.frame_of_reference_uid
    image = found.scan.image if own else found.scan.ct.image
    index = _index(image, said.point)
    hours = {} if found.scan.hours is None else {"hours": round(found.scan.hours, 1)}
    level = level_at(found.scan.ct, said.point)
    return Finding(
        kind=said.kind,
        score=round(said.score, 3),
        frame=Frame.PATIENT,
        point=as_point(said.point),
        series_instance_uid=image.series_instance_uid,
        sop_instance_uid=image.sop_instance_uid_at(index[0]),
        index_kji=index,
        measures={**said.measures, **hours, "arc_mm": round(said.arc_mm, 1)},
        message=said.message + (f", at {level}" if level else ""),
        segment=said.segment,
        level=level,
        cautions=_CAUTIONS[said.kind],
    )


def _index(image: Image, point: FloatArray) -> tuple[int, int, int]:
    """The voxel nearest to a point."""
    at = np.rint(image.placed.world_to_index(point)).astype(int)
    k, j, i = (int(np.clip(n, 0, size - 1)) for n, size in zip(at, image.voxels.shape, strict=True))
    return k, j, i
