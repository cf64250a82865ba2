"""A folder that grows: triaged again whenever something in it has changed and then been left alone for a while."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

from catheterview.triage.run import Plan

_LOOK_EVERY_S = 1.0


def watch(
    inputs: Sequence[Path], *, out: Path, plan: Plan, until: Callable[[float], bool], begin: Callable[[Plan], object]
) -> None:
    """Triage what is there, then go on until told to stop.

    Parameters
    ----------
    inputs, out, plan
        As of `triage`; what is complete and has not changed is kept.
    until : callable
        Waits for some seconds; true when it is time to stop (`threading.Event.wait`).
    begin : callable
        Triages, by the plan that it is given; called when something has changed.
    """
    triaged, seen, since_s = 0, 0, monotonic()
    while not until(_LOOK_EVERY_S):
        now = signature(inputs, but=out)
        if now != seen:
            seen, since_s = now, monotonic()
        if seen != triaged and monotonic() - since_s >= plan.quiet_s:
            begin(replace(plan, resume=True))
            triaged = seen


def signature(inputs: Sequence[Path], *, but: Path) -> int:
    """A number that changes when a file comes, goes, grows or is written anew; results of our own do not count."""
    found: list[tuple[str, int, int]] = []
    ours = but.resolve()
    for given in inputs:
        if not given.is_dir():
            found += _stat(str(given))
        for folder, folders, names in os.walk(given):
            folders[:] = [name for name in folders if Path(folder, name).resolve() != ours]
            for name in names:
                found += _stat(os.path.join(folder, name))  # noqa: PTH118 - thousands of files
    return hash(tuple(sorted(found)))


def _stat(path: str) -> list[tuple[str, int, int]]:
    try:
        told = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return []
    return [(path, told.st_size, told.st_mtime_ns)]
