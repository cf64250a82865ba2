"""The lossless JPEG decoder equals GDCM's on every predictor, and leaves the rest to it."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.pixels import get_decoder
from pydicom.uid import JPEGLossless

from catheterview.read.lossless import decode_lossless
from catheterview.read.walker import Unusual

#: Code lengths of categories 0 to 16: a complete prefix code with codes up to 16 bits.
_LENGTHS = {0: 2, **{category: min(category + 1, 16) for category in range(1, 17)}}


def codes() -> tuple[dict[int, str], bytes]:
    """The code words of the categories, and the marker segment that says them."""
    words, code, last = {}, 0, 1
    for category in sorted(_LENGTHS, key=lambda c: (_LENGTHS[c], c)):
        code <<= _LENGTHS[category] - last
        last = _LENGTHS[category]
        words[category] = f"{code:0{last}b}"
        code += 1
    counts = bytes(sum(length == n for length in _LENGTHS.values()) for n in range(1, 17))
    order = bytes(sorted(_LENGTHS, key=lambda c: (_LENGTHS[c], c)))
    return words, b"\0" + counts + order


def predicted(image: np.ndarray, row: int, column: int, predictor: int, precision: int) -> int:
    """Table H.1, with the rules for the first row and column."""
    if row == 0 and column == 0:
        return 1 << (precision - 1)
    if row == 0:
        return int(image[0, column - 1])
    if column == 0:
        return int(image[row - 1, 0])
    a, b, c = int(image[row, column - 1]), int(image[row - 1, column]), int(image[row - 1, column - 1])
    return [a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1][predictor - 1]


def encode(image: np.ndarray, *, predictor: int, precision: int) -> bytes:
    """A plain encoder, slow and by the book."""
    words, table = codes()
    bits = ""
    for row, column in np.ndindex(image.shape):
        change = (int(image[row, column]) - predicted(image, row, column, predictor, precision)) & 0xFFFF
        change = change - 65536 if change > 32768 else change
        size = abs(change).bit_length() if change != 32768 else 16
        bits += words[size]
        if 0 < size < 16:
            bits += f"{change if change > 0 else change + (1 << size) - 1:0{size}b}"
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    frame = bytes([precision]) + image.shape[0].to_bytes(2, "big") + image.shape[1].to_bytes(2, "big") + b"\1\1\x11\0"
    scan = b"\1\1\0" + bytes([predictor, 0, 0])
    return b"\xff\xd8" + segment(0xC3, frame) + segment(0xC4, table) + segment(0xDA, scan) + data + b"\xff\xd9"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def by_gdcm(stream: bytes, rows: int, columns: int, precision: int) -> np.ndarray:
    item = b"\xfe\xff\x00\xe0"
    even = stream + b"\0" * (len(stream) % 2)
    data = item + bytes(4) + item + len(even).to_bytes(4, "little") + even
    decoded, _ = get_decoder(JPEGLossless).as_array(
        data, index=0, raw=True, rows=rows, columns=columns, samples_per_pixel=1, number_of_frames=1, bits_allocated=16,
        photometric_interpretation="MONOCHROME2", bits_stored=precision, pixel_representation=0,
        pixel_keyword="PixelData",
    )  # fmt: skip
    return decoded


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 9), st.integers(1, 11)),
    predictor=st.integers(1, 7),
    precision=st.sampled_from([9, 10, 12, 15, 16]),
)
def test_any_image_comes_back(seed: int, size: tuple[int, int], predictor: int, precision: int) -> None:
    """Decoding undoes encoding, for noise that uses every category of difference."""
    rng = np.random.default_rng(seed)
    image = (rng.integers(0, 1 << precision, size) >> rng.integers(0, precision, size)).astype(np.uint16)
    stream = encode(image, predictor=predictor, precision=precision)
    np.testing.assert_array_equal(decode_lossless(stream, rows=size[0], columns=size[1]), image)


@pytest.mark.parametrize("predictor", range(1, 8))
def test_it_equals_the_library(predictor: int) -> None:
    """GDCM is the judge."""
    rng = np.random.default_rng(predictor)
    image = (rng.integers(0, 4096, (21, 34)) >> rng.integers(0, 12, (21, 34))).astype(np.uint16)
    stream = encode(image, predictor=predictor, precision=12)
    np.testing.assert_array_equal(decode_lossless(stream, rows=21, columns=34), by_gdcm(stream, 21, 34, 12))


@given(cut=st.integers(0, 400), flip=st.integers(0, 400), value=st.integers(0, 255))
def test_broken_streams_do_no_harm(cut: int, flip: int, value: int) -> None:
    """Any damage gives an image of the right size or `Unusual`, nothing else."""
    image = np.random.default_rng(3).integers(0, 4096, (12, 13)).astype(np.uint16)
    stream = bytearray(encode(image, predictor=1, precision=12))
    stream[flip % len(stream)] = value
    damaged = bytes(stream[: max(4, len(stream) - cut)])
    with contextlib.suppress(Unusual):
        assert decode_lossless(damaged, rows=12, columns=13).shape == (12, 13)


def test_a_cut_stream_is_not_filled_up() -> None:
    """An image that ends early is not made whole by guessing."""
    image = np.random.default_rng(3).integers(0, 4096, (12, 13)).astype(np.uint16)
    stream = encode(image, predictor=1, precision=12)
    with pytest.raises(Unusual):
        decode_lossless(stream[: len(stream) // 2], rows=12, columns=13)
