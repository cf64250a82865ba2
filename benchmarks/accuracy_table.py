"""The accuracy bench's tables: a line a case, the bars with their intervals, the subgroups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catheterview.score import CaseScore, Measure, Summary, as_markdown, subgroup_markdown


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What a figure must be; `most` for those that are better small."""

    about: str
    name: str
    bound: float
    most: bool
    label: str


BARS = (
    Bar(about="centreline", name="mean error", bound=0.3, most=True, label="mean centreline error"),
    Bar(about="centreline", name="points within 0.8 mm", bound=0.95, most=False, label="points under 0.8 mm"),
    Bar(about="centreline", name="overlap OV", bound=0.98, most=False, label="overlap OV"),
    Bar(about="centreline", name="tip error", bound=1.0, most=True, label="tip error, mean"),
    Bar(about="centreline", name="tip error, median", bound=1.0, most=True, label="tip error, median"),
    Bar(about="pump", name="centres within 2 mm", bound=1.0, most=False, label="pump centres within 2 mm"),
    Bar(
        about="discontinuity",
        name="sensitivity by finding",
        bound=0.95,
        most=False,
        label="gaps of 3 mm or more: sensitivity",
    ),
    Bar(about="discontinuity", name="false alarms", bound=0.05, most=True, label="gaps: false alarms a study"),
    Bar(
        about="kink",
        name="sensitivity by finding",
        bound=0.9,
        most=False,
        label="kinks, radius < 4 mm, turn > 60°: sensitivity",
    ),
    Bar(about="kink", name="false alarms", bound=0.1, most=True, label="kinks: false alarms a study"),
)
BESIDE = (
    ("centreline", "catheters traced"), ("centreline", "overlap until first error OF"),
    ("centreline", "overlap of the intrathecal part OT"), ("centreline", "accuracy inside AI"),
    ("centreline", "mean distance from truth to traced"), ("centreline", "Hausdorff"),
    ("centreline", "error of the end at the pump"), ("centreline", "tips within 1 mm"),
    ("centreline", "length error"), ("centreline", "right number of pieces"), ("pump", "centre error"),
    ("discontinuity", "localisation error"), ("discontinuity", "sensitivity by study"),
    ("discontinuity", "specificity by study"), ("kink", "localisation error"), ("kink", "sensitivity by study"),
    ("kink", "specificity by study"), ("any fault", "false alarms"), ("any fault", "right segment, of those found"),
    ("any fault", "within 10 mm, in studies flagged for it"), ("answers", "studies answered"),
)  # fmt: skip
SUBGROUPS = (
    ("centreline", "mean error"), ("centreline", "points within 0.8 mm"), ("centreline", "overlap OV"),
    ("centreline", "tip error, median"), ("discontinuity", "sensitivity by finding"),
    ("kink", "sensitivity by finding"), ("any fault", "false alarms"),
)  # fmt: skip


def head() -> str:
    """Names of the columns of `line`."""
    return (
        f"{'case':38} {'bg':>9} {'wall':>5} {'slice':>7} {'fault':>13} {'mean':>6} {'<0.8':>6} {'OV':>6} {'OF':>6} "
        f"{'start':>6} {'tip':>6} {'pump':>6} {'TP/FP/FN':>9} {'s':>6}"
    )


def line(name: str, wall_hu: float, slices: str, score: CaseScore) -> str:
    """One case on one line; a dash where a figure is undefined."""
    course = score.courses[0] if score.courses else None
    close = None if course is None or not course.points else course.close_points / course.points
    pump = score.pumps.center_error_mm[0] if score.pumps.center_error_mm else None
    figures = [None] * 6 if course is None else [
        course.mean_error, close, course.overlap, course.until_first_error, course.start_error, course.tip_error,
    ]  # fmt: skip
    cells = " ".join(f"{'–' if value is None else f'{value:.2f}':>6}" for value in [*figures, pump])
    counts = f"{len(score.hits)}/{len(score.false_alarms)}/{len(score.misses)}"
    tags = score.tags
    text = (
        f"{name:38} {tags.get('background', ''):>9} {wall_hu:5.0f} {slices[:7]:>7} {tags.get('case', ''):>13} {cells} "
        f"{counts:>9} {score.seconds or 0.0:6.1f}"
    )
    wrong = [f"false {alarm.kind} {alarm.score:.2f}" for alarm in score.false_alarms]
    wrong += [f"missed {miss.kind}" + (f", called {miss.called}" if miss.called else "") for miss in score.misses]
    if course is not None:
        wrong += [
            f"{name} {_longest(arcs)}"
            for name, arcs in (("lost", course.missed_arcs), ("strayed", course.stray_arcs))
            if arcs
        ]
    return text + ("  " + "; ".join(wrong) if wrong else "")


def _longest(arcs: Sequence[tuple[float, float]]) -> str:
    """The three longest stretches, in mm from the pump."""
    chosen = sorted(sorted(arcs, key=lambda ends: ends[0] - ends[1])[:3])
    return ", ".join(f"{first:.0f}–{last:.0f}" for first, last in chosen) + " mm"


def bar_table(summary: Summary) -> str:
    """Each bar with what was measured, its interval, and whether it holds."""
    rows = [_bar_row(bar, _find(summary, bar.about, bar.name)) for bar in BARS]
    return "\n".join(["| what | bar | measured | 95 % interval | n | |", "|---|--:|--:|---|--:|---|", *rows, ""])


def _bar_row(bar: Bar, one: Measure | None) -> str:
    sign = "≤" if bar.most else "≥"
    if one is None or one.value is None:
        return f"| {bar.label} | {sign} {bar.bound:g} | undefined: {one.why if one else 'no such case'} | | | |"
    holds = one.value <= bar.bound if bar.most else one.value >= bar.bound
    ends = "" if one.low is None or one.high is None else f"{one.low:.3f} to {one.high:.3f} ({one.interval})"
    cells = [
        bar.label,
        f"{sign} {bar.bound:g}",
        f"{one.value:.3f}",
        ends,
        str(one.count),
        "met" if holds else "**not met**",
    ]
    return "| " + " | ".join(cells) + " |"


def _find(summary: Summary, about: str, name: str) -> Measure | None:
    found = [one for one in summary.measures if (one.about, one.name) == (about, name)]
    return found[0] if found else None


def document(summary: Summary, more: Sequence[Summary | None], *, split: str, seeds: str) -> str:
    """All that goes into the documentation: bars, other figures, subgroups; thick slices and other patients apart."""
    beside = [one for one in (_find(summary, *key) for key in BESIDE) if one is not None]
    parts = [
        f"**Simulated devices, {split} split: {len(summary.cases)} CTs ({seeds}).**", "", bar_table(summary),
        "Beside the bars:", "", as_markdown(beside), "Subgroups (value and 95 % interval):", "",
        subgroup_markdown(summary, SUBGROUPS),
    ]  # fmt: skip
    about = ("Thick slices of a synthetic patient", "Two other real patients, in thick slices")
    for title, one in zip(about, more, strict=True):
        if one is not None:
            parts += [
                f"{title}: {len(one.cases)} CTs more, which no bar asks for.",
                "",
                subgroup_markdown(_only(one, "slice"), SUBGROUPS),
                bar_table(one),
            ]
    return "\n".join(parts)


def _only(summary: Summary, tag: str) -> Summary:
    from dataclasses import replace

    return replace(summary, subgroups=tuple(part for part in summary.subgroups if part.tag == tag))


def failures(rows: Sequence[tuple[str, CaseScore]]) -> str:
    """Every case that missed something or raised a false alarm, by name."""
    lines = [
        f"- {name}: "
        + "; ".join(
            [
                *(f"missed {miss.kind} {dict(miss.size)}" for miss in score.misses),
                *(f"false {alarm.kind} ({alarm.segment})" for alarm in score.false_alarms),
                *(["nothing traced"] if any(not course.traced for course in score.courses) else []),
            ]
        )
        for name, score in rows
        if score.misses or score.false_alarms or any(not course.traced for course in score.courses)
    ]
    return "\n".join(lines or ["- none"])
