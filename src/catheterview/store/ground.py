"""What a worklist stands on: a database that is asked in SQL with ``:name`` for values, in a file or on a server."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from catheterview.errors import InputError
from catheterview.store.rows import Row
from catheterview.store.schema import migrate, transaction

#: How long a writer waits for another before it gives up.
BUSY_TIMEOUT_S = 30.0


class Ground(Protocol):
    """A database of this version's tables, open for one thread."""

    def transaction(self) -> AbstractContextManager[None]:
        """Write all that the block writes or nothing; another writer waits meanwhile."""

    def look(self, query: str, values: Mapping[str, Any]) -> list[Row]:
        """Ask for rows."""

    def run(self, query: str, values: Mapping[str, Any]) -> int:
        """Change something, within a transaction; returns how many rows were touched."""

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of one table, within a transaction."""

    def close(self) -> None:
        """Close it; may be called twice."""


def insertion(table: str, columns: Sequence[str]) -> str:
    """The statement that inserts a row; table and columns are names of this package, never of its input."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"


class FileGround:
    """A SQLite file that several processes may use at once and that survives being killed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def transaction(self) -> AbstractContextManager[None]:
        """Take the write lock at once, so that two writers queue."""
        return transaction(self._connection)

    def look(self, query: str, values: Mapping[str, Any]) -> list[Row]:
        """Ask for rows."""
        return [dict(row) for row in self._connection.execute(query, values)]

    def run(self, query: str, values: Mapping[str, Any]) -> int:
        """Change something; returns how many rows were touched."""
        return self._connection.execute(query, values).rowcount

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of one table."""
        if rows:
            self._connection.executemany(insertion(table, tuple(rows[0])), rows)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def open_file(path: Path) -> FileGround:
    """Open a SQLite file, made or brought up to this version when need be.

    Raises
    ------
    InputError
        When it cannot be opened, is no worklist, or was written by a newer catheterview.
    """
    with _named_errors(path), ExitStack() as undo:
        connection = undo.enter_context(closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)))
        _set_up(connection)
        undo.pop_all()
    return FileGround(connection)


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite or a migration says about a file into one `InputError` that names it."""
    try:
        yield
    except sqlite3.Error as error:
        raise InputError(f"cannot open the worklist: {error}", where=path.name) from error
    except InputError as error:
        raise InputError(error.reason, where=path.name) from error


def _set_up(connection: sqlite3.Connection) -> None:
    """Set what is set per connection, then bring the tables up to this version."""
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # A verdict that was shown as saved must survive a power cut as well.
    connection.execute("PRAGMA synchronous = FULL")
    migrate(connection)
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging, which lasts: readers then never wait for a writer.

    SQLite refuses to switch while another connection looks at the file, and does not wait on its own.
    """
    patience = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            return
