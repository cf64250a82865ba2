"""Cases on the workers of a real cluster on this machine: the same results, whatever becomes of a worker or a case."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from simulated_studies import told

from catheterview.errors import InputError
from catheterview.export import read_report
from catheterview.store import open_store
from catheterview.triage import Plan, cluster, triage
from catheterview.triage.cluster import Parcel, Returned

distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[distributed.LocalCluster]:
    """A scheduler and two workers under nannies, each a process of its own, on loopback."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as made:
        yield made


@pytest.fixture(scope="module")
def calm(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What this machine alone makes of the tiny patients."""
    out = tmp_path_factory.mktemp("calm")
    triage([tiny], out=out, plan=Plan(jobs=2, dicom=True))
    return out  # with DICOM results, which are no part of a report


def test_a_cluster_says_what_one_machine_says(
    machines: distributed.LocalCluster, tiny: Path, calm: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Reports and names of files are the same, DICOM results included; the ledger knows each run; no log a name."""
    outcome = triage([tiny], out=tmp_path, plan=Plan(scheduler=machines.scheduler_address, dicom=True))
    assert outcome.complete
    assert len(outcome.cases) == 4
    assert told(tmp_path) == told(calm)
    assert names(tmp_path) == names(calm)
    with open_store(tmp_path / "worklist.sqlite", create=False) as store:
        assert [run.outcome for row in store.cases() for run in store.runs(row.case_id)] == ["complete"] * 4
    said = "".join(capfd.readouterr())
    assert "CANARY" not in said
    assert "Yellowbird" not in said


def names(out: Path) -> set[str]:
    """Every file of every case."""
    return {str(path.relative_to(out)) for path in (out / "cases").rglob("*")}


def test_a_killed_worker_loses_nothing(
    machines: distributed.LocalCluster, tiny: Path, calm: Path, tmp_path: Path
) -> None:
    """One of two workers is killed with -9 while cases run: every case has its one result, as if nothing had been."""
    pids = [worker.pid for worker in machines.workers.values()]

    def kill(done: int, total: int, what: str) -> None:
        if pids and done == 1:
            os.kill(pids.pop(), signal.SIGKILL)

    outcome = triage([tiny], out=tmp_path, plan=Plan(scheduler=machines.scheduler_address), tell=kill)
    assert len(pids) == 1
    assert outcome.complete
    assert told(tmp_path) == told(calm)


def test_results_that_die_with_their_workers_are_made_again(
    machines: distributed.LocalCluster, tiny: Path, calm: Path, tmp_path: Path
) -> None:
    """Every worker is killed while it holds results that have ended and are not fetched yet."""

    held: list[int] = []
    until(
        lambda: len(machines.scheduler.workers) == len(machines.workers)
    )  # the nannies have replaced those lost before

    def kill(done: int, total: int, what: str) -> None:
        if done == 1:
            until(lambda: holding(machines) >= total - 1)
            held.append(holding(machines))
            for worker in machines.workers.values():
                os.kill(worker.pid, signal.SIGKILL)
            until(lambda: not holding(machines))

    outcome = triage([tiny], out=tmp_path, plan=Plan(scheduler=machines.scheduler_address), tell=kill)
    assert held[0] >= 3
    assert outcome.complete
    assert told(tmp_path) == told(calm)


def holding(machines: distributed.LocalCluster) -> int:
    """How many results lie at workers."""
    return sum(len(worker.has_what) for worker in machines.scheduler.workers.values())


def until(reached: Callable[[], bool]) -> None:
    """Wait for it, a minute at most."""
    deadline = time.monotonic() + 60.0
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_case_that_takes_too_long_costs_no_worker(
    machines: distributed.LocalCluster, tiny: Path, tmp_path: Path
) -> None:
    """Each case is ended in its own process, recorded with the reason, and done when the run is resumed with time."""
    hasty = Plan(scheduler=machines.scheduler_address, timeout_s=0.01)
    outcome = triage([tiny], out=tmp_path, plan=hasty)
    reports = [read_report(tmp_path / "cases" / case.case_id) for case in outcome.cases]
    assert [report.problems[0].reason for report in reports] == ["timeout: ended after 0.01 s"] * 4
    again = triage([tiny], out=tmp_path, plan=Plan(scheduler=machines.scheduler_address, resume=True))
    assert again.complete


def test_a_scheduler_that_is_not_there_is_misuse(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and no case is entered as begun."""
    monkeypatch.setattr(cluster, "_ANSWERS_WITHIN_S", 1.0)
    with pytest.raises(InputError, match="--scheduler"):
        triage([tiny], out=tmp_path, plan=Plan(scheduler="tcp://127.0.0.1:1"))
    with open_store(tmp_path / "worklist.sqlite", create=False) as store:
        assert store.cases() == ()


def test_a_worker_of_another_version_examines_nothing(tmp_path: Path) -> None:
    """Its results could not be told from those of this version."""
    returned = cluster.examine(Parcel(content=b"", timeout_s=None, version="0.0.1"))
    assert returned.files == {}
    assert "0.0.1" in returned.why


def test_what_travels_shows_nothing_of_itself() -> None:
    """A worker that logs the arguments of a task logs neither paths nor pages."""
    assert "canary" not in repr(Parcel(content=b"canary", timeout_s=None))
    assert "canary" not in repr(Returned(why="", files={"canary": b""}))


def test_slurm_is_asked_for_one_core_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script that is handed to SLURM starts a worker of dask, with what nobody configured filled in."""
    pytest.importorskip("dask_jobqueue", reason="the extra cluster is not installed")
    monkeypatch.chdir(tmp_path)
    with cluster.slurm_cluster() as asked:
        script = asked.job_script()
    assert "#SBATCH --cpus-per-task=1" in script
    assert "#SBATCH --mem=4G" in script
    assert "distributed.cli.dask_worker tcp://" in script
    assert "--nthreads 1" in script
