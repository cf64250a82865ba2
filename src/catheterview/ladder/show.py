"""The answer for a person: as text for a terminal, and as a page."""

from __future__ import annotations

from functools import cache

import jinja2

from catheterview.ladder.amounts import shown
from catheterview.ladder.answer import Answer
from catheterview.ladder.questions import question
from catheterview.ladder.rows import Node
from catheterview.ladder.table import TABLE

RESEARCH_ONLY = (
    "Research use only. Not a medical device; not for diagnosis or treatment decisions. A qualified clinician must "
    "review the complete images and the patient."
)


def as_text(answer: Answer) -> str:
    """Write the answer for a terminal: what to do first, then what to ask, then why."""
    decision = answer.decision
    lines = [RESEARCH_ONLY, "", f"{decision.step}  {TABLE[decision.step].title}  [{decision.urgency}]"]
    lines.append(f"  {decision.action}  (review {TABLE[decision.step].source})")
    lines += [f"  At the same time {_told(TABLE[each])}" for each in decision.also]
    lines += [f"  Policy {each}" for each in answer.chosen]
    if decision.ask:
        lines += ["", "What would change this, most useful first:"]
        lines += [f"  {name}: {question(name, decision).text}" for name in decision.ask]
    if answer.gate is not None:
        lines += ["", f"Contrast gate {'open' if answer.gate.is_open else 'CLOSED'}: {answer.gate.why}"]
    if answer.amounts:
        lines += ["", "Arithmetic:", *(f"  {name}: {shown(amount)}" for name, amount in answer.amounts)]
    lines += ["", "How it came to this:"]
    lines += [f"  {step.node:<4} {step.answer}: {step.why} [{step.source}]" for step in decision.trail]
    return "\n".join(lines)


def _told(node: Node) -> str:
    return f"{node.id}: {node.action}  (review {node.source})"


def as_page(answer: Answer) -> str:
    """Write the answer as one self-contained HTML page; whatever the facts hold is escaped."""
    return (
        _environment()
        .get_template("answer.html.j2")
        .render(
            answer=answer,
            decision=answer.decision,
            table=TABLE,
            research_only=RESEARCH_ONLY,
            questions=[question(name, answer.decision) for name in answer.decision.ask],
            amounts=[(name, shown(amount)) for name, amount in answer.amounts],
        )
    )


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.PackageLoader("catheterview.ladder", "templates")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
