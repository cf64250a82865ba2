"""A case as one line of the worklist, and what comes before what."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.model.report import Report
from catheterview.model.vocabulary import Priority

#: Most urgent first. A case that could not be told is read before one that was examined and found to be routine,
#: because nobody, neither person nor program, has assessed it yet.
URGENCY: tuple[Priority, ...] = ("emergent", "urgent", "soon", "cannot_tell", "routine")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One line of the worklist.

    Parameters
    ----------
    studied : str
        ISO 8601 date of the latest study, empty when none is known.
    rungs : tuple of str
        Kinds of study in the case, each once, in the report's order.
    kinds : tuple of str
        Kinds of finding, surest first, each once.
    findings : int
        How many findings there are.
    not_examined : int
        How many detectors were skipped or failed.
    problems : int
        How many problems were recorded.
    reviews : int
        How many verdicts readers have given.
    """

    case_id: str
    priority: Priority
    step: str
    action: str
    version: str
    studied: str = ""
    rungs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    findings: int = 0
    not_examined: int = 0
    problems: int = 0
    reviews: int = 0

    @classmethod
    def of(cls, report: Report, *, reviews: int = 0) -> CaseRow:
        """Sum a report up in one line."""
        surest = sorted(report.findings, key=lambda finding: (-finding.score, finding.kind))
        return cls(
            case_id=report.case_id,
            priority=report.priority,
            step=report.decision.step,
            action=report.decision.action,
            version=report.version,
            studied=max((study.date for study in report.studies), default=""),
            rungs=tuple(dict.fromkeys(study.rung.value for study in report.studies)),
            kinds=tuple(dict.fromkeys(finding.kind.value for finding in surest)),
            findings=len(report.findings),
            not_examined=sum(examined.outcome != "RAN" for examined in report.examined),
            problems=len(report.problems),
            reviews=reviews,
        )

    @property
    def rank(self) -> tuple[int, str]:
        """What the worklist is sorted by: urgency, then the pseudonym, so that the order never depends on the run."""
        return URGENCY.index(self.priority), self.case_id
