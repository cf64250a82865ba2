"""Which missing facts would change the answer, most useful first.

Plan: emergencies that nobody answered come first, always. Then what keeps the case where it stands. Then every other
fact that the walk asked for and that is missing is tried out: given each value that it could have, does the step, what
runs beside it, or the urgency change? Those that do are asked, the more urgent the change the earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from catheterview.ladder.facts import Facts
from catheterview.ladder.guards.bedside import EMERGENCIES
from catheterview.ladder.probes import trials, tried_as
from catheterview.ladder.view import View
from catheterview.model import URGENCY, Priority

if TYPE_CHECKING:
    from catheterview.ladder.engine import Outcome

Climb = Callable[[View], "Outcome"]


def ranked_asks(view: View, outcome: Outcome, climb: Climb) -> tuple[str, ...]:
    """Name the missing facts that would change the answer, most useful first.

    Parameters
    ----------
    view : View
    outcome : Outcome
        What the ladder says now.
    climb : callable
        The ladder, to try a fact out.
    """
    open_emergencies = [name for name in EMERGENCIES if view.is_unknown(name)]
    keeping = [need for end in outcome.ends for need in end.needs]
    gate = view.gate.asks if any(visit.node.id == "G1" for visit in outcome.visits) else ()
    first = dict.fromkeys(need for need in (*open_emergencies, *keeping, *gate) if view.is_unknown(need))
    asked = dict.fromkeys(need for visit in outcome.visits for need in visit.node.needs)
    rest = [need for need in asked if need not in first and view.is_unknown(need)]
    gains = _gains(view, outcome, rest, climb)
    return (*first, *sorted(gains, key=lambda need: gains[need]))


def _gains(view: View, outcome: Outcome, names: Sequence[str], climb: Climb) -> dict[str, int]:
    """Name the facts that would change something with how urgent the case could be; what is tried together, once."""
    known: dict[str, int | None] = {}
    for name in names:
        together = tried_as(name)
        if together not in known:
            known[together] = _gain(view, outcome, tuple(trials(view.facts, name)), climb)
    return {name: gain for name in names if (gain := known[tried_as(name)]) is not None}


def _gain(view: View, outcome: Outcome, changes: Sequence[Facts], climb: Climb) -> int | None:
    """How much more urgent the case could be; None where no change of the facts changes anything."""
    tried = (climb(view.with_facts(facts)) for facts in changes)
    changed = [URGENCY.index(other.urgency) for other in tried if _differs(outcome, other)]
    return min(changed, default=None)


def _differs(one: Outcome, other: Outcome) -> bool:
    def told(outcome: Outcome) -> tuple[str, tuple[str, ...], Priority]:
        return outcome.step, outcome.also, outcome.urgency

    return told(one) != told(other)
