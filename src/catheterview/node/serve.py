"""The loop of a node: wait until a case is quiet, triage it, send its results on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from time import monotonic

from catheterview.archive import Destination, Patience
from catheterview.errors import CatheterviewError
from catheterview.node.deliver import deliver
from catheterview.node.hush import hushed
from catheterview.node.inbox import RECEIVING, Inbox
from catheterview.node.receiver import Receiver, Reception
from catheterview.read import site_key
from catheterview.store import has_worklist
from catheterview.triage import Plan, triage
from catheterview.triage.apart import alone

#: Told of an event and what it is about: never of a name.
Tell = Callable[[str, str], None]

_LOOK_EVERY_S = 0.2
_POST_EVERY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a node does.

    Parameters
    ----------
    quiet_s : float
        A case is triaged when nothing has arrived for it for so long.
    most_waiting : int
        Cases that may wait; beyond, peers are told to come again.
    least_free_bytes : int
        Of the disk; below, peers are told to come again.
    send_to : Destination or None
        Where results go when a case is done.
    """

    reception: Reception
    out: Path
    plan: Plan = field(default_factory=Plan)
    quiet_s: float = 30.0
    most_waiting: int = 1000
    least_free_bytes: int = 1 << 30
    send_to: Destination | None = None


def serve(service: Service, *, stop: Event, tell: Tell, ready: Callable[[int], None] = lambda _: None) -> None:
    """Receive, triage and send until told to stop; what is in hand is finished first.

    Parameters
    ----------
    service : Service
    stop : threading.Event
    tell : callable (event, detail)
        ``received``, ``refused``, ``triaged``, ``failed``, ``sent``, ``waiting``; the detail is no name.
    ready : callable
        Told of the port when it listens.

    Raises
    ------
    InputError
        When it cannot listen or write, or another node or a fetch writes there.
    """
    with alone(service.out, RECEIVING), hushed(tell):
        _serve(service, stop, tell, ready)


def _serve(service: Service, stop: Event, tell: Tell, ready: Callable[[int], None]) -> None:
    """Receive, triage and send; nobody else writes into the inbox."""
    post_due_s = monotonic()
    inbox = Inbox(
        service.out,
        key=site_key(),
        most_waiting=service.most_waiting,
        least_free_bytes=service.least_free_bytes,
    )
    with Receiver(service.reception, inbox, tell=tell) as receiver:
        ready(receiver.port)
        while not stop.is_set():
            due = inbox.due(quiet_s=service.quiet_s)
            while due and not stop.is_set():
                now, due = due[: service.plan.jobs], due[service.plan.jobs :]
                if _examine(now, inbox, service, tell):
                    post_due_s = monotonic()
            if service.send_to is not None and monotonic() >= post_due_s:
                _send(service.out, service.send_to, tell)
                post_due_s = monotonic() + _POST_EVERY_S
            stop.wait(_LOOK_EVERY_S)


def _examine(case_ids: Sequence[str], inbox: Inbox, service: Service, tell: Tell) -> bool:
    """Triage cases, all at once; where that cannot be done now they wait for another quiet time."""
    marks = {case_id: inbox.seen(case_id) for case_id in case_ids}
    plan = replace(service.plan, resume=True)
    try:
        outcome = triage([inbox.folder(case_id) for case_id in case_ids], out=service.out, plan=plan)
    except CatheterviewError as error:  # the disk is full, as a rule
        tell("failed", error.reason)
        for case_id in case_ids:
            inbox.postpone(case_id)
        return False
    for case_id, mark in marks.items():
        inbox.done(case_id, mark)
    for case in outcome.cases:
        tell("triaged", f"{case.case_id} {case.priority}")
    return True


def _send(out: Path, to: Destination, tell: Tell) -> None:
    """Send what waits, once; an archive that is away is asked again after a while."""
    if not has_worklist(out):
        return
    try:
        arrived, waiting = deliver(out, to, patience=Patience(attempts=1))
    except CatheterviewError as error:
        tell("waiting", error.reason)
        return
    tell("sent", f"{arrived} objects in all")
    for why in dict.fromkeys(entry.why for entry in waiting if entry.why):
        tell("waiting", why)
