"""What the reader says: verdicts, missed findings, undo and redo, the signature; each kept before it is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from catheterview.model import Verdict
from napari_catheterview.case import READING
from napari_catheterview.finish import Signing, as_read, write_signed
from napari_catheterview.missed import finding_in_words
from napari_catheterview.opening import case_folder
from napari_catheterview.words import signed_words

if TYPE_CHECKING:
    from napari_catheterview.room import ReadingRoom


class Verdicts:
    """The verdicts of a room.

    Parameters
    ----------
    room : ReadingRoom
    """

    def __init__(self, room: ReadingRoom) -> None:
        self._room = room

    def ask_reason(self) -> None:
        """Open the field for the reason of a rejection, when there is something to reject."""
        if self._room.session is not None and self._room.session.current is not None:
            self._room.findings.ask_reason()

    def say(self, verdict: Verdict, *, reason: str = "") -> None:
        """Give a verdict on the current finding; it is shown as saved once the store has it."""
        if self._room.session is not None:
            self._room.saved(self._room.session.say(verdict, reason=reason))

    def ask_missed(self) -> None:
        """Open the field for what the machine missed at the crosshair."""
        if self._room.session is not None:
            self._room.findings.ask_kind()

    def mark_missed(self, words: str) -> None:
        """Keep what the machine missed: the kind, after a colon a remark; the place is the crosshair's."""
        place = None if self._room.desk.case is None else self._room.desk.case.mark_at(self._room.desk.at)
        if self._room.session is None or place is None:
            return
        found = finding_in_words(words, place)
        if found is None:
            self._room.tell(f"Not saved: {words!r} is no kind of finding")
        else:
            self._room.saved(self._room.session.mark_missed(found, remark=words.partition(":")[2].strip()))

    def undo(self) -> None:
        """Take back the last stroke while the catheter is being drawn, else the last verdict."""
        if not self._room.tools.undo() and self._room.session is not None:
            self._room.saved(self._room.session.undo())

    def redo(self) -> None:
        """Make the last stroke again while the catheter is being drawn, else give the last verdict once more."""
        if not self._room.tools.redo() and self._room.session is not None:
            self._room.saved(self._room.session.redo())

    def sign(self) -> None:
        """Sign the case, and write the report as it was read in a thread; what cannot be written is told."""
        session, said = self._room.session, self._room.ladder.said
        case = self._room.desk.case
        if session is None or said is None:
            return
        if case is not None and case.partial:
            self._room.tell(READING)
            return
        self._room.saved(session.sign())
        signing = Signing(
            report=as_read(session, said.decision),
            image=None if case is None else case.image,
            reviews=session.reviews,
            folder=case_folder(self._room.worklist.out, session.report.case_id),
            plans=() if case is None else case.plans,
            archive=self._room.preferences.archive,
        )
        work, who = partial(write_signed, signing), signed_words(session)
        self._room.opener.work(work, lambda done: self._room.tell(f"{who}; {done}"))
