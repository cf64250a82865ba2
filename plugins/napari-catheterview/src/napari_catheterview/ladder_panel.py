"""Joins the ladder's dock with the talk about a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import QTimer

from catheterview.model import Finding
from napari_catheterview.ladder_dock import LadderDock
from napari_catheterview.ladder_words import cautions, gate_lines, reasons, step_words
from napari_catheterview.talk import LadderTalk, Said
from napari_catheterview.words import PRIORITY_COLORS


class LadderPanel:
    """Shows where a case stands, asks what is missing, and climbs again with every answer and verdict.

    Parameters
    ----------
    go_to : callable
        Given the id of a finding when the reader clicks on a reason.
    """

    def __init__(self, *, go_to: Callable[[str], None]) -> None:
        self.dock = LadderDock()
        self.talk: LadderTalk | None = None
        self.said: Said | None = None
        self._findings: tuple[Finding, ...] = ()
        self._climbed: tuple[str, ...] | None = None
        self.dock.finding_requested.connect(go_to)
        # The field that tells is taken away by the answer: not while it is still telling.
        self.dock.told.connect(lambda fact, written: QTimer.singleShot(0, lambda: self.tell(fact, written)))

    def show(self, talk: LadderTalk, problem: str = "") -> None:
        """Take up a case."""
        self.talk, self._climbed = talk, None
        self.dock.show_problem(problem)

    def climb(self, findings: Sequence[Finding]) -> None:
        """Climb with the findings that stand; nothing is done while they are the same."""
        ids = tuple(finding.id for finding in findings)
        if self.talk is not None and ids != self._climbed:
            self._findings, self._climbed = tuple(findings), ids
            self._show()

    def tell(self, fact: str, written: str) -> None:
        """Take in a fact, or say why it is none."""
        if self.talk is None:
            return
        refused = self.talk.tell(fact, written)
        self.dock.show_problem(refused)
        if not refused:
            self._show()

    def _show(self) -> None:
        if self.talk is None:
            return
        said = self.said = self.talk.say(self._findings)
        decision = said.decision
        self.dock.show_step(step_words(decision, self.talk.note(decision)), PRIORITY_COLORS[decision.urgency])
        self.dock.show_lines(
            reasons(decision, self._findings), cautions(decision, self._findings), gate_lines(said.answer)
        )
        self.dock.fields.show_entries(said.asked, said.known)
