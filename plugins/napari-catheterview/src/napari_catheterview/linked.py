"""Several views of one case that move as one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray
from catheterview.model import Finding
from napari_catheterview.case import LoadedCase
from napari_catheterview.compat import Viewer
from napari_catheterview.desk import Desk
from napari_catheterview.windows import Window


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
        for desk in self.desks:
            follow_clicks(desk.viewer, self.move_to)

    def furnish(self) -> None:
        """Make layers and letters while there is no case yet."""
        for desk in self.desks:
            desk.furnish()

    def on_move(self, listener: Callable[[FloatArray], None]) -> None:
        """Call back with (3,) LPS mm after every move."""
        self._listeners.append(listener)

    def show(self, case: LoadedCase, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Put a case on every desk; the voxels are shared, not copied."""
        for desk in self.desks:
            desk.show(case, findings, status)

    def move_to(self, world: ArrayLike) -> None:
        """Cut every view at (3,) world mm, with the crosshair there."""
        for desk in self.desks:
            desk.move_to(world)
        self._tell(world)

    def go_to(self, finding: Finding) -> None:
        """Jump to a finding in every view."""
        for desk in self.desks:
            desk.go_to(finding)
        if self.main.case is not None and len(finding.point) == 3:
            self._tell(self.main.case.place.frame.from_patient(finding.point))

    def go_to_point(self, point: ArrayLike) -> None:
        """Cut every view at (3,) LPS mm."""
        if self.main.case is not None:
            self.move_to(self.main.case.place.frame.from_patient(point))

    def _tell(self, world: ArrayLike) -> None:
        if self.main.case is not None:
            for listener in self._listeners:
                listener(self.main.case.place.frame.to_patient(world))

    def here(self) -> FloatArray:
        """(3,) LPS mm of the crosshair."""
        frame = None if self.main.case is None else self.main.case.place.frame
        at = np.asarray(self.main.at, dtype=np.float64)
        return at if frame is None else frame.to_patient(at)

    def show_status(self, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Draw the findings anew everywhere."""
        for desk in self.desks:
            desk.show_status(findings, status)

    def set_window(self, window: Window) -> None:
        """Set black and white everywhere."""
        for desk in self.desks:
            desk.set_window(window)

    def set_slab(self, slab_mm: float) -> None:
        """Set the slab everywhere."""
        for desk in self.desks:
            desk.set_slab(slab_mm)


def follow_clicks(viewer: Viewer, move_to: Callable[[FloatArray], None]) -> None:
    """Move to where a cut is clicked; a drag stays what it is."""

    def clicked(_viewer: Viewer, event: Any) -> Generator[None, None, None]:
        dragged = False
        yield
        while event.type == "mouse_move":
            dragged = True
            yield
        if not dragged and viewer.dims.ndisplay == 2 and len(event.position) == 3:
            move_to(np.asarray(event.position, dtype=np.float64))

    viewer.mouse_drag_callbacks.append(clicked)
