"""A simulated dye study as one multi-frame radiofluoroscopic object (DICOM PS3.3 A.16), with its truth beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID, XRayRadiofluoroscopicImageStorage

from catheterview.phantom.cine.make import CinePhantom
from catheterview.phantom.cine.recipe import cine_record
from catheterview.phantom.film.dicom import POSITIONS
from catheterview.phantom.film.records import catheter_record, finding_record
from catheterview.phantom.study_folder import new_object, new_study, put_patient, save_truth


def write_cine(cine: CinePhantom, folder: Path, *, date: str = "20000101") -> Path:
    """Write one run.

    Parameters
    ----------
    cine : CinePhantom
    folder : Path
        Made when it is not there; gets a folder ``dicom`` and the file ``truth.json``.
    date : str
        DICOM date of the study.

    Returns
    -------
    Path
        Of the folder of the file.

    Raises
    ------
    InputError
        When `folder` already holds a study.
    """
    place = new_study(folder)
    _dataset(cine, date).save_as(place / "cine.dcm", enforce_file_format=True)
    save_truth(cine_truth(cine), folder)
    return place


def cine_truth(cine: CinePhantom) -> dict[str, object]:
    """What `truth.json` holds: catheter and findings as in `report.json`, and when contrast gets to each point."""
    arrival = [round(float(one), 3) if np.isfinite(one) else None for one in cine.arrival_s]
    return {
        "study_instance_uid": cine.image.study_instance_uid,
        "series_instance_uids": [cine.image.series_instance_uid],
        "catheters": [catheter_record(one) for one in cine.catheters],
        "arrival_s": arrival,
        "pumps": [],
        "findings": [finding_record(one) for one in cine.findings],
        "recipe": json.loads(json.dumps(cine_record(cine.recipe))),
    }


def _dataset(cine: CinePhantom, date: str) -> Dataset:
    """The run."""
    kind, uid = XRayRadiofluoroscopicImageStorage, cine.image.sop_instance_uids[0]
    dataset = new_object(kind, uid, ["ORIGINAL", "PRIMARY", "SINGLE PLANE"])
    _put_study(dataset, cine, date)
    _put_exposure(dataset, cine)
    _put_pixels(dataset, cine)
    return dataset


def _put_study(dataset: Dataset, cine: CinePhantom, date: str) -> None:
    """Patient, study and series: a pseudonym and fixed dates."""
    seed = cine.recipe.film.patient.seed
    put_patient(dataset, seed)
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = date
    dataset.StudyTime = dataset.SeriesTime = dataset.AcquisitionTime = dataset.ContentTime = "130000"
    dataset.AccessionNumber, dataset.ReferringPhysicianName, dataset.StudyID = "", "", str(seed % 10**8)
    dataset.Modality, dataset.Manufacturer, dataset.ManufacturerModelName = (
        "RF",
        "catheterview",
        "simulated fluoroscope",
    )
    dataset.StudyDescription = "Simulated dye study through the catheter access port"
    dataset.SeriesDescription = f"Simulated {cine.recipe.film.views[0].kind} run"
    dataset.StudyInstanceUID = UID(cine.image.study_instance_uid)
    dataset.SeriesInstanceUID = UID(cine.image.series_instance_uid)
    dataset.SeriesNumber, dataset.InstanceNumber, dataset.AcquisitionNumber = 1, 1, 1


def _put_exposure(dataset: Dataset, cine: CinePhantom) -> None:
    """How it was exposed, and when each frame was."""
    film = cine.recipe.film
    dataset.KVP, dataset.RadiationSetting = f"{film.kvp:g}", "GR"
    dataset.ViewPosition = POSITIONS[film.views[0].kind]
    dataset.PatientOrientation = ["L", "F"] if film.views[0].kind != "LATERAL" else ["P", "F"]
    dataset.ImagerPixelSpacing = [f"{film.pitch_mm:g}", f"{film.pitch_mm:g}"]
    dataset.DistanceSourceToDetector = f"{film.source_mm:g}"
    dataset.BodyPartExamined = "ABDOMEN"
    linear = film.written == "linear"
    dataset.PixelIntensityRelationship = "LIN" if linear else "LOG"
    more = film.written != "presentation"
    dataset.PixelIntensityRelationshipSign = 1 if more != film.inverted else -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"
    dataset.XRayTubeCurrent = dataset.ExposureTime = dataset.Exposure = None
    dataset.LossyImageCompression, dataset.BurnedInAnnotation = "00", "NO"
    dataset.NumberOfFrames = cine.recipe.frames
    dataset.FrameIncrementPointer = 0x00181063
    dataset.FrameTime = f"{cine.recipe.frame_s * 1000.0:.3f}"
    dataset.RecommendedDisplayFrameRate = max(1, round(1.0 / cine.recipe.frame_s))


def _put_pixels(dataset: Dataset, cine: CinePhantom) -> None:
    """The stored values."""
    film, bright = cine.recipe.film, cine.image.voxels.astype(np.int32)
    turned = film.inverted != (film.written != "presentation")
    values = 4095 - bright if turned else bright
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1" if turned else "MONOCHROME2"
    dataset.Rows, dataset.Columns = values.shape[1:]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.WindowCenter, dataset.WindowWidth = "2048", "4096"
    dataset.PixelData = np.ascontiguousarray(values.astype("<u2")).tobytes()
    dataset["PixelData"].VR = "OW"
