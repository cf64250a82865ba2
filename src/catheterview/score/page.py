"""A summary as one self-contained HTML page, under the headings that STARD-AI and CLAIM ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from catheterview import __version__
from catheterview.score.cohort import Summary
from catheterview.score.detection import Bin, Verdicts, verdicts
from catheterview.score.measure import Measure
from catheterview.score.table import said

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .7rem;border-bottom:1px solid #d5dce3;"
    "text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}.why{color:#6b7885}"
    "svg{background:#fff;border:1px solid #d5dce3;margin-right:1rem}"
)
_NOTICE = (
    "Research use only. Not a medical device; not cleared or approved by any authority. "
    "Figures from simulated devices say nothing about patients."
)
_REFERENCE = (
    "What the truth files say. This page cannot know how they were made: for simulated devices truth is exact by "
    "construction; for annotated or operated patients, state who read what, blinded to what, and how they agreed."
)
_SIZE, _EDGE = 300, 36


def as_page(summary: Summary) -> str:
    """Return the whole page as HTML text."""
    body = [
        "<h1>Reports against truth</h1>",
        f"<p><strong>{_NOTICE}</strong></p>",
        _section("Participants", _participants(summary)),
        _section("Sample size", _sizes(summary)),
        _section("Reference standard", f"<p>{_REFERENCE}</p>"),
        _section("Test methods", _methods(summary)),
        _section("Results", _table(summary.measures)),
        _section("Free-response and reliability plots", _plots(summary)),
        _section("What each true kind was called", _counts(summary.kinds, ("true", "reported", "count"))),
        _section("Segments of matched findings", _counts(summary.segments, ("true", "reported", "count"))),
        _section("Vertebral levels of matched findings", _counts(summary.levels, ("true", "reported", "count"))),
        _section("Subgroups (robustness)", _subgroups(summary)),
        _section("Failure analysis", _failures(summary)),
        _section("Code and data", _availability(summary)),
    ]
    head = f"<meta charset='utf-8'><title>Reports against truth</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(body)}</body></html>\n"


def _section(title: str, content: str) -> str:
    """Return one headed part of the page."""
    return f"<h2>{escape(title)}</h2>{content}"


def _participants(summary: Summary) -> str:
    """Say how many cases there were and which were left out or missing."""
    rows = [
        ("Studies with truth", str(len(summary.cases))),
        ("Studies without a report, counted as missed", ", ".join(summary.unreported) or "none"),
        ("Reports without truth, left out", ", ".join(summary.untold) or "none"),
    ]
    return "<table>" + "".join(f"<tr><th>{a}</th><td>{escape(b)}</td></tr>" for a, b in rows) + "</table>"


def _sizes(summary: Summary) -> str:
    """Say of each kind how many studies have it, and how sure that lets a share be."""
    rows = [_size_row(kind, verdicts(kind, summary.cases)) for kind in summary.curves]
    reach = "Wilson's lower end passes 0.80 when all of 16 are right, 24 of 25, or 49 of 54."
    return f"<ul>{''.join(rows)}</ul><p>{reach}</p>"


def _size_row(kind: str, told: Verdicts) -> str:
    """Return one kind's numbers; a fault too small to count makes a study neither."""
    usable = [was for was, use in zip(told.positive, told.usable, strict=True) if use]
    return f"<li>{sum(usable)} studies with {escape(kind)}, {len(usable) - sum(usable)} without</li>"


def _availability(summary: Summary) -> str:
    """Name the program and the settings that reproduce the page."""
    settings = ", ".join(f"{name} = {value}" for name, value in asdict(summary.limits).items())
    return f"<p>catheterview {__version__}; settings: {escape(settings)}.</p>"


def _methods(summary: Summary) -> str:
    """Say how things were matched and intervals made."""
    limits = summary.limits
    return (
        f"<p>Findings of one kind match one to one within {limits.match_mm:g} mm. Lines overlap within "
        f"{limits.overlap_mm:g} mm, point to segment, at points {limits.step_mm:g} mm apart. A study without an answer "
        "counts as a wrong one. Counted as faults: gaps of at least "
        f"{limits.gap_min_mm:g} mm; kinks of at most {limits.kink_radius_max_mm:g} mm radius that turn by at least "
        f"{limits.kink_turn_min_deg:g} degrees. Intervals at 95 %: Wilson for shares, exact Poisson for rates, "
        f"percentile bootstrap with {limits.resamples} draws for the rest, seed {limits.seed}.</p>"
    )


def _table(measures: Sequence[Measure]) -> str:
    """Return figures as an HTML table."""
    rows = "".join(_row(one) for one in measures)
    head = "<tr><th>about</th><th>measure</th><th>value</th><th>from</th><th>to</th><th>n</th></tr>"
    return f"<table>{head}{rows}</table>"


def _row(one: Measure) -> str:
    """Return one figure as a table row."""
    ends = "".join(f"<td class=n>{'' if end is None else f'{end:.3f}'}</td>" for end in (one.low, one.high))
    look = "why" if one.value is None else "n"
    value = f"<td class={look}>{escape(said(one))}</td>"
    return f"<tr><td>{escape(one.about)}</td><td>{escape(one.name)}</td>{value}{ends}<td class=n>{one.count}</td></tr>"


def _counts(rows: Sequence[tuple[str, str, int]], names: tuple[str, str, str]) -> str:
    """Return counted pairs as an HTML table."""
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td><td class=n>{n}</td></tr>" for a, b, n in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _subgroups(summary: Summary) -> str:
    """Return each subgroup's figures, folded away."""
    parts = [
        f"<details><summary>{escape(part.tag)}: {escape(part.value)} ({part.cases} cases)</summary>"
        f"{_table(part.measures)}</details>"
        for part in summary.subgroups
    ]
    return "".join(parts) or "<p>The truth files carry no tags that tell cases apart.</p>"


def _failures(summary: Summary) -> str:
    """List every case with a miss, a false alarm or no answer."""
    rows = [
        (case.study_instance_uid, what, 1)
        for case in summary.cases
        for what in (
            *(f"missed {miss.kind}" for miss in case.misses if miss.counted),
            *(f"false {alarm.kind}" for alarm in case.false_alarms),
            *(["no answer"] if case.abstained else []),
        )
    ]
    return _counts(rows, ("study", "what", "count"))


def _plots(summary: Summary) -> str:
    """Return the plots as inline SVG, one FROC for each kind and one reliability plot."""
    curves = [_plot(f"FROC, {kind}", curve, step=True) for kind, curve in summary.curves.items() if curve]
    return "".join(curves) + _plot("Reliability", _reliable(summary.bins), step=False)


def _reliable(bins: Sequence[Bin]) -> tuple[tuple[float, float], ...]:
    """Return the points of the reliability plot."""
    return tuple((part.mean_score, part.real) for part in bins)


def _plot(title: str, points: Sequence[tuple[float, float]], *, step: bool) -> str:
    """Draw points in a square whose height is 0 to 1; a FROC in steps, going on level to the right edge."""
    wide = max([1.0, *(x for x, _ in points)])
    inner = _SIZE - 2 * _EDGE
    at = [(_EDGE + inner * x / wide, _SIZE - _EDGE - inner * y) for x, y in points]
    dots = "".join(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='#14507a'/>" for x, y in at)
    trace = [(x, y) for n, (x, y) in enumerate(at) for x, y in ([(x, at[n - 1][1])] if n and step else []) + [(x, y)]]
    trace += [(float(_SIZE - _EDGE), at[-1][1])] if step and at else []
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in trace)
    return (
        f"<svg width='{_SIZE}' height='{_SIZE}' role='img' aria-label='{escape(title)}'>"
        f"<text x='{_EDGE}' y='20' font-size='13'>{escape(title)}</text>"
        f"<rect x='{_EDGE}' y='{_EDGE}' width='{inner}' height='{inner}' fill='none' stroke='#9fb0bf'/>"
        f"<polyline points='{line}' fill='none' stroke='#14507a'/>{dots}"
        f"<text x='{_EDGE}' y='{_SIZE - 12}' font-size='11'>0 to {wide:g}; height 0 to 1</text></svg>"
    )
