"""Text beyond ASCII, in the character set that the file names."""

from __future__ import annotations

import warnings
from typing import Final

from pydicom.charset import convert_encodings, decode_bytes

_DELIMITERS: Final = {0x09, 0x0A, 0x0C, 0x0D}  # PS3.5 6.1.2.5.3


def decoded(value: bytes, character_set: str) -> str:
    """Return text without padding; undecodable bytes stand for themselves, so that the same patient stays the same."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they would hold the text
            return str(decode_bytes(value, convert_encodings(character_set.split("\\")), _DELIMITERS)).strip("\0 ")
    except (LookupError, UnicodeError):
        return value.decode("latin-1").strip("\0 ")
