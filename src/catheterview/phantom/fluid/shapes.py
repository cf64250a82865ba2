"""Shapes that fluid takes: a ragged ellipsoid, a tube along a line, a crescent round the pump, a lens under it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, read_only
from catheterview.phantom.texture import Texture

_PART = 40  # points of a tube that are boxed in together
_EDGE_MM = 1.0  # over which a shape's border fades


class Shape(Protocol):
    """Where something is, and how concentrated relative to its strongest place."""

    def share(self, points: FloatArray) -> FloatArray:
        """Relative concentration (N,), 0 to 1, at (N, 3) LPS mm points."""
        ...

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest (3,) LPS mm of a box that holds it."""
        ...


def lattice(shape: Shape, step_mm: float) -> FloatArray:
    """Points (N, 3) LPS mm of a lattice near a shape; a long thin one is followed, not boxed in.

    Parameters
    ----------
    shape : Shape
    step_mm : float
    """
    boxes = [shape.bounds()]
    if isinstance(shape, Tube):
        reach = float(shape.radius_mm.max()) + _EDGE_MM
        parts = [shape.axis[first : first + _PART + 1] for first in range(0, len(shape.axis), _PART)]
        boxes = [(part.min(axis=0) - reach, part.max(axis=0) + reach) for part in parts]
    found = [_cells(low, high, step_mm) for low, high in boxes]
    cells = _each_once(np.concatenate(found)) if len(found) > 1 else found[0]
    return np.asarray((cells + 0.5) * step_mm)


def _each_once(cells: FloatArray) -> FloatArray:
    """Rows (N, 3) of whole numbers without repetition, in order."""
    low = cells.min(axis=0)
    size = (cells.max(axis=0) - low + 1.0).astype(np.int64)
    number = np.unique(np.ravel_multi_index(tuple((cells - low).astype(np.int64).T), tuple(size)))
    return np.asarray(np.stack(np.unravel_index(number, tuple(size)), axis=1) + low)


def _cells(low: FloatArray, high: FloatArray, step_mm: float) -> FloatArray:
    """Integer cells (N, 3) of a lattice that a box touches."""
    axes = [np.arange(np.floor(a / step_mm), np.ceil(b / step_mm)) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


@lru_cache(maxsize=16)
def _grain(seed: int) -> Texture:
    """The raggedness of a seed."""
    return Texture(np.random.default_rng([seed, 97]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Oriented:
    """Something that lies somewhere in some way.

    Parameters
    ----------
    center_mm : (3,) LPS mm
    axes : (3, 3)
        Rows are orthonormal directions.
    """

    center_mm: FloatArray
    axes: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "center_mm", read_only(self.center_mm, ndim=1))
        object.__setattr__(self, "axes", read_only(self.axes, ndim=2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ellipsoid(Oriented):
    """A blob with a ragged border.

    Parameters
    ----------
    half_mm : (3,) float
        Half axes along those.
    rough : float
        How far the border strays, as a share of the half axes; 0 for a smooth one.
    seed : int
        Draws the raggedness.
    """

    half_mm: FloatArray
    rough: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        Oriented.__post_init__(self)  # slots leave no way for super()
        object.__setattr__(self, "half_mm", read_only(self.half_mm, ndim=1))

    def share(self, points: FloatArray) -> FloatArray:
        """See `Shape.share`."""
        local = (points - self.center_mm) @ self.axes.T
        away = np.linalg.norm(local / self.half_mm, axis=1)
        if self.rough > 0.0 and len(points):
            grain = _grain(self.seed)
            scale = float(max(2.0, 0.5 * self.half_mm.min()))
            away = away + self.rough * grain.at(points.T.astype(np.float32), scale_mm=scale)
        depth = (1.0 - away) * float(self.half_mm.min())
        return np.asarray(np.clip(0.5 + depth / _EDGE_MM, 0.0, 1.0))

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """See `Shape.bounds`."""
        reach = np.abs(self.axes.T) @ self.half_mm * (1.0 + 3.0 * self.rough) + _EDGE_MM
        return self.center_mm - reach, self.center_mm + reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tube:
    """A round column along a line, or a sleeve when `inner_mm` is not 0: lumen, track, thecal sac.

    Parameters
    ----------
    axis : (N, 3) LPS mm
    radius_mm : (N,) float
    strength : (N,) float
        Relative concentration along it, 0 to 1.
    inner_mm : float
        Radius of the hollow.
    """

    axis: FloatArray
    radius_mm: FloatArray
    strength: FloatArray
    inner_mm: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", read_only(self.axis, ndim=2))
        object.__setattr__(self, "radius_mm", read_only(self.radius_mm, ndim=1))
        object.__setattr__(self, "strength", read_only(self.strength, ndim=1))

    def share(self, points: FloatArray) -> FloatArray:
        """See `Shape.share`."""
        away, at = cKDTree(self.axis).query(points, distance_upper_bound=float(self.radius_mm.max()) + _EDGE_MM)
        hit = at < len(self.axis)
        at = np.where(hit, at, 0)
        edge = np.minimum(_EDGE_MM, self.radius_mm[at])
        filled = np.clip(0.5 + (self.radius_mm[at] - np.where(hit, away, 1e6)) / edge, 0.0, 1.0)
        if self.inner_mm > 0.0:
            filled = filled * np.clip(0.5 + (away - self.inner_mm) / edge, 0.0, 1.0)
        return np.asarray(np.where(hit, filled * self.strength[at], 0.0))

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """See `Shape.bounds`."""
        reach = float(self.radius_mm.max()) + _EDGE_MM
        return self.axis.min(axis=0) - reach, self.axis.max(axis=0) + reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disc(Oriented):
    """A flat disc, a pump's envelope; the last of its axes is the disc's.

    Parameters
    ----------
    radius_mm, half_mm : float
        The disc's radius and half its thickness.
    """

    radius_mm: float
    half_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crescent(Disc):
    """Fluid round a flat disc, thickest on one side: in the pocket of a pump.

    Parameters
    ----------
    thick_mm : float
        Of the fluid where it is thickest.
    toward : (3,) unit vector
        To where it is thickest (down, for fluid; the body's middle, for fluid behind the pump).
    """

    thick_mm: float
    toward: FloatArray

    def __post_init__(self) -> None:
        Disc.__post_init__(self)
        object.__setattr__(self, "toward", read_only(self.toward, ndim=1))

    def share(self, points: FloatArray) -> FloatArray:
        """See `Shape.share`."""
        offset = points - self.center_mm
        local = offset @ self.axes.T
        away = _beyond_disc(local, self.radius_mm, self.half_mm)
        reach = (
            self.radius_mm
            * np.abs(local[:, :2] @ self.axes[:2] @ self.toward)
            / np.maximum(np.hypot(local[:, 0], local[:, 1]), 1e-9)
        )
        side = offset @ self.toward / np.maximum(reach + self.half_mm, 1e-9)
        depth = self.thick_mm * np.clip(side, 0.0, 1.0) - away
        return np.asarray(np.clip(0.5 + depth / _EDGE_MM, 0.0, 1.0) * np.clip(0.5 + away / _EDGE_MM, 0.0, 1.0))

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """See `Shape.bounds`."""
        half = np.array([self.radius_mm, self.radius_mm, self.half_mm]) + self.thick_mm + _EDGE_MM
        reach = np.abs(self.axes.T) @ half
        return self.center_mm - reach, self.center_mm + reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sump(Disc):
    """Fluid that has gathered on one place of a flat disc's surface: a lens, thickest there, in a pump's pocket.

    Parameters
    ----------
    lowest_mm : (3,) LPS mm
        On the disc's surface, where the lens is thickest.
    thick_mm, reach_mm : float
        Of the lens in its middle, and how far it reaches from there.
    """

    lowest_mm: FloatArray
    thick_mm: float
    reach_mm: float

    def __post_init__(self) -> None:
        Disc.__post_init__(self)
        object.__setattr__(self, "lowest_mm", read_only(self.lowest_mm, ndim=1))

    def share(self, points: FloatArray) -> FloatArray:
        """See `Shape.share`."""
        away = _beyond_disc((points - self.center_mm) @ self.axes.T, self.radius_mm, self.half_mm)
        along = ((points - self.lowest_mm) ** 2).sum(axis=1) - away**2
        depth = self.thick_mm * (1.0 - np.clip(along, 0.0, None) / self.reach_mm**2) - away
        return np.asarray(np.clip(0.5 + depth / _EDGE_MM, 0.0, 1.0) * np.clip(0.5 + away / _EDGE_MM, 0.0, 1.0))

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """See `Shape.bounds`."""
        reach = self.reach_mm + self.thick_mm + _EDGE_MM
        return self.lowest_mm - reach, self.lowest_mm + reach


def _beyond_disc(local: FloatArray, radius_mm: float, half_mm: float) -> FloatArray:
    """Distance (N,) of points in a disc's axes from its surface; negative inside."""
    flat = np.hypot(local[:, 0], local[:, 1]) - radius_mm
    tall = np.abs(local[:, 2]) - half_mm
    return np.asarray(np.where((flat > 0.0) & (tall > 0.0), np.hypot(flat, tall), np.maximum(flat, tall)))
