"""What is said about one case, and what the radiologist says to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catheterview.model.centreline import Centreline
from catheterview.model.device import Implant, Pump
from catheterview.model.finding import Examined, Finding
from catheterview.model.mark import Mark
from catheterview.model.vocabulary import Priority, Rung, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with the input or with one stage; the rest of the case goes on.

    Parameters
    ----------
    path_or_uid : str
        The file (relative to what the user gave) or the UID that it is about.
    stage : str
        The room that met it: read, device, anatomy, trace, detect, ladder, picture, export.
    reason : str
        Begins with the name of the rule where there is one, such as ``missing slice: …``.
    """

    path_or_uid: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node of the decision ladder that was passed, with its answer, the reason and the source."""

    node: str
    answer: str
    why: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where the case stands on the ladder and what comes next.

    Parameters
    ----------
    step : str
        Id of the node where the case now stands.
    also : tuple of str
        Other nodes that run in parallel.
    because : tuple of str
        Ids of the findings that decided.
    ask : tuple of str
        Names of the missing facts that would decide, most useful first.
    """

    step: str
    action: str
    urgency: Priority
    also: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    trail: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRecord:
    """A series as the report names it."""

    series_instance_uid: str
    modality: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """A study as the report names it; `date` is ISO 8601 or empty."""

    study_instance_uid: str
    date: str
    rung: Rung
    series: tuple[SeriesRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeyImage:
    """A picture made by `picture` for a report.

    Parameters
    ----------
    name : str
        File-name-like, unique in the report: ``mip-coronal``, ``cpr``, ``finding-<id>``.
    caption : str
    png : bytes
    finding_id : str or None
        The finding that it is a close-up of.
    """

    name: str
    caption: str
    png: bytes
    finding_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """All that was found out about one case; what `report.json` holds."""

    version: str
    case_id: str
    priority: Priority
    studies: tuple[StudyRecord, ...]
    pumps: tuple[Pump, ...]
    catheters: tuple[Centreline, ...]
    findings: tuple[Finding, ...]
    examined: tuple[Examined, ...]
    decision: Decision
    problems: tuple[Problem, ...] = ()
    implants: tuple[Implant, ...] = ()
    limits: Mapping[str, object] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One verdict of one reader on one finding; never changed, only followed by another.

    Parameters
    ----------
    finding_id : str
        Empty for a verdict on the case as a whole: ``signed``, or ``corrected`` where the catheter was drawn anew.
    reason : str
        Why it was rejected, or a remark.
    at : str
        ISO 8601 with time zone.
    version : str
        Of catheterview, when the verdict was given.
    mark : Mark or None
        What was missed and where, or the line of a corrected catheter.
    """

    case_id: str
    finding_id: str
    verdict: Verdict
    reader: str
    at: str
    version: str
    reason: str = ""
    mark: Mark | None = None
