"""The one boundary: what goes wrong in a stage becomes a line of the report, and the rest of the case goes on."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import PurePath
from time import perf_counter
from types import TracebackType
from typing import TypeVar

from catheterview.errors import CatheterviewError
from catheterview.model import Problem

Result = TypeVar("Result")

#: Where a decoder written in Rust finds that it is wrong; what it raises is no `Exception`.
_PANIC = "pyo3_runtime"


class Journal:
    """What went wrong in one case, whether that left something unexamined, and how long each stage took.

    It grows while the case is walked.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.blocked = False
        self.seconds: dict[str, float] = {}

    def attempt(self, stage: str, where: str, step: Callable[[], Result]) -> Result | None:
        """Take one step; when it fails, note why and return None.

        Parameters
        ----------
        stage : str
            The room that works: read, device, anatomy, trace, detect, ladder, picture, export.
        where : str
            UID of what it works on.
        step : callable without arguments

        Returns
        -------
        what `step` returns, or None when it raised
        """
        started_s = perf_counter()
        try:
            return step()
        except CatheterviewError as error:
            self.note(stage, error.where or where, error.reason)
        except MemoryError:
            self.note(stage, where, "memory: this needs more than the case may have, or than there is")
        except Exception as error:  # noqa: BLE001 - the one place: an unforeseen error must not cost the other series
            self.note(stage, where, without_identity(error))
        except BaseException as error:
            if type(error).__module__ != _PANIC:
                raise
            self.note(stage, where, without_identity(error))
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - started_s
        return None

    def note(self, stage: str, where: str, reason: str, *, blocks: bool = True) -> None:
        """Write a problem down, once; one that blocks leaves something unexamined."""
        self.blocked = self.blocked or blocks
        problem = Problem(path_or_uid=where, stage=stage, reason=reason)
        if problem not in self.problems:
            self.problems.append(problem)


def without_identity(error: BaseException) -> str:
    """Say what an unforeseen error was and where it came up, for the one who will mend it.

    Its message is left out: that of a DICOM library can quote a patient's name, that of the system a file's name.
    """
    frames = " < ".join(reversed([_frame(frame) for frame in traceback.extract_tb(_traceback(error))]))
    return f"internal error: {type(error).__name__} at {frames}"


def _traceback(error: BaseException) -> TracebackType | None:
    """The traceback of where the error came up, without the frame of the boundary itself."""
    found = error.__traceback__
    return found.tb_next if found is not None and found.tb_next is not None else found


def _frame(frame: traceback.FrameSummary) -> str:
    """Name a frame by package path and line, the same on every machine."""
    parts = PurePath(frame.filename).parts
    start = max(
        (n for n, part in enumerate(parts) if part in ("catheterview", "site-packages")), default=len(parts) - 1
    )
    return f"{'/'.join(parts[start:])}:{frame.lineno} {frame.name}"
