"""Compressed pixels: frames out of their fragments, what a codestream says of itself, and pydicom's decoders."""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import generate_frames
from pydicom.pixels import get_decoder
from pydicom.uid import UID

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.read.instance import Header

_ITEM: Final = b"\xfe\xff\x00\xe0"
#: Start-of-frame markers of JPEG and JPEG-LS; C4, C8 and CC are others (ISO/IEC 10918-1 table B.1, 14495-1).
_FRAME_MARKERS: Final = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_PLAIN_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xDA)})
#: What the decoders raise on broken codestreams.
_DECODER_ERRORS: Final = (
    ValueError,
    RuntimeError,
    NotImplementedError,
    AttributeError,
    TypeError,
    IndexError,
    KeyError,
)


def frames(encapsulated: bytes, header: Header, *, name: str) -> list[bytes]:
    """Return the codestream of each frame.

    Raises
    ------
    UnreadableError
        When there are fewer than the header says.
    """
    try:
        found = list(generate_frames(encapsulated, number_of_frames=header.frames))
    except (ValueError, EOFError, OSError, TypeError) as error:
        raise UnreadableError("lying pixel data: fragments are broken", where=name) from error
    if len(found) < header.frames:
        raise UnreadableError(f"truncated pixel data: {len(found)} of {header.frames} frames", where=name)
    return found


def decode(stream: bytes, header: Header, *, name: str, limits: ReadLimits) -> NDArray[Any]:
    """Decode one frame of one sample per pixel.

    Returns
    -------
    (rows, columns) array of the stored type

    Raises
    ------
    UnreadableError
        When the codestream contradicts the header, cannot be decoded, or claims far more than it can hold.
    """
    _check(stream, header, name=name, limits=limits)
    pixels = header.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders warn of padding and precision; what matters is checked
            decoded, _ = get_decoder(UID(header.syntax)).as_array(
                _encapsulated(stream),
                index=0,
                raw=True,
                rows=pixels.rows,
                columns=pixels.columns,
                samples_per_pixel=1,
                photometric_interpretation=pixels.photometric or "MONOCHROME2",
                bits_allocated=pixels.bits_allocated,
                bits_stored=pixels.bits_stored,
                pixel_representation=int(pixels.signed),
                number_of_frames=1,
                pixel_keyword="PixelData",
            )
    except _DECODER_ERRORS as error:
        raise UnreadableError(f"pixels cannot be decoded ({type(error).__name__})", where=name) from error
    return np.asarray(decoded)


def _encapsulated(stream: bytes) -> bytes:
    """Put one codestream back between an empty offset table and nothing, as the decoders want it."""
    even = stream + b"\0" * (len(stream) % 2)
    return _ITEM + b"\0\0\0\0" + _ITEM + len(even).to_bytes(4, "little") + even


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
