"""Pictures of the reading room, for the docs and for looking at: ``python -m napari_catheterview.shots OUT FOLDER``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import napari
from qtpy.QtWidgets import QApplication

from napari_catheterview.app import open_room
from napari_catheterview.planes import Plane
from napari_catheterview.room import ReadingRoom

#: Longer than any case takes to open.
PATIENCE_S = 120.0
#: Frames to let pass before a picture: layouts and canvases settle over several turns of the event loop.
SETTLE_TURNS, TURN_S = 8, 0.05


def take(out: Path, folder: Path, case: str | None = None) -> tuple[Path, ...]:
    """Open a case and write PNGs of the whole window: every plane, the ladder's tabs, every sheet, the prior beside.

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
        When the case does not open.
    """
    folder.mkdir(parents=True, exist_ok=True)
    viewer = napari.Viewer(title="catheterview - research use only")
    viewer.window.resize(1600, 1000)
    room = open_room(viewer, out, case)
    try:
        _wait(room)
        planes = [_shoot(room, plane, folder / f"{plane.value.lower()}.png") for plane in Plane]
        return (*planes, *_tabs(room, folder), *_sheets(room, folder))
    finally:
        room.close()
        viewer.close()


def _tabs(room: ReadingRoom, folder: Path) -> list[Path]:
    """Write the window with each tab of the ladder in front."""
    room.desk.set_plane(Plane.AXIAL)
    tabs, made = room.ladder.dock.tabs, []
    for n in range(1, tabs.count()):
        tabs.setCurrentIndex(n)
        made.append(_shoot(room, Plane.AXIAL, folder / f"ladder-{tabs.tabText(n).lower()}.png"))
    tabs.setCurrentIndex(0)
    return made


def _sheets(room: ReadingRoom, folder: Path) -> list[Path]:
    """Write the window with the prior beside, then with every other sheet of the case."""
    made = []
    room.sheets.toggle_prior()
    _settle_until(room, lambda: room.sheets.prior is not None)
    if room.sheets.prior is not None:
        made.append(_shoot(room, Plane.AXIAL, folder / "prior.png"))
        room.sheets.toggle_prior()
    plans = () if room.desk.case is None else room.desk.case.plans
    for n, plan in enumerate(plans[1:], start=2):
        room.sheets.open(plan)
        _settle_until(room, lambda plan=plan: room.desk.case is not None and room.desk.case.plan is plan)  # type: ignore[misc]
        _settle()
        path = folder / f"sheet-{n}.png"
        room.viewer.screenshot(str(path), canvas_only=False, flash=False)
        made.append(path)
    return made


def _settle_until(room: ReadingRoom, done: Callable[[], bool]) -> None:
    """Let what is being read arrive."""
    patience = time.monotonic() + PATIENCE_S
    _settle()
    while room.opener.busy and not done() and time.monotonic() < patience:
        _settle()


def _wait(room: ReadingRoom) -> None:
    """Let the case arrive."""
    patience = time.monotonic() + PATIENCE_S
    while room.session is None:
        if room.cases.troubles or time.monotonic() > patience:
            raise TimeoutError(room.cases.status.text() or "the case did not open")
        _settle()


def _settle() -> None:
    for _ in range(SETTLE_TURNS):
        QApplication.processEvents()
        time.sleep(TURN_S)


def _shoot(room: ReadingRoom, plane: Plane, path: Path) -> Path:
    """Write the window in one plane, on the current finding."""
    room.desk.set_plane(plane)
    finding = None if room.session is None else room.session.current
    if finding is not None and plane is not Plane.SOLID:
        room.desk.go_to(finding)
    _settle()
    room.viewer.screenshot(str(path), canvas_only=False, flash=False)
    return path


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
