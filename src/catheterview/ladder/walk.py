"""The walk over the decision table: which nodes are passed, where it ends, and what could not be answered.

Plan: at each node its edges are asked in order and the first that holds is taken; parallel edges are all taken, each a
branch of its own. An edge whose question is not answered stops the branch there, unless a later stage of the ladder is
on record: then the question counts as no, is kept, and its node's urgency stays as a floor. A branch that comes to a
node of another branch ends there; a branch that comes back to its own node is a loop, which the guards count.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from catheterview.ladder.rows import Caution, Edge, Guard, Here, Node
from catheterview.ladder.table import TABLE
from catheterview.ladder.view import View
from catheterview.model import Priority, Step


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """What one or several branches came to; `visited` names the nodes of all of them."""

    steps: tuple[Step, ...] = ()
    ends: tuple[End, ...] = ()
    because: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    floors: tuple[Priority, ...] = ()
    visited: frozenset[str] = field(default_factory=frozenset)

    def then(self, later: Path) -> Path:
        """Join another part of the walk to this one."""
        return Path(
            steps=(*self.steps, *later.steps),
            ends=(*self.ends, *later.ends),
            because=(*self.because, *later.because),
            asked=(*self.asked, *later.asked),
            floors=(*self.floors, *later.floors),
            visited=self.visited | later.visited,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """What the edges of a node answered."""

    taken: tuple[Edge, ...]
    open: tuple[Guard, ...]
    assumed: bool


def walk(view: View, start: str, *, before: Path | None = None, sentinel: bool = False) -> Path:
    """Walk from a node to wherever the case stands.

    Parameters
    ----------
    view : View
    start : str
        Id of a node.
    before : Path, optional
        What has been walked already: a branch that comes there ends.
    sentinel : bool
        Whether the walk only makes sure that something is not lost.
    """
    return _branch(view, start, (), before or Path(), sentinel=sentinel)


def _branch(view: View, start: str, behind: tuple[str, ...], before: Path, *, sentinel: bool) -> Path:
    """Walk one branch; `behind` names the nodes that led to it, oldest first, `before` is the walk so far."""
    path = Path(visited=before.visited)
    elsewhere = before.visited - set(behind)
    current: str | None = start
    while current is not None and current not in elsewhere:
        node = TABLE[current]
        here = Here(caller=behind[-1] if behind else "", visits=behind.count(current) + 1)
        answers = _answers(view, node, here)
        path = path.then(_passed(view, node, answers))
        behind = (*behind, current)
        if _stands(answers):
            return path.then(_standing(view, node, answers, sentinel=sentinel))
        if len(answers.taken) > 1 or answers.taken[0].parallel:
            return _fork(view, answers.taken, behind, path, sentinel=sentinel)
        current = answers.taken[0].to
    return path


def _fork(view: View, edges: tuple[Edge, ...], behind: tuple[str, ...], path: Path, *, sentinel: bool) -> Path:
    """Walk every edge that was taken, one after the other, so that the later ones end where the earlier came by."""
    for edge in edges:
        path = path.then(_branch(view, edge.to, behind, path, sentinel=sentinel))
    return path


def _stands(answers: _Answers) -> bool:
    return not answers.taken or all(edge.beside for edge in answers.taken)


def _answers(view: View, node: Node, here: Here) -> _Answers:
    """Ask the edges of a node in order."""
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
    assumed = bool(taken and unanswered)
    return _Answers(taken=tuple(taken), open=tuple(unanswered), assumed=assumed)


def _passed(view: View, node: Node, answers: _Answers) -> Path:
    """One line of the trail, and what this node leaves behind."""
    edges = answers.taken
    answer = "; ".join(edge.guard.name for edge in edges) if edges else _waiting(node, answers)
    reasons = [edge.guard.reason(view) for edge in edges] or [_why_standing(view, node, answers)]
    unknown = [guard.text for guard in answers.open] if answers.assumed else []
    reasons += [f"not known, and a later step is on record: whether {text}" for text in unknown]
    reasons += [f"Caution: {caution.text}" for caution in node.cautions if _told(view, caution)]
    sources = dict.fromkeys(each for edge in edges for each in edge.source.split(", "))
    sources |= dict.fromkeys(node.source.split(", "))
    step = Step(node=node.id, answer=answer, why=". ".join(reasons), source=", ".join(sources))
    return Path(
        steps=(step,),
        because=tuple(each for edge in edges for each in edge.guard.ids(view)),
        asked=tuple(need for edge in node.edges for need in edge.guard.needs),
        floors=(node.urgency,) if answers.assumed else (),
        visited=frozenset({node.id}),
    )


def _waiting(node: Node, answers: _Answers) -> str:
    if answers.open:
        return "unknown"
    return "to do" if node.edges else "terminal"


def _why_standing(view: View, node: Node, answers: _Answers) -> str:
    if answers.open:
        return "not known: " + "; ".join(dict.fromkeys(guard.text for guard in answers.open))
    told = [edge.guard.why(view) for edge in node.edges if edge.guard.why]
    return "; ".join(dict.fromkeys(told)) or node.title


def _told(view: View, caution: Caution) -> bool:
    return caution.when is None or caution.when.test(view, Here()) is True


def _standing(view: View, node: Node, answers: _Answers, *, sentinel: bool) -> Path:
    """The end of a branch, and the nodes that are named beside it."""
    needs = tuple(dict.fromkeys(need for guard in answers.open for need in guard.needs))
    beside = tuple(End(node=TABLE[edge.to], sentinel=sentinel) for edge in answers.taken)
    steps = tuple(
        Step(
            node=each.node.id,
            answer="beside",
            why=". ".join([each.node.title, *(f"Caution: {c.text}" for c in each.node.cautions if _told(view, c))]),
            source=each.node.source,
        )
        for each in beside
    )
    return Path(steps=steps, ends=(End(node=node, needs=needs, sentinel=sentinel), *beside))
