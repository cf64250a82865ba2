"""The page and the drawings in the repository are those that the table gives."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from catheterview.ladder import document
from catheterview.ladder.drawings import DRAWINGS, Drawing, graphviz, mermaid
from catheterview.ladder.policies import choices
from catheterview.ladder.table import TABLE


def test_the_page_is_that_of_the_table(repository: Path) -> None:
    """docs/ladder.md is written from the table; write it again with ``python -m catheterview.ladder.document docs``."""
    assert (repository / "docs" / "ladder.md").read_text(encoding="utf-8") == document.page()


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_the_drawings_are_those_of_the_table(repository: Path, drawing: Drawing) -> None:
    """Both notations of each drawing lie in the repository as the table gives them."""
    folder = repository / "docs" / "drawings"
    assert (folder / f"{drawing.name}.mmd").read_text(encoding="utf-8") == mermaid(drawing)
    assert (folder / f"{drawing.name}.dot").read_text(encoding="utf-8") == graphviz(drawing)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_a_drawing_has_every_exit_of_its_nodes_and_names_every_node(drawing: Drawing) -> None:
    """No exit is left out of a drawing, and no arrow ends at a node that is not drawn."""
    for drawn, arrow in (
        (mermaid(drawing), r"^  (\w+) -\.?->\|\".*\"\| (\w+)$"),
        (graphviz(drawing), r"^  (\w+) -> (\w+) "),
    ):
        pairs = re.findall(arrow, drawn, flags=re.MULTILINE)
        assert sorted(pairs) == sorted((name, edge.to) for name in drawing.nodes for edge in TABLE[name].edges)
        for name in {each for pair in pairs for each in pair}:
            assert re.search(rf"^  {name}[\[(]| {name} \[label", drawn, flags=re.MULTILINE), name


def test_the_drawings_cover_every_node() -> None:
    """Every node that has exits is in some drawing."""
    drawn = {name for drawing in DRAWINGS for name in drawing.nodes}
    assert {name for name, node in TABLE.items() if node.edges} == drawn


def test_the_page_tells_all_of_the_table() -> None:
    """Every node, exit, caution and policy is on the page."""
    page = document.page()
    for node in TABLE.values():
        assert f"| {node.id} | {node.title} |" in page
        assert all(f"| {node.id} | {edge.to} | {edge.guard.name} |" in page for edge in node.edges)
        assert all(f"| {node.id} | {caution.text} |" in page for caution in node.cautions)
    assert all(f"| {choice.number} | `{name}` |" in page for name, choice in choices().items())


def test_the_module_writes_when_it_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that the page names writes it."""
    monkeypatch.setattr("sys.argv", ["document", str(tmp_path)])
    monkeypatch.delitem(sys.modules, "catheterview.ladder.document")
    runpy.run_module("catheterview.ladder.document", run_name="__main__")
    assert (tmp_path / "ladder.md").read_text(encoding="utf-8") == document.page()


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    """Writing makes the page and two files for each drawing."""
    written = document.write(tmp_path)
    assert len(written) == 1 + 2 * len(DRAWINGS)
    assert all(path.is_file() and path.is_relative_to(tmp_path) for path in written)
