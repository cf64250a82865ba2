"""One simulated patient with everything that hangs, for pictures of the reading room.

``python patient.py FOLDER`` writes SPECT-CT with a kinked catheter, a CT of the year before, two films and a dye run
under ``FOLDER/studies``, and triages them into ``FOLDER/out``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.uid import XRayAngiographicImageStorage, generate_uid

from catheterview.cli import main
from catheterview.phantom.cohort import Study, recipe_of, write_study

#: Of the train split: the catheter is kinked in the tract, and seen from pump to tip.
SEED = 6
#: Days of the studies; the phantom gives all of them one day.
DAYS = {"spect": "20260302", "prior": "20250214", "films": "20260224", "run": "20260226"}

FRAMES, RUN_PIXELS, FRAME_MS = 16, 512, 200
#: By how much dye darkens a drawn run, of 4096 grey levels, and how wide it is in pixels.
DYE, DYE_PIXELS = 700, 2.0


def make_patient(folder: Path) -> Path:
    """Write the studies of the patient; return their folder."""
    studies = folder / "studies"
    kinked = recipe_of(Study(modality="CT", fault="kink", seed=SEED, size="small"))
    made = {
        "prior": Study(modality="CT", seed=SEED, size="small"),
        "spect": Study(
            modality="SPECT-CT", fault="tracer_posterior_to_pump", seed=SEED, size="small", dials={"ct": kinked}
        ),
        "films": Study(modality="RADIOGRAPH", fault="kink", seed=SEED, size="small"),
    }
    for name, study in made.items():
        write_study(study, studies / name)
        _date(studies / name, DAYS[name])
    _write_run(studies)
    return studies


def _date(folder: Path, day: str) -> None:
    """Give every file of a study its day."""
    for path in folder.rglob("*.dcm"):
        header = pydicom.dcmread(path)
        header.StudyDate = header.SeriesDate = header.AcquisitionDate = header.ContentDate = day
        header.save_as(path)


def _write_run(studies: Path) -> None:
    """Write a run of frames drawn on the first film: dye goes from the pump along the catheter."""
    path = next(iter(sorted((studies / "films").rglob("*.dcm"))))
    film = pydicom.dcmread(path)
    step = max(film.Rows, film.Columns) // RUN_PIXELS + 1
    still = film.pixel_array[::step, ::step].astype(np.float64)
    still = still.max() - still if film.PhotometricInterpretation == "MONOCHROME1" else still
    film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = XRayAngiographicImageStorage
    film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["run"])
    film.StudyInstanceUID, film.SeriesInstanceUID = generate_uid(entropy_srcs=["a"]), generate_uid(entropy_srcs=["b"])
    film.StudyDescription = film.SeriesDescription = "Simulated dye run"
    film.StudyDate = film.SeriesDate = film.AcquisitionDate = film.ContentDate = DAYS["run"]
    film.Modality, film.NumberOfFrames, film.FrameTime = "XA", FRAMES, FRAME_MS
    film.Rows, film.Columns = still.shape
    film.PhotometricInterpretation, film.PresentationLUTShape = "MONOCHROME2", "IDENTITY"
    film.ImagerPixelSpacing = [str(float(value) * step) for value in film.ImagerPixelSpacing]
    for name in ("PresentationIntentType", "ViewPosition"):
        delattr(film, name)
    film.PixelData = _dyed(still, _course(studies, step)).tobytes()
    target = studies / "run" / "run.dcm"
    target.parent.mkdir(parents=True)
    film.save_as(target, enforce_file_format=True)


def _course(studies: Path, step: int) -> NDArray[np.float64]:
    """(N, 2) rows and columns of the catheter of the first film, from the pump on."""
    truth = json.loads((studies / "films" / "truth.json").read_text(encoding="utf-8"))
    return np.array(truth["catheters"][0]["points"], dtype=np.float64) / step


def _dyed(still: NDArray[np.float64], course: NDArray[np.float64]) -> NDArray[np.uint16]:
    """(FRAMES, rows, columns) of a still picture with dye farther along a course in each."""
    rows, columns = np.indices(still.shape)
    frames = np.repeat(still[None], FRAMES, axis=0)
    dye = np.zeros_like(still)
    for n, reached in enumerate(np.linspace(0, len(course), FRAMES).astype(int)):
        for row, column in course[max(0, reached - len(course) // (FRAMES - 1)) : reached]:
            np.maximum(dye, np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / DYE_PIXELS**2), out=dye)
        frames[n] -= DYE * dye
    return np.clip(frames, 0, 4095).astype("<u2")


if __name__ == "__main__":
    home = Path(sys.argv[1])
    # What triage could not use (truth.json is no image) makes its exit status 1.
    main(["triage", str(make_patient(home)), "--dicom", "--out", str(home / "out")], standalone_mode=False)
