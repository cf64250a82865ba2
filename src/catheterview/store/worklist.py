"""The worklist, in a SQLite file or on the PostgreSQL server of a department."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from catheterview.errors import InputError
from catheterview.model import CaseRow, Examined, Finding, Reply, Report, Review
from catheterview.store import rows
from catheterview.store.department import open_department
from catheterview.store.ground import Ground, insertion, open_file
from catheterview.store.place import department_of
from catheterview.store.rows import Row, Run, RunOutcome


def open_store(path: Path, *, create: bool = True) -> Store:
    """Open a worklist, made or brought up to this version when need be.

    Parameters
    ----------
    path : Path
        Of the file, as a rule ``OUT/worklist.sqlite``; its folder must exist. Where that folder was told to keep its
        worklist on a server (`catheterview.store.place`), that is opened instead.
    create : bool
        Whether a missing file is made; a command that only reads should not make one.

    Returns
    -------
    Store
        To be closed, or used in a ``with`` statement.

    Raises
    ------
    InputError
        When the file is missing, cannot be opened, is no worklist, or was written by a newer catheterview; or when the
        server cannot be used.
    """
    if (served := department_of(path.parent)) is not None:
        return Store(open_department(served.url, folder=served.folder))
    if not create and not path.is_file():
        raise InputError("there is no worklist here", where=path.name)
    return Store(open_file(path))


class Store:
    """An open worklist; made by `open_store`. Each method is one transaction.

    A connection belongs to the thread that opened it: another thread opens its own.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it; may be called twice."""
        self._ground.close()

    def save_report(self, report: Report) -> None:
        """Replace all rows of the report's case by the report's; its reviews and runs stay."""
        case = report.case_id
        placed = [{"case_id": case, "position": n} for n in range(max(len(report.findings), len(report.examined)))]
        found = [place | rows.finding_values(one) for place, one in zip(placed, report.findings, strict=False)]
        examined = [place | rows.examined_values(one) for place, one in zip(placed, report.examined, strict=False)]
        with self._ground.transaction():
            self._ground.run("DELETE FROM cases WHERE case_id = :case_id", {"case_id": case})
            self._ground.add("cases", [rows.case_values(CaseRow.of(report))])
            self._ground.add("findings", found)
            self._ground.add("examinations", examined)

    def cases(self) -> tuple[CaseRow, ...]:
        """Every case, most urgent first."""
        query = "SELECT *, (SELECT count(*) FROM reviews WHERE reviews.case_id = cases.case_id) AS reviews FROM cases"
        found = [rows.case_of(row) for row in self._ground.look(query, {})]
        return tuple(sorted(found, key=lambda row: row.rank))

    def findings(self, case_id: str) -> tuple[Finding, ...]:
        """The findings of a case, in the report's order; none for a case that is not there."""
        return tuple(rows.finding_of(row) for row in self._of_case("findings", case_id, "position"))

    def examined(self, case_id: str) -> tuple[Examined, ...]:
        """What was asked about a case, in the report's order; none for a case that is not there."""
        return tuple(rows.examined_of(row) for row in self._of_case("examinations", case_id, "position"))

    def add_review(self, review: Review) -> None:
        """Append a verdict; when this returns, it is on the disk."""
        with self._ground.transaction():
            self._ground.add("reviews", [rows.review_values(review)])

    def reviews(self, case_id: str) -> tuple[Review, ...]:
        """Every verdict given on a case, oldest first."""
        return tuple(rows.review_of(row) for row in self._of_case("reviews", case_id, "id"))

    def latest_reviews(self) -> dict[str, Review]:
        """The last verdict given on each case that has one, by its id."""
        query = "SELECT * FROM reviews WHERE id IN (SELECT max(id) FROM reviews GROUP BY case_id)"
        return {row["case_id"]: rows.review_of(row) for row in self._ground.look(query, {})}

    def add_reply(self, reply: Reply) -> None:
        """Append a fact that a reader told; when this returns, it is on the disk."""
        with self._ground.transaction():
            self._ground.add("replies", [rows.reply_values(reply)])

    def replies(self, case_id: str) -> tuple[Reply, ...]:
        """Every fact that readers told of a case, oldest first."""
        return tuple(rows.reply_of(row) for row in self._of_case("replies", case_id, "id"))

    def start_run(self, case_id: str, *, input_digest: str, limits_digest: str, version: str, started: str) -> int:
        """Enter into the ledger that a case is being triaged; returns the entry's number."""
        told = {
            "case_id": case_id,
            "input_digest": input_digest,
            "limits_digest": limits_digest,
            "version": version,
            "started": started,
        }
        with self._ground.transaction():
            return int(self._ground.look(f"{insertion('runs', tuple(told))} RETURNING id", told)[0]["id"])

    def finish_run(self, run_id: int, *, outcome: RunOutcome, finished: str, why: str = "") -> None:
        """Enter what came of a run.

        Raises
        ------
        InputError
            When there is no such run.
        """
        query = "UPDATE runs SET outcome = :outcome, finished = :finished, why = :why WHERE id = :id"
        with self._ground.transaction():
            if self._ground.run(query, {"outcome": outcome, "finished": finished, "why": why, "id": run_id}) != 1:
                raise InputError(f"there is no run {run_id} in the ledger")

    def runs(self, case_id: str) -> tuple[Run, ...]:
        """Every run of a case, oldest first."""
        return tuple(rows.run_of(row) for row in self._of_case("runs", case_id, "id"))

    def _of_case(self, table: str, case_id: str, order: str) -> list[Row]:
        """All rows of one case."""
        query = f"SELECT * FROM {table} WHERE case_id = :case_id ORDER BY {order}"
        return self._ground.look(query, {"case_id": case_id})
