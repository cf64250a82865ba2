"""A simulated tracer study as DICOM: nuclear medicine objects, and the low-dose CT beside them.

Every time point is a study of its own, with the CT in the same frame of reference unless it is left out. Tags follow
DICOM PS3.3 C.8.4 (nuclear medicine modules).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian, NuclearMedicineImageStorage

from catheterview.errors import InputError
from catheterview.phantom.dicom import write_phantom
from catheterview.phantom.later import named
from catheterview.phantom.make import Phantom
from catheterview.phantom.nuclear.make import NuclearPhantom, Scan
from catheterview.phantom.nuclear.planar import Planar
from catheterview.phantom.nuclear.record import write_nuclear_truth
from catheterview.phantom.study_folder import IMPLEMENTATION_UID, put_patient

INJECTED_AT = datetime(2000, 1, 1, 8, 0)
_HIGHEST = 32000  # stored value of the hottest voxel
#: 20 % windows at 172 and 245 keV (clinical reference E.1).
_WINDOWS = (("172 keV", 154.8, 189.2), ("245 keV", 220.5, 269.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class NuclearWriting:
    """How a tracer study is written; none of it changes what is where, except a mirror, which is a lie.

    Parameters
    ----------
    head_first : bool
        Slices stored from head to feet, with a negative SpacingBetweenSlices.
    ct : bool
        Whether each study holds the CT.
    own_frame : bool
        Whether the scintigraphy has a frame of reference of its own.
    injection : bool
        Whether the header says what was injected when.
    mirrored : bool
        Whether left and right are exchanged, as happens between workstations.
    """

    head_first: bool = False
    ct: bool = True
    own_frame: bool = False
    injection: bool = True
    mirrored: bool = False


def write_nuclear(phantom: NuclearPhantom, folder: Path, *, how: NuclearWriting | None = None) -> Path:
    """Write every time point as a study of its own, and the truth.

    Parameters
    ----------
    phantom : NuclearPhantom
    folder : Path
        Gets a folder for each time (``t024h``, …) and the file ``truth.json``.
    how : NuclearWriting, optional

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    InputError
        When the folder holds something already.
    """
    how = how or NuclearWriting()
    if folder.exists() and any(folder.iterdir()):
        raise InputError("the folder already holds something", where=folder.name)
    for scan in phantom.scans:
        home = folder / f"t{scan.hours:03.0f}h"
        home.mkdir(parents=True)
        ct = _at_time(phantom, scan.hours)
        if how.ct:
            _write_ct(ct, home, scan.hours)
        dataset = spect_dataset(phantom, scan, ct, how)
        dataset.save_as(home / "spect.dcm", enforce_file_format=True)
    write_nuclear_truth(phantom, folder / "truth.json", series_uid_at=lambda hours: _uid(phantom, f"spect {hours}"))
    return folder


def _with_ct(phantom: NuclearPhantom) -> Phantom:
    """The CT, which gives the study its UIDs."""
    if phantom.ct is None:
        raise InputError("a tracer study is written with its CT: simulate it with one")
    return phantom.ct


def _at_time(phantom: NuclearPhantom, hours: float) -> Phantom:
    """The CT with the UIDs of its day and of this patient: another fault of the tracer may leave the same CT."""
    ct = _with_ct(phantom)
    image, own = ct.image, named(phantom.recipe)
    again = replace(
        image,
        study_instance_uid=_derived(f"{own} {image.study_instance_uid}", hours),
        series_instance_uid=_derived(f"{own} {image.series_instance_uid}", hours),
        frame_of_reference_uid=_derived(f"{own} {image.frame_of_reference_uid}", hours),
        sop_instance_uids=tuple(_derived(f"{own} {uid}", hours) for uid in image.sop_instance_uids),
    )
    return replace(ct, image=again)


def _write_ct(ct: Phantom, home: Path, hours: float) -> None:
    """Write the CT with the date of its time point."""
    made = write_phantom(ct, home / "ct")
    (home / "ct" / "truth.json").unlink()
    for path in sorted(made.iterdir()):
        dataset = dcmread(path)
        _put_moment(dataset, INJECTED_AT + timedelta(hours=hours))
        dataset.save_as(path, enforce_file_format=True)


def spect_dataset(phantom: NuclearPhantom, scan: Scan, ct: Phantom, how: NuclearWriting) -> Dataset:
    """A reconstructed tomogram as one multi-frame object (RECON TOMO)."""
    voxels = _stored(scan.activity)
    grid = scan.grid
    step = float(grid.spacing_mm[0])
    first = grid.index_to_world((len(voxels) - 1 if how.head_first else 0, 0, 0))
    if how.head_first:
        voxels, step = voxels[::-1], -step
    if how.mirrored:
        voxels = voxels[:, :, ::-1]
    dataset = _object(phantom, ct, f"spect {scan.hours}", scan.hours)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    dataset.SeriesDescription = "In-111 DTPA SPECT"
    dataset.FrameOfReferenceUID = (
        UID(_uid(phantom, f"frame {scan.hours}")) if how.own_frame else UID(ct.image.frame_of_reference_uid)
    )
    dataset.PositionReferenceIndicator = ""
    dataset.FrameIncrementPointer = [Tag("SliceVector")]
    dataset.SliceVector = list(range(1, len(voxels) + 1))
    dataset.NumberOfSlices = len(voxels)
    dataset.SliceThickness = dataset.SpacingBetweenSlices = f"{step:g}"
    dataset.SliceThickness = f"{abs(step):g}"
    dataset.CorrectedImage = ["ATTN", "SCAT"]
    place = Dataset()
    place.ImagePositionPatient = [f"{v:.6g}" for v in first]
    place.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    place.CollimatorType = "PARA"
    dataset.DetectorInformationSequence, dataset.NumberOfDetectors = [place], 1
    dataset.RotationInformationSequence, dataset.NumberOfRotations = [_rotation(phantom)], 1
    _put_tracer(dataset, phantom, how)
    _put_pixels(dataset, voxels, float(grid.spacing_mm[1]))
    return dataset


def _rotation(phantom: NuclearPhantom) -> Dataset:
    """How the detectors went round."""
    camera, turn = phantom.recipe.camera, Dataset()
    turn.StartAngle, turn.AngularStep, turn.RotationDirection = "0", f"{360.0 / camera.views:g}", "CW"
    turn.ScanArc, turn.ActualFrameDuration = "360", str(round(camera.stop_s * 1000.0))
    turn.NumberOfFramesInRotation = camera.views
    return turn


def planar_dataset(phantom: NuclearPhantom, planar: Planar, *, how: NuclearWriting | None = None) -> Dataset:
    """Front and back views in both windows as one multi-frame object (STATIC); of a study of its own without a CT."""
    beside = _at_time(phantom, planar.hours) if phantom.ct else None
    dataset = _object(phantom, beside, f"planar {planar.hours}", planar.hours)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
    dataset.SeriesDescription = "In-111 DTPA planar"
    dataset.FrameIncrementPointer = [Tag("EnergyWindowVector"), Tag("DetectorVector")]
    dataset.EnergyWindowVector, dataset.DetectorVector = [1, 1, 2, 2], [1, 2, 1, 2]
    dataset.NumberOfEnergyWindows, dataset.NumberOfDetectors = 2, 2
    dataset.DetectorInformationSequence = [_planar_detector(start) for start in ("0", "180")]
    dataset.ActualFrameDuration = str(round(planar.seconds * 1000.0))
    _put_tracer(dataset, phantom, how or NuclearWriting())
    _put_pixels(dataset, np.clip(np.rint(planar.counts), 0, 65535).astype("<u2"), planar.pixel_mm)
    return dataset


def _planar_detector(angle: str) -> Dataset:
    """One detector of a planar view: in front or behind."""
    detector, view = Dataset(), Dataset()
    front = angle == "0"
    view.CodeValue, view.CodingSchemeDesignator = ("R-10206", "SRT") if front else ("R-10214", "SRT")
    view.CodeMeaning = "antero-posterior" if front else "postero-anterior"
    detector.CollimatorType, detector.StartAngle, detector.ViewCodeSequence = "PARA", angle, [view]
    detector.ImagePositionPatient = detector.ImageOrientationPatient = None
    return detector


def _stored(
    activity: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    """Scale to 16 bits, as workstations do: the unit is lost."""
    return np.asarray(np.rint(activity * (_HIGHEST / float(activity.max()))), dtype="<u2")


def _object(phantom: NuclearPhantom, ct: Phantom | None, name: str, hours: float) -> Dataset:
    """Patient, study and series of one object."""
    dataset, seed = Dataset(), phantom.recipe.ct.seed
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    dataset.SOPClassUID, dataset.SOPInstanceUID = NuclearMedicineImageStorage, UID(_uid(phantom, f"{name} object"))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    put_patient(dataset, seed, "simulated")
    study = ct.image.study_instance_uid if ct else _uid(phantom, f"{name} study")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = UID(study), UID(_uid(phantom, name))
    dataset.AccessionNumber, dataset.ReferringPhysicianName, dataset.StudyID = "", "", str(seed % 10**8)
    dataset.Modality, dataset.Manufacturer, dataset.ManufacturerModelName = "NM", "catheterview", "simulated camera"
    dataset.StudyDescription = "Simulated SPECT-CT" if ct else "Simulated planar scintigraphy"
    dataset.SeriesNumber, dataset.InstanceNumber = 2, 1
    dataset.PatientOrientationCodeSequence = dataset.PatientGantryRelationshipCodeSequence = []
    dataset.BodyPartExamined, dataset.CountsAccumulated = "ABDOMEN", None
    _put_moment(dataset, INJECTED_AT + timedelta(hours=hours))
    return dataset


def _put_moment(dataset: Dataset, when: datetime) -> None:
    """Say when it was acquired."""
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = when.strftime("%Y%m%d")
    dataset.StudyTime = dataset.SeriesTime = dataset.AcquisitionTime = dataset.ContentTime = when.strftime("%H%M%S")


def _put_tracer(dataset: Dataset, phantom: NuclearPhantom, how: NuclearWriting) -> None:
    """Energy windows and what was injected."""
    windows = []
    for name, low, high in _WINDOWS:
        window, span = Dataset(), Dataset()
        span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = f"{low:g}", f"{high:g}"
        window.EnergyWindowName, window.EnergyWindowRangeSequence = name, [span]
        windows.append(window)
    dataset.EnergyWindowInformationSequence, dataset.NumberOfEnergyWindows = windows, len(windows)
    given = Dataset()
    given.Radiopharmaceutical, given.RadionuclideCodeSequence = "Indium-111 DTPA", []
    if how.injection:
        given.RadiopharmaceuticalStartDateTime = INJECTED_AT.strftime("%Y%m%d%H%M%S")
        given.RadionuclideTotalDose = f"{phantom.recipe.injected_mbq:g}"
    dataset.RadiopharmaceuticalInformationSequence = [given]


def _put_pixels(dataset: Dataset, voxels: NDArray[np.uint16], pixel_mm: float) -> None:
    """Store frames of 16 bits."""
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.NumberOfFrames = len(voxels)
    dataset.Rows, dataset.Columns = voxels.shape[1:]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
    dataset.PixelSpacing = [f"{pixel_mm:g}"] * 2
    dataset.PixelData = np.ascontiguousarray(voxels).tobytes()
    dataset["PixelData"].VR = "OW"


def _uid(phantom: NuclearPhantom, name: str) -> str:
    """A UID that follows from the recipe, so that the same recipe gives the same bytes."""
    return _derived(f"{named(phantom.recipe)} {name}", 0.0)


def _derived(what: str, hours: float) -> str:
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'catheterview nuclear {what} {hours:g}').int}"
