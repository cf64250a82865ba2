"""The case's results as DICOM objects: which headers they need, and where they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from catheterview.errors import UnsuitableError
from catheterview.model import Deposit, KeyImage, Report
from catheterview.read import Case, Series, Study
from catheterview.read.sources import opened


def write_dicom(
    case: Case,
    report: Report,
    images: Sequence[KeyImage],
    folder: Path,
    *,
    deposits: Mapping[str, tuple[Deposit, ...]] = MappingProxyType({}),
) -> tuple[Path, ...]:
    """Write the DICOM results of a case; see `catheterview.export.dicom`.

    Raises
    ------
    UnsuitableError
        When highdicom is not installed.
    InputError
        When a file cannot be written.
    """
    try:
        from catheterview.export.dicom import write_results  # noqa: PLC0415 - highdicom is an extra, and heavy
    except ModuleNotFoundError as error:
        raise UnsuitableError(f"DICOM results need the extra archive: {error.name} is missing") from error
    headers = {one.study_instance_uid: _headers(one, report) for one in case.studies}
    return write_results(report, images, headers, folder, deposits=deposits)


def _headers(study: Study, report: Report) -> dict[str, Any]:
    """Headers of the images of a study that something was found or looked for in.

    All slices of a series with a catheter or pump, which are segmented; of others the first, and those named.
    """
    drawn = {pump.series_instance_uid for pump in report.pumps}
    drawn |= {catheter.series_instance_uid for catheter in report.catheters}
    named = {finding.sop_instance_uid for finding in report.findings}
    named |= {catheter.sop_instance_uid for catheter in report.catheters}
    looked_at = drawn | {uid for line in report.examined if line.outcome == "RAN" for uid in line.series_instance_uids}
    looked_at |= {finding.series_instance_uid for finding in report.findings}
    headers: dict[str, Any] = {}
    for series in study.series:
        if series.series_instance_uid in looked_at:
            headers |= _of_series(series, named, whole=series.series_instance_uid in drawn)
    return headers


def _of_series(series: Series, named: set[str], *, whole: bool) -> dict[str, Any]:
    from catheterview.export.dicom import header_of  # noqa: PLC0415 - as above

    headers = {}
    for number, instance in enumerate(series.instances):
        uid = instance.sop_instance_uid
        if uid not in headers and (whole or number == 0 or uid in named):
            with opened(instance.source) as stream:
                headers[uid] = header_of(stream)
    return headers
