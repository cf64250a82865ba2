"""Rows of the tracer bench and the tables that they make, each figure with its 95 % Wilson interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catheterview.phantom.nuclear.recipe import FAULTS
from catheterview.score.interval import wilson

_LOCAL_MM = 8.0
_LAID_MM = 3.0
RIGHT = "as it lies, another frame of reference"
_PASSING = ("posterior", "pooling")  # tracer may still get to the CSF
_BLOCK = ("csf_block",)  # it does, and goes no further
_LEAKS = ("tracer_pooling", "tracer_posterior_to_pump", "tracer_interruption")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One study as it was simulated and as it was read in one way.

    `told` says that leak, passage and CSF were all answered, as the ladder wants it before it takes a study for normal;
    `passage_told` that it was told whether tracer gets to the CSF.
    """

    seed: int
    mode: str
    fault: str
    mbq: float
    flow: float
    hours: float
    readable_h: float
    found: tuple[str, ...]
    told: bool
    passage_told: bool
    away_mm: float | None
    same_segment: bool | None

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault == "healthy"

    @property
    def assessable(self) -> bool:
        """Whether the reading gave an answer: a finding, or that nothing was found of all that was looked for."""
        return self.told or bool(self.found)

    @property
    def called(self) -> str:
        """What became of a fault."""
        return "found" if self.found else "missed" if self.told else "cannot tell"

    @property
    def in_time(self) -> bool:
        """Whether flow and dead space allow an answer by the last image."""
        return self.hours >= self.readable_h


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One SPECT that was moved and laid back."""

    seed: int
    pump_mm: float = 0.0
    worst_mm: float = 0.0
    sure: bool = False
    refused: str = ""
    in_time: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """One SPECT that was handed over mirrored or with its axes exchanged."""

    seed: int
    way: str
    refused: bool = False
    untold: bool = False
    in_time: bool = True


def tables(rows: Iterable[Row], mode: str) -> str:
    """The figures of one way of reading against their bars, and what each fault was called."""
    every = [one for one in rows if one.mode == mode]
    sick = [one for one in every if not one.healthy]
    well = [one for one in every if one.healthy]
    sick_told, well_told = [one for one in sick if one.assessable], [one for one in well if one.assessable]
    in_time = [one for one in every if one.in_time]
    early = [one for one in well if not one.in_time]
    leaks = [one for one in sick if one.away_mm is not None and set(one.found) & set(_LEAKS)]
    near = sum((one.away_mm or 0.0) <= _LOCAL_MM for one in leaks)
    lines = [
        ("sensitivity, per assessable study", sum(bool(one.found) for one in sick_told), len(sick_told), "0.97"),
        _of_those("of a leak that may let tracer pass", [one for one in sick_told if one.fault in _PASSING]),
        _of_those("of what stops it before the CSF", [o for o in sick_told if o.fault not in (*_PASSING, *_BLOCK)]),
        _of_those("of a block of CSF", [one for one in sick_told if one.fault in _BLOCK]),
        ("specificity, per assessable study", sum(not one.found for one in well_told), len(well_told), "0.97"),
        ("not assessable though transit allows", sum(not o.assessable for o in in_time), len(in_time), "at most 0.15"),
        ("healthy and too early, called a fault", sum(bool(one.found) for one in early), len(early), "0"),
        ("leak or stop within 8 mm, of those found", near, len(leaks), "0.95"),
        ("on the right segment, of those found", sum(bool(one.same_segment) for one in leaks), len(leaks), "0.95"),
    ]
    head = f"**{mode}**: {len(sick)} studies with a fault, {len(well)} without."
    return "\n".join([head, "", *_head(), *(_line(*line) for line in lines), "", _by_fault(every)])


def passage_table(rows: Iterable[Row], mode: str) -> str:
    """The one question that views answer: whether tracer gets to the CSF; of healthy studies and what stops tracer."""
    every = [one for one in rows if one.mode == mode and one.fault not in (*_PASSING, *_BLOCK)]
    told = [one for one in every if one.passage_told or one.found]
    in_time = [one for one in every if one.in_time]
    sick, well = [one for one in told if not one.healthy], [one for one in told if one.healthy]
    untold = sum(not (one.passage_told or one.found) for one in in_time)
    lines = [
        ("sensitivity", sum(bool(one.found) for one in sick), len(sick), "0.97"),
        ("specificity", sum(not one.found for one in well), len(well), "0.97"),
        ("not told though transit allows", untold, len(in_time), "at most 0.15"),
    ]
    head = f"**{mode}: does tracer get to the CSF**: what stops it before, and healthy studies, among those told."
    return "\n".join([head, "", *_head(), *(_line(*line) for line in lines)])


def early_table(rows: Iterable[Row], mode: str) -> str:
    """How often a healthy study that was imaged too early is called a fault."""
    early = [one for one in rows if one.mode == mode]
    line = _line("called a fault", sum(bool(one.found) for one in early), len(early), "0 of 100")
    return "\n".join([f"**{mode}**: {len(early)} studies.", "", *_head(), line])


def _of_those(what: str, rows: Sequence[Row]) -> tuple[str, int, int, str]:
    return f"sensitivity {what}", sum(bool(one.found) for one in rows), len(rows), ""


def displaced_table(moves: Sequence[Moved]) -> str:
    """How well a SPECT that was moved is laid back."""
    laid = [one for one in moves if not one.refused]
    sure = [one for one in laid if one.sure]
    unsure = [one for one in laid if not one.sure]
    lines = [
        ("pump to within 3 mm", sum(one.pump_mm <= _LAID_MM for one in laid), len(laid), "all"),
        ("whole catheter to within 3 mm, where sure", sum(one.worst_mm <= _LAID_MM for one in sure), len(sure), "all"),
        ("said to be unsure", len(unsure), len(laid), ""),
        (
            "said to be unsure though transit allows an answer",
            sum(one.in_time for one in unsure),
            sum(one.in_time for one in laid),
            "at most 0.15",
        ),
        ("whole catheter to within 3 mm, where unsure", sum(o.worst_mm <= _LAID_MM for o in unsure), len(unsure), ""),
        ("refused", len(moves) - len(laid), len(moves), ""),
    ]
    worst = max((one.worst_mm for one in sure), default=0.0)
    head = f"**SPECT moved by 5 to 30 mm and 2 to 10 degrees, and laid back**; where sure, at worst {worst:.1f} mm off."
    return "\n".join([head, "", *_head(), *(_line(*line) for line in lines)])


def turned_table(turns: Sequence[Turned]) -> str:
    """Whether a mirrored SPECT, or one with its axes exchanged, is noticed, and a right one is not refused."""
    lines = []
    for way in dict.fromkeys(one.way for one in turns):
        mine = [one for one in turns if one.way == way]
        noticed = sum(one.refused or one.untold for one in mine)
        if way == RIGHT:
            lines.append((f"{way}: refused", sum(one.refused for one in mine), len(mine), "0"))
            lines.append((f"{way}: said not to be told", sum(one.untold for one in mine), len(mine), ""))
            continue
        lines.append((f"{way}: refused", sum(one.refused for one in mine), len(mine), ""))
        lines.append((f"{way}: refused or said not to be told", noticed, len(mine), "all"))
    head = "**SPECT handed over mirrored, or with its axes exchanged**."
    return "\n".join([head, "", *_head(), *(_line(*line) for line in lines)])


def _head() -> list[str]:
    return ["| what | n | figure (95 % interval) | bar |", "|---|---|---|---|"]


def _line(what: str, hits: int, of: int, bar: str) -> str:
    interval = wilson(hits, of)
    if interval is None:
        return f"| {what} | 0 | undefined | {bar} |"
    low, high = interval
    return f"| {what} | {hits}/{of} | {hits / of:.3f} ({low:.3f} to {high:.3f}) | {bar} |"


def _by_fault(rows: Sequence[Row]) -> str:
    """What each fault was called."""
    lines = ["| simulated | studies | not assessable | called |", "|---|---|---|---|"]
    for fault in FAULTS:
        mine = [one for one in rows if one.fault == fault]
        called: dict[str, int] = {}
        for one in mine:
            for kind in one.found or ("nothing",):
                called[kind] = called.get(kind, 0) + 1
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(called.items()))
        lines.append(f"| {fault} | {len(mine)} | {sum(not one.assessable for one in mine)} | {told} |")
    return "\n".join(lines)
