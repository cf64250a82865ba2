"""What a process does that is held to some memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catheterview.triage.apart import end_with_parent, hold_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Eater:
    """How much one process takes."""

    folder: Path
    name: str
    gib: float


def eat(job: Eater) -> None:
    """Take memory, page by page, and tell how it went."""
    end_with_parent()
    hold_to(1 << 30)
    try:
        told = "done" if np.ones(int(job.gib * (1 << 30)), dtype=np.uint8).all() else ""
    except MemoryError:
        told = "MemoryError"
    (job.folder / job.name).write_text(told)
