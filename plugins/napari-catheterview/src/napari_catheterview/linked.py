"""Several views of one case that move as one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray
from catheterview.model import Finding
from napari_catheterview.case import LoadedCase
from napari_catheterview.compat import Viewer
from napari_catheterview.desk import CLOSE_ZOOM, Desk
from napari_catheterview.hanging.sheet_layers import FILM
from napari_catheterview.layers import IMAGE
from napari_catheterview.place import MINE
from napari_catheterview.solid import seen_at
from napari_catheterview.windows import Window

#: Screen pixels per mm of what hangs beside: half as near as a finding, for where studies are not registered the same
#: place is to be looked for.
BESIDE_ZOOM = CLOSE_ZOOM / 2


class Linked:
    """Desks that show the same case and are told everything together; the first is the main one.

    Parameters
    ----------
    main : Desk
    others : sequence of Desk
        Views beside it.
    """

    def __init__(self, main: Desk, others: Sequence[Desk] = ()) -> None:
        self.main = main
        self.desks = [main, *others]
        self._listeners: list[Callable[[FloatArray], None]] = []
        self._apart: dict[int, FloatArray] = {}
        #: Takes clicks in place of the crosshair while it is in hand: a desk, and (3,) world on it.
        self.tool: Callable[[Desk, FloatArray], None] | None = None
        for desk in self.desks:
            follow_clicks(desk.viewer, partial(self.clicked, desk), partial(self._shade, desk))

    def on_move(self, listener: Callable[[FloatArray], None]) -> None:
        """Call back with (3,) LPS mm after every move."""
        self._listeners.append(listener)

    def show(self, case: LoadedCase, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Put a case on every desk; the voxels are shared, not copied. Of a part only the main desk makes a picture."""
        self._apart.clear()
        for desk in self.desks:
            desk.beside = ""
            if case.partial and desk is not self.main:
                desk.blank()
            else:
                desk.show(case, findings, status)

    def complete(self, case: LoadedCase, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Put the whole of a volume where a part of it hangs; the main view stays where the reader has it."""
        self.main.fill(case)
        limits = limits_shown(self.main.viewer)
        for desk in self.desks[1:]:
            desk.show(case, findings, status)
            desk.set_slab(self.main.slab_mm)
            desk.look_at(self.main.at, zoom=CLOSE_ZOOM)
            if limits is not None:
                desk.set_limits(limits)

    def show_beside(self, case: LoadedCase, desk: Desk, *, apart_mm: ArrayLike, words: str) -> None:
        """Put another sheet on one desk, moving along at a distance.

        Parameters
        ----------
        apart_mm : (3,) LPS mm
            From a place of the main sheet to the same place of this one.
        words : str
            What it is and how it is linked, for its canvas.
        """
        desk.beside = words
        self._apart[id(desk)] = np.asarray(apart_mm, dtype=np.float64)
        desk.show(case, (), {})
        desk.look_at(self._beside(desk, case, self.here()), zoom=BESIDE_ZOOM)

    def _beside(self, desk: Desk, case: LoadedCase, point: FloatArray) -> FloatArray:
        """(3,) world on a desk's case of (3,) LPS mm of the main sheet."""
        return case.place.frame.from_patient(point + self._apart.get(id(desk), 0.0))

    def _move(self, desk: Desk, point: FloatArray) -> None:
        """Cut one desk at (3,) LPS mm of the main sheet."""
        if desk.case is not None:
            desk.move_to(self._beside(desk, desk.case, point))

    def clicked(self, desk: Desk, world: FloatArray) -> None:
        """Take a click on a desk at (3,) world: for the tool in hand, else to go there."""
        if desk.case is None:
            return
        if self.tool is not None:
            self.tool(desk, world)
        elif desk.case.films:
            self.move_to(world)
        else:
            self.go_to_point(desk.case.place.frame.to_patient(world) - self._apart.get(id(desk), 0.0))

    def _shade(self, desk: Desk, limits: tuple[float, float]) -> None:
        """Set black and white of a desk, and of those that show the same."""
        for other in self.desks:
            if other is desk or other.case is desk.case:
                other.set_limits(limits)

    def move_to(self, world: ArrayLike) -> None:
        """Cut every view at (3,) world mm, with the crosshair there."""
        if self.main.case is not None and not self.main.case.films:
            self.go_to_point(self.main.case.place.frame.to_patient(world))
            return
        for desk in self.desks:
            desk.move_to(world)

    def go_to(self, finding: Finding) -> None:
        """Jump to a finding in every view."""
        for desk in self.desks:
            if id(desk) not in self._apart:
                desk.go_to(finding)
        case = self.main.case
        if case is not None and not case.films and len(finding.point) == 3:
            self._follow(np.asarray(finding.point, dtype=np.float64))

    def _follow(self, point: FloatArray) -> None:
        """Bring what hangs beside to (3,) LPS mm, and tell who listens."""
        for desk in self.desks:
            if id(desk) in self._apart and desk.case is not None:
                desk.look_at(self._beside(desk, desk.case, point), zoom=BESIDE_ZOOM)
        for listener in self._listeners:
            listener(point)

    def go_to_point(self, point: ArrayLike) -> None:
        """Cut every view at (3,) LPS mm."""
        if self.main.case is None or self.main.case.films:
            return
        at = np.asarray(point, dtype=np.float64)
        for desk in self.desks:
            self._move(desk, at)
        for listener in self._listeners:
            listener(at)

    def here(self) -> FloatArray:
        """(3,) LPS mm of the crosshair."""
        frame = None if self.main.case is None else self.main.case.place.frame
        at = np.asarray(self.main.at, dtype=np.float64)
        return at if frame is None else frame.to_patient(at)

    def show_catheters(self, case: LoadedCase) -> None:
        """Draw the catheters anew everywhere but beside."""
        for desk in self.desks:
            if id(desk) not in self._apart and desk.case is not None:
                desk.show_catheters(case)

    def show_status(self, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Draw the findings anew everywhere."""
        for desk in self.desks:
            if id(desk) not in self._apart:
                desk.show_status(findings, status)

    def set_window(self, window: Window) -> None:
        """Set black and white everywhere."""
        for desk in self.desks:
            desk.set_window(window)

    def step_fused(self) -> None:
        """Let the map of activity shine more or less everywhere."""
        for desk in self.desks:
            desk.step_fused()

    def set_slab(self, slab_mm: float) -> None:
        """Set the slab everywhere."""
        for desk in self.desks:
            desk.set_slab(slab_mm)


#: Screen pixels over which a drag widens a window by a factor of e, or moves it by its width.
WINDOW_DRAG_PX = 250.0


def follow_clicks(
    viewer: Viewer, move_to: Callable[[FloatArray], None], shade: Callable[[tuple[float, float]], None]
) -> None:
    """Move to where a cut is clicked, or in 3-D to what is pointed at; a drag with Shift sets the window."""

    def clicked(_viewer: Viewer, event: Any) -> Generator[None, None, None]:
        limits = limits_shown(viewer) if "Shift" in event.modifiers else None
        start, dragged = np.asarray(event.pos, dtype=np.float64), False
        yield
        while event.type == "mouse_move":
            dragged = True
            if limits is not None:
                shade(dragged_limits(limits, np.asarray(event.pos) - start))
            yield
        if not dragged and len(event.position) == 3:
            flat = viewer.dims.ndisplay == 2
            at = np.asarray(event.position, dtype=np.float64) if flat else seen_at(viewer, event)
            if at is not None:
                move_to(at)

    viewer.mouse_drag_callbacks.append(clicked)


def limits_shown(viewer: Viewer) -> tuple[float, float] | None:
    """Return black and white of the study that a viewer shows, None where it shows none."""
    shown = [layer for layer in viewer.layers if layer.metadata.get(MINE) in (IMAGE, FILM) and layer.visible]
    return (float(shown[0].contrast_limits[0]), float(shown[0].contrast_limits[1])) if shown else None


def dragged_limits(limits: tuple[float, float], by_px: ArrayLike) -> tuple[float, float]:
    """Return black and white after a drag of (2,) pixels: to the right is wider, up is brighter."""
    right, down = np.asarray(by_px, dtype=np.float64) / WINDOW_DRAG_PX
    width = (limits[1] - limits[0]) * float(np.exp(right))
    middle = (limits[0] + limits[1]) / 2 + float(down) * (limits[1] - limits[0])
    return middle - width / 2, middle + width / 2
