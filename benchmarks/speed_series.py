"""The series that the speed bench reads: made once, in a scratch folder, from a seed.

A body with bone, air, fat, a titanium pump and a coiled catheter, and noise in every voxel: what a codec, a reader and
a search for dense voxels meet in a real abdomen. It is not the phantom that accuracy is measured on, which takes
minutes at this size; it has no truth.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

ROWS = 512
PIXEL_MM = 0.78
SLICE_MM = 0.8
ROOT_UID = "1.2.826.0.1.3680043.10.1511"


def ct_series(scratch: Path, *, slices: int = 600) -> Path:
    """Folder with a native CT series; made when it is not there."""
    folder = scratch / f"ct-{slices}"
    return _once(folder, lambda part: _write_ct(part, slices))


def lossless_series(scratch: Path, *, slices: int = 200) -> Path:
    """Folder with the first slices of the CT as JPEG lossless, first-order prediction, coded by GDCM."""
    folder = scratch / f"jpeg-lossless-{slices}"
    source = ct_series(scratch, slices=600)
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
    rng, tube = np.random.default_rng(511), _tube(slices)
    for k in range(slices):
        dataset = ct_header(study=1, series=1, instance=k + 1, position=(-199.0, -180.0, -700.0 + SLICE_MM * k))
        dataset.PixelData = _slice(k, slices, rng, tube).tobytes()
        dataset.save_as(folder / f"{_place(k, slices):05d}.dcm", enforce_file_format=True)


def _place(k: int, slices: int) -> int:
    """Shuffle the names, the same way every time: no reader may rely on them (389 has no factor of any slice count)."""
    return (k * 389) % slices


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
    """Code the first slices; GDCM keeps all of the header."""
    for k in range(slices):
        name = f"{_place(k, 600):05d}.dcm"
        _to_jpeg_lossless(source / name, folder / name)


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


def _tube(slices: int) -> np.ndarray:
    """The catheter's course in (k, row, column): up the side from the pump, then along the canal."""
    share = np.linspace(0.0, 1.0, 4000)
    side = np.stack(
        [slices * (0.15 + 0.25 * share), 250 + 40 * np.sin(9 * share), 390 - 30 * np.cos(7 * share)], axis=1
    )
    turn = np.array([0.42 * slices, 348.0, 256.0])
    across = side[-1] + share[:, None] * (turn - side[-1])
    canal = np.stack([slices * (0.42 + 0.4 * share), 348 + 3 * np.sin(5 * share), 256 + 2 * np.cos(6 * share)], axis=1)
    return np.concatenate([side, across, canal])


def _slice(k: int, slices: int, rng: np.random.Generator, tube: np.ndarray) -> np.ndarray:
    """One slice as int16 HU."""
    row, column = np.mgrid[:ROWS, :ROWS].astype(np.float32)
    body = ((column - 256) / 215) ** 2 + ((row - 256) / 150) ** 2
    image = np.where(body < 0.8, 45.0, np.where(body < 1.0, -95.0, -1000.0)).astype(np.float32)
    spine = ((column - 256) / 24) ** 2 + ((row - 318) / 20) ** 2
    image[(spine < 1) & (k % 38 > 5)] = 260.0
    canal = ((column - 256) / 12) ** 2 + ((row - 348) / 9) ** 2
    image[(canal < 2.0) & (canal > 1.0)] = 650.0
    image[canal <= 1.0] = 15.0
    image[((column - 190) / 30) ** 2 + ((row - 200) / 22) ** 2 < 1] = -850.0
    if abs(k - 0.15 * slices) * SLICE_MM < 43.0:
        half = np.sqrt(43.5**2 - ((k - 0.15 * slices) * SLICE_MM) ** 2) / PIXEL_MM
        image[(np.abs(row - 140) < 12) & (np.abs(column - 385) < half)] = 3071.0
    near = tube[np.abs(tube[:, 0] - k) < 1.0]
    if len(near):
        columns, rows = near[:, 2], near[:, 1]
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                away = np.hypot(np.round(rows) + dr - rows, np.round(columns) + dc - columns)
                at = (np.round(rows).astype(int) + dr, np.round(columns).astype(int) + dc)
                image[at] = np.maximum(image[at], 40.0 + 900.0 * np.exp(-((away / 1.0) ** 2)))
    image += rng.standard_normal(image.shape, dtype=np.float32) * 14.0
    return np.clip(np.round(image), -1024, 3071).astype(np.int16)
