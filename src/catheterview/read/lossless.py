"""JPEG lossless, the codec of most compressed CT, decoded without the interpreter's lock.

Process 14 of ISO/IEC 10918-1 annex H: one component, up to 16 bits, any predictor, no restart intervals. Whatever else
comes raises `Unusual`, and the library decodes it; a test holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from catheterview.read.walker import Unusual

_PAD: Final = 16
_NO_CODE: Final = 0
_LONG: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    """What the markers before the data say."""

    rows: int
    columns: int
    precision: int
    predictor: int
    table: tuple[bytes, bytes]
    data_at: int


def decode_lossless(stream: bytes, *, rows: int, columns: int) -> NDArray[np.uint16]:
    """Decode one codestream.

    Parameters
    ----------
    stream : bytes
    rows, columns : int
        What the header says; nothing larger is ever allocated.

    Returns
    -------
    (rows, columns) uint16
        The bits of the stored values; those of signed values are not extended.

    Raises
    ------
    Unusual
        When it is not a plain lossless JPEG of that size, or is broken.
    """
    scan = _scan(stream)
    if (scan.rows, scan.columns) != (rows, columns) or not 1 <= scan.predictor <= 7 or not 2 <= scan.precision <= 16:
        raise Unusual("not the expected lossless JPEG")
    packed = np.frombuffer(stream, dtype=np.uint8)[scan.data_at :]
    table = np.frombuffer(b"".join(scan.table), dtype=np.uint8)
    out = np.empty((rows, columns), dtype=np.uint16)
    if not _decode(packed, table, out, scan.predictor | scan.precision << 8):
        raise Unusual("broken lossless JPEG")
    return out


def _scan(stream: bytes) -> _Scan:
    """Read the markers up to the data."""
    tables: dict[int, tuple[bytes, bytes]] = {}
    frame: tuple[int, int, int] | None = None
    at = 2
    while stream[at : at + 1] == b"\xff" and at + 4 <= len(stream):
        marker, length = stream[at + 1], int.from_bytes(stream[at + 2 : at + 4], "big")
        body = stream[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == 0xC3 and len(body) == 9 and body[5] == 1:
            frame = body[0], int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        elif marker == 0xC4:
            _read_tables(body, tables)
        elif marker == 0xDA and frame is not None and len(body) == 6 and body[0] == 1:
            return _start(body, frame, tables, at)
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            raise Unusual("unexpected marker")
    raise Unusual("no scan")


def _start(body: bytes, frame: tuple[int, int, int], tables: dict[int, tuple[bytes, bytes]], at: int) -> _Scan:
    """Read the start of the one scan."""
    table = tables.get(body[2] >> 4)
    if table is None or body[5] != 0:  # a point transform is a loss
        raise Unusual("no table, or a point transform")
    return _Scan(rows=frame[1], columns=frame[2], precision=frame[0], predictor=body[3], table=table, data_at=at)


def _read_tables(body: bytes, tables: dict[int, tuple[bytes, bytes]]) -> None:
    """Read Huffman tables: how many codes of each length, and their categories."""
    at = 0
    while at + 17 <= len(body):
        counts = body[at + 1 : at + 17]
        values = body[at + 17 : at + 17 + sum(counts)]
        if len(values) != sum(counts) or body[at] >> 4 or max(values, default=0) > 16:
            raise Unusual("broken Huffman table")
        tables[body[at]] = (counts, values)
        at += 17 + len(values)


def _compiled(function: Any) -> Any:
    """Compile a kernel that runs without the interpreter's lock."""
    return numba.njit(nogil=True, cache=True, boundscheck=False)(function)


@_compiled
def _fill_lookup(huffman: Any, table: Any) -> bool:
    """Write what each 16 bits ahead mean: (difference << 8 | bits used).

    A code whose difference does not fit into the 16 bits gives (category, code length, 255) instead.
    """
    code, n = 0, 16
    for length in range(1, 17):
        for _ in range(huffman[length - 1]):
            size = np.int64(huffman[n])
            n += 1
            first = code << (16 - length)
            last = (code + 1) << (16 - length)
            if last > 65536:
                return False
            for ahead in range(first, last):
                if size == 16:
                    table[ahead] = (32768 << 8) | length
                elif size + length > 16:
                    table[ahead] = (size << 16) | (length << 8) | 255
                else:
                    more = (ahead >> (16 - length - size)) & ((1 << size) - 1)
                    low = size > 0 and more < (1 << (size - 1))
                    table[ahead] = ((more - (1 << size) + 1 if low else more) << 8) | (length + size)
            code += 1
        code <<= 1
    return True


@_compiled
def _without_stuffing(packed: Any, plain: Any) -> int:
    """Copy entropy-coded data up to the next marker, without the zeros after FF; return its length."""
    n, at = 0, 0
    while at < len(packed):
        byte = packed[at]
        at += 1
        if byte == 0xFF:
            if at >= len(packed) or packed[at] != 0:
                break
            at += 1
        plain[n] = byte
        n += 1
    return n


@_compiled
def _differences(plain: Any, length: int, table: Any, out: Any) -> int:
    """Decode the (N,) differences modulo 65536; return the number of bits used, -1 when the data are broken."""
    at, bits, held = 0, np.uint64(0), 0
    for n in range(len(out)):
        if held < 32:
            if at > length + 8:
                return -1
            four = (plain[at] << 24) | (plain[at + 1] << 16) | (plain[at + 2] << 8) | plain[at + 3]
            bits = (bits << np.uint64(32)) | np.uint64(four)
            at += 4
            held += 32
        entry = table[(bits >> np.uint64(held - 16)) & np.uint64(0xFFFF)]
        used = entry & 255
        change = np.int64(entry >> 8)
        if used == _LONG:
            size, code = entry >> 16, (entry >> 8) & 255
            used = code + size
            more = np.int64((bits >> np.uint64(held - used)) & np.uint64((1 << size) - 1))
            change = more - (1 << size) + 1 if more < (1 << (size - 1)) else more
        elif used == _NO_CODE:
            return -1
        held -= used
        out[n] = change & 0xFFFF
    return at * 8 - held


@_compiled
def _predicted(predictor: int, left: int, above: int, corner: int) -> int:
    """Predict a pixel from its neighbours (table H.1)."""
    if predictor == 2:
        return above
    if predictor == 3:
        return corner
    if predictor == 4:
        return left + above - corner
    if predictor == 5:
        return left + ((above - corner) >> 1)
    if predictor == 6:
        return above + ((left - corner) >> 1)
    return (left + above) >> 1


@_compiled
def _undo_prediction(out: Any, predictor: int, start: int) -> None:
    """Turn (rows, columns) differences into values where they lie (annex H.1.2)."""
    rows, columns = out.shape
    for row in range(rows):
        out[row, 0] = (np.int64(out[row, 0]) + (start if row == 0 else np.int64(out[row - 1, 0]))) & 0xFFFF
        if predictor == 1 or row == 0:
            for column in range(1, columns):
                out[row, column] = (np.int64(out[row, column]) + np.int64(out[row, column - 1])) & 0xFFFF
            continue
        for column in range(1, columns):
            left, above = np.int64(out[row, column - 1]), np.int64(out[row - 1, column])
            guess = _predicted(predictor, left, above, np.int64(out[row - 1, column - 1]))
            out[row, column] = (np.int64(out[row, column]) + guess) & 0xFFFF


@_compiled
def _decode(packed: Any, huffman: Any, out: Any, how: int) -> bool:
    """Decode entropy-coded data into (rows, columns) uint16; `how` is the predictor and, above 8 bits, the precision.

    One kernel calls the others, because each that is called from outside takes its time to load.
    """
    table = np.zeros(65536, dtype=np.int32)
    if not _fill_lookup(huffman, table):
        return False
    plain = np.zeros(len(packed) + _PAD, dtype=np.uint8)
    length = _without_stuffing(packed, plain)
    used = _differences(plain, length, table, out.reshape(-1))
    if used < 0 or used > 8 * length:
        return False
    _undo_prediction(out, how & 255, 1 << ((how >> 8) - 1))
    return True
