"""Pictures of the reading room, for the docs and for looking at: ``python -m napari_catheterview.shots OUT FOLDER``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import napari
import numpy as np
from PIL import Image as Picture
from qtpy.QtWidgets import QApplication

from napari_catheterview.app import open_room
from napari_catheterview.planes import Plane
from napari_catheterview.room import ReadingRoom

#: Longer than any case takes to open.
PATIENCE_S = 120.0
#: Frames to let pass before a picture: layouts and canvases settle over several turns of the event loop.
SETTLE_TURNS, TURN_S = 8, 0.05
#: Of the window, and colours in a picture of it: grey levels of the images, and the few of the window round them.
WINDOW_PX, COLORS = (1600, 1000), 256


def take(out: Path, folder: Path, case: str | None = None) -> tuple[Path, ...]:
    """Open a case and write PNGs of the whole window: every plane, tab and tool, the prior beside, every other sheet.

    Parameters
    ----------
    out : Path
        What ``catheterview triage --out`` wrote.
    folder : Path
        Made when it is not there.
    case : str, optional
        The most urgent one when not given.

    Returns
    -------
    tuple of Path

    Raises
    ------
    InputError
        When there is no worklist in `out`.
    TimeoutError
        When the case, or a sheet of it, does not open.
    """
    folder.mkdir(parents=True, exist_ok=True)
    viewer = napari.Viewer(title="catheterview - research use only")
    viewer.window.resize(*WINDOW_PX)
    room = open_room(viewer, out, case)
    try:
        _settle_until(lambda: room.ready or bool(room.cases.troubles))
        return tuple(_shoot(room, folder / f"{name}.png") for name in _scenes(room))
    finally:
        room.close()
        viewer.close()


def _scenes(room: ReadingRoom) -> Iterator[str]:
    """Set the room up for one picture after another, and name it."""
    yield from _planes(room)
    yield from _tabs(room)
    yield from _tools(room)
    yield from _prior(room)
    plans = () if room.desk.case is None else room.desk.case.plans
    for n, plan in enumerate(plans[1:], start=2):
        room.sheets.open(plan)
        _settle_until(partial(_hangs, room, n - 1))
        yield f"sheet-{n}-{plan.kind}"


def _hangs(room: ReadingRoom, at: int) -> bool:
    case = room.desk.case
    return case is not None and case.plan is case.plans[at]


def _planes(room: ReadingRoom) -> Iterator[str]:
    for plane in Plane:
        room.desk.set_plane(plane)
        _look(room)
        yield plane.value.lower()
    room.desk.set_plane(Plane.CORONAL)
    room.toggle_slab()
    yield "slab"
    room.toggle_slab()
    room.desk.set_plane(Plane.AXIAL)


def _look(room: ReadingRoom) -> None:
    """Have the current finding in sight."""
    finding = None if room.session is None else room.session.current
    if finding is not None and room.desk.plane is not Plane.SOLID:
        room.desk.go_to(finding)


def _tabs(room: ReadingRoom) -> Iterator[str]:
    tabs = room.ladder.dock.tabs
    for n in range(tabs.count()):
        tabs.setCurrentIndex(n)
        yield f"ladder-{tabs.tabText(n).lower()}"
    tabs.setCurrentIndex(0)
    room.furniture.worklist_tab.raise_()
    yield "worklist"
    room.furniture.show_ladder()


def _tools(room: ReadingRoom) -> Iterator[str]:
    """Measure a length beside the finding, then have the catheter's handles in hand."""
    _look(room)
    room.tools.take_ruler("ruler")
    for by in ((0, -10, 12), (0, 8, 18)):
        room.views.clicked(room.desk, room.desk.at + np.array(by, dtype=np.float64))
    yield "ruler"
    room.tools.clear_measures()
    room.desk.set_plane(Plane.CORONAL)
    room.toggle_slab()
    room.tools.toggle_edit()
    yield "edit"
    room.tools.escape()
    room.toggle_slab()
    room.desk.set_plane(Plane.AXIAL)


def _prior(room: ReadingRoom) -> Iterator[str]:
    before = room.desk.case
    room.sheets.toggle_prior()
    if room.opener.busy:
        _settle_until(lambda: room.sheets.prior is not None)
        _look(room)
        yield "prior"
        room.sheets.toggle_prior()
        _settle_until(lambda: room.desk.case is before)


def _settle_until(done: Callable[[], bool]) -> None:
    """Let what is being read arrive.

    Raises
    ------
    TimeoutError
        When it does not.
    """
    patience = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > patience:
            raise TimeoutError("what was asked for did not arrive")
        _settle()


def _settle() -> None:
    for _ in range(SETTLE_TURNS):
        QApplication.processEvents()
        time.sleep(TURN_S)


def _shoot(room: ReadingRoom, path: Path) -> Path:
    """Write the window as it stands."""
    _settle()
    pixels = room.viewer.screenshot(canvas_only=False, flash=False)
    Picture.fromarray(pixels[..., :3]).quantize(COLORS, dither=Picture.Dither.NONE).save(path, optimize=True)
    return path


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
