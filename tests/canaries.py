"""Names that a test plants in a patient's images, and where they turn up again in what was written."""

from __future__ import annotations

from pathlib import Path

import pydicom

#: In every text of a planted image; of its birth date there are the ways in which dates are written.
CANARY, BORN = "Yellowbird", "19330417"
WORDS = (CANARY, "CANARY", "Canary", "Serinus", BORN, "1933-04-17", "17.04.1933", "04/17/1933")
_TEXT = ("AE", "LO", "LT", "PN", "SH", "ST", "UC", "UT")
#: This decides how the image is read.
_NEEDED = ("RescaleType",)
#: These are given a canary where there is none as well.
_TELLING = (
    "PatientName", "PatientID", "OtherPatientNames", "PatientAddress", "ReferringPhysicianName", "OperatorsName",
    "InstitutionName", "StudyDescription", "SeriesDescription", "ProtocolName", "AccessionNumber", "ImageComments",
    "PatientComments", "RequestedProcedureDescription",
)  # fmt: skip
#: What says where the images lie, and which files could not be read; docs/operations.md names them.
_PLACES = ("source.json", "problems.json")


def plant(image: pydicom.Dataset) -> None:
    """Put a canary into every text attribute that there is, and into those that usually tell who somebody is."""
    for keyword in _TELLING:
        setattr(image, keyword, CANARY)
    image.PatientBirthDate = BORN
    for element in image.iterall():
        if element.VR in _TEXT and element.keyword not in _NEEDED:
            element.value = CANARY
    image.private_block(0x0011, CANARY, create=True).add_new(1, "LO", CANARY)


def named_in(text: str) -> list[str]:
    """Which canaries are in a text."""
    return [word for word in WORDS if word in text]


def traces(out: Path) -> list[str]:
    """Every file below a folder whose name or content tells of the patient.

    Of DICOM objects, which belong into the patient's study, the name of the file and its meta information count; of
    tables of columns what is read from them, for their bytes are packed.
    """
    found = []
    for path in sorted(out.rglob("*")):
        name = str(path.relative_to(out))
        content = _content(path) if path.is_file() and path.name not in _PLACES else ""
        found += [f"{name}: {word}" for word in named_in(f"{name}\n{content}")]
    return found


def _content(path: Path) -> str:
    """What a file says."""
    if path.suffix == ".dcm":
        meta = pydicom.dcmread(path, stop_before_pixels=True)
        return f"{meta.preamble!r}\n{meta.file_meta}"
    if path.suffix == ".parquet":
        from pyarrow.parquet import read_table

        table = read_table(path)
        return f"{table.to_pylist()}\n{table.schema.metadata}"
    return path.read_bytes().decode("latin-1")
