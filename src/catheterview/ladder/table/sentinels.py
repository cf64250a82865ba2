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


def _abnormal(rung: Rung, node: str) -> Sentinel:
    """See to it that an abnormal study is read at its own node, whatever way led past it."""

    def test(view: View, _: Here) -> Tri:
        return view.studies[rung].result == "abnormal"

    guard = Guard(name=f"{rung.value} abnormal", text=f"{rung.value} on record is abnormal", test=test)
    return Sentinel(guard=guard, enter=node, unless=(node,), source="7.8")


def _short(view: View, here: Here) -> Tri:
    """Whether the reservoir is short; in withdrawal alone, only where the policy follows both texts."""
    pres = view.facts.pres
    alone = pres.withdrawal_signs is True and pres.overdose_signs is not True
    return False if alone and view.policies.withdrawal_low_volume == "as_written" else LOW.test(view, here)


SENTINELS: tuple[Sentinel, ...] = (
    Sentinel(
        guard=Guard(name="LOW", text="the reservoir is short", test=_short),
        enter="B7",
        unless=("M6",),
        source="5.1, 7.3",
    ),
    Sentinel(
        guard=Guard(name="open valve", text="a Flowonix pump after an MRI gave more than it should", test=_open_valve),
        enter="N2a",
        unless=("M7",),
        source="4.1",
    ),
    Sentinel(guard=PERMANENT_STALL, enter="B3a", unless=("M2",), source="7.10"),
    _abnormal(Rung.RADIOGRAPH, "I0"),
    _abnormal(Rung.FLUOROSCOPY, "I4"),
    _abnormal(Rung.CAP_CT, "I5"),
    _abnormal(Rung.CT, "I6"),
    _abnormal(Rung.SPECT_CT, "I7"),
    _abnormal(Rung.LP_CT, "I8"),
)
