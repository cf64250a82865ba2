"""Compressed pixels: frames out of their fragments, what a codestream says of itself, and who decodes it."""

from __future__ import annotations

from typing import Any, Final

from numpy.typing import NDArray

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read.instance import Header
from catheterview.read.walker import Unusual

_ITEM: Final = b"\xfe\xff\x00\xe0"
_LOSSLESS: Final = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
#: Start-of-frame markers of JPEG and JPEG-LS; C4, C8 and CC are others (ISO/IEC 10918-1 table B.1, 14495-1).
_FRAME_MARKERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_PLAIN_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xDA)})


def frames(encapsulated: bytes, header: Header, *, name: str) -> list[bytes]:
    """Return the codestream of each frame.

    Raises
    ------
    UnreadableError
        When there are fewer than the header says.
    """
    if header.frames == 1:
        return [_joined(encapsulated, name=name)]
    from catheterview.read.decoders import library_frames  # noqa: PLC0415  (pydicom is slow to import)

    found = library_frames(encapsulated, header, name=name)
    if len(found) < header.frames:
        raise UnreadableError(f"truncated pixel data: {len(found)} of {header.frames} frames", where=name)
    return found


def _joined(encapsulated: bytes, *, name: str) -> bytes:
    """Join the fragments of a single frame; the first item is the offset table (DICOM PS3.5 A.4)."""
    pieces, at = [], 0
    while encapsulated[at : at + 4] == _ITEM:
        length = int.from_bytes(encapsulated[at + 4 : at + 8], "little")
        piece = encapsulated[at + 8 : at + 8 + length]
        if len(piece) < length:
            raise UnreadableError(f"truncated pixel data: {len(piece)} of {length} bytes of a fragment", where=name)
        pieces.append(piece)
        at += 8 + length
    if len(pieces) < 2:
        raise UnreadableError("truncated pixel data: no fragments", where=name)
    return b"".join(pieces[1:])


def decode(stream: bytes, header: Header, *, name: str, limits: ReadLimits) -> NDArray[Any]:
    """Decode one frame of one sample per pixel.

    Returns
    -------
    (rows, columns) array of the stored type, or of its bits without a sign

    Raises
    ------
    UnreadableError
        When the codestream contradicts the header, cannot be decoded, or claims far more than it can hold.
    """
    _check(stream, header, name=name, limits=limits)
    if header.syntax in _LOSSLESS and header.pixels.bits_allocated == 16:
        from catheterview.read.lossless import decode_lossless  # noqa: PLC0415  (numba is slow to import)

        try:
            return decode_lossless(stream, rows=header.pixels.rows, columns=header.pixels.columns)
        except Unusual:
            pass
    from catheterview.read.decoders import library_decode  # noqa: PLC0415  (pydicom is slow to import)

    return library_decode(stream, header, name=name)


def _check(stream: bytes, header: Header, *, name: str, limits: ReadLimits) -> None:
    """Refuse a codestream whose own size is not the header's, or that is too small for what it claims."""
    pixels = header.pixels
    claimed = pixels.rows * pixels.columns * max(1, pixels.bits_allocated // 8)
    if claimed >= limits.ratio_from_bytes and claimed > limits.max_codec_ratio * len(stream):
        raise UnreadableError(f"lying pixel data: {len(stream)} bytes claim to hold {claimed}", where=name)
    size = codestream_size(stream)
    if size is not None and size != (pixels.rows, pixels.columns):
        said = f"the codestream is {size[0]} x {size[1]}, the header says {pixels.rows} x {pixels.columns}"
        raise UnreadableError(f"lying pixel data: {said}", where=name)


def codestream_size(stream: bytes) -> tuple[int, int] | None:
    """Return (rows, columns) that a JPEG, JPEG-LS or JPEG 2000 codestream says of itself; None when it says nothing."""
    if stream[:4] == b"\xff\x4f\xff\x51" and len(stream) >= 24:
        width, height, left, top = (int.from_bytes(stream[n : n + 4], "big") for n in (8, 12, 16, 20))
        return height - top, width - left
    if stream[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker in _FRAME_MARKERS:
            return int.from_bytes(stream[at + 5 : at + 7], "big"), int.from_bytes(stream[at + 7 : at + 9], "big")
        plain = marker in _PLAIN_MARKERS or marker == 0xFF
        at += (1 if marker == 0xFF else 2) if plain else 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return None
