"""What a reader does in a window, and what the store then holds."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from catheterview.store import open_store


def press(room, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    """Press a key on the canvas, as a reader does who looks at the picture."""
    canvas = room.viewer.window._qt_viewer.canvas.native
    canvas.setFocus()
    qtbot.keyClick(canvas, key, modifier)
    QApplication.processEvents()


def kept(out):
    """Return (finding kind's id, verdict, reason) of all verdicts, by another connection."""
    with open_store(out / "worklist.sqlite") as store:
        return [(review.finding_id, review.verdict, review.reason) for review in store.reviews("case-a")]
