"""The types of which the decision table is made: nodes, edges between them, the guard of each edge, and cautions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from catheterview.ladder.fields import Tri
from catheterview.ladder.view import View
from catheterview.model import Priority

#: The stage of a node that nothing later on record lets the ladder pass while its question is open.
NEVER = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where a walk stands: which node it came from, and how often it has been at this one."""

    caller: str = ""
    visits: int = 1


Test: TypeAlias = Callable[[View, Here], Tri]


def _no_ids(_: View) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A named question with an answer of True, False or None (not known).

    Parameters
    ----------
    name : str
        As in the edge list of ``docs/ladder.md``.
    text : str
        What is so when it holds; the reason in the trail unless `why` gives a better one.
    test : callable
    needs : tuple of str
        The facts that it asks.
    why : callable, optional
        Words the reason with the case's own numbers.
    ids : callable
        Ids of the findings that decide it.
    """

    name: str
    text: str
    test: Test
    needs: tuple[str, ...] = ()
    why: Callable[[View], str] | None = None
    ids: Callable[[View], tuple[str, ...]] = _no_ids

    def reason(self, view: View) -> str:
        """The reason in words."""
        return self.why(view) if self.why else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One exit of a node.

    Parameters
    ----------
    to : str
    guard : Guard
    source : str
        Sections of the review.
    parallel : bool
        Taken beside others; elsewhere the first that holds wins.
    otherwise : bool
        Taken only where no other is, and nothing that would decide is unknown.
    beside : bool
        The node stays where the case stands; the other is named beside it and not walked.
    soft : bool
        Unknown counts as False without holding up the ladder.
    policy : str
        The policy that makes or shapes it; empty where the review itself does.
    added : str
        Why it is there though the review's edge list has none; empty where that has one, or a policy makes it.
    """

    to: str
    guard: Guard
    source: str
    parallel: bool = False
    otherwise: bool = False
    beside: bool = False
    soft: bool = False
    policy: str = ""
    added: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A pitfall that is told at a node.

    Parameters
    ----------
    when : Guard or None
        Told only where it holds; always where there is none.
    """

    text: str
    source: str
    when: Guard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of the ladder.

    Parameters
    ----------
    id : str
    part : {"steps", "emergency", "therapy", "catheter", "imaging", "management"}
        Which drawing it belongs to.
    action : str
        What to do when the case stands here.
    urgency : Priority
        How soon, when the case stands here.
    danger : int
        Which of several equally urgent steps goes first; the larger.
    stage : int
        A later stage on record lets the ladder pass an open question here; `NEVER` where nothing does.
    held_while : tuple of str
        Not offered while the case also stands at one of these.
    held_as : str
        What is offered in its place; empty for nothing.
    reworded : tuple of (Guard, action)
        Other words for the action; the first whose guard holds.
    emergent_when : Guard or None
        Where it holds, the node is an emergency whatever its urgency.
    """

    id: str
    title: str
    part: str
    source: str
    action: str
    urgency: Priority
    edges: tuple[Edge, ...] = ()
    cautions: tuple[Caution, ...] = ()
    danger: int = 0
    stage: int = NEVER
    held_while: tuple[str, ...] = ()
    held_as: str = ""
    reworded: tuple[tuple[Guard, str], ...] = ()
    emergent_when: Guard | None = None

    def urgency_in(self, view: View) -> Priority:
        """How soon, in this case."""
        raised = self.emergent_when is not None and self.emergent_when.test(view, Here()) is True
        return "emergent" if raised else self.urgency

    def action_in(self, view: View) -> str:
        """What to do here, in this case."""
        return next((action for guard, action in self.reworded if guard.test(view, Here()) is True), self.action)

    @property
    def needs(self) -> tuple[str, ...]:
        """The facts that its exits ask, each once."""
        return tuple(dict.fromkeys(need for edge in self.edges for need in edge.guard.needs))
