"""What the results of one study are made from: the report's share of it, and headers of its images."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pydicom

from catheterview.errors import InputError
from catheterview.export.plain import as_plain
from catheterview.export.settle import settled
from catheterview.export.write import write_whole
from catheterview.model import Report, StudyRecord

DISCLAIMER = "Research use only. Not a medical device; not for diagnosis or treatment decisions."
MANUFACTURER = "catheterview"
_AGE = re.compile(r"\d{3}[DWMY]")
#: Type 2 of PS3.3 C.7.1.1 and C.7.2.1, which highdicom copies into every result; published images often lack some.
_OF_EVERY_IMAGE = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate",
    "StudyTime", "ReferringPhysicianName",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyResults:
    """One study of a case, what the report says of it, and the headers of the images that this is about.

    Parameters
    ----------
    report : Report
        Holds only what is about this study; the decision is the case's.
    record : StudyRecord
    headers : mapping of SOP Instance UID to pydicom Dataset without pixels
        At least one for each series that something was found in.
    """

    report: Report
    record: StudyRecord
    headers: Mapping[str, Any]

    def series(self, uid: str) -> tuple[Any, ...]:
        """Headers of one series, in the order in which they were given."""
        return tuple(header for header in self.headers.values() if header.SeriesInstanceUID == uid)

    def frame_of_reference(self, series_instance_uid: str) -> str:
        """The frame of reference of a series."""
        return str(self.series(series_instance_uid)[0].FrameOfReferenceUID)

    def uid(self, *what: object) -> str:
        """A UID that is the same whenever the same is said of the same images by the same version."""
        told = as_plain(settled(replace(self.report, seconds={}, problems=())))
        return stable_uid(self.record.study_instance_uid, json.dumps(told, sort_keys=True), *what)


def stable_uid(*what: object) -> str:
    """Derive a UID (PS3.5 B.2) from what it names."""
    digest = hashlib.sha256(json.dumps([str(one) for one in what]).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def of_study(report: Report, record: StudyRecord, headers: Mapping[str, Any]) -> StudyResults:
    """Cut out of a case's report what is about one study.

    Parameters
    ----------
    report : Report
    record : StudyRecord
        One of the report's.
    headers : mapping of SOP Instance UID to pydicom Dataset
    """
    uids = {series.series_instance_uid for series in record.series}
    share = replace(
        report,
        studies=(record,),
        pumps=tuple(pump for pump in report.pumps if pump.series_instance_uid in uids),
        catheters=tuple(one for one in report.catheters if one.series_instance_uid in uids),
        findings=tuple(one for one in report.findings if one.series_instance_uid in uids),
        examined=tuple(
            one for one in report.examined if not one.series_instance_uids or uids & set(one.series_instance_uids)
        ),
        implants=tuple(one for one in report.implants if one.series_instance_uid in uids),
    )
    return StudyResults(report=settled(share), record=record, headers=headers)


def header_of(stream: BinaryIO) -> Any:
    """Read the header of one image without its pixels; what every image has to have and this one lacks is empty."""
    header = pydicom.dcmread(stream, stop_before_pixels=True, force=True)
    for name in _OF_EVERY_IMAGE:
        if name not in header:
            setattr(header, name, None)
    if "ImagePositionPatient" in header and not header.get("FrameOfReferenceUID"):
        header.FrameOfReferenceUID = stable_uid(header.get("SeriesInstanceUID"), "frame of reference")
    if not _AGE.fullmatch(str(header.get("PatientAge") or "000Y")):
        del header.PatientAge  # it would be copied into every result, where it is as wrong
    return header


def uid_of(path: Path) -> str:
    """The SOP Instance UID of a file that was written.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    try:
        return str(pydicom.dcmread(path, specific_tags=["SOPInstanceUID"], stop_before_pixels=True).SOPInstanceUID)
    except (OSError, AttributeError, pydicom.errors.InvalidDicomError) as error:
        raise InputError(f"cannot be read ({type(error).__name__})", where=path.name) from error


def save(dataset: Any, path: Path) -> Path:
    """Write an object as a DICOM file, whole or not at all.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return write_whole(path, buffer.getvalue())
