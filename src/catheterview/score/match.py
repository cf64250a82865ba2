"""Which finding of a report is which finding of truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from catheterview.errors import InputError
from catheterview.geometry import FloatArray
from catheterview.limits.score import ScoreLimits

#: What a report says when it could not look; an abstention, never a hit or a false alarm.
NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A finding of the report that is one of truth.

    Parameters
    ----------
    distance : float
        Between the two points: the localisation error, in the unit of the frame.
    arc_error : float or None
        Difference of arc length from the pump in mm; None where either file gives none.
    segment, true_segment, level, true_level : str or None
    size : mapping of str to float
        Measures of truth, for subgroups: ``gap_mm``, ``turn_deg``.
    counted : bool
        Whether the fault is as large as the bars ask; a smaller one is neither asked for nor held against the report.
    """

    kind: str
    score: float
    distance: float
    arc_error: float | None
    segment: str | None
    true_segment: str | None
    level: str | None
    true_level: str | None
    size: Mapping[str, float]
    counted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A finding of truth that the report does not have; `called` is another kind reported in its place."""

    kind: str
    true_segment: str | None
    size: Mapping[str, float]
    counted: bool
    called: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """A finding of the report that truth does not have."""

    kind: str
    score: float
    segment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """All findings of one case, each in exactly one place (abstentions left out)."""

    hits: tuple[Hit, ...]
    misses: tuple[Miss, ...]
    false_alarms: tuple[FalseAlarm, ...]


def match_findings(report: Mapping[str, Any], truth: Mapping[str, Any], limits: ScoreLimits) -> Matches:
    """Match findings of one kind one to one, by the least total distance, none farther than `match_mm`.

    Parameters
    ----------
    report, truth : mapping
        With ``findings`` as in report.json.

    Notes
    -----
    A gap has a length: the distance that decides whether two are the same is to the true gap's line between its
    loose ends, where truth gives them; a pool of contrast or fluid has an extent, and the distance is to the nearest
    point of that. A second finding on a true one is a false alarm in the same series and is left
    out in another series of the study, which shows the same thing again.

    Raises
    ------
    InputError
        When a finding has no kind or no point.
    """
    found = [_checked(entry) for entry in report.get("findings") or [] if entry.get("kind") != NOT_ASSESSABLE]
    true = [_checked(entry) for entry in truth.get("findings") or [] if entry.get("kind") != NOT_ASSESSABLE]
    near = _nearness(found, true, limits)
    pairs = _assign(near, _same_kind(found, true))
    spare = sorted(set(range(len(found))) - set(pairs.values()))
    missed = sorted(set(range(len(true))) - set(pairs))
    swapped = _assign(_only(near, missed, spare), ~_same_kind(found, true))
    alarms = [m for m in spare if not _repeats(m, found, true, near)]
    return Matches(
        hits=tuple(_hit(found[m], true[n], limits) for n, m in sorted(pairs.items())),
        misses=tuple(_miss(true[n], found[swapped[n]] if n in swapped else None, limits) for n in missed),
        false_alarms=tuple(
            FalseAlarm(kind=found[m]["kind"], score=_score(found[m]), segment=found[m].get("segment")) for m in alarms
        ),
    )


def is_counted(kind: str, measures: Mapping[str, float], limits: ScoreLimits) -> bool:
    """Say whether a true fault is as large as the bars ask; one whose size is not given is."""
    if kind == "discontinuity":
        return measures.get("gap_mm", limits.gap_min_mm) >= limits.gap_min_mm
    if kind == "kink":
        tight = measures.get("radius_mm", 0.0) <= limits.kink_radius_max_mm
        return tight and measures.get("turn_deg", limits.kink_turn_min_deg) >= limits.kink_turn_min_deg
    return True


def _checked(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse a finding without a kind or a place."""
    point = entry.get("point")
    if not isinstance(entry.get("kind"), str) or not isinstance(point, Sequence) or len(point) not in (2, 3):
        raise InputError("a finding needs a kind and a point", where=f"findings {entry.get('id', '')}")
    return entry


def _score(entry: Mapping[str, Any]) -> float:
    """How sure the report is of a finding; 1 where it does not say."""
    return float(entry.get("score", 1.0))


def _nearness(found: Sequence[Mapping[str, Any]], true: Sequence[Mapping[str, Any]], limits: ScoreLimits) -> FloatArray:
    """Return (true, found) distances as shares of the tolerance; infinite where it is exceeded or frames differ."""
    table = np.full((len(true), len(found)), np.inf)
    for n, expected in enumerate(true):
        for m, entry in enumerate(found):
            share = _distance(entry, expected) / _tolerance(expected, limits)
            if _one_place(entry, expected) and share <= 1.0:
                table[n, m] = share
    return table


def _tolerance(entry: Mapping[str, Any], limits: ScoreLimits) -> float:
    """Pick the tolerance of a finding's frame: mm where there are mm, pixels on a film without a scale."""
    return limits.match_mm if entry.get("frame", "PATIENT") == "PATIENT" else limits.match_px


def _one_place(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Say whether two findings may be held against each other: one frame and, on films, one image."""
    frame = first.get("frame", "PATIENT")
    if frame != second.get("frame", "PATIENT") or len(first["point"]) != len(second["point"]):
        return False
    return frame == "PATIENT" or first.get("sop_instance_uid") == second.get("sop_instance_uid")


def _distance(entry: Mapping[str, Any], expected: Mapping[str, Any]) -> float:
    """Distance from a reported point to a true one, its extent, or the line between its ends: the nearest."""
    point, at = np.asarray(entry["point"], dtype=float), np.asarray(expected["point"], dtype=float)
    if point.shape != at.shape:
        return float("inf")
    extent = np.asarray(expected.get("extent") or [at], dtype=float)
    to_point = float(min(np.linalg.norm(point - at), np.linalg.norm(extent - point, axis=1).min()))
    ends = expected.get("ends") or []
    if len(ends) != 2:
        return to_point
    first, last = (np.asarray(end, dtype=float) for end in ends)
    along = last - first
    share = float(np.clip((point - first) @ along / max(float(along @ along), 1e-18), 0.0, 1.0))
    return min(to_point, float(np.linalg.norm(point - first - share * along)))


def _same_kind(found: Sequence[Mapping[str, Any]], true: Sequence[Mapping[str, Any]]) -> NDArray[np.bool_]:
    """Return (true, found) bool: the two name one kind."""
    table = [[entry["kind"] == expected["kind"] for entry in found] for expected in true]
    return np.array(table, dtype=bool).reshape(len(true), len(found))


def _only(near: FloatArray, rows: Sequence[int], columns: Sequence[int]) -> FloatArray:
    """Return the table with everything outside these rows and columns out of reach."""
    kept = np.full_like(near, np.inf)
    kept[np.ix_(rows, columns)] = near[np.ix_(rows, columns)]
    return kept


def _assign(near: FloatArray, allowed: NDArray[np.bool_]) -> dict[int, int]:
    """Pair rows with columns: as many as can be, then the least total distance.

    A pair that is out of reach costs more than all that are within it together, so that it is taken only to fill up
    the square, and dropped afterwards.
    """
    within = np.isfinite(near) & allowed
    cost = np.where(within, near, 1.0 + 2.0 * min(near.shape, default=0))
    rows, columns = linear_sum_assignment(cost)
    return {int(n): int(m) for n, m in zip(rows, columns, strict=True) if within[n, m]}


def _repeats(m: int, found: Sequence[Mapping[str, Any]], true: Sequence[Mapping[str, Any]], near: FloatArray) -> bool:
    """Say whether a spare finding shows a true one again, in another series of the study."""
    here = found[m].get("series_instance_uid")
    return any(
        np.isfinite(near[n, m]) and expected["kind"] == found[m]["kind"] and _elsewhere(expected, here)
        for n, expected in enumerate(true)
    )


def _elsewhere(expected: Mapping[str, Any], series_instance_uid: str | None) -> bool:
    """Say whether truth names a series, and it is another one."""
    named = expected.get("series_instance_uid")
    return bool(named) and named != series_instance_uid


def _measures(entry: Mapping[str, Any]) -> dict[str, float]:
    """Read a finding's measures."""
    return {str(name): float(value) for name, value in (entry.get("measures") or {}).items()}


def _hit(entry: Mapping[str, Any], expected: Mapping[str, Any], limits: ScoreLimits) -> Hit:
    """Describe one match."""
    size, own = _measures(expected), _measures(entry)
    both = "arc_mm" in size and "arc_mm" in own
    return Hit(
        kind=expected["kind"],
        score=_score(entry),
        distance=float(np.linalg.norm(np.subtract(entry["point"], expected["point"]))),
        arc_error=abs(own["arc_mm"] - size["arc_mm"]) if both else None,
        segment=entry.get("segment"),
        true_segment=expected.get("segment"),
        level=entry.get("level"),
        true_level=expected.get("level"),
        size=size,
        counted=is_counted(expected["kind"], size, limits),
    )


def _miss(expected: Mapping[str, Any], called: Mapping[str, Any] | None, limits: ScoreLimits) -> Miss:
    """Describe one true finding that was not found under its name."""
    size = _measures(expected)
    return Miss(
        kind=expected["kind"],
        true_segment=expected.get("segment"),
        size=size,
        counted=is_counted(expected["kind"], size, limits),
        called=None if called is None else str(called["kind"]),
    )
