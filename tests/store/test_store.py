"""The worklist store: what goes in comes out, in order, and nothing is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catheterview.errors import InputError
from catheterview.geometry import Frame
from catheterview.model import URGENCY, CaseRow, Decision, Finding, Kind, Mark, Reply, Report, Review
from catheterview.store import Run, Store, open_store
from catheterview.store import schema as store_schema
from strategies import findings, reports


def bare(case_id: str, *, priority: str = "routine", found: tuple[Finding, ...] = ()) -> Report:
    """A report with nothing in it but its case, its priority and its findings."""
    decision = Decision(step="I5", action="look again", urgency=priority)
    return Report(
        version="0.1.0",
        case_id=case_id,
        priority=priority,
        studies=(),
        pumps=(),
        catheters=(),
        findings=found,
        examined=(),
        decision=decision,
    )


def review(number: int, *, case_id: str = "a") -> Review:
    """A verdict that can be told from others by its reason."""
    return Review(
        case_id=case_id,
        finding_id="f" * 16,
        verdict="accepted",
        reader="reader one",
        at="2026-03-02T10:00:00+01:00",
        version="0.1.0",
        reason=f"remark {number}",
    )


@pytest.fixture
def store(tmp_path: Path):
    """An empty worklist."""
    with open_store(tmp_path / "worklist.sqlite") as opened:
        yield opened


def same_finding(first: Finding, second: Finding) -> bool:
    """Whether two findings agree in every field, to the last bit."""
    fields = Finding.__dataclass_fields__
    return all(
        dict(getattr(first, name)) == dict(getattr(second, name))
        if name == "measures"
        else getattr(first, name) == getattr(second, name)
        for name in fields
    )


@given(reports())
def test_a_saved_report_is_read_back(tmp_path_factory: pytest.TempPathFactory, report: Report) -> None:
    """Findings and examinations come back equal to the last bit and in order, ids included."""
    with open_store(tmp_path_factory.mktemp("out") / "worklist.sqlite") as store:
        store.save_report(report)
        back = store.findings(report.case_id)
        assert len(back) == len(report.findings)
        assert all(same_finding(*pair) for pair in zip(back, report.findings, strict=True))
        assert [finding.id for finding in back] == [finding.id for finding in report.findings]
        assert store.examined(report.case_id) == report.examined
        assert store.cases() == (CaseRow.of(report),)


def test_the_most_urgent_case_comes_first_and_unknown_before_routine(store: Store) -> None:
    """Nobody has assessed a case that could not be told: it waits less long than one that was found routine."""
    for number, priority in enumerate(["routine", "cannot_tell", "soon", "emergent", "urgent", "emergent"]):
        store.save_report(bare(f"case{number}", priority=priority))
    assert [(row.priority, row.case_id) for row in store.cases()] == [
        ("emergent", "case3"),
        ("emergent", "case5"),
        ("urgent", "case4"),
        ("soon", "case2"),
        ("cannot_tell", "case1"),
        ("routine", "case0"),
    ]
    assert set(URGENCY) == {row.priority for row in store.cases()}


@given(findings(), findings())
def test_saving_again_replaces_the_case_and_keeps_its_reviews(
    tmp_path_factory: pytest.TempPathFactory, first: Finding, second: Finding
) -> None:
    """A case that is triaged anew leaves nothing of the old result, and no verdict is lost."""
    with open_store(tmp_path_factory.mktemp("out") / "worklist.sqlite") as store:
        store.save_report(bare("a", found=(first, second)))
        store.add_review(review(1))
        store.save_report(bare("b", found=(second,)))
        store.save_report(bare("a", priority="soon", found=(second,)))
        assert [finding.id for finding in store.findings("a")] == [second.id]
        assert [finding.id for finding in store.findings("b")] == [second.id]
        assert [(row.case_id, row.priority, row.findings, row.reviews) for row in store.cases()] == [
            ("a", "soon", 1, 1),
            ("b", "routine", 1, 0),
        ]


def test_a_case_that_is_not_there_has_nothing(store: Store) -> None:
    """Asking for an unknown case is no error."""
    assert store.cases() == store.findings("x") == store.examined("x") == store.reviews("x") == store.runs("x") == ()


@given(st.lists(st.text(max_size=8).filter(lambda text: text.isprintable()), min_size=1, max_size=5))
def test_reviews_come_back_in_the_order_given(tmp_path_factory: pytest.TempPathFactory, reasons: list[str]) -> None:
    """Later verdicts follow earlier ones, whatever text a reader types."""
    with open_store(tmp_path_factory.mktemp("out") / "worklist.sqlite") as store:
        given_reviews = [replace(review(0), reason=reason) for reason in reasons]
        for entry in given_reviews:
            store.add_review(entry)
        store.add_review(review(9, case_id="b"))
        assert store.reviews("a") == tuple(given_reviews)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM reviews",
        "UPDATE reviews SET verdict = 'rejected'",
        "INSERT OR REPLACE INTO reviews SELECT id, case_id, '', 'rejected', reader, at, version, '', mark FROM reviews",
        "REPLACE INTO reviews SELECT id, case_id, finding_id, 'rejected', reader, at, version, '', mark FROM reviews",
        "UPDATE OR REPLACE reviews SET id = 2 WHERE id = 1",
    ],
)
def test_a_review_can_be_neither_changed_nor_removed(tmp_path: Path, statement: str) -> None:
    """The file itself refuses, whichever program opens it."""
    path = tmp_path / "worklist.sqlite"
    with open_store(path) as store:
        store.add_review(review(1))
        store.add_review(review(2))
    other = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    other.close()
    with open_store(path) as store:
        assert store.reviews("a") == (review(1), review(2))


def test_a_mark_comes_back_as_it_was_drawn(store: Store) -> None:
    """The place of a missed finding and the line of a corrected catheter lose no bit, pieces and frame included."""
    place = Mark(series_instance_uid="1.2", frame=Frame.PATIENT, points=((0.1, -40.0, 871.5),), kind=Kind.KINK)
    line = Mark(
        series_instance_uid="1.2",
        frame=Frame.DETECTOR,
        sop_instance_uid="1.2.3",
        points=((1.5, 2.25), (3.0, 4.1), (5.0, 0.1)),
        pieces=((0, 0), (1, 2)),
    )
    given_reviews = tuple(replace(review(n), mark=mark) for n, mark in enumerate((place, None, line)))
    for entry in given_reviews:
        store.add_review(entry)
    assert store.reviews("a") == given_reviews
    assert store.latest_reviews() == {"a": given_reviews[-1]}


def test_replies_come_back_in_order_and_stay(store: Store, tmp_path: Path) -> None:
    """What readers told of a patient is appended, never changed."""
    first = Reply(case_id="a", fact="vol.aspirated_ml", value="18", reader="r1", at="2026-03-02T10:00:00Z", version="0")
    told = (first, replace(first, value="", reader="r2"), replace(first, fact="cap.easy", value="no"))
    for reply in told:
        store.add_reply(reply)
    store.add_reply(replace(first, case_id="b"))
    assert store.replies("a") == told
    other = sqlite3.connect(tmp_path / "worklist.sqlite")
    for statement in (
        "DELETE FROM replies",
        "UPDATE replies SET value = 'x'",
        "REPLACE INTO replies SELECT * FROM replies",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            other.execute(statement)
    other.close()


def test_a_worklist_of_the_first_version_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts that an earlier catheterview kept are all there, in order, and new ones follow."""
    path = tmp_path / "worklist.sqlite"
    with monkeypatch.context() as earlier:
        earlier.setattr(store_schema, "MIGRATIONS", store_schema.MIGRATIONS[:1])
        open_store(path).close()
    raw = sqlite3.connect(path)
    with raw:
        raw.execute("INSERT INTO reviews VALUES (1, 'a', 'f', 'missed', 'r', 't', '0.1.0', 'kink at (1, 2, 3) mm')")
    raw.close()
    with open_store(path) as store:
        store.add_review(review(2))
        old, new = store.reviews("a")
    assert (old.verdict, old.reason, old.mark) == ("missed", "kink at (1, 2, 3) mm", None)
    assert new == review(2)


def test_the_ledger_tells_what_was_run_and_what_became_of_it(store: Store) -> None:
    """A run that was killed stays as started, without an end."""
    digests = {"input_digest": "i1", "limits_digest": "l1", "version": "0.1.0"}
    killed = store.start_run("a", started="2026-03-02T10:00:00+00:00", **digests)
    done = store.start_run("a", started="2026-03-02T11:00:00+00:00", **digests)
    store.start_run("b", started="2026-03-02T11:30:00+00:00", **digests)
    store.finish_run(done, outcome="incomplete", finished="2026-03-02T11:00:09+00:00", why="trace: no pump")
    assert store.runs("a") == (
        Run(id=killed, case_id="a", started="2026-03-02T10:00:00+00:00", **digests),
        Run(
            id=done,
            case_id="a",
            started="2026-03-02T11:00:00+00:00",
            finished="2026-03-02T11:00:09+00:00",
            outcome="incomplete",
            why="trace: no pump",
            **digests,
        ),
    )
    with pytest.raises(InputError, match="999"):
        store.finish_run(999, outcome="complete", finished="2026-03-02T12:00:00+00:00")


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """An older program never writes into tables that it does not understand."""
    path = tmp_path / "worklist.sqlite"
    open_store(path).close()
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {len(store_schema.MIGRATIONS) + 1}")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"worklist\.sqlite.*newer|worklist\.sqlite.*update"):
        open_store(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A SQLite file that is no worklist is refused and not written to."""
    path = tmp_path / "worklist.sqlite"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE bookmarks (url TEXT)")
    raw.commit()
    raw.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="not a worklist"):
        open_store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be looked at" * 40, b"SQLite format 3\0" * 90]
)
def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """A damaged file is one clear error."""
    path = tmp_path / "worklist.sqlite"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"worklist\.sqlite"):
        open_store(path)


def test_a_missing_file_is_made_only_when_asked(tmp_path: Path) -> None:
    """Looking at a worklist that is not there does not leave an empty one behind."""
    path = tmp_path / "worklist.sqlite"
    with pytest.raises(InputError, match="no worklist"):
        open_store(path, create=False)
    assert not path.exists()
    open_store(path).close()
    open_store(path, create=False).close()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A mistyped folder is one clear error."""
    with pytest.raises(InputError, match=r"worklist\.sqlite"):
        open_store(tmp_path / "nowhere" / "worklist.sqlite")


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are taken in order and in one transaction: all or none, and what was there stays."""
    path = tmp_path / "worklist.sqlite"
    with open_store(path) as store:
        store.add_review(review(1))
    steps = store_schema.MIGRATIONS
    monkeypatch.setattr(
        store_schema, "MIGRATIONS", (*steps, ("ALTER TABLE cases ADD COLUMN colour TEXT", "not a statement"))
    )
    with pytest.raises(InputError, match="syntax error"):
        open_store(path)
    monkeypatch.setattr(store_schema, "MIGRATIONS", (*steps, ("CREATE TABLE colours (name TEXT)",)))
    with open_store(path) as store:
        assert store.reviews("a") == (review(1),)
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA user_version").fetchone() == (len(steps) + 1,)
    assert [row[1] for row in raw.execute("PRAGMA table_info(cases)")][-1] != "colour"
    raw.close()


WRITER = """
import sys
from pathlib import Path
from test_store import bare, review
from catheterview.store import open_store
name, count = sys.argv[2], int(sys.argv[3])
with open_store(Path(sys.argv[1])) as store:
    for number in range(count):
        store.save_report(bare(f"{name}-{number}"))
        store.add_review(review(number, case_id=name))
"""


def start(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start a Python process that can import this test's helpers."""
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), str(here.parent)])
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
        text=True,
    )


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """A batch and two readers can share one worklist, even when they make the file between them."""
    path = tmp_path / "worklist.sqlite"
    writers = [start(WRITER, path, name, "40") for name in ("x", "y", "z")]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.stdout.close()
    with open_store(path, create=False) as store:
        assert len(store.cases()) == 120
        for name in ("x", "y", "z"):
            assert [entry.reason for entry in store.reviews(name)] == [f"remark {n}" for n in range(40)]


def test_opening_at_the_same_moment_makes_one_file(tmp_path: Path) -> None:
    """Whoever comes first makes the tables; the others wait and go on."""
    for attempt in range(8):
        path, errors = tmp_path / f"{attempt}.sqlite", []
        barrier = threading.Barrier(6)

        def open_it(path: Path = path, errors: list = errors, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            try:
                with open_store(path) as store:
                    store.add_review(review(1))
            except Exception as error:  # noqa: BLE001  # whatever it is, it is the test's result
                errors.append(error)

        threads = [threading.Thread(target=open_it) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        with open_store(path) as store:
            assert len(store.reviews("a")) == 6


VICTIM = """
import sys
from pathlib import Path
from dataclasses import replace
from test_store import bare, review
from catheterview.geometry import Frame
from catheterview.model import Finding, Kind
from catheterview.store import open_store
def found(n):
    return Finding(kind=Kind.KINK, score=0.5, frame=Frame.PATIENT, point=(float(n), 0.0, 0.0),
                   series_instance_uid="1.2", message="m")
with open_store(Path(sys.argv[1])) as store:
    number = int(sys.argv[2])
    while True:
        store.save_report(bare("a", found=tuple(found(n) for n in range(number % 50))))
        store.add_review(review(number))
        print(number, flush=True)
        number += 1
"""


def test_a_process_that_is_killed_leaves_a_consistent_file_and_every_saved_verdict(tmp_path: Path) -> None:
    """Killed at any moment, the file is whole, a case has all its findings, and what was shown as saved is there."""
    path, shown = tmp_path / "worklist.sqlite", []
    for _ in range(6):
        victim = start(VICTIM, path, str(len(shown) * 2))
        for _ in range(7):
            shown.append(int(victim.stdout.readline()))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        # What it still said before it died was saved as well.
        shown.extend(int(line) for line in victim.stdout.read().split())
        victim.stdout.close()
        with open_store(path, create=False) as store:
            saved = [int(entry.reason.split()[1]) for entry in store.reviews("a")]
            (row,) = store.cases()
            assert len(store.findings("a")) == row.findings
            assert set(shown) <= set(saved)
            assert len(saved) <= len(shown) + 6
        raw = sqlite3.connect(path)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        raw.close()


@given(findings())
def test_a_save_that_fails_changes_nothing(tmp_path_factory: pytest.TempPathFactory, finding: Finding) -> None:
    """A report that cannot be stored leaves the earlier one whole, and the store goes on."""
    with open_store(tmp_path_factory.mktemp("out") / "worklist.sqlite") as store:
        store.save_report(bare("a", found=(finding,)))
        with pytest.raises(UnicodeEncodeError):
            store.save_report(bare("a", priority="soon", found=(finding, replace(finding, message="\udcff"))))
        assert [entry.id for entry in store.findings("a")] == [finding.id]
        assert store.cases()[0].priority == "routine"
        store.save_report(bare("a", priority="urgent"))
        assert store.cases()[0].priority == "urgent"
