"""What of the body is known in one image."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from catheterview.errors import GeometryError
from catheterview.geometry import FloatArray, read_only
from catheterview.model.image import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class VertebralLevel:
    """A vertebra and the LPS mm point in the canal at its middle."""

    name: str
    point: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """What of the body is known in one image; everything in LPS mm.

    Parameters
    ----------
    body : Region or None
        The patient without table and cables, on a coarse grid.
    canal : (N, 3) float64
        Middle of the spinal canal, from feet to head; empty (0, 3) when not found.
    canal_radius_mm : (N,) float64
        Radius of the largest circle inside the canal at each point.
    levels : tuple of VertebralLevel
        From feet to head; empty when they cannot be counted.
    levels_from : str
        ``sacrum``, ``last rib``, ``first rib``, ``masks`` (of another segmentation tool), ``relative`` (names ``V1``,
        ``V2``, … from the lowest vertebra in view) or ``none``.
    why : str
        What was not found, and the reason; empty when all was.
    elsewhere : Region or None
        Organs and vessels in which contrast of another kind is expected; None where nobody has told.
    """

    series_instance_uid: str
    body: Region | None = None
    canal: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    canal_radius_mm: FloatArray = field(default_factory=lambda: np.zeros(0))
    levels: tuple[VertebralLevel, ...] = ()
    levels_from: str = "none"
    why: str = ""
    elsewhere: Region | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "canal", read_only(np.reshape(self.canal, (-1, 3)), ndim=2))
        object.__setattr__(self, "canal_radius_mm", read_only(self.canal_radius_mm, ndim=1))
        if len(self.canal) != len(self.canal_radius_mm):
            raise GeometryError("one canal radius per canal point is needed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GivenAnatomy:
    """Parts of the body as another tool has segmented them; everything in LPS mm. What it does not hold is empty.

    Parameters
    ----------
    tool : str
        Its name, where the masks tell it.
    body : Region or None
    canal : (N, 3) float64
        Middle of the spinal canal, from feet to head.
    canal_radius_mm : (N,) float64
    course : (N, 3) float64
        Middle of the cord or the dural sac, which lie in the canal and do not show its border.
    vertebrae : tuple of VertebralLevel
        From feet to head, at the middle of each body.
    elsewhere : Region or None
        Organs and vessels in which contrast of another kind is expected.
    """

    tool: str = ""
    body: Region | None = None
    canal: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    canal_radius_mm: FloatArray = field(default_factory=lambda: np.zeros(0))
    course: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))
    vertebrae: tuple[VertebralLevel, ...] = ()
    elsewhere: Region | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "canal", read_only(np.reshape(self.canal, (-1, 3)), ndim=2))
        object.__setattr__(self, "canal_radius_mm", read_only(self.canal_radius_mm, ndim=1))
        object.__setattr__(self, "course", read_only(np.reshape(self.course, (-1, 3)), ndim=2))
        if len(self.canal) != len(self.canal_radius_mm):
            raise GeometryError("one canal radius per canal point is needed")
