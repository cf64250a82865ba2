"""The small cases as DICOM files and as a triage output folder, as the real commands would leave them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    ExplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    XRayAngiographicImageStorage,
)

from catheterview.export import write_report
from catheterview.model import Image, Report
from catheterview.store import open_store


def write_ct(image: Image, folder: Path) -> Path:
    """Write an image as one CT file a slice, in an order that is not the slices'."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(image.voxels.shape[0]):
        slice_of(image, k).save_as(folder / f"{(k * 7) % image.voxels.shape[0]:03d}.dcm", enforce_file_format=True)
    return folder


def slice_of(image: Image, k: int) -> FileDataset:
    """Return slice `k` of an image as a CT object."""
    sop_class = CTImageStorage if image.modality == "CT" else PositronEmissionTomographyImageStorage
    made = object_of(image, sop_class, f"{image.series_instance_uid}.{k + 1}")
    made.FrameOfReferenceUID, made.InstanceNumber = f"{image.study_instance_uid}.9", k + 1
    made.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    step, row, column = image.placed.affine[:3, :3].T
    made.ImagePositionPatient = [f"{v:.8g}" for v in image.placed.index_to_world((k, 0, 0))]
    made.ImageOrientationPatient = [f"{v:.8g}" for v in (*column / np.linalg.norm(column), *row / np.linalg.norm(row))]
    made.PixelSpacing = [f"{np.linalg.norm(row):.8g}", f"{np.linalg.norm(column):.8g}"]
    made.SliceThickness = f"{np.linalg.norm(step):.8g}"
    made.RescaleSlope, made.RescaleIntercept = 1, 0
    return with_pixels(made, image.voxels[k])


def object_of(image: Image, sop_class: str, sop_instance_uid: str) -> FileDataset:
    """Return an object of an image's patient, study and series without pixels."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = sop_class, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = sop_instance_uid
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = sop_class, sop_instance_uid
    made.Modality, made.PatientID, made.PatientName = image.modality, "P-1", ""
    made.PatientBirthDate = made.PatientSex = made.StudyID = made.AccessionNumber = made.ReferringPhysicianName = ""
    made.StudyDate = made.StudyTime = ""
    made.StudyInstanceUID, made.SeriesInstanceUID = image.study_instance_uid, image.series_instance_uid
    return made


def with_pixels(made: FileDataset, pixels: np.ndarray) -> FileDataset:
    """Put 16-bit pixels into an object."""
    made.Rows, made.Columns = pixels.shape[-2:]
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
    made.PixelData = pixels.astype("<i2").tobytes()
    return made


def write_film(image: Image, path: Path, spacing_mm: tuple[float, float] | None) -> Path:
    """Write a radiograph, or a run of frames, with its spacing at the detector where there is one."""
    run = len(image.voxels) > 1
    sop_class = XRayAngiographicImageStorage if run else ComputedRadiographyImageStorage
    made = object_of(image, sop_class, f"{image.series_instance_uid}.1")
    if run:
        made.NumberOfFrames = len(image.voxels)
    if spacing_mm is not None:
        made.ImagerPixelSpacing = [str(value) for value in spacing_mm]
    path.parent.mkdir(parents=True, exist_ok=True)
    with_pixels(made, image.voxels if run else image.voxels[0]).save_as(path, enforce_file_format=True)
    return path


def write_out(out: Path, reports: list[Report], inputs: list[Path]) -> Path:
    """Write a triage output folder: the store, the reports, and where the images are."""
    out.mkdir(parents=True, exist_ok=True)
    with open_store(out / "worklist.sqlite") as store:
        for one in reports:
            store.save_report(one)
            folder = out / "cases" / one.case_id
            folder.mkdir(parents=True, exist_ok=True)
            write_report(one, folder)
            (folder / "source.json").write_text(
                json.dumps({"inputs": [str(path) for path in inputs]}), encoding="utf-8"
            )
    return out
