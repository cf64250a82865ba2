"""Where things are drawn: one reading frame and one voxel for all layers of a viewer. No Qt, no napari."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from catheterview.geometry import FloatArray
from napari_catheterview.frame import HungImage, ReadingFrame

LayerData: TypeAlias = tuple[object, dict[str, object], str]

AXIS_LABELS = ("z", "y", "x")
UNITS = ("mm", "mm", "mm")

#: Where a layer's metadata say that it is this plugin's, and which.
MINE = "catheterview"
#: Where they say in which folder the case lies, so that it can be written from the layer.
FOLDER = "case folder"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where things are drawn: the reading frame, and the voxel that everything is measured in.

    Parameters
    ----------
    frame : ReadingFrame
    voxel_mm : (3,) float64
        Along z, y and x.
    """

    frame: ReadingFrame = field(default_factory=ReadingFrame)
    voxel_mm: FloatArray = field(default_factory=lambda: np.ones(3))

    def data(self, points: ArrayLike) -> FloatArray:
        """Take (..., 3) LPS mm to (..., 3) data coordinates of a layer."""
        return np.asarray(self.frame.from_patient(points) / self.voxel_mm)

    def attributes(self, name: str, what: str) -> dict[str, object]:
        """Return the attributes that every layer here shares."""
        return {
            "name": name,
            "units": UNITS,
            "axis_labels": AXIS_LABELS,
            "scale": tuple(float(size) for size in self.voxel_mm),
            "metadata": {MINE: what},
            "visible": True,
            "opacity": 1.0,
            "blending": "translucent_no_depth",
        }

    def size(self, size_mm: float) -> float:
        """Return the size in data units at which a dot is so many mm wide; napari scales dots by the last axis."""
        return size_mm / float(self.voxel_mm[-1])


def place_of(hung: HungImage | None) -> Place:
    """Return the place of an image, LPS mm where there is none."""
    return Place() if hung is None else Place(frame=hung.frame, voxel_mm=hung.scale_mm)
