"""What the processes of the pool's tests do: functions that a fresh process can import."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What one process is told; `measures` is of the kind that pickle alone refuses."""

    folder: Path
    name: str
    measures: MappingProxyType[str, float] = field(default_factory=lambda: MappingProxyType({"gap_mm": 3.0}))


def work(task: Task) -> None:
    """Do what the name says, and leave a file behind when it is done."""
    (task.folder / f"{task.name}.pid").write_text(str(os.getpid()))
    if task.name.startswith("hang"):
        time.sleep(60.0)
    if task.name.startswith("crash"):
        os._exit(7)
    if task.name.startswith("die"):
        os.kill(os.getpid(), 9)
    (task.folder / task.name).write_text(f"{task.measures['gap_mm']}")
