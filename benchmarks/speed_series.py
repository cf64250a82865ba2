"""The series that the speed bench reads: made once, in a scratch folder, from a seed.

The CT is a phantom with a pump, its streaks, a catheter with a gap, and noise in every voxel: what a codec, a reader
and a search for a thin bright tube meet in a real abdomen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from catheterview.phantom import CtRecipe, Writing, make_and_write

ROWS = 512
PIXEL_MM = 0.78
SLICE_MM = 0.8
ROOT_UID = "1.2.826.0.1.3680043.10.1511"


def ct_series(scratch: Path, *, slices: int = 600) -> Path:
    """Folder with a native CT series, its names in no order; made when it is not there, which takes some minutes."""
    return _once(scratch / f"ct-{slices}", lambda part: _write_ct(part, slices)) / "dicom"


def lossless_series(scratch: Path, *, slices: int = 200) -> Path:
    """Folder with the first slices of the CT as JPEG lossless, first-order prediction, coded by GDCM."""
    folder = scratch / f"jpeg-lossless-{slices}"
    source = ct_series(scratch)
    return _once(folder, lambda part: _recode(source, part, slices))


def many_headers(scratch: Path, *, files: int = 5000) -> Path:
    """Folder with small images of 25 studies of two series each, shuffled."""
    folder = scratch / f"headers-{files}"
    return _once(folder, lambda part: _write_headers(part, files))


def _once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder under another name and rename it, so that one that is there is whole."""
    if not folder.exists():
        print(f"making {folder.name} ...", file=sys.stderr, flush=True)
        part = folder.with_name(folder.name + ".part")
        part.mkdir(parents=True, exist_ok=True)
        make(part)
        part.rename(folder)
    return folder


def _write_ct(folder: Path, slices: int) -> None:
    recipe = CtRecipe(
        seed=511,
        fault="discontinuity",
        wall_hu=900.0,
        shape=(slices, ROWS, ROWS),
        spacing_mm=(SLICE_MM, PIXEL_MM, PIXEL_MM),
        slice_thickness_mm=1.0,
        intrathecal_mm=200.0,
    )
    make_and_write(recipe, folder, how=Writing(shuffled=True))


def _write_headers(folder: Path, files: int) -> None:
    rng = np.random.default_rng(5000)
    order, pixels = rng.permutation(files), rng.integers(-1000, 1000, (128, 128), dtype=np.int16).tobytes()
    for n in range(files):
        series, instance = divmod(n, max(1, files // 50))
        dataset = ct_header(
            study=series // 2, series=series, instance=instance, position=(-60.0, -50.0, 2.5 * instance)
        )
        dataset.Rows = dataset.Columns = 128
        dataset.PixelData = pixels
        dataset.save_as(folder / f"{order[n]:05d}.dcm", enforce_file_format=True)


def _recode(source: Path, folder: Path, slices: int) -> None:
    """Code the lowest slices; GDCM keeps all of the header."""
    for path in sorted(source.iterdir(), key=_height)[:slices]:
        _to_jpeg_lossless(path, folder / path.name)


def _height(path: Path) -> float:
    return float(dcmread(path, specific_tags=["ImagePositionPatient"]).ImagePositionPatient[2])


def _to_jpeg_lossless(source: Path, target: Path) -> None:
    import gdcm

    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    if not reader.Read():
        raise OSError(f"GDCM cannot read {source}")
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    if not change.Change():
        raise OSError(f"GDCM cannot code {source}")
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(target))
    if not writer.Write():
        raise OSError(f"GDCM cannot write {target}")


def ct_header(*, study: int, series: int, instance: int, position: tuple[float, float, float]) -> Dataset:
    """All that a scanner's slice says of itself, some sixty elements, without pixels."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = f"{ROOT_UID}.{study}.{series}.{instance}"
    dataset.file_meta.ImplementationClassUID = ROOT_UID
    dataset.update(_scanner())
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID = f"{ROOT_UID}.{study}"
    dataset.SeriesInstanceUID = f"{ROOT_UID}.{study}.{series}"
    dataset.FrameOfReferenceUID = f"{ROOT_UID}.{study}.9"
    dataset.PatientID = f"SPEED-{study:04d}"
    dataset.PatientName = f"Speed^{study}"
    dataset.SeriesNumber, dataset.InstanceNumber = series, instance
    dataset.ImagePositionPatient = [f"{value:.4f}" for value in position]
    dataset.SliceLocation = f"{position[2]:.2f}"
    return dataset


def _scanner() -> Dataset:
    """What is the same in every slice."""
    same = Dataset()
    for name, value in {
        "SpecificCharacterSet": "ISO_IR 100",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "SOPClassUID": CTImageStorage,
        "StudyDate": "20260302",
        "SeriesDate": "20260302",
        "AcquisitionDate": "20260302",
        "ContentDate": "20260302",
        "StudyTime": "101112",
        "SeriesTime": "101113",
        "AcquisitionTime": "101114",
        "ContentTime": "101115",
        "AccessionNumber": "A1",
        "Modality": "CT",
        "Manufacturer": "catheterview",
        "InstitutionName": "nowhere",
        "ReferringPhysicianName": "",
        "StudyDescription": "simulated abdomen",
        "SeriesDescription": "0.8 mm",
        "ManufacturerModelName": "speed bench",
        "PatientBirthDate": "",
        "PatientSex": "O",
        "PatientAge": "055Y",
        "PatientWeight": "80",
        "BodyPartExamined": "ABDOMEN",
        "ScanOptions": "HELICAL",
        "SliceThickness": "0.8",
        "KVP": "120",
        "DataCollectionDiameter": "500",
        "ReconstructionDiameter": "400",
        "DistanceSourceToDetector": "1040",
        "DistanceSourceToPatient": "570",
        "GantryDetectorTilt": "0",
        "TableHeight": "160",
        "RotationDirection": "CW",
        "ExposureTime": "500",
        "XRayTubeCurrent": "300",
        "Exposure": "150",
        "FilterType": "0",
        "GeneratorPower": "36",
        "FocalSpots": "0.7",
        "ConvolutionKernel": "B30f",
        "PatientPosition": "HFS",
        "StudyID": "1",
        "AcquisitionNumber": "1",
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
        "PositionReferenceIndicator": "",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": ROWS,
        "Columns": ROWS,
        "PixelSpacing": [str(PIXEL_MM), str(PIXEL_MM)],
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 1,
        "WindowCenter": "40",
        "WindowWidth": "400",
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
        "RescaleType": "HU",
    }.items():
        setattr(same, name, value)
    return same
