"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from threading import get_ident

from catheterview.errors import InputError


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that a reader, or a run that is killed, sees the old content or the new, never a part.

    Parameters
    ----------
    path : Path
        Its folder is made when it is missing.

    Raises
    ------
    InputError
        When the folder cannot be written to, or the disk is full.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise InputError(f"cannot write: {error.strerror or error}", where=path.name) from error
    return path
