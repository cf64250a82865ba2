"""The ladder, climbed again while the reader answers: what facts and verdicts make of a case. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

from catheterview import __version__
from catheterview.errors import CatheterviewError, InputError
from catheterview.ladder import (
    Answer,
    Facts,
    Reading,
    changes_from,
    explain,
    facts_to_plain,
    load_facts,
    question,
    spec_of,
    with_values,
)
from catheterview.limits import LadderLimits
from catheterview.model import Decision, Finding, Reply, Report
from napari_catheterview.session import now

#: What triage was told of the patient, beside the report.
FACTS_FILE = "facts.json"
#: Groups of a facts file that are no facts of the patient.
_NO_FACTS = ("schema", "case", "origins")


class Replies(Protocol):
    """Where a reader's facts are kept; the library's store is one."""

    def add_reply(self, reply: Reply) -> None:
        """Keep one, on disk when this returns."""

    def replies(self, case_id: str) -> Iterable[Reply]:
        """Return all of a case, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact as the panel shows it.

    Parameters
    ----------
    fact : str
        Its path.
    text : str
        The question.
    hint : str
        How it may be answered.
    offered : tuple of str
        The answers there are; empty where anything may be written.
    written : str
        How it is known; empty while it is not.
    origin : str
        Who said so and when.
    """

    fact: str
    text: str
    hint: str
    offered: tuple[str, ...] = ()
    written: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the ladder says now.

    Parameters
    ----------
    answer : Answer
        The decision, with the gate and the arithmetic that it rests on.
    asked : tuple of Entry
        The missing facts that would change it, most useful first.
    known : tuple of Entry
        What is known already, in the order of the facts file.
    """

    answer: Answer
    asked: tuple[Entry, ...]
    known: tuple[Entry, ...]

    @property
    def decision(self) -> Decision:
        """Where the case stands."""
        return self.answer.decision


class LadderTalk:
    """A case's facts, and the ladder climbed anew with every answer and every verdict.

    Parameters
    ----------
    report : Report
    given : Facts
        What triage was told.
    ledger : Replies
        Answers are kept in it at once; those of all readers count, the last one for each fact.
    reader : str
    clock : callable, optional
        Returns the time of an answer, ISO 8601 with time zone.
    """

    def __init__(
        self, report: Report, given: Facts, *, ledger: Replies, reader: str, clock: Callable[[], str] = now
    ) -> None:
        self.report, self._given, self._ledger, self._reader, self._clock = report, given, ledger, reader, clock
        self._limits = limits_of(report)
        self.facts = given
        self._told: dict[str, Reply] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the ledger again; what no longer makes sense beside other facts is left out."""
        last: dict[str, Reply] = {reply.fact: reply for reply in self._ledger.replies(self.report.case_id)}
        facts, self._told = self._given, {}
        for fact, reply in last.items():
            try:
                facts = with_values(facts, changes_from([f"{fact}={reply.value}"]))
            except CatheterviewError:
                continue
            self._told[fact] = reply
        self.facts = facts

    def say(self, findings: Sequence[Finding]) -> Said:
        """Climb the ladder with the findings that stand."""
        answer = explain(self.facts, reading=reading_of(self.report, findings), limits=self._limits)
        written = written_facts(self.facts)
        return Said(
            answer=answer,
            asked=tuple(self._entry(name, answer.decision) for name in answer.decision.ask),
            known=tuple(self._entry(name, answer.decision, value) for name, value in written.items()),
        )

    def _entry(self, fact: str, decision: Decision, written: str = "") -> Entry:
        asked, spec, told = question(fact, decision), spec_of(fact), self._told.get(fact)
        offered = ("yes", "no") if spec.kind == "yes_no" else tuple(spec.values) if spec.kind == "choice" else ()
        by_whom = "given to triage" if told is None else f"{told.reader}, {told.at[:16].replace('T', ' ')}"
        return Entry(
            fact=fact,
            text=asked.text,
            hint=asked.hint,
            offered=offered,
            written=written,
            origin=by_whom if written else "",
        )

    def note(self, decision: Decision) -> str:
        """Say why the ladder differs from the report; empty when it does not."""
        same = (decision.step, decision.urgency) == (self.report.decision.step, self.report.decision.urgency)
        return "" if same else f" (with your answers and verdicts; the report says {self.report.decision.step})"

    def tell(self, fact: str, written: str) -> str:
        """Take in what a reader says of a fact; nothing makes it unknown.

        Returns
        -------
        str
            Why it was refused, empty when it was taken in; it is kept before this returns.
        """
        written = written.strip()
        try:
            with_values(self.facts, changes_from([f"{fact}={written}"]))
        except InputError as error:
            return str(error)
        self._ledger.add_reply(
            Reply(
                case_id=self.report.case_id,
                fact=fact,
                value=written,
                reader=self._reader,
                at=self._clock(),
                version=__version__,
            )
        )
        self.refresh()
        return ""


def written_facts(facts: Facts) -> dict[str, str]:
    """Return what is known of a patient, by path, as a person would write it."""
    plain = {name: value for name, value in facts_to_plain(facts).items() if name not in _NO_FACTS}
    return {path: _in_words(value) for path, value in _flat(plain, "")}


def _flat(value: object, path: str) -> list[tuple[str, object]]:
    if not isinstance(value, Mapping):
        return [(path, value)]
    inner = [_flat(each, f"{path}.{name}" if path else str(name)) for name, each in value.items()]
    return [entry for entries in inner for entry in entries]


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(_agent_in_words(each) if isinstance(each, Mapping) else str(each) for each in value)
    return str(value)


def _agent_in_words(agent: Mapping[str, Any]) -> str:
    amount = agent.get("concentration_mg_per_ml")
    return f"{agent.get('name', '')} {'' if amount is None else f'{amount:g} mg/ml'}".strip()


def given_facts(folder: Path) -> tuple[Facts, str]:
    """Return what triage kept of a patient's facts in a case's folder, and why that cannot be read; left alone then."""
    try:
        return (load_facts(folder / FACTS_FILE), "") if (folder / FACTS_FILE).is_file() else (Facts(), "")
    except CatheterviewError as error:
        return Facts(), f"{FACTS_FILE} is not used: {error}"


def limits_of(report: Report) -> LadderLimits:
    """Return the ladder's limits that a report was made with; today's where it does not say."""
    noted = report.limits.get("ladder")
    known = {each.name for each in fields(LadderLimits)}
    return LadderLimits(
        **{name: value for name, value in noted.items() if name in known} if isinstance(noted, dict) else {}
    )


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
