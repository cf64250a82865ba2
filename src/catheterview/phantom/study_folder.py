"""What every simulated study is written with: its folder, the head of its DICOM objects, the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from catheterview.errors import InputError

#: Who wrote the files, in the header of each (PS3.10 7.1).
IMPLEMENTATION_UID = "2.25.302934092130985613475938461092837465123"


def new_study(folder: Path) -> Path:
    """Make the folder ``dicom`` of a new study.

    Returns
    -------
    Path
        Of that folder; empty.

    Raises
    ------
    InputError
        When `folder` already holds a study.
    """
    place = folder / "dicom"
    if place.exists() and any(place.iterdir()):
        raise InputError("the folder already holds a study", where=str(place))
    place.mkdir(parents=True, exist_ok=True)
    return place


def new_object(kind: UID, sop_instance_uid: str, image_type: list[str]) -> Dataset:
    """Begin a DICOM object of a kind (SOP class), not compressed, in Latin letters."""
    dataset, uid = Dataset(), UID(sop_instance_uid)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID, dataset.file_meta.MediaStorageSOPInstanceUID = kind, uid
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    dataset.SpecificCharacterSet, dataset.ImageType = "ISO_IR 100", image_type
    dataset.SOPClassUID, dataset.SOPInstanceUID = kind, uid
    return dataset


def put_patient(dataset: Dataset, seed: int, method: str = "simulated device") -> None:
    """Put in a pseudonym that follows from the seed, and that nobody is behind it."""
    dataset.PatientName, dataset.PatientID = f"PHANTOM^{seed}", f"PHANTOM-{seed}"
    dataset.PatientBirthDate, dataset.PatientSex = "", ""
    dataset.PatientIdentityRemoved, dataset.DeidentificationMethod = "YES", method


def save_truth(truth: Mapping[str, object], folder: Path) -> None:
    """Write `truth.json` beside a study; equal truth gives equal bytes."""
    text = json.dumps(truth, indent=1, sort_keys=True, allow_nan=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
