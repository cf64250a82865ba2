"""The ladder's dock: the step, why, what to ask next. It shows words and emits signals; it decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from catheterview.model import Decision, Finding
from napari_catheterview.docks import research_label
from napari_catheterview.words import PRIORITY_COLORS

#: One reason at the least; the list takes what the window has to give.
REASONS_HEIGHT_PX = 48


class LadderDock(QWidget):  # type: ignore[misc]  # Qt has no types here
    """Where the case stands on the imaging ladder.

    A click on a reason that is a finding asks to go there; Return in the field answers the question above it.
    """

    finding_requested = Signal(str)
    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.step, self.question, self.problem = QLabel(""), QLabel(""), QLabel("")
        self.reasons = QListWidget()
        self.reasons.setWordWrap(True)
        self.reasons.setMinimumHeight(REASONS_HEIGHT_PX)
        self.reasons.itemClicked.connect(self._clicked)
        self.reply = QLineEdit()
        self.reply.setPlaceholderText("answer, or empty for not known; Return")
        self.reply.returnPressed.connect(lambda: self.answered.emit(self.reply.text()))
        box = QVBoxLayout(self)
        for widget in (research_label(), self.step, self.reasons, self.question, self.reply, self.problem):
            box.addWidget(widget)
        for label, lines in ((self.step, 2), (self.question, 3), (self.problem, 1)):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setMinimumHeight(lines * label.fontMetrics().height())

    def show_decision(self, decision: Decision, because: Sequence[Finding], note: str) -> None:
        """Show the step, the findings that it rests on, and the chain of reasons."""
        also = f" (and {', '.join(decision.also)})" if decision.also else ""
        self.step.setText(f"{decision.urgency}: {decision.step}{also}. {decision.action}{note}")
        self.step.setStyleSheet(f"color: {PRIORITY_COLORS[decision.urgency]}; font-weight: bold;")
        self.reasons.clear()
        for finding in because:
            item = QListWidgetItem(f"finding: {finding.message}")
            item.setData(Qt.ItemDataRole.UserRole, finding.id)
            self.reasons.addItem(item)
        for step in decision.trail:
            self.reasons.addItem(f"{step.node}: {step.answer}. {step.why} [{step.source}]")

    def show_question(self, text: str, hint: str, problem: str = "") -> None:
        """Show what is asked next; an empty text when nothing would change the answer."""
        self.question.setText(f"{text}\n({hint})" if text else "No missing fact would change this.")
        self.reply.setVisible(bool(text))
        self.problem.setText(problem)
        if not problem:
            self.reply.clear()

    def _clicked(self, item: QListWidgetItem) -> None:
        finding_id = item.data(Qt.ItemDataRole.UserRole)
        if finding_id:
            self.finding_requested.emit(finding_id)
