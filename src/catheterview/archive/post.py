"""Send everything that waits, one object after another, each until it has arrived or was refused for good."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from catheterview.archive.carriers import Carrier, Refused, Unreachable
from catheterview.archive.destination import Destination
from catheterview.archive.node_carrier import associated
from catheterview.archive.outbox import Entry, Outbox
from catheterview.archive.web_carrier import web

#: Told of how many objects have been tried, how many there are, and what is being done.
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long to try.

    Parameters
    ----------
    attempts : int
        For each object and run, the first included.
    first_wait_s : float
        Before the second attempt; doubled for each that follows.
    longest_wait_s : float
    """

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0

    def wait_s(self, tried: int) -> float:
        """How long to wait after so many attempts."""
        return min(self.longest_wait_s, self.first_wait_s * 2.0 ** (tried - 1))


def post(
    outbox: Outbox, to: Destination, *, out: Path, patience: Patience | None = None, tell: Tell = lambda *_: None
) -> tuple[Entry, ...]:
    """Send what waits for a destination.

    Parameters
    ----------
    outbox : Outbox
    to : Destination
    out : Path
        What paths in the outbox are relative to.
    patience : Patience, optional
    tell : callable, optional

    Returns
    -------
    tuple of Entry
        What still waits, each with the reason (empty where it was not tried, since the archive is away); none when all
        has arrived.
    """
    patience, waiting = patience or Patience(), outbox.waiting(to=to.name)
    with closing(_Line(to)) as line:
        for number, entry in enumerate(waiting):
            tell(number, len(waiting), Path(entry.path).name)
            away, why = _sent(out / entry.path, line, patience)
            outbox.close_entry(entry.sop_instance_uid, to=to.name, why=why)
            if away:  # so would the others be
                break
    tell(len(waiting), len(waiting), "sent")
    return outbox.waiting(to=to.name)


class _Line:
    """One connection for all objects, made anew after it was lost: a node has room for few, and keeps each a while."""

    def __init__(self, to: Destination) -> None:
        self._to, self._open = to, ExitStack()
        self._carrier: Carrier | None = None

    def send(self, path: Path) -> None:
        """Send one file; raises what a carrier raises."""
        if self._carrier is None:
            self._carrier = self._open.enter_context(_carrier(self._to))
        try:
            self._carrier(path)
        except Unreachable:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._carrier = None
        self._open.close()


def _sent(path: Path, line: _Line, patience: Patience) -> tuple[bool, str]:
    """Try until it arrived; return whether the archive is away, and why it did not arrive, empty when it did."""
    why = ""
    for tried in range(1, patience.attempts + 1):
        try:
            line.send(path)
        except Unreachable as error:
            why = str(error)
            if tried < patience.attempts:
                time.sleep(patience.wait_s(tried))
        except Refused as error:
            return False, str(error)
        else:
            return False, ""
    return True, f"{why} (tried {patience.attempts} times)"


def _carrier(to: Destination) -> AbstractContextManager[Carrier]:
    return web(to) if to.url else associated(to)
