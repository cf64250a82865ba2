"""The worklist of a department on a PostgreSQL server: the same tables, the same questions, many machines at once.

Needs SQLAlchemy, Alembic and pg8000, which the extra ``department`` brings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catheterview.errors import InputError, UnsuitableError
from catheterview.store.ground import insertion
from catheterview.store.rows import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

#: Where the password is taken from, never written anywhere.
PASSWORD = "CATHETERVIEW_STORE_PASSWORD"
_MIGRATIONS = Path(__file__).parent / "migrations"
#: Writers queue for this lock, as they do for that of a file ("cath" in ASCII).
_QUEUE = "SELECT pg_advisory_xact_lock(1667331176)"
#: Held by a run for as long as it lasts; the server lets go of it when the connection ends, however it ends.
_HOLD = "SELECT pg_try_advisory_lock(1667331177)"
_CONNECTS_WITHIN_S = 20


class ServerGround:
    """A database on a server; made by `open_department`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all that the block writes or nothing; writers queue.

        Raises
        ------
        InputError
            When the server refuses, or is gone.
        """
        with _named(), self._connection.begin():
            self._connection.exec_driver_sql(_QUEUE)
            yield

    def look(self, query: str, values: Mapping[str, Any]) -> list[Row]:
        """Ask for rows."""
        from sqlalchemy import text  # noqa: PLC0415 - the extra department, and heavy

        with _named():
            if self._connection.in_transaction():
                return [dict(row) for row in self._connection.execute(text(query), values).mappings()]
            with self._connection.begin():
                return [dict(row) for row in self._connection.execute(text(query), values).mappings()]

    def run(self, query: str, values: Mapping[str, Any]) -> int:
        """Change something; returns how many rows were touched."""
        from sqlalchemy import text  # noqa: PLC0415 - as above

        return self._connection.execute(text(query), values).rowcount

    def add(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of one table."""
        from sqlalchemy import text  # noqa: PLC0415 - as above

        if rows:
            self._connection.execute(text(insertion(table, tuple(rows[0]))), [dict(row) for row in rows])

    def hold(self) -> None:
        """Be the only run that writes into this database until the connection is closed.

        Raises
        ------
        InputError
            When another run does.
        """
        with _named(), self._connection.begin():
            if not self._connection.exec_driver_sql(_HOLD).scalar():
                raise InputError("another run is writing into this database: wait, or use another one", where="store")

    def belong_to(self, folder: str) -> None:
        """Keep the worklist of this folder and of no other.

        Raises
        ------
        InputError
            When it keeps another folder's.
        """
        with self.transaction():
            owners = [row["folder"] for row in self.look("SELECT folder FROM belongs", {})]
            if not owners:
                self.add("belongs", [{"folder": folder}])
        if owners and owners != [folder]:
            raise InputError(
                "this database keeps the worklist of another output folder: use one of its own", where="store"
            )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def open_department(url: str, *, folder: str = "") -> ServerGround:
    """Connect to the worklist on a server; its tables are made, or brought up to this version, when need be.

    Parameters
    ----------
    url : str
        ``postgresql://USER@HOST:PORT/DATABASE``, with ``?sslmode=verify-full&sslrootcert=FILE`` where the server must
        prove who it is; the password is taken from ``CATHETERVIEW_STORE_PASSWORD``.
    folder : str, optional
        The output folder that asks; a database keeps the worklist of one.

    Raises
    ------
    UnsuitableError
        When the extra is not installed.
    InputError
        When the server does not answer or refuses, or its worklist was written by a newer catheterview, or is another
        folder's.
    """
    try:
        engine = _engine(url)
        import_module("alembic")
    except ModuleNotFoundError as error:
        raise UnsuitableError(f"{error.name} is not installed: pip install 'catheterview[department]'") from error
    with _named(), ExitStack() as undo:
        connection = undo.enter_context(engine.connect())
        with connection.begin():
            connection.exec_driver_sql(_QUEUE)
            _migrate(connection)
        ground = ServerGround(connection)
        if folder:
            ground.belong_to(folder)
        undo.pop_all()
    return ground


def _engine(url: str) -> Engine:
    """How the server is reached."""
    import ssl  # noqa: PLC0415 - only here

    from sqlalchemy import create_engine, make_url  # noqa: PLC0415 - the extra department, and heavy
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 - as above

    parsed = make_url(url)
    given: dict[str, Any] = {"timeout": _CONNECTS_WITHIN_S}
    if parsed.query.get("sslmode") == "verify-full":
        given["ssl_context"] = ssl.create_default_context(cafile=str(parsed.query.get("sslrootcert")) or None)
    parsed = parsed.difference_update_query(("sslmode", "sslrootcert"))
    parsed = parsed.set(drivername="postgresql+pg8000", password=os.environ.get(PASSWORD) or None)
    return create_engine(parsed, poolclass=NullPool, connect_args=given)


def _migrate(connection: Connection) -> None:
    """Take the steps that the server has not taken yet."""
    from alembic import command  # noqa: PLC0415 - the extra department, and heavy
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _named() -> Iterator[None]:
    """Say what the server says, without what it was asked, in the terms of this package."""
    from alembic.util import CommandError  # noqa: PLC0415 - the extra department, and heavy
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415 - as above

    try:
        yield
    except DBAPIError as error:
        said = error.orig.args[0] if error.orig is not None and error.orig.args else ""
        reason = said.get("M", "") if isinstance(said, dict) else type(error.orig).__name__
        raise InputError(f"cannot use the worklist: {reason}", where="store") from error
    except CommandError as error:
        raise InputError("the worklist was written by a newer catheterview: update it", where="store") from error
    except SQLAlchemyError as error:
        raise InputError(f"cannot use the worklist: {type(error).__name__}", where="store") from error
