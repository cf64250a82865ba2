"""After review: a new structured report with the reader's verdicts, which refers to the first."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from catheterview.export.dicom.report_sr import structured_report
from catheterview.export.dicom.study import StudyResults, of_study, save
from catheterview.export.report_json import read_report
from catheterview.model import Centreline, Finding, Mark, Report, Review

#: What every object of a patient's study says of the patient and the study.
_OF_THE_STUDY = (
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyID",
    "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "SpecificCharacterSet",
)  # fmt: skip


def write_reviewed(folder: Path, reviews: Sequence[Review]) -> tuple[Path, ...]:
    """Write, beside each structured report of a case, one with the verdicts that readers have given since.

    Parameters
    ----------
    folder : Path
        Of the case, with ``report.json`` and ``sr-<n>.dcm``.
    reviews : sequence of Review
        Oldest first; of each finding the last counts.

    Returns
    -------
    tuple of Path
        ``sr-<n>-reviewed.dcm``; nothing without a verdict or without a first report.

    Raises
    ------
    InputError
        When the report cannot be read, or a file cannot be written.
    """
    firsts = sorted(path for path in folder.glob("sr-*.dcm") if not path.stem.endswith("reviewed"))
    if not reviews or not firsts:
        return ()
    report = read_report(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings of the library quote the patient's name
        return tuple(_follow(path, report, reviews) for path in firsts)


def _follow(path: Path, report: Report, reviews: Sequence[Review]) -> Path:
    """Write the report that follows one."""
    first = pydicom.dcmread(path)
    study = _study(first, report)
    added = tuple(found for review in reviews if (found := _missed(review, study)) is not None)
    # Under the empty id the last word on the case: signed, or corrected; what was missed is a finding of its own.
    verdicts = {one.finding_id: one for one in reviews if one.finding_id or one.mark is None or one.mark.kind is None}
    verdicts |= {found.id: review for review in reviews if (found := _missed(review, study)) is not None}
    findings = (*study.report.findings, *added)
    study = replace(study, report=replace(study.report, findings=findings, catheters=_drawn_anew(study, reviews)))
    made = structured_report(study, verdicts=verdicts, previous=[first])
    return save(made, path.with_name(f"{path.stem}-reviewed.dcm"))


def _drawn_anew(study: StudyResults, reviews: Sequence[Review]) -> tuple[Centreline, ...]:
    """The catheters, those of a series that a reader drew anew replaced by the last line that was drawn."""
    marks = {review.mark.series_instance_uid: review.mark for review in reviews if review.mark and not review.mark.kind}
    lines = tuple(_line(mark) for uid, mark in marks.items() if study.series(uid))
    return (*(one for one in study.report.catheters if one.series_instance_uid not in marks), *lines)


def _line(mark: Mark) -> Centreline:
    """A line as a reader drew it: nothing was measured along it."""
    count = len(mark.points)
    return Centreline(
        series_instance_uid=mark.series_instance_uid,
        sop_instance_uid=mark.sop_instance_uid,
        frame=mark.frame,
        points=np.array(mark.points),
        pieces=mark.pieces or ((0, count - 1),),
        radius=np.zeros(count),
        confidence=np.ones(count),
        contrast=np.zeros(count),
        noise=np.zeros(count),
    )


def _missed(review: Review, study: StudyResults) -> Finding | None:
    """A finding that a reader added in a series of this study."""
    mark = review.mark
    if mark is None or mark.kind is None or not study.series(mark.series_instance_uid):
        return None
    return Finding(
        kind=mark.kind,
        score=1.0,
        frame=mark.frame,
        point=mark.points[0],
        series_instance_uid=mark.series_instance_uid,
        sop_instance_uid=mark.sop_instance_uid,
        message="Added by a reader.",
    )


def _study(first: Any, report: Report) -> StudyResults:
    """What the second report is made from, with what the first says of the images."""
    record = next(one for one in report.studies if one.study_instance_uid == str(first.StudyInstanceUID))
    places = _frames_of_reference(first, of_study(report, record, {}).report)
    return of_study(report, record, {str(one.SOPInstanceUID): one for one in _evidence(first, places)})


def _evidence(first: Any, places: Mapping[str, str]) -> Iterator[Any]:
    """As much of the header of every image that the first report names as a second report needs."""
    for study in first.CurrentRequestedProcedureEvidenceSequence:
        for series in study.ReferencedSeriesSequence:
            for one in series.ReferencedSOPSequence:
                header = pydicom.Dataset()
                for name in _OF_THE_STUDY:
                    if name in first:
                        setattr(header, name, first[name].value)
                header.SeriesInstanceUID = series.SeriesInstanceUID
                header.SOPClassUID = one.ReferencedSOPClassUID
                header.SOPInstanceUID = one.ReferencedSOPInstanceUID
                header.FrameOfReferenceUID = places.get(series.SeriesInstanceUID, "")
                yield header


def _frames_of_reference(first: Any, report: Report) -> dict[str, str]:
    """Frame of reference by series, from what the first report placed in each."""
    series = {f"pump {n}": pump.series_instance_uid for n, pump in enumerate(report.pumps, 1)}
    series |= {f"catheter {n}": one.series_instance_uid for n, one in enumerate(report.catheters, 1)}
    series |= {finding.id: finding.series_instance_uid for finding in report.findings}
    placed = {}
    for group in (item for item in first.ContentSequence[-1].ContentSequence if "ContentSequence" in item):
        tracked = next(str(item.TextValue) for item in group.ContentSequence if "TextValue" in item)
        frames = [str(one.value) for one in group.iterall() if one.keyword == "ReferencedFrameOfReferenceUID"]
        if tracked in series and frames:
            placed[series[tracked]] = frames[0]
    return placed
