"""The fast way through a header: little-endian, explicit or implicit VR, only the wanted fields.

Whatever is unusual raises `Unusual`, and pydicom reads the file instead (`catheterview.read.fallback`); a test holds
the two equal over every file at hand. Encoding: DICOM PS3.5 section 7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from struct import Struct
from struct import error as StructError  # noqa: N812  (it is an exception class)
from typing import Final

from catheterview.read.tags import DOUBLE_PIXELS, FLOAT_PIXELS, PIXELS, TRANSFER_SYNTAX, WANTED, tag

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"

_SHORT: Final = frozenset(re.findall(b"..", b"AEASATCSDADSDTFDFLISLOLTPNSHSLSSSTTMUIULUS"))
_LONG: Final = frozenset(re.findall(b"..", b"OBODOFOLOVOWSQSVUCUNURUTUV"))
_UNDEFINED: Final = 0xFFFFFFFF
_ITEM: Final = tag(0xFFFE, 0xE000)
_ITEM_END: Final = tag(0xFFFE, 0xE00D)
_SEQUENCE_END: Final = tag(0xFFFE, 0xE0DD)
_ANY_PIXELS: Final = frozenset((PIXELS, FLOAT_PIXELS, DOUBLE_PIXELS))
_DEEPEST: Final = 16

_explicit_at: Final = Struct("<I2sH").unpack_from
_implicit_at: Final = Struct("<II").unpack_from
_length_at: Final = Struct("<I").unpack_from


class Unusual(Exception):  # noqa: N818  (not an error: the other way of reading is taken)
    """Something that the fast way leaves to pydicom."""


class TooShort(Unusual):
    """The header goes on beyond what was read of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The wanted fields of one file, as bytes, and where its pixels are.

    Parameters
    ----------
    values : dict of int to bytes
        By tag (`catheterview.read.tags`), without empty ones; little-endian whatever the file is.
    syntax : str
        Transfer syntax UID.
    pixels_at : int
        Offset of the pixel data's value; 0 when there is none. In a deflated file, within what it inflates to.
    pixels_length : int
        Its length in bytes; -1 for encapsulated pixels.
    pixels_tag : int
        Which of the three pixel data elements it is; 0 when there is none.
    size : int
        Of the file in bytes.
    """

    values: dict[int, bytes]
    syntax: str
    pixels_at: int
    pixels_length: int
    pixels_tag: int
    size: int


def text(value: bytes | None) -> str:
    """Return the bytes of a field in the default repertoire as text without padding."""
    return "" if value is None else value.decode("latin-1").strip("\0 ")


def meta_end(buffer: bytes, *, start: int) -> tuple[str, int]:
    """Read file meta information from `start`; return the transfer syntax and where the data set begins.

    Raises
    ------
    Unusual
        When the meta information is not what the standard asks for.
    """
    syntax, at = b"", start
    try:
        while buffer[at : at + 2] == b"\x02\x00":
            number, vr, length = _explicit_at(buffer, at)
            if vr in _LONG:
                length, at = _length_at(buffer, at + 8)[0], at + 4
            elif vr not in _SHORT:
                raise Unusual("meta information without VR")
            at += 8
            if number == TRANSFER_SYNTAX:
                syntax = buffer[at : at + length]
            at += length
    except StructError as error:
        raise Unusual("meta information is cut off") from error
    return text(syntax), at


def walk(buffer: bytes, *, syntax: str, start: int, size: int) -> Fields:
    """Walk a data set up to its pixels.

    Parameters
    ----------
    buffer : bytes
        The beginning of the file, as much of it as was read.
    syntax : str
        Transfer syntax UID.
    start : int
        Where the data set begins.
    size : int
        Size of the whole file.

    Raises
    ------
    Unusual
        On anything that pydicom should look at, a buffer that is too short included.
    """
    if syntax == EXPLICIT_BIG:
        raise Unusual("big-endian")
    values: dict[int, bytes] = {}
    step = _walk_implicit if syntax == IMPLICIT_LITTLE else _walk_explicit
    try:
        at, length, number = step(buffer, start, size, values)
    except StructError as error:
        raise TooShort("header is longer than what was read") from error
    return Fields(
        values=values,
        syntax=syntax,
        pixels_at=at,
        pixels_length=-1 if length == _UNDEFINED else length,
        pixels_tag=number,
        size=size,
    )


def _walk_explicit(buffer: bytes, at: int, size: int, values: dict[int, bytes]) -> tuple[int, int, int]:
    """Collect wanted values; return offset, length and tag of the pixel data."""
    while at < size:
        number, vr, length = _explicit_at(buffer, at)
        if vr in _SHORT:
            at += 8
        elif vr in _LONG:
            length = _length_at(buffer, at + 8)[0]
            at += 12
            if number in _ANY_PIXELS:
                return at, length, number
            if length == _UNDEFINED:
                at = _past_sequence(buffer, at, explicit=_holds_explicit(vr), depth=0)
                continue
        else:
            raise Unusual("unknown VR")
        if number in WANTED and length:
            values[number] = _value(buffer, at, length)
        at += length
    return _end(at, size)


def _walk_implicit(buffer: bytes, at: int, size: int, values: dict[int, bytes]) -> tuple[int, int, int]:
    """Collect wanted values; return offset, length and tag of the pixel data."""
    while at < size:
        number, length = _implicit_at(buffer, at)
        at += 8
        if number in _ANY_PIXELS:
            return at, length, number
        if length == _UNDEFINED:
            at = _past_sequence(buffer, at, explicit=False, depth=0)
            continue
        if number in WANTED and length:
            values[number] = _value(buffer, at, length)
        at += length
    return _end(at, size)


def _value(buffer: bytes, at: int, length: int) -> bytes:
    """Return a value that lies within the buffer."""
    value = buffer[at : at + length]
    if len(value) != length:
        raise TooShort("value is longer than what was read")
    return value


def _end(at: int, size: int) -> tuple[int, int, int]:
    """Return that there are no pixels, unless the last element ran past the end."""
    if at != size:
        raise Unusual("last element is cut off")
    return 0, 0, 0


def _holds_explicit(vr: bytes) -> bool:
    """Say how the items of an element of undefined length are encoded; unknown ones are implicit (PS3.5 6.2.2)."""
    if vr not in (b"SQ", b"UN"):
        raise Unusual("undefined length outside a sequence")
    return vr == b"SQ"


def _past_sequence(buffer: bytes, at: int, *, explicit: bool, depth: int) -> int:
    """Return where a sequence of undefined length ends, its delimiter included."""
    if depth > _DEEPEST:
        raise Unusual("sequences nested too deep")
    while True:
        number, length = _implicit_at(buffer, at)
        at += 8
        if number == _SEQUENCE_END:
            return at
        if number != _ITEM:
            raise Unusual("sequence without items")
        at = _past_item(buffer, at, explicit=explicit, depth=depth) if length == _UNDEFINED else at + length


def _past_item(buffer: bytes, at: int, *, explicit: bool, depth: int) -> int:
    """Return where an item of undefined length ends, its delimiter included."""
    while True:
        number, vr, length = _explicit_at(buffer, at)
        if number == _ITEM_END:
            return at + 8
        inner = False
        if not explicit:
            length, at = _length_at(buffer, at + 4)[0], at + 8
        elif vr in _SHORT:
            at += 8
        elif vr in _LONG:
            length, at = _length_at(buffer, at + 8)[0], at + 12
            inner = length == _UNDEFINED and _holds_explicit(vr)
        else:
            raise Unusual("unknown VR in an item")
        at = _past_sequence(buffer, at, explicit=inner, depth=depth + 1) if length == _UNDEFINED else at + length
