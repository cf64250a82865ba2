"""The fast walker goes through sequences of every encoding, and gives up rather than guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from synthetic_series import KEY, oblique_grid, write_series

from catheterview.limits.read import ReadLimits
from catheterview.read import scan, tags
from catheterview.read.fallback import library_fields
from catheterview.read.header import data_start, read_fields
from catheterview.read.sources import FileSource
from catheterview.read.walker import Fields, TooShort, Unusual, meta_end, text, walk

LIMITS = ReadLimits()
LITTLE = [ImplicitVRLittleEndian, ExplicitVRLittleEndian]


def nested(*, undefined: bool, depth: int = 3) -> Sequence:
    """Sequences in sequences, in items of either kind of length, that hold a position which is not the slice's."""
    item = Dataset()
    item.ImagePositionPatient = [9, 9, 9]
    item.SeriesInstanceUID = "9.9.9"
    item.add_new(0x00091001, "UN", b"\xfe\xff\x00\xe0")
    if depth:
        item.ReferencedImageSequence = nested(undefined=undefined, depth=depth - 1)
        item["ReferencedImageSequence"].is_undefined_length = undefined
    item.is_undefined_length_sequence_item = undefined
    return Sequence([item, item])


def with_sequences(*, undefined: bool):
    def change(one, _k):
        one.ReferencedStudySequence = nested(undefined=undefined)
        one["ReferencedStudySequence"].is_undefined_length = undefined
        one.RequestAttributesSequence = nested(undefined=undefined)
        one.add_new(0x00091002, "OB", bytes(100))

    return change


def walked(path: Path) -> Fields:
    """A file by the walker alone."""
    buffer = path.read_bytes()
    syntax, at = meta_end(buffer, start=132)
    return walk(buffer, syntax=syntax, start=at, size=len(buffer))


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("syntax", LITTLE, ids=lambda syntax: syntax.keyword)
def test_values_inside_sequences_are_not_the_slices_own(tmp_path: Path, syntax: UID, undefined: bool) -> None:
    """Sequences of defined and undefined length are stepped over, by the walker itself, as pydicom does."""
    change = with_sequences(undefined=undefined)
    (path,) = write_series(tmp_path, oblique_grid((1, 5, 7)), syntax=syntax, change=change)
    fields = walked(path)
    assert text(fields.values[tags.SERIES]).startswith("1.2.826")
    assert fields == library_fields(FileSource(path=str(path), name="x"), 132, limits=LIMITS)


def test_a_header_longer_than_the_first_look_is_read(tmp_path: Path) -> None:
    """A header of half a megabyte is read as well as a short one."""

    def change(one, _k):
        one.add_new(0x00090010, "LO", "LARGE")
        one.add_new(0x00091001, "OB", bytes(400_000))

    (path,) = write_series(tmp_path, oblique_grid((1, 5, 7)), change=change)
    source = FileSource(path=str(path), name="x")
    assert read_fields(source, limits=LIMITS) == library_fields(source, 132, limits=LIMITS)
    buffer, size = source.head(16 << 10)
    syntax, at = meta_end(buffer, start=data_start(buffer, name="x"))
    with pytest.raises(TooShort):
        walk(buffer, syntax=syntax, start=at, size=size)


def test_big_endian_is_left_to_pydicom_and_turned_round(tmp_path: Path) -> None:
    """The walker gives up; the library's numbers come out little-endian."""
    (path,) = write_series(tmp_path, oblique_grid((1, 5, 7)), syntax=ExplicitVRBigEndian)
    with pytest.raises(Unusual):
        walked(path)
    fields = read_fields(FileSource(path=str(path), name="x"), limits=LIMITS)
    assert fields.values[tags.ROWS] == b"\x05\x00"
    assert fields.values[tags.COLUMNS] == b"\x07\x00"


@pytest.mark.parametrize("cut", range(140, 700, 37))
def test_a_cut_header_is_never_taken_for_whole(tmp_path: Path, cut: int) -> None:
    """Wherever a header ends too early, the walker gives up."""
    (path,) = write_series(tmp_path, oblique_grid((1, 5, 7)))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(Unusual):
        walked(path)


@pytest.mark.parametrize("left", [0, 1, 3])
def test_a_file_that_ends_within_a_length_is_one_problem(tmp_path: Path, left: int) -> None:
    """Cut within the four bytes of a long element's length, it is refused by name; the scan goes on."""
    write_series(
        tmp_path, grid=oblique_grid((3, 5, 6)), change=lambda one, _k: one.add_new(0x00091002, "OB", bytes(100))
    )
    first = sorted(tmp_path.rglob("*.dcm"))[0]
    whole = first.read_bytes()
    first.write_bytes(whole[: whole.index(b"\x09\x00\x02\x10OB\0\0") + 8 + left])
    inventory = scan([tmp_path], key=KEY)
    assert [problem.path_or_uid.rsplit("/", 1)[-1] for problem in inventory.problems if "DICOM" in problem.reason] == [
        first.name
    ]
    assert inventory.files == 3


def test_sequences_without_end_are_not_followed(tmp_path: Path) -> None:
    """Nesting beyond reason is left to the library, not to the stack."""
    item = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    buffer = item * 2000
    with pytest.raises(Unusual, match="nested too deep"):
        walk(buffer, syntax=ExplicitVRLittleEndian, start=0, size=len(buffer))
    (tmp_path / "deep.dcm").write_bytes(bytes(128) + b"DICM" + buffer)
    (problem,) = scan([tmp_path], key=KEY).problems
    assert problem.reason.startswith(("broken DICOM", "no StudyInstanceUID"))
