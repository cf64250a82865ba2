"""Studies from an archive into the inbox of an output folder, where triage finds them."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from catheterview.archive import Destination, Wanted
from catheterview.archive.carriers import Refused, Unreachable
from catheterview.archive.node_source import find_on_node, take_from_node
from catheterview.archive.wanted import Offered
from catheterview.archive.web_source import find_on_web, take_from_web
from catheterview.errors import InputError
from catheterview.model import Problem
from catheterview.node.fetched import Fetched, open_fetched
from catheterview.node.hush import hushed
from catheterview.node.inbox import RECEIVING, Inbox, NoRoom
from catheterview.node.receiver import Peer, Receiver, Reception
from catheterview.read import site_key
from catheterview.triage.apart import alone

#: Told of how many studies are done, how many there are, and what is being done.
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a node sends us what we asked for by C-MOVE; a DICOMweb service needs none of it."""

    address: str = "127.0.0.1"
    port: int = 11112


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What came of fetching.

    Parameters
    ----------
    offered : int
        Studies that the archive has of what was asked for.
    fetched : int
        Of these, taken in this run; the others were there already, or are among the problems.
    objects : int
    problems : tuple of Problem
        Studies that did not come whole; they are asked for again by the next run.
    """

    offered: int
    fetched: int
    objects: int
    problems: tuple[Problem, ...]


class _Arrivals:
    """Puts objects into the inbox and counts them; used by the threads of associations too."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox, self._lock = inbox, Lock()
        self.count: Counter[str] = Counter()

    def take(self, identity: Any, content: bytes) -> None:
        """Keep one object."""
        told = {name: str(identity.get(name) or "") for name in ("IssuerOfPatientID", "PatientID", "StudyInstanceUID")}
        case_id = self._inbox.case_of(
            issuer=told["IssuerOfPatientID"],
            patient_id=told["PatientID"],
            study_instance_uid=told["StudyInstanceUID"],
        )
        self._inbox.put(case_id, str(identity.SOPInstanceUID), content)
        self.heard("received", case_id)

    def heard(self, event: str, _detail: str) -> None:
        """Count an event of the receiver."""
        with self._lock:
            self.count[event] += 1


def fetch(
    source: Destination, wanted: Wanted, *, out: Path, listening: Listening | None = None, tell: Tell = lambda *_: None
) -> Harvest:
    """Take every study that is wanted and has not been taken before, or has grown since.

    Parameters
    ----------
    source : Destination
        A DICOMweb service (QIDO-RS, WADO-RS) or a node (C-FIND, C-MOVE to our title, which it must know).
    wanted : Wanted
    out : Path
        Objects go to ``incoming/<case>/`` in it, by no name of the archive's; give that folder to triage.
    listening : Listening, optional
    tell : callable, optional

    Returns
    -------
    Harvest

    Raises
    ------
    InputError
        When the archive does not answer or refuses the query, nothing can be written, or a node or another fetch
        writes there.
    """
    with alone(out, RECEIVING), hushed(lambda *_: None):
        return _fetch(source, wanted, out, listening, tell=tell)


def _fetch(source: Destination, wanted: Wanted, out: Path, listening: Listening | None, *, tell: Tell) -> Harvest:
    """Take studies; nobody else writes into the inbox."""
    inbox = Inbox(out, key=site_key(), most_waiting=1 << 30, least_free_bytes=1 << 28)
    of_a_node = set(inbox.due(quiet_s=0.0))  # received before it was stopped: it triages them when it is started again
    arrivals, problems, fetched = _Arrivals(inbox), list[Problem](), 0
    try:
        offered = find_on_web(source, wanted) if source.url else find_on_node(source, wanted)
    except (Unreachable, Refused) as error:
        raise InputError(str(error), where="--from") from error
    with open_fetched(out / "fetched.sqlite") as record, _door(source, listening, inbox, arrivals):
        for number, one in enumerate(offered):
            tell(number, len(offered), "studies")
            if _is_here(one, source, record):
                continue
            why = _taken(one, source, arrivals, record)
            fetched += not why
            if why:
                problems.append(Problem(path_or_uid=one.study_instance_uid, stage="read", reason=why))
    for case_id in set(inbox.due(quiet_s=0.0)) - of_a_node:  # what is fetched is triaged by whoever asked for it
        inbox.done(case_id, inbox.seen(case_id))
    return Harvest(offered=len(offered), fetched=fetched, objects=arrivals.count["received"], problems=tuple(problems))


@contextmanager
def _door(source: Destination, listening: Listening | None, inbox: Inbox, arrivals: _Arrivals) -> Iterator[None]:
    """Listen for what a node sends, and to that node only; a service sends nothing of its own accord."""
    if source.url:
        yield
        return
    where = listening or Listening()
    try:
        address = socket.gethostbyname(source.host)
    except OSError as error:
        raise InputError("there is no such host", where="--from") from error
    reception = Reception(
        aet=source.calling, address=where.address, port=where.port, peers=(Peer(aet="", address=address),)
    )
    with Receiver(reception, inbox, tell=arrivals.heard):
        yield


def _is_here(one: Offered, source: Destination, record: Fetched) -> bool:
    """Whether a study was fetched before and has not grown; one of unknown size is taken as it was."""
    before = record.instances(source.name, one.study_instance_uid)
    return before is not None and one.instances in (None, before)


def _taken(one: Offered, source: Destination, arrivals: _Arrivals, record: Fetched) -> str:
    """Take a study; return why it did not come whole, empty when it did."""
    before = arrivals.count["received"]
    try:
        if source.url:
            failed = take_from_web(source, one.study_instance_uid, arrivals.take)
        else:
            failed = take_from_node(source, one.study_instance_uid)
    except (Unreachable, Refused, NoRoom) as error:
        return str(error)
    came = arrivals.count["received"] - before
    if failed or (one.instances is not None and came < one.instances):
        return f"missing objects: {came} of {one.instances or 'an unknown number'} came"
    record.enter(source.name, one.study_instance_uid, came)
    return ""
