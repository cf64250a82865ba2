"""pydicom's decoders, for every compressed transfer syntax that its plugins know."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import generate_frames
from pydicom.pixels import get_decoder
from pydicom.uid import UID

from catheterview.errors import UnreadableError
from catheterview.read.beside import decode_beside
from catheterview.read.instance import Header

_ITEM: Final = b"\xfe\xff\x00\xe0"
#: Plugins that let other threads run while they decode, where the library would take another first.
_WITHOUT_LOCK: Final = {
    "1.2.840.10008.1.2.4.80": "pyjpegls",
    "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
}
#: What the decoders raise on broken codestreams.
DECODER_ERRORS: Final = (ValueError, RuntimeError, AttributeError, TypeError, IndexError, KeyError)


def library_frames(encapsulated: bytes, header: Header, *, name: str) -> list[bytes]:
    """Return the codestream of each frame of a multi-frame file.

    Raises
    ------
    UnreadableError
        When the fragments are broken.
    """
    try:
        return list(generate_frames(encapsulated, number_of_frames=header.frames))
    except (ValueError, EOFError, OSError, TypeError) as error:
        raise UnreadableError("lying pixel data: fragments are broken", where=name) from error


def library_decode(stream: bytes, header: Header, *, name: str) -> NDArray[Any]:
    """Decode one frame of one sample per pixel.

    Returns
    -------
    (rows, columns) array of the stored type

    Raises
    ------
    UnreadableError
        When it cannot be decoded.
    """
    failure = "no decoder"
    for plugin in _plugins(header.syntax):
        try:
            return decode_beside(stream, header) if plugin == "gdcm" else decoded(stream, header, plugin=plugin)
        except DECODER_ERRORS as error:
            failure = type(error).__name__
    raise UnreadableError(f"pixels cannot be decoded ({failure})", where=name)


def _plugins(syntax: str) -> list[str]:
    """Names of the plugins to try in turn; GDCM, which is slow to ask (`decode_beside`), only where it is alone."""
    try:
        there = get_decoder(UID(syntax)).available_plugins
    except NotImplementedError:  # a transfer syntax that nobody knows
        return []
    preferred = _WITHOUT_LOCK.get(syntax)
    ordered = sorted(there, key=lambda plugin: plugin != preferred)
    return [plugin for plugin in ordered if plugin != "gdcm"] or ordered


def decoded(stream: bytes, header: Header, *, plugin: str) -> NDArray[Any]:
    """Decode by one plugin, here; raises what `DECODER_ERRORS` names."""
    pixels = header.pixels
    decoded, _ = get_decoder(UID(header.syntax)).as_array(
        _encapsulated(stream),
        index=0,
        raw=True,
        decoding_plugin=plugin,
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
    return np.asarray(decoded)


def _encapsulated(stream: bytes) -> bytes:
    """Put one codestream back between an empty offset table and nothing, as the decoders want it."""
    even = stream + b"\0" * (len(stream) % 2)
    return _ITEM + b"\0\0\0\0" + _ITEM + len(even).to_bytes(4, "little") + even
