"""The three algorithms of the review and the imaging ladder, drawn from the table, as Mermaid and as Graphviz.

Nodes of other parts that an exit leads to are drawn dashed; what a policy makes or this ladder adds is dotted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catheterview.ladder.rows import Edge, Node
from catheterview.ladder.table import TABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One drawing.

    Parameters
    ----------
    name : str
        Of its file.
    figure : str
        The figure of the review that it can be laid beside.
    nodes : tuple of str
        Whose exits are drawn.
    """

    name: str
    title: str
    figure: str
    nodes: tuple[str, ...]


DRAWINGS: tuple[Drawing, ...] = (
    Drawing(
        name="steps",
        title="Steps 1 to 4",
        figure="text of 7.1 to 7.4",
        nodes=("N0", "N1", "N2", "N2a", "N3", "N4"),
    ),
    Drawing(
        name="overdose-and-withdrawal",
        title="Overdose and withdrawal",
        figure="Fig. 11",
        nodes=("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10"),
    ),
    Drawing(
        name="loss-of-therapy",
        title="Loss of therapy",
        figure="Fig. 8",
        nodes=("B1", "B2", "B3", "B3a", "B5", "B6", "B7", "B8", "B9", "B10", "B11"),
    ),
    Drawing(
        name="catheter-evaluation",
        title="Catheter evaluation",
        figure="Fig. 10",
        nodes=("I2", "I3", "G1", "I4", "I5", "I6", "I7", "I8"),
    ),
    Drawing(
        name="imaging-ladder",
        title="The imaging ladder",
        figure="text of 6 and 7.5 to 7.8",
        nodes=("I0", "I1", "I2", "I3", "G1", "I4", "I5", "I6", "I7", "I8", "I9", "M4"),
    ),
)


def mermaid(drawing: Drawing) -> str:
    """Draw as a Mermaid flowchart."""
    lines = ["flowchart TD"]
    lines += [f"  {_mermaid_node(node, drawing)}" for node in _shown(drawing)]
    for source, edge in _edges(drawing):
        arrow = "-.->" if _ours(edge) else "-->"
        lines.append(f'  {source} {arrow}|"{_plain(edge.guard.name)}"| {edge.to}')
    lines.append("  classDef outside stroke-dasharray: 4 3")
    return "\n".join(lines) + "\n"


def _mermaid_node(node: Node, drawing: Drawing) -> str:
    opened, closed = ("([", "])") if not node.edges else ("[", "]")
    suffix = "" if node.id in drawing.nodes else ":::outside"
    return f'{node.id}{opened}"{node.id} {_plain(node.title)}"{closed}{suffix}'


def graphviz(drawing: Drawing) -> str:
    """Draw as a Graphviz digraph."""
    lines = [f'digraph "{drawing.name}" {{', '  label="' + f'{drawing.title} ({drawing.figure})"; node [shape=box];']
    for node in _shown(drawing):
        style = "" if node.id in drawing.nodes else ", style=dashed"
        shape = "" if node.edges else ", shape=oval"
        lines.append(f'  {node.id} [label="{node.id} {_plain(node.title)}"{shape}{style}];')
    for source, edge in _edges(drawing):
        style = ", style=dotted" if _ours(edge) else ""
        lines.append(f'  {source} -> {edge.to} [label="{_plain(edge.guard.name)}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _edges(drawing: Drawing) -> Iterator[tuple[str, Edge]]:
    for name in drawing.nodes:
        yield from ((name, edge) for edge in TABLE[name].edges)


def _shown(drawing: Drawing) -> list[Node]:
    """The drawing's own nodes, then those that its exits lead to, each once."""
    names = dict.fromkeys((*drawing.nodes, *(edge.to for _, edge in _edges(drawing))))
    return [TABLE[name] for name in names]


def _ours(edge: Edge) -> bool:
    """Whether the edge is not of the review itself."""
    return bool(edge.added)


def _plain(text: str) -> str:
    """Text that both notations take inside quotes and labels."""
    return text.replace('"', "'").replace("|", "/").replace(">=", "≥").replace("<=", "≤")
