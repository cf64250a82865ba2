"""The reading room: the one place that joins worklist, session, ladder, views and docks in a napari window."""

from __future__ import annotations

from functools import partial
from typing import Any

from qtpy.QtCore import QTimer

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Finding, Review
from napari_catheterview.arrivals import Arrivals
from napari_catheterview.case import LoadedCase, corrected
from napari_catheterview.cine import Cine
from napari_catheterview.compat import Viewer
from napari_catheterview.corrected import LINE
from napari_catheterview.desk import Desk
from napari_catheterview.dock_parts import Keys
from napari_catheterview.docks import FindingsDock, WorklistDock
from napari_catheterview.furniture import Furniture
from napari_catheterview.hand.tools import Bench, Tools
from napari_catheterview.hanging.sheets_panel import Sheets
from napari_catheterview.ladder_panel import LadderPanel
from napari_catheterview.linked import Linked
from napari_catheterview.opener import Heard, Opener
from napari_catheterview.planes_dock import PlanesDock
from napari_catheterview.preferences import Preferences
from napari_catheterview.room_keys import keys_of
from napari_catheterview.session import ReviewSession
from napari_catheterview.straight_panel import StraightPanel
from napari_catheterview.verdicts import Verdicts
from napari_catheterview.windows import Window
from napari_catheterview.words import finding_rows, progress_words, saved_words
from napari_catheterview.worklist import Worklist

#: How often the worklist is read again: soon enough to see a batch at work, and a read takes a millisecond.
REFRESH_MS = 5000


class ReadingRoom:
    """A napari window in which cases are read.

    Parameters
    ----------
    viewer : napari.Viewer
    worklist : Worklist
        Opened; closed with the room, or when another is entered.
    preferences : Preferences
        Of who reads.
    first : str
        The case to open, which is read while the room is being furnished; none when empty.
    """

    def __init__(self, viewer: Viewer, worklist: Worklist, *, preferences: Preferences, first: str = "") -> None:
        self.viewer, self.worklist, self.preferences = viewer, worklist, preferences
        self.arrivals = Arrivals(self)
        self.opener = self._opener()
        self.session: ReviewSession | None = None
        self.planes = PlanesDock()
        self.desk = Desk(viewer)
        self.views = Linked(self.desk, self.planes.desks)
        self.cases, self.findings = WorklistDock(), FindingsDock()
        self.ladder = LadderPanel(go_to=self.select)
        self.straight = StraightPanel(self.views)
        self.sheets = Sheets(self.views, lambda: self.opener, self.hang)
        bench = Bench(say=self.tell, redraw=self.redraw, keep=self._keep_line, work=self.opener.work)
        self.tools = Tools(self.views, bench)
        self.cine = Cine(self.desk, self.cases)
        self.verdicts = Verdicts(self)
        self.keys = keys_of(self)
        if first:
            self.open(first)
        self._furnish()
        self._connect()
        self._clock = QTimer(self.cases)
        self._clock.timeout.connect(self.refresh_worklist)
        self._clock.start(REFRESH_MS)
        for desk in self.views.desks:
            self._bind(desk.viewer)
        self.refresh_worklist()

    def _opener(self) -> Opener:
        heard = self.arrivals
        return Opener(
            self.worklist,
            Heard(progress=heard.progress, glimpsed=heard.glimpse, opened=heard.show, failed=heard.fail),
        )

    @property
    def reader(self) -> str:
        """Pseudonym under which verdicts are kept."""
        return self.preferences.reader

    @property
    def ready(self) -> bool:
        """Whether a case hangs, the whole of it."""
        return self.session is not None and self.desk.case is not None and not self.desk.case.partial

    def enter(self, worklist: Worklist, preferences: Preferences) -> None:
        """Go on with another worklist in the same window; the case on the desk stays until one is opened."""
        self.preferences = preferences
        self.opener.cancel()
        self.worklist.close()
        self.worklist, self.session = worklist, None
        self.opener = self._opener()
        self.cases.troubles.clear()
        self.refresh_worklist()

    def _furnish(self) -> None:
        """Put the docks into the window, and make the layers that nearly every case needs."""
        self.furniture = Furniture(self.viewer)
        self.furniture.furnish(self.straight.dock, self.planes, (self.cases, self.ladder.dock, self.findings))
        for view in (self.cases.view, self.findings.view):
            view.installEventFilter(Keys(self.keys, view))
        self.desk.furnish()

    def _connect(self) -> None:
        self.cases.open_requested.connect(self.open)
        self.cases.cancel_requested.connect(self.cancel)
        self.findings.selected.connect(self.select)
        self.findings.accept_requested.connect(partial(self.verdicts.say, "accepted"))
        self.findings.unsure_requested.connect(partial(self.verdicts.say, "unsure"))
        self.findings.reject_requested.connect(lambda reason: self.verdicts.say("rejected", reason=reason))
        self.findings.missed_requested.connect(self.verdicts.mark_missed)
        self.findings.step_requested.connect(self.step)
        self.findings.sign_requested.connect(self.verdicts.sign)
        self.straight.dock.sheet_requested.connect(self._hang_chosen)

    def _bind(self, provider: Any) -> None:
        """Bind the keys on a viewer or a layer; an active layer's own keys would come before the viewer's."""
        for key, act in self.keys.items():
            provider.bind_key(key, lambda _provider, act=act: act(), overwrite=True)

    def refresh_worklist(self) -> None:
        """Read the worklist again, where a batch may be at work and other readers too."""
        rows, latest = self.worklist.rows(), self.worklist.latest()
        if rows != self.cases.rows or latest != self.cases.latest:
            self.cases.show_rows(rows, latest)
            if self.session is not None:
                self.cases.mark(self.session.report.case_id)
                self._hear(self.session)

    def _hear(self, session: ReviewSession) -> None:
        """Show what other readers have said of the case that is open; a line in hand is left alone."""
        if session.refresh():
            self._show_said(session, lines=self.tools.draft is None)

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

    def hang(self, case: LoadedCase) -> None:
        """Hang one sheet of the case that is open."""
        self.arrivals.hang(case)

    def _hang_chosen(self, chosen: int) -> None:
        """Hang the sheet that was chosen from the list."""
        case = self.desk.case
        if case is not None and 0 <= chosen < len(case.plans) and case.plans[chosen] is not case.plan:
            self.sheets.open(case.plans[chosen])

    def redraw(self, case: LoadedCase) -> None:
        """Show the catheter as it is being drawn."""
        self.views.show_catheters(case)
        self.straight.show(case)

    def _keep_line(self, catheter: Centreline) -> None:
        """Keep a catheter that was drawn anew."""
        if self.session is not None:
            self.saved(self.session.correct(catheter))

    def tell(self, words: str) -> None:
        """Say something of what is in hand."""
        self.findings.saved.setText(words)

    def bind_layers(self) -> None:
        """Bind the keys on every layer that is there."""
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
        """Show the current finding everywhere; where it lies on another sheet, hang that first."""
        plan = None if finding is None else self.sheets.holding(finding.series_instance_uid)
        if finding is not None and plan is not None:
            self.sheets.open(plan, partial(self.views.go_to, finding))
        elif finding is not None:
            self.views.go_to(finding)
        self._show_rows()

    def here(self) -> FloatArray:
        """(3,) LPS mm of the crosshair."""
        return self.views.here()

    def saved(self, review: Review | None) -> None:
        """Show a verdict that the store has; no other reader's verdict is lost from sight either."""
        if self.session is None or review is None:
            return
        self.tell(saved_words(review))
        self._show_said(self.session, lines=review.finding_id.startswith(LINE))
        self.refresh_worklist()

    def _show_said(self, session: ReviewSession, *, lines: bool) -> None:
        """Show every verdict as it now is, and the catheters where one was drawn anew."""
        if lines and self.desk.case is not None:
            case = self.desk.case
            self.redraw(corrected(case, tuple(session.catheter(one) for one in case.report.catheters)))
        self.views.show_status(session.findings, session.statuses())
        self._show_rows()

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

    def play(self) -> None:
        """Play a run, or stop it."""
        if not self.cine.toggle(self.preferences.frames_per_s):
            self.tell("no run hangs here")

    def toggle_slab(self) -> None:
        """Show the maximum over a slab, or the slice alone."""
        self.views.set_slab(0.0 if self.desk.slab_mm > 0 else self.preferences.slab_mm)

    def close(self) -> None:
        """Stop threads and clocks, take docks and case away, close the store. May be called twice."""
        self._clock.stop()
        self.cine.stop()
        self.opener.cancel()
        self.worklist.close()
        self.session = None
        if self.furniture.standing:
            self.desk.clear()
            self.planes.shut()
        self.furniture.clear()
