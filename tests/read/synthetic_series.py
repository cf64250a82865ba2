"""Small DICOM series made for the tests: any grid, any pixel format, any transfer syntax, written with pydicom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gdcm
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from catheterview.geometry import Grid, grid_from_axes

KEY = b"a key for tests"
STUDY = "1.2.826.0.1.3680043.8.498.1"
SERIES = f"{STUDY}.7"
CT = "1.2.840.10008.5.1.4.1.1.2"
NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
COMPRESSED = (RLELossless, JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless)
Change = Callable[[Dataset, int], None]


def oblique_grid(shape: tuple[int, int, int] = (6, 5, 7), *, step_mm: float = 2.5, tilt_mm: float = 0.0) -> Grid:
    """An oblique, anisotropic grid; with `tilt_mm` each slice moves by as much along its own columns."""
    turn = _rotation((0.3, -0.5, 0.81), 37.0)
    row_step, column_step = turn[1] * 0.7, turn[2] * 0.9
    normal = np.cross(turn[2], turn[1])
    return grid_from_axes(
        shape, origin=(-31.5, 44.25, -120.75), axes_mm=[normal * step_mm + turn[1] * tilt_mm, row_step, column_step]
    )


def feet_first_grid(shape: tuple[int, int, int] = (6, 5, 7)) -> Grid:
    """A prone patient who went in feet first: rows run to the right of the patient, columns to the back of the head."""
    return grid_from_axes(shape, origin=(120.0, 90.0, -300.0), axes_mm=[[0, 0, 3.0], [0, -0.6, 0], [-0.8, 0, 0]])


def _rotation(axis: tuple[float, float, float], degrees: float) -> NDArray[np.float64]:
    """(3, 3) rotation, rows orthonormal."""
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def ramp(shape: tuple[int, int, int]) -> NDArray[np.int16]:
    """Voxels in HU that are all different, from -1000 up."""
    return (np.arange(np.prod(shape)).reshape(shape) % 3900 - 1000).astype(np.int16)


def ct_slice(grid: Grid, k: int) -> Dataset:
    """The header of slice `k`, without pixels; names and dates as a scanner writes them."""
    one = Dataset()
    one.SpecificCharacterSet = "ISO_IR 100"
    one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    one.SOPClassUID = CT
    one.SOPInstanceUID = f"{SERIES}.{k + 1}"
    one.StudyDate, one.AcquisitionTime, one.Modality = "20260302", "101500", "CT"
    one.PatientName, one.PatientID, one.IssuerOfPatientID = "Secret^Name", "PID-4711", "HOSPITAL"
    one.SliceThickness, one.PatientPosition = "2.5", "FFP"
    one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = STUDY, SERIES, f"{STUDY}.99"
    one.AcquisitionNumber, one.InstanceNumber = 1, k + 1
    along = grid.directions
    one.ImagePositionPatient = [f"{value:.6f}"[:16] for value in grid.index_to_world((k, 0, 0))]
    one.ImageOrientationPatient = [f"{value:.9f}"[:16] for value in (*along[:, 2], *along[:, 1])]
    one.PixelSpacing = [f"{value:.6f}" for value in grid.spacing_mm[1:]]
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.Rows, one.Columns = grid.shape[1:]
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 16, 15, 1
    one.RescaleIntercept, one.RescaleSlope = "-1024", "1"
    return one


def write_series(
    folder: Path,
    grid: Grid,
    hu: NDArray[np.int16] | None = None,
    *,
    syntax: UID = ExplicitVRLittleEndian,
    change: Change | None = None,
    skip: tuple[int, ...] = (),
) -> list[Path]:
    """Write one file per slice, in an order of names that says nothing about positions."""
    folder.mkdir(parents=True, exist_ok=True)
    voxels = ramp(grid.shape) if hu is None else hu
    order = np.random.default_rng(5).permutation(grid.shape[0])
    paths = []
    for k in set(range(grid.shape[0])) - set(skip):
        one = ct_slice(grid, k)
        if change is not None:
            change(one, k)
        if "PixelData" not in one:
            one.PixelData = stored(one, voxels[k])
            one["PixelData"].VR = "OW"
        paths.append(folder / f"image{order[k]:03d}.dcm")
        write(one, paths[-1], syntax=syntax)
    return paths


def stored(one: Dataset, hu: NDArray[np.int16]) -> bytes:
    """Stored values of HU, as the header says they are scaled."""
    values = np.rint((hu.astype(np.float64) - float(one.RescaleIntercept)) / float(one.RescaleSlope)).astype(np.int64)
    kind = f"<{'i' if one.PixelRepresentation else 'u'}{one.BitsAllocated // 8}"
    return values.astype(kind).tobytes()


def write(one: Dataset, path: Path, *, syntax: UID = ExplicitVRLittleEndian) -> None:
    """Write a data set in any lossless transfer syntax; its pixels are given in little-endian order."""
    one.file_meta = FileMetaDataset()
    one.file_meta.MediaStorageSOPClassUID = one.SOPClassUID
    one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax in COMPRESSED else syntax
    if syntax == ExplicitVRBigEndian and one.BitsAllocated == 16:
        one.PixelData = np.frombuffer(one.PixelData, "<u2").astype(">u2").tobytes()
    if syntax in COMPRESSED and syntax != JPEGLosslessSV1:
        one.compress(syntax, generate_instance_uid=False)
    pydicom.dcmwrite(path, one, enforce_file_format=True)
    if syntax == JPEGLosslessSV1:
        to_lossless_jpeg(path)


def to_lossless_jpeg(path: Path) -> None:
    """Rewrite a file's pixels in lossless JPEG, by GDCM: pydicom has no encoder for it."""
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    changer = gdcm.ImageChangeTransferSyntax()
    changer.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    changer.SetInput(reader.GetImage())
    assert changer.Change()
    writer = gdcm.ImageWriter()
    beside = path.with_suffix(".jpeg")
    writer.SetFileName(str(beside))
    writer.SetFile(reader.GetFile())
    writer.SetImage(changer.GetOutput())
    assert writer.Write()
    one, packed = (
        pydicom.dcmread(path),
        pydicom.dcmread(beside),
    )  # GDCM rewrites geometry too: only its pixels are taken
    one.PixelData = packed.PixelData
    one["PixelData"].VR, one["PixelData"].is_undefined_length = "OB", True
    one.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    beside.unlink()
    pydicom.dcmwrite(path, one, enforce_file_format=True)
