"""Every file under what the user gave, in a fixed order: files, folders, members of zips.

Nothing is followed that could lead elsewhere or not end: links to folders, special files, zips in zips. What is not
followed is reported.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from catheterview.limits.read import ReadLimits
from catheterview.model import Problem
from catheterview.read.sources import ZIP_ERRORS, FileSource, MemberSource, Source, archive

Found: TypeAlias = Source | Problem


def refused(name: str, reason: str) -> Problem:
    """Return the problem of a file that ends in no series."""
    return Problem(path_or_uid=name, stage="read", reason=reason)


def sources(inputs: Sequence[Path], *, limits: ReadLimits) -> Iterator[Found]:
    """Walk inputs and yield each file once, as something to read or as a problem.

    Parameters
    ----------
    inputs : sequence of Path
        Files, folders or zips.
    limits : ReadLimits

    Yields
    ------
    FileSource, MemberSource or Problem
        With names relative to the input (below its own name when there are several inputs).
    """
    seen: set[str] = set()
    for given in inputs:
        base = f"{given.name}/" if len(inputs) > 1 else ""
        for path, name in _files(given, base=base):
            real = os.path.abspath(path)  # noqa: PTH100  (Path.resolve would follow links, and is slow)
            if real not in seen:
                seen.add(real)
                yield from _file(path, _writable(name), limits=limits)


def _files(given: Path, *, base: str) -> Iterator[tuple[str, str]]:
    """Yield (path, name) of every entry below an input that is not a folder to go into."""
    if given.is_dir():
        yield from _below(str(given), base)
    else:
        yield str(given), given.name


def _below(folder: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of a folder in the order of their names, then those of its folders."""
    pending = [(folder, prefix)]
    while pending:
        folder, prefix = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield folder, prefix.rstrip("/")
            continue
        inner = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        pending += [(entry.path, f"{prefix}{entry.name}/") for entry in reversed(inner)]
        yield from (
            (entry.path, f"{prefix}{entry.name}") for entry in entries if not entry.is_dir(follow_symlinks=False)
        )


def _writable(name: str) -> str:
    """Return a name that can be written to a report, whatever bytes the file system gave."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _file(path: str, name: str, *, limits: ReadLimits) -> Iterator[Found]:
    """Yield one file, or the members of a zip, or why neither can be read."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  (a Path for each of thousands of files costs more than the call)
    except OSError as error:
        yield refused(name, f"cannot be read ({error.strerror})")
        return
    if stat.S_ISDIR(mode):
        link = os.path.islink(path)  # noqa: PTH114  (as above)
        yield refused(name, "link to a folder: not followed" if link else "folder cannot be listed")
    elif not stat.S_ISREG(mode):
        yield refused(name, "special file: not opened")
    elif name.lower().endswith(".zip"):
        yield from _members(path, name, limits=limits)
    else:
        yield FileSource(path=path, name=name)


def _members(path: str, name: str, *, limits: ReadLimits) -> Iterator[Found]:
    """Yield the members of a zip; names are only shown, never turned into paths."""
    try:
        infos = archive(path).infolist()
    except ZIP_ERRORS as error:
        yield refused(name, f"broken archive ({type(error).__name__})")
        return
    files = [info for info in infos if not info.is_dir()]
    if len(files) > limits.max_archive_members:
        yield refused(name, f"archive bomb: {len(files)} members, more than {limits.max_archive_members}")
        return
    if not files:
        yield refused(name, "empty archive")
    taken: set[str] = set()
    for info in sorted(files, key=lambda info: info.filename):
        yield _member(path, name, info, taken=taken, limits=limits)


def _member(path: str, name: str, info: zipfile.ZipInfo, *, taken: set[str], limits: ReadLimits) -> Found:
    """Return one member as something to read, or why it is refused."""
    shown = f"{name}/{info.filename}"
    if info.filename in taken:
        return refused(shown, "doubled member: the archive holds this name twice")
    taken.add(info.filename)
    if info.flag_bits & 0x1:
        return refused(shown, "encrypted member")
    if info.filename.lower().endswith(".zip"):
        return refused(shown, "nested archive: not followed")
    if info.file_size > limits.max_member_bytes or _is_bomb(info, limits=limits):
        return refused(shown, f"archive bomb: {info.compress_size} bytes claim to hold {info.file_size}")
    return MemberSource(path=path, member=info.filename, name=shown, size=info.file_size)


def _is_bomb(info: zipfile.ZipInfo, *, limits: ReadLimits) -> bool:
    """Say whether a large member is compressed beyond what images allow."""
    return info.file_size >= limits.ratio_from_bytes and (
        info.file_size > limits.max_archive_ratio * max(1, info.compress_size)
    )
