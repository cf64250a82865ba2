"""What is to be sent and what has arrived, on disk: a crash loses nothing, and nothing is sent twice that arrived."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catheterview.errors import InputError

_TABLE = """
CREATE TABLE IF NOT EXISTS outbox (
    sop_instance_uid TEXT NOT NULL,
    destination TEXT NOT NULL,
    path TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    why TEXT NOT NULL DEFAULT '',
    delivered TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (sop_instance_uid, destination)
) STRICT
"""
_BUSY_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object on its way to one destination; `path` is relative to the output folder, `why` the last refusal."""

    sop_instance_uid: str
    path: str
    attempts: int = 0
    why: str = ""


@contextmanager
def open_outbox(path: Path) -> Iterator[Outbox]:
    """Open an outbox, made when it is not there.

    Raises
    ------
    InputError
        When it cannot be opened or written.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_TABLE)
            yield Outbox(connection)
    except sqlite3.Error as error:
        raise InputError(f"cannot use the outbox: {error}", where=path.name) from error


class Outbox:
    """An open outbox; each method is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, sop_instance_uid: str, path: str, *, to: str) -> None:
        """Enter an object that is to be sent; one that was entered before, delivered or not, stays as it is."""
        query = "INSERT OR IGNORE INTO outbox (sop_instance_uid, destination, path) VALUES (?, ?, ?)"
        self._connection.execute(query, (sop_instance_uid, to, path))

    def waiting(self, *, to: str) -> tuple[Entry, ...]:
        """What has not arrived, in the order in which it was entered."""
        query = (
            "SELECT sop_instance_uid, path, attempts, why FROM outbox"
            " WHERE destination = ? AND delivered = '' ORDER BY rowid"
        )
        found = self._connection.execute(query, (to,)).fetchall()
        return tuple(Entry(sop_instance_uid=uid, path=path, attempts=n, why=why) for uid, path, n, why in found)

    def delivered(self, *, to: str) -> int:
        """How many objects have arrived."""
        query = "SELECT count(*) FROM outbox WHERE destination = ? AND delivered <> ''"
        return int(self._connection.execute(query, (to,)).fetchone()[0])

    def close_entry(self, sop_instance_uid: str, *, to: str, why: str = "") -> None:
        """Enter that an object arrived or, with `why`, that it was refused once more."""
        at = "" if why else datetime.now(UTC).isoformat(timespec="seconds")
        query = (
            "UPDATE outbox SET attempts = attempts + 1, why = ?, delivered = ?"
            " WHERE sop_instance_uid = ? AND destination = ?"
        )
        self._connection.execute(query, (why, at, sop_instance_uid, to))
