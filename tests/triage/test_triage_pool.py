"""Cases in processes of their own."""

from __future__ import annotations

import os
import pickle
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from time import monotonic, sleep

import pytest
from pool_jobs import Task, work

from catheterview.triage.pool import Ended, run_apart


def run(folder: Path, *names: str, at_once: int = 2, timeout_s: float | None = None) -> dict[str, str]:
    """Run tasks by name; return why each ended."""
    tasks = [Task(folder=folder, name=name) for name in names]
    ended: list[Ended[Task]] = list(run_apart(work, tasks, at_once=at_once, timeout_s=timeout_s))
    assert len(ended) == len(names)
    return {one.job.name: one.why for one in ended}


def test_every_job_is_done_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Each job leaves its result, and no two share a process."""
    assert run(tmp_path, "a", "b", "c") == {"a": "", "b": "", "c": ""}
    assert [(tmp_path / name).read_text() for name in "abc"] == ["3.0"] * 3
    pids = {(tmp_path / f"{name}.pid").read_text() for name in "abc"} | {str(os.getpid())}
    assert len(pids) == 4


def test_a_crash_costs_no_other_case(tmp_path: Path) -> None:
    """A process that ends badly, or is killed, is told by its exit status; the others are done."""
    whys = run(tmp_path, "a", "crash", "die", "b")
    assert whys["a"] == whys["b"] == ""
    assert whys["crash"] == "crash: its process ended with exit status 7"
    assert whys["die"].startswith("crash: ")


def test_a_hanging_case_is_ended(tmp_path: Path) -> None:
    """A case over its time is ended and says so, whatever else is running; its process is gone."""
    whys = run(tmp_path, "hang", "a", timeout_s=4.0)
    assert whys == {"hang": "timeout: ended after 4 s", "a": ""}
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "hang.pid").read_text()), 0)


def test_nothing_to_do_is_done(tmp_path: Path) -> None:
    """No case, no process."""
    assert run(tmp_path) == {}


def test_one_at_a_time_keeps_the_order(tmp_path: Path) -> None:
    """With one process the jobs end in the order given."""
    assert list(run(tmp_path, "c", "a", "b", at_once=1)) == ["c", "a", "b"]


def test_who_stops_listening_leaves_no_process(tmp_path: Path) -> None:
    """When the run is broken off, processes that still work are ended."""
    tasks = [Task(folder=tmp_path, name=name) for name in ("hang", "a")]
    running = run_apart(work, tasks, at_once=2, timeout_s=None)
    assert next(running).job.name == "a"
    started = tmp_path / "hang.pid"
    ends_s = monotonic() + 30.0
    while not (started.is_file() and started.read_text()) and monotonic() < ends_s:
        sleep(0.05)
    pid = int(started.read_text())
    running.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_system_without_a_process_server_does_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes can only be started afresh, jobs are done in the same way."""
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    assert run(tmp_path, "a", "crash", at_once=1)["a"] == ""
    assert (tmp_path / "a").read_text() == "3.0"


def test_what_a_process_is_told_comes_through_whole(tmp_path: Path) -> None:
    """Read-only mappings, which pickle refuses, arrive as read-only mappings."""
    task = pickle.loads(ForkingPickler.dumps(Task(folder=tmp_path, name="a")))
    assert task.measures == {"gap_mm": 3.0}
    with pytest.raises(TypeError):
        task.measures["gap_mm"] = 4.0
