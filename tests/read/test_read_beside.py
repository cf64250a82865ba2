"""The decoder in a process beside: the same numbers, and a codestream that ends it ends nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import JPEGLosslessSV1
from synthetic_series import KEY, oblique_grid, write_series

from catheterview.read import scan
from catheterview.read.beside import decode_beside
from catheterview.read.lossless import decode_lossless

GRID = oblique_grid((3, 40, 48))
BROKEN = Path(__file__).parent / "spoilt" / "jpeg-lossless-aborts-gdcm.zip"


def codestream(path: Path) -> bytes:
    """The codestream of a file of one frame."""
    packed = bytes(pydicom.dcmread(path).PixelData)
    length = int.from_bytes(packed[12:16], "little")
    return packed[16 : 16 + length]


def test_a_codestream_that_ends_the_decoder_ends_nothing_else(tmp_path: Path) -> None:
    """The same values as our own decoder's; then one that ends the process; then the same values again."""
    first, *_ = write_series(tmp_path, grid=GRID, syntax=JPEGLosslessSV1)
    (series,) = scan([tmp_path], key=KEY).series
    header, whole = series.instances[0].header, codestream(first)
    expected = decode_lossless(whole, rows=40, columns=48).view(np.int16)
    with zipfile.ZipFile(BROKEN) as kept:
        (tmp_path / "broken").write_bytes(kept.read("x.dcm"))
    np.testing.assert_array_equal(decode_beside(whole, header), expected)
    with pytest.raises(RuntimeError, match="ended"):
        decode_beside(codestream(tmp_path / "broken"), header)
    np.testing.assert_array_equal(decode_beside(whole, header), expected)
    with pytest.raises(RuntimeError):
        decode_beside(whole[: len(whole) // 8], header)
