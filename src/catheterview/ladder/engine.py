"""From facts and reading to the decision: where the case stands, what to do, how soon, and what to ask next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from catheterview.ladder.asking import ranked_asks
from catheterview.ladder.facts import Facts
from catheterview.ladder.guards.bedside import alarmed
from catheterview.ladder.policies import Policies
from catheterview.ladder.reading import Reading
from catheterview.ladder.reservoir import VolumeClass
from catheterview.ladder.rows import Here
from catheterview.ladder.table import FIRST, SENTINELS, TABLE
from catheterview.ladder.trail import told
from catheterview.ladder.view import View
from catheterview.ladder.walk import End, Visit, Walk
from catheterview.limits.ladder import LadderLimits
from catheterview.model import URGENCY, Decision, Priority

_DEFAULTS = (Policies(), LadderLimits())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where the walk came to, before it is asked what is missing.

    Parameters
    ----------
    visits : tuple of Visit
    ends : tuple of End
        Where the case stands, most urgent first.
    """

    visits: tuple[Visit, ...]
    ends: tuple[End, ...]
    urgency: Priority

    @property
    def step(self) -> str:
        """Id of the node where the case stands."""
        return self.ends[0].node.id

    @property
    def also(self) -> tuple[str, ...]:
        """Ids of the other nodes, most urgent first."""
        others = dict.fromkeys(end.node.id for end in self.ends)
        return tuple(each for each in others if each != self.step)


def decide(
    facts: Facts, *, reading: Reading, policies: Policies | None = None, limits: LadderLimits | None = None
) -> Decision:
    """Say where a case stands on the ladder, what to do, how soon, and which facts would change that.

    Parameters
    ----------
    facts : Facts
        `Facts()` when nothing is known.
    reading : Reading
        What triage has read in the images; `Reading()` when there are none.
    policies : Policies, optional
    limits : LadderLimits, optional

    Returns
    -------
    Decision
        Always: every record of facts gives one. No clock is read and nothing is drawn by chance.
    """
    view = View(facts=facts, reading=reading, policies=policies or _DEFAULTS[0], limits=limits or _DEFAULTS[1])
    outcome = climb(view)
    return Decision(
        step=outcome.step,
        action=outcome.ends[0].node.action_in(view),
        urgency=outcome.urgency,
        also=outcome.also,
        because=tuple(dict.fromkeys(_deciding(view, outcome.visits))),
        ask=ranked_asks(view, outcome, climb),
        trail=told(view, outcome.visits),
    )


def _deciding(view: View, visits: Iterable[Visit]) -> Iterator[str]:
    """Ids of the findings for which an exit was taken."""
    for visit in visits:
        for edge in visit.taken:
            yield from edge.guard.ids(view)


def climb(view: View) -> Outcome:
    """Walk the ladder, add what must not be lost, hold back what would be dangerous now, and rank what is left."""
    walk = Walk(view)
    walk.go(FIRST)
    for sentinel in SENTINELS:
        if walk.been.isdisjoint(sentinel.unless) and sentinel.guard.test(view, Here()) is True:
            walk.go(sentinel.enter, sentinel=True)
    ends, held = _held_back(walk.ends)
    ranked = tuple(sorted(ends, key=partial(_rank, view)))
    return Outcome(visits=(*walk.visits, *held), ends=ranked, urgency=_urgency(view, walk.visits, ranked))


def _rank(view: View, end: End) -> tuple[int, bool, int]:
    """What comes first: the more urgent, then what the walk itself came to, then the more dangerous."""
    return URGENCY.index(end.node.urgency_in(view)), end.sentinel, -end.node.danger


def _held_back(ends: Sequence[End]) -> tuple[list[End], list[Visit]]:
    """Take out the ends that would be dangerous while the case also stands elsewhere, and say so."""
    standing = {end.node.id for end in ends}
    kept: list[End] = []
    held: list[Visit] = []
    for end in ends:
        holding = tuple(TABLE[each] for each in end.node.held_while if each in standing)
        if not holding:
            kept.append(end)
            continue
        held.append(Visit(node=end.node, held_by=holding))
        kept += [replace(end, node=TABLE[end.node.held_as], needs=())] if end.node.held_as else []
    return kept, held


def _urgency(view: View, visits: Sequence[Visit], ends: Sequence[End]) -> Priority:
    """The most urgent of: where the case stands, open questions it passed, and what is known to be dangerous."""
    told_of = [end.node.urgency_in(view) for end in ends] + [visit.node.urgency for visit in visits if visit.assumed]
    if alarmed(view):
        told_of.append("emergent")
    if view.volumes.verdict is VolumeClass.IMPOSSIBLE_HIGH:
        told_of.append("urgent")
    if view.incomplete:
        told_of.append("cannot_tell")
    return min(told_of, key=URGENCY.index)
