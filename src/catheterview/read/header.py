"""The header of one file: the fast walker where it can, pydicom where it cannot.

pydicom never sees the file itself, only a bounded beginning of it, so that no lie in the file makes it take memory.
"""

from __future__ import annotations

import zlib
from typing import Final

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read.sources import Source
from catheterview.read.walker import (
    DEFLATED,
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


def read_fields(source: Source, *, limits: ReadLimits) -> Fields:
    """Return the wanted header fields of a file and the place of its pixels.

    Raises
    ------
    UnreadableError
        When it is not DICOM, or broken beyond what pydicom can read.
    """
    buffer, size = source.head(_FIRST)
    start = data_start(buffer, name=source.name)
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


def data_start(buffer: bytes, *, name: str) -> int:
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
    """Read by pydicom, which is imported only here: that takes longer than to read most folders."""
    from catheterview.read.fallback import library_fields  # noqa: PLC0415  (see above)

    return library_fields(source, start, limits=limits)


def inflated(packed: bytes, *, count: int) -> bytes:
    """Inflate at most `count` bytes of a deflated data set (DICOM PS3.5 A.5: no zlib header)."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, count)


def inflated_data_set(packed: bytes, *, count: int, name: str) -> bytes:
    """Inflate at most `count` bytes of the data set of a whole deflated file."""
    _, at = meta_end(packed, start=data_start(packed, name=name))
    try:
        return inflated(packed[at:], count=count)
    except zlib.error as error:
        raise UnreadableError("broken deflated data set", where=name) from error
