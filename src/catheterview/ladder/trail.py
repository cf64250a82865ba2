"""The trail in words: every node that was asked, with its answer, the reason and the source."""

from __future__ import annotations

from catheterview.ladder.rows import Caution, Here
from catheterview.ladder.view import View
from catheterview.ladder.walk import Visit
from catheterview.model import Step


def told(view: View, visits: tuple[Visit, ...]) -> tuple[Step, ...]:
    """Put visits into words, in the order in which they were made."""
    return tuple(_step(view, visit) for visit in visits)


def _step(view: View, visit: Visit) -> Step:
    answer, reasons = _answer(view, visit)
    cautions = [] if visit.held_by else [each for each in visit.node.cautions if applies(view, each)]
    reasons += [f"Caution: {caution.text}" for caution in cautions]
    told_by = [*(edge.source for edge in visit.taken), *(node.source for node in (*visit.held_by, visit.node))]
    sources = [section for each in (*told_by, *(c.source for c in cautions)) for section in each.split(", ")]
    why = ". ".join(reason.rstrip(".") for reason in reasons)
    return Step(node=visit.node.id, answer=answer, why=f"{why}.", source=", ".join(dict.fromkeys(sources)))


def _answer(view: View, visit: Visit) -> tuple[str, list[str]]:
    """What the node answered, and why."""
    if visit.held_by:
        return "held", [f"not while the case also stands at {each.id} ({each.title})" for each in visit.held_by]
    if visit.beside:
        return "beside", [visit.node.title]
    if not visit.taken:
        return _standing(view, visit)
    reasons = [edge.guard.reason(view) for edge in visit.taken]
    reasons += [f"not known, though a later step is on record: whether {guard.text}" for guard in visit.open]
    return "; ".join(edge.guard.name for edge in visit.taken), list(dict.fromkeys(reasons))


def _standing(view: View, visit: Visit) -> tuple[str, list[str]]:
    """Why the case stands here: a question that nobody has answered, something to do, or the end."""
    reasons = list(dict.fromkeys(edge.guard.why(view) for edge in visit.node.edges if edge.guard.why))
    if visit.open:
        needs = dict.fromkeys(need for guard in visit.open for need in guard.needs if view.is_unknown(need))
        return "unknown", [*(reasons if visit.node.part == "imaging" else []), f"not known: {', '.join(needs)}"]
    return ("to do" if visit.node.edges else "terminal"), reasons or [visit.node.title]


def applies(view: View, caution: Caution) -> bool:
    """Whether a caution is told in this case."""
    return caution.when is None or caution.when.test(view, Here()) is True
