"""One reader's way through one case: where the reader stands, what was said, and what was taken back. No Qt, no napari.

Every verdict goes to the ledger before anything else changes, so a verdict that is shown is a verdict that is kept.
Nothing is ever deleted: taking back appends ``withdrawn`` (or the earlier verdict again).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from catheterview import __version__
from catheterview.model import Centreline, Finding, Report, Review, Verdict
from napari_catheterview.corrected import catheter_of, line_name, marked_line
from napari_catheterview.missed import missed_finding, missed_review

OPEN = "open"


class Ledger(Protocol):
    """Where verdicts are kept; the library's store is one."""

    def add_review(self, review: Review) -> None:
        """Keep one verdict, on disk when this returns."""

    def reviews(self, case_id: str) -> Iterable[Review]:
        """Return every verdict on a case, oldest first."""


def now() -> str:
    """Return the time, ISO 8601 with time zone."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class ReviewSession:
    """The findings of a case in reading order, the one being read, and the verdicts.

    Parameters
    ----------
    report : Report
    ledger : Ledger
    reader : str
        Pseudonym of who reads.
    clock : callable, optional
        Returns the time of a verdict, ISO 8601 with time zone.
    """

    def __init__(self, report: Report, *, ledger: Ledger, reader: str, clock: Callable[[], str] = now) -> None:
        self.report, self.ledger, self.reader, self.clock = report, ledger, reader, clock
        self._position = -1
        self._reviews: tuple[Review, ...] = ()
        self._done: list[tuple[Review, Review]] = []
        self._undone: list[Review] = []
        self.refresh()

    def refresh(self) -> bool:
        """Read the ledger again, and stay with the finding being read; whether anything was said meanwhile."""
        before, current = self._reviews, self.current
        self._reviews = tuple(self.ledger.reviews(self.report.case_id))
        if current is not None:
            self.select(current.id)
        return self._reviews != before

    @property
    def reviews(self) -> tuple[Review, ...]:
        """Every verdict on the case, by whomever, oldest first."""
        return self._reviews

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the machine found, in reading order, then what readers marked as missed, oldest first."""
        return reading_order(self.report) + self._marked()

    def _marked(self) -> tuple[Finding, ...]:
        known = {finding.id for finding in self.report.findings}
        marked: dict[str, Finding] = {}
        for review in self._reviews:
            finding = missed_finding(review)
            if finding is not None and review.finding_id not in known:
                marked[review.finding_id] = finding
        return tuple(finding for name, finding in marked.items() if self.status(name) != OPEN)

    @property
    def position(self) -> int:
        """Index in `findings` of the one being read, -1 before the first."""
        return self._position

    @property
    def current(self) -> Finding | None:
        """The finding being read."""
        findings = self.findings
        return findings[self._position] if 0 <= self._position < len(findings) else None

    def step(self, by: int) -> Finding | None:
        """Go on by so many findings, round the end; None when there are none."""
        count = len(self.findings)
        if count == 0:
            self._position = -1
        elif self._position < 0:
            self._position = 0 if by > 0 else count - 1
        else:
            self._position = (self._position + by) % count
        return self.current

    def select(self, finding_id: str) -> Finding | None:
        """Go to one finding by its id; stay where it is not known."""
        for n, finding in enumerate(self.findings):
            if finding.id == finding_id:
                self._position = n
                return finding
        return None

    def standing(self, finding_id: str) -> tuple[Review, ...]:
        """Return each reader's last word on a finding, oldest first, without those that were taken back."""
        last = {review.reader: review for review in self._reviews if review.finding_id == finding_id}
        return tuple(r for r in self._reviews if last.get(r.reader) is r and r.verdict != "withdrawn")

    def latest(self, finding_id: str) -> Review | None:
        """Return the last word that stands, by whomever; None when there is none."""
        standing = self.standing(finding_id)
        return standing[-1] if standing else None

    def _mine(self, finding_id: str, otherwise: Review) -> Review:
        """Return this reader's own last word, or a withdrawal to go back to."""
        mine = [review for review in self.standing(finding_id) if review.reader == self.reader]
        return mine[0] if mine else replace(otherwise, verdict="withdrawn", reason="", mark=None)

    def status(self, finding_id: str) -> str:
        """Return ``open`` or the last verdict."""
        last = self.latest(finding_id)
        return OPEN if last is None else last.verdict

    def statuses(self) -> dict[str, str]:
        """Return the status of every finding by id."""
        return {finding.id: self.status(finding.id) for finding in self.findings}

    @property
    def standing_findings(self) -> tuple[Finding, ...]:
        """The findings that no reader's last word rejects; what was marked as missed is among them."""
        return tuple(finding for finding in self.findings if self.status(finding.id) != "rejected")

    @property
    def undecided(self) -> int:
        """How many findings have no verdict."""
        return sum(status == OPEN for status in self.statuses().values())

    def say(self, verdict: Verdict, *, reason: str = "") -> Review | None:
        """Give a verdict on the current finding, kept before this returns; None when there is no current one.

        Raises
        ------
        ValueError
            When a rejection has no reason: a rejection without one teaches nobody.
        """
        finding = self.current
        if finding is None:
            return None
        if verdict == "rejected" and not reason.strip():
            raise ValueError("a rejection needs a reason")
        return self._act(self._review(finding.id, verdict, reason))

    def mark_missed(self, finding: Finding, *, remark: str = "") -> Review:
        """Add what the machine did not find, and make it the current finding."""
        review = self._act(missed_review(self._review(finding.id, "missed", remark), finding))
        self.select(finding.id)
        return review

    def sign(self) -> Review:
        """Sign the case as it now stands."""
        review = self._review("", "signed", "")
        # To take a signature back leaves the case unsigned, whatever was signed before.
        return self._act(review, before=replace(review, verdict="withdrawn"))

    @property
    def signature(self) -> Review | None:
        """The last signature that stands; None once anything was said after it."""
        signed = [review for review in self.standing("") if review.verdict == "signed"]
        return signed[-1] if signed and signed[-1] is self._reviews[-1] else None

    def correct(self, catheter: Centreline) -> Review:
        """Keep a catheter that was drawn anew."""
        review = self._review(line_name(catheter.series_instance_uid), "corrected", "")
        return self._act(replace(review, mark=marked_line(catheter)))

    def catheter(self, found: Centreline) -> Centreline:
        """Return a catheter as the last reader's correction has it, else as it was found."""
        last = self.latest(line_name(found.series_instance_uid))
        return found if last is None or last.mark is None else catheter_of(last.mark, found)

    @property
    def corrections(self) -> int:
        """How many catheters stand corrected."""
        return sum(self.catheter(found) is not found for found in self.report.catheters)

    def _review(self, finding_id: str, verdict: Verdict, reason: str) -> Review:
        return Review(
            case_id=self.report.case_id,
            finding_id=finding_id,
            verdict=verdict,
            reader=self.reader,
            at=self.clock(),
            version=__version__,
            reason=reason.strip(),
        )

    def _act(self, review: Review, *, before: Review | None = None) -> Review:
        """Keep a new verdict, and remember what stood before it."""
        before = before or self._mine(review.finding_id, review)
        self._keep(review)
        self._done.append((before, review))
        self._undone.clear()
        return review

    def _keep(self, review: Review) -> None:
        self.ledger.add_review(review)
        self.refresh()

    def undo(self) -> Review | None:
        """Take back this session's last verdict by appending what stood before it; None when there is none."""
        if not self._done:
            return None
        before, after = self._done[-1]
        again = replace(before, at=self.clock(), version=__version__)
        self._keep(again)
        self._done.pop()
        self._undone.append(after)
        self.select(after.finding_id)
        return again

    def redo(self) -> Review | None:
        """Give the verdict that was last taken back once more; None when there is none."""
        if not self._undone:
            return None
        again = replace(self._undone[-1], at=self.clock())
        before = self._mine(again.finding_id, again)
        self._keep(again)
        self._undone.pop()
        self._done.append((before, again))
        self.select(again.finding_id)
        return again


def reading_order(report: Report) -> tuple[Finding, ...]:
    """Findings as they are read: those that decided the ladder first, then the surest first."""
    decided: Sequence[str] = report.decision.because
    return tuple(sorted(report.findings, key=lambda f: (f.id not in decided, -f.score, f.id)))
