"""The answer for a person: as text for a terminal, and as a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2

from catheterview.ladder.amounts import shown
from catheterview.ladder.answer import Answer
from catheterview.ladder.change import WhatIf
from catheterview.ladder.facts_write import write_text
from catheterview.ladder.questions import Question, question
from catheterview.ladder.rows import Node
from catheterview.ladder.table import TABLE
from catheterview.model import Decision

RESEARCH_ONLY = (
    "Research use only. Not a medical device; not for diagnosis or treatment decisions. A qualified clinician must "
    "review the complete images and the patient."
)


def as_text(answer: Answer) -> str:
    """Write the answer for a terminal: what to do first, then what to ask, then why."""
    decision = answer.decision
    lines = [f"{decision.step}: {decision.action}", f"  {_standing(decision)}"]
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
    return "\n".join([*lines, "", RESEARCH_ONLY])


def write_page(answer: Answer, path: Path) -> None:
    """Write the page of an answer.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    write_text(path, as_page(answer))


def what_if_as_text(result: WhatIf) -> str:
    """Say for a terminal what a change of facts changes."""
    if not result.changed:
        return f"No change: {result.before.step}, {result.before.urgency}."
    lines = [f"Changes: {', '.join(result.changed)}."]
    for name, decision in (("before", result.before), ("after", result.after)):
        lines.append(f"  {name}: {decision.step} {decision.action}")
        lines.append(f"    {_standing(decision)}{f'; beside it {_listed(decision.also)}' if decision.also else ''}")
        lines.append(f"    would change it: {_listed(decision.ask) or 'nothing'}")
    return "\n".join([*lines, "", RESEARCH_ONLY])


def asked_as_text(asked: Question) -> str:
    """Word a question for a terminal: where the case stands now, what is asked, and how it may be answered."""
    lines = [f"Now at {asked.decision.step}, {_standing(asked.decision)}."]
    lines += [f"Not taken: {asked.problem}"] if asked.problem else []
    return "\n".join([*lines, f"{asked.text} [{asked.hint}; empty: not known; q: end]"])


def _standing(decision: Decision) -> str:
    node = TABLE[decision.step]
    return f"{node.title}; {decision.urgency.replace('_', ' ')}; review {node.source}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


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
