"""Where the worklist of an output folder is: in the folder, or on the server that ``store.json`` in it names."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from catheterview.errors import CatheterviewError, InputError
from catheterview.store.department import open_department

_FILE = "store.json"
_SCHEMA = "catheterview/store/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A server that keeps the worklist of a folder, and what the folder is known by there.

    Parameters
    ----------
    url : str
    folder : str
        Drawn by lot when the folder was told, so that it stays the same wherever the folder is mounted.
    """

    url: str
    folder: str


def department_of(out: Path) -> Department | None:
    """The server that keeps the worklist of a folder; None where the folder keeps it itself.

    Raises
    ------
    InputError
        When ``store.json`` is there and cannot be understood.
    """
    try:
        told = json.loads((out / _FILE).read_bytes())
        if told["schema"] != _SCHEMA:
            raise InputError(f"unknown schema {told['schema']!r}: update catheterview", where=_FILE)
        return Department(url=understood(told["url"]), folder=str(told.get("folder", "")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"cannot be read ({type(error).__name__})", where=_FILE) from error


def has_worklist(out: Path) -> bool:
    """Say whether a folder has a worklist, here or on a server."""
    return department_of(out) is not None or (out / "worklist.sqlite").is_file()


def keep_at(url: str, out: Path) -> None:
    """Tell a folder, for good, that a server keeps its worklist.

    Parameters
    ----------
    url : str
        ``postgresql://USER@HOST:PORT/DATABASE``; the password is no part of it.
    out : Path
        Made when it is missing. One database belongs to one folder.

    Raises
    ------
    InputError
        When the folder has a worklist elsewhere, which would be hidden, or cannot be written.
    """
    before = department_of(out)
    if before is not None and before.url != understood(url):
        raise InputError("the worklist of this folder is kept on another server", where=out.name)
    if before is None and (out / "worklist.sqlite").exists():
        raise InputError("this folder keeps its worklist itself, with the verdicts in it", where=out.name)
    if before is None:
        place = {"schema": _SCHEMA, "url": understood(url), "folder": secrets.token_hex(8)}
        told = json.dumps(place, indent=1) + "\n"
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / _FILE).write_text(told, encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write: {error.strerror or error}", where=_FILE) from error


def claim(url: str, out: Path) -> None:
    """Tell a folder that a server keeps its worklist, once the server has said that it keeps no other folder's.

    Raises
    ------
    InputError
        As of `keep_at`; or when the server does not answer, or keeps the worklist of another folder. Then the folder is
        told nothing.
    """
    told_before = (out / _FILE).exists()
    keep_at(url, out)
    try:
        with only_run(out):
            pass
    except CatheterviewError:
        if not told_before:
            (out / _FILE).unlink(missing_ok=True)
        raise


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Be the only run that writes into the database of a folder, from whichever machine; without a server, nothing.

    Raises
    ------
    InputError
        When another run writes there, or the server cannot be used.
    """
    served = department_of(out)
    if served is None:
        yield
        return
    ground = open_department(served.url, folder=served.folder)
    try:
        ground.hold()
        yield
    finally:
        ground.close()


def understood(url: str) -> str:
    """The URL of a PostgreSQL database.

    Raises
    ------
    InputError
        When it is none, or holds a password, which a list of processes would show.
    """
    parts = urlsplit(url)
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise InputError("not of the form postgresql://USER@HOST:PORT/DATABASE", where="--store")
    if parts.password:
        raise InputError("no password belongs here: set CATHETERVIEW_STORE_PASSWORD", where="--store")
    return url
