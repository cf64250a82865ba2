"""Every file is accounted for: folders, zips, links, special files, doubles, indexes, and archives that mean harm."""

from __future__ import annotations

import os
import shutil
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from synthetic_series import KEY, SERIES, oblique_grid, write_series

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read import Inventory, load, scan


def reasons(inventory: Inventory) -> dict[str, str]:
    return {problem.path_or_uid: problem.reason for problem in inventory.problems}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A series of six slices in a folder of its own."""
    write_series(tmp_path / "in" / "deep" / "er", oblique_grid())
    return tmp_path / "in"


def zipped(folder: Path, path: Path, *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for one in sorted(folder.rglob("*.dcm")):
            archive.write(one, one.relative_to(folder))
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_reads_like_its_folder(folder: Path, tmp_path: Path, method: int) -> None:
    """The voxels of a zipped series are those of the folder, however it was packed."""
    (plain,) = scan([folder], key=KEY).series
    packed = scan([zipped(folder, tmp_path / "study.zip", method=method)], key=KEY)
    assert packed.files == 6
    assert packed.problems == ()
    np.testing.assert_array_equal(load(packed.series[0]).voxels, load(plain).voxels)
    assert packed.series[0].files[0].startswith("study.zip/deep/er/")


def test_a_zip_can_be_given_among_folders(folder: Path, tmp_path: Path) -> None:
    """A zip that lies in a walked folder is opened; one in a zip is only reported."""
    inner = zipped(folder, tmp_path / "inner.zip")
    shutil.rmtree(folder / "deep")
    with zipfile.ZipFile(folder / "outer.zip", "w") as archive:
        archive.write(inner, "inner.zip")
    shutil.move(inner, folder / "beside.zip")
    inventory = scan([folder], key=KEY)
    assert reasons(inventory) == {"outer.zip/inner.zip": "nested archive: not followed"}
    assert (inventory.files, len(inventory.series[0].files)) == (7, 6)


def test_a_member_named_to_climb_out_is_read_where_it_is(folder: Path, tmp_path: Path) -> None:
    """No name in an archive becomes a path: nothing is written anywhere, and the image is read all the same."""
    one = next(folder.rglob("*.dcm"))
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.write(one, "../../../evil.dcm")
        archive.writestr("/absolute.dcm", one.read_bytes())
    before = sorted(tmp_path.rglob("*"))
    inventory = scan([tmp_path / "evil.zip"], key=KEY)
    assert sorted(tmp_path.rglob("*")) == before
    assert inventory.files == 2
    assert inventory.series[0].files == ("evil.zip/../../../evil.dcm",)
    assert reasons(inventory)["evil.zip//absolute.dcm"].startswith("doubled file: ")


def test_an_archive_bomb_is_refused_unopened(tmp_path: Path) -> None:
    """A member that claims to inflate without measure is refused by its claim."""
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.dcm", bytes(40 << 20))
    inventory = scan([tmp_path / "bomb.zip"], key=KEY)
    assert reasons(inventory)["bomb.zip/zeros.dcm"].startswith("archive bomb: ")


def test_an_archive_of_too_many_members_is_refused(folder: Path, tmp_path: Path) -> None:
    """The number of members is bounded."""
    inventory = scan([zipped(folder, tmp_path / "many.zip")], key=KEY, limits=ReadLimits(max_archive_members=5))
    assert reasons(inventory) == {"many.zip": "archive bomb: 6 members, more than 5"}
    assert inventory.files == 1


def test_a_member_that_lies_about_its_size_is_cut_there(folder: Path, tmp_path: Path) -> None:
    """A member is read no further than the archive says it goes, and then it is truncated."""
    path = zipped(folder, tmp_path / "lie.zip", method=zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (600).to_bytes(4, "little")
    path.write_bytes(raw)
    inventory = scan([path], key=KEY)
    lies = [reason for name, reason in reasons(inventory).items() if name.startswith("lie.zip/")]
    assert len(lies) == 1
    assert inventory.files == 6


def test_an_encrypted_member_is_reported(folder: Path, tmp_path: Path) -> None:
    """What cannot be opened is named."""
    path = zipped(folder, tmp_path / "secret.zip")
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    path.write_bytes(raw)
    inventory = scan([path], key=KEY)
    assert next(iter(reasons(inventory).values())) == "encrypted member"


@pytest.mark.parametrize(("content", "reason"), [(b"PK no zip at all", "broken archive"), (b"", "broken archive")])
def test_a_broken_archive_is_one_problem(tmp_path: Path, content: bytes, reason: str) -> None:
    """An archive that cannot be opened is one file with one reason."""
    (tmp_path / "broken.zip").write_bytes(content)
    inventory = scan([tmp_path / "broken.zip"], key=KEY)
    assert inventory.files == 1
    assert reasons(inventory)["broken.zip"].startswith(reason)


def test_an_empty_archive_is_one_problem(tmp_path: Path) -> None:
    """An archive of nothing is said to hold nothing."""
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    inventory = scan([tmp_path / "empty.zip"], key=KEY)
    assert (inventory.files, reasons(inventory)) == (1, {"empty.zip": "empty archive"})


def test_what_is_not_dicom_is_named(folder: Path) -> None:
    """Readmes, empty files and pictures among the images are each a problem of their own."""
    (folder / "README.md").write_text("no image")
    (folder / "nothing").write_bytes(b"")
    inventory = scan([folder], key=KEY)
    assert reasons(inventory) == {"README.md": "not DICOM", "nothing": "empty file"}
    assert inventory.files == 8


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_pipes_and_links_to_folders_are_not_followed(folder: Path) -> None:
    """Nothing that could block or not end is opened; a link to a file is read."""
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "gone").symlink_to(folder / "nowhere")
    target = next(folder.rglob("*.dcm"))
    shutil.move(target, folder.parent / "elsewhere.dcm")
    target.symlink_to(folder.parent / "elsewhere.dcm")
    inventory = scan([folder], key=KEY)
    assert reasons(inventory)["pipe"] == "special file: not opened"
    assert reasons(inventory)["loop"] == "link to a folder: not followed"
    assert reasons(inventory)["gone"].startswith("cannot be read")
    assert inventory.series[0].stackable


def test_the_same_image_twice_is_kept_once(folder: Path) -> None:
    """A copy of a file is a problem, not a doubled slice."""
    original = sorted(folder.rglob("*.dcm"))[0]
    shutil.copy(original, original.with_name("zz_copy.dcm"))
    inventory = scan([folder], key=KEY)
    assert reasons(inventory) == {"deep/er/zz_copy.dcm": "doubled file: same SOPInstanceUID as deep/er/image000.dcm"}
    assert inventory.series[0].stackable


def test_a_file_given_twice_is_counted_once(folder: Path) -> None:
    """A folder and a file in it together are the folder."""
    inventory = scan([folder, next(folder.rglob("*.dcm"))], key=KEY)
    assert (inventory.files, inventory.problems) == (6, ())


def test_a_dicomdir_is_an_index(folder: Path) -> None:
    """A DICOMDIR is accounted for; what it names is found by walking."""
    path = pydicom.data.get_testdata_file("DICOMDIR")
    shutil.copy(path, folder / "DICOMDIR")
    inventory = scan([folder], key=KEY)
    assert reasons(inventory)["DICOMDIR"].startswith("DICOMDIR: ")
    assert inventory.series[0].stackable


def test_an_input_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    """A path that leads nowhere is named, and nothing else is lost."""
    inventory = scan([tmp_path / "nowhere"], key=KEY)
    assert inventory.files == 1
    assert reasons(inventory)["nowhere"].startswith("cannot be read")


def test_a_file_without_preamble_is_read(folder: Path) -> None:
    """Files from before part 10, or cut to their data set, are read where they begin as one."""
    for path in folder.rglob("*.dcm"):
        raw = path.read_bytes()
        path.write_bytes(raw[132:])
    inventory = scan([folder], key=KEY)
    assert inventory.problems == ()
    assert inventory.series[0].stackable
    load(inventory.series[0])


@pytest.mark.parametrize("syntax", [pydicom.uid.ImplicitVRLittleEndian, pydicom.uid.ExplicitVRLittleEndian])
def test_a_bare_data_set_is_read(folder: Path, syntax: pydicom.uid.UID) -> None:
    """Without meta information the encoding is seen from the first element."""
    for path in folder.rglob("*.dcm"):
        one = pydicom.dcmread(path)
        del one.file_meta
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pydicom.dcmwrite(path, one, implicit_vr=syntax.is_implicit_VR, little_endian=True)
    inventory = scan([folder], key=KEY)
    assert inventory.problems == ()
    assert len(inventory.series[0].files) == 6


def test_names_and_order_of_files_say_nothing(folder: Path, tmp_path: Path) -> None:
    """Renamed and moved files give the same series, stack for stack."""
    for n, path in enumerate(sorted(folder.rglob("*.dcm"), reverse=True)):
        target = tmp_path / "other" / str(n % 3) / f"x{n * 7 % 6}.bin"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (first,), (second,) = scan([folder], key=KEY).series, scan([tmp_path / "other"], key=KEY).series
    assert load(first).sop_instance_uids == load(second).sop_instance_uids
    np.testing.assert_array_equal(load(first).placed.affine, load(second).placed.affine)


def test_a_file_that_goes_away_is_an_error_with_its_name(folder: Path) -> None:
    """Pixels are read on demand: what was moved since is named."""
    (series,) = scan([folder], key=KEY).series
    shutil.move(folder / "deep", folder / "moved")
    with pytest.raises(UnreadableError, match="deep/er/image00"):
        load(series)


def test_no_name_of_a_person_is_kept(folder: Path) -> None:
    """Nothing that scanning returns holds the patient's name or number."""
    inventory = scan([folder], key=KEY)
    everything = repr(inventory) + repr(inventory.series[0].instances)
    assert SERIES in everything
    assert "Secret" not in everything
    assert "4711" not in everything
    assert "HOSPITAL" not in everything


def test_a_name_of_any_bytes_can_be_written_down(tmp_path: Path) -> None:
    """A file name that is no text is still named in a way that a report can hold."""
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.dcm")).write_bytes(b"no image")
    except OSError:
        pytest.skip("this file system takes only text")
    (problem,) = scan([tmp_path], key=KEY).problems
    assert problem.path_or_uid == "caf\\xe9.dcm"
    assert problem.path_or_uid.encode()
