"""Hard days: memory, kills, full disks, two runs at once, a folder that grows; and no name in anything written."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hard_jobs import Eater, eat
from simulated_studies import Studies, told

from canaries import CANARY, named_in, plant, traces
from catheterview.errors import InputError
from catheterview.export import read_report
from catheterview.export.dicom import write_reviewed
from catheterview.model import Review
from catheterview.store import open_store
from catheterview.triage import Plan, triage
from catheterview.triage.apart import alone
from catheterview.triage.journal import Journal
from catheterview.triage.pool import run_apart
from catheterview.triage.watch import signature, watch

COMMAND = Path(sys.executable).with_name("catheterview")


def test_a_case_that_wants_too_much_memory_is_alone_in_failing(tmp_path: Path) -> None:
    """Of three jobs held to 1 GiB, the one that allocates 20 GiB fails and says why; the others are done."""
    jobs = [Eater(folder=tmp_path, name=name, gib=gib) for name, gib in (("a", 0.01), ("greedy", 20.0), ("b", 0.01))]
    whys = {one.job.name: one.why for one in run_apart(eat, jobs, at_once=2, timeout_s=120.0)}
    assert whys == {"a": "", "greedy": "", "b": ""}
    assert [(tmp_path / name).read_text() for name in ("a", "greedy", "b")] == ["done", "MemoryError", "done"]


def test_memory_that_ran_out_is_told_as_such() -> None:
    """A stage that runs out of memory is a problem with a reason that a person understands; the next stage goes on."""
    journal = Journal()
    assert journal.attempt("detect", "1.2", lambda: np.empty(1 << 60, dtype=np.uint8)) is None
    assert journal.problems[0].reason.startswith("memory: ")
    assert journal.attempt("ladder", "1.2", lambda: 3) == 3


def test_a_run_that_is_killed_again_and_again_loses_nothing(tiny: Path, tmp_path: Path) -> None:
    """Killed with -9 at random moments and resumed, every case has one report, equal to that of an undisturbed run."""
    words = [COMMAND, "triage", tiny, "--out", tmp_path / "killed", "--resume", "--jobs", "2", "--json"]
    dice = random.Random(7)
    for _ in range(3):
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(dice.uniform(0.5, 6.0))
            process.kill()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    triage([tiny], out=tmp_path / "calm", plan=Plan(jobs=2))
    assert told(tmp_path / "killed") == told(tmp_path / "calm")
    assert len(told(tmp_path / "killed")) == 4
    assert not list((tmp_path / "killed").rglob("*.part")) or done.returncode == 0
    with open_store(tmp_path / "killed" / "worklist.sqlite", create=False) as store:
        assert len(store.cases()) == 4


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    """The second is told so, and the first is not disturbed; when it has ended, the next may."""
    with alone(tmp_path), pytest.raises(InputError, match="another run"):
        triage([tmp_path], out=tmp_path)
    with alone(tmp_path):
        pass


@contextmanager
def small_disk(folder: Path, *options: str) -> Iterator[Path]:
    """A disk of its own; a skip where none can be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_ends_the_run_with_a_word(tiny: Path, tmp_path: Path) -> None:
    """On a disk too small for the results: one line that says so, no traceback; with more room it is resumed."""
    with small_disk(tmp_path / "disk", "size=120k") as disk:
        words = [COMMAND, "triage", tiny, "--out", disk / "out", "--resume"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode in (1, 2)
        assert "Traceback" not in done.stderr
        assert "No space left" in done.stderr or "full" in done.stderr
        subprocess.run(["mount", "-o", "remount,size=40m", disk], check=True)
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert len(told(disk / "out")) == 4


def test_a_read_only_output_is_said_at_once(tiny: Path, tmp_path: Path) -> None:
    """Before any case is examined."""
    with (
        small_disk(tmp_path / "disk", "size=1m", "ro") as disk,
        pytest.raises(InputError, match="cannot write"),
    ):
        triage([tiny], out=disk / "out")


def test_a_folder_that_grows_is_triaged_as_it_grows(tiny: Path, tmp_path: Path) -> None:
    """Each change makes one round, after it has been quiet; a round repeats nothing, and no change makes none."""
    (tmp_path / "in").mkdir()
    rounds: list[int] = []
    looks = iter(range(12))

    def until(_: float) -> bool:
        look = next(looks)
        if look in (0, 6):
            for path in (tiny / ("p0" if look == 0 else "p1")).iterdir():
                (tmp_path / "in" / f"{look}-{path.name}").write_bytes(path.read_bytes())
        return look == 11

    plan = Plan(quiet_s=0.0)
    folder, out = [tmp_path / "in"], tmp_path / "in" / "out"

    def begin(resumed: Plan) -> None:
        rounds.append(len(triage(folder, out=out, plan=resumed).cases))

    watch(folder, out=out, plan=plan, until=until, begin=begin)
    assert rounds == [1, 2]
    with open_store(tmp_path / "in" / "out" / "worklist.sqlite", create=False) as store:
        assert sorted(len(store.runs(row.case_id)) for row in store.cases()) == [1, 1]


def test_our_own_results_are_no_change(tmp_path: Path) -> None:
    """Writing into the output, within the watched folder, starts no round; a new file does."""
    (tmp_path / "out").mkdir()
    before = signature([tmp_path], but=tmp_path / "out")
    (tmp_path / "out" / "report.json").write_text("{}")
    assert signature([tmp_path], but=tmp_path / "out") == before
    (tmp_path / "new.dcm").write_text("x")
    assert signature([tmp_path], but=tmp_path / "out") != before


@pytest.fixture(scope="module")
def planted(studies: Studies, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where a patient with a device was triaged, with canaries everywhere, and what was said meanwhile."""
    home = tmp_path_factory.mktemp("planted")
    where = home / f"{CANARY}-folder"
    where.mkdir()
    for number, path in enumerate(sorted(studies.device.iterdir())):
        image = pydicom.dcmread(path)
        plant(image)
        image.save_as(where / f"{CANARY}{number}.dcm")
    (where / f"{CANARY}.txt").write_text("no DICOM")
    words = [COMMAND, "triage", where, "--out", home / "out", "--events", "--dicom", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    # What was typed and given may be told.
    return home / "out", done.stdout.replace(f"{CANARY}.txt", "").replace(str(home), "") + done.stderr


def test_no_name_in_anything_that_is_written(planted: tuple[Path, str]) -> None:
    """Canaries in every text tag of a patient with a device: not in any output, page, log, file name or database.

    Two kinds of files are kept apart and named in docs/operations.md: DICOM results, which an archive files by the
    patient's name, and source.json, which says where the images lie.
    """
    out, said = planted
    assert named_in(said) == []
    assert traces(out) == []
    (case,) = (out / "cases").iterdir()
    assert read_report(case).catheters
    written = {path.name.split("-")[0].split(".")[0] for path in case.iterdir()}
    assert {"report", "source", "sr", "seg", "sc"} <= written


def test_no_name_in_tables_and_reports_after_review(planted: tuple[Path, str]) -> None:
    """Exported as CSV and Parquet, and written down after review: the verdict is there, and no canary."""
    out, _ = planted
    (case,) = (out / "cases").iterdir()
    given = {"case_id": case.name, "verdict": "signed", "reader": "r1", "at": "2026-03-02T10:00:00+00:00"}
    with open_store(out / "worklist.sqlite") as store:
        store.add_review(Review(finding_id="", version="0", reason="seen", **given))
    for kind in ("csv", "parquet"):
        tables = ["--findings", out / f"findings.{kind}", "--reviews", out / f"reviews.{kind}"]
        done = subprocess.run([COMMAND, "worklist", out, *tables], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert named_in(done.stdout + done.stderr) == []
    with open_store(out / "worklist.sqlite") as store:
        (reviewed,) = write_reviewed(case, store.reviews(case.name))
    assert reviewed.name == "sr-1-reviewed.dcm"
    assert case.name in (out / "reviews.csv").read_text()
    assert traces(out) == []


def test_a_canary_would_be_found(tmp_path: Path) -> None:
    """The search is no formality: in a name, in a text, and in a table of columns, whose bytes are packed."""
    pa = pytest.importorskip("pyarrow", reason="the extra department is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / f"{CANARY}.json").write_text("{}")
    (tmp_path / "page.html").write_text("born 1933-04-17")
    parquet.write_table(pa.table({"message": [CANARY] * 9}), tmp_path / "t.parquet")
    found = traces(tmp_path)
    assert [line.split(":")[0] for line in found] == [f"{CANARY}.json", "page.html", "t.parquet"]
