"""Which masks of another segmentation tool belong to which case, and what they put in place of our anatomy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from catheterview.anatomy import with_given
from catheterview.errors import CatheterviewError, InputError
from catheterview.limits import Limits
from catheterview.masks import MasksRead, gathered, is_nifti, read_nifti, read_seg
from catheterview.model import Anatomy, Examined, Image, Problem
from catheterview.read import Case, MaskFile, scan
from catheterview.read.instance import Instance
from catheterview.read.sources import FileSource, opened
from catheterview.triage.journal import Journal

#: Name in a report's `examined`.
MASKS = "masks"
_DICOM = ("", ".dcm", ".ima", ".zip")


def with_masks(
    cases: Sequence[Case], given: Path, *, limits: Limits, key: bytes
) -> tuple[tuple[Case, ...], tuple[Problem, ...]]:
    """Find the masks in a file or folder and give each to its case.

    Parameters
    ----------
    cases : sequence of Case
    given : Path
        DICOM Segmentation objects belong to the case with a CT of their frame of reference. NIfTI files name nobody:
        they belong to the case, study or series whose id or UID the file or a folder above it is named by, else to the
        only case.
    limits : Limits
    key : bytes

    Returns
    -------
    cases : tuple of Case
    problems : tuple of Problem
        Files that belong to no case.

    Raises
    ------
    InputError
        When nothing is there.
    """
    if not given.exists():
        raise InputError("the masks are not there", where=given.name)
    files = [given] if given.is_file() else sorted(path for path in given.rglob("*") if path.is_file())
    placed = [_of_nifti(path, given, cases) for path in files if is_nifti(path)]
    objects = [path for path in files if path.suffix.lower() in _DICOM]
    inventory = scan(objects, limits=limits.read, key=key)
    placed += [_of_object(one, cases) for series in inventory.series for one in series.instances]
    found: dict[str, tuple[MaskFile, ...]] = {}
    for one in placed:
        if not isinstance(one, Problem):
            found[one[0]] = (*found.get(one[0], ()), one[1])
    problems = (*inventory.problems, *(one for one in placed if isinstance(one, Problem)))
    return tuple(replace(case, masks=found.get(case.case_id, ())) for case in cases), problems


def masks_of(case: Case) -> tuple[MaskFile, ...]:
    """The masks that were named for a case, and DICOM Segmentation objects that lie among its own images."""
    series = [one for study in case.studies for one in study.series if one.modality == "SEG"]
    within = (
        MaskFile(source=one.source, frame_of_reference_uid=one.frame_of_reference_uid, asked=False)
        for each in series
        for one in each.instances
        if one.frame_of_reference_uid
    )
    return (*case.masks, *within)


def _of_nifti(path: Path, given: Path, cases: Sequence[Case]) -> tuple[str, MaskFile] | Problem:
    """The case of a NIfTI file."""
    stem = path.name[: path.name.lower().rindex(".nii")]
    names = {given.name, stem, *path.relative_to(given).parts[:-1]} if given.is_dir() else {stem, given.parent.name}
    source = FileSource(path=str(path), name=path.name)
    for case in cases:
        series = {one.series_instance_uid for study in case.studies for one in study.series}
        if names & ({case.case_id} | series | {study.study_instance_uid for study in case.studies}):
            return case.case_id, MaskFile(source=source, series_instance_uid=next(iter(names & series), ""))
    if len(cases) == 1:
        return cases[0].case_id, MaskFile(source=source)
    reason = "masks without a case: with several cases a folder has to be named by case id, study or series UID"
    return _problem(path.name, reason)


def _of_object(one: Instance, cases: Sequence[Case]) -> tuple[str, MaskFile] | Problem:
    """The case of a DICOM object."""
    modality, frame = one.header.said.modality, one.frame_of_reference_uid
    if modality != "SEG":
        return _problem(one.source.name, f"no masks: a {modality} object is no segmentation")
    for case in cases:
        cts = (each for study in case.studies for each in study.series if each.modality == "CT")
        if frame and any(each.frame_of_reference_uid == frame for each in cts):
            return case.case_id, MaskFile(source=one.source, frame_of_reference_uid=frame)
    return _problem(one.source.name, "wrong frame of reference: no CT here has that of this segmentation")


def masked(
    image: Image, found: Anatomy, files: Sequence[MaskFile], *, limits: Limits, journal: Journal
) -> tuple[Anatomy, tuple[Examined, ...]]:
    """Put what masks hold in place of the anatomy that was found, and say where each part comes from.

    Parameters
    ----------
    image : Image
        The CT.
    found : Anatomy
    files : sequence of MaskFile
        Of the case.
    limits : Limits
    journal : Journal
        Told what cannot be taken of masks that a person named.

    Returns
    -------
    anatomy : Anatomy
        As it was where no mask can be taken.
    examined : tuple of Examined
        One line where there are masks for this CT.
    """
    mine = [one for one in files if one.is_for(image)]
    asked = any(one.asked for one in mine)
    uid = image.series_instance_uid
    read = MasksRead()
    for one in mine:
        read = read.joined(_read(one))
    put = gathered(read.masks, image, limits.masks)
    refused = (*read.refused, *put.refused, *(("all masks are empty",) if read.empty and not read.masks else ()))
    if asked:
        for reason in refused:
            journal.note("masks", uid, reason, blocks=False)
    if put.given is None:
        skipped = Examined(detector=MASKS, series_instance_uids=(uid,), outcome="SKIPPED", why="; ".join(refused))
        return found, (skipped,) if asked else ()
    anatomy, told = with_given(image, found, put.given, limits.anatomy)
    return anatomy, (Examined(detector=MASKS, series_instance_uids=(uid,), outcome="RAN", why=told),)


def _read(one: MaskFile) -> MasksRead:
    """The masks of a file, or why there are none."""
    try:
        if isinstance(one.source, FileSource) and is_nifti(Path(one.source.path)):
            return read_nifti(Path(one.source.path))
        with opened(one.source) as stream:
            return read_seg(stream, name=one.source.name)
    except CatheterviewError as error:
        return MasksRead(refused=(f"{error.where}: {error.reason}" if error.where else error.reason,))


def _problem(name: str, reason: str) -> Problem:
    return Problem(path_or_uid=name, stage="masks", reason=reason)
