"""The structured report: Comprehensive 3D SR, TID 1500."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from highdicom.sr import (
    Comprehensive3DSR,
    DeviceObserverIdentifyingAttributes,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
)
from pydicom import Dataset
from pydicom.sr.codedict import codes

from catheterview.export.dicom.codes import SCHEME, SCHEME_NAME, procedure_code
from catheterview.export.dicom.groups import Group, case_group, catheter_group, finding_group, pump_group
from catheterview.export.dicom.study import DISCLAIMER, MANUFACTURER, StudyResults, stable_uid
from catheterview.model import Review

#: Series of a study are numbered by the modality; ours stand far behind.
SERIES_NUMBER = 9901
#: Body parts (PS3.16 annex L) of which there are two, so that an object says which, or that it is not known.
_PAIRED = frozenset(
    ("ANKLE", "ARM", "CALCANEUS", "CLAVICLE", "ELBOW", "EXTREMITY", "FEMUR", "FINGER", "FOOT", "FOREARM", "HAND", "HIP",
     "HUMERUS", "KNEE", "LEG", "PATELLA", "SCAPULA", "SHOULDER", "THIGH", "THUMB", "TOE", "WRIST")
)  # fmt: skip


def structured_report(
    study: StudyResults, *, verdicts: Mapping[str, Review] | None = None, previous: Sequence[Any] = ()
) -> Comprehensive3DSR:
    """Write what was found in a study as a Comprehensive 3D SR.

    Parameters
    ----------
    study : StudyResults
    verdicts : mapping of finding id to Review, optional
        The last word of a reader on each finding; that on the case is under the empty id.
    previous : sequence of pydicom Dataset
        Reports that this one follows.

    Returns
    -------
    Comprehensive3DSR
        Partial, preliminary and UNVERIFIED, also after review: a verdict is no signature in the legal sense.
    """
    given = verdicts or {}
    name = ("sr", *(f"{one.finding_id} {one.verdict} {one.at}" for one in given.values()))
    made = Comprehensive3DSR(
        evidence=evidence(study),
        content=_content(study, given),
        series_instance_uid=study.uid("series", *name),
        series_number=SERIES_NUMBER,
        sop_instance_uid=study.uid(*name),
        instance_number=1 + len(previous),
        manufacturer=MANUFACTURER,
        previous_versions=list(previous) or None,
    )
    return label(made, "catheterview results after review" if previous else "catheterview results", study)


def label(made: Any, description: str, study: StudyResults) -> Any:
    """Say on every object that it is for research only, and which software made it."""
    made.SeriesDescription = f"{description}: research use only"
    made.SoftwareVersions = study.report.version
    made.ManufacturerModelName = MANUFACTURER
    if made.get("BodyPartExamined") in _PAIRED and "Laterality" not in made:
        made.Laterality = ""
    if "ContentSequence" in made:
        made.CodingSchemeIdentificationSequence = [_scheme()]
    return made


def _scheme() -> Dataset:
    """Say whose the private codes are."""
    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = SCHEME_NAME
    scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
    return scheme


def evidence(study: StudyResults) -> list[Any]:
    """The images that the report is about: those that findings name, and one of each series."""
    named = {finding.sop_instance_uid for finding in study.report.findings}
    named |= {catheter.sop_instance_uid for catheter in study.report.catheters}
    firsts = {header.SeriesInstanceUID: uid for uid, header in reversed(list(study.headers.items()))}
    return [header for uid, header in study.headers.items() if uid in named or uid in firsts.values()]


#: What highdicom puts into an entry of the image library, by the modality; files of archives often lack some of it.
_OF_ALL = ("Modality", "Rows", "Columns")
_OF_KIND = (
    (("CT", "MR", "PT"), ("PixelSpacing", "ImageOrientationPatient", "ImagePositionPatient", "SliceThickness")),
    (("CR", "DX", "IO", "MG", "PX", "RF", "RG", "XA"), ("PatientOrientation", "ImagerPixelSpacing")),
)


def _content(study: StudyResults, verdicts: Mapping[str, Review]) -> MeasurementReport:
    report = study.report
    groups: list[Group] = [case_group(study, verdict=verdicts.get(""))]
    groups += [pump_group(pump, study, number=n) for n, pump in enumerate(report.pumps, 1)]
    groups += [catheter_group(catheter, study, number=n) for n, catheter in enumerate(report.catheters, 1)]
    groups += [finding_group(finding, study, verdict=verdicts.get(finding.id)) for finding in report.findings]
    return MeasurementReport(
        observation_context=_context(study, verdicts),
        procedure_reported=procedure_code(study.record.rung),
        imaging_measurements=groups,
        referenced_images=[header for header in evidence(study) if _is_described(header)] or None,
    )


def _is_described(header: Any) -> bool:
    """Whether an image says of itself what an entry of the image library has to (PS3.16 TID 1601, 1603, 1604)."""
    asked = [*_OF_ALL, *next((names for kinds, names in _OF_KIND if header.get("Modality") in kinds), ())]
    empty = "SpacingBetweenSlices" in header and header.get("SpacingBetweenSlices") is None
    return not empty and all(header.get(name) not in (None, "", []) for name in asked)


def _context(study: StudyResults, verdicts: Mapping[str, Review]) -> ObservationContext:
    """Who observed: the software; after review the reader as well, by the name that the reader gave."""
    device = DeviceObserverIdentifyingAttributes(
        uid=stable_uid(MANUFACTURER, study.report.version),
        name=MANUFACTURER,
        manufacturer_name=MANUFACTURER,
        model_name=f"{study.report.version}. {DISCLAIMER}"[:64],
    )
    reader = next((one.reader for one in reversed(list(verdicts.values())) if one.reader), "")
    person = PersonObserverIdentifyingAttributes(name=reader.replace(" ", "^")) if reader else None
    return ObservationContext(
        observer_device_context=ObserverContext(codes.DCM.Device, device),
        observer_person_context=None if person is None else ObserverContext(codes.DCM.Person, person),
    )
