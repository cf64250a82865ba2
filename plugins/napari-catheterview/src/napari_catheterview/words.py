"""What the tables and labels say: report and reviews in a radiologist's words. No Qt, no napari."""

from __future__ import annotations

from dataclasses import dataclass

from catheterview.model import Finding, Report, Review
from napari_catheterview.session import OPEN, ReviewSession

RESEARCH = "RESEARCH USE ONLY - not a medical device"

PRIORITY_COLORS = {
    "emergent": "#ff453a",
    "urgent": "#ff9f0a",
    "soon": "#ffd60a",
    "routine": "#30d158",
    "cannot_tell": "#bf5af2",
}

#: Offered when a finding is rejected; any other words may be typed.
REASONS = (
    "metal or beam-hardening artefact",
    "normal anatomy",
    "normal loop or strain relief",
    "another device or wire",
    "outside the body",
    "wrong place on the catheter",
    "already known, unchanged",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One line of the findings table."""

    finding: Finding
    status: str
    said: tuple[Review, ...]

    @property
    def kind(self) -> str:
        """The kind in words."""
        return self.finding.kind.replace("_", " ")

    @property
    def place(self) -> str:
        """Segment and level in words."""
        segment = "" if self.finding.segment is None else self.finding.segment.replace("_", " ")
        return " ".join(part for part in (segment, self.finding.level) if part)

    @property
    def measures(self) -> str:
        """The measures with their units."""
        return ", ".join(measure_words(name, value) for name, value in self.finding.measures.items())

    @property
    def who(self) -> str:
        """Each reader's standing verdict, with time and reason."""
        return "\n".join(f"{r.reader}: {r.verdict} {r.at[:19]} {r.reason}".rstrip() for r in self.said)


def finding_rows(session: ReviewSession) -> tuple[FindingRow, ...]:
    """Return the findings of a session as lines."""
    return tuple(
        FindingRow(finding=finding, status=session.status(finding.id), said=session.standing(finding.id))
        for finding in session.findings
    )


def measure_words(name: str, value: float) -> str:
    """Write ``gap_mm`` 5.2 as ``gap 5.2 mm``."""
    stem, _, unit = name.rpartition("_")
    units = {"mm": "mm", "deg": "°", "hu": "HU", "ml": "ml", "s": "s", "cm": "cm"}
    if not stem or unit not in units:
        return f"{name.replace('_', ' ')} {value:.3g}"
    return f"{stem.replace('_', ' ')} {value:.1f} {units[unit]}"


def finding_words(row: FindingRow) -> str:
    """Return the message with measures and cautions, a line each."""
    lines = [row.finding.message, row.measures, *(f"Caution: {caution}" for caution in row.finding.cautions)]
    return "\n".join(line for line in lines if line)


def progress_words(session: ReviewSession) -> str:
    """Say how far the reader is."""
    count = len(session.findings)
    if count == 0:
        return "The program flagged nothing. This does not mean that nothing is there: read what was examined."
    return f"{count - session.undecided} of {count} findings have a verdict"


def saved_words(review: Review) -> str:
    """Say what was saved, when and by whom."""
    reason = f" ({review.reason})" if review.reason else ""
    return f"Saved {review.at[11:19]} UTC by {review.reader}: {review.verdict}{reason}"


def signed_words(session: ReviewSession) -> str:
    """Say who has signed, and how many findings have no verdict: they stand in the report as the program has them."""
    left = session.undecided
    said = f", {left} of {len(session.findings)} findings without a verdict" if left else ""
    return f"Signed by {session.reader}{said}"


def not_examined_words(report: Report) -> str:
    """Say what the program could not examine, a line each; empty when it examined all."""
    silent = [e for e in report.examined if e.outcome != "RAN"]
    return "\n".join(f"{e.detector}: {e.outcome.lower()}: {e.why}" for e in silent)


def status_words(status: str) -> str:
    """Return the status as the table shows it."""
    return "-" if status == OPEN else status
