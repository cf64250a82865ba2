"""De-identification: nothing of the original is left, references resolve, and what cannot be known is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pydicom
import pytest
from click.testing import CliRunner
from pydicom.dataset import Dataset, FileMetaDataset

from catheterview.cli import main
from catheterview.deidentify.checks import left_over
from catheterview.deidentify.profile import subject
from catheterview.deidentify.table import Action, action_of

CT = "1.2.840.10008.5.1.4.1.1.2"
SC = "1.2.840.10008.5.1.4.1.1.7"
ROOT = "1.3.6.1.4.1.5962.99.7"
NAMES = ("Yellowbird", "Serinus", "CANARY-7", "19500102", "Finchley", "SecretText", "Dr Who", ROOT)


def image(number: int, *, sop_class: str = CT, **more: Any) -> Dataset:
    """A slice that tells who the patient is wherever one can, and refers to its neighbour at two depths."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = sop_class
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = f"{ROOT}.{number}"
    made.file_meta.SourceApplicationEntityTitle = "Finchley"
    made.preamble = b"Yellowbird".ljust(128, b"\0")
    made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = (
        f"{ROOT}.1000",
        f"{ROOT}.1001",
        f"{ROOT}.9",
    )
    made.PatientName, made.PatientID, made.PatientBirthDate = "Yellowbird^Serinus", "CANARY-7", "19500102"
    made.StudyDate, made.StudyTime, made.AccessionNumber = "20260302", "1010", "SecretText1"
    made.ReferringPhysicianName, made.InstitutionName = "Dr Who", "Finchley Hospital"
    made.StudyDescription, made.ImageComments = "SecretText for Yellowbird", "SecretText"
    made.OtherPatientIDsSequence = [Dataset()]
    made.OtherPatientIDsSequence[0].PatientID = "CANARY-7"
    made.Modality, made.Manufacturer = "CT", "HAL"
    made.ReferencedImageSequence = [reference(number + 1)]
    made.SourceImageSequence = [reference(number + 1)]
    made.SourceImageSequence[0].PurposeOfReferenceCodeSequence = [Dataset()]
    made.SourceImageSequence[0].PurposeOfReferenceCodeSequence[0].ContextUID = f"{ROOT}.77"
    private = made.private_block(0x0009, "SecretText", create=True)
    private.add_new(1, "LO", "Yellowbird")
    made.Rows = made.Columns = 2
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation, made.PixelData = 15, 0, b"\1\2\3\4\5\6\7\0"
    for name, value in more.items():
        setattr(made, name, value)
    return made


def reference(number: int) -> Dataset:
    """A reference to another slice."""
    made = Dataset()
    made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = CT, f"{ROOT}.{number}"
    return made


def run(folder: Path, images: list[Dataset]) -> tuple[Any, list[Dataset]]:
    """Write images, de-identify the folder, read what came out."""
    (folder / "in").mkdir(exist_ok=True)
    for number, one in enumerate(images):
        one.save_as(folder / "in" / f"{number}.dcm", enforce_file_format=True)
    result = CliRunner().invoke(main, ["deidentify", str(folder / "in"), "--out", str(folder / "out"), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    found = [pydicom.dcmread(path) for path in sorted((folder / "out").rglob("*.dcm"))]
    return json.loads(result.stdout) | {"status": result.exit_code}, found


def test_nothing_of_the_original_is_left(tmp_path: Path) -> None:
    """No name, number, date, place, private tag or UID of the original, anywhere in the bytes or file names."""
    told, found = run(tmp_path, [image(1), image(2)])
    assert (told["written"], told["status"]) == (2, 0)
    for path in (tmp_path / "out").rglob("*"):
        text = (path.read_bytes() if path.is_file() else b"").decode("latin-1") + str(path.relative_to(tmp_path))
        assert not [name for name in NAMES if name in text]
    for one in found:
        assert not [element for element in one.iterall() if element.tag.is_private]


def test_it_says_that_it_was_done_and_how(tmp_path: Path) -> None:
    """Identity removed, the method in words and as a code, times removed; pixels as they were."""
    _, (one,) = run(tmp_path, [image(1)])
    assert one.PatientIdentityRemoved == "YES"
    assert "PS3.15" in one.DeidentificationMethod
    assert one.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert one.LongitudinalTemporalInformationModified == "REMOVED"
    assert one.PixelData == image(1).PixelData
    assert (one.SOPClassUID, one.Modality) == (CT, "CT")
    assert one.StudyDate == ""


def test_references_still_resolve(tmp_path: Path) -> None:
    """A reference at any depth leads to the new UID of the same object, in another run as well."""
    _, (first, second) = run(tmp_path, [image(1), image(2)])
    uids = {one.SOPInstanceUID for one in (first, second)}
    targets = {item.ReferencedSOPInstanceUID for one in (first, second) for item in one.SourceImageSequence}
    assert len(uids & targets) == 1  # 1 refers to 2; 2 refers to 3, which is not here
    assert first.StudyInstanceUID == second.StudyInstanceUID
    (tmp_path / "b").mkdir()
    _, (again,) = run(tmp_path / "b", [image(2)])
    assert again.SOPInstanceUID in uids


def test_two_patients_stay_two() -> None:
    """Subjects differ by issuer and number, and cannot be found without the key."""
    names = {subject("A", "1", b"k"), subject("B", "1", b"k"), subject("A", "2", b"k"), subject("A", "1", b"other")}
    assert len(names) == 4


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"BurnedInAnnotation": "YES"}, "burnt-in"),
        ({"SOPClassUID": SC}, "secondary capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}, "encapsulated"),
        ({"SeriesDescription": "x", "ProtocolName": "x", "Manufacturer": "Yellowbird Ltd"}, "left in Manufacturer"),
    ],
)
def test_what_may_still_tell_is_refused(tmp_path: Path, more: dict[str, str], why: str) -> None:
    """Burnt-in text, documents, and a name in a tag that the profile leaves: not written, with the reason."""
    told, found = run(tmp_path, [image(1, **more)])
    assert found == []
    assert told["status"] == 1
    assert why in told["refused"][0]["reason"]
    assert "Yellowbird" not in json.dumps(told)


def test_doubt_is_told(tmp_path: Path) -> None:
    """A film without a word on burnt-in text is written, and somebody is asked to look."""
    told, found = run(tmp_path, [image(1, Modality="CR")])
    assert len(found) == 1
    assert "look at it" in told["warnings"][0]["reason"]
    assert told["status"] == 0


def test_what_is_no_dicom_is_told(tmp_path: Path) -> None:
    """Another file is refused by name; the rest is done."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("Yellowbird")
    told, found = run(tmp_path, [image(1)])
    assert len(found) == 1
    assert told["refused"][0]["path_or_uid"] == "notes.txt"


def test_a_report_loses_its_sentences_and_keeps_its_shape(tmp_path: Path) -> None:
    """Text and names within a structured report go, at every depth; codes and references stay."""
    report = image(1, sop_class="1.2.840.10008.5.1.4.1.1.88.34", Modality="SR")
    del report.PixelData
    item, inner = Dataset(), Dataset()
    inner.ValueType, inner.TextValue, inner.PersonName = "TEXT", "SecretText of Yellowbird", "Dr Who"
    inner.ReferencedSOPSequence = [reference(1)]
    item.ValueType, item.ContentSequence = "CONTAINER", [inner]
    report.ContentSequence = [item]
    _, (one,) = run(tmp_path, [report])
    deep = one.ContentSequence[0].ContentSequence[0]
    assert (deep.ValueType, deep.TextValue) == ("TEXT", "REMOVED")
    assert deep.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == one.SOPInstanceUID


def test_the_second_look_sees_what_is_left() -> None:
    """The check is no formality: a UID, a name in a deep text and a private tag are all found."""
    one = image(1)
    left = left_over(one, frozenset({f"{ROOT}.1", "Yellowbird"}))
    assert {"SOPInstanceUID", "PatientName", "StudyDescription"} <= set(left)
    assert left_over(silent(), frozenset({"Yellowbird"})) == ()


def test_digits_of_a_number_may_stand_within_coordinates() -> None:
    """A patient's number of four digits: not looked for within positions, but it is as a number of its own."""
    one, known = silent(), frozenset({"1234", "5678"})
    one.ImagePositionPatient, one.SliceLocation = [-51.1234, 12.0, 56.78123], "1234.5"
    one.GraphicData = [1234.0, 5678.0]
    assert left_over(one, known) == ()
    one.SeriesNumber = 5678
    one.ImageComments = "see 1234"
    assert set(left_over(one, known)) == {"SeriesNumber", "ImageComments"}


def silent() -> Dataset:
    """An object that says nothing."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.Modality = "CT"
    return made


def test_the_table_knows_repeating_groups() -> None:
    """Curves and overlays go whichever their number; what the profile does not name stays."""
    assert action_of(0x50020010) is Action.REMOVE
    assert action_of(0x60043000) is Action.REMOVE
    assert action_of(0x00100010) is Action.EMPTY
    assert action_of(0x00280010) is None
