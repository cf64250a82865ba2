"""The slow and sure way through a header: pydicom, on a bounded beginning of the file."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pydicom import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_dataset, read_partial

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read import tags
from catheterview.read.header import data_start, inflated
from catheterview.read.sources import Source
from catheterview.read.walker import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Fields, Unusual, meta_end

_PIXEL_TAGS: Final = (0x7FE00008, 0x7FE00009, 0x7FE00010)
#: What pydicom raises on broken data sets, besides its own.
_PYDICOM_ERRORS: Final = (
    InvalidDicomError, BytesLengthException, EOFError, OSError, ValueError, TypeError, KeyError, AttributeError,
    NotImplementedError, IndexError, OverflowError, RecursionError, struct.error, zlib.error,
)  # fmt: skip


def library_fields(source: Source, start: int, *, limits: ReadLimits) -> Fields:
    """Return what `catheterview.read.header.read_fields` returns, as pydicom reads it."""
    whole = read_header(source, start, limits=limits)
    with _told_by_name(source):  # pydicom decodes some values only now
        values = {number: value for number in tags.WANTED if (value := _raw(whole.dataset, number)) is not None}
    at, length, number = whole.pixels
    return Fields(
        values=values, syntax=whole.syntax, pixels_at=at, pixels_length=length, pixels_tag=number, size=whole.size
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeHeader:
    """What stands before the pixels: data set, transfer syntax, (offset, length, tag) of pixels, size of the file."""

    dataset: Dataset
    syntax: str
    pixels: tuple[int, int, int]
    size: int


def read_header(source: Source, start: int | None = None, *, limits: ReadLimits) -> WholeHeader:
    """Return the whole header of a file, sequences included, as pydicom reads it.

    Raises
    ------
    UnreadableError
        When pydicom cannot read it, or it is longer than the limit.
    """
    buffer, size = source.head(limits.max_header_bytes)
    begin = data_start(buffer, name=source.name) if start is None else start
    with _told_by_name(source):
        whole = _parsed(buffer, begin, size, limits=limits)
    if not whole.pixels[2] and len(buffer) < size:
        raise UnreadableError(f"header is longer than {limits.max_header_bytes} bytes", where=source.name)
    return whole


@contextmanager
def _told_by_name(source: Source) -> Iterator[None]:
    """Turn whatever pydicom says of a broken file into one refusal that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they may hold values of the patient, and what matters is refused by name
            yield
    except (*_PYDICOM_ERRORS, Unusual) as error:
        raise UnreadableError(f"broken DICOM ({type(error).__name__})", where=source.name) from error


def _parsed(buffer: bytes, begin: int, size: int, *, limits: ReadLimits) -> WholeHeader:
    """Parse the beginning of a file; of a deflated one, the beginning of what it inflates to."""
    syntax, at = meta_end(buffer, start=begin)
    stop = _Stop()
    if syntax == DEFLATED:
        stream = io.BytesIO(inflated(buffer[at:], count=limits.max_header_bytes))
        dataset = read_dataset(stream, is_implicit_VR=False, is_little_endian=True, stop_when=stop)
        place = stop.place(stream, implicit=False)
        return WholeHeader(dataset=dataset, syntax=syntax, pixels=place, size=size)
    stream = io.BytesIO(buffer)
    dataset = read_partial(stream, stop_when=stop, force=True)
    implicit, little = dataset.original_encoding
    found = syntax or (IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE if little else EXPLICIT_BIG)
    place = stop.place(stream, implicit=bool(implicit))
    return WholeHeader(dataset=dataset, syntax=found, pixels=place, size=size)


class _Stop:
    """pydicom's question whether to stop, answered at the pixels, and where that was."""

    def __init__(self) -> None:
        self.tag, self.length = 0, 0

    def __call__(self, number: int, _vr: str | None, length: int) -> bool:
        """Stop at the first pixel data element."""
        if int(number) not in _PIXEL_TAGS:
            return False
        self.tag, self.length = int(number), length
        return True

    def place(self, stream: io.BytesIO, *, implicit: bool) -> tuple[int, int, int]:
        """Return offset, length (-1 when encapsulated) and tag of the pixels where reading stopped."""
        if not self.tag:
            return 0, 0, 0
        at = stream.tell() + (8 if implicit else 12)
        return at, -1 if self.length == 0xFFFFFFFF else self.length, tags.tag(self.tag >> 16, self.tag & 0xFFFF)


def _raw(dataset: Dataset, number: int) -> bytes | None:
    """Return the bytes of one field, numbers little-endian; None when it is not there or empty."""
    element = dataset.get_item((number & 0xFFFF, number >> 16))
    value = None if element is None else element.value
    if not value:
        return None
    if not isinstance(value, bytes):  # the character set, which pydicom reads at once
        return ("\\".join([value] if isinstance(value, str) else map(str, value))).encode("latin-1", "replace")
    if number in tags.BINARY_16 and not getattr(element, "is_little_endian", True):
        return b"".join(value[n : n + 2][::-1] for n in range(0, len(value), 2))
    return value
