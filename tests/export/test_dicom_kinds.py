"""Results about every kind of image that is read, and the images that the phantom writes: validators agree."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image as Picture

from catheterview.export.dicom import differences, header_of, read_structured_report, write_results
from catheterview.export.settle import settled
from catheterview.geometry import Frame
from catheterview.model import Centreline, Finding, KeyImage, Kind, Report, Rung, SeriesRecord

#: One image of each kind among the sample studies, what dicom3tools calls it, and which step it belongs to.
KINDS = {
    "ct": ("ct-gap/dicom/000022.dcm", "CTImage", Rung.CT),
    "film": ("film-gap/dicom/film-1.dcm", "DXImageForPresentation", Rung.RADIOGRAPH),
    "run": ("dye-leak/dicom/cine.dcm", "XRFImage", Rung.FLUOROSCOPY),
    "spect": ("spect-ct-pooling/t048h/spect.dcm", "NMImage", Rung.SPECT_CT),
    "planar": ("planar-pooling/t048h/planar.dcm", "NMImage", Rung.SPECT_CT),
}
RESULTS = {
    "sr": "Comprehensive3DSR",
    "ko": "KeyObjectSelectionDocument",
    "pr": "GrayscaleSoftcopyPresentationState",
    "sc": "SCImage",
}


def errors_of(path: Path, *, says: str) -> list[str]:
    """What dicom3tools has against a file."""
    if not shutil.which("dciodvfy"):
        pytest.skip("dicom3tools is not installed (make system does, as root)")
    done = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False, timeout=120)
    said = f"{done.stdout}\n{done.stderr}"
    assert says in said
    return [line for line in said.splitlines() if line.startswith("Error")]


@pytest.mark.parametrize("kind", KINDS)
def test_the_phantom_writes_what_validators_accept(kind: str, repository: Path) -> None:
    """CT, film, run of a fluoroscope, tomogram and planar view, each as the kind of object that it is."""
    name, says, _ = KINDS[kind]
    assert errors_of(repository / "sample_data" / name, says=says) == []


def about(report: Report, image: pydicom.Dataset, rung: Rung) -> Report:
    """A report of one finding in an image, and of a catheter on it where it is flat."""
    placed = rung in (Rung.CT, Rung.SPECT_CT) and "ImagePositionPatient" in image
    frame = Frame.PATIENT if placed else Frame.PIXEL
    where = {
        "series_instance_uid": str(image.SeriesInstanceUID),
        "sop_instance_uid": str(image.SOPInstanceUID),
        "frame": frame,
    }
    points = np.array([[4.5, 6.25, 1.0], [30.0, 10.5, 2.0], [40.0, 33.0, 3.0]])[:, : 3 if placed else 2]
    none = np.zeros(len(points))
    line = Centreline(
        points=points, pieces=((0, 2),), radius=none + 1.0, confidence=none, contrast=none, noise=none, **where
    )
    found = Finding(kind=Kind.EXTRAVASATION, score=0.5, point=tuple(points[1]), message="A pool.", **where)
    series = SeriesRecord(series_instance_uid=where["series_instance_uid"], modality=image.Modality, role="image")
    study = replace(report.studies[0], study_instance_uid=image.StudyInstanceUID, rung=rung, series=(series,))
    told = replace(report, studies=(study,), pumps=(), implants=(), catheters=(line,), findings=(found,))
    return settled(replace(told, examined=()))


@pytest.mark.parametrize("kind", KINDS)
def test_results_about_every_kind_of_image_are_accepted(
    kind: str, report: Report, repository: Path, tmp_path: Path
) -> None:
    """Report, key objects, captures, and on flat images the presentation state: no error, and read back equal."""
    name, _, rung = KINDS[kind]
    with (repository / "sample_data" / name).open("rb") as stream:
        image = header_of(stream)
    told = about(report, image, rung)
    Picture.new("L", (240, 120), 90).save(tmp_path / "picture.png")
    pictures = [KeyImage(name="sheet", caption="A sheet", png=(tmp_path / "picture.png").read_bytes())]
    headers = {told.studies[0].study_instance_uid: {str(image.SOPInstanceUID): image}}
    paths = write_results(told, pictures, headers, tmp_path)
    flat = told.findings[0].frame is not Frame.PATIENT
    assert {path.name[:2] for path in paths} == set(RESULTS) - (set() if flat else {"pr"})
    assert differences(told, read_structured_report(tmp_path / "sr-1.dcm")) == ()
    for path in paths:
        assert errors_of(path, says=RESULTS[path.name[:2]]) == [], path.name


#: What images of archives lack, though the standard asks for it.
OFTEN_LACKING = (
    "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyTime", "SliceThickness",
    "FrameOfReferenceUID",
    "ReferringPhysicianName", "PatientOrientation", "ImagerPixelSpacing", "PositionReferenceIndicator",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_results_are_written_about_images_that_lack_much(
    kind: str, report: Report, repository: Path, tmp_path: Path
) -> None:
    """Headers without what many archives leave out, with an age that is none, of a limb: written, and no error."""
    name, _, rung = KINDS[kind]
    image = pydicom.dcmread(repository / "sample_data" / name, stop_before_pixels=True)
    for lacking in OFTEN_LACKING:
        if lacking in image:
            delattr(image, lacking)
    image.BodyPartExamined = "LEG"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image.PatientAge = "0Y"
    image.save_as(tmp_path / "image", enforce_file_format=True)
    with (tmp_path / "image").open("rb") as stream:
        header = header_of(stream)
    told = about(report, header, rung)
    Picture.new("L", (240, 120), 90).save(tmp_path / "picture.png")
    pictures = [KeyImage(name="sheet", caption="A sheet", png=(tmp_path / "picture.png").read_bytes())]
    headers = {told.studies[0].study_instance_uid: {str(header.SOPInstanceUID): header}}
    paths = write_results(told, pictures, headers, tmp_path / "out")
    assert differences(told, read_structured_report(tmp_path / "out" / "sr-1.dcm")) == ()
    for path in paths:
        assert errors_of(path, says=RESULTS[path.name[:2]]) == [], path.name
