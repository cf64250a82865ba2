"""A run of a fluoroscope is read with the times of its frames, or with none where the file does not tell them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, XRayRadiofluoroscopicImageStorage

from catheterview.read import scan
from catheterview.read.cine import load_cine


def written(folder: Path, **more: object) -> Path:
    """A run of five frames that get denser in one corner, MONOCHROME2, dense is bright."""
    frames = np.full((5, 40, 32), 1000, dtype=np.uint16)
    for number in range(5):
        frames[number, :8, :8] += 100 * number
        frames[number, -4:, -4:] = 3000
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = XRayRadiofluoroscopicImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3.4"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.PatientID = "1.2", "1.2.3", "x"
    dataset.Modality, dataset.NumberOfFrames, dataset.SamplesPerPixel = "RF", 5, 1
    dataset.PhotometricInterpretation, dataset.Rows, dataset.Columns = "MONOCHROME2", 40, 32
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = frames.tobytes()
    dataset["PixelData"].VR = "OW"
    for name, value in more.items():
        setattr(dataset, name, value)
    dataset.save_as(folder / "run.dcm", enforce_file_format=True)
    return folder


def loaded(folder: Path, **more: object):
    (series,) = scan([written(folder, **more)], key=b"key").series
    assert series.role == "cine"
    return load_cine(series)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"FrameTime": "125"}, [0.0, 0.125, 0.25, 0.375, 0.5]),
        ({"FrameTimeVector": [0.0, 100.0, 100.0, 300.0, 100.0]}, [0.0, 0.1, 0.2, 0.5, 0.6]),
        ({"RecommendedDisplayFrameRate": 15}, None),
        ({"FrameTime": "0"}, None),
        ({"FrameTimeVector": [0.0, 100.0]}, None),
    ],
)
def test_the_times_of_the_frames_are_read_or_unknown(
    tmp_path: Path, said: dict[str, object], seconds: list[float] | None
) -> None:
    """FrameTime and FrameTimeVector tell when each frame was taken; a rate for showing does not."""
    times = loaded(tmp_path, **said).times_s
    assert times is None if seconds is None else times == pytest.approx(seconds)


def test_all_frames_are_on_one_scale_and_no_spacing_is_made_up(tmp_path: Path) -> None:
    """What gets denser rises evenly from frame to frame, whatever else is in the picture."""
    cine = loaded(tmp_path)
    corner = cine.density[:, :8, :8].mean(axis=(1, 2))
    assert np.diff(corner) == pytest.approx([0.1] * 4, abs=1e-4)
    assert cine.film.spacing_mm is None


def test_a_run_that_stores_exposure_is_turned_into_density(tmp_path: Path) -> None:
    """Where high values are more exposure, what gets brighter gets less dense."""
    cine = loaded(tmp_path, PixelIntensityRelationship="LIN", PixelIntensityRelationshipSign=1)
    corner = cine.density[:, :8, :8].mean(axis=(1, 2))
    assert (np.diff(corner) < 0.0).all()
