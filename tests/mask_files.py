"""Masks written to disk as other tools write them, on a grid that is oblique, anisotropic and flipped."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import SimpleITK
from highdicom import AlgorithmIdentificationSequence
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import generate_uid

from catheterview.geometry import FloatArray, Grid, grid_from_axes

Masks = Mapping[str, NDArray[np.bool_]]


def oblique_grid(shape: tuple[int, int, int] = (36, 60, 70), turn: float = 0.25) -> Grid:
    """A grid turned about two axes, its slices running down and its rows forward."""
    cosine, sine = np.cos(turn), np.sin(turn)
    about_z = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cosine, sine], [0.0, -sine, cosine]])
    axes = np.diag([2.9, -1.7, 1.3])[:, ::-1] @ about_z @ about_x
    axes[0] *= -1.0
    return grid_from_axes(shape, origin=np.array([7.0, -11.0, 23.0]) - ((np.array(shape) - 1) / 2) @ axes, axes_mm=axes)


def points_of(grid: Grid) -> FloatArray:
    """(K, J, I, 3) LPS mm of every voxel."""
    return grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))


def write_nifti(values: NDArray[np.generic], grid: Grid, path: Path) -> Path:
    """Write voxels (K, J, I) as NIfTI, in whose file they are RAS."""
    image = SimpleITK.GetImageFromArray(values.astype(np.uint8) if values.dtype == bool else values)
    image.SetDirection(grid.directions[:, ::-1].ravel().tolist())
    image.SetSpacing(grid.spacing_mm[::-1].tolist())
    image.SetOrigin(grid.affine[:3, 3].tolist())
    path.parent.mkdir(parents=True, exist_ok=True)
    SimpleITK.WriteImage(image, str(path))
    return path


def with_labels(path: Path, names: Mapping[int, str]) -> Path:
    """Put the names of labels into the header of a NIfTI file, as an XML extension: so ``--ml`` tells them."""
    data = bytearray(gzip.decompress(path.read_bytes()))
    labels = "".join(f'<Label Key="{key}" Red="1" Alpha="1">{name}</Label>' for key, name in names.items())
    text = f"<CaretExtension><VolumeInformation><LabelTable>{labels}</LabelTable></VolumeInformation></CaretExtension>"
    size = -(-(len(text) + 8) // 16) * 16
    extension = np.array([size, 0], "<i4").tobytes() + text.encode().ljust(size - 8, b"\0")
    data[348:352] = b"\1\0\0\0"
    data[108:112] = np.array([352 + size], "<f4").tobytes()
    path.write_bytes(gzip.compress(bytes(data[:352]) + extension + bytes(data[352:])))
    return path


def ct_slices(grid: Grid, frame_of_reference_uid: str) -> list[Dataset]:
    """Headers of a CT series that lies on a grid, as far as a segmentation of it needs them."""
    study, series = generate_uid(), generate_uid()
    out = []
    for k in range(grid.shape[0]):
        one = Dataset()
        one.SOPClassUID, one.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", generate_uid()
        one.StudyInstanceUID, one.SeriesInstanceUID = study, series
        one.FrameOfReferenceUID, one.Modality = frame_of_reference_uid, "CT"
        one.PatientID, one.PatientName, one.PatientBirthDate, one.PatientSex = "P", "A^B", "", ""
        one.StudyDate, one.StudyTime, one.AccessionNumber, one.StudyID, one.ReferringPhysicianName = "", "", "", "", ""
        one.Rows, one.Columns, one.InstanceNumber = grid.shape[1], grid.shape[2], k + 1
        one.PixelSpacing = [f"{grid.spacing_mm[1]:.8g}", f"{grid.spacing_mm[2]:.8g}"]
        one.SliceThickness = f"{grid.spacing_mm[0]:.8g}"
        one.ImagePositionPatient = [f"{v:.8g}" for v in grid.index_to_world((k, 0, 0))]
        one.ImageOrientationPatient = [f"{v:.10f}"[:14] for v in (*grid.directions[:, 2], *grid.directions[:, 1])]
        out.append(one)
    return out


def write_seg(masks: Masks, slices: list[Dataset], path: Path, *, category: Code | None = None) -> Path:
    """Write masks as one DICOM Segmentation; the names are labels of segments whose codes say nothing more."""
    tool = AlgorithmIdentificationSequence(name="Segmenter", version="2.4", family=codes.DCM.ArtificialIntelligence)
    described = [
        SegmentDescription(
            segment_number=number,
            segment_label=name,
            segmented_property_category=category or codes.SCT.AnatomicalStructure,
            segmented_property_type=codes.SCT.AnatomicalStructure,
            algorithm_type="AUTOMATIC",
            algorithm_identification=tool,
        )
        for number, name in enumerate(masks, 1)
    ]
    written = Segmentation(
        source_images=slices,
        pixel_array=np.stack(list(masks.values()), axis=-1).astype(np.uint8),
        segmentation_type="BINARY",
        segment_descriptions=described,
        series_instance_uid=generate_uid(),
        series_number=7,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="M",
        manufacturer_model_name="N",
        software_versions="1",
        device_serial_number="1",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    written.save_as(path)
    return path
