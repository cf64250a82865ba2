"""The documents: every block of code is run or says why not, and what they point to is there.

The blocks themselves are run by Sybil, from ``conftest.py`` at the root.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catheterview.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").glob("*/README.md")])
RUN, SHOWN = {"python", "bash"}, {"text", "json", "yaml", "mermaid"}
BLOCK = re.compile(r"^(?P<before>[^\n]*)\n```(?P<language>\w*)\n.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@documents
def test_every_block_is_run_or_says_why_not(document: Path) -> None:
    """A block of code is Python or shell, which are run; or plain data; or the line before it gives the reason."""
    for block in BLOCK.finditer("\n" + document.read_text(encoding="utf-8")):
        reason = re.match(r"<!-- not run: \w+", block["before"])
        assert block["language"] in RUN | SHOWN or (block["language"] == "console" and reason), block[0][:200]


@documents
def test_what_a_document_points_to_is_there(document: Path) -> None:
    """No link to a file is broken."""
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_the_readme_names_every_command() -> None:
    """The table of commands is the command line's own."""
    listed = re.findall(r"^\| `catheterview (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [command.name for command in COMMANDS]


def test_research_use_only_is_said_where_people_look() -> None:
    """The page on intended use and the front page both say that this is no medical device."""
    for name in ("README.md", "docs/intended-use.md"):
        assert "not a medical device" in (ROOT / name).read_text(encoding="utf-8").lower()
