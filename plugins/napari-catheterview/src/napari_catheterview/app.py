"""``catheterview review``: a napari window with the reading room in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from weakref import WeakValueDictionary

import napari

from napari_catheterview.compat import Viewer
from napari_catheterview.preferences import preferences
from napari_catheterview.room import ReadingRoom
from napari_catheterview.worklist import Worklist

#: The rooms that stand, by their windows: a second worklist goes into the same room.
_FURNISHED: WeakValueDictionary[int, ReadingRoom] = WeakValueDictionary()


def open_room(
    viewer: Viewer,
    out: Path,
    case: str | None = None,
    *,
    inputs: Sequence[Path] = (),
    room: ReadingRoom | None = None,
) -> ReadingRoom:
    """Furnish a napari window as a reading room and open a case.

    Parameters
    ----------
    viewer : napari.Viewer
    out : Path
        What ``catheterview triage --out`` wrote.
    case : str, optional
        The case to open; the most urgent one when not given.
    inputs : sequence of Path
        Where the images are, where the worklist does not say or they have moved.
    room : ReadingRoom, optional
        One that is furnished already, to go on in; the one that the window has when not given.

    Raises
    ------
    InputError
        When there is no worklist in `out`.
    """
    worklist = Worklist(out, inputs)
    rows = worklist.rows()
    first = case or (rows[0].case_id if rows else "")
    room = room or _FURNISHED.get(id(viewer))
    if room is None or not room.furniture.standing:
        room = _FURNISHED[id(viewer)] = ReadingRoom(viewer, worklist, preferences=preferences(), first=first)
        return room
    room.enter(worklist, preferences())
    if first:
        room.open(first)
    return room


def open_review(out: Path, case: str | None = None, *, inputs: Sequence[Path] = (), block: bool = True) -> Viewer:
    """Open napari on a worklist.

    Parameters
    ----------
    out, case, inputs
        As of `open_room`.
    block : bool
        Return only when the window is closed.

    Raises
    ------
    InputError
        When there is no worklist in `out`; no window opens.
    """
    Worklist(out, inputs).close()
    viewer = napari.Viewer(title="catheterview - research use only")
    viewer.window.resize(1500, 950)
    room = open_room(viewer, out, case, inputs=inputs)
    if block:
        napari.run()
        room.close()
    return viewer
