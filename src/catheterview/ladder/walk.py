"""The walk over the decision table: which nodes are passed, where it ends, and what could not be answered.

Plan: at each node its edges are asked in order and the first that holds is taken; parallel edges are all taken, each a
branch of its own. An edge whose question is not answered stops the branch there, unless a later stage of the ladder is
on record: then the question counts as no, is kept, and its node's urgency stays as a floor. A branch that comes to a
node of another branch ends there; a branch that comes back to its own node is a loop, which the guards count.
"""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.ladder.rows import Edge, Guard, Here, Node
from catheterview.ladder.table import TABLE
from catheterview.ladder.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One node that was asked.

    Parameters
    ----------
    taken : tuple of Edge
        The exits that were taken; empty where the branch stands here.
    open : tuple of Guard
        The questions that nobody has answered.
    held_by : tuple of Node
        Where else the case stands, for which reason this step is not offered; empty for a visit.
    beside : bool
        Whether the node is only named beside another.
    """

    node: Node
    taken: tuple[Edge, ...] = ()
    open: tuple[Guard, ...] = ()
    held_by: tuple[Node, ...] = ()
    beside: bool = False

    @property
    def assumed(self) -> bool:
        """Whether an open question was taken for a no, since a later stage is on record."""
        return bool(self.taken and self.open)

    @property
    def stands(self) -> bool:
        """Whether the branch goes no further."""
        return all(edge.beside for edge in self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A node where a branch of the walk stands.

    Parameters
    ----------
    needs : tuple of str
        The facts that keep it there; empty where it is simply the next thing to do.
    sentinel : bool
        Whether it was added so as not to be lost, rather than reached from the start.
    """

    node: Node
    needs: tuple[str, ...] = ()
    sentinel: bool = False


class Walk:
    """A walk in progress: what was visited and where it stands, added to branch by branch.

    Attributes
    ----------
    visits : list of Visit
    ends : list of End
    been : set of str
        Ids of all nodes that were visited.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.visits: list[Visit] = []
        self.ends: list[End] = []
        self.been: set[str] = set()

    def go(self, start: str, *, sentinel: bool = False) -> None:
        """Walk from a node to wherever the case stands."""
        self._branch(start, (), sentinel=sentinel)

    def _branch(self, start: str, behind: tuple[str, ...], *, sentinel: bool) -> None:
        """Walk one branch; `behind` names the nodes that led to it, oldest first."""
        elsewhere = self.been.difference(behind)
        current: str | None = start
        while current is not None and current not in elsewhere:
            here = Here(caller=behind[-1] if behind else "", visits=behind.count(current) + 1)
            visit = visited(self.view, TABLE[current], here)
            self.visits.append(visit)
            self.been.add(current)
            behind = (*behind, current)
            current = self._onward(visit, behind, sentinel=sentinel)

    def _onward(self, visit: Visit, behind: tuple[str, ...], *, sentinel: bool) -> str | None:
        """The next node of the branch; None where it ends, or has been walked as several."""
        if visit.stands:
            self._stand(visit, sentinel=sentinel)
            return None
        if not visit.taken[0].parallel:
            return visit.taken[0].to
        for edge in visit.taken:
            self._branch(edge.to, behind, sentinel=sentinel)
        return None

    def _stand(self, visit: Visit, *, sentinel: bool) -> None:
        """End a branch, and name what is to be watched beside it."""
        needs = tuple(dict.fromkeys(need for guard in visit.open for need in guard.needs))
        self.ends.append(End(node=visit.node, needs=needs, sentinel=sentinel))
        for edge in visit.taken:
            self.visits.append(Visit(node=TABLE[edge.to], beside=True))
            self.ends.append(End(node=TABLE[edge.to], sentinel=sentinel))


def visited(view: View, node: Node, here: Here) -> Visit:
    """Ask the edges of one node in order."""
    passable = view.climbed > node.stage and not (node.id == "N1" and view.policies.unanswered == "stop")
    taken: list[Edge] = []
    unanswered: list[Guard] = []
    for edge in node.edges:
        if edge.otherwise and taken:
            break
        answer = edge.guard.test(view, here)
        if answer is None and not edge.soft:
            unanswered.append(edge.guard)
        if answer is not True or (unanswered and not passable and not edge.parallel):
            continue
        taken.append(edge)
        if not edge.parallel:
            break
    return Visit(node=node, taken=tuple(taken), open=tuple(unanswered))
