"""The sample studies: as the manifest says, small, all of train, and made again to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pydicom

from catheterview.phantom.recipe import PICTURES
from catheterview.phantom.samples import SAMPLES, SCHEMA, digest_of, make_sample

FOLDER = Path(__file__).resolve().parents[2] / "sample_data"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
AGAIN = "ct-gap"  # which one is made again


def test_the_manifest_tells_every_sample() -> None:
    """Names, faults and sizes; no seed that anything is tested on; less than 25 MB in all."""
    assert (MANIFEST["schema"], MANIFEST["pictures"]) == (SCHEMA, PICTURES)
    assert [one["name"] for one in MANIFEST["samples"]] == [one.name for one in SAMPLES]
    assert {one["split"] for one in MANIFEST["samples"]} == {"train"}
    assert sum(one["bytes"] for one in MANIFEST["samples"]) < 25_000_000


def test_no_sample_was_changed() -> None:
    """The files are those that the manifest was written for, and each has its truth."""
    for one in MANIFEST["samples"]:
        assert digest_of(FOLDER / one["name"]) == one["sha256"], one["name"]
        assert list((FOLDER / one["name"]).rglob("truth.json")), one["name"]


def test_a_sample_is_made_again_to_the_byte(tmp_path: Path) -> None:
    """One of them, from its recipe alone; the bytes of DICOM and truth follow from it."""
    (sample,) = (one for one in SAMPLES if one.name == AGAIN)
    make_sample(sample, tmp_path)
    expected = next(one["sha256"] for one in MANIFEST["samples"] if one["name"] == AGAIN)
    assert digest_of(tmp_path / AGAIN) == expected


def test_samples_are_compressed_without_loss() -> None:
    """JPEG-LS, a pseudonym, and nothing that says when or where it was made."""
    for sample in SAMPLES:
        dataset = pydicom.dcmread(next((FOLDER / sample.name).rglob("*.dcm")))
        assert dataset.file_meta.TransferSyntaxUID == pydicom.uid.JPEGLSLossless
        assert str(dataset.PatientName).startswith("SAMPLE^")


def test_each_sample_is_a_patient_of_its_own() -> None:
    """Triaged together they are as many cases, and no file of one passes for another's copy."""
    patients: dict[str, set[str]] = {}
    objects: list[str] = []
    for path in FOLDER.rglob("*.dcm"):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        patients.setdefault(path.relative_to(FOLDER).parts[0], set()).add(str(header.PatientID))
        objects.append(str(header.SOPInstanceUID))
    assert all(len(ids) == 1 for ids in patients.values())
    assert len(set.union(*patients.values())) == len(patients) == len(SAMPLES)
    assert len(set(objects)) == len(objects)
