"""The tables of ``worklist.sqlite``, and how an older file becomes a newer one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

from catheterview.errors import InputError

#: "cath" in ASCII: tells a worklist from any other SQLite file.
APPLICATION_ID = 0x63617468

Migration: TypeAlias = tuple[str, ...]

_CASES = """
CREATE TABLE cases (
    case_id TEXT PRIMARY KEY,
    priority TEXT NOT NULL,
    step TEXT NOT NULL,
    action TEXT NOT NULL,
    version TEXT NOT NULL,
    studied TEXT NOT NULL,
    rungs TEXT NOT NULL,
    kinds TEXT NOT NULL,
    findings INTEGER NOT NULL,
    not_examined INTEGER NOT NULL,
    problems INTEGER NOT NULL
) STRICT
"""

_FINDINGS = """
CREATE TABLE findings (
    case_id TEXT NOT NULL REFERENCES cases (case_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    segment TEXT,
    score REAL NOT NULL,
    frame TEXT NOT NULL,
    point TEXT NOT NULL,
    series_instance_uid TEXT NOT NULL,
    sop_instance_uid TEXT NOT NULL,
    index_kji TEXT NOT NULL,
    measures TEXT NOT NULL,
    level TEXT,
    message TEXT NOT NULL,
    cautions TEXT NOT NULL,
    ends TEXT NOT NULL,
    PRIMARY KEY (case_id, position)
) STRICT
"""

_EXAMINATIONS = """
CREATE TABLE examinations (
    case_id TEXT NOT NULL REFERENCES cases (case_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    detector TEXT NOT NULL,
    series_instance_uids TEXT NOT NULL,
    outcome TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (case_id, position)
) STRICT
"""

# No reference to cases: a verdict outlives the row of a case that is triaged anew.
_REVIEWS = """
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL,
    finding_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reader TEXT NOT NULL,
    at TEXT NOT NULL,
    version TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT
"""

_REFUSE = "SELECT RAISE(ABORT, 'reviews are append-only')"
#: INSERT OR REPLACE deletes without asking the trigger on DELETE.
_TAKEN = "EXISTS (SELECT 1 FROM reviews WHERE id = NEW.id)"

_RUNS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL,
    input_digest TEXT NOT NULL,
    limits_digest TEXT NOT NULL,
    version TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT 'started' CHECK (outcome IN ('started', 'complete', 'incomplete', 'failed')),
    why TEXT NOT NULL DEFAULT ''
) STRICT
"""

# No reference to cases, as for reviews: what a reader told outlives the row of a case that is triaged anew.
_REPLIES = """
CREATE TABLE replies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL,
    fact TEXT NOT NULL,
    value TEXT NOT NULL,
    reader TEXT NOT NULL,
    at TEXT NOT NULL,
    version TEXT NOT NULL
) STRICT
"""

_REFUSE_REPLY = "SELECT RAISE(ABORT, 'replies are append-only')"
_REPLY_TAKEN = "EXISTS (SELECT 1 FROM replies WHERE id = NEW.id)"

#: One entry per version: migration n takes a file from version n to n + 1. Entries are never edited, only added.
MIGRATIONS: tuple[Migration, ...] = (
    (
        _CASES,
        _FINDINGS,
        _EXAMINATIONS,
        _REVIEWS,
        _RUNS,
        "CREATE INDEX reviews_of_case ON reviews (case_id, id)",
        "CREATE INDEX runs_of_case ON runs (case_id, id)",
        f"CREATE TRIGGER reviews_stay BEFORE UPDATE ON reviews BEGIN {_REFUSE}; END",
        f"CREATE TRIGGER reviews_last BEFORE DELETE ON reviews BEGIN {_REFUSE}; END",
        f"CREATE TRIGGER reviews_once BEFORE INSERT ON reviews WHEN {_TAKEN} BEGIN {_REFUSE}; END",
    ),
    (
        # Version 1 wrote the place of a missed finding at the head of its reason; such rows stay as they are.
        "ALTER TABLE reviews ADD COLUMN mark TEXT",
        _REPLIES,
        "CREATE INDEX replies_of_case ON replies (case_id, id)",
        f"CREATE TRIGGER replies_stay BEFORE UPDATE ON replies BEGIN {_REFUSE_REPLY}; END",
        f"CREATE TRIGGER replies_last BEFORE DELETE ON replies BEGIN {_REFUSE_REPLY}; END",
        f"CREATE TRIGGER replies_once BEFORE INSERT ON replies WHEN {_REPLY_TAKEN} BEGIN {_REFUSE_REPLY}; END",
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an open file up to this version, step by step, in one transaction: all of it or nothing.

    Raises
    ------
    InputError
        When the file is no worklist, or was written by a newer catheterview.
    """
    with transaction(connection, writes=False):
        if _version_of(connection) == len(MIGRATIONS):
            return
    with transaction(connection):
        # Asked again under the lock: another process may have done it while this one waited.
        for migration in MIGRATIONS[_version_of(connection) :]:
            for statement in migration:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def transaction(connection: sqlite3.Connection, *, writes: bool = True) -> Iterator[None]:
    """See one state of the file and, when it writes, leave all or nothing behind.

    The write lock is taken at once, so that two writers queue; taken late it fails where the view has grown stale.

    Raises
    ------
    InputError
        When the disk is full or cannot be written, or another writer does not finish.
    """
    with ExitStack() as undo:
        undo.enter_context(_named())
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        undo.callback(connection.rollback)
        yield
        connection.execute("COMMIT")
        undo.pop_all()


@contextmanager
def _named() -> Iterator[None]:
    """Say what the system says in the terms of this package."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise InputError(f"cannot use the worklist: {error}") from error


def _version_of(connection: sqlite3.Connection) -> int:
    """The schema version of a worklist, 0 for an empty file; asked within a transaction, as it takes three looks."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise InputError("this SQLite file is not a worklist of catheterview")
    if version > len(MIGRATIONS):
        raise InputError(
            f"the worklist has schema version {version}, this catheterview knows up to {len(MIGRATIONS)}: update it"
        )
    return int(version)
