"""What every dock is made of: the words that none is without, tables, and keys that a table leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QScrollArea, QTableView, QWidget

from napari_catheterview.tables import RowsModel
from napari_catheterview.words import RESEARCH

#: Wide enough for a kind and its place side by side, high enough for three findings.
LIST_WIDTH_PX, LIST_HEIGHT_PX = 380, 90
#: Of a finding's message that is in sight without scrolling.
MESSAGE_LINES = 6


def research_label() -> QLabel:
    """Return the words that no dock is without."""
    label = QLabel(RESEARCH)
    label.setStyleSheet("color: #ffd60a; font-weight: bold;")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


class Keys(QObject):  # type: ignore[misc]  # Qt has no types here
    """Gives a table the reader's keys, before its own search for a line that begins with the letter.

    Parameters
    ----------
    actions : mapping
        Keys as ``Control-Z`` to what they do.
    """

    def __init__(self, actions: Mapping[str, Callable[[], None]], parent: QWidget) -> None:
        super().__init__(parent)
        self._actions = {key.replace("Control", "Ctrl").replace("-", "+"): act for key, act in actions.items()}

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Do what the key says, and keep it from the table."""
        if event.type() != QEvent.Type.KeyPress:
            return False
        act = self._actions.get(QKeySequence(event.keyCombination()).toString())
        if act is not None:
            act()
        return act is not None


def table_of(model: RowsModel[object]) -> QTableView:
    """Return a view of whole rows that cannot be edited and leaves letter keys to the reader's actions."""
    view = QTableView()
    view.setModel(model)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setMinimumSize(LIST_WIDTH_PX, LIST_HEIGHT_PX)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.verticalHeader().hide()
    view.horizontalHeader().setStretchLastSection(True)
    view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    return view


def scrolling(label: QLabel) -> QScrollArea:
    """Put words that may be long where they can be scrolled, and are never cut."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setMinimumHeight(MESSAGE_LINES * label.fontMetrics().lineSpacing())
    area.setWidget(label)
    return area
