"""The results as DICOM objects of the same study. Needs highdicom, which the extra ``archive`` brings."""

from __future__ import annotations

from catheterview.export.dicom.report_read import ReadFinding, ReadReport, differences, read_structured_report
from catheterview.export.dicom.results import write_results
from catheterview.export.dicom.reviewed import write_reviewed
from catheterview.export.dicom.study import DISCLAIMER, header_of, uid_of

__all__ = [
    "DISCLAIMER",
    "ReadFinding",
    "ReadReport",
    "differences",
    "header_of",
    "read_structured_report",
    "uid_of",
    "write_results",
    "write_reviewed",
]
