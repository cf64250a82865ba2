"""Opens cases in a thread: the one that is asked for, and ahead of time the one that will be."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

from superqt.utils import GeneratorWorker, create_worker

from napari_catheterview.case import LoadedCase
from napari_catheterview.hanging import Plan
from napari_catheterview.opening import open_case, open_sheet
from napari_catheterview.worklist import Worklist


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who is told: of progress in words, of a first picture, of a case that arrived, of one that did not and why."""

    progress: Callable[[str, str], None]
    glimpsed: Callable[[LoadedCase], None]
    opened: Callable[[LoadedCase], None]
    failed: Callable[[str, Exception], None]


class Opener:
    """One case at a time; what a thread says counts only while nothing else was asked for.

    Parameters
    ----------
    worklist : Worklist
    heard : Heard
        Called in the thread of the window.
    """

    def __init__(self, worklist: Worklist, heard: Heard) -> None:
        self._worklist, self._heard = worklist, heard
        self._worker: Any = None
        self._ahead: Any = None
        self._ready: LoadedCase | None = None
        self.case_id = ""

    @property
    def busy(self) -> bool:
        """Whether a case is being opened."""
        return self._worker is not None

    @property
    def ready(self) -> bool:
        """Whether nothing is being opened ahead of time any more."""
        return self._ahead is None

    def open(self, case_id: str) -> None:
        """Open a case; at once when it was opened ahead of time."""
        self.cancel()
        self.case_id = case_id
        ready, self._ready = self._ready, None
        if ready is not None and ready.report.case_id == case_id:
            self._heard.opened(ready)
            return
        self._go(partial(open_case, self._worklist.out, case_id, self._worklist.inputs(case_id)))

    def open_sheet(self, case: LoadedCase, plan: Plan, then: Callable[[LoadedCase], None]) -> None:
        """Read another sheet of the case that is open; what is being opened ahead of time goes on."""
        if self._worker is not None:
            self._worker.quit()
        self._go(partial(open_sheet, case, plan), then)

    def _go(
        self, work: Callable[[], Generator[Any, None, LoadedCase]], then: Callable[[LoadedCase], None] | None = None
    ) -> None:
        """Start what is waited for."""
        self._worker = self._start(work, partial(self._on_opened, then or self._heard.opened), self._on_failed)
        self._worker.yielded.connect(partial(self._on_progress, self._worker))
        self._worker.start()

    def work(self, work: Callable[[], Generator[str, None, Any]], then: Callable[[Any], None]) -> None:
        """Do something in a thread that goes on whatever is opened meanwhile, and hand on what came of it, or why not.

        `then` is given what `work` returned, or the exception that it raised.
        """
        made = self._start(work, lambda _worker, done: then(done), lambda _worker, error: then(error))
        made.start()

    def prefetch(self, case_id: str) -> None:
        """Open a case ahead of time and keep it, one at most; a failure says so when it is asked for."""
        work = partial(open_case, self._worklist.out, case_id, self._worklist.inputs(case_id))
        self._ahead = self._start(work, self._on_ready, self._on_not_ready)
        self._ahead.start()

    @staticmethod
    def _start(
        work: Callable[[], Generator[Any, None, Any]],
        opened: Callable[[object, Any], None],
        failed: Callable[[object, Exception], None],
    ) -> Any:
        made = create_worker(work, _ignore_errors=True, _start_thread=False, _worker_class=GeneratorWorker)
        made.returned.connect(partial(opened, made))
        made.errored.connect(partial(failed, made))
        return made

    def cancel(self) -> None:
        """Stop; a thread ends at its next step, and what it brings is dropped."""
        for worker in (self._worker, self._ahead):
            if worker is not None:
                worker.quit()
        self._worker = self._ahead = None

    def _on_progress(self, worker: object, doing: str | LoadedCase) -> None:
        if worker is not self._worker:
            return
        if isinstance(doing, LoadedCase):
            self._heard.glimpsed(doing)
        else:
            self._heard.progress(self.case_id, doing)

    def _on_opened(self, then: Callable[[LoadedCase], None], worker: object, case: LoadedCase) -> None:
        if worker is self._worker:
            self._worker = None
            then(case)

    def _on_failed(self, worker: object, error: Exception) -> None:
        if worker is self._worker:
            self._worker = None
            self._heard.failed(self.case_id, error)

    def _on_ready(self, worker: object, case: LoadedCase) -> None:
        if worker is self._ahead:
            self._ahead, self._ready = None, case

    def _on_not_ready(self, worker: object, _error: Exception) -> None:
        if worker is self._ahead:
            self._ahead = None
