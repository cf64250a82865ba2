"""Lengths and angles between clicks, in mm where mm are known. No Qt, no napari."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, Frame, angle_deg
from catheterview.model import Mark

#: What a length is measured in, by frame.
UNITS = {
    Frame.PATIENT: "mm",
    Frame.CALIBRATED: "mm at the depth of the calibration",
    Frame.DETECTOR: "mm at the detector",
    Frame.PIXEL: "pixels",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A length between two points, or an angle at the second of three.

    Parameters
    ----------
    marks : tuple of Mark
        Places on one image, in the order of the clicks.
    points : (N, 3) float64, world
        Where they are drawn; their distances are those of the frame's own unit.
    """

    marks: tuple[Mark, ...]
    points: FloatArray

    @property
    def value(self) -> float:
        """Length in the frame's unit, or angle in degrees."""
        if len(self.points) == 2:
            return float(np.linalg.norm(self.points[1] - self.points[0]))
        return float(angle_deg(self.points[0] - self.points[1], self.points[2] - self.points[1]))

    @property
    def words(self) -> str:
        """The value with its unit."""
        frame = self.marks[0].frame
        if len(self.points) == 2:
            return f"{self.value:.1f} {UNITS[frame]}"
        return f"{self.value:.1f}°{' if pixels are square' if frame is Frame.PIXEL else ''}"

    @property
    def lines(self) -> FloatArray:
        """(M, 2, 3) starts and steps of the lines between the points."""
        return np.stack([self.points[:-1], np.diff(self.points, axis=0)], axis=1)


class Ruler:
    """Takes clicks until it has enough.

    Parameters
    ----------
    clicks : int
        Two for a length, three for an angle.
    """

    def __init__(self, clicks: int) -> None:
        self.clicks = clicks
        self.marks: list[Mark] = []
        self.points: list[FloatArray] = []

    def add(self, mark: Mark, world: FloatArray) -> Measured | None:
        """Take a click; a click on another image begins anew.

        Returns
        -------
        Measured or None
            None while clicks are wanting.
        """
        if self.marks and not _same_image(self.marks[0], mark):
            self.marks, self.points = [], []
        self.marks.append(mark)
        self.points.append(np.asarray(world, dtype=np.float64))
        if len(self.marks) < self.clicks:
            return None
        done = Measured(marks=tuple(self.marks), points=np.array(self.points))
        self.marks, self.points = [], []
        return done


def _same_image(first: Mark, other: Mark) -> bool:
    """Say whether two places may be measured between: one frame, and one image where the frame is an image's own."""
    if first.frame is Frame.PATIENT or other.frame is Frame.PATIENT:
        return first.frame is other.frame
    return first.sop_instance_uid == other.sop_instance_uid and first.series_instance_uid == other.series_instance_uid
