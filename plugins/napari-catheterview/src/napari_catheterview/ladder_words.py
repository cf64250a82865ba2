"""What the ladder's dock says, as lines of words. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catheterview.ladder import Answer, shown
from catheterview.model import Decision, Finding

#: How the ladder's trail marks a caution within a reason.
_CAUTION = "Caution: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list; a click on one with a `finding_id` goes there."""

    text: str
    finding_id: str = ""


def step_words(decision: Decision, note: str) -> str:
    """Say where the case stands."""
    also = f" (and {', '.join(decision.also)})" if decision.also else ""
    return f"{decision.urgency.replace('_', ' ')}: {decision.step}{also}. {decision.action}{note}"


def reasons(decision: Decision, findings: Sequence[Finding]) -> tuple[Line, ...]:
    """Return the chain of reasons: the findings that the step rests on, then every node that was passed."""
    because = {finding.id: finding for finding in findings if finding.id in decision.because}
    lines = [Line(text=f"finding: {because[name].message}", finding_id=name) for name in because]
    for step in decision.trail:
        why = step.why.partition(_CAUTION)[0].strip()
        lines.append(Line(text=f"{step.node}: {step.answer.replace('_', ' ')}. {why} [{step.source}]"))
    return tuple(lines)


def cautions(decision: Decision, findings: Sequence[Finding]) -> tuple[Line, ...]:
    """Return what is to be borne in mind, last node first, each once; then what the findings bring with them."""
    lines: dict[str, Line] = {}
    for step in reversed(decision.trail):
        for text in step.why.split(_CAUTION)[1:]:
            lines.setdefault(text, Line(text=f"{step.node}: {text.strip()}"))
    for finding in findings:
        for text in finding.cautions:
            lines.setdefault(text, Line(text=f"{finding.kind.replace('_', ' ')}: {text}", finding_id=finding.id))
    return tuple(lines.values())


def gate_lines(answer: Answer) -> tuple[Line, ...]:
    """Return the contrast gate condition by condition, and the arithmetic with its inputs."""
    return tuple(Line(text=text) for text in _gate(answer))


def _gate(answer: Answer) -> Iterator[str]:
    gate = answer.gate
    if gate is None:
        yield "Contrast gate: the ladder did not come to it."
    else:
        yield f"Contrast gate {'open' if gate.is_open else 'CLOSED'}: {gate.why}"
        for each in gate.conditions:
            word = {True: "yes", False: "NO", None: "not known"}[each.holds]
            yield f"{word}: {each.text} [{each.source}]"
    for name, amount in answer.amounts:
        yield f"{name}: {shown(amount)}"
    volumes = answer.volumes
    if volumes.delta_ml is not None:
        yield f"reservoir: measured minus expected {volumes.delta_ml:+.2f} ml (tolerance {volumes.tolerance_ml:g} ml)"
    if volumes.note:
        yield f"reservoir: {volumes.note}"
