"""A case as it lies on the desk: its report, and the volume that it is read on. No Qt, no napari."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Centreline, Finding, Image, Pump, Report
from napari_catheterview.frame import HungImage
from napari_catheterview.layers import Place, place_of
from napari_catheterview.straight import Straightened


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedCase:
    """A case on its way to the desk.

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
    """

    report: Report
    image: Image | None = None
    hung: HungImage | None = None
    why_no_image: str = ""
    straight: Straightened | None = None

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
        return tuple(c for c in self.report.catheters if c.frame is Frame.PATIENT and self._here(c.series_instance_uid))

    @property
    def pumps(self) -> tuple[Pump, ...]:
        """The pumps of the shown series, or all when none is shown."""
        return tuple(pump for pump in self.report.pumps if self._here(pump.series_instance_uid))

    def shown(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return those findings that lie in the shown series, or all when none is shown."""
        return tuple(finding for finding in findings if self._here(finding.series_instance_uid))

    def _here(self, series_instance_uid: str) -> bool:
        return self.image is None or series_instance_uid == self.image.series_instance_uid

    def middle(self) -> FloatArray:
        """LPS mm of the middle of the volume, else of all that is known of catheters and pumps, else the origin."""
        if self.hung is not None:
            return self.hung.frame.to_patient(self.hung.world((np.array(self.hung.voxels.shape) - 1) // 2))
        known = [c.points for c in self.catheters] + [np.array([p.center_mm]) for p in self.pumps]
        return np.asarray(np.concatenate(known).mean(axis=0)) if known else np.zeros(3)
