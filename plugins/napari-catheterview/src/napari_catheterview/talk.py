"""The ladder, climbed again while the reader answers: what facts and verdicts make of a case. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catheterview.errors import CatheterviewError
from catheterview.ladder import Facts, Question, Reading, decide, interview, load_facts, write_facts
from catheterview.model import Decision, Finding, Report

FACTS_FILE = "facts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the ladder says now.

    Parameters
    ----------
    decision : Decision
    question : Question or None
        The fact that would change it most, None when none would.
    """

    decision: Decision
    question: Question | None


class LadderTalk:
    """A case's facts, and the ladder climbed anew with every answer and every verdict.

    Parameters
    ----------
    report : Report
    path : Path or None
        The file that answers are kept in at once, and that earlier ones are read from; None keeps nothing.

    Raises
    ------
    CatheterviewError
        When the file is there and is no facts file.
    """

    def __init__(self, report: Report, path: Path | None = None) -> None:
        self.report, self._path = report, path
        self.facts = load_facts(path) if path is not None and path.is_file() else Facts()
        self._set_aside: set[str] = set()

    def say(self, findings: Sequence[Finding]) -> Said:
        """Climb the ladder with the findings that stand; ask what would change the answer most."""
        reading = reading_of(self.report, findings)
        asked: list[Question] = []

        def stop_at_first(question: Question) -> str | None:
            if question.name in self._set_aside and not question.problem:
                return ""
            asked.append(question)
            return None

        interview(self.facts, stop_at_first, reading=reading)
        return Said(decision=decide(self.facts, reading=reading), question=asked[0] if asked else None)

    def note(self, decision: Decision) -> str:
        """Say why the ladder differs from the report; empty when it does not."""
        same = (decision.step, decision.urgency) == (self.report.decision.step, self.report.decision.urgency)
        return "" if same else f" (with your answers and verdicts; the report says {self.report.decision.step})"

    def answer(self, question: Question, reply: str, findings: Sequence[Finding]) -> str:
        """Take in the answer to a question; an empty one means that it is not known.

        Returns
        -------
        str
            Why the answer was refused, empty when it was taken in; it is kept before this returns.
        """
        if not reply.strip():
            self._set_aside.add(question.name)
            return ""
        problems: list[str] = ["this is no longer asked"]

        def respond(asked: Question) -> str | None:
            if asked.name != question.name:
                return "" if asked.name in self._set_aside else None
            problems[:] = [asked.problem] if asked.problem else []
            return None if asked.problem else reply

        facts = interview(self.facts, respond, reading=reading_of(self.report, findings))
        if problems:
            return problems[0]
        self.facts = facts
        self._keep()
        return ""

    def _keep(self) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_facts(self.facts, self._path)


def talk_about(report: Report, folder: Path) -> LadderTalk:
    """Return the talk on a case, its facts beside its report; damaged ones are left alone and not used."""
    try:
        return LadderTalk(report, folder / FACTS_FILE)
    except CatheterviewError:
        return LadderTalk(report)


def reading_of(report: Report, findings: Sequence[Finding]) -> Reading:
    """Return what was read of the images, with the findings that stand."""
    rung_of = {series.series_instance_uid: study.rung for study in report.studies for series in study.series}
    ran = [uid for one in report.examined if one.outcome == "RAN" for uid in one.series_instance_uids]
    return Reading(
        findings=tuple(findings),
        examined=report.examined,
        rungs=tuple(dict.fromkeys(rung_of[uid] for uid in ran if uid in rung_of)),
        rung_of=rung_of,
        pump_found=bool(report.pumps) if ran else None,
    )
