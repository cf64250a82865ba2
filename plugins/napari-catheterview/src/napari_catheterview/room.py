"""The reading room: the one place that joins worklist, session, ladder, views and docks in a napari window."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from qtpy.QtCore import Qt, QTimer

from catheterview.errors import CatheterviewError
from catheterview.geometry import FloatArray, Frame
from catheterview.model import Finding, Mark, Review, Verdict
from napari_catheterview.case import LoadedCase
from napari_catheterview.compat import Viewer
from napari_catheterview.desk import Desk
from napari_catheterview.docks import FindingsDock, Keys, WorklistDock
from napari_catheterview.ladder_panel import LadderPanel
from napari_catheterview.linked import Linked
from napari_catheterview.missed import finding_in_words
from napari_catheterview.opener import Heard, Opener
from napari_catheterview.opening import case_folder
from napari_catheterview.planes import Plane
from napari_catheterview.planes_dock import PlanesDock
from napari_catheterview.session import ReviewSession
from napari_catheterview.straight_panel import StraightPanel
from napari_catheterview.talk import LadderTalk, given_facts
from napari_catheterview.windows import WINDOWS, Window
from napari_catheterview.words import finding_rows, not_examined_words, progress_words, saved_words
from napari_catheterview.worklist import Worklist

_log = logging.getLogger(__name__)

#: How often the worklist is read again: soon enough to see a batch at work, and a read takes a millisecond.
REFRESH_MS = 5000

#: How ladder and findings share the right-hand side.
RIGHT_SHARES = (1, 1)

#: Thickness in mm that the slab key switches on: ten 1 mm slices, the usual sliding slab for a thin tube.
SLAB_MM = 10.0


class ReadingRoom:
    """A napari window in which cases are read.

    Parameters
    ----------
    viewer : napari.Viewer
    worklist : Worklist
        Opened; closed with the room, or when another is entered.
    reader : str
        Pseudonym under which verdicts are kept.
    """

    def __init__(self, viewer: Viewer, worklist: Worklist, *, reader: str) -> None:
        self.viewer, self.worklist, self.reader = viewer, worklist, reader
        self.opener = self._opener()
        self.session: ReviewSession | None = None
        self.planes = PlanesDock()
        self.desk = Desk(viewer)
        self.views = Linked(self.desk, self.planes.desks)
        self.cases, self.findings = WorklistDock(), FindingsDock()
        self.ladder = LadderPanel(go_to=self.select)
        self.straight = StraightPanel(self.views)
        self.keys = self._keys()
        self._docks: list[Any] = []
        self._furnish()
        self.views.furnish()
        self._connect()
        self._clock = QTimer(self.cases)
        self._clock.timeout.connect(self.refresh_worklist)
        self._clock.start(REFRESH_MS)
        for desk in self.views.desks:
            self._bind(desk.viewer)
        self.refresh_worklist()

    def _opener(self) -> Opener:
        return Opener(self.worklist, Heard(progress=self._progress, opened=self.show, failed=self._fail))

    def enter(self, worklist: Worklist) -> None:
        """Go on with another worklist in the same window; the case on the desk stays until one is opened."""
        self.opener.cancel()
        self.worklist.close()
        self.worklist, self.session = worklist, None
        self.opener = self._opener()
        self.cases.troubles.clear()
        self.refresh_worklist()

    def _furnish(self) -> None:
        """Put the docks round the canvas: the catheter above, planes below, lists and ladder on the right."""
        self._dock(self.straight.dock, "Catheter, straightened", "top")
        self._dock(self.planes, "Planes", "bottom")
        self.worklist_tab = self._dock(self.cases, "Worklist", "right")
        self._ladder_tab = self._dock(self.ladder.dock, "Ladder", "right", tabify=True)
        self._findings_dock = self._dock(self.findings, "Findings", "right")
        # The lists need height more than the strip and the planes need width.
        for corner in (Qt.Corner.TopRightCorner, Qt.Corner.BottomRightCorner):
            self.findings.window().setCorner(corner, Qt.DockWidgetArea.RightDockWidgetArea)
        for view in (self.cases.view, self.findings.view):
            view.installEventFilter(Keys(self.keys, view))

    def _dock(self, widget: Any, name: str, area: str, *, tabify: bool = False) -> Any:
        add = self.viewer.window.add_dock_widget
        self._docks.append(add(widget, name=name, area=area, add_vertical_stretch=False, tabify=tabify))
        return self._docks[-1]

    def _connect(self) -> None:
        self.cases.open_requested.connect(self.open)
        self.cases.cancel_requested.connect(self.cancel)
        self.findings.selected.connect(self.select)
        self.findings.accept_requested.connect(partial(self.say, "accepted"))
        self.findings.unsure_requested.connect(partial(self.say, "unsure"))
        self.findings.reject_requested.connect(lambda reason: self.say("rejected", reason=reason))
        self.findings.missed_requested.connect(self.mark_missed)
        self.findings.step_requested.connect(self.step)

    def _keys(self) -> dict[str, Callable[[], None]]:
        """Return every key of the room; npe2 key bindings in a manifest are not loaded, so they are bound in code."""
        keys: dict[str, Callable[[], None]] = {
            "A": partial(self.say, "accepted"),
            "U": partial(self.say, "unsure"),
            "R": partial(self._ask, self.findings.ask_reason),
            "M": self.ask_missed,
            "N": partial(self.step, 1),
            "P": partial(self.step, -1),
            "S": self.toggle_slab,
            "Control-Z": partial(self._take, ReviewSession.undo),
            "Control-Shift-Z": partial(self._take, ReviewSession.redo),
        }
        keys |= {f"{n}": partial(self.desk.set_plane, plane) for n, plane in enumerate(Plane, start=1)}
        return keys | {window.key: partial(self.set_window, window) for window in WINDOWS}

    def _bind(self, provider: Any) -> None:
        """Bind the keys on a viewer or a layer; an active layer's own keys would come before the viewer's."""
        for key, act in self.keys.items():
            provider.bind_key(key, lambda _provider, act=act: act(), overwrite=True)

    def refresh_worklist(self) -> None:
        """Read the worklist again, where a batch may be at work and other readers too."""
        rows = self.worklist.rows()
        if rows != self.cases.model.rows:
            self.cases.show_rows(rows)
            if self.session is not None:
                self.cases.mark(self.session.report.case_id)

    def open(self, case_id: str) -> None:
        """Open a case in a thread; what is on the desk stays until the new case is ready."""
        self.cases.work(f"{case_id}: opening")
        self.opener.open(case_id)

    def cancel(self) -> None:
        """Stop opening."""
        if self.opener.busy:
            self.cases.work("")
            self.cases.status.setText(f"{self.opener.case_id}: cancelled")
        self.opener.cancel()

    def _progress(self, case_id: str, doing: str) -> None:
        self.cases.work(f"{case_id}: {doing}")

    def _fail(self, case_id: str, error: Exception) -> None:
        """Say why a case did not open; the list goes on."""
        self.cases.work("")
        if not isinstance(error, CatheterviewError):
            _log.error("case %s", case_id, exc_info=error)
        self.cases.fail(case_id, str(error) or type(error).__name__)

    def show(self, case: LoadedCase) -> None:
        """Put an opened case on the desk, its first finding in sight, and open the next one ahead of time."""
        case_id = case.report.case_id
        self.cases.work("")
        self.session = ReviewSession(case.report, ledger=self.worklist.store, reader=self.reader)
        self.views.show(case, self.session.findings, self.session.statuses())
        self._bind_layers()
        self.straight.show(case)
        self._talk(case)
        self._ladder_tab.raise_()
        right = [self._ladder_tab, self._findings_dock]
        self.findings.window().resizeDocks(right, list(RIGHT_SHARES), Qt.Orientation.Vertical)
        self.cases.mark(case_id)
        if case.why_no_image:
            self.cases.fail(case_id, f"shown without images: {case.why_no_image}")
        else:
            self.cases.troubles.pop(case_id, None)
            self.cases.status.setText(f"{case_id} is open")
        self.findings.saved.setText(not_examined_words(case.report))
        self.step(1)
        following = self.worklist.after(case_id)
        if following:
            self.opener.prefetch(following)

    def _talk(self, case: LoadedCase) -> None:
        """Take up the ladder where triage and earlier readers left it."""
        given, problem = given_facts(case_folder(self.worklist.out, case.report.case_id))
        self.ladder.show(LadderTalk(case.report, given, ledger=self.worklist.store, reader=self.reader), problem)

    def _bind_layers(self) -> None:
        for desk in self.views.desks:
            for layer in desk.viewer.layers:
                self._bind(layer)

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
            self.views.go_to(finding)
        self._show_rows()

    def _ask(self, ask: Callable[[], None]) -> None:
        """Open the field for words, when there is something to say them of."""
        if self.session is not None and self.session.current is not None:
            ask()

    def say(self, verdict: Verdict, *, reason: str = "") -> None:
        """Give a verdict on the current finding; it is shown as saved once the store has it."""
        if self.session is not None:
            self._saved(self.session.say(verdict, reason=reason))

    def ask_missed(self) -> None:
        """Open the field for what the machine missed at the crosshair."""
        if self.session is not None:
            self.findings.ask_kind()

    def mark_missed(self, words: str) -> None:
        """Keep what the machine missed: the kind, after a colon a remark; the place is the crosshair's."""
        image = None if self.desk.case is None else self.desk.case.image
        if self.session is None or image is None:
            return
        x, y, z = (float(value) for value in self.here())
        place = Mark(series_instance_uid=image.series_instance_uid, frame=Frame.PATIENT, points=((x, y, z),))
        found = finding_in_words(words, place)
        if found is None:
            self.findings.saved.setText(f"Not saved: {words!r} is no kind of finding")
        else:
            self._saved(self.session.mark_missed(found, remark=words.partition(":")[2].strip()))

    def here(self) -> FloatArray:
        """(3,) LPS mm of the crosshair."""
        return self.views.here()

    def _take(self, act: Callable[[ReviewSession], Review | None]) -> None:
        """Undo or redo."""
        if self.session is not None:
            self._saved(act(self.session))

    def _saved(self, review: Review | None) -> None:
        """Show a verdict that the store has; no other reader's verdict is lost from sight either."""
        if self.session is None or review is None:
            return
        self.findings.saved.setText(saved_words(review))
        self.views.show_status(self.session.findings, self.session.statuses())
        self._show_rows()
        self.refresh_worklist()

    def _show_rows(self) -> None:
        """Show what is known of the findings, and what the ladder makes of those that stand."""
        session = self.session
        if session is not None:
            self.findings.show_rows(finding_rows(session), session.position, progress_words(session))
            self.straight.mark(session.findings, session.statuses())
            self.ladder.climb(session.standing_findings)

    def set_window(self, window: Window) -> None:
        """Set black and white in every view."""
        self.views.set_window(window)
        self.straight.dock.strip.set_window(window)

    def toggle_slab(self) -> None:
        """Show the maximum over a slab, or the slice alone."""
        self.views.set_slab(0.0 if self.desk.slab_mm > 0 else SLAB_MM)

    def close(self) -> None:
        """Stop threads, take docks and case away and close the store; what was saved is saved. May be called twice."""
        self._clock.stop()
        self.opener.cancel()
        self.worklist.close()
        self.session = None
        if self._docks:
            self.desk.clear()
            self.planes.shut()
        for dock in self._docks:
            self.viewer.window.remove_dock_widget(dock)
        self._docks.clear()
