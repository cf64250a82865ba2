"""A simulated CT as DICOM files, one a slice, as a scanner would have sent them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from catheterview.geometry import FloatArray
from catheterview.model import Anatomy, Image
from catheterview.phantom.kernel import kernel_of
from catheterview.phantom.make import Phantom, make_ct
from catheterview.phantom.recipe import CtRecipe
from catheterview.phantom.study_folder import new_object, new_study, put_patient
from catheterview.phantom.truth import write_truth

Position: TypeAlias = Literal["HFS", "FFS", "HFP", "FFP"]

#: For each patient position, whether slices, rows and columns run the other way than head first, supine.
_TURNED: dict[Position, tuple[bool, bool, bool]] = {
    "HFS": (False, False, False),
    "FFS": (True, False, True),
    "HFP": (False, True, True),
    "FFP": (True, True, False),
}
POSITIONS: tuple[Position, ...] = get_args(Position)
_LEAST_TILT_DEG = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a study is written; none of it changes what is where in the patient.

    Parameters
    ----------
    transfer_syntax : str
        UID; uncompressed, deflated, or a compressed one that pydicom can encode here.
    position : how the patient lay
        Feet first and prone turn the images, not the patient.
    shuffled : bool
        File names and instance numbers say nothing of the order.
    unsigned : bool
        Store unsigned with an intercept of -1024 (12-bit scale only), else signed with none.
    date : str
        Of the study, YYYYMMDD.
    """

    transfer_syntax: str = ExplicitVRLittleEndian
    position: Position = "HFS"
    shuffled: bool = False
    unsigned: bool = True
    date: str = "20000101"


def write_phantom(phantom: Phantom, folder: Path, *, how: Writing | None = None) -> Path:
    """Write a phantom as DICOM with its truth beside it.

    Parameters
    ----------
    phantom : Phantom
    folder : Path
        Made when it is not there; gets a folder ``dicom`` and the file ``truth.json``.
    how : Writing, optional

    Returns
    -------
    Path
        Of the folder of the slices.

    Raises
    ------
    InputError
        When `folder` already holds a study.
    """
    how = how or Writing()
    slices = new_study(folder)
    for name, dataset in _datasets(phantom, how):
        dataset.save_as(slices / name, enforce_file_format=True)
    write_truth(phantom, folder / "truth.json")
    return slices


def make_and_write(
    recipe: CtRecipe,
    folder: Path,
    *,
    into: Image | None = None,
    anatomy: Anatomy | None = None,
    how: Writing | None = None,
) -> Phantom:
    """Simulate one CT and write it; see `make_ct` and `write_phantom`."""
    phantom = make_ct(recipe, into=into, anatomy=anatomy)
    write_phantom(phantom, folder, how=how)
    return phantom


def _datasets(phantom: Phantom, how: Writing) -> list[tuple[str, Dataset]]:
    """Every slice as a data set with its file name."""
    image, axes = phantom.image, phantom.image.placed.affine
    flips = tuple(axis for axis, turned in enumerate(_TURNED[how.position]) if turned)
    voxels = np.flip(image.voxels, flips)
    first = image.placed.index_to_world([size - 1 if n in flips else 0 for n, size in enumerate(image.voxels.shape)])
    steps = np.stack([-axes[:3, n] if n in flips else axes[:3, n] for n in range(3)])
    order = np.random.default_rng([phantom.recipe.seed, 81]).permutation(len(voxels))
    out = []
    for k, plane in enumerate(voxels):
        number = int(order[k]) + 1 if how.shuffled else k + 1
        uid = image.sop_instance_uids[len(voxels) - 1 - k if 0 in flips else k]
        dataset = _dataset(phantom, (uid, number), (first + k * steps[0], steps), how)
        _put_pixels(dataset, plane, phantom.recipe, how)
        name = hashlib.sha256(uid.encode()).hexdigest()[:12] if how.shuffled else f"{number:06d}"
        out.append((f"{name}.dcm", dataset))
    return sorted(out, key=lambda item: item[0])


def _dataset(phantom: Phantom, name: tuple[str, int], place: tuple[FloatArray, FloatArray], how: Writing) -> Dataset:
    """One slice without its pixels."""
    recipe = phantom.recipe
    made = ["DERIVED", "SECONDARY"] if recipe.background == "given" else ["ORIGINAL", "PRIMARY"]
    dataset = new_object(CTImageStorage, name[0], [*made, "AXIAL"])
    _put_study(dataset, phantom, how.date)
    dataset.PatientPosition = how.position
    dataset.InstanceNumber, dataset.AcquisitionNumber = name[1], 1
    _put_scan(dataset, recipe)
    dataset.GantryDetectorTilt = _tilt(place[1], how.position)
    _put_place(dataset, place)
    return dataset


def _put_study(dataset: Dataset, phantom: Phantom, date: str) -> None:
    """Patient and study: a pseudonym and a date that is asked for, so that nothing depends on the day."""
    image, seed = phantom.image, phantom.recipe.seed
    put_patient(dataset, seed)
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = date
    dataset.StudyTime = dataset.SeriesTime = dataset.AcquisitionTime = dataset.ContentTime = "120000"
    dataset.AccessionNumber, dataset.ReferringPhysicianName, dataset.StudyID = "", "", str(seed % 10**8)
    dataset.Modality, dataset.Manufacturer = "CT", "catheterview"
    dataset.ManufacturerModelName, dataset.BodyPartExamined = "simulated CT", "ABDOMEN"
    dataset.StudyDescription, dataset.SeriesDescription = "Simulated CT", "Simulated CT"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = UID(image.study_instance_uid), UID(image.series_instance_uid)
    dataset.FrameOfReferenceUID = UID(image.frame_of_reference_uid)
    dataset.PositionReferenceIndicator, dataset.SeriesNumber = "", 1


def _put_scan(dataset: Dataset, recipe: CtRecipe) -> None:
    """How it was scanned."""
    dataset.KVP = f"{recipe.kvp:g}"
    dataset.SliceThickness = f"{recipe.slice_thickness_mm:g}"
    dataset.ConvolutionKernel = kernel_of(recipe).tag


def _tilt(steps: FloatArray, position: Position) -> str:
    """Degrees of the gantry's tilt: negative where its top leans away from the table (DICOM PS3.3 C.8.2.1).

    The top is where the rows begin, whichever way the patient lies; feet first, the table comes from the head.
    """
    up = steps[0] if steps[0][2] > 0.0 else -steps[0]
    sine = float(steps[1] @ up) / float(np.linalg.norm(steps[1]) * np.linalg.norm(up))
    degrees = float(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))) * (-1.0 if position.startswith("FF") else 1.0)
    return _decimal(round(degrees, 4)) if abs(degrees) > _LEAST_TILT_DEG else "0"


def _put_place(dataset: Dataset, place: tuple[FloatArray, FloatArray]) -> None:
    """Where the slice is: first voxel, and the steps from row to row and column to column."""
    corner, steps = place
    size = np.linalg.norm(steps, axis=1)
    row_way, column_way = steps[2] / size[2], steps[1] / size[1]
    dataset.ImagePositionPatient = [_decimal(v) for v in corner]
    dataset.ImageOrientationPatient = [_decimal(v) for v in (*row_way, *column_way)]
    dataset.PixelSpacing = [_decimal(size[1]), _decimal(size[2])]
    dataset.SliceLocation = _decimal(float(corner @ np.cross(row_way, column_way)))


def _decimal(value: float) -> str:
    """A decimal string of at most 16 characters (DICOM PS3.5, DS)."""
    text = f"{float(value) + 0.0:.10g}"
    return text if len(text) <= 16 else f"{float(value):.9f}"[:16]


def _put_pixels(dataset: Dataset, plane: NDArray[np.int16], recipe: CtRecipe, how: Writing) -> None:
    """Rescale, store and, where asked, compress."""
    unsigned = how.unsigned and not recipe.extended_hu
    bits = 12 if unsigned else 16
    stored = (plane.astype(np.int32) + 1024).astype("<u2") if unsigned else plane.astype("<i2")
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = plane.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, bits, bits - 1
    dataset.PixelRepresentation = 0 if unsigned else 1
    dataset.RescaleIntercept, dataset.RescaleSlope = ("-1024" if unsigned else "0"), "1"
    dataset.RescaleType = "HU"
    dataset.WindowCenter, dataset.WindowWidth = "40", "400"
    dataset.PixelData = np.ascontiguousarray(stored).tobytes()
    dataset["PixelData"].VR = "OW"
    syntax = UID(how.transfer_syntax)
    if syntax.is_compressed and syntax != DeflatedExplicitVRLittleEndian:
        dataset.compress(syntax, generate_instance_uid=False)
    else:
        dataset.file_meta.TransferSyntaxUID = syntax
