"""Where the docks stand in the window."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt

from napari_catheterview.compat import Viewer
from napari_catheterview.docks import FindingsDock, WorklistDock

#: How ladder and findings share the right-hand side.
RIGHT_SHARES = (1, 1)


class Furniture:
    """The docks round the canvas: the catheter above, planes below, lists and ladder on the right.

    Parameters
    ----------
    viewer : napari.Viewer
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._docks: list[Any] = []

    def furnish(self, straight: Any, planes: Any, lists: tuple[WorklistDock, Any, FindingsDock]) -> None:
        """Put everything in its place; `lists` are worklist, ladder and findings."""
        cases, ladder, findings = lists
        self._dock(straight, "Catheter, straightened", "top")
        self.planes = self._dock(planes, "Planes", "bottom")
        self.worklist_tab = self._dock(cases, "Worklist", "right")
        self.ladder_tab = self._dock(ladder, "Ladder", "right", tabify=True)
        self.findings = self._dock(findings, "Findings", "right")
        # The lists need height more than the strip and the planes need width.
        for corner in (Qt.Corner.TopRightCorner, Qt.Corner.BottomRightCorner):
            findings.window().setCorner(corner, Qt.DockWidgetArea.RightDockWidgetArea)

    def _dock(self, widget: Any, name: str, area: str, *, tabify: bool = False) -> Any:
        add = self._viewer.window.add_dock_widget
        self._docks.append(add(widget, name=name, area=area, add_vertical_stretch=False, tabify=tabify))
        return self._docks[-1]

    def show_ladder(self) -> None:
        """Bring the ladder to the front, and share the right-hand side out between it and the findings."""
        self.ladder_tab.raise_()
        right = [self.ladder_tab, self.findings]
        self.findings.window().resizeDocks(right, list(RIGHT_SHARES), Qt.Orientation.Vertical)

    @property
    def standing(self) -> bool:
        """Whether the docks are in the window."""
        return bool(self._docks)

    def clear(self) -> None:
        """Take the docks away."""
        for dock in self._docks:
            self._viewer.window.remove_dock_widget(dock)
        self._docks.clear()
