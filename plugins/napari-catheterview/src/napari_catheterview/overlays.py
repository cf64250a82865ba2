"""What is written on a canvas: orientation letters at the edges, the words that are always in sight, and notes."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from napari.components.overlays import TextOverlay

from napari_catheterview.compat import Viewer, canvas_overlays, one_line
from napari_catheterview.planes import Letters

WORDS_COLOR, WORDS_SIZE = "#ffd60a", 10

#: Where each edge's letter stands.
_EDGES = {"left": "middle_left", "right": "middle_right", "top": "top_center", "bottom": "bottom_center"}


def write_on(viewer: Viewer, edge: Letters | None, *, words: str, note: str, everything: bool = False) -> None:
    """Write letters, words and a note on a viewer's canvas.

    Parameters
    ----------
    edge : Letters or None
        None where there is no cut, or nothing to say where it lies.
    words : str
        Always in sight.
    note : str
        Lines of it are given; see `wrapped`.
    everything : bool
        Whether to make every overlay now, though it has nothing to say yet: making them takes time.
    """
    overlays = canvas_overlays(viewer)
    if overlays is None:
        sides = "" if edge is None else f"left {edge.left}, right {edge.right}, top {edge.top}, bottom {edge.bottom}"
        one_line(viewer, " | ".join(part for part in (sides, words, note.replace("\n", " ")) if part))
        return
    blank = " " if everything else ""
    for side, place in _EDGES.items():
        _write(overlays, f"catheterview_{side}", getattr(edge, side, blank), place)
    # A line away from the edge, where the letters of top and bottom stand.
    _write(overlays, "catheterview_research", f"{words}\n " if words else "", "bottom_left")
    _write(overlays, "catheterview_note", f" \n{note}" if note else blank, "top_left")


def wrapped(note: str, letters: int) -> str:
    """Break a note into lines of so many letters at most."""
    return fill(note, letters) if note else ""


def _write(overlays: Any, name: str, text: str, place: str) -> None:
    """Set the words of one overlay; it is made when first needed."""
    if name not in overlays:
        overlays[name] = TextOverlay(position=place, font_size=WORDS_SIZE, color=WORDS_COLOR)
    overlays[name].text = text
    overlays[name].visible = bool(text)
