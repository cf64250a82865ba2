"""What the process of one case is held to: an amount of memory, and the life of the run that started it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO

from catheterview.errors import InputError

if sys.platform != "win32":
    import fcntl
    import resource

#: Exit status of a process whose run is gone.
_ORPHANED = 75


def hold_to(memory_bytes: int | None) -> None:
    """Hold this process to an amount of memory, beyond which an allocation fails and only this case ends.

    Parameters
    ----------
    memory_bytes : int or None
        Of data (heap and anonymous mappings); None for no limit.

    Raises
    ------
    InputError
        When the system cannot limit a process.
    """
    if memory_bytes is None:
        return
    if sys.platform == "win32":
        raise InputError("this system cannot limit the memory of a process", where="--memory")
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


def end_with_parent() -> None:
    """End this process when the run that started it is killed, so that no case goes on that nobody waits for."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(_ORPHANED)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def alone(out: Path, name: str = ".lock") -> Iterator[None]:
    """Be the only run that writes into a folder; the system lets go of it when the process ends, however it ends.

    Parameters
    ----------
    out : Path
    name : str
        Of the lock: a node that receives and the triage that it starts hold one each.

    Raises
    ------
    InputError
        When another run writes there, or nobody can.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / name).open("ab")
    except OSError as error:
        raise InputError(f"cannot write: {error.strerror or error}", where=out.name) from error
    with lock:
        _take(lock, out)
        yield


def _take(lock: IO[bytes], out: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise InputError("another run is writing here: wait, or choose another folder", where=out.name) from error
