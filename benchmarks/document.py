"""Tables that a bench writes into a page of the documentation, between two markers."""

from __future__ import annotations

from pathlib import Path

BEGIN = "<!-- written by the bench: begin -->"
END = "<!-- written by the bench: end -->"


def put_table(document: Path, text: str) -> None:
    """Replace what lies between the two markers of a page; everything else stays as it is."""
    page = document.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    document.write_text(f"{before}{BEGIN}\n{text.strip()}\n{END}{after}", encoding="utf-8")
