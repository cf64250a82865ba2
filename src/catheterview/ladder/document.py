"""``docs/ladder.md`` and the drawings, written from the table: ``python -m catheterview.ladder.document docs``.

A test holds what lies in the repository equal to what this writes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from catheterview.ladder.drawings import DRAWINGS, graphviz, mermaid
from catheterview.ladder.facts import Facts, Imaging, ImagingResult
from catheterview.ladder.fields import FactSpec, specs
from catheterview.ladder.gate import assess
from catheterview.ladder.policies import Policies, choices
from catheterview.ladder.rows import Edge, Node
from catheterview.ladder.table import SENTINELS, TABLE
from catheterview.limits.ladder import LadderLimits

_INTRODUCTION = """\
# The ladder

This page is written from the decision table by `python -m catheterview.ladder.document docs`; a test holds the two
equal. *Research use only. Not a medical device. Not for diagnosis or treatment decisions.* Every rule is a
transcription of, or a choice around, one published review and needs a clinician's sign-off before any use on patients:
Wojnowski N, Hayek SM, Abouzaglo S, Li K, Yong RJ, Hao D. *Troubleshooting intrathecal pumps in pain management: a
clinical review.* Interventional Pain Medicine 2026, doi 10.1016/j.inpm.2026.100747. Numbers such as 7.10 are
its sections.

## How it is read

- A fact is true, false or unknown. Unknown never opens the contrast gate, and an emergency that nobody has answered is
  asked first.
- At each node the exits are asked in order and the first that holds is taken; exits marked *parallel* are all taken.
- A fact that is missing and would decide stops the ladder at its node, and is asked. Where a later step is on record
  (the reservoir was aspirated, a CT was read), the ladder goes on without it, asks for it, and keeps that node's
  urgency.
- Of several places where a case stands, the most urgent is `step`, the others are `also`.
- What must not be lost is walked from its own node, whatever way the ladder went (see *Never lost*).
- Imaging that triage has read and imaging that is recorded are joined: abnormal by either is abnormal, and a
  disagreement is told. A study of which nothing could be examined is not on record; one that was examined in part is
  nondiagnostic, never normal.
- The same facts, reading, policies and limits give the same decision; no clock is read.
"""


def page() -> str:
    """Write the page."""
    parts = [_INTRODUCTION, *_drawn(), *_nodes(), *_exits(), *_cautions(), *_gate(), *_lost(), *_policies()]
    return "\n".join([*parts, *_limits(), *_facts()])


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") or " " for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _drawn() -> Iterator[str]:
    yield "## Drawings\n"
    yield "Dotted exits are added by this ladder. The same drawings lie in `docs/drawings` as Mermaid and Graphviz.\n"
    for drawing in DRAWINGS:
        yield f"### {drawing.title} ({drawing.figure})\n\n```mermaid\n{mermaid(drawing)}```\n"


def _nodes() -> Iterator[str]:
    yield "## Nodes\n"
    yield _table(
        ("node", "title", "what to do when the case stands here", "urgency", "not while at", "review"),
        (
            (n.id, n.title, _actions(n), n.urgency.replace("_", " "), ", ".join(n.held_while), n.source)
            for n in TABLE.values()
        ),
    )


def _actions(node: Node) -> str:
    return " ".join([node.action, *(f"[{guard.text}: {action}]" for guard, action in node.reworded)])


def _exits() -> Iterator[str]:
    yield "## Exits, in the order in which they are asked\n"
    rows = (
        (node.id, edge.to, edge.guard.name, edge.guard.text, _kind(edge), ", ".join(edge.guard.needs), edge.source)
        for node in TABLE.values()
        for edge in node.edges
    )
    yield _table(("from", "to", "when", "in words", "kind", "facts", "review"), rows)


def _kind(edge: Edge) -> str:
    named = [name for name in ("parallel", "otherwise", "beside") if getattr(edge, name)]
    named += [f"policy `{edge.policy}`"] if edge.policy else []
    named += [f"added: {edge.added}"] if edge.added else []
    return "; ".join(named)


def _cautions() -> Iterator[str]:
    yield "## Cautions\n"
    rows = (
        (node.id, caution.text, caution.when.text if caution.when else "always", caution.source)
        for node in TABLE.values()
        for caution in node.cautions
    )
    yield _table(("node", "caution", "when", "review"), rows)


def _gate() -> Iterator[str]:
    yield "## The contrast gate G1\n"
    yield "Open only when every condition is known to hold. False or unknown closes it. No rule computes a judgement.\n"
    verdict = assess(Facts(), None, Policies(), LadderLimits())
    rows = ((each.name, each.text, ", ".join(each.needs), each.source) for each in verdict.conditions)
    yield _table(("condition", "in words", "facts", "review"), rows)


def _lost() -> Iterator[str]:
    yield "## Never lost\n"
    rows = ((each.guard.text, each.enter, ", ".join(each.unless), each.source) for each in SENTINELS)
    yield _table(("where", "is walked from", "unless the ladder came by", "review"), rows)


def _policies() -> Iterator[str]:
    yield "## Policies: where the review leaves a choice\n"
    yield "`A.7.n` are ambiguities of the review, `P.x` choices of this ladder. The first option is the default.\n"
    rows = (
        (choice.number, f"`{name}`", choice.asks, " / ".join(choice.options), choice.reason, choice.source)
        for name, choice in choices().items()
    )
    yield _table(("no.", "policy", "question", "options", "reason for the default", "review"), rows)


def _limits() -> Iterator[str]:
    yield "## Numbers that decide\n"
    rows = (
        (f"`{each.name}`", f"{each.default:g}", each.metadata["unit"], each.metadata["source"])
        for each in fields(LadderLimits)
    )
    yield _table(("limit", "value", "unit", "source"), rows)


def _facts() -> Iterator[str]:
    yield "## Facts, schema `catheterview/facts/1`\n"
    yield (
        "Anything left out is unknown. A number may be written as text with its unit (`500 mcg/ml`) and is converted; "
        "alone it is in the unit of the name. `origins` gives date and source of single facts. What `img` says is of "
        "studies that triage has not read.\n"
    )
    yield _table(("fact", "kind", "question"), (row for row in _fact_rows()))


def _fact_rows() -> Iterator[tuple[str, str, str]]:
    for each in fields(Facts):
        if each.name in ("as_of", "origins", "img"):
            continue
        group = type(getattr(Facts(), each.name))
        for name, spec in specs(group).items():
            yield f"`{each.name}.{name}`", _kind_of(spec), spec.question
    studies = "\\|".join(each.name for each in fields(Imaging))
    for name, spec in specs(ImagingResult).items():
        yield f"`img.({studies}).{name}`", _kind_of(spec) if name != "findings" else "kinds of finding", spec.question


def _kind_of(spec: FactSpec) -> str:
    if spec.row is not None:
        return "list of " + ", ".join(specs(spec.row))
    return spec.unit or " / ".join(spec.values) or {"yes_no": "true / false"}.get(spec.kind, spec.kind)


def write(folder: Path) -> tuple[Path, ...]:
    """Write the page and the drawings into a documents folder."""
    drawn = folder / "drawings"
    drawn.mkdir(parents=True, exist_ok=True)
    written = {folder / "ladder.md": page()}
    for drawing in DRAWINGS:
        written[drawn / f"{drawing.name}.mmd"] = mermaid(drawing)
        written[drawn / f"{drawing.name}.dot"] = graphviz(drawing)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    return tuple(written)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
