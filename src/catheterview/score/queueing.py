"""How much sooner an urgent study is read when triage puts it first: a queue of studies before some readers.

After the idea of QuCAD (FDA, Division of Imaging, Diagnostics and Software Reliability): wait times follow from the
arrivals, the readers, the share of urgent studies, and the sensitivity and specificity of the flag, by simulation.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.errors import InputError
from catheterview.geometry import FloatArray

_MINUTES = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRoom:
    """What comes in, and who reads it.

    Parameters
    ----------
    arrivals_per_hour : float
        Studies; the times between them are exponential.
    readers : int
    reading_min : float
        Mean minutes for one study; exponential, too.
    prevalence : float
        Share of studies that have a fault.
    triage_min : float
        Minutes from arrival to the flag; until then a study waits with the unflagged.
    """

    arrivals_per_hour: float
    readers: int
    reading_min: float
    prevalence: float
    triage_min: float = 0.0

    def __post_init__(self) -> None:
        if min(self.arrivals_per_hour, self.reading_min) <= 0.0 or self.readers < 1 or self.triage_min < 0.0:
            raise InputError("a reading room needs arrivals, readers and a reading time above zero")
        if not 0.0 < self.prevalence < 1.0:
            raise InputError(f"a prevalence lies between 0 and 1, got {self.prevalence}")
        if self.load >= 1.0:
            raise InputError(f"the readers have {self.load:.2f} of the work they can do: the queue never ends")

    @property
    def load(self) -> float:
        """Share of the readers' time that is needed."""
        return self.arrivals_per_hour * self.reading_min / _MINUTES / self.readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Mean minutes from arrival to the beginning of reading, and what triage changes.

    Parameters
    ----------
    in_order, with_triage : float
        Of studies that have a fault, read in order of arrival, or flagged ones first.
    saved_min : float
        The difference; `low` and `high` hold 95 % of its means over twentieths of the simulated time.
    others_lose_min : float
        How much longer studies without a fault wait.
    """

    in_order: float
    with_triage: float
    saved_min: float
    low: float
    high: float
    others_lose_min: float


def waiting_times(
    room: ReadingRoom, *, sensitivity: float, specificity: float, studies: int = 40_000, seed: int = 7
) -> Wait:
    """Simulate the queue with and without triage, on the same arrivals.

    Parameters
    ----------
    room : ReadingRoom
    sensitivity, specificity : float
        Of the flag.
    studies : int
        How many are simulated; the first tenth, while the queue builds up, is left out.
    seed : int

    Raises
    ------
    InputError
        When sensitivity or specificity is no share.
    """
    if not (0.0 <= sensitivity <= 1.0 and 0.0 <= specificity <= 1.0):
        raise InputError("sensitivity and specificity lie between 0 and 1")
    rng = np.random.default_rng(seed)
    arrive = np.cumsum(rng.exponential(_MINUTES / room.arrivals_per_hour, studies))
    work = rng.exponential(room.reading_min, studies)
    sick = rng.random(studies) < room.prevalence
    flagged = rng.random(studies) < np.where(sick, sensitivity, 1.0 - specificity)
    plain = _waits(room, arrive, work, np.zeros(studies, dtype=bool))
    first = _waits(room, arrive, work, flagged)
    kept = np.arange(studies) >= studies // 10
    saved = plain - first
    low, high = np.quantile([part.mean() for part in np.array_split(saved[kept & sick], 20)], [0.025, 0.975])
    return Wait(
        in_order=float(plain[kept & sick].mean()),
        with_triage=float(first[kept & sick].mean()),
        saved_min=float(saved[kept & sick].mean()),
        low=float(low),
        high=float(high),
        others_lose_min=float(-saved[kept & ~sick].mean()),
    )


def _waits(room: ReadingRoom, arrive: FloatArray, work: FloatArray, urgent: NDArray[np.bool_]) -> FloatArray:
    """Minutes that each study waits until a reader begins with it.

    Plan: the times at which readers become free are a heap. A reader who is free and finds nobody waiting waits for
    the next arrival. Flagged and other studies stand in two lines, each in order of arrival.
    """
    free = [0.0] * room.readers
    flagged, others = deque[int](), deque[int]()
    waits, come = np.zeros(len(arrive)), 0
    for _ in range(len(arrive)):
        now = heapq.heappop(free)
        if not flagged and not others:
            now = max(now, float(arrive[come]))
        while come < len(arrive) and arrive[come] <= now:
            (flagged if urgent[come] else others).append(come)
            come += 1
        n = _next(flagged, others, flag_out=bool(flagged) and arrive[flagged[0]] + room.triage_min <= now)
        waits[n] = now - arrive[n]
        heapq.heappush(free, now + float(work[n]))
    return waits


def _next(flagged: deque[int], others: deque[int], *, flag_out: bool) -> int:
    """Take the first whose flag is out; else the oldest of all, flagged or not."""
    if flag_out or not others or (flagged and flagged[0] < others[0]):
        return flagged.popleft()
    return others.popleft()
