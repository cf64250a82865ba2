"""The whole answer for a case: the decision, with the gate, the arithmetic and the choices that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from catheterview.ladder.amounts import Amount, Blocked
from catheterview.ladder.change import WhatIf
from catheterview.ladder.deadspace import clearing_bolus, dead_space, doses_at_risk
from catheterview.ladder.engine import decide
from catheterview.ladder.facts import Facts
from catheterview.ladder.gate import GateVerdict
from catheterview.ladder.policies import Policies, choices
from catheterview.ladder.reading import Reading
from catheterview.ladder.reservoir import Reconciliation
from catheterview.ladder.transit import arrival_h
from catheterview.ladder.view import View
from catheterview.limits.ladder import LadderLimits
from catheterview.model import Decision

#: Nodes at which contrast or drug in the catheter matters, so that the dead space is worked out.
_WHERE_VOLUME_MATTERS = frozenset({"I2", "I3", "G1", "I4", "I5"})
#: Nodes at which the tracer's arrival matters.
_WHERE_TRANSIT_MATTERS = frozenset({"I7"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the ladder says of a case, and what that rests on.

    Parameters
    ----------
    gate : GateVerdict or None
        None where the ladder did not come to it.
    amounts : tuple of (str, Amount or Blocked)
        What was computed, or what it lacks.
    chosen : tuple of str
        Policies that differ from their default.
    """

    decision: Decision
    volumes: Reconciliation
    gate: GateVerdict | None
    amounts: tuple[tuple[str, Amount | Blocked], ...]
    chosen: tuple[str, ...]


def explain(
    facts: Facts,
    *,
    reading: Reading | None = None,
    policies: Policies | None = None,
    limits: LadderLimits | None = None,
) -> Answer:
    """Decide, and gather what the decision rests on."""
    rules, bounds = policies or Policies(), limits or LadderLimits()
    looked_at = reading or Reading()
    decision = decide(facts, reading=looked_at, policies=rules, limits=bounds)
    view = View(facts=facts, reading=looked_at, policies=rules, limits=bounds)
    passed = {step.node for step in decision.trail}
    return Answer(
        decision=decision,
        volumes=view.volumes,
        gate=view.gate if "G1" in passed else None,
        amounts=tuple(_amounts(facts, passed, rules, bounds)),
        chosen=tuple(f"{name}={getattr(rules, name)}" for name in _departures(rules)),
    )


def _departures(policies: Policies) -> list[str]:
    return [each.name for each in fields(Policies) if getattr(policies, each.name) != choices()[each.name].options[0]]


def _amounts(
    facts: Facts, passed: set[str], policies: Policies, limits: LadderLimits
) -> list[tuple[str, Amount | Blocked]]:
    """What is worth computing where the ladder came by."""
    told: list[tuple[str, Amount | Blocked]] = []
    if passed & _WHERE_VOLUME_MATTERS:
        told.append(("dead space", dead_space(facts, limits)))
        told += [(f"dose at risk, {risk.agent}", risk.dose) for risk in doses_at_risk(facts, limits)]
        told.append(("clearing bolus", clearing_bolus(facts, policies, limits)))
    if passed & _WHERE_TRANSIT_MATTERS:
        told.append(("arrival of the tracer", arrival_h(facts, limits)))
    return told


def decision_to_plain(decision: Decision) -> dict[str, Any]:
    """Give a decision as plain data: the object ``decision`` of ``report.json``."""
    return {
        "step": decision.step,
        "also": list(decision.also),
        "action": decision.action,
        "urgency": decision.urgency,
        "because": list(decision.because),
        "ask": list(decision.ask),
        "trail": [
            {"node": step.node, "answer": step.answer, "why": step.why, "source": step.source}
            for step in decision.trail
        ],
    }


def answer_to_plain(answer: Answer) -> dict[str, Any]:
    """Give the whole answer as plain data: the decision's own keys, and beside them what it rests on."""
    return {
        **decision_to_plain(answer.decision),
        "intended_use": "research_only",
        "volumes": _volumes(answer.volumes),
        "gate": None if answer.gate is None else _gate(answer.gate),
        "amounts": {name: _amount(amount) for name, amount in answer.amounts},
        "policies": list(answer.chosen),
    }


def what_if_to_plain(result: WhatIf) -> dict[str, Any]:
    """Give both decisions of a change of facts, and which of their parts differ."""
    before, after = decision_to_plain(result.before), decision_to_plain(result.after)
    return {"changed": list(result.changed), "before": before, "after": after}


def _volumes(volumes: Reconciliation) -> dict[str, Any]:
    return {
        "class": volumes.verdict.name if volumes.verdict else None,
        "delta_ml": volumes.delta_ml,
        "tolerance_ml": volumes.tolerance_ml,
        "missing": list(volumes.missing),
        "note": volumes.note,
    }


def _gate(gate: GateVerdict) -> dict[str, Any]:
    conditions = [
        {"name": each.name, "holds": each.holds, "needs": list(each.needs), "source": each.source}
        for each in gate.conditions
    ]
    return {"open": gate.is_open, "why": gate.why, "conditions": conditions}


def _amount(amount: Amount | Blocked) -> dict[str, Any]:
    if isinstance(amount, Blocked):
        return {"missing": list(amount.missing)}
    inputs = [
        {"name": used.name, "value": used.value, "unit": used.unit, "source": used.source, "verified": used.verified}
        for used in amount.inputs
    ]
    return {"value": amount.value, "low": amount.low, "high": amount.high, "unit": amount.unit, "inputs": inputs}
