"""All DICOM objects of a case: one structured report per study, and what belongs to it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from catheterview.export.dicom.pictures import captures, key_objects
from catheterview.export.dicom.presentation import presentations
from catheterview.export.dicom.report_sr import structured_report
from catheterview.export.dicom.segmentation import segmentation
from catheterview.export.dicom.study import StudyResults, of_study, save
from catheterview.model import Deposit, KeyImage, Report

#: Where contrast or tracer is, by the series that is segmented.
Deposits: TypeAlias = Mapping[str, tuple[Deposit, ...]]
_NONE: Deposits = MappingProxyType({})


def write_results(
    report: Report,
    images: Sequence[KeyImage],
    headers: Mapping[str, Mapping[str, Any]],
    folder: Path,
    *,
    deposits: Deposits = _NONE,
) -> tuple[Path, ...]:
    """Write the DICOM objects of a case into its folder.

    Parameters
    ----------
    report : Report
    images : sequence of KeyImage
        Become secondary captures in the study that was walked first.
    headers : mapping of StudyInstanceUID to mapping of SOPInstanceUID to pydicom Dataset
        Only studies in which something was looked at; all slices of a series that is to be segmented.
    folder : Path
    deposits : mapping of SeriesInstanceUID to tuple of Deposit, optional
        Contrast or tracer outside the catheter, as segments of that series.

    Returns
    -------
    tuple of Path
        ``sr-1.dcm`` and, where there is something to say in them, ``seg-1-1.dcm``, ``ko-1.dcm``, ``pr-1-1.dcm``,
        ``sc-1-1.dcm`` and so on; the first number is the study's.

    Raises
    ------
    InputError
        When a file cannot be written.

    Notes
    -----
    These files go into the patient's own study and therefore carry the patient's name and number, unlike everything
    else that is written.
    """
    for old in folder.glob("*.dcm"):  # of a run that found more
        old.unlink()
    with warnings.catch_warnings():
        # What the library warns of quotes values of the images' headers.
        warnings.simplefilter("ignore")
        studies = [
            of_study(report, one, headers[one.study_instance_uid])
            for one in report.studies
            if headers.get(one.study_instance_uid)
        ]
        made = [
            pair
            for number, study in enumerate(studies, 1)
            for pair in _objects(study, images if number == 1 else (), number, deposits)
        ]
        return tuple(save(dataset, folder / name) for name, dataset in made)


def _objects(
    study: StudyResults, images: Sequence[KeyImage], number: int, deposits: Deposits
) -> Iterator[tuple[str, Any]]:
    """Name each object of a study."""
    yield f"sr-{number}.dcm", structured_report(study)
    series = [one.series_instance_uid for one in study.record.series]
    segmented = [segmentation(study, uid, deposits.get(uid, ())) for uid in series]
    for n, made in enumerate((one for one in segmented if one is not None), 1):
        yield f"seg-{number}-{n}.dcm", made
    chosen = key_objects(study)
    if chosen is not None:
        yield f"ko-{number}.dcm", chosen
    for n, state in enumerate(presentations(study), 1):
        yield f"pr-{number}-{n}.dcm", state
    for n, capture in enumerate(captures(study, images), 1):
        yield f"sc-{number}-{n}.dcm", capture
