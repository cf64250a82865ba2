"""Many objects: each is de-identified, checked and written, or named with the reason why it was not."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pydicom

from catheterview.deidentify.checks import burnt_in, doubtful, identifiers, left_over
from catheterview.deidentify.profile import apply_profile
from catheterview.errors import InputError
from catheterview.model import Problem

#: A name to tell of, relative to what was given, and how to open it.
Given = tuple[str, Callable[[], AbstractContextManager[BinaryIO]]]
_BROKEN = (
    AttributeError, EOFError, KeyError, NotImplementedError, OSError, RecursionError, TypeError, ValueError,
    pydicom.errors.InvalidDicomError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deidentified:
    """What became of the objects.

    Parameters
    ----------
    written : int
    refused : tuple of Problem
        Not written.
    warnings : tuple of Problem
        Written, but somebody should look.
    """

    written: int
    refused: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def deidentify(given: Iterable[Given], out: Path, *, key: bytes) -> Deidentified:
    """De-identify objects by the basic profile.

    Parameters
    ----------
    given : iterable of (name, opener)
    out : Path
        Gets ``<subject>/<series>/<object>.dcm``, all three new.
    key : bytes
        The site's secret: with it the same original always gets the same new UIDs, so that references resolve, also
        between two runs.

    Returns
    -------
    Deidentified

    Raises
    ------
    InputError
        When the output cannot be written.
    """
    written, refused, doubts = 0, [], []
    out.mkdir(parents=True, exist_ok=True)
    for name, opener in given:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they quote the patient's name
                why, doubt = _one(opener, out, key)
        except _BROKEN as error:
            why, doubt = f"cannot be read as DICOM ({type(error).__name__})", ""
        if why:
            refused.append(Problem(path_or_uid=name, stage="deidentify", reason=why))
            continue
        written += 1
        if doubt:
            doubts.append(Problem(path_or_uid=name, stage="deidentify", reason=doubt))
    return Deidentified(written=written, refused=tuple(refused), warnings=tuple(doubts))


def _one(opener: Callable[[], AbstractContextManager[BinaryIO]], out: Path, key: bytes) -> tuple[str, str]:
    """De-identify one object; return why it was refused, or what is doubtful about it."""
    with opener() as stream:
        dataset = pydicom.dcmread(BytesIO(stream.read()))
    if why := burnt_in(dataset):
        return why, ""
    known, doubt = identifiers(dataset), doubtful(dataset)
    apply_profile(dataset, key)
    if left := left_over(dataset, known):
        return f"something of the original is left in {', '.join(left)}", ""
    series = str(dataset.get("SeriesInstanceUID") or "none")
    _write(dataset, out / str(dataset.PatientID) / series / f"{dataset.SOPInstanceUID}.dcm")
    return "", doubt


def _write(dataset: pydicom.Dataset, path: Path) -> None:
    """Write a file, whole or not at all."""
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(buffer.getvalue())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"cannot write: {error.strerror or error}", where="--out") from error
