"""Pixels on demand: from the file straight into the volume, slice by slice, by a few threads."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from catheterview.errors import UnreadableError
from catheterview.limits.read import ReadLimits
from catheterview.model import Voxels
from catheterview.read import codec
from catheterview.read.header import inflated_data_set
from catheterview.read.instance import Instance
from catheterview.read.scale import Scale, to_voxels
from catheterview.read.sources import FileSource, opened
from catheterview.read.tags import DOUBLE_PIXELS, FLOAT_PIXELS, PIXELS
from catheterview.read.walker import DEFLATED, EXPLICIT_BIG

#: Fills (n,) bytes of memory from an offset of the file's pixel data.
Fetch: TypeAlias = Callable[[NDArray[np.uint8], int], None]
#: A slice to fill, and what fills it.
Job: TypeAlias = tuple[Voxels, Instance, Scale]

_ZLIB_BEST: Final = 1032  # deflate cannot pack tighter than this


def frame_bytes(one: Instance) -> int:
    """Return how many bytes one native frame takes in the file."""
    pixels = one.header.pixels
    return pixels.rows * pixels.columns * pixels.samples * pixels.bits_allocated // 8


def check_pixels(one: Instance, *, limits: ReadLimits) -> None:
    """Refuse what cannot be, before any memory is taken for it.

    Raises
    ------
    UnreadableError
        On absurd sizes, and on pixel data shorter than what the header says.
    """
    pixels, name = one.header.pixels, one.source.name
    if not one.pixels_tag:
        return
    if not (0 < pixels.rows <= limits.max_rows and 0 < pixels.columns <= limits.max_rows):
        raise UnreadableError(f"absurd size: {pixels.rows} x {pixels.columns} pixels", where=name)
    if one.header.frames > limits.max_frames or one.header.frames < 1:
        raise UnreadableError(f"absurd size: {one.header.frames} frames", where=name)
    if pixels.bits_allocated not in (1, 8, 16, 32, 64) or not 0 < pixels.bits_stored <= pixels.bits_allocated:
        raise UnreadableError(f"absurd pixels: {pixels.bits_stored} of {pixels.bits_allocated} bits", where=name)
    needed = frame_bytes(one) * one.header.frames
    if needed > limits.max_image_bytes:
        raise UnreadableError(f"absurd size: {needed} bytes of pixels", where=name)
    if one.pixels_length >= 0:
        there = min(one.pixels_length, _bytes_behind(one))
        if there < needed:
            raise UnreadableError(f"truncated pixel data: {there} of {needed} bytes", where=name)


def _bytes_behind(one: Instance) -> int:
    """Return how many bytes the file can hold from where the pixels begin."""
    size = one.size * _ZLIB_BEST if one.header.syntax == DEFLATED else one.size
    return max(0, size - one.pixels_at)


def fill(jobs: Sequence[Job], *, limits: ReadLimits) -> int:
    """Read pixels into their slices.

    Parameters
    ----------
    jobs : sequence of (slice, instance, scale)
        (rows, columns) int16 each; nothing else is allocated but one slice per thread.
    limits : ReadLimits

    Returns
    -------
    int
        The highest voxel.

    Raises
    ------
    UnreadableError
        When a file turns out broken; it names the file.
    """
    groups = [list(group) for _, group in groupby(jobs, key=lambda job: job[1].source)]
    if len(groups) == 1 and isinstance(jobs[0][1].source, FileSource):  # the frames of one large file
        groups = [groups[0][n :: limits.threads] for n in range(min(limits.threads, len(jobs)))]
    parts = [groups[n :: limits.threads] for n in range(min(limits.threads, len(groups)))]
    with warnings.catch_warnings(), ThreadPoolExecutor(len(parts)) as pool:
        warnings.simplefilter("ignore")  # decoders warn of padding and precision; what matters is checked
        return max(pool.map(lambda part: _fill_part(part, limits=limits), parts))


def _fill_part(groups: Sequence[Sequence[Job]], *, limits: ReadLimits) -> int:
    """Fill the slices of some files."""
    return max(_fill_file(group, limits=limits) for group in groups)


def _fill_file(jobs: Sequence[Job], *, limits: ReadLimits) -> int:
    """Fill the slices of one file."""
    read = _decoded if jobs[0][1].pixels_length < 0 else _native
    stored = read(jobs, limits=limits)
    highest = -32768
    for (out, _, scale), values in zip(jobs, stored, strict=True):
        to_voxels(values, out, scale)
        highest = max(highest, int(out.max()))
    return highest


def _decoded(jobs: Sequence[Job], *, limits: ReadLimits) -> Iterator[NDArray[Any]]:
    """Yield the decoded frame of each job of one file."""
    one = jobs[0][1]
    with opened(one.source) as stream:
        stream.seek(one.pixels_at)
        encapsulated = stream.read(min(one.size, limits.max_image_bytes))
    streams = codec.frames(encapsulated, one.header, name=one.source.name)
    for _, job, _ in jobs:
        yield codec.decode(streams[max(0, job.frame)], job.header, name=job.source.name, limits=limits)


def _native(jobs: Sequence[Job], *, limits: ReadLimits) -> Iterator[NDArray[Any]]:
    """Yield the stored values of each job of one file; 16-bit ones are read into their slice itself."""
    one = jobs[0][1]
    swapped = one.header.syntax == EXPLICIT_BIG
    with _fetching(one, limits=limits) as fetch:
        for out, job, _ in jobs:
            kind = _stored_type(job)
            stored = out.view(kind) if kind.itemsize == 2 else np.empty(out.shape, dtype=kind)
            flat = stored.reshape(-1).view(np.uint8)
            fetch(flat, max(0, job.frame) * frame_bytes(job))
            if swapped and kind.itemsize > 1:
                stored.byteswap(inplace=True)
            yield stored


def _stored_type(one: Instance) -> np.dtype[Any]:
    """Return the type of stored values.

    Raises
    ------
    UnreadableError
        When they are not one plain number per pixel.
    """
    pixels = one.header.pixels
    if not one.pixels_tag:
        raise UnreadableError("no pixel data", where=one.source.name)
    if one.pixels_tag in (FLOAT_PIXELS, DOUBLE_PIXELS):
        return np.dtype(np.float32 if one.pixels_tag == FLOAT_PIXELS else np.float64)
    if pixels.samples != 1 or pixels.bits_allocated not in (8, 16, 32) or one.pixels_tag != PIXELS:
        raise UnreadableError(
            f"{pixels.samples} samples of {pixels.bits_allocated} bits are not read", where=one.source.name
        )
    return np.dtype(f"{'i' if pixels.signed else 'u'}{pixels.bits_allocated // 8}")


@contextmanager
def _fetching(one: Instance, *, limits: ReadLimits) -> Iterator[Fetch]:
    """Give a function that fills memory from the pixel data of a file."""
    if isinstance(one.source, FileSource) and one.header.syntax != DEFLATED:
        with _descriptor(one.source) as descriptor:
            yield lambda view, at: _read_at(descriptor, view, one.pixels_at + at, name=one.source.name)
    else:
        whole = np.frombuffer(_unpacked(one, limits=limits), dtype=np.uint8)
        yield lambda view, at: _copy(whole, view, one.pixels_at + at, name=one.source.name)


@contextmanager
def _descriptor(source: FileSource) -> Iterator[int]:
    """Open a file for positioned reading."""
    try:
        descriptor = os.open(source.path, os.O_RDONLY)
    except OSError as error:
        raise UnreadableError(f"cannot be read ({error.strerror})", where=source.name) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read_at(descriptor: int, view: NDArray[np.uint8], at: int, *, name: str) -> None:
    """Fill memory from a file; a short read is gone on with."""
    done = 0
    while done < len(view):
        got = os.preadv(descriptor, [view.data[done:]], at + done)
        if got <= 0:
            raise UnreadableError("truncated pixel data: the file became shorter", where=name)
        done += got


def _copy(whole: NDArray[np.uint8], view: NDArray[np.uint8], at: int, *, name: str) -> None:
    """Fill memory from a file that lies unpacked in memory."""
    piece = whole[at : at + len(view)]
    if len(piece) < len(view):
        raise UnreadableError(f"truncated pixel data: {len(piece)} of {len(view)} bytes", where=name)
    view[...] = piece


def _unpacked(one: Instance, *, limits: ReadLimits) -> bytes:
    """Return a zip member, or a deflated file's data set, up to the end of its pixels and no further."""
    end = one.pixels_at + frame_bytes(one) * one.header.frames
    with opened(one.source) as stream:
        if one.header.syntax != DEFLATED:
            return stream.read(end)
        packed = stream.read(min(one.size, limits.max_image_bytes))
    return inflated_data_set(packed, count=end, name=one.source.name)
