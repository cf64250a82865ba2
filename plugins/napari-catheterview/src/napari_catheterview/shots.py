"""Pictures of the reading room, for the docs and for looking at: ``python -m napari_catheterview.shots OUT FOLDER``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import napari
import numpy as np
from PIL import Image as Picture
from qtpy.QtWidgets import QApplication

from napari_catheterview.app import open_room
from napari_catheterview.desk import OPACITIES, Desk
from napari_catheterview.hanging import Plan
from napari_catheterview.place import MINE
from napari_catheterview.planes import Plane
from napari_catheterview.room import ReadingRoom
from napari_catheterview.windows import WINDOWS

#: Longer than any case takes to open, on a machine that has much else to do too.
PATIENCE_S = 600.0
#: Frames to let pass before a picture: layouts and canvases settle over several turns of the event loop.
SETTLE_TURNS, TURN_S = 8, 0.05
#: In 3-D nothing is behind the bone, and less of it is white in its own window.
BONE = next(window for window in WINDOWS if window.name == "bone")
#: Of the window, and colours in a picture of it: grey levels of the images, and the few of the window round them.
WINDOW_PX, COLORS = (1600, 1000), 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture, and what was in sight when it was taken.

    Parameters
    ----------
    path : Path
        A PNG of the whole window.
    layers : frozenset of str
        Kinds of layer that the main view showed something of (`napari_catheterview.layers`, and those of sheets).
    beside : str
        What the side views said that they show besides the study.
    """

    path: Path
    layers: frozenset[str]
    beside: str = ""


def take(out: Path, folder: Path, case: str | None = None) -> tuple[Shot, ...]:
    """Open a case and take every plane, tab and tool on its CT, the prior beside it, and every other sheet.

    Parameters
    ----------
    out : Path
        What ``catheterview triage --out`` wrote.
    folder : Path
        Made when it is not there.
    case : str, optional
        The most urgent one when not given.

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
    plans = () if room.desk.case is None else room.desk.case.plans
    volumes = [plan for plan in plans if plan.kind == "volume"]
    if volumes:
        # What has a map on it before what has none; of others what the report is read on, which comes first.
        _hang(room, max(volumes, key=lambda plan: bool(plan.fused)))
        yield from _planes(room)
        yield from _tabs(room)
        yield from _tools(room)
        yield from _prior(room)
    for kind in ("films", "run"):
        for n, plan in enumerate((plan for plan in plans if plan.kind == kind), start=1):
            _hang(room, plan)
            # Of a run the middle: by then there is something in the catheter.
            room.desk.viewer.dims.set_current_step(0, room.desk.viewer.dims.nsteps[0] // 2)
            yield kind if n == 1 else f"{kind}-{n}"


def _hang(room: ReadingRoom, plan: Plan) -> None:
    """Hang a sheet, with the first finding on it in sight, or the middle of it where there is none."""
    if not _hangs(room, plan):
        room.sheets.open(plan)
        _settle_until(partial(_hangs, room, plan))
    found = () if room.session is None else room.session.findings
    here = next((one for one in found if one.series_instance_uid in plan.uids), None)
    if here is not None:
        room.select(here.id)
    room.tell("")


def _hangs(room: ReadingRoom, plan: Plan) -> bool:
    case = room.desk.case
    return case is not None and case.plan is not None and case.plan.is_sheet(plan)


def _planes(room: ReadingRoom) -> Iterator[str]:
    for plane in Plane:
        room.desk.set_plane(plane)
        room.set_window(BONE if plane is Plane.SOLID else room.preferences.window)
        _look(room)
        yield plane.value.lower()
    room.desk.set_plane(Plane.CORONAL)
    room.set_window(room.preferences.window)
    room.toggle_slab()
    yield "slab"
    room.toggle_slab()
    room.desk.set_plane(Plane.AXIAL)
    for _ in range(OPACITIES.index(0.0)):
        room.views.step_fused()
    yield "ct"
    for _ in range(len(OPACITIES) - OPACITIES.index(0.0)):
        room.views.step_fused()


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
    for by in ((0, -14, -13), (0, -14, 15)):
        room.views.clicked(room.desk, room.desk.at + np.array(by, dtype=np.float64))
    yield "ruler"
    room.tools.clear_measures()
    room.desk.set_plane(Plane.CORONAL)
    room.toggle_slab()
    room.tools.toggle_edit()
    yield "edit"
    room.tools.escape()
    room.tell("")
    room.toggle_slab()
    room.desk.set_plane(Plane.AXIAL)


def _prior(room: ReadingRoom) -> Iterator[str]:
    before = room.desk.case
    room.sheets.toggle_prior()
    if room.opener.busy:
        _settle_until(lambda: room.sheets.prior is not None)
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


def _shoot(room: ReadingRoom, path: Path) -> Shot:
    """Write the window as it stands."""
    _settle()
    pixels = room.viewer.screenshot(canvas_only=False, flash=False)
    seen = Picture.fromarray(pixels[..., :3])
    # Pillow dithers to a palette that it is given alone; without, the shades of a map would be steps.
    seen.quantize(palette=seen.quantize(COLORS), dither=Picture.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    return Shot(path=path, layers=_in_sight(room.desk), beside=" ".join(desk.beside for desk in room.views.desks))


def _in_sight(desk: Desk) -> frozenset[str]:
    """Return the kinds of layer of which a view shows something."""
    shown = [layer for layer in desk.viewer.layers if layer.visible and layer.opacity > 0 and len(layer.data)]
    return frozenset(layer.metadata[MINE] for layer in shown if MINE in layer.metadata)


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
