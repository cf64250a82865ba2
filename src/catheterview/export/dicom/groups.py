"""The measurement groups of a structured report: catheters, pumps, findings, and the case as a whole (TID 1500)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    CoordinatesForMeasurement,
    CoordinatesForMeasurement3D,
    FindingSite,
    ImageRegion,
    ImageRegion3D,
    Measurement,
    MeasurementsAndQualitativeEvaluations,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForRegion,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.sr.codedict import codes

from catheterview.export.dicom.codes import (
    kind_code,
    level_code,
    measure_code,
    own,
    segment_code,
    unit_of,
    word_code,
)
from catheterview.export.dicom.study import DISCLAIMER, MANUFACTURER, StudyResults, stable_uid
from catheterview.geometry import FloatArray, Frame
from catheterview.model import Centreline, Finding, Pump, Review

Group: TypeAlias = MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations
Coordinates: TypeAlias = CoordinatesForMeasurement | CoordinatesForMeasurement3D

#: The centre of the first pixel in SCOORD, which counts from its corner (PS3.3 C.18.6.1.1).
_HALF_PIXEL = 0.5


def catheter_group(catheter: Centreline, study: StudyResults, *, number: int) -> Group:
    """A catheter: its whole length, and each continuous piece as a polyline with its length."""
    unit = unit_of("length_mm" if catheter.frame is Frame.PATIENT else "length_px")
    lengths = [
        Measurement(
            name=codes.SCT.Length,
            value=_length(catheter.points[first : last + 1]),
            unit=unit,
            referenced_coordinates=[_polyline(catheter, catheter.points[first : last + 1], study)],
        )
        for first, last in catheter.pieces
        if last > first
    ]
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(study, f"catheter {number}"),
        finding_type=codes.SCT.Catheter,
        algorithm_id=_algorithm(study),
        measurements=[*lengths, Measurement(name=own("traced"), value=round(catheter.length_mm, 3), unit=unit)],
    )


def pump_group(pump: Pump, study: StudyResults, *, number: int) -> Group:
    """A pump: its middle, and its thickness along its axis, from the inner to the outer face."""
    center, half = np.array(pump.center_mm), np.array(pump.normal) * pump.thickness_mm / 2.0
    frame = study.frame_of_reference(pump.series_instance_uid)
    axis = CoordinatesForMeasurement3D("POLYLINE", np.array([center - half, center + half]), frame)
    middle = CoordinatesForMeasurement3D("POINT", center[None], frame)
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(study, f"pump {number}"),
        finding_type=own("pump"),
        algorithm_id=_algorithm(study),
        measurements=[
            Measurement(
                name=codes.SCT.Diameter, value=pump.diameter_mm, unit=unit_of("x_mm"), referenced_coordinates=[middle]
            ),
            Measurement(
                name=own("thickness"), value=pump.thickness_mm, unit=unit_of("x_mm"), referenced_coordinates=[axis]
            ),
        ],
    )


def finding_group(finding: Finding, study: StudyResults, *, verdict: Review | None = None) -> Group:
    """A finding: what, where, how sure, each measure, the sentence for a reader, and the reader's verdict."""
    evaluations = (
        [] if finding.segment is None else [QualitativeEvaluation(own("segment"), segment_code(finding.segment))]
    )
    evaluations += [] if verdict is None else [QualitativeEvaluation(own("verdict"), word_code("V", verdict.verdict))]
    level = level_code(finding.level) if finding.level else None
    group = PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(study, finding.id),
        referenced_region=_region(finding, study),
        finding_type=kind_code(finding.kind),
        algorithm_id=_algorithm(study),
        finding_sites=None if level is None else [FindingSite(level)],
        measurements=list(_measures(finding)),
        qualitative_evaluations=evaluations or None,
    )
    return comment(group, [finding.message, *finding.cautions, *_remark(verdict)])


def case_group(study: StudyResults, *, verdict: Review | None = None) -> Group:
    """The case: its priority, the step of the ladder, of every detector whether it ran, and the reader's last word."""
    report, decision = study.report, study.report.decision
    lines = [QualitativeEvaluation(own("priority"), word_code("P", report.priority))]
    if decision.step:
        lines.append(QualitativeEvaluation(own("step"), word_code("N", decision.step)))
    lines += [
        QualitativeEvaluation(word_code("D", one.detector), word_code("O", one.outcome)) for one in report.examined
    ]
    lines += [] if verdict is None else [QualitativeEvaluation(own("verdict"), word_code("V", verdict.verdict))]
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=_tracking(study, f"case {report.case_id}"),
        finding_type=own("assessment"),
        algorithm_id=_algorithm(study),
        qualitative_evaluations=lines,
    )
    unseen = [f"{one.detector}: {one.outcome}: {one.why}" for one in report.examined if one.outcome != "RAN"]
    next_step = f"Next step: {decision.action} ({decision.step})"
    return comment(group, [DISCLAIMER, next_step, *unseen, *_remark(verdict)])


def comment(group: Group, texts: Sequence[str]) -> Group:
    """Add sentences to a group; TID 1501 and 1411 are extensible."""
    for text in filter(None, texts):
        group[0].ContentSequence.append(
            TextContentItem(name=codes.DCM.Comment, value=text, relationship_type=RelationshipTypeValues.CONTAINS)
        )
    return group


def _remark(verdict: Review | None) -> list[str]:
    return [] if verdict is None or not verdict.reason else [f"Reader: {verdict.reason}"]


def _tracking(study: StudyResults, name: str) -> TrackingIdentifier:
    """The same thing in the same images has the same tracking UID, in the report after review as well."""
    return TrackingIdentifier(uid=stable_uid(study.record.study_instance_uid, name), identifier=name)


def _algorithm(study: StudyResults) -> AlgorithmIdentification:
    return AlgorithmIdentification(name=MANUFACTURER, version=study.report.version)


def _measures(finding: Finding) -> Iterator[Measurement]:
    """The score and every measure."""
    yield Measurement(name=own("score"), value=finding.score, unit=unit_of("score"))
    for name, value in finding.measures.items():
        yield Measurement(name=measure_code(name), value=value, unit=unit_of(name))


def _region(finding: Finding, study: StudyResults) -> ImageRegion | ImageRegion3D:
    """The point of a finding, in the patient or on its film."""
    if finding.frame is Frame.PATIENT:
        frame = study.frame_of_reference(finding.series_instance_uid)
        return ImageRegion3D("POINT", np.array([finding.point]), frame)
    film = _film(finding.series_instance_uid, finding.sop_instance_uid, study)
    return ImageRegion("POINT", _columns_first(np.array([finding.point])), film)


def _polyline(catheter: Centreline, points: FloatArray, study: StudyResults) -> Coordinates:
    if catheter.frame is Frame.PATIENT:
        return CoordinatesForMeasurement3D("POLYLINE", points, study.frame_of_reference(catheter.series_instance_uid))
    film = _film(catheter.series_instance_uid, catheter.sop_instance_uid, study)
    return CoordinatesForMeasurement("POLYLINE", _columns_first(points), film)


def _film(series_instance_uid: str, sop_instance_uid: str, study: StudyResults) -> SourceImageForRegion:
    header = study.headers.get(sop_instance_uid) or study.series(series_instance_uid)[0]
    return SourceImageForRegion(str(header.SOPClassUID), str(header.SOPInstanceUID))


def _columns_first(points: FloatArray) -> FloatArray:
    """Take (N, 2) (row, column) centres of pixels to (column, row) from the corner of the first pixel."""
    return np.asarray(points[:, ::-1] + _HALF_PIXEL)


def _length(points: FloatArray) -> float:
    return round(float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()), 3)


def coded(concept: CodedConcept) -> tuple[str, str]:
    """Value and scheme, by which concepts are compared."""
    return str(concept.value), str(concept.scheme_designator)
