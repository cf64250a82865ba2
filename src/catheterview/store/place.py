"""Where the worklist of an output folder is: in the folder, or on the server that ``store.json`` in it names."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from catheterview.errors import InputError

_FILE = "store.json"
_SCHEMA = "catheterview/store/1"


def department_of(out: Path) -> str | None:
    """The URL of the server that keeps the worklist of a folder; None where the folder keeps it itself.

    Raises
    ------
    InputError
        When ``store.json`` is there and cannot be understood.
    """
    try:
        told = json.loads((out / _FILE).read_bytes())
        if told["schema"] != _SCHEMA:
            raise InputError(f"unknown schema {told['schema']!r}: update catheterview", where=_FILE)
        return understood(told["url"])
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
    if before is not None and before != understood(url):
        raise InputError("the worklist of this folder is kept on another server", where=out.name)
    if before is None and (out / "worklist.sqlite").exists():
        raise InputError("this folder keeps its worklist itself, with the verdicts in it", where=out.name)
    if before is None:
        told = json.dumps({"schema": _SCHEMA, "url": understood(url)}, indent=1) + "\n"
        try:
            out.mkdir(parents=True, exist_ok=True)
            (out / _FILE).write_text(told, encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write: {error.strerror or error}", where=_FILE) from error


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
