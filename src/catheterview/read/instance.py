"""One image, or one frame of one: what its header says that reading needs. No patient identity beyond the case id."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from catheterview.errors import UnreadableError
from catheterview.model import Rung
from catheterview.read import tags
from catheterview.read.identity import pseudonym, study_pseudonym
from catheterview.read.roles import Said, role_of, rung_of
from catheterview.read.sources import Source
from catheterview.read.walker import Fields, text

Triple: TypeAlias = tuple[float, float, float]
Values: TypeAlias = dict[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelFormat:
    """How stored values lie in the file: the image pixel module."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    photometric: str
    planar: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the images of a series usually share.

    Parameters
    ----------
    orientation : six floats or None
        Direction cosines along a row, then along a column (ImageOrientationPatient).
    spacing_mm, detector_spacing_mm : (between rows, between columns) or None
        PixelSpacing, ImagerPixelSpacing.
    padding : (low, high) or None
        Stored values that mean that there is no patient.
    said : Said
        What decided role and rung.
    """

    case_id: str
    study_instance_uid: str
    series_instance_uid: str
    study_date: str
    said: Said
    role: str
    rung: Rung
    syntax: str
    pixels: PixelFormat
    orientation: tuple[float, ...] | None
    spacing_mm: tuple[float, float] | None
    detector_spacing_mm: tuple[float, float] | None
    thickness_mm: float | None
    spacing_between_mm: float | None
    slope: float
    intercept: float
    padding: tuple[int, int] | None
    kernel: str
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """One slice or film: where its bytes are, and where it is in the patient.

    Parameters
    ----------
    position : (3,) LPS mm or None
        Centre of the first voxel (ImagePositionPatient).
    acquisition, time, temporal : str
        As written; they only tell slices apart.
    frame : int
        Which frame of the file this is; -1 for all of them (a film or cine).
    pixels_at, pixels_length, pixels_tag, size : int
        As in `catheterview.read.walker.Fields`.
    """

    source: Source = field(repr=False)
    header: Header
    sop_instance_uid: str
    position: Triple | None
    number: int | None
    acquisition: str
    time: str
    temporal: str
    frame_of_reference_uid: str
    frame: int
    pixels_at: int
    pixels_length: int
    pixels_tag: int
    size: int


class Headers:
    """Makes headers and keeps them: thousands of slices share a few.

    Parameters
    ----------
    key : bytes
        The site's secret for pseudonyms.
    """

    def __init__(self, *, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[object, ...], Header] = {}

    def of(self, fields: Fields, *, name: str) -> Header:
        """Return the header of a file with these fields.

        Raises
        ------
        UnreadableError
            When a field that everything hangs on is missing.
        """
        key = (fields.syntax, *map(fields.values.get, tags.SHARED))
        header = self._known.get(key)
        if header is None:
            header = self._known[key] = _header(fields, key=self._key, name=name)
        return header


def instance(source: Source, fields: Fields, header: Header) -> Instance:
    """Return the instance of a file that is one image."""
    get = fields.values.get
    number = get(tags.INSTANCE_NUMBER)
    position = numbers(get(tags.POSITION), count=3)
    return Instance(
        source=source,
        header=header,
        sop_instance_uid=text(get(tags.SOP_INSTANCE)),
        position=None if position is None else (position[0], position[1], position[2]),
        number=whole(number),
        acquisition=text(get(tags.ACQUISITION_NUMBER)),
        time=text(get(tags.ACQUISITION_TIME) or get(tags.ACQUISITION_DATE_TIME)),
        temporal=text(get(tags.TEMPORAL_POSITION)),
        frame_of_reference_uid=text(get(tags.FRAME_OF_REFERENCE)),
        frame=-1 if header.frames > 1 or header.role in ("film", "cine") else 0,
        pixels_at=fields.pixels_at,
        pixels_length=fields.pixels_length,
        pixels_tag=fields.pixels_tag,
        size=fields.size,
    )


def numbers(value: bytes | None, *, count: int) -> tuple[float, ...] | None:
    """Return `count` finite decimal strings as numbers; None when they are not that."""
    if not value:
        return None
    try:
        parts = tuple(map(float, value.strip(b"\0 ").split(b"\\")))
    except ValueError:
        return None
    return parts if len(parts) == count and all(map(math.isfinite, parts)) else None


def number_of(value: bytes | None) -> float | None:
    """Return one decimal string as a number; None when it is not one."""
    parts = numbers(value, count=1)
    return None if parts is None else parts[0]


def whole(value: bytes | None) -> int | None:
    """Return an integer string; None when it is not one."""
    one = number_of(value)
    return None if one is None or one != int(one) else int(one)


def _binary(value: bytes | None, *, missing: int) -> int:
    """Return a 16-bit number."""
    return int.from_bytes(value[:2], "little") if value and len(value) >= 2 else missing


def _pair(value: bytes | None) -> tuple[float, float] | None:
    """Return a positive (row, column) spacing; None when it is not one."""
    parts = numbers(value, count=2)
    return (parts[0], parts[1]) if parts is not None and min(parts) > 0 else None


def _header(fields: Fields, *, key: bytes, name: str) -> Header:
    """Read all shared fields."""
    get = fields.values.get
    study, series = text(get(tags.STUDY)), text(get(tags.SERIES))
    if get(tags.FIRST_RECORD):
        raise UnreadableError("DICOMDIR: an index; the files it names are read by themselves", where=name)
    if not study or not series:
        raise UnreadableError(f"no {'SeriesInstanceUID' if study else 'StudyInstanceUID'}", where=name)
    said = _said(get)
    pixels = _pixel_format(get)
    frames = whole(get(tags.FRAMES)) or 1
    slope, intercept = number_of(get(tags.SLOPE)), number_of(get(tags.INTERCEPT))
    return Header(
        case_id=_case_id(get, study, key=key),
        study_instance_uid=study,
        series_instance_uid=series,
        study_date=_iso_date(text(get(tags.STUDY_DATE))),
        said=said,
        role=role_of(said, frames=frames, gray=pixels.samples == 1),
        rung=rung_of(said),
        syntax=fields.syntax,
        pixels=pixels,
        orientation=numbers(get(tags.ORIENTATION), count=6),
        spacing_mm=_pair(get(tags.PIXEL_SPACING)),
        detector_spacing_mm=_pair(get(tags.DETECTOR_SPACING)),
        thickness_mm=number_of(get(tags.SLICE_THICKNESS)),
        spacing_between_mm=number_of(get(tags.SPACING_BETWEEN)),
        slope=1.0 if slope is None else slope,
        intercept=0.0 if intercept is None else intercept,
        padding=_padding(get, signed=pixels.signed),
        kernel=text(get(tags.KERNEL)),
        frames=frames,
    )


def _said(get: Callable[[int], bytes | None]) -> Said:
    """Collect what decides role and rung; descriptions are reduced to the words that matter."""
    return Said.of(
        sop_class=text(get(tags.SOP_CLASS)),
        modality=text(get(tags.MODALITY)).upper(),
        image_type=text(get(tags.IMAGE_TYPE)).upper(),
        route=text(get(tags.CONTRAST_ROUTE)),
        descriptions=f"{text(get(tags.STUDY_DESCRIPTION))} {text(get(tags.SERIES_DESCRIPTION))}",
    )


def _pixel_format(get: Callable[[int], bytes | None]) -> PixelFormat:
    """Read the image pixel module; 0 rows where there is none."""
    allocated = _binary(get(tags.BITS_ALLOCATED), missing=0)
    stored = _binary(get(tags.BITS_STORED), missing=allocated)
    return PixelFormat(
        rows=_binary(get(tags.ROWS), missing=0),
        columns=_binary(get(tags.COLUMNS), missing=0),
        samples=_binary(get(tags.SAMPLES), missing=1),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=_binary(get(tags.HIGH_BIT), missing=stored - 1 if stored else 0),
        signed=_binary(get(tags.SIGNED), missing=0) == 1,
        photometric=text(get(tags.PHOTOMETRIC)),
        planar=_binary(get(tags.PLANAR), missing=0),
    )


def _padding(get: Callable[[int], bytes | None], *, signed: bool) -> tuple[int, int] | None:
    """Return the stored values that are padding, as the pixels' sign reads them."""
    first, last = get(tags.PADDING), get(tags.PADDING_LIMIT)
    if not first or len(first) != 2:
        return None
    ends = [int.from_bytes(value, "little", signed=signed) for value in (first, last) if value and len(value) == 2]
    return min(ends), max(ends)


def _case_id(get: Callable[[int], bytes | None], study: str, *, key: bytes) -> str:
    """Return the pseudonym; an empty PatientID makes the study the case."""
    patient_id = _decoded(get(tags.PATIENT_ID), get(tags.CHARACTER_SET))
    if not patient_id:
        return study_pseudonym(study, key=key)
    return pseudonym(issuer=_decoded(get(tags.ISSUER), get(tags.CHARACTER_SET)), patient_id=patient_id, key=key)


def _decoded(value: bytes | None, character_set: bytes | None) -> str:
    """Return text in the file's character set, so that it equals what a person types."""
    if not value or value.isascii():
        return text(value)
    from catheterview.read.charset import decoded  # noqa: PLC0415  (pydicom is slow to import; such a PatientID is rare)

    return decoded(value, text(character_set))


def _iso_date(date: str) -> str:
    """Return a DICOM date as ISO 8601; empty when it is not one."""
    digits = date.replace(".", "")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdigit() else ""
