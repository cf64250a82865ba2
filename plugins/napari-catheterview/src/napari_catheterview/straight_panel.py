"""Joins the straightened catheter's dock with the views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Finding
from napari_catheterview.case import READING, LoadedCase
from napari_catheterview.layers import STATUS_COLORS
from napari_catheterview.linked import Linked
from napari_catheterview.straight import Straightened
from napari_catheterview.straight_dock import StraightDock

#: What is said of a catheter that has no place in the patient to be straightened from.
ON_FILMS = "a catheter is straightened out of a CT, not of films"

#: A crosshair farther than this from the catheter's middle is outside the strip, so the strip shows no cursor.
NEAR_MM = 12.0


class StraightPanel:
    """The strip follows the crosshair, and a click on the strip moves it.

    Parameters
    ----------
    views : Linked
    """

    def __init__(self, views: Linked) -> None:
        self.dock = StraightDock()
        self._views = views
        self.straight: Straightened | None = None
        views.on_move(self._follow)
        self.dock.column_requested.connect(self._go)

    def show(self, case: LoadedCase) -> None:
        """Show a case's catheter, or why there is none to show."""
        self.straight = case.straight
        at = next((n for n, plan in enumerate(case.plans) if case.plan is not None and plan.is_sheet(case.plan)), -1)
        self.dock.show_sheets([plan.name for plan in case.plans], at)
        why = READING if case.partial else ON_FILMS if case.film_lines else "no catheter was traced here"
        self.dock.show_straight(self.straight, "" if self.straight is not None else why)

    def mark(self, findings: Sequence[Finding], status: Mapping[str, str]) -> None:
        """Mark the findings that lie on the catheter, in the colour of their verdict."""
        marks = []
        for finding in findings:
            if self.straight is not None and finding.frame is Frame.PATIENT:
                column, apart_mm = self.straight.column(finding.point)
                if apart_mm <= NEAR_MM:
                    marks.append((float(column), STATUS_COLORS[status.get(finding.id, "open")]))
        self.dock.strip.show_marks(marks)

    def _follow(self, point: FloatArray) -> None:
        """Show where along the catheter (3,) LPS mm is."""
        if self.straight is None:
            return
        column, apart_mm = self.straight.column(point)
        at = f"{self.straight.arc_mm[column]:.0f} mm from the pump end, {apart_mm:.0f} mm from the catheter"
        self.dock.show_cursor(float(column) if apart_mm <= NEAR_MM else None, at)

    def _go(self, column: float) -> None:
        if self.straight is not None:
            self._views.go_to_point(self.straight.place(column))
