"""Simulated radiographs as DICOM files, one a view, with their truth beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
)

from catheterview.phantom.film.make import FilmPhantom
from catheterview.phantom.film.recipe import FilmRecipe, film_record
from catheterview.phantom.film.records import catheter_record, finding_record
from catheterview.phantom.study_folder import new_object, new_study, put_patient, save_truth

POSITIONS = {"AP": "AP", "PA": "PA", "LATERAL": "LL"}


def write_films(films: Sequence[FilmPhantom], folder: Path, *, date: str = "20000101", hour: int = 12) -> Path:
    """Write the films of one study.

    Parameters
    ----------
    films : sequence of FilmPhantom
        Of one recipe.
    folder : Path
        Made when it is not there; gets a folder ``dicom`` and the file ``truth.json``.
    date : str
        DICOM date of the study.
    hour : int
        Of that day, 0 to 23.

    Returns
    -------
    Path
        Of the folder of the files.

    Raises
    ------
    InputError
        When `folder` already holds a study.
    """
    place = new_study(folder)
    for number, film in enumerate(films, 1):
        _dataset(film, number, (date, hour)).save_as(place / f"film-{number}.dcm", enforce_file_format=True)
    save_truth(film_truth(films), folder)
    return place


def film_truth(films: Sequence[FilmPhantom]) -> dict[str, object]:
    """What `truth.json` holds: catheters and findings as in `report.json`, in pixels of the film that each names."""
    return {
        "study_instance_uid": films[0].image.study_instance_uid,
        "series_instance_uids": [film.image.series_instance_uid for film in films],
        "catheters": [catheter_record(one) for film in films for one in film.catheters],
        "pumps": [],
        "film_pumps": [_pump_record(film) for film in films for _ in film.pumps],
        "findings": [finding_record(one) for film in films for one in film.findings],
        "recipe": json.loads(json.dumps(film_record(films[0].recipe))),
    }


def _pump_record(film: FilmPhantom) -> dict[str, object]:
    """How the pump lies on a film."""
    (pump,) = film.pumps
    return {
        "series_instance_uid": pump.series_instance_uid,
        "sop_instance_uid": pump.sop_instance_uid,
        "center": [round(v, 2) for v in pump.center],
        "radius_px": round(pump.radius_px, 2),
        "toward": [round(v, 5) for v in pump.toward],
        "turn_deg": None if pump.turn_deg is None else round(pump.turn_deg, 3),
        "flipped": pump.flipped,
        "magnification": None if pump.magnification is None else round(pump.magnification, 5),
    }


def _dataset(film: FilmPhantom, number: int, when: tuple[str, int]) -> Dataset:
    """One film."""
    recipe, image = film.recipe, film.image
    processing = recipe.written != "presentation"
    kind = DigitalXRayImageStorageForProcessing if processing else DigitalXRayImageStorageForPresentation
    dataset = new_object(kind, image.sop_instance_uids[0], ["ORIGINAL", "PRIMARY", ""])
    dataset.PresentationIntentType = "FOR PROCESSING" if processing else "FOR PRESENTATION"
    _put_study(dataset, film, number, when)
    _put_exposure(dataset, film)
    _put_pixels(dataset, film)
    return dataset


def _put_study(dataset: Dataset, film: FilmPhantom, number: int, when: tuple[str, int]) -> None:
    """Patient, study and series: a pseudonym and fixed dates."""
    seed, (date, hour) = film.recipe.patient.seed, when
    put_patient(dataset, seed)
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = date
    dataset.StudyTime = dataset.SeriesTime = dataset.AcquisitionTime = dataset.ContentTime = f"{hour:02d}{number:02d}00"
    dataset.AccessionNumber, dataset.ReferringPhysicianName, dataset.StudyID = "", "", str(seed % 10**8)
    dataset.Modality, dataset.Manufacturer, dataset.ManufacturerModelName = "DX", "catheterview", "simulated film"
    dataset.StudyDescription, dataset.SeriesDescription = "Simulated radiographs", f"Simulated {film.view.kind}"
    dataset.StudyInstanceUID = UID(film.image.study_instance_uid)
    dataset.SeriesInstanceUID = UID(film.image.series_instance_uid)
    dataset.SeriesNumber, dataset.InstanceNumber, dataset.AcquisitionNumber = number, 1, 1


def _put_exposure(dataset: Dataset, film: FilmPhantom) -> None:
    """How it was exposed."""
    recipe: FilmRecipe = film.recipe
    dataset.KVP = f"{recipe.kvp:g}"
    dataset.ViewPosition = POSITIONS[film.view.kind]
    dataset.PatientOrientation = ["L", "F"] if film.view.kind != "LATERAL" else ["P", "F"]
    dataset.ImagerPixelSpacing = [f"{recipe.pitch_mm:g}", f"{recipe.pitch_mm:g}"]
    dataset.DistanceSourceToDetector = f"{recipe.source_mm:g}"
    dataset.BodyPartExamined, dataset.ImageLaterality, dataset.Grid = "ABDOMEN", "U", "FIXED"
    dataset.DetectorType, dataset.PositionerType = "DIRECT", "COLUMN"
    dataset.AnatomicRegionSequence, dataset.AcquisitionContextSequence = [_abdomen()], []
    linear = recipe.written == "linear"
    dataset.PixelIntensityRelationship = "LIN" if linear else "LOG"
    more = recipe.written != "presentation"
    dataset.PixelIntensityRelationshipSign = 1 if more != recipe.inverted else -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"
    dataset.PresentationLUTShape = "INVERSE" if more != recipe.inverted else "IDENTITY"
    dataset.LossyImageCompression, dataset.BurnedInAnnotation = "00", "NO"


def _abdomen() -> Dataset:
    """The region as a code (DICOM PS3.16, CID 4)."""
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "818981001", "SCT", "Abdomen"
    return region


def _put_pixels(dataset: Dataset, film: FilmPhantom) -> None:
    """The stored values."""
    recipe = film.recipe
    turned = recipe.inverted != (recipe.written != "presentation")
    bright = film.image.voxels[0].astype(np.int32)
    values = 4095 - bright if turned else bright
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME1" if turned else "MONOCHROME2"
    dataset.Rows, dataset.Columns = values.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    if recipe.written == "presentation":
        dataset.WindowCenter, dataset.WindowWidth = "2048", "4096"
    dataset.PixelData = np.ascontiguousarray(values.astype("<u2")).tobytes()
    dataset["PixelData"].VR = "OW"
