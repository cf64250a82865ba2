"""A case arrives in the room: its first picture, then the whole; or why it does not."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer

from catheterview.errors import CatheterviewError
from napari_catheterview.case import LoadedCase, corrected
from napari_catheterview.opening import case_folder
from napari_catheterview.planes import Plane
from napari_catheterview.session import ReviewSession
from napari_catheterview.talk import LadderTalk, given_facts
from napari_catheterview.words import not_examined_words

if TYPE_CHECKING:
    from napari_catheterview.room import ReadingRoom

_log = logging.getLogger(__name__)

#: How long after a case has arrived the next one is read ahead: its own first picture comes first.
AHEAD_MS = 500


class Arrivals:
    """What a room does when the thread that opens cases has something to tell.

    Parameters
    ----------
    room : ReadingRoom
    """

    def __init__(self, room: ReadingRoom) -> None:
        self._room = room

    def progress(self, case_id: str, doing: str) -> None:
        """Say what is being done."""
        self._room.cases.work(f"{case_id}: {doing}")

    def fail(self, case_id: str, error: Exception) -> None:
        """Say why a case did not open; the list goes on."""
        self._room.cases.work("")
        if not isinstance(error, CatheterviewError):
            _log.error("case %s", case_id, exc_info=error)
        self._room.cases.fail(case_id, str(error) or type(error).__name__)

    def glimpse(self, case: LoadedCase) -> None:
        """Show the slices about the first finding, on the main view alone, while the volume is being read.

        Where the reader looks at another plane, a few axial slices would be no picture.
        """
        if self._room.desk.plane is Plane.AXIAL:
            self._begin(case)

    def show(self, case: LoadedCase) -> None:
        """Put an opened case on the desk, its first finding in sight, and open the next one ahead of time."""
        room = self._room
        if self._is_rest(case):
            self._complete(case)
        else:
            self._begin(case)
        case_id = case.report.case_id
        room.cases.work("")
        if case.why_no_image:
            room.cases.fail(case_id, f"shown without images: {case.why_no_image}")
        else:
            room.cases.troubles.pop(case_id, None)
            room.cases.status.setText(f"{case_id} is open")
        QTimer.singleShot(AHEAD_MS, partial(self._read_ahead, case_id))

    def _is_rest(self, case: LoadedCase) -> bool:
        """Whether this is the whole of what hangs in part."""
        there = self._room.desk.case
        return there is not None and there.partial and there.report is case.report and case.image is not None

    def _begin(self, case: LoadedCase) -> None:
        """Take up a case: its verdicts, its ladder, its pictures, its first finding."""
        room = self._room
        room.session = ReviewSession(case.report, ledger=room.worklist.store, reader=room.reader)
        self.hang(case)
        given, problem = given_facts(case_folder(room.worklist.out, case.report.case_id))
        room.ladder.show(LadderTalk(case.report, given, ledger=room.worklist.store, reader=room.reader), problem)
        room.furniture.show_ladder()
        room.cases.mark(case.report.case_id)
        room.findings.saved.setText(not_examined_words(case.report))
        room.step(1)

    def _complete(self, case: LoadedCase) -> None:
        """Put the whole volume where its first slices hang; place, window and verdicts stay as they are."""
        room, session = self._room, self._room.session
        if session is None:
            return
        room.planes.build()
        case = self._as_read(case, session)
        room.views.complete(case, session.findings, session.statuses())
        room.bind_layers()
        room.straight.show(case)
        room.straight.mark(session.findings, session.statuses())
        room.views.go_to_point(room.views.here())

    def hang(self, case: LoadedCase) -> None:
        """Hang one sheet of the case that is open."""
        room, session = self._room, self._room.session
        if session is None or session.report is not case.report:
            return
        room.cases.work("")
        room.cases.status.setText(f"{case.report.case_id} is open")
        room.tools.reset()
        room.sheets.prior = None
        case = self._as_read(case, session)
        room.planes.reset()
        room.cine.stop()
        room.furniture.planes.setVisible(not case.films)
        if not case.partial:
            room.planes.build()
        room.views.show(case, session.findings, session.statuses())
        room.set_window(room.preferences.window)
        room.bind_layers()
        if case.films:  # the canvas has its new size only after this turn of the loop
            QTimer.singleShot(0, room.desk.eye.fit)
        room.straight.show(case)
        room.straight.mark(session.findings, session.statuses())

    @staticmethod
    def _as_read(case: LoadedCase, session: ReviewSession) -> LoadedCase:
        """Return a case with its catheters as readers have left them."""
        lines = tuple(session.catheter(found) for found in case.report.catheters)
        return corrected(case, lines) if session.corrections else case

    def _read_ahead(self, case_id: str) -> None:
        """Open the case after one that is still being read, now that it is painted."""
        room = self._room
        read = room.session is not None and room.session.report.case_id == case_id and not room.opener.busy
        following = room.worklist.after(case_id) if read else ""
        if following:
            room.opener.prefetch(following)
