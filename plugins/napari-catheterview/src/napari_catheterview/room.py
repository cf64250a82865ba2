"""The reading room: the one place that joins worklist, session, desk and docks in a napari window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from superqt.utils import create_worker

from catheterview.errors import CatheterviewError
from catheterview.model import Finding, Review, Verdict
from napari_catheterview.case import LoadedCase
from napari_catheterview.compat import Viewer
from napari_catheterview.desk import Desk
from napari_catheterview.docks import FindingsDock, Keys, WorklistDock
from napari_catheterview.opening import open_case
from napari_catheterview.planes import Plane
from napari_catheterview.session import ReviewSession
from napari_catheterview.windows import WINDOWS
from napari_catheterview.words import finding_rows, not_examined_words, progress_words, saved_words
from napari_catheterview.worklist import Worklist

_log = logging.getLogger(__name__)

#: Thickness in mm that the slab key switches on: ten 1 mm slices, the usual sliding slab for a thin tube.
SLAB_MM = 10.0


class ReadingRoom:
    """A napari window in which cases are read.

    Parameters
    ----------
    viewer : napari.Viewer
    worklist : Worklist
        Opened; closed with the room.
    reader : str
        Pseudonym under which verdicts are kept.
    """

    def __init__(self, viewer: Viewer, worklist: Worklist, *, reader: str) -> None:
        self.viewer, self.worklist, self.reader = viewer, worklist, reader
        self.desk = Desk(viewer)
        self.session: ReviewSession | None = None
        self.cases, self.findings = WorklistDock(), FindingsDock()
        self._worker: Any = None
        self._opening = ""
        self._docks: list[Any] = []
        self.keys = self._keys()
        self._dock(self.cases, "Worklist", "right")
        self._dock(self.findings, "Findings", "right")
        self._connect()
        self._bind(viewer)
        self.refresh_worklist()

    def _dock(self, widget: WorklistDock | FindingsDock, name: str, area: str) -> None:
        self._docks.append(self.viewer.window.add_dock_widget(widget, name=name, area=area, add_vertical_stretch=False))
        widget.view.installEventFilter(Keys(self.keys, widget.view))

    def _connect(self) -> None:
        self.cases.open_requested.connect(self.open)
        self.cases.cancel_requested.connect(self.cancel)
        self.findings.selected.connect(self.select)
        self.findings.accept_requested.connect(lambda: self.say("accepted"))
        self.findings.unsure_requested.connect(lambda: self.say("unsure"))
        self.findings.reject_requested.connect(lambda reason: self.say("rejected", reason=reason))
        self.findings.step_requested.connect(self.step)

    def _keys(self) -> dict[str, Callable[[], None]]:
        """Return every key of the room; npe2 key bindings in a manifest are not loaded, so they are bound in code."""
        keys: dict[str, Callable[[], None]] = {
            "A": lambda: self.say("accepted"),
            "U": lambda: self.say("unsure"),
            "R": self.ask_reason,
            "N": lambda: self.step(1),
            "P": lambda: self.step(-1),
            "S": self.toggle_slab,
            "Control-Z": lambda: self._take(ReviewSession.undo),
            "Control-Shift-Z": lambda: self._take(ReviewSession.redo),
        }
        for n, plane in enumerate(Plane, start=1):
            keys[f"{n}"] = partial(self.desk.set_plane, plane)
        for window in WINDOWS:
            keys[window.key] = partial(self.desk.set_window, window)
        return keys

    def _bind(self, provider: Any) -> None:
        """Bind the keys on a viewer or a layer; an active layer's own keys would come before the viewer's."""
        for key, act in self.keys.items():
            provider.bind_key(key, lambda _provider, act=act: act(), overwrite=True)

    def refresh_worklist(self) -> None:
        """Read the worklist again."""
        self.cases.show_rows(self.worklist.rows())

    def open(self, case_id: str) -> None:
        """Open a case in a thread; what is on the desk stays until the new case is ready."""
        self.cancel()
        self._opening = case_id
        self.cases.work(f"{case_id}: opening")
        inputs = self.worklist.inputs(case_id)
        worker = create_worker(open_case, self.worklist.out, case_id, inputs, _ignore_errors=True, _start_thread=False)
        self._worker = worker
        worker.yielded.connect(partial(self._on_progress, worker, case_id))
        worker.returned.connect(partial(self._on_opened, worker))
        worker.errored.connect(partial(self._on_failed, worker, case_id))
        worker.start()

    # What a thread says counts only while the reader has not gone on to another case.
    def _on_progress(self, worker: object, case_id: str, doing: str) -> None:
        if worker is self._worker:
            self.cases.work(f"{case_id}: {doing}")

    def _on_opened(self, worker: object, case: LoadedCase) -> None:
        if worker is self._worker:
            self.show(case)

    def _on_failed(self, worker: object, case_id: str, error: Exception) -> None:
        if worker is self._worker:
            self._fail(case_id, error)

    def cancel(self) -> None:
        """Stop opening; the thread ends at its next step, and what it brings is dropped."""
        if self._worker is not None:
            self._worker.quit()
            self._worker = None
            self.cases.work("")
            self.cases.status.setText(f"{self._opening}: cancelled")

    def show(self, case: LoadedCase) -> None:
        """Put an opened case on the desk, its first finding in sight."""
        self._worker = None
        self.cases.work("")
        self.session = ReviewSession(report=case.report, ledger=self.worklist.store, reader=self.reader)
        self.desk.show(case, self.session.findings, self.session.statuses())
        for layer in self.viewer.layers:
            self._bind(layer)
        self.cases.mark(case.report.case_id)
        trouble = f"shown without images: {case.why_no_image}" if case.why_no_image else ""
        if trouble:
            self.cases.fail(case.report.case_id, trouble)
        else:
            self.cases.troubles.pop(case.report.case_id, None)
            self.cases.status.setText(f"{case.report.case_id} is open")
        self.findings.saved.setText(not_examined_words(case.report))
        self.step(1)

    def _fail(self, case_id: str, error: Exception) -> None:
        """Say why a case did not open; the list goes on."""
        self._worker = None
        self.cases.work("")
        if not isinstance(error, CatheterviewError):
            _log.error("case %s", case_id, exc_info=error)
        self.cases.fail(case_id, str(error) or type(error).__name__)

    def step(self, by: int) -> None:
        """Go on by so many findings."""
        if self.session is not None:
            self._arrive(self.session.step(by))

    def select(self, finding_id: str) -> None:
        """Go to one finding."""
        if self.session is not None:
            self._arrive(self.session.select(finding_id))

    def _arrive(self, finding: Finding | None) -> None:
        """Show the current finding everywhere."""
        if finding is not None:
            self.desk.go_to(finding)
        self._show_rows()

    def ask_reason(self) -> None:
        """Open the field for the reason of a rejection."""
        if self.session is not None and self.session.current is not None:
            self.findings.ask_reason()

    def say(self, verdict: Verdict, *, reason: str = "") -> None:
        """Give a verdict on the current finding; it is shown as saved once the store has it."""
        if self.session is not None:
            self._saved(self.session.say(verdict, reason=reason))

    def _take(self, act: Callable[[ReviewSession], Review | None]) -> None:
        """Undo or redo."""
        if self.session is not None:
            self._saved(act(self.session))

    def _saved(self, review: Review | None) -> None:
        """Show a verdict that the store has; no other reader's verdict is lost from sight either."""
        if self.session is None or review is None:
            return
        self.findings.saved.setText(saved_words(review))
        self.desk.show_status(self.session.findings, self.session.statuses())
        for layer in self.viewer.layers:
            self._bind(layer)
        self._show_rows()
        self.refresh_worklist()

    def _show_rows(self) -> None:
        session = self.session
        if session is not None:
            self.findings.show_rows(finding_rows(session), session.position, progress_words(session))

    def toggle_slab(self) -> None:
        """Show the maximum over a slab, or the slice alone."""
        self.desk.set_slab(0.0 if self.desk.slab_mm > 0 else SLAB_MM)

    def close(self) -> None:
        """Stop the thread, take the docks and the case away and close the store; what was saved is saved."""
        self.cancel()
        self.worklist.close()
        self.session = None
        if self._docks:
            self.desk.clear()
        for dock in self._docks:
            self.viewer.window.remove_dock_widget(dock)
        self._docks.clear()
