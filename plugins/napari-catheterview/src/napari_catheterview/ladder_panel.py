"""Joins the ladder's dock with the talk about a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from catheterview.ladder import Question
from catheterview.model import Finding, Report
from napari_catheterview.ladder_dock import LadderDock
from napari_catheterview.talk import LadderTalk, talk_about


class LadderPanel:
    """Shows where a case stands, asks what is missing, and climbs again with every answer and verdict.

    Parameters
    ----------
    go_to : callable
        Given the id of a finding when the reader clicks on a reason.
    """

    def __init__(self, *, go_to: Callable[[str], None]) -> None:
        self.dock = LadderDock()
        self._talk: LadderTalk | None = None
        self._findings: tuple[Finding, ...] = ()
        self._climbed: tuple[str, ...] | None = None
        self._question: Question | None = None
        self.dock.finding_requested.connect(go_to)
        self.dock.answered.connect(self.answer)

    def show(self, report: Report, folder: Path) -> None:
        """Take up a case; answers are kept in its folder."""
        self._talk = talk_about(report, folder)
        self._climbed = None

    def climb(self, findings: Sequence[Finding]) -> None:
        """Climb with the findings that stand; nothing is done while they are the same."""
        ids = tuple(finding.id for finding in findings)
        if self._talk is not None and ids != self._climbed:
            self._findings, self._climbed = tuple(findings), ids
            self._show()

    def answer(self, reply: str) -> None:
        """Take in an answer, or say why it is none."""
        if self._talk is None or self._question is None:
            return
        refused = self._talk.answer(self._question, reply, self._findings)
        if refused:
            self.dock.show_question(self._question.text, self._question.hint, refused)
        else:
            self._show()

    def _show(self) -> None:
        talk = self._talk
        if talk is None:
            return
        said = talk.say(self._findings)
        self._question = said.question
        because = [finding for finding in self._findings if finding.id in said.decision.because]
        self.dock.show_decision(said.decision, because, talk.note(said.decision))
        text, hint = ("", "") if said.question is None else (said.question.text, said.question.hint)
        self.dock.show_question(text, hint)
