"""Cases in processes of their own: one that hangs, runs out of memory or crashes costs no other."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from time import monotonic
from types import MappingProxyType
from typing import Generic, TypeVar, cast

Job = TypeVar("Job")


def _view(values: dict[object, object]) -> MappingProxyType[object, object]:
    return MappingProxyType(values)


# The model's mappings are read-only views, which pickle does not know; on their way to a process they are copied.
ForkingPickler.register(MappingProxyType, lambda view: (_view, (dict(view),)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Generic[Job]):
    """How the process of one job ended.

    Parameters
    ----------
    why : str
        Empty when the job was done.
    """

    job: Job
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running(Generic[Job]):
    job: Job
    process: BaseProcess
    ends_s: float


def run_apart(
    work: Callable[[Job], None],
    jobs: Sequence[Job],
    *,
    at_once: int,
    timeout_s: float | None,
    started: Callable[[Job], None] = lambda _: None,
) -> Iterator[Ended[Job]]:
    """Run `work` on each job in a process of its own.

    Parameters
    ----------
    work : a function of a module, of one job; it leaves its result on disk
    jobs : sequence of picklable values
    at_once : int
        Most processes at one time.
    timeout_s : float or None
        A process is ended after this many seconds.
    started : callable
        Told of each job just before its process starts.

    Yields
    ------
    Ended
        One for each job, in the order in which they end.
    """
    context = _context()
    waiting, running = deque(jobs), list[_Running[Job]]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                started(waiting[0])
                process = context.Process(target=work, args=(waiting[0],), daemon=True)
                process.start()
                ends_s = monotonic() + timeout_s if timeout_s else float("inf")
                running.append(_Running(job=waiting.popleft(), process=process, ends_s=ends_s))
            soonest_s = min(one.ends_s for one in running) - monotonic()
            wait([one.process.sentinel for one in running], None if soonest_s == float("inf") else max(0.0, soonest_s))
            for one in [one for one in running if _is_over(one)]:
                running.remove(one)
                yield Ended(job=one.job, why=_end(one, timeout_s))
    finally:
        for one in running:
            _end(one, timeout_s)


def _context() -> SpawnContext:
    """How processes are started: from a clean server that has loaded the rooms once, where the system has that."""
    served = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if served else "spawn")
    if served:
        context.set_forkserver_preload(["catheterview.triage"])
    return cast(SpawnContext, context)  # both kinds start a Process in the same way


def _is_over(one: _Running[Job]) -> bool:
    return not one.process.is_alive() or monotonic() >= one.ends_s


def _end(one: _Running[Job], timeout_s: float | None) -> str:
    """End a process that is still there, and say why it left no result."""
    late = one.process.is_alive()
    if late:
        one.process.kill()
    one.process.join()
    code = one.process.exitcode
    one.process.close()
    if late:
        return f"timeout: ended after {timeout_s:g} s" if timeout_s else "stopped"
    return "" if code == 0 else f"crash: its process ended with exit status {code}"
