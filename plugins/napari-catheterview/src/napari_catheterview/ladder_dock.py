"""The ladder's dock: the step, the missing facts, why, and what to mind. It shows words and emits signals only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from napari_catheterview.dock_parts import research_label
from napari_catheterview.ladder_words import Line
from napari_catheterview.talk import Entry

#: What a field offers first.
NOT_KNOWN = "not known"

#: One field with its question at the least; the tabs take what the window has to give.
TABS_HEIGHT_PX = 120


class LadderDock(QWidget):  # type: ignore[misc]  # Qt has no types here
    """Where the case stands on the imaging ladder.

    A click on a line that is about a finding asks to go there; a field that is filled in tells its fact.
    """

    finding_requested = Signal(str)
    told = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.step, self.problem = _wrapped(), _wrapped()
        self.problem.setStyleSheet("color: #ff453a;")
        self.reasons, self.cautions, self.gate = (self._list() for _ in range(3))
        self.fields = FactFields()
        self.fields.told.connect(self.told)
        self.tabs = QTabWidget()
        self.tabs.setMinimumHeight(TABS_HEIGHT_PX)
        for name, widget in (("Ask", self.fields), ("Why", self.reasons), ("Mind", self.cautions), ("Gate", self.gate)):
            self.tabs.addTab(widget, name)
        box = QVBoxLayout(self)
        for widget in (research_label(), self.step, self.tabs, self.problem):
            box.addWidget(widget)
        box.setStretchFactor(self.tabs, 1)
        self.problem.hide()

    def _list(self) -> QListWidget:
        made = QListWidget()
        made.setWordWrap(True)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.itemClicked.connect(self._clicked)
        return made

    def show_step(self, words: str, color: str) -> None:
        """Show where the case stands."""
        self.step.setText(words)
        self.step.setStyleSheet(f"color: {color}; font-weight: bold;")

    def show_lines(self, reasons: Sequence[Line], cautions: Sequence[Line], gate: Sequence[Line]) -> None:
        """Show why, what to mind, and the gate with its arithmetic."""
        for view, lines in ((self.reasons, reasons), (self.cautions, cautions), (self.gate, gate)):
            view.clear()
            for line in lines:
                item = QListWidgetItem(line.text)
                item.setData(Qt.ItemDataRole.UserRole, line.finding_id)
                view.addItem(item)

    def show_problem(self, problem: str) -> None:
        """Say why an answer was refused; nothing when it was not."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _clicked(self, item: QListWidgetItem) -> None:
        finding_id = item.data(Qt.ItemDataRole.UserRole)
        if finding_id:
            self.finding_requested.emit(finding_id)


class FactFields(QScrollArea):  # type: ignore[misc]  # Qt has no types here
    """A field for every fact that is missing or known; it scrolls where there are more than fit."""

    told = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fields: dict[str, QComboBox | QLineEdit] = {}
        self.labels: dict[str, QLabel] = {}

    def show_entries(self, asked: Sequence[Entry], known: Sequence[Entry]) -> None:
        """Show what would change the answer, then what is known and may be mended; the place in the list stays."""
        at = self.verticalScrollBar().value()
        self.fields, self.labels, inner = {}, {}, QWidget()
        box = QVBoxLayout(inner)
        for heading, entries in (("Would change the answer, most useful first", asked), ("Known", known)):
            if entries:
                title = _wrapped()
                title.setText(heading)
                title.setStyleSheet("font-weight: bold;")
                box.addWidget(title)
            for entry in entries:
                self._add(entry, box)
        if not asked:
            box.insertWidget(0, QLabel("No missing fact would change this."))
        box.addStretch(1)
        self.setWidget(inner)
        self.verticalScrollBar().setValue(at)

    def _add(self, entry: Entry, box: QVBoxLayout) -> None:
        self.labels[entry.fact] = label = _wrapped()
        label.setText(f"{entry.text}{f' ({entry.origin})' if entry.origin else ''}")
        self.fields[entry.fact] = field = self._choice(entry) if entry.offered else self._line(entry)
        field.setToolTip(f"{entry.fact}: {entry.hint}")
        for widget in (label, field):
            box.addWidget(widget)

    def _choice(self, entry: Entry) -> QComboBox:
        made = _Steady()
        made.addItems([NOT_KNOWN, *entry.offered])
        made.setCurrentText(entry.written or NOT_KNOWN)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.activated.connect(lambda at, made=made: self.told.emit(entry.fact, made.itemText(at) if at else ""))
        return made

    def _line(self, entry: Entry) -> QLineEdit:
        made = QLineEdit(entry.written)
        made.setPlaceholderText(f"{entry.hint}; Return")
        made.returnPressed.connect(lambda made=made: self.told.emit(entry.fact, made.text()))
        return made


class _Steady(QComboBox):  # type: ignore[misc]  # Qt has no types here
    """A choice that a wheel, on its way through the list, does not change."""

    def wheelEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Leave the wheel to what scrolls."""
        event.ignore()


def _wrapped() -> QLabel:
    made = QLabel("")
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
