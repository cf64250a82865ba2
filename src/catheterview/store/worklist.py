"""The worklist as a SQLite file that several processes may use at once and that survives being killed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from catheterview.errors import InputError
from catheterview.model import CaseRow, Examined, Finding, Reply, Report, Review
from catheterview.store import rows
from catheterview.store.rows import Run, RunOutcome
from catheterview.store.schema import migrate, transaction

#: How long a writer waits for another before it gives up.
BUSY_TIMEOUT_S = 30.0


def open_store(path: Path, *, create: bool = True) -> Store:
    """Open a worklist, made or brought up to this version when need be.

    Parameters
    ----------
    path : Path
        Of the file, as a rule ``OUT/worklist.sqlite``; its folder must exist.
    create : bool
        Whether a missing file is made; a command that only reads should not make one.

    Returns
    -------
    Store
        To be closed, or used in a ``with`` statement.

    Raises
    ------
    InputError
        When the file is missing, cannot be opened, is no worklist, or was written by a newer catheterview.
    """
    if not create and not path.is_file():
        raise InputError("there is no worklist here", where=path.name)
    with _named_errors(path), ExitStack() as undo:
        connection = undo.enter_context(closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)))
        _set_up(connection)
        undo.pop_all()
    return Store(connection)


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


class Store:
    """An open worklist; made by `open_store`. Each method is one transaction.

    A connection belongs to the thread that opened it: another thread opens its own.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._connection.close()

    def save_report(self, report: Report) -> None:
        """Replace all rows of the report's case by the report's; its reviews and runs stay."""
        case = report.case_id
        found = [(case, n, *rows.finding_values(finding)) for n, finding in enumerate(report.findings)]
        examined = [(case, n, *rows.examined_values(entry)) for n, entry in enumerate(report.examined)]
        with transaction(self._connection):
            self._connection.execute("DELETE FROM cases WHERE case_id = ?", (case,))
            _insert(self._connection, "cases", rows.CASE_COLUMNS, [rows.case_values(CaseRow.of(report))])
            _insert(self._connection, "findings", ("case_id", "position", *rows.FINDING_COLUMNS), found)
            _insert(self._connection, "examinations", ("case_id", "position", *rows.EXAMINED_COLUMNS), examined)

    def cases(self) -> tuple[CaseRow, ...]:
        """Every case, most urgent first."""
        query = "SELECT *, (SELECT count(*) FROM reviews WHERE reviews.case_id = cases.case_id) AS reviews FROM cases"
        found = [rows.case_of(row) for row in self._connection.execute(query)]
        return tuple(sorted(found, key=lambda row: row.rank))

    def findings(self, case_id: str) -> tuple[Finding, ...]:
        """The findings of a case, in the report's order; none for a case that is not there."""
        return tuple(rows.finding_of(row) for row in self._of_case("findings", case_id, "position"))

    def examined(self, case_id: str) -> tuple[Examined, ...]:
        """What was asked about a case, in the report's order; none for a case that is not there."""
        return tuple(rows.examined_of(row) for row in self._of_case("examinations", case_id, "position"))

    def add_review(self, review: Review) -> None:
        """Append a verdict; when this returns, it is on the disk."""
        with transaction(self._connection):
            _insert(self._connection, "reviews", rows.REVIEW_COLUMNS, [rows.review_values(review)])

    def reviews(self, case_id: str) -> tuple[Review, ...]:
        """Every verdict given on a case, oldest first."""
        return tuple(rows.review_of(row) for row in self._of_case("reviews", case_id, "id"))

    def latest_reviews(self) -> dict[str, Review]:
        """The last verdict given on each case that has one, by its id."""
        query = "SELECT * FROM reviews WHERE id IN (SELECT max(id) FROM reviews GROUP BY case_id)"
        return {row["case_id"]: rows.review_of(row) for row in self._connection.execute(query)}

    def add_reply(self, reply: Reply) -> None:
        """Append a fact that a reader told; when this returns, it is on the disk."""
        with transaction(self._connection):
            _insert(self._connection, "replies", rows.REPLY_COLUMNS, [rows.reply_values(reply)])

    def replies(self, case_id: str) -> tuple[Reply, ...]:
        """Every fact that readers told of a case, oldest first."""
        return tuple(rows.reply_of(row) for row in self._of_case("replies", case_id, "id"))

    def start_run(self, case_id: str, *, input_digest: str, limits_digest: str, version: str, started: str) -> int:
        """Enter into the ledger that a case is being triaged; returns the entry's number."""
        columns = ("case_id", "input_digest", "limits_digest", "version", "started")
        with transaction(self._connection):
            _insert(self._connection, "runs", columns, [(case_id, input_digest, limits_digest, version, started)])
            return int(self._connection.execute("SELECT last_insert_rowid()").fetchone()[0])

    def finish_run(self, run_id: int, *, outcome: RunOutcome, finished: str, why: str = "") -> None:
        """Enter what came of a run.

        Raises
        ------
        InputError
            When there is no such run.
        """
        with transaction(self._connection):
            query = "UPDATE runs SET outcome = ?, finished = ?, why = ? WHERE id = ?"
            if self._connection.execute(query, (outcome, finished, why, run_id)).rowcount != 1:
                raise InputError(f"there is no run {run_id} in the ledger")

    def runs(self, case_id: str) -> tuple[Run, ...]:
        """Every run of a case, oldest first."""
        return tuple(rows.run_of(row) for row in self._of_case("runs", case_id, "id"))

    def _of_case(self, table: str, case_id: str, order: str) -> list[sqlite3.Row]:
        """All rows of one case."""
        query = f"SELECT * FROM {table} WHERE case_id = ? ORDER BY {order}"
        return self._connection.execute(query, (case_id,)).fetchall()


def _insert(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], values: list[tuple[Any, ...]]
) -> None:
    """Insert rows; table and columns are names of this package, never of its input."""
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
