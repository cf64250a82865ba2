"""What a bench counts, by name, and the tables of it with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from catheterview.score.interval import wilson


@dataclass(kw_only=True)
class Tally:
    """Counts of right and of all, and lists of figures, by name."""

    counts: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def tables(tally: Tally, *, of: str) -> Iterator[str]:
    """Shares with Wilson's intervals, then figures; `of` is what each figure was taken of."""
    yield "\n| figure | right of all | share | 95 % interval |\n|---|---|---|---|"
    for name, flags in sorted(tally.counts.items()):
        if flags:
            right, count = sum(flags), len(flags)
            low, high = wilson(right, count) or (float("nan"), float("nan"))
            yield f"| {name} | {right} of {count} | {right / count:.2f} | {low:.2f} to {high:.2f} |"
    yield f"\n| figure | median | mean | worst | {of} |\n|---|---|---|---|---|"
    for name, values in sorted(tally.figures.items()):
        worst = min(values) if name.startswith("share") else max(values)
        yield f"| {name} | {np.median(values):.2f} | {np.mean(values):.2f} | {worst:.2f} | {len(values)} |"
