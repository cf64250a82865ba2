"""A case as it lies on the desk: its report, and the volume that it is read on. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Centreline, Finding, Image, Mark, Pump, Report
from napari_catheterview.frame import HungImage
from napari_catheterview.hanging.film import Film
from napari_catheterview.hanging.fused import Fused
from napari_catheterview.hanging.plan import Plan
from napari_catheterview.place import Place, place_of
from napari_catheterview.straight import Straightened, straightened

#: What is said wherever it matters that only a part of a volume is there yet.
READING = "Only the slices about this place are shown: the volume is still being read."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedCase:
    """A case on its way to the desk, as one sheet hangs.

    Parameters
    ----------
    report : Report
    image : Image or None
        The volume that the findings lie in.
    hung : HungImage or None
        The same, laid out for reading; None for an image that has no place in the patient.
    why_no_image : str
        Why `image` is None; empty when it is not.
    straight : Straightened or None
        The first catheter that lies in the image, straightened out.
    plan : Plan or None
        Which sheet this is; None where no image was found.
    plans : tuple of Plan
        All sheets of the case.
    fused : tuple of Fused
        Maps of activity on the image.
    films : tuple of Film
        Films side by side, in place of a volume.
    missing : tuple of str
        What of the sheet could not be read, and why.
    folder : Path or None
        Of the case in the output of triage; None for one that comes from elsewhere.
    drawn : tuple of Centreline or None
        The catheters as readers have corrected them; None while they are the report's.
    partial : bool
        Whether `image` is only the slices about what is read first, and the whole volume is still being read.
    """

    report: Report
    image: Image | None = None
    hung: HungImage | None = None
    why_no_image: str = ""
    straight: Straightened | None = None
    plan: Plan | None = None
    plans: tuple[Plan, ...] = ()
    fused: tuple[Fused, ...] = ()
    films: tuple[Film, ...] = ()
    missing: tuple[str, ...] = ()
    folder: Path | None = None
    drawn: tuple[Centreline, ...] | None = None
    partial: bool = False

    def with_straight(self, straight: Straightened) -> LoadedCase:
        """Return the case with a catheter straightened out."""
        return replace(self, straight=straight)

    @property
    def note(self) -> str:
        """What a reader must know of how this hangs."""
        said = ["" if self.hung is None else self.hung.note, *(one.hung.note for one in self.fused), *self.missing]
        if self.partial:
            said.append(READING)
        if any(film.image.frame is Frame.PIXEL for film in self.films):
            said.append("No pixel spacing is known: measures are in pixels.")
        elif self.films:
            said.append("Measures are in mm at the detector, which magnifies.")
        return " ".join(part for part in said if part)

    def mark_at(self, world: ArrayLike) -> Mark | None:
        """Return (3,) world as a place on what hangs here; None where nothing does."""
        for film in self.films:
            if film.holds(world):
                row, column = (float(v) for v in film.pixel(world))
                shown = min(max(round(float(np.asarray(world)[0])), 0), len(film.image.voxels) - 1)
                return Mark(
                    series_instance_uid=film.image.series_instance_uid,
                    sop_instance_uid=film.image.sop_instance_uid_at(shown),
                    frame=film.image.frame,
                    points=((row, column),),
                )
        if self.image is None:
            return None
        x, y, z = (float(v) for v in self.place.frame.to_patient(world))
        return Mark(series_instance_uid=self.image.series_instance_uid, frame=Frame.PATIENT, points=((x, y, z),))

    def world_of(self, finding: Finding) -> FloatArray | None:
        """Return (3,) world of a finding; None where it lies on nothing that hangs here."""
        if finding.frame is Frame.PATIENT:
            return None if self.films else self.place.frame.from_patient(finding.point)
        film = self.film_of(finding.series_instance_uid, finding.sop_instance_uid)
        return None if film is None else film.world(finding.point)

    def film_of(self, series_instance_uid: str, sop_instance_uid: str) -> Film | None:
        """Return the film that an instance, or else a series, is."""
        of_series = [one for one in self.films if one.image.series_instance_uid == series_instance_uid]
        exact = [one for one in of_series if sop_instance_uid in one.image.sop_instance_uids]
        return next(iter([*exact, *of_series]), None)

    @property
    def place(self) -> Place:
        """Where everything is drawn; the patient's own axes and mm while no image says otherwise."""
        return place_of(self.hung)

    @property
    def box(self) -> FloatArray | None:
        """(2, 3) data coordinates of the volume's outermost voxel centres, None where there is no volume."""
        if self.hung is None:
            return None
        first = self.hung.translate_mm / self.hung.scale_mm
        return np.stack([first, first + np.array(self.hung.voxels.shape) - 1])

    @property
    def catheters(self) -> tuple[Centreline, ...]:
        """The catheters that lie in the patient's frame and in the shown series, or all when none is shown."""
        return tuple(c for c in self._lines if c.frame is Frame.PATIENT and self._here(c.series_instance_uid))

    @property
    def _lines(self) -> tuple[Centreline, ...]:
        return self.report.catheters if self.drawn is None else self.drawn

    @property
    def film_lines(self) -> tuple[tuple[Film, Centreline], ...]:
        """The catheters that lie on the films, each with its film."""
        on = [(self.film_of(c.series_instance_uid, c.sop_instance_uid), c) for c in self._lines]
        return tuple((film, c) for film, c in on if film is not None and c.frame is not Frame.PATIENT)

    @property
    def pumps(self) -> tuple[Pump, ...]:
        """The pumps of the shown series, or all when none is shown."""
        return tuple(pump for pump in self.report.pumps if self._here(pump.series_instance_uid))

    def shown(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return those findings that lie on what hangs here, or all when nothing does."""
        return tuple(finding for finding in findings if self.holds(finding))

    def holds(self, finding: Finding) -> bool:
        """Say whether a finding lies on what hangs here."""
        if self.films:
            return finding.frame is not Frame.PATIENT and self.world_of(finding) is not None
        return self._here(finding.series_instance_uid)

    def _here(self, series_instance_uid: str) -> bool:
        if self.films:
            return False
        uids = {one.image.series_instance_uid for one in self.fused}
        return self.image is None or series_instance_uid in uids | {self.image.series_instance_uid}

    def middle(self) -> FloatArray:
        """LPS mm of the middle of the volume, else of all that is known of catheters and pumps, else the origin."""
        if self.hung is not None:
            return self.hung.frame.to_patient(self.hung.world((np.array(self.hung.voxels.shape) - 1) // 2))
        known = [c.points for c in self.catheters] + [np.array([p.center_mm]) for p in self.pumps]
        return np.asarray(np.concatenate(known).mean(axis=0)) if known else np.zeros(3)


def corrected(case: LoadedCase, lines: tuple[Centreline, ...]) -> LoadedCase:
    """Return a case with its catheters as readers have corrected them, straightened out anew."""
    drawn = replace(case, drawn=lines)
    if case.image is None or case.partial or not drawn.catheters:
        return drawn
    return drawn.with_straight(straightened(case.image, drawn.catheters[0]))
