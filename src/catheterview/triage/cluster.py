"""Cases on many machines, by dask: each in a process of its own on a worker; what it leaves is written here alone.

A worker examines a case in a folder of its own disk and sends the files back. So the inputs must lie where every worker
finds them by the same path, the output need not; and a case that dask gives to a second worker, since the first seemed
lost, has one result all the same.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from catheterview import __version__
from catheterview.errors import CatheterviewError, InputError, UnsuitableError
from catheterview.export.write import write_whole
from catheterview.triage.ledger import Job
from catheterview.triage.pool import Ended, run_apart
from catheterview.triage.work import work

#: Stands in a plan for a cluster that is asked of SLURM.
SLURM = "slurm"

_ANSWERS_WITHIN_S = 30.0
#: Cases that wait at the workers, for each that is examined: so none waits for the next to be sent.
_AHEAD = 2
#: A case that had ended, until the worker that held its files died before they were fetched: dask examines it again.
_AGAIN = ("lost", "pending")
_REPORT = "report.json"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Parcel:
    """A job on its way to a worker; a worker that logs what it was given logs no path."""

    content: bytes
    timeout_s: float | None
    version: str = __version__


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Returned:
    """What a worker sends back: why there is no result, empty where there is one, and the files by name."""

    why: str
    files: Mapping[str, bytes]


@contextmanager
def connected(scheduler: str, *, jobs: int) -> Iterator[Any]:
    """Be a client of a cluster for as long as the block runs.

    Parameters
    ----------
    scheduler : str
        Its address, or ``slurm`` for workers of our own, each a job of SLURM as ``jobqueue.yaml`` of dask describes it.
    jobs : int
        How many workers SLURM is asked for.

    Yields
    ------
    distributed.Client

    Raises
    ------
    UnsuitableError
        When dask is not installed.
    InputError
        When the scheduler does not answer, or has no worker.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - the extra cluster, and heavy
    except ModuleNotFoundError as error:
        raise UnsuitableError(f"{error.name} is not installed: pip install 'catheterview[cluster]'") from error
    if scheduler == SLURM:
        with slurm_cluster() as cluster, Client(cluster, set_as_default=False) as client:
            cluster.scale(jobs=jobs)
            yield client
        return
    try:
        client = Client(scheduler, timeout=_ANSWERS_WITHIN_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError("the scheduler does not answer", where=f"--scheduler {scheduler}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_ANSWERS_WITHIN_S)
        except TimeoutError as error:
            raise InputError("the scheduler has no worker", where=f"--scheduler {scheduler}") from error
        yield client


def slurm_cluster() -> Any:
    """A scheduler whose workers are jobs of SLURM; none is asked for yet.

    Returns
    -------
    dask_jobqueue.SLURMCluster
        As ``jobqueue.yaml`` of dask describes it; what that leaves open is one core and 4 GiB for each worker.

    Raises
    ------
    InputError
        When that describes nothing that can be asked for.
    """
    from dask import config  # noqa: PLC0415 - the extra cluster, and heavy
    from dask_jobqueue import SLURMCluster  # noqa: PLC0415 - as above

    asked = {"cores": 1, "processes": 1, "memory": "4GiB"}
    open_ = {name: value for name, value in asked.items() if config.get(f"jobqueue.slurm.{name}", None) is None}
    try:
        return SLURMCluster(**open_, scheduler_options={"dashboard": False, "dashboard_address": ":0"})
    except (OSError, ValueError) as error:
        raise InputError(f"no cluster: {type(error).__name__}", where="--slurm") from error


def run_afar(
    client: Any,
    jobs: Sequence[Job],
    *,
    timeout_s: float | None,
    started: Callable[[Job], None] = lambda _: None,
) -> Iterator[Ended[Job]]:
    """Examine each case on a worker, in a process of its own there, and write what comes back.

    Parameters
    ----------
    client : distributed.Client
    jobs : sequence of Job
        Their inputs must lie where the workers find them.
    timeout_s : float or None
        A case is ended after this many seconds of its own; waiting for a worker does not count.
    started : callable
        Told of each job just before it is sent off.

    Yields
    ------
    Ended
        One for each job, in the order in which they end. A worker that is lost costs no case: dask gives its cases to
        others, and only one that has cost several workers is given up.

    Raises
    ------
    CatheterviewError
        When the scheduler is lost.
    InputError
        When a result cannot be written.
    """
    from distributed import as_completed  # noqa: PLC0415 - the extra cluster, and heavy

    waiting, flying, run = deque(jobs), dict[Any, Job](), uuid4().hex[:8]
    ends = as_completed(loop=client.loop)
    try:
        while waiting or flying:
            while waiting and len(flying) < _AHEAD * max(1, sum(client.nthreads().values())):
                job = waiting.popleft()
                started(job)
                parcel = Parcel(content=bytes(ForkingPickler.dumps(job)), timeout_s=timeout_s)
                future = client.submit(examine, parcel, key=f"{job.case.case_id}-{run}", pure=False)
                flying[future] = job
                ends.add(future)
            future = next(ends)
            if future.status in _AGAIN:
                ends.add(future)
                continue
            job = flying.pop(future)
            yield Ended(job=job, why=_received(future, job.folder))
            future.release()
    finally:
        client.cancel(list(flying))


def _received(future: Any, folder: Path) -> str:
    """Write what a worker left, the report last; return why there is nothing to write."""
    if future.status == "error":  # KilledWorker: each worker that had it was lost
        return f"crash: the cluster gave it up ({type(future.exception()).__name__})"
    if future.status != "finished":
        raise CatheterviewError("the scheduler is gone: resume the run when it is back")
    returned: Returned = future.result()
    if not returned.why:
        for old in folder.glob("*.dcm"):  # of a run that found more
            old.unlink()
        for name in sorted(returned.files, key=lambda name: name == _REPORT):
            write_whole(folder / Path(name).name, returned.files[name])
    return returned.why


def examine(parcel: Parcel) -> Returned:
    """Examine a case on a worker, in a process of its own, so that its end is not the worker's.

    Parameters
    ----------
    parcel : Parcel

    Returns
    -------
    Returned
    """
    if parcel.version != __version__:
        return Returned(why=f"the worker has catheterview {__version__}, the run {parcel.version}", files={})
    # A worker under a nanny is a daemon, and those may have no children; ours end with it all the same.
    multiprocessing.current_process().daemon = False
    job: Job = pickle.loads(parcel.content)
    with TemporaryDirectory(prefix="catheterview-") as scratch:
        here = replace(job, out=Path(scratch))
        (ended,) = run_apart(work, [here], at_once=1, timeout_s=parcel.timeout_s)
        left = () if ended.why else here.folder.iterdir()
        return Returned(why=ended.why, files={path.name: path.read_bytes() for path in left})
