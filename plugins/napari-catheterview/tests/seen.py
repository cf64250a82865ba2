"""What stands on a canvas, in the words of the napari at hand: 0.9 has an overlay for each, 0.8 one line for all."""

from __future__ import annotations

from napari_catheterview.compat import canvas_overlays
from napari_catheterview.words import RESEARCH

MINE = "catheterview_"


def words_on(viewer) -> dict[str, str]:
    """Return what is in sight: the letters of left, right, top and bottom, the warning and the note."""
    overlays = canvas_overlays(viewer)
    if overlays is not None:
        ours = {name.removeprefix(MINE): one for name, one in overlays.items() if name.startswith(MINE)}
        return {name: one.text.strip() for name, one in ours.items() if one.visible and one.text.strip()}
    parts = viewer.text_overlay.text.split(" | ") if viewer.text_overlay.visible else []
    seen = {}
    if parts and parts[0].startswith("left "):
        seen |= dict(side.split() for side in parts.pop(0).split(", "))
    if RESEARCH in parts:
        parts.remove(RESEARCH)
        seen["research"] = RESEARCH
    return seen | ({"note": " | ".join(parts)} if parts else {})
