"""Progress on standard error, with rate and time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Called with how much is done, how much there is in all (0 while that is not known), and what was done last.
Tell = Callable[[int, int, str], None]


def _say_nothing(done: int, total: int, what: str) -> None:
    """Report no progress: a quiet run."""


@contextmanager
def progress(unit: str, *, quiet: bool) -> Iterator[Tell]:
    """Show a bar on standard error while the block runs.

    Parameters
    ----------
    unit : str
        What is counted, in the plural.
    quiet : bool
        Show nothing.
    """
    if quiet:
        yield _say_nothing
        return
    from rich.console import Console  # noqa: PLC0415 - only a run shows progress, --help does not
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("reading headers", total=None, rate="")

        def tell(done: int, total: int, what: str) -> None:
            elapsed_s = bar.tasks[task].elapsed or 0.0
            rate = f"{60.0 * done / elapsed_s:.1f} a minute" if done and elapsed_s else ""
            bar.update(task, completed=done, total=total or None, description=what, rate=rate)

        yield tell
