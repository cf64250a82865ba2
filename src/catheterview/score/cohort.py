"""All cases together: every figure with its interval, curves, confusions and subgroups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from catheterview.limits.score import ScoreLimits
from catheterview.score.case import CaseScore
from catheterview.score.courses import course_measures, pump_measures
from catheterview.score.detection import (
    ANY,
    Bin,
    calibration_measures,
    competition_measure,
    finding_measures,
    froc,
    reliability,
    study_measures,
    verdicts,
)
from catheterview.score.measure import Measure, mean, share

#: Beyond this many different numbers a tag is cut into quarters of the cohort.
_MOST_VALUES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """The figures of the cases that share one value of one tag."""

    tag: str
    value: str
    cases: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a cohort's reports are worth.

    Parameters
    ----------
    measures : tuple of Measure
    curves : mapping of kind to points
        FROC: (false alarms for each study, sensitivity).
    bins : tuple of Bin
        Reliability of all findings' scores.
    segments, levels : tuple of (true, reported, count)
        Of findings that were matched; the vertebral level where truth gives one.
    kinds : tuple of (true, reported, count)
        A true finding and what it was called: its own kind, another, or ``nothing``; ``nothing`` and a kind for a
        false alarm.
    unreported : tuple of str
        Studies with truth and without a report: counted as missed.
    untold : tuple of str
        Reports without truth: left out.
    """

    cases: tuple[CaseScore, ...]
    measures: tuple[Measure, ...]
    curves: Mapping[str, tuple[tuple[float, float], ...]]
    bins: tuple[Bin, ...]
    segments: tuple[tuple[str, str, int], ...]
    levels: tuple[tuple[str, str, int], ...]
    kinds: tuple[tuple[str, str, int], ...]
    subgroups: tuple[Subgroup, ...]
    unreported: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    limits: ScoreLimits = field(default_factory=ScoreLimits)

    def measure(self, about: str, name: str) -> Measure:
        """Return one figure.

        Raises
        ------
        KeyError
            When there is none of that name.
        """
        for one in self.measures:
            if (one.about, one.name) == (about, name):
                return one
        raise KeyError(f"{about}: {name}")


def summarise(
    cases: Sequence[CaseScore],
    *,
    limits: ScoreLimits | None = None,
    untold: Sequence[str] = (),
    kinds: Sequence[str] = (),
) -> Summary:
    """Put cases together.

    Parameters
    ----------
    cases : sequence of CaseScore
    limits : ScoreLimits, optional
        Those that the cases were scored with.
    untold : sequence of str
        Reports that have no truth, to be named.
    kinds : sequence of str
        Kinds of findings to give figures for even where no case has them: their false alarms are then 0.
    """
    limits = limits or ScoreLimits()
    ordered = tuple(sorted(cases, key=lambda case: case.study_instance_uid))
    asked = _kinds_of(ordered, kinds)
    told = {kind: verdicts(kind, ordered) for kind in (ANY, *asked)}
    return Summary(
        cases=ordered,
        measures=_measures_of(ordered, asked, limits),
        curves={kind: froc(one) for kind, one in told.items()},
        bins=reliability(told[ANY]),
        segments=_counted([(hit.true_segment or "unknown", hit.segment or "unknown") for hit in told[ANY].hits]),
        levels=_counted([(hit.true_level, hit.level or "unknown") for hit in told[ANY].hits if hit.true_level]),
        kinds=_confused(ordered),
        subgroups=_subgroups(ordered, asked, limits),
        unreported=tuple(case.study_instance_uid for case in ordered if not case.reported),
        untold=tuple(sorted(untold)),
        limits=limits,
    )


def _kinds_of(cases: Sequence[CaseScore], asked: Sequence[str]) -> tuple[str, ...]:
    """List every kind that is asked for, true or reported anywhere."""
    names = set(asked) | {
        kind for case in cases for kind in (*case.true_kinds, *case.true_but_small, *case.found_kinds)
    }
    return tuple(sorted(names))


def _measures_of(cases: Sequence[CaseScore], kinds: Sequence[str], limits: ScoreLimits) -> tuple[Measure, ...]:
    """Give all figures of some cases."""
    figures = [*course_measures(cases, limits), *pump_measures(cases, limits), *_answer_measures(cases, limits)]
    for kind in (ANY, *kinds):
        told = verdicts(kind, cases)
        figures += [*finding_measures(told, limits), *study_measures(told, limits), competition_measure(told)]
        figures += calibration_measures(told, limits)
    return tuple(figures)


def _answer_measures(cases: Sequence[CaseScore], limits: ScoreLimits) -> tuple[Measure, ...]:
    """Give the figures of abstention, and the time."""
    about, why = "answers", "no studies"
    bare = [case for case in cases if not case.courses and not case.pumps.true]
    silent = sum(not (case.spare_catheters or case.pumps.spare or case.found_kinds) for case in bare if case.reported)
    return (
        share(about, "studies answered", count=sum(not case.abstained for case in cases), of=len(cases), why=why),
        share(
            about,
            "studies with a part not assessable",
            count=sum(case.not_assessable > 0 for case in cases),
            of=len(cases),
            why=why,
        ),
        share(about, "silent without a device", count=silent, of=len(bare), why="every study has a device"),
        mean((about, "time", "s"), [case.seconds for case in cases], limits, why="no report gives its time"),
    )


def _counted(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    """Count equal pairs."""
    return tuple((*pair, pairs.count(pair)) for pair in sorted(set(pairs)))


def _confused(cases: Sequence[CaseScore]) -> tuple[tuple[str, str, int], ...]:
    """Count what each true kind was called."""
    pairs = [(hit.kind, hit.kind) for case in cases for hit in case.hits]
    pairs += [(miss.kind, miss.called or "nothing") for case in cases for miss in case.misses]
    pairs += [("nothing", alarm.kind) for case in cases for alarm in case.false_alarms]
    return _counted(pairs)


def _subgroups(cases: Sequence[CaseScore], kinds: Sequence[str], limits: ScoreLimits) -> tuple[Subgroup, ...]:
    """Give the figures again for each value of each tag that tells cases apart."""
    found: list[Subgroup] = []
    for tag in sorted({tag for case in cases for tag in case.tags}):
        labels = _labels([case.tags.get(tag) for case in cases])
        for label in sorted(set(labels)) if len(set(labels)) > 1 else []:
            part = [case for case, own in zip(cases, labels, strict=True) if own == label]
            found.append(Subgroup(tag=tag, value=label, cases=len(part), measures=_measures_of(part, kinds, limits)))
    return tuple(found)


def _labels(values: Sequence[Any]) -> list[str]:
    """Name each case's value of one tag; many different numbers are cut into quarters."""
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(values) or len(set(numbers)) <= _MOST_VALUES:
        return ["unknown" if value is None else str(value) for value in values]
    edges = np.quantile(np.array(numbers, dtype=float), [0.0, 0.25, 0.5, 0.75, 1.0])
    which = np.clip(np.searchsorted(edges, np.array(numbers, dtype=float), side="right") - 1, 0, 3)
    return [f"quarter {n + 1}: {edges[n]:g} to {edges[n + 1]:g}" for n in which]
