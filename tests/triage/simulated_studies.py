"""Small simulated studies on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pydicom

from catheterview.phantom import CtRecipe, make_ct, write_phantom


@dataclass(frozen=True, kw_only=True)
class Studies:
    """Folders of DICOM, of two patients."""

    device: Path
    bare: Path


def write_studies(folder: Path) -> Studies:
    """Write a patient with a catheter in one piece and without streaks, and one without any device."""
    fine = {"shape": (150, 290, 305), "spacing_mm": (1.5, 1.1, 1.1), "slice_thickness_mm": 1.5}
    coarse = {"shape": (86, 230, 240), "spacing_mm": (2.5, 1.4, 1.4), "slice_thickness_mm": 2.5}
    device = CtRecipe(seed=1, wall_hu=1500.0, psf_mm=1.0, loops=0, physics=False, **fine)  # type: ignore[arg-type]
    bare = CtRecipe(seed=2, fault="no_device", physics=False, **coarse)  # type: ignore[arg-type]
    for recipe, name in ((device, "device"), (bare, "bare")):
        write_phantom(make_ct(recipe), folder / name)
    return Studies(device=folder / "device" / "dicom", bare=folder / "bare" / "dicom")


def write_tiny(folder: Path, made: Path, patients: int) -> Path:
    """Write patients of eight slices each, quickly triaged: there is no device in them."""
    coarse = {"shape": (8, 60, 64), "spacing_mm": (5.0, 4.0, 4.0), "slice_thickness_mm": 5.0}
    write_phantom(make_ct(CtRecipe(seed=2, fault="no_device", physics=False, **coarse)), made)  # type: ignore[arg-type]
    images = [pydicom.dcmread(path) for path in sorted((made / "dicom").iterdir())]
    own = [(one.StudyInstanceUID, one.SeriesInstanceUID, one.SOPInstanceUID) for one in images]
    for patient in range(patients):
        (folder / f"p{patient}").mkdir(parents=True)
        for number, (image, uids) in enumerate(zip(images, own, strict=True)):
            image.PatientID, image.PatientName = f"CANARY-{patient}", "Yellowbird^Serinus"
            named = [f"{uid}.{patient}"[-64:].lstrip(".0") for uid in uids]
            image.StudyInstanceUID, image.SeriesInstanceUID, image.SOPInstanceUID = named
            image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
            image.save_as(folder / f"p{patient}" / f"{number}.dcm")
    return folder


def told(out: Path) -> dict[str, dict[str, object]]:
    """Every report without its times."""
    found = {path.parent.name: json.loads(path.read_bytes()) for path in out.glob("cases/*/report.json")}
    for report in found.values():
        report.pop("seconds")
    return found
