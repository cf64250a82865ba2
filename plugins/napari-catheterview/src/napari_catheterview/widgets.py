"""The way into the reading room from napari's own menus."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from catheterview.errors import CatheterviewError
from napari_catheterview.app import open_room
from napari_catheterview.compat import Viewer
from napari_catheterview.dock_parts import research_label
from napari_catheterview.room import ReadingRoom


class ReviewWidget(QWidget):  # type: ignore[misc]  # Qt has no types here
    """A button that asks for a triage output folder and opens it in this window.

    Parameters
    ----------
    napari_viewer : napari.Viewer
        Given by napari, by this name.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self.room: ReadingRoom | None = None
        self.button = QPushButton("Open the output folder of catheterview triage ...")
        self.button.clicked.connect(self._ask)
        self.said = QLabel("")
        self.said.setWordWrap(True)
        box = QVBoxLayout(self)
        for widget in (research_label(), self.button, self.said):
            box.addWidget(widget)

    def _ask(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Output folder of catheterview triage")
        if chosen:
            self.open(Path(chosen))

    def open(self, out: Path) -> None:
        """Open a worklist in this window, or say why it cannot be opened."""
        try:
            self.room = open_room(self._viewer, out, room=self.room)
        except CatheterviewError as error:
            self.said.setText(str(error))
            return
        self.said.setText(f"{len(self.room.worklist.rows())} cases")
