"""Where bytes come from: a file, or a member of a zip that is read on demand and never extracted."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from lzma import LZMAError
from pathlib import Path
from typing import BinaryIO, TypeAlias

from catheterview.errors import UnreadableError

#: What `zipfile` raises on broken, encrypted or unsupported members.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
    LZMAError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file on disk; `name` is relative to what the user gave."""

    path: str
    name: str

    def head(self, count: int) -> tuple[bytes, int]:
        """Return the first `count` bytes (fewer in a shorter file) and the size of the whole."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
            try:
                return os.read(descriptor, count), os.fstat(descriptor).st_size
            finally:
                os.close(descriptor)
        except OSError as error:
            raise UnreadableError(f"cannot be read ({error.strerror})", where=self.name) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSource:
    """A member of a zip archive; `size` is what the archive says, and `zipfile` reads no more than that."""

    path: str
    member: str
    name: str
    size: int

    def head(self, count: int) -> tuple[bytes, int]:
        """Return the first `count` bytes and the declared size of the whole."""
        with opened(self) as stream:
            return stream.read(count), self.size


Source: TypeAlias = FileSource | MemberSource


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """Open a source for reading from its start.

    Raises
    ------
    UnreadableError
        When it cannot be opened, or turns out broken while it is read.
    """
    try:
        if isinstance(source, FileSource):
            with Path(source.path).open("rb", buffering=0) as stream:
                yield stream
        else:
            with archive(source.path).open(source.member) as member:
                yield member  # type: ignore[misc]  # an IO[bytes], which is all that is used of it
    except ZIP_ERRORS as error:
        raise UnreadableError(f"cannot be read ({type(error).__name__})", where=source.name) from error


def archive(path: str) -> zipfile.ZipFile:
    """Return the open zip at `path`, kept open as long as it is in use.

    A process that was forked opens its own: a shared descriptor would share the place that is read from.
    """
    return _opened_archive(path, Path(path).stat().st_mtime_ns, os.getpid())


@lru_cache(maxsize=4)
def _opened_archive(path: str, modified_ns: int, process: int) -> zipfile.ZipFile:  # noqa: ARG001  (part of the key)
    """Open a zip once per version of the file and process."""
    return zipfile.ZipFile(path)
