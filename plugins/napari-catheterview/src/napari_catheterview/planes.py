"""The three reading planes and the 3-D view: which axes are shown, which way up, and the letters at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from catheterview.geometry import FloatArray
from napari_catheterview.frame import ReadingFrame

#: Towards which a world axis of a reading frame grows, and from where it comes.
TOWARDS = ("H", "P", "L")
FROM = ("F", "A", "R")

#: An axis that is farther than this from an anatomical one gets a second letter, as in DICOM's Patient Orientation.
SECOND_LETTER_COSINE = 0.26


class Plane(StrEnum):
    """How the world is cut."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"
    SOLID = "3D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One plane as napari needs it.

    Parameters
    ----------
    order : (3,) int
        World axes (0 = z, 1 = y, 2 = x): first the one that is cut, then downwards, then rightwards.
    upwards : bool
        Whether the vertical axis grows towards the top of the screen: the head belongs on top.
    """

    order: tuple[int, int, int]
    upwards: bool

    @property
    def orientation2d(self) -> tuple[str, str]:
        """(vertical, horizontal) direction of growth, in napari's words."""
        return ("up" if self.upwards else "down", "right")


#: Radiological convention: seen from the feet, from the front, and from the patient's left.
CUTS = {
    Plane.AXIAL: Cut(order=(0, 1, 2), upwards=False),
    Plane.CORONAL: Cut(order=(1, 0, 2), upwards=True),
    Plane.SAGITTAL: Cut(order=(2, 0, 1), upwards=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What is written at the four edges of a picture."""

    left: str
    right: str
    top: str
    bottom: str


def letters(frame: ReadingFrame, plane: Plane) -> Letters | None:
    """Return the orientation letters of a plane, None in 3-D where the camera turns.

    H and F stand for head and feet, A and P for front and back, R and L for the patient's own sides; two letters where
    the axis lies oblique.
    """
    cut = CUTS.get(plane)
    if cut is None:
        return None
    down, right = frame.axes[cut.order[1]], frame.axes[cut.order[2]]
    down = -down if cut.upwards else down
    return Letters(left=_letter(-right), right=_letter(right), top=_letter(-down), bottom=_letter(down))


def _letter(direction: FloatArray) -> str:
    """Name a direction in LPS by its nearest anatomical ones, nearest first."""
    parts = direction[::-1]  # S, P, L
    order = np.argsort(-np.abs(parts), kind="stable")
    names = [TOWARDS[n] if parts[n] > 0 else FROM[n] for n in order]
    return names[0] + (names[1] if abs(float(parts[order[1]])) > SECOND_LETTER_COSINE else "")
