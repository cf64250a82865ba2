"""Tables that a bench writes into a page of the documentation, between two markers."""

from __future__ import annotations

from pathlib import Path

BEGIN = "<!-- written by the bench: begin -->"
END = "<!-- written by the bench: end -->"


def put_table(document: Path, text: str, *, name: str = "") -> None:
    """Replace what lies between the two markers of a page; everything else stays as it is.

    A page that several benches write into has markers that name each: ``written by the bench kills: begin``.
    """
    begin, end = (mark.replace("bench", f"bench {name}".strip()) for mark in (BEGIN, END))
    page = document.read_text(encoding="utf-8")
    before, rest = page.split(begin, 1)
    _, after = rest.split(end, 1)
    document.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
