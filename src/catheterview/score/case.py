"""One report against the truth of its study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from catheterview.limits.score import ScoreLimits
from catheterview.score.course import CourseScore, score_courses
from catheterview.score.match import NOT_ASSESSABLE, FalseAlarm, Hit, Miss, match_findings

#: Of a phantom's recipe, for subgroups when a truth file has no tags.
_DIALS = ("background", "fault", "place", "wall_hu", "slice_thickness_mm", "noise_hu", "gap_mm", "loops")


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpScore:
    """The pumps of one case: how many were there, found, invented, and how far off each one found is."""

    true: int
    found: int
    spare: int
    center_error_mm: tuple[float, ...] = ()
    normal_error_deg: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseScore:
    """One case's report held against truth.

    Parameters
    ----------
    study_instance_uid : str
    reported : bool
        False where there was no report for this study: everything in it then counts as missed.
    courses : tuple of CourseScore
        One for each true catheter.
    spare_catheters : int
        Traced where truth has none.
    true_kinds : tuple of str
        Each kind of fault that is there, large enough to count, once.
    true_but_small : tuple of str
        Kinds that are there only in a size that the bars do not ask for; no study counts as negative for these.
    found_kinds : mapping of str to float
        Each kind that was reported, with its highest score.
    abstained : bool
        There is a catheter and the report gives no answer about it: no report, priority ``cannot_tell``, or a catheter
        that was not traced; and no finding either.
    not_assessable : int
        Findings that say of one part that it could not be judged.
    tags : mapping
        What the case is, for subgroups: ``tags`` of the truth file, else dials of its ``recipe``.
    """

    study_instance_uid: str
    reported: bool
    courses: tuple[CourseScore, ...]
    spare_catheters: int
    pumps: PumpScore
    hits: tuple[Hit, ...]
    misses: tuple[Miss, ...]
    false_alarms: tuple[FalseAlarm, ...]
    true_kinds: tuple[str, ...]
    true_but_small: tuple[str, ...] = ()
    found_kinds: Mapping[str, float]
    abstained: bool
    not_assessable: int
    tags: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None


def score_case(
    report: Mapping[str, Any] | None, truth: Mapping[str, Any], *, limits: ScoreLimits | None = None
) -> CaseScore:
    """Hold one report against the truth of its study.

    Parameters
    ----------
    report : mapping or None
        Contents of report.json; None where triage left none.
    truth : mapping
        Contents of truth.json: ``study_instance_uid``, ``catheters``, ``pumps``, ``findings``, perhaps ``tags``.
    limits : ScoreLimits, optional

    Returns
    -------
    CaseScore

    Raises
    ------
    InputError
        When either cannot be read; the message names the entry.
    """
    limits, given = limits or ScoreLimits(), report or {}
    courses, spare = score_courses(given, truth, limits)
    matches = match_findings(given, truth, limits)
    there: list[Hit | Miss] = [*matches.hits, *matches.misses]
    kinds = {one.kind for one in there if one.counted}
    return CaseScore(
        study_instance_uid=str(truth.get("study_instance_uid", "")),
        reported=report is not None,
        courses=courses,
        spare_catheters=spare,
        pumps=_score_pumps(given.get("pumps") or [], truth.get("pumps") or [], limits),
        hits=matches.hits,
        misses=matches.misses,
        false_alarms=matches.false_alarms,
        true_kinds=tuple(sorted(kinds)),
        true_but_small=tuple(sorted({one.kind for one in there} - kinds)),
        found_kinds=_found_kinds(given),
        abstained=_abstained(report, courses),
        not_assessable=sum(entry["kind"] == NOT_ASSESSABLE for entry in given.get("findings") or []),
        tags=_tags(truth),
        seconds=_seconds(given),
    )


def _tags(truth: Mapping[str, Any]) -> dict[str, Any]:
    """Return what tells the case apart: its own tags, or the dials of the phantom's recipe that matter most."""
    recipe = truth.get("recipe") or {}
    return dict(truth.get("tags") or {name: recipe[name] for name in _DIALS if name in recipe})


def _found_kinds(report: Mapping[str, Any]) -> dict[str, float]:
    """Return the highest score of each kind that a report names."""
    best: dict[str, float] = {}
    for entry in report.get("findings") or []:
        if entry["kind"] != NOT_ASSESSABLE:
            best[entry["kind"]] = max(best.get(entry["kind"], 0.0), float(entry.get("score", 1.0)))
    return dict(sorted(best.items()))


def _abstained(report: Mapping[str, Any] | None, courses: Sequence[CourseScore]) -> bool:
    """Say whether a report gives no answer where there was something to answer for."""
    if report is None:
        return True
    untraced = any(not course.traced for course in courses)
    unsaid = bool(courses) and report.get("priority") == "cannot_tell"
    return (untraced or unsaid) and not _found_kinds(report)


def _seconds(report: Mapping[str, Any]) -> float | None:
    """Sum of the stages' times, None where the report has none."""
    times = report.get("seconds") or {}
    return float(times.get("total", sum(times.values()))) if times else None


def _score_pumps(
    found: Sequence[Mapping[str, Any]], true: Sequence[Mapping[str, Any]], limits: ScoreLimits
) -> PumpScore:
    """Pair pumps by the distance of their centres, none farther than `pump_mm`."""
    centers = [np.reshape([entry["center_mm"] for entry in entries], (-1, 3)) for entries in (true, found)]
    away = np.linalg.norm(centers[0][:, None] - centers[1][None], axis=2)
    rows, columns = linear_sum_assignment(np.minimum(away, 10.0 * limits.pump_mm))
    pairs = [(int(n), int(m)) for n, m in zip(rows, columns, strict=True) if away[n, m] <= limits.pump_mm]
    return PumpScore(
        true=len(true),
        found=len(pairs),
        spare=len(found) - len(pairs),
        center_error_mm=tuple(float(away[n, m]) for n, m in pairs),
        normal_error_deg=tuple(_turned_deg(found[m].get("normal"), true[n].get("normal")) for n, m in pairs),
    )


def _turned_deg(first: Sequence[float] | None, second: Sequence[float] | None) -> float:
    """Angle between two disc axes, sign left aside; 0 where either file gives none."""
    if not first or not second:
        return 0.0
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    cosine = abs(float(one @ other)) / float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(min(1.0, cosine))))
