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

    def count(self, name: str, right: bool) -> None:  # noqa: FBT001  (what is counted)
        """Count one case, right or wrong."""
        self.counts[name].append(bool(right))

    def add(self, name: str, value: float) -> None:
        """Add one figure."""
        self.figures[name].append(value)


def tables(tally: Tally, *, of: str) -> Iterator[str]:
    """Shares with Wilson's intervals, then figures with a bootstrap's; `of` is what each figure was taken of."""
    yield "\n| figure | right of all | share | 95 % interval |\n|---|---|---|---|"
    for name, flags in sorted(tally.counts.items()):
        if flags:
            right, count = sum(flags), len(flags)
            low, high = wilson(right, count) or (float("nan"), float("nan"))
            yield f"| {name} | {right} of {count} | {right / count:.2f} | {low:.2f} to {high:.2f} |"
    yield f"\n| figure | median | mean | 95 % interval of the mean | worst | {of} |\n|---|---|---|---|---|---|"
    rng = np.random.default_rng(0)
    for name, values in sorted(tally.figures.items()):
        means = np.array(values)[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
        low, high = np.percentile(means, (2.5, 97.5))
        worst = min(values) if name.startswith("share") else max(values)
        row = f"{np.median(values):.2f} | {np.mean(values):.2f} | {low:.2f} to {high:.2f} | {worst:.2f}"
        yield f"| {name} | {row} | {len(values)} |"
