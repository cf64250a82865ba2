"""The header of one file: the fast walker where it can, pydicom where it cannot.

pydicom never sees the file itself, only a bounded beginning of it, so that no lie in the file makes it take memory.
"""

from __future__ import annotations

import io
import warnings
import zlib
from dataclasses import dataclass
from typing import Final

from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_dataset, read_partial

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read import tags
from catheterview.read.sources import Source
from catheterview.read.walker import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Fields,
    TooShort,
    Unusual,
    meta_end,
    walk,
)

_FIRST: Final = 16 << 10
_SECOND: Final = 512 << 10
_PREAMBLE: Final = 128
_PIXEL_TAGS: Final = (0x7FE00008, 0x7FE00009, 0x7FE00010)
#: What pydicom raises on broken data sets, besides its own.
_PYDICOM_ERRORS: Final = (
    InvalidDicomError, EOFError, OSError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError,
    IndexError, OverflowError, RecursionError, zlib.error,
)  # fmt: skip


def read_fields(source: Source, *, limits: ReadLimits) -> Fields:
    """Return the wanted header fields of a file and the place of its pixels.

    Raises
    ------
    UnreadableError
        When it is not DICOM, or broken beyond what pydicom can read.
    """
    buffer, size = source.head(_FIRST)
    start = _data_start(buffer, name=source.name)
    try:
        return _fast(buffer, start, size)
    except TooShort:
        pass
    except Unusual:
        return _by_pydicom(source, start, limits=limits)
    try:
        return _fast(source.head(_SECOND)[0], start, size)
    except Unusual:
        return _by_pydicom(source, start, limits=limits)


def _data_start(buffer: bytes, *, name: str) -> int:
    """Return where meta information or, without a preamble, the data set begins."""
    if buffer[_PREAMBLE : _PREAMBLE + 4] == b"DICM":
        return _PREAMBLE + 4
    if _is_plausible(buffer):
        return 0
    raise UnreadableError("not DICOM" if buffer else "empty file", where=name)


def _is_plausible(buffer: bytes) -> bool:
    """Say whether bytes without preamble begin as a data set does: group 2 or 8, a low element, VR or short length."""
    little = buffer[0:2] in (b"\x02\x00", b"\x08\x00") and buffer[3:4] == b"\x00"
    big = buffer[0:2] in (b"\x00\x02", b"\x00\x08") and buffer[2:3] == b"\x00"
    if not little and not big:
        return False
    vr = buffer[4:6]
    is_vr = vr.isalpha() and vr.isupper()
    return len(buffer) > 16 and (is_vr or (little and buffer[6:8] == b"\x00\x00"))


def _fast(buffer: bytes, start: int, size: int) -> Fields:
    """Read by the walker."""
    syntax, at = meta_end(buffer, start=start)
    if syntax == DEFLATED:
        raise Unusual("deflated")
    if not syntax:
        vr = buffer[at + 4 : at + 6]
        syntax = EXPLICIT_LITTLE if vr.isalpha() and vr.isupper() else IMPLICIT_LITTLE
        if buffer[at : at + 1] == b"\x00":
            raise Unusual("big-endian without meta information")
    return walk(buffer, syntax=syntax, start=at, size=size)


def _by_pydicom(source: Source, start: int, *, limits: ReadLimits) -> Fields:
    """Read by pydicom."""
    whole = read_header(source, start, limits=limits)
    values = {number: value for number in tags.WANTED if (value := _raw(whole.dataset, number)) is not None}
    return Fields(values, whole.syntax, *whole.pixels, whole.size)


@dataclass(frozen=True, slots=True)
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
    begin = _data_start(buffer, name=source.name) if start is None else start
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they may hold values of the patient, and what matters is refused by name
            whole = _parsed(buffer, begin, size, limits=limits)
    except (*_PYDICOM_ERRORS, Unusual) as error:
        raise UnreadableError(f"broken DICOM ({type(error).__name__})", where=source.name) from error
    if not whole.pixels[2] and len(buffer) < size:
        raise UnreadableError(f"header is longer than {limits.max_header_bytes} bytes", where=source.name)
    return whole


def _parsed(buffer: bytes, begin: int, size: int, *, limits: ReadLimits) -> WholeHeader:
    """Parse the beginning of a file; of a deflated one, the beginning of what it inflates to."""
    syntax, at = meta_end(buffer, start=begin)
    stop = _Stop()
    if syntax == DEFLATED:
        stream = io.BytesIO(inflated(buffer[at:], count=limits.max_header_bytes))
        dataset = read_dataset(stream, is_implicit_VR=False, is_little_endian=True, stop_when=stop)
        return WholeHeader(dataset, syntax, stop.place(stream, implicit=False), size)
    stream = io.BytesIO(buffer)
    dataset = read_partial(stream, stop_when=stop, force=True)
    implicit, little = dataset.original_encoding
    found = syntax or (IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE if little else EXPLICIT_BIG)
    return WholeHeader(dataset, found, stop.place(stream, implicit=bool(implicit)), size)


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


def inflated(packed: bytes, *, count: int) -> bytes:
    """Inflate at most `count` bytes of a deflated data set (DICOM PS3.5 A.5: no zlib header)."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, count)


def inflated_data_set(packed: bytes, *, count: int, name: str) -> bytes:
    """Inflate at most `count` bytes of the data set of a whole deflated file."""
    _, at = meta_end(packed, start=_data_start(packed, name=name))
    try:
        return inflated(packed[at:], count=count)
    except zlib.error as error:
        raise UnreadableError("broken deflated data set", where=name) from error


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
