"""The traced catheter."""

from __future__ import annotations

from dataclasses import dataclass, field

from catheterview.errors import GeometryError
from catheterview.geometry import FloatArray, Frame, arc_length, read_only


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Indices into a centreline's points; None where not known."""

    pump: int | None = None
    dural_entry: int | None = None
    tip: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Centreline:
    """The traced catheter, from pump to tip.

    Parameters
    ----------
    frame : Frame
    points : (N, 3) float64 LPS mm, or (N, 2) (row, column) pixels of the image `sop_instance_uid`
    pieces : tuple of (first, last)
        Inclusive index ranges that are continuous in the image, in order; between two of them is a gap.
    radius : (N,) float64
        Outer radius of the tube as it appears, in the unit of `points`.
    confidence : (N,) float64, 0 to 1
        How surely the tube is at this point; low where it was bridged through streaks or bone.
    contrast : (N,) float64
        Peak of the tube over its surroundings, HU in CT; 0 where not measured.
    noise : (N,) float64
        Standard deviation of the surroundings, the same unit; 0 where not measured.
    """

    series_instance_uid: str
    frame: Frame
    points: FloatArray
    pieces: tuple[tuple[int, int], ...]
    radius: FloatArray
    confidence: FloatArray
    contrast: FloatArray
    noise: FloatArray
    landmarks: Landmarks = field(default_factory=Landmarks)
    sop_instance_uid: str = ""

    def __post_init__(self) -> None:
        points = read_only(self.points, ndim=2)
        object.__setattr__(self, "points", points)
        for name in ("radius", "confidence", "contrast", "noise"):
            object.__setattr__(self, name, read_only(getattr(self, name), ndim=1))
            if len(getattr(self, name)) != len(points):
                raise GeometryError(f"one {name} per point is needed")
        if points.shape[1] != (3 if self.frame is Frame.PATIENT else 2):
            raise GeometryError(f"points of frame {self.frame} cannot have shape {points.shape}")
        flat = [n for piece in self.pieces for n in piece]
        if not self.pieces or flat[0] != 0 or flat[-1] != len(points) - 1 or flat != sorted(flat):
            raise GeometryError(f"pieces {self.pieces} do not cover {len(points)} points in order")

    @property
    def arc_mm(self) -> FloatArray:
        """(N,) distance along the line from its first point, gaps counted straight across, in the unit of `points`."""
        return arc_length(self.points)

    @property
    def length_mm(self) -> float:
        """Length of all pieces together, without the gaps, in the unit of `points`."""
        return float(sum(arc_length(self.points[first : last + 1])[-1] for first, last in self.pieces))
