"""What must not be lost whatever way the ladder went: each is walked from its own node and named beside the step."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.ladder.fields import Tri
from catheterview.ladder.guards.bedside import LOW, PROMETRA_AFTER_MRI, VALVE_OPEN
from catheterview.ladder.guards.therapy import PERMANENT_STALL
from catheterview.ladder.rows import Guard, Here
from catheterview.ladder.view import View
from catheterview.model import Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel:
    """A state of the record that the ladder must have dealt with.

    Parameters
    ----------
    guard : Guard
    enter : str
        The node from which it is walked.
    unless : tuple of str
        Nodes that deal with it; nothing is added where the ladder came by one of them.
    """

    guard: Guard
    enter: str
    unless: tuple[str, ...]
    source: str


def _open_valve(view: View, here: Here) -> Tri:
    return PROMETRA_AFTER_MRI.test(view, here) is True and VALVE_OPEN.test(view, here) is True


def _abnormal(view: View, _: Here) -> Tri:
    # An abnormal MRI is an emergency of step 1, or no reason for surgery.
    return any(seen.result == "abnormal" for rung, seen in view.studies.items() if rung is not Rung.MRI)


SENTINELS: tuple[Sentinel, ...] = (
    Sentinel(guard=LOW, enter="B7", unless=("M6",), source="5.1, 7.3"),
    Sentinel(
        guard=Guard(name="open valve", text="a Flowonix pump after an MRI gave more than it should", test=_open_valve),
        enter="N2a",
        unless=("M7",),
        source="4.1",
    ),
    Sentinel(guard=PERMANENT_STALL, enter="B3a", unless=("M2",), source="7.10"),
    Sentinel(
        guard=Guard(name="abnormal imaging", text="a study on record is abnormal", test=_abnormal),
        enter="I0",
        unless=("I0",),
        source="7.8",
    ),
)
