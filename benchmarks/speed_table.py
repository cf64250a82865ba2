"""The speed bench's table: each bar as a ratio, what every job took, and where the time of triage goes."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Runs:
    """What the runs of one job took."""

    seconds: list[float] = field(default_factory=list)
    peak_bytes: list[int] = field(default_factory=list)
    said: dict[str, object] = field(default_factory=dict)
    parts: list[dict[str, float]] = field(default_factory=list)
    failed: str = ""

    @property
    def median(self) -> float | None:
        return statistics.median(self.seconds) if self.seconds else None

    def part(self, name: str) -> float | None:
        values = [one[name] for one in self.parts if name in one]
        return statistics.median(values) if values else None


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: ours over a peer's, what it must be and what we aim at."""

    job: str
    ours: float | None
    peer: float | None
    beside: str
    must: float
    aim: float
    unit: str = "s"

    def row(self) -> str:
        if self.ours is None or not self.peer:
            return f"| {self.job} | not measured | | {self.beside} | {self.must:g} | {self.aim:g} | |"
        ratio = self.ours / self.peer
        verdict = "aim met" if ratio <= self.aim else "met" if ratio <= self.must else "**not met**"
        return (
            f"| {self.job} | {self.ours:.2f} {self.unit} | {self.peer:.2f} {self.unit} | {self.beside} | "
            f"{self.must:g} | {self.aim:g} | {ratio:.2f} {verdict} |"
        )


def report(runs: dict[str, Runs], *, repeat: int, slices: int) -> str:
    """The table of bars, then what the other loaders took, then the parts of triage."""
    bars = "\n".join(bar.row() for bar in _bars(runs))
    head = "| job | ours | peer | beside | must | aim | ratio |\n|---|--:|--:|---|--:|--:|---|"
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, median of {repeat}"
    return "\n".join(
        [
            f"512 x 512 x {slices} int16; {machine}; every run a fresh process from start to end, page cache warm.",
            "",
            head,
            bars,
            "",
            *_scale(runs),
            "",
            *_parts(runs),
            "",
            *_same_voxels(runs),
        ]
    )


def _bars(runs: dict[str, Runs]) -> list[Bar]:
    def took(name: str) -> float | None:
        return runs[name].median if name in runs else None

    triage, drawn = runs.get("triage", Runs()), runs.get("triage_with_pictures", Runs())
    volume = float(dict(triage.said).get("bytes", 0) or 0) / 2**20
    peak = statistics.median(triage.peak_bytes) / 2**20 if triage.peak_bytes else None
    peer = took("dcm2niix")
    return [
        Bar(
            job="index 5 000 headers",
            ours=took("index_ours"),
            peer=took("index_pydicom"),
            beside="pydicom, one process",
            must=0.6,
            aim=0.25,
        ),
        Bar(job="load native series", ours=took("load_ours"), peer=peer, beside="dcm2niix", must=1.0, aim=0.5),
        Bar(
            job="load JPEG-lossless series",
            ours=took("jpeg_ours"),
            peer=took("jpeg_simpleitk"),
            beside="SimpleITK, one thread",
            must=0.7,
            aim=0.4,
        ),
        Bar(
            job="CT triage: pump, anatomy, catheter, gaps, kinks",
            ours=triage.median,
            peer=peer,
            beside="dcm2niix",
            must=6.0,
            aim=2.5,
        ),
        Bar(
            job="the same with the contrast map and all findings",
            ours=took("triage_with_contrast"),
            peer=peer,
            beside="dcm2niix",
            must=12.0,
            aim=5.0,
        ),
        Bar(
            job="report pictures and HTML", ours=drawn.part("picture"), peer=peer, beside="dcm2niix", must=8.0, aim=3.0
        ),
        Bar(
            job="peak memory of CT triage",
            ours=peak,
            peer=volume or None,
            beside="the volume",
            must=2.5,
            aim=1.6,
            unit="MiB",
        ),
        *(_help_bar(name, one) for name, one in runs.items() if name.startswith("help")),
    ]


def _help_bar(name: str, runs: Runs) -> Bar:
    words = " ".join(["catheterview", *name.split()[1:], "--help"])
    return Bar(job=f"`{words}`", ours=runs.median, peer=0.3, beside="0.3 s", must=1.0, aim=0.7)


def _scale(runs: dict[str, Runs]) -> list[str]:
    """What everything else took, for scale."""
    rows = [f"| {name} | {one.median:.2f} |" for name, one in runs.items() if one.median is not None]
    rows += [f"| {name} | failed: {one.failed} |" for name, one in runs.items() if one.failed]
    return ["| every job | median s |", "|---|--:|", *rows]


def _parts(runs: dict[str, Runs]) -> list[str]:
    """Where the time of reading and of triage goes."""
    drawn = runs.get("triage_with_pictures", Runs())
    loaded = runs.get("load_ours", Runs())
    parts = ", ".join(f"{name} {loaded.part(name) or 0.0:.2f}" for name in ("import", "scan", "load"))
    names = list(dict.fromkeys(name for one in drawn.parts for name in one))
    if not names:
        return [f"`load_ours` in s: {parts}."]
    found = {name: drawn.said.get(name) for name in ("pumps", "pieces", "length_mm", "findings", "why")}
    rows = [f"| {name} | {drawn.part(name) or 0.0:.2f} |" for name in names]
    return [
        "| stage of triage | median s |",
        "|---|--:|",
        *rows,
        "",
        f"`load_ours` in s: {parts}.",
        f"Found on the way: {json.dumps(found)}.",
    ]


def _same_voxels(runs: dict[str, Runs]) -> list[str]:
    """Say whether every loader gave the same voxels in the same order."""
    lines = []
    for ours, peers in (
        ("load_ours", ("load_pydicom", "load_simpleitk")),
        ("jpeg_ours", ("jpeg_simpleitk", "jpeg_pydicom")),
    ):
        mine = runs[ours].said.get("sums") if ours in runs else None
        same = [peer for peer in peers if peer in runs and mine and runs[peer].said.get("sums") in (mine, mine[::-1])]
        lines.append(f"Voxels of `{ours}` equal those of: {', '.join(same) or 'none compared'}.")
    return lines
