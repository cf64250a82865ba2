"""The sample studies of the repository: small, one for each rung and the main faults, with a manifest.

``python -m catheterview.phantom.samples FOLDER`` makes what is missing in a folder, and the manifest.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.uid import JPEGLSLossless

from catheterview.phantom.cohort import Study, recipe_of, write_study
from catheterview.phantom.recipe import PICTURES, split_of

SCHEMA = "catheterview/samples/1"
_SEED = 100_001  # of train
#: Little noise and thick slices: a few MB for each.
_QUIET: Mapping[str, object] = {
    "noise_hu": 2.0,
    "wall_hu": 1200.0,
    "loops": 0,
    "shape": (72, 172, 232),
    "spacing_mm": (3.0, 1.4, 1.35),
    "slice_thickness_mm": 2.5,
    "sacrum": True,
}

#: Slices in which a gap and a kink can be seen.
_THINNER: Mapping[str, object] = {"shape": (108, 172, 232), "spacing_mm": (2.0, 1.4, 1.35), "slice_thickness_mm": 2.0}

#: Pixels of half a millimetre, and a tube that can be seen.
_FILM: Mapping[str, object] = {"contrast": 0.2, "grain": 0.004, "inverted": False, "written": "presentation"}
#: A frame a second; the tube and its contrast show, the picture is small.
_RUN: Mapping[str, object] = {"frames": 24, "frame_s": 1.0, "breath_mm": 0.0, "leak_share": 0.6, "leak_ml": 1.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample study.

    Parameters
    ----------
    name : str
        Of its folder.
    study : Study
    """

    name: str
    study: Study


def _ct(name: str, modality: str, fault: str, **dials: object) -> Sample:
    study = Study(modality=modality, fault=fault, seed=_SEED, size="tiny", dials={**_QUIET, **dials})
    return Sample(name=name, study=study)


def _spect(name: str, fault: str) -> Sample:
    ct = recipe_of(Study(modality="CT", seed=_SEED, size="tiny", dials=_QUIET))
    study = Study(modality="SPECT-CT", fault=fault, seed=_SEED, size="small", dials={"ct": ct})
    return Sample(name=name, study=study)


def _planar(name: str, fault: str) -> Sample:
    return Sample(name=name, study=Study(modality="PLANAR", fault=fault, seed=_SEED, size="small"))


def _seen(name: str, modality: str, fault: str, *, views: tuple[str, ...], **dials: object) -> Sample:
    study = Study(modality=modality, fault=fault, seed=_SEED, size="tiny", views=views, dials=dials)
    return Sample(name=name, study=study)


SAMPLES: tuple[Sample, ...] = (
    _ct("ct-healthy", "CT", "healthy", **_THINNER),
    _ct("ct-gap", "CT", "discontinuity", gap_mm=12.0, place="subcutaneous_tract", **_THINNER),
    _ct("ct-kink", "CT", "kink", place="subcutaneous_tract", **_THINNER),
    _ct("cap-ct-healthy", "CAP-CT", "healthy", intrathecal_mm=90.0),
    _ct("cap-ct-leak", "CAP-CT", "extravasation", leak_ml=1.5, leak_hu=250.0, place="paraspinal_tract"),
    _ct("cap-ct-track", "CAP-CT", "retrograde_tracking", leak_ml=3.0, leak_hu=350.0, track_share=0.95),
    _ct("cap-ct-loculation", "CAP-CT", "tip_loculation", leak_ml=1.0, leak_hu=400.0),
    _ct("lp-ct-mass", "LP-CT", "filling_defect", defect_mm=10.0),
    _seen("film-gap", "RADIOGRAPH", "discontinuity", views=("AP", "LATERAL"), **_FILM),
    _seen("dye-leak", "FLUOROSCOPY", "extravasation", views=("AP",), **_RUN),
    _planar("planar-pooling", "tracer_pooling"),
    _spect("spect-ct-healthy", "healthy"),
    _spect("spect-ct-pooling", "tracer_pooling"),
)


def make_sample(sample: Sample, folder: Path) -> None:
    """Make one sample in ``folder/<name>``, compressed without loss; each is a patient, though all have one anatomy.

    Parameters
    ----------
    sample : Sample
    folder : Path
    """
    place = folder / sample.name
    part = folder / f"{sample.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    write_study(sample.study, part)
    for path in sorted(part.rglob("*.dcm")):
        dataset = pydicom.dcmread(path)
        dataset.PatientID, dataset.PatientName = f"SAMPLE-{sample.name}", f"SAMPLE^{sample.name}".upper()
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        dataset.save_as(path, enforce_file_format=True)
    part.rename(place)


def make_samples(folder: Path) -> Path:
    """Make every sample that is not there, and write the manifest.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Path
        Of ``manifest.json``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        if not (folder / sample.name).exists():
            make_sample(sample, folder)
    path = folder / "manifest.json"
    told = {"schema": SCHEMA, "pictures": PICTURES, "samples": [_entry(sample, folder) for sample in SAMPLES]}
    path.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _entry(sample: Sample, folder: Path) -> dict[str, object]:
    """What the manifest says of one sample."""
    study = sample.study
    return {
        "name": sample.name,
        "modality": study.modality,
        "fault": study.fault,
        "seed": study.seed,
        "split": split_of(study.seed),
        "sha256": digest_of(folder / sample.name),
        "bytes": sum(path.stat().st_size for path in (folder / sample.name).rglob("*") if path.is_file()),
    }


def digest_of(folder: Path) -> str:
    """One SHA-256 over all files of a folder: their names in order, and their bytes."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder).as_posix()}\n".encode())
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


if __name__ == "__main__":
    print(make_samples(Path(sys.argv[1])))  # noqa: T201 - a script's answer
