"""The questionnaire: ask a person only what matters next, one fact at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from catheterview.errors import InputError
from catheterview.ladder.change import with_values
from catheterview.ladder.engine import decide
from catheterview.ladder.facts import Agent, Facts, ImagingResult
from catheterview.ladder.fields import FactSpec, specs
from catheterview.ladder.policies import Policies
from catheterview.ladder.reading import Reading
from catheterview.model import Decision

_YES = ("y", "yes", "true")
_NO = ("n", "no", "false")
#: A drug and its concentration, as a person writes them: ``morphine 10 mg/ml``.
_DRUG = re.compile(r"(?P<name>[^\d,]+?)\s*(?P<amount>\d[\d.]*\s*[a-zA-Zµ]+\s*/\s*[a-zA-Z]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One fact that is asked for.

    Parameters
    ----------
    name : str
        The fact's path.
    text : str
    hint : str
        How it may be answered.
    decision : Decision
        Where the case stands without the answer.
    problem : str
        Why the last answer was refused; empty at first.
    """

    name: str
    text: str
    hint: str
    decision: Decision
    problem: str = ""


#: Gives the answer as a person wrote it, an empty text for "not known", or None to end.
Ask: TypeAlias = Callable[[Question], str | None]


def interview(facts: Facts, ask: Ask, *, reading: Reading | None = None, policies: Policies | None = None) -> Facts:
    """Ask for missing facts, most useful first, until none is left that would change the answer.

    Parameters
    ----------
    facts : Facts
        What is known already.
    ask : callable
    reading : Reading, optional
    policies : Policies, optional

    Returns
    -------
    Facts
        With the answers; what was not known is not asked again, and stays unknown.
    """
    set_aside: set[str] = set()
    while True:
        decision = decide(facts, reading=reading or Reading(), policies=policies)
        names = [name for name in decision.ask if name not in set_aside]
        if not names:
            return facts
        answered = _asked(facts, question(names[0], decision), ask)
        if answered is None:
            return facts
        set_aside.add(names[0])
        facts = answered


def _asked(facts: Facts, asked: Question, ask: Ask) -> Facts | None:
    """The facts with the answer, asked again while it is refused; None to end."""
    while True:
        reply = ask(asked)
        if reply is None:
            return None
        if not reply.strip():
            return facts
        try:
            return with_values(facts, {asked.name: parsed(asked.name, reply)})
        except InputError as error:
            asked = replace(asked, problem=str(error))


def question(name: str, decision: Decision) -> Question:
    """Word the question for a fact."""
    spec = spec_of(name)
    about = f"{name.split('.')[1].replace('_', '-')}: " if name.startswith("img.") else ""
    return Question(name=name, text=about + spec.question, hint=_hint(spec), decision=decision)


def spec_of(name: str) -> FactSpec:
    """What is declared of the fact with a path."""
    if name == "as_of":
        return FactSpec(kind="moment", question="On which date is this record true?")
    if name.startswith("img."):
        return specs(ImagingResult)[name.split(".")[2]]
    if "[" in name:
        return specs(Agent)[name.rsplit(".", 1)[1]]
    group, fact = name.split(".")
    return specs(type(getattr(Facts(), group)))[fact]


def _hint(spec: FactSpec) -> str:
    if spec.kind == "number":
        return f"a number in {spec.unit}, or with its unit"
    if spec.kind == "rows":
        return "such as morphine 10 mg/ml, bupivacaine 20 mg/ml"
    told = {"yes_no": "yes or no", "moment": "a date such as 2026-03-02", "choice": " | ".join(spec.values)}
    return told.get(spec.kind, "text")


def parsed(name: str, reply: str) -> object:
    """Make of a written answer a value as in JSON.

    Raises
    ------
    InputError
        When it does not fit the kind of fact.
    """
    spec, written = spec_of(name), reply.strip()
    if spec.kind == "yes_no":
        return _yes_or_no(written, name)
    if spec.kind in ("number", "count"):
        return _number(written, spec)
    if spec.kind == "rows":
        return [_drug(each, name) for each in written.split(",")]
    if spec.kind == "texts":
        return [each.strip() for each in written.split(",")]
    return written


def changes_from(written: Iterable[str]) -> dict[str, object]:
    """Read changes such as ``gate.monitoring_available=yes``; nothing after the sign makes a fact unknown.

    Raises
    ------
    InputError
        When there is no such fact, or the value does not fit it.
    """
    changes: dict[str, object] = {}
    for each in written:
        name, sign, value = each.partition("=")
        if not sign:
            raise InputError("give a change as NAME=VALUE, as in gate.monitoring_available=yes", where=each)
        try:
            changes[name] = parsed(name, value) if value.strip() else None
        except (AttributeError, KeyError, IndexError, ValueError) as error:
            raise InputError("is not the path of a fact, as in vol.aspirated_ml", where=name) from error
    return changes


def _yes_or_no(written: str, name: str) -> bool:
    if written.lower() not in (*_YES, *_NO):
        raise InputError(f"{written!r} is neither yes nor no", where=name)
    return written.lower() in _YES


def _number(written: str, spec: FactSpec) -> object:
    """A bare number is in the fact's own unit, which the question names; with a unit it is converted."""
    try:
        return int(written) if spec.kind == "count" else float(written)
    except ValueError:
        return written


def _drug(written: str, name: str) -> dict[str, str]:
    match = _DRUG.fullmatch(written.strip())
    if match is None:
        raise InputError(f"{written.strip()!r} is not a drug with its concentration", where=name)
    amount = match["amount"]
    return {"name": match["name"].strip(), **({"concentration_mg_per_ml": amount} if amount else {})}
