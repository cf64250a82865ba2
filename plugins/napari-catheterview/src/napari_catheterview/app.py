"""``catheterview review``: a napari window with the reading room in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from getpass import getuser
from pathlib import Path

import napari
import napari.settings

from napari_catheterview.compat import Viewer
from napari_catheterview.room import ReadingRoom
from napari_catheterview.worklist import Worklist

#: Set it to read under another name than the login.
READER_VARIABLE = "CATHETERVIEW_READER"


def reader_name() -> str:
    """Return the pseudonym under which verdicts are kept: preference, environment, else the login."""
    return _preferred("reader") or os.environ.get(READER_VARIABLE, "") or getuser()


def _preferred(name: str) -> str:
    """Return a preference of the plugin, empty where napari (before 0.9) or the reader has none."""
    ask = getattr(napari.settings, "get_plugin_settings", None)
    try:
        settings = None if ask is None else ask("napari-catheterview")
    except KeyError:  # napari did not load the manifest's configurations
        return ""
    return str(getattr(getattr(settings, "reading", None), name, "") or "")


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
        One that is furnished already, to go on in.

    Raises
    ------
    InputError
        When there is no worklist in `out`.
    """
    worklist = Worklist(out, inputs)
    if room is None:
        room = ReadingRoom(viewer, worklist, reader=reader_name())
    else:
        room.enter(worklist)
    rows = worklist.rows()
    first = case or (rows[0].case_id if rows else "")
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
