"""All volumes of a study read together: what each detector finds, or why it cannot tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from catheterview.detect.contract import Detection
from catheterview.detect.nuclear.block import block_of, block_shows
from catheterview.detect.nuclear.leak import Spot, at_times, merged, spots_of
from catheterview.detect.nuclear.measure import Measured, Profile, measure, uptake_of, usual_share
from catheterview.detect.nuclear.passage import Passage, passage_of
from catheterview.detect.nuclear.pool import pool_region
from catheterview.detect.nuclear.telling import course_said, elsewhere_said, leak_unseen
from catheterview.detect.nuclear.wording import of_block, of_passage, of_spot
from catheterview.errors import UnsuitableError
from catheterview.limits import Limits
from catheterview.model import Deposit, Examined, Finding, Kind, Outcome, TracerEvidence, Uptake

LEAK, PASSAGE, CSF = "tracer_leak", "tracer_passage", "tracer_csf"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TracerReading:
    """What came of a tracer study.

    Parameters
    ----------
    detections : tuple of Detection
        One for each of ``tracer_leak``, ``tracer_passage`` and ``tracer_csf``.
    uptakes : tuple of Uptake
        Along the catheter, one for each volume that could be measured.
    refused : tuple of (series_instance_uid, reason)
        Volumes that could not be.
    deposits : mapping of SeriesInstanceUID to tuple of Deposit
        Where the tracer of each leak is seen, by the CT that its volume lies on.
    """

    detections: tuple[Detection, ...]
    uptakes: tuple[Uptake, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    deposits: Mapping[str, tuple[Deposit, ...]] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all detectors."""
        return tuple(finding for one in self.detections for finding in one.findings)


def read_tracer(evidence: TracerEvidence, limits: Limits) -> TracerReading:
    """Read every volume of a tracer study.

    Parameters
    ----------
    evidence : TracerEvidence
    limits : Limits

    Returns
    -------
    TracerReading
        What is too early to be told, or cannot be told without a fact, is SKIPPED with that reason and never a finding.
    """
    measured, refused = _measured(evidence, limits)
    if not measured:
        why = "; ".join(dict.fromkeys(reason for _, reason in refused)) or "no SPECT volume"
        skipped = tuple(_said(evidence, name, "SKIPPED", why) for name in (LEAK, PASSAGE, CSF))
        return TracerReading(detections=skipped, refused=tuple(refused))
    uptakes = (uptake_of(one, evidence.delivery, limits.nuclear) for one in measured)
    leaks = _leaks(measured, limits)
    return TracerReading(
        detections=_detections(evidence, measured, leaks, limits),
        deposits=_deposits(leaks, limits),
        uptakes=tuple(one for one in uptakes if one is not None),
        refused=tuple(refused),
    )


def _measured(evidence: TracerEvidence, limits: Limits) -> tuple[list[Measured], list[tuple[str, str]]]:
    """Measure each volume; one that does not fit the CT does not stop the others."""
    measured, refused = [], []
    for scan in evidence.scans:
        try:
            measured.append(measure(scan, limits.nuclear))
        except UnsuitableError as error:
            refused.append((scan.image.series_instance_uid, error.reason))
    return measured, refused


def _leaks(measured: Sequence[Measured], limits: Limits) -> list[tuple[Measured, Spot]]:
    """Every leak once, with the volume that shows it best, strongest first."""
    spots = [(spot, one) for one in measured for spot in spots_of(one, limits.nuclear)]
    owner = {id(spot): one for spot, one in spots}
    return [(owner[id(spot)], spot) for spot in merged([spot for spot, _ in spots], limits.nuclear)]


def _deposits(leaks: Sequence[tuple[Measured, Spot]], limits: Limits) -> dict[str, tuple[Deposit, ...]]:
    """Where their tracer is seen."""
    found: dict[str, tuple[Deposit, ...]] = {}
    for one, spot in leaks:
        region = pool_region(one, spot, limits.nuclear)
        if region is not None:
            uid = one.scan.ct.image.series_instance_uid
            found[uid] = (*found.get(uid, ()), Deposit(substance="tracer", region=region))
    return found


def _detections(
    evidence: TracerEvidence,
    measured: Sequence[Measured],
    leaks: Sequence[tuple[Measured, Spot]],
    limits: Limits,
) -> tuple[Detection, ...]:
    """Ask the three questions of all volumes together."""
    passages = _passages(evidence, measured, limits)
    every = [spot for one in measured for spot in spots_of(one, limits.nuclear)]
    told = tuple(of_spot(one, spot, limits, at_times(spot, every, limits.nuclear)) for one, spot in leaks)
    unseen, least = leak_unseen(measured, evidence.delivery, limits.nuclear)
    left = "; ".join(part for part in (unseen, least, _near_pump(measured), elsewhere_said(measured)) if part)
    return (
        _said(evidence, LEAK, "SKIPPED" if unseen and not told else "RAN", left, told),
        _passage_detection(evidence, passages, [spot for _, spot in leaks], limits),
        _csf_detection(evidence, passages, limits),
    )


def _near_pump(measured: Sequence[Measured]) -> str:
    """How much of the catheter lies in the reservoir's blur, so that a small leak there would not be seen."""
    hidden = [one for one in measured if one.line is not None and not np.isfinite(one.line.sd).all()]
    if not hidden or hidden[-1].line is None:
        return "" if any(one.line is not None for one in measured) else "no catheter was traced: only the pump was read"
    count = int((~np.isfinite(hidden[-1].line.sd)).sum())
    return f"{count * hidden[-1].line.step_cm:.0f} cm of catheter lie in the blur of the reservoir"


def _passages(evidence: TracerEvidence, measured: Sequence[Measured], limits: Limits) -> list[tuple[Measured, Passage]]:
    """What each volume says of the way to the CSF."""
    return [(one, passage_of(one, evidence.delivery, limits.nuclear)) for one in measured]


def _passage_detection(
    evidence: TracerEvidence, passages: Sequence[tuple[Measured, Passage]], spots: Sequence[Spot], limits: Limits
) -> Detection:
    """The last volume that can tell decides; a leak that was found explains why tracer does not go further."""
    telling = [(one, passage) for one, passage in passages if passage.verdict != "cannot_tell"]
    course = course_said([one for one, _ in passages], limits.nuclear)
    if not telling:
        why = "; ".join((*dict.fromkeys(f"cannot tell: {passage.why}" for _, passage in passages), course))
        return _said(evidence, PASSAGE, "SKIPPED", why)
    one, last = telling[-1]
    if last.verdict == "passes":
        return _said(evidence, PASSAGE, "RAN", f"{last.why}; {course}")
    explained = _explained(last, spots, limits)
    if explained is None:
        return _said(evidence, PASSAGE, "RAN", f"{last.why}; the leak that was found explains it; {course}")
    return _said(evidence, PASSAGE, "RAN", course, (of_passage(one, explained, limits),))


def _explained(last: Passage, spots: Sequence[Spot], limits: Limits) -> Passage | None:
    """A fault on the way beside the leaks that were found; None where these explain it.

    A line that ends where tracer pools is interrupted there, and the pool says where; one that ends further on, or a
    canal that stays empty, is what a leak leaves behind it.
    """
    if not spots or last.kind is not Kind.TRACER_INTERRUPTION:
        return None if spots else last
    near = min(spots, key=lambda spot: abs(spot.arc_mm - last.arc_mm))
    if near.kind is not Kind.TRACER_POOLING or abs(near.arc_mm - last.arc_mm) > limits.nuclear.ends_at_mm:
        return None
    why = "tracer is seen up to here, where it pools, and not beyond"
    return replace(last, why=why, arc_mm=near.arc_mm, point=near.on_line)


def _csf_detection(evidence: TracerEvidence, passages: Sequence[tuple[Measured, Passage]], limits: Limits) -> Detection:
    """Look for a block where tracer is in the CSF for long enough to have spread."""
    arrived = [one for one, passage in passages if passage.verdict == "passes" and one.scan.ct.catheters]
    if not arrived:
        return _said(evidence, CSF, "SKIPPED", "cannot tell: no tracer is seen in the CSF")
    last = arrived[-1]
    due = evidence.delivery.arrival_h(last.tip_mm) + limits.nuclear.csf_spread_h
    if last.scan.hours is None or last.scan.hours < due:
        why = "cannot tell: how long tracer has had to spread in the CSF is not known"
        if np.isfinite(due) and last.scan.hours is not None:
            why = f"cannot tell: too early for tracer to have spread, look again at {np.ceil(due):.0f} h"
        return _said(evidence, CSF, "SKIPPED", why)
    per_cm = 0.0 if last.line is None else _lining(last.line, limits)
    block = block_of(last, last.scan.ct.catheters[0].points[-1], per_cm, limits.nuclear)
    if block is None and not block_shows(last, per_cm, limits.nuclear):
        why = "cannot tell: the CSF holds so little tracer that what lies beyond a block would not be told from it"
        return _said(evidence, CSF, "SKIPPED", why)
    return _said(evidence, CSF, "RAN", "", () if block is None else (of_block(last, block),))


def _lining(line: Profile, limits: Limits) -> float:
    """The most of the reservoir's activity that a filled centimetre of catheter in the canal holds."""
    return limits.nuclear.lining_times * usual_share(line, limits.nuclear) / line.step_cm


def _said(  # noqa: PLR0917 - a line of the report, in its own order
    evidence: TracerEvidence, name: str, outcome: Outcome, why: str, findings: tuple[Finding, ...] = ()
) -> Detection:
    uids = tuple(scan.image.series_instance_uid for scan in evidence.scans)
    examined = Examined(detector=name, series_instance_uids=uids, outcome=outcome, why=why)
    return Detection(findings=findings, examined=examined)
