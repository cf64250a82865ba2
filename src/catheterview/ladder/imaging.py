"""What is known of each kind of study: what triage has read, joined with what the record says of other reads.

The two never contradict silently: an abnormal read stands whoever made it, and the disagreement is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catheterview.ladder.facts import MASS_FINDINGS, Facts, ImagingResult, Result
from catheterview.ladder.reading import Reading
from catheterview.model import Examined, Finding, Kind, Rung

#: Lines of `Examined` that are stages of reading, not detectors: that they ran says nothing of findings.
STAGES = frozenset({"read", "device", "anatomy", "masks", "trace", "picture", "export", "other_series"})
#: Studies, in the order of the ladder.
STUDIES = (Rung.RADIOGRAPH, Rung.FLUOROSCOPY, Rung.CT, Rung.CAP_CT, Rung.SPECT_CT, Rung.LP_CT, Rung.MRI)

PUMP_KINDS = frozenset({Kind.PUMP_ROTATION, Kind.PUMP_FLIP, Kind.PUMP_MIGRATION, Kind.ROTOR_NOT_TURNING})
TRACER_LEAK_KINDS = frozenset({Kind.TRACER_POSTERIOR_TO_PUMP, Kind.TRACER_INTERRUPTION, Kind.TRACER_POOLING})
#: Seen and worth telling, but no defect that decides where the ladder goes.
NEUTRAL_KINDS = frozenset({Kind.NOT_ASSESSABLE, Kind.ECTASIA, Kind.SEROMA, "intramedullary_tip"})
MASS_KINDS = frozenset({Kind.FILLING_DEFECT, *MASS_FINDINGS})
DEFECT_KINDS = frozenset(
    {
        Kind.DISCONTINUITY, Kind.KINK, Kind.MIGRATION, Kind.TIP_MALPOSITION, Kind.EXTRAVASATION, Kind.CONNECTOR_LEAK,
        Kind.POCKET_POOLING, Kind.RETROGRADE_TRACKING, Kind.TIP_LOCULATION, Kind.INADEQUATE_POOLING,
        Kind.FLOW_OBSTRUCTION, Kind.SUBDURAL_PATTERN, Kind.EPIDURAL_PATTERN, *TRACER_LEAK_KINDS,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What is known of one kind of study.

    Parameters
    ----------
    result : str or None
        None where nothing is known, not even that it was not done.
    kinds : frozenset of str
        Kinds of finding, of the record and of triage.
    findings : tuple of Finding
        Those of triage.
    note : str
        What the two reads disagree on, or what was not assessed; empty when there is nothing to tell.
    """

    rung: Rung
    result: Result | None = None
    kinds: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    note: str = ""

    @property
    def done(self) -> bool:
        """Whether there is a result, whatever it is."""
        return self.result in ("normal", "abnormal", "nondiagnostic")

    def ids(self, kinds: frozenset[str]) -> tuple[str, ...]:
        """Ids of triage's findings of some kinds."""
        return tuple(finding.id for finding in self.findings if finding.kind in kinds)


def shows_mass(mri: Seen) -> bool:
    """Whether an MRI shows a mass or compression; abnormal without a word what it is counts as one."""
    return mri.result == "abnormal" and (not mri.kinds or bool(mri.kinds & MASS_KINDS))


def imaging(facts: Facts, reading: Reading) -> Mapping[Rung, Seen]:
    """Join record and reading for every kind of study."""
    return {rung: _joined(rung, getattr(facts.img, rung.value), reading) for rung in STUDIES}


def _joined(rung: Rung, recorded: ImagingResult, reading: Reading) -> Seen:
    written = _recorded_result(recorded)
    read, findings, note = _read_result(rung, reading)
    result = written if read is None else _worse(written, read)
    if written is not None and read is not None and written != read and written != "not_done":
        note = f"the record says {written}, triage read {read}; {note}".rstrip("; ")
    kinds = frozenset(recorded.findings) | frozenset(finding.kind for finding in findings)
    return Seen(rung=rung, result=result, kinds=kinds, findings=findings, note=note)


def _recorded_result(recorded: ImagingResult) -> Result | None:
    """The recorded result; findings without one make it abnormal."""
    if recorded.result is not None or not recorded.findings:
        return recorded.result
    return "nondiagnostic" if set(recorded.findings) == {Kind.NOT_ASSESSABLE} else "abnormal"


def _read_result(rung: Rung, reading: Reading) -> tuple[Result | None, tuple[Finding, ...], str]:
    """What triage made of this kind of study; None where it read none, or nothing of it could be examined."""
    findings = tuple(each for each in reading.findings if _belongs(each, rung, reading))
    if any(finding.kind not in NEUTRAL_KINDS for finding in findings):
        return "abnormal", findings, _left_out(rung, reading)
    if rung not in reading.rungs:
        return None, findings, ""
    note = _left_out(rung, reading)
    if not any(each.outcome == "RAN" for each in _detectors(rung, reading)):
        return None, findings, f"nothing of it could be examined: {note or 'no detector ran'}"
    unsure = note or any(finding.kind == Kind.NOT_ASSESSABLE for finding in findings)
    return ("nondiagnostic" if unsure else "normal"), findings, note


def _belongs(finding: Finding, rung: Rung, reading: Reading) -> bool:
    """Whether a finding is of this kind of study; one of a series that is not named counts for all that were read."""
    named = reading.rung_of.get(finding.series_instance_uid)
    return rung in reading.rungs if named is None else named == rung


def _detectors(rung: Rung, reading: Reading) -> tuple[Examined, ...]:
    return tuple(each for each in reading.examined if each.detector not in STAGES and _looked_at(each, rung, reading))


def _looked_at(examined: Examined, rung: Rung, reading: Reading) -> bool:
    rungs = {reading.rung_of[uid] for uid in examined.series_instance_uids if uid in reading.rung_of}
    return not rungs or rung in rungs


def _left_out(rung: Rung, reading: Reading) -> str:
    """Name the detectors that did not run, with why."""
    left = [each for each in _detectors(rung, reading) if each.outcome != "RAN"]
    return "; ".join(f"{each.detector} {each.outcome}{f' ({each.why})' if each.why else ''}" for each in left)


def _worse(written: Result | None, read: Result) -> Result:
    """The result that stands: abnormal by either, else what a person recorded, else what triage read."""
    if "abnormal" in (written, read):
        return "abnormal"
    return read if written in (None, "not_done") else written
