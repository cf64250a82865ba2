"""The figures of one kind of finding over a cohort: found, falsely alarmed, told by study, ranked, calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from catheterview.geometry import FloatArray
from catheterview.limits.score import ScoreLimits
from catheterview.score.case import CaseScore
from catheterview.score.interval import bootstrap
from catheterview.score.match import FalseAlarm, Hit, Miss
from catheterview.score.measure import Measure, mean, rate, share, undefined

ANY = "any fault"
#: False alarms for each study at which the FROC is read (LUNA16's convention).
CPM_RATES = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """One kind over all cases.

    Parameters
    ----------
    hits, misses : tuple
        Only those large enough to count.
    false_alarms : tuple
    positive, flagged, answered : (N,) of bool, one a case
        Has it; was said to have it; got an answer at all.
    scores : (N,) of float
        Highest score given to it in that case, 0 where none was.
    usable : (N,) of bool
        False where it is there, but too small to ask for.
    suspected : int
        True findings, large enough to count, in studies that were said to have that kind.
    """

    kind: str
    studies: int
    hits: tuple[Hit, ...]
    misses: tuple[Miss, ...]
    false_alarms: tuple[FalseAlarm, ...]
    positive: tuple[bool, ...]
    flagged: tuple[bool, ...]
    answered: tuple[bool, ...]
    scores: tuple[float, ...]
    usable: tuple[bool, ...]
    suspected: int


def verdicts(kind: str, cases: Sequence[CaseScore]) -> Verdicts:
    """Gather what was said about one kind; `ANY` for all kinds together."""

    def among(kinds: Sequence[str] | dict[str, float]) -> bool:
        return bool(kinds) if kind == ANY else kind in kinds

    def asked(one: Hit | Miss | FalseAlarm) -> bool:
        return kind in (ANY, one.kind)

    scored = [[score for name, score in case.found_kinds.items() if kind in (ANY, name)] for case in cases]
    return Verdicts(
        kind=kind,
        studies=len(cases),
        hits=tuple(one for case in cases for one in case.hits if asked(one) and one.counted),
        misses=tuple(one for case in cases for one in case.misses if asked(one) and one.counted),
        false_alarms=tuple(one for case in cases for one in case.false_alarms if asked(one)),
        positive=tuple(among(case.true_kinds) for case in cases),
        flagged=tuple(among(dict(case.found_kinds)) for case in cases),
        answered=tuple(not case.abstained for case in cases),
        scores=tuple(max(scores, default=0.0) for scores in scored),
        suspected=sum(_suspected(case, kind) for case in cases),
        usable=tuple(among(case.true_kinds) or not among(case.true_but_small) for case in cases),
    )


def _suspected(case: CaseScore, kind: str) -> int:
    """Count the true findings of one case that lie in a study said to have that kind."""
    there: list[Hit | Miss] = [*case.hits, *case.misses]
    return sum(kind in (ANY, one.kind) and one.counted and one.kind in case.found_kinds for one in there)


def finding_measures(told: Verdicts, limits: ScoreLimits) -> tuple[Measure, ...]:
    """Give the figures counted by finding: sensitivity, false alarms, where, and in which segment."""
    about, hits, none = told.kind, told.hits, f"no study has {told.kind}"
    placed = [hit for hit in hits if hit.true_segment]
    right = sum(hit.segment == hit.true_segment for hit in placed)
    unfound = "none was found"
    return (
        share(about, "sensitivity by finding", count=len(hits), of=len(hits) + len(told.misses), why=none),
        share(
            about,
            f"within {limits.match_mm:g} mm, in studies flagged for it",
            count=len(hits),
            of=told.suspected,
            why="no such study was flagged",
        ),
        rate(about, "false alarms", count=len(told.false_alarms), studies=told.studies),
        mean((about, "localisation error", "mm"), [hit.distance for hit in hits], limits, why=unfound),
        mean(
            (about, "arc length error", "mm"),
            [hit.arc_error for hit in hits],
            limits,
            why=unfound + ", or no arc length given",
        ),
        share(about, "right segment, of those found", count=right, of=len(placed), why=unfound),
    )


def study_measures(told: Verdicts, limits: ScoreLimits) -> tuple[Measure, ...]:
    """Give the figures counted by study; a study without an answer counts as a wrong one."""
    about = told.kind
    rows = [
        (was, said and given, (not said) and given)
        for was, said, given, use in zip(told.positive, told.flagged, told.answered, told.usable, strict=True)
        if use
    ]
    sick, well = [row for row in rows if row[0]], [row for row in rows if not row[0]]
    told_sick = sum(row[1] for row in rows)
    return (
        *_predictive(about, sick, well, limits),
        share(
            about, "sensitivity by study", count=sum(row[1] for row in sick), of=len(sick), why=f"no study has {about}"
        ),
        share(
            about,
            "specificity by study",
            count=sum(row[2] for row in well),
            of=len(well),
            why=f"every study has {about}",
        ),
        share(
            about,
            "positive predictive value here",
            count=sum(row[1] for row in sick),
            of=told_sick,
            why="no study was flagged",
        ),
        area_under_curve(told, limits),
    )


def _predictive(
    about: str, sick: Sequence[tuple[bool, bool, bool]], well: Sequence[tuple[bool, bool, bool]], limits: ScoreLimits
) -> tuple[Measure, ...]:
    """Give the predictive values that these sensitivities and specificities mean at the stated prevalence."""
    names = [f"{sign} predictive value at prevalence {limits.prevalence:g}" for sign in ("positive", "negative")]
    if not sick or not well:
        return tuple(undefined(about, name, why="needs studies with it and without it") for name in names)
    values = predictive_values(
        sum(row[1] for row in sick) / len(sick),
        sum(row[2] for row in well) / len(well),
        prevalence=limits.prevalence,
    )
    return tuple(
        undefined(about, name, why="no study would be called so")
        if value is None
        else Measure(about=about, name=name, value=value, count=len(sick) + len(well))
        for name, value in zip(names, values, strict=True)
    )


def predictive_values(
    sensitivity: float, specificity: float, *, prevalence: float
) -> tuple[float | None, float | None]:
    """Positive and negative predictive value at a stated prevalence, by Bayes' rule; None where undefined."""
    flagged = sensitivity * prevalence + (1.0 - specificity) * (1.0 - prevalence)
    quiet = (1.0 - sensitivity) * prevalence + specificity * (1.0 - prevalence)
    return (
        sensitivity * prevalence / flagged if flagged else None,
        specificity * (1.0 - prevalence) / quiet if quiet else None,
    )


def area_under_curve(told: Verdicts, limits: ScoreLimits) -> Measure:
    """AUC of the study scores: the chance that a study that has it scores above one that has not, ties half."""
    rows = np.array([told.positive, told.scores, told.usable], dtype=float).T
    rows = rows[rows[:, 2] > 0, :2]
    if not rows[:, 0].any() or rows[:, 0].all():
        return undefined(told.kind, "AUC by study", why="needs studies with it and without it")
    value = float(_areas(rows[None])[0])
    low, high = bootstrap(rows, _areas, limits) or (None, None)
    return Measure(
        about=told.kind,
        name="AUC by study",
        value=value,
        low=low,
        high=high,
        count=len(rows),
        interval="bootstrap 95 %",
    )


def _areas(draws: FloatArray) -> FloatArray:
    """AUC of each of (B, N, 2) draws of (positive, score), by ranks; NaN where one class is missing."""
    positive, ranks = draws[..., 0] > 0, stats.rankdata(draws[..., 1], axis=1)
    sick = positive.sum(axis=1)
    both = sick * (positive.shape[1] - sick)
    above = (ranks * positive).sum(axis=1) - sick * (sick + 1) / 2.0
    return np.asarray(np.divide(above, both, out=np.full(len(draws), np.nan), where=both > 0))


def froc(told: Verdicts) -> tuple[tuple[float, float], ...]:
    """Return (false alarms for each study, sensitivity by finding) as the score threshold falls; (0, 0) first.

    A report holds only what passed its own threshold: beyond the last point the curve goes on level.
    """
    hits = np.array([hit.score for hit in told.hits])
    alarms = np.array([alarm.score for alarm in told.false_alarms])
    true = len(told.hits) + len(told.misses)
    if not true or not told.studies:
        return ()
    levels = np.unique(np.concatenate([hits, alarms]))[::-1]
    points = [(float((alarms >= n).sum() / told.studies), float((hits >= n).sum() / true)) for n in levels]
    return ((0.0, 0.0), *points)


def competition_measure(told: Verdicts) -> Measure:
    """CPM: the FROC's sensitivity, averaged over 1/8 to 8 false alarms for each study."""
    curve = froc(told)
    if not curve:
        return undefined(told.kind, "CPM", why=f"no study has {told.kind}")
    at = [max(height for alarms, height in curve if alarms <= wanted) for wanted in CPM_RATES]
    return Measure(about=told.kind, name="CPM", value=float(np.mean(at)), count=len(told.hits) + len(told.misses))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Findings of about one score: how many, their mean score, and how many of them are real."""

    count: int
    mean_score: float
    real: float


def reliability(told: Verdicts, *, bins: int = 5) -> tuple[Bin, ...]:
    """Return the reliability plot's points: reported findings by score, in equal steps; empty bins left out."""
    rows = np.array([(one.score, 1.0) for one in told.hits] + [(one.score, 0.0) for one in told.false_alarms])
    if not len(rows):
        return ()
    which = np.minimum((rows[:, 0] * bins).astype(int), bins - 1)
    parts = [rows[which == n] for n in range(bins) if (which == n).any()]
    return tuple(
        Bin(count=len(part), mean_score=float(part[:, 0].mean()), real=float(part[:, 1].mean())) for part in parts
    )


def calibration_measures(told: Verdicts, limits: ScoreLimits) -> tuple[Measure, ...]:
    """Give the Brier score and the expected calibration error of the scores of reported findings."""
    errors = [(1.0 - one.score) ** 2 for one in told.hits] + [one.score**2 for one in told.false_alarms]
    brier = mean((told.kind, "Brier score of findings", "1"), errors, limits, why="nothing was reported")
    parts = reliability(told)
    if not parts:
        return brier, undefined(told.kind, "calibration error", why="nothing was reported")
    total = sum(part.count for part in parts)
    gap = sum(part.count * abs(part.mean_score - part.real) for part in parts) / total
    return brier, Measure(about=told.kind, name="calibration error", value=gap, count=total)
