"""The worklist on a real PostgreSQL server: what holds of the file holds there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from postgres_server import PASSWORD, postgres
from test_store import bare, review, same_finding

from catheterview.errors import InputError
from catheterview.geometry import Frame
from catheterview.model import CaseRow, Kind, Mark, Reply, Report
from catheterview.store import Run, Store, claim, has_worklist, keep_at, only_run, open_store
from catheterview.store.department import open_department
from strategies import reports

sqlalchemy = pytest.importorskip("sqlalchemy", reason="the extra department is not installed")
pytest.importorskip("alembic", reason="the extra department is not installed")
pytest.importorskip("pg8000", reason="the extra department is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server, and its password where it is looked for."""
    with postgres() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CATHETERVIEW_STORE_PASSWORD", PASSWORD)
        yield url


@pytest.fixture
def url(server: str) -> str:
    """An empty database."""
    with raw(server) as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    return server


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    """An empty worklist."""
    keep_at(url, tmp_path)
    with open_store(tmp_path / "worklist.sqlite") as opened:
        yield opened


def raw(url: str) -> Any:
    """A connection of any other program."""
    named = sqlalchemy.make_url(url).set(drivername="postgresql+pg8000", password=PASSWORD)
    return sqlalchemy.create_engine(named, poolclass=sqlalchemy.pool.NullPool).begin()


def test_a_report_comes_back_to_the_last_bit(url: str, tmp_path: Path) -> None:
    """Findings and examinations come back equal and in order; saved again, they replace those before."""
    keep_at(url, tmp_path)
    with open_store(tmp_path / "worklist.sqlite") as store:

        @settings(max_examples=15)
        @given(reports())
        def one(report: Report) -> None:
            store.save_report(report)
            back = store.findings(report.case_id)
            assert len(back) == len(report.findings)
            assert all(same_finding(*pair) for pair in zip(back, report.findings, strict=True))
            assert store.examined(report.case_id) == report.examined
            assert CaseRow.of(report) in store.cases()

        one()


def test_the_folder_says_where_its_worklist_is(url: str, tmp_path: Path) -> None:
    """Told once, every command finds it; there is no file of it, and no password anywhere."""
    assert not has_worklist(tmp_path)
    keep_at(url, tmp_path)
    assert has_worklist(tmp_path)
    with open_store(tmp_path / "worklist.sqlite") as store:
        store.save_report(bare("a", priority="soon"))
        store.save_report(bare("b", priority="emergent"))
    with open_store(tmp_path / "worklist.sqlite", create=False) as store:
        assert [row.case_id for row in store.cases()] == ["b", "a"]
    assert {path.name for path in tmp_path.iterdir()} == {"store.json"}
    assert PASSWORD not in (tmp_path / "store.json").read_text()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM {}", "UPDATE {} SET case_id = 'b'", "TRUNCATE {}", "TRUNCATE cases, {} CASCADE"],
)
@pytest.mark.parametrize("table", ["reviews", "replies"])
def test_what_readers_said_stays(store: Store, url: str, statement: str, table: str) -> None:
    """The database itself refuses, whichever program asks."""
    mark = Mark(series_instance_uid="1.2", frame=Frame.PATIENT, points=((0.1, -40.0, 871.5),), kind=Kind.KINK)
    told = Reply(case_id="a", fact="cap.easy", value="no", reader="r1", at="2026-03-02T10:00:00Z", version="0")
    verdicts = (review(1), replace(review(2), mark=mark))
    for one in verdicts:
        store.add_review(one)
    store.add_reply(told)
    with pytest.raises(sqlalchemy.exc.DBAPIError, match="append-only"), raw(url) as other:
        other.exec_driver_sql(statement.format(table))
    assert store.reviews("a") == verdicts
    assert store.latest_reviews() == {"a": verdicts[-1]}
    assert store.replies("a") == (told,)


def test_the_ledger_is_the_same(store: Store) -> None:
    """A run that was killed stays as started; a number that is not there is said."""
    digests = {"input_digest": "i1", "limits_digest": "l1", "version": "0.1.0"}
    killed = store.start_run("a", started="2026-03-02T10:00:00+00:00", **digests)
    done = store.start_run("a", started="2026-03-02T11:00:00+00:00", **digests)
    store.finish_run(done, outcome="incomplete", finished="2026-03-02T11:00:09+00:00", why="trace")
    first, second = store.runs("a")
    assert first == Run(id=killed, case_id="a", started="2026-03-02T10:00:00+00:00", **digests)
    assert (second.outcome, second.why) == ("incomplete", "trace")
    with pytest.raises(InputError, match="999"):
        store.finish_run(999, outcome="complete", finished="")


def test_writers_queue(url: str, tmp_path: Path) -> None:
    """Eight threads that save the same case at once: one result is left, whole, and every verdict."""
    keep_at(url, tmp_path)
    open_store(tmp_path / "worklist.sqlite").close()

    def write(number: int) -> None:
        with open_store(tmp_path / "worklist.sqlite") as mine:
            mine.save_report(bare("a", priority="soon" if number % 2 else "urgent"))
            mine.add_review(review(number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_store(tmp_path / "worklist.sqlite") as store:
        (row,) = store.cases()
        assert row.reviews == 8
        assert {one.reason for one in store.reviews("a")} == {f"remark {number}" for number in range(8)}


def test_the_tables_are_those_of_the_file(store: Store, url: str, tmp_path: Path) -> None:
    """Names, order and kinds of all columns, what may be empty, and what is a key, agree."""
    (tmp_path / "own").mkdir()
    open_store(tmp_path / "own" / "worklist.sqlite").close()
    there = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'own' / 'worklist.sqlite'}", poolclass=sqlalchemy.NullPool)
    with raw(url) as first, there.connect() as second:
        ours, theirs = described(first), described(second)
    assert [ours.pop(name) for name in ("catheterview_version", "belongs")]
    assert ours == theirs
    assert set(ours) == {"cases", "findings", "examinations", "reviews", "runs", "replies"}


def described(connection: Any) -> dict[str, list[tuple[str, str, bool]]]:
    """Every column of every table: its name, what it holds, whether it may be empty; and the primary key."""
    looked = sqlalchemy.inspect(connection)
    kinds = {"BIGINT": "INTEGER", "DOUBLE PRECISION": "REAL", "DOUBLE_PRECISION": "REAL"}
    return {
        table: [
            (one["name"], kinds.get(str(one["type"]), str(one["type"])), one["name"] in keys or not one["nullable"])
            for one in looked.get_columns(table)
        ]
        for table in looked.get_table_names()
        for keys in [looked.get_pk_constraint(table)["constrained_columns"]]
    }


def test_a_worklist_of_the_first_version_is_brought_up_to_date(url: str, tmp_path: Path) -> None:
    """Verdicts that were given before stay, and new ones follow."""
    from alembic import command
    from alembic.config import Config

    from catheterview.store import department

    config = Config()
    config.set_main_option("script_location", str(department._MIGRATIONS))
    with raw(url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO reviews (case_id, finding_id, verdict, reader, at, version, reason)"
            " VALUES ('a', 'f', 'missed', 'r', 't', '0.1.0', 'kink at (1, 2, 3) mm')"
        )
    keep_at(url, tmp_path)
    with open_store(tmp_path / "worklist.sqlite") as store:
        store.add_review(review(2))
        old, new = store.reviews("a")
    assert (old.verdict, old.mark) == ("missed", None)
    assert new == review(2)


def test_a_worklist_of_a_newer_version_is_refused(store: Store, url: str) -> None:
    """An older program never writes into tables that it does not understand."""
    with raw(url) as connection:
        connection.exec_driver_sql("UPDATE catheterview_version SET version_num = '9999'")
    with pytest.raises(InputError, match="newer"):
        open_department(url)


def test_a_server_that_is_away_or_refuses_is_said(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, without the password."""
    keep_at("postgresql://tester@127.0.0.1:1/postgres", tmp_path)
    with pytest.raises(InputError, match="cannot use the worklist"):
        open_store(tmp_path / "worklist.sqlite")
    monkeypatch.setenv("CATHETERVIEW_STORE_PASSWORD", "wrong")
    with pytest.raises(InputError, match="password authentication failed"):
        open_department(url)


def test_a_database_belongs_to_one_folder(url: str, tmp_path: Path) -> None:
    """A second folder is refused and told nothing; the first goes on, also where it is mounted elsewhere."""
    claim(url, tmp_path / "one")
    with pytest.raises(InputError, match="another output folder"):
        claim(url, tmp_path / "two")
    assert not (tmp_path / "two" / "store.json").exists()
    (tmp_path / "one").rename(tmp_path / "elsewhere")
    claim(url, tmp_path / "elsewhere")
    with open_store(tmp_path / "elsewhere" / "worklist.sqlite") as store:
        store.save_report(bare("a", priority="soon"))
    keep_at(url, tmp_path / "three")  # told by hand, or copied from elsewhere
    with pytest.raises(InputError, match="another output folder"):
        open_store(tmp_path / "three" / "worklist.sqlite")


def test_one_run_writes_into_a_database(url: str, tmp_path: Path) -> None:
    """A second, from a machine that does not see the first one's lock, is told so; readers are not disturbed."""
    claim(url, tmp_path)
    with only_run(tmp_path):
        with pytest.raises(InputError, match="another run"), only_run(tmp_path):
            pass
        open_store(tmp_path / "worklist.sqlite").close()
    with only_run(tmp_path):
        pass
    with only_run(tmp_path / "of its own"):
        pass


def test_a_server_that_is_away_is_not_kept_in_mind(tmp_path: Path) -> None:
    """A folder that was told a wrong address is told nothing, and can be told another."""
    with pytest.raises(InputError, match="cannot use the worklist"):
        claim("postgresql://tester@127.0.0.1:1/postgres", tmp_path)
    assert not (tmp_path / "store.json").exists()


def test_a_folder_keeps_the_worklist_that_it_has(tmp_path: Path) -> None:
    """Neither a file with verdicts nor another server is hidden; passwords and other databases are refused."""
    open_store(tmp_path / "worklist.sqlite").close()
    with pytest.raises(InputError, match="keeps its worklist itself"):
        keep_at("postgresql://a@b/c", tmp_path)
    keep_at("postgresql://a@b/c", tmp_path / "new")
    keep_at("postgresql://a@b/c", tmp_path / "new")
    with pytest.raises(InputError, match="another server"):
        keep_at("postgresql://a@b/d", tmp_path / "new")
    for wrong in ("mysql://a@b/c", "postgresql://a@b", "postgresql://a:secret@b/c"):
        with pytest.raises(InputError, match="--store") as raised:
            keep_at(wrong, tmp_path / "other")
        assert "secret" not in str(raised.value)
