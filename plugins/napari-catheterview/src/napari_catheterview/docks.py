"""The docks: views that show rows and emit signals. They never touch a viewer, a store or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from catheterview.model import CaseRow, Kind, Review
from napari_catheterview.dock_parts import research_label, scrolling, table_of
from napari_catheterview.layers import STATUS_COLORS
from napari_catheterview.tables import Column, RowsModel
from napari_catheterview.words import PRIORITY_COLORS, REASONS, FindingRow, finding_words, status_words
from napari_catheterview.worklist import matching, status_of


class WorklistDock(QWidget):  # type: ignore[misc]  # Qt has no types here
    """The cases, most urgent first; a double click or Return opens one."""

    open_requested = Signal(str)
    cancel_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.troubles: dict[str, str] = {}
        self.rows: tuple[CaseRow, ...] = ()
        self.latest: Mapping[str, Review] = {}
        self.model: RowsModel[CaseRow] = RowsModel(
            [
                Column(heading="priority", text=lambda r: r.priority, color=lambda r: PRIORITY_COLORS[r.priority]),
                Column(
                    heading="case", text=lambda r: r.case_id[:12], tip=lambda r: r.case_id, color=self._trouble_color
                ),
                Column(heading="findings", text=lambda r: ", ".join(k.replace("_", " ") for k in r.kinds) or "none"),
                Column(
                    heading="read",
                    text=lambda r: status_of(r, self.latest),
                    tip=lambda r: f"{r.reviews} verdicts",
                ),
                Column(heading="studied", text=lambda r: r.studied),
                Column(
                    heading="next step", text=lambda r: r.action, tip=lambda r: self.troubles.get(r.case_id, r.action)
                ),
            ]
        )
        self.view = table_of(self.model)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.view.activated.connect(lambda index: self.open_requested.emit(self.model.rows[index.row()].case_id))
        self.sought = QLineEdit()
        self.sought.setPlaceholderText("find: urgent kink -signed")
        self.sought.setClearButtonEnabled(True)
        self.sought.textChanged.connect(self._show)
        self.status = QLabel("")
        self.status.setWordWrap(True)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.cancel_requested)
        self._lay_out()
        self.work("")

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.busy)
        line.addWidget(self.cancel)
        box = QVBoxLayout(self)
        box.addWidget(research_label())
        box.addWidget(self.sought)
        box.addWidget(self.view)
        box.addLayout(line)
        box.addWidget(self.status)

    def _trouble_color(self, row: CaseRow) -> str | None:
        return "#ff453a" if row.case_id in self.troubles else None

    def show_rows(self, rows: Sequence[CaseRow], latest: Mapping[str, Review]) -> None:
        """Show the worklist, of it what is sought."""
        self.rows, self.latest = tuple(rows), latest
        self._show()

    def _show(self) -> None:
        self.model.show(matching(self.rows, self.sought.text(), self.latest))

    def work(self, doing: str) -> None:
        """Show what is being done; empty when nothing is."""
        self.busy.setVisible(bool(doing))
        self.cancel.setVisible(bool(doing))
        if doing:
            self.status.setText(doing)

    def fail(self, case_id: str, why: str) -> None:
        """Say why a case did not open; it stays in the list, marked."""
        self.troubles[case_id] = why
        self.status.setText(f"{case_id} did not open: {why}")
        self.model.show(self.model.rows)

    def mark(self, case_id: str) -> None:
        """Select a case's line."""
        for n, row in enumerate(self.model.rows):
            if row.case_id == case_id:
                self.view.selectRow(n)


class FindingsDock(QWidget):  # type: ignore[misc]  # Qt has no types here
    """The findings of a case, what is said of the current one, and the buttons for a verdict."""

    selected = Signal(str)
    accept_requested = Signal()
    reject_requested = Signal(str)
    unsure_requested = Signal()
    step_requested = Signal(int)
    missed_requested = Signal(str)
    sign_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._asking = "reason"
        self.model: RowsModel[FindingRow] = RowsModel(
            [
                Column(
                    heading="verdict", text=lambda r: status_words(r.status), tip=lambda r: r.who, color=_status_color
                ),
                Column(heading="finding", text=lambda r: r.kind, tip=lambda r: r.finding.message),
                Column(heading="where", text=lambda r: r.place),
                Column(heading="score", text=lambda r: f"{r.finding.score:.2f}"),
            ]
        )
        self.view = table_of(self.model)
        # Where the line is too long, the place is cut, and can be read below.
        self.view.horizontalHeader().setStretchLastSection(False)
        self.view.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.view.clicked.connect(lambda index: self.selected.emit(self.model.rows[index.row()].finding.id))
        self.progress, self.message, self.saved = QLabel(""), QLabel(""), QLabel("")
        for label, lines in ((self.progress, 1), (self.message, 1), (self.saved, 2)):
            label.setWordWrap(True)
            label.setMinimumHeight(lines * label.fontMetrics().height())
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reason = QComboBox()
        self.reason.setEditable(True)
        self.reason.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # What is kept is what was typed, never what a completer made of it.
        self.reason.setCompleter(None)
        self.reason.lineEdit().returnPressed.connect(self._reply)
        self.asked = self._make_asked()
        self.buttons = self._make_buttons()
        self._lay_out()
        self.asked.hide()

    def _make_asked(self) -> QWidget:
        """Put the field beside buttons that do what Return and Escape do."""
        asked = QWidget()
        line = QHBoxLayout(asked)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.reason, 1)
        self.keep, self.back = QPushButton("Keep"), QPushButton("Back")
        self.keep.clicked.connect(self._reply)
        self.back.clicked.connect(self.drop_reason)
        for button in (self.keep, self.back):
            line.addWidget(button)
        return asked

    def _make_buttons(self) -> dict[str, QPushButton]:
        actions = {
            "Accept (A)": self.accept_requested.emit,
            "Reject (R)": self.ask_reason,
            "Unsure (U)": self.unsure_requested.emit,
            "Previous (P)": lambda: self.step_requested.emit(-1),
            "Next (N)": lambda: self.step_requested.emit(1),
            "Missed (M)": self.ask_kind,
            "Sign and export (Ctrl+Enter)": self.sign_requested.emit,
        }
        made = {}
        for words, act in actions.items():
            button = QPushButton(words)
            button.clicked.connect(lambda _checked=False, act=act: act())
            made[words] = button
        return made

    def _lay_out(self) -> None:
        grid = QGridLayout()
        *verdicts, sign = self.buttons.values()
        for n, button in enumerate(verdicts):
            grid.addWidget(button, n // 3, n % 3)
        grid.addWidget(sign, len(verdicts) // 3, 0, 1, 3)
        box = QVBoxLayout(self)
        for widget in (research_label(), self.progress, self.view, scrolling(self.message), self.asked):
            box.addWidget(widget)
        box.addLayout(grid)
        box.addWidget(self.saved)

    def show_rows(self, rows: Sequence[FindingRow], position: int, progress: str) -> None:
        """Show the findings, with the line at `position` selected and its message below."""
        self.model.show(rows)
        self.progress.setText(progress)
        if 0 <= position < len(rows):
            self.view.selectRow(position)
            self.message.setText(finding_words(rows[position]))
        else:
            self.view.clearSelection()
            self.message.setText("")

    def ask_reason(self) -> None:
        """Open the field for a reason, ready to type or choose; Return rejects, Escape goes back."""
        self._ask("reason", REASONS)

    def ask_kind(self) -> None:
        """Open the field for what was missed at the crosshair: a kind of finding, and after a colon any remark."""
        self._ask("kind", [kind.replace("_", " ") for kind in Kind])

    def _ask(self, what: str, offered: Sequence[str]) -> None:
        self._asking = what
        self.reason.clear()
        self.reason.addItems(offered)
        self.asked.show()
        self.reason.lineEdit().selectAll()
        self.reason.setFocus()

    def _reply(self) -> None:
        """Hand the words on; a field without words stays open."""
        words = self.reason.currentText().strip()
        # An editable combo box may report one Return twice.
        if words and self.reason.isVisible():
            self.drop_reason()
            (self.reject_requested if self._asking == "reason" else self.missed_requested).emit(words)

    def drop_reason(self) -> None:
        """Close the field for a reason."""
        self.asked.hide()
        self.view.setFocus()

    def keyPressEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """Let Escape leave the reason's field."""
        if getattr(event, "key", lambda: None)() == Qt.Key.Key_Escape and self.reason.isVisible():
            self.drop_reason()
        else:
            super().keyPressEvent(event)


def _status_color(row: FindingRow) -> str:
    return STATUS_COLORS.get(row.status, STATUS_COLORS["open"])
