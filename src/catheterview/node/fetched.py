"""What has been fetched from where, on disk: the next run asks only for what is new."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from catheterview.errors import InputError

_TABLE = """
CREATE TABLE IF NOT EXISTS fetched (
    source TEXT NOT NULL,
    study_instance_uid TEXT NOT NULL,
    instances INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (source, study_instance_uid)
) STRICT
"""


class Fetched:
    """An open record of what has been fetched; each method is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def instances(self, source: str, study_instance_uid: str) -> int | None:
        """How many objects of a study were fetched; None where it was not."""
        query = "SELECT instances FROM fetched WHERE source = ? AND study_instance_uid = ?"
        found = self._connection.execute(query, (source, study_instance_uid)).fetchone()
        return None if found is None else int(found[0])

    def enter(self, source: str, study_instance_uid: str, instances: int) -> None:
        """Enter that a study was fetched whole."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        query = "INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?)"
        self._connection.execute(query, (source, study_instance_uid, instances, at))


@contextmanager
def open_fetched(path: Path) -> Iterator[Fetched]:
    """Open the record, made when it is not there.

    Raises
    ------
    InputError
        When it cannot be opened or written.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_TABLE)
            yield Fetched(connection)
    except sqlite3.Error as error:
        raise InputError(f"cannot use the record of what was fetched: {error}", where=path.name) from error
