"""Changes between the sheets of a case, and hangs a prior beside the current study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Report
from napari_catheterview.case import LoadedCase
from napari_catheterview.hanging.plan import Plan, beside
from napari_catheterview.linked import Linked
from napari_catheterview.opener import Opener
from napari_catheterview.planes import Plane


class Sheets:
    """The sheets of the case that is open, and which one hangs.

    Parameters
    ----------
    views : Linked
    opener : callable
        Returns what opens sheets in a thread.
    put : callable
        Given a sheet that has been read, to hang it.
    """

    def __init__(self, views: Linked, opener: Callable[[], Opener], put: Callable[[LoadedCase], None]) -> None:
        self._views, self._opener, self._put = views, opener, put
        self.prior: LoadedCase | None = None

    @property
    def case(self) -> LoadedCase | None:
        """What hangs now."""
        return self._views.main.case

    def holding(self, series_instance_uid: str) -> Plan | None:
        """Return the sheet that another series hangs on, None where it hangs already or nowhere."""
        case = self.case
        if case is None or case.plan is None or series_instance_uid in case.plan.uids:
            return None
        return next((plan for plan in case.plans if series_instance_uid in plan.uids), None)

    def step(self, by: int) -> None:
        """Hang the next sheet of the case."""
        case = self.case
        if case is None or case.plan is None or len(case.plans) < 2:
            return
        at = next(n for n, plan in enumerate(case.plans) if plan.is_sheet(case.plan))
        self.open(case.plans[(at + by) % len(case.plans)])

    def open(self, plan: Plan, then: Callable[[], None] | None = None) -> None:
        """Read a sheet in a thread and hang it; then go on with what was wanted of it. Not while one is half read."""
        case = self.case
        if case is None or case.partial:
            return

        def hang(read: LoadedCase) -> None:
            self._put(read)
            if then is not None:
                then()

        self._opener().open_sheet(case, plan, hang)

    def toggle_prior(self) -> None:
        """Hang the prior beside the current study, or take it away again."""
        case = self.case
        if case is None or case.plan is None or case.partial:
            return
        if self.prior is not None and not case.films:
            self._put(case)
        elif self.prior is not None:
            self.step(0)
        else:
            plan = beside(case.plans, case.plan)
            if plan is not None and plan.kind == "films":
                self._open_films(case.plan, plan)
            elif plan is not None and plan.kind == "volume":
                self._opener().open_sheet(case, plan, self._hang_prior)

    def _open_films(self, current: Plan, prior: Plan) -> None:
        """Hang the films of two studies in one row."""

        def tell() -> None:
            self.prior = self.case
            self._views.main.say_beside(f"On the right PRIOR {prior.name}; not registered")

        self.open(replace(current, series=(*current.series, *prior.series)), tell)

    def _hang_prior(self, prior: LoadedCase) -> None:
        """Put the prior on the first side view in the main view's plane, both linked by what is common to them."""
        main = self._views.main
        if main.case is None or prior.plan is None:
            return
        self.prior = prior
        apart, how = link(main.case, prior)
        side = self._views.desks[1]
        side.plane = Plane.AXIAL if main.plane is Plane.SOLID else main.plane
        self._views.show_beside(prior, side, apart_mm=apart, words=f"PRIOR {prior.plan.name}; {how}")


def link(current: LoadedCase, prior: LoadedCase) -> tuple[FloatArray, str]:
    """Return the way in LPS mm from a place of one study to the same place of another, and how it was found.

    One frame of reference: none. Else from pump to pump, by their centres alone: two studies are not registered, and
    the words say so.
    """
    if current.image is None or prior.image is None:
        return np.zeros(3), "not linked"
    same = current.image.frame_of_reference_uid
    if same and same == prior.image.frame_of_reference_uid:
        return np.zeros(3), "same frame of reference"
    pumps = [_pump(case.report, case.image.series_instance_uid) for case in (current, prior) if case.image is not None]
    if all(pump is not None for pump in pumps):
        return np.asarray(pumps[1]) - np.asarray(pumps[0]), "linked from pump to pump, not registered"
    return prior.middle() - current.middle(), "linked by the middle of the volumes, not registered"


def _pump(report: Report, series_instance_uid: str) -> tuple[float, float, float] | None:
    centres = [pump.center_mm for pump in report.pumps if pump.series_instance_uid == series_instance_uid]
    return centres[0] if len(centres) == 1 else None
