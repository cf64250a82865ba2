"""From a tomogram or planar views to one flat picture of the body, and to the pump that its reservoir shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catheterview.detect.nuclear.reservoir import Reservoir
from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, unit
from catheterview.limits import NuclearLimits
from catheterview.model import FlatScan, Image, Pump

_HOT = 0.4  # of the hottest: the reservoir's own shape


def pump_of(image: Image, pump_mm: tuple[float, float]) -> Pump:
    """The pump as its reservoir shows it: a disc whose axis is the thinnest of the hot region, towards the skin.

    Parameters
    ----------
    image : Image
        A tomogram.
    pump_mm : (float, float)
        Diameter and thickness.
    """
    voxels = image.voxels.astype(np.float64)
    hot = voxels > _HOT * voxels.max()
    points = image.placed.index_to_world(np.argwhere(hot))
    weight = voxels[hot] / voxels[hot].sum()
    center = weight @ points
    _, axes = np.linalg.eigh((points - center).T @ ((points - center) * weight[:, None]))
    normal, middle = axes[:, 0], image.placed.index_to_world((np.array(image.voxels.shape) - 1) / 2.0)
    outwards = (center - middle) * (1.0, 1.0, 0.0)
    normal = unit(normal if normal @ outwards >= 0.0 else -normal)
    return Pump(
        series_instance_uid=image.series_instance_uid,
        center_mm=(float(center[0]), float(center[1]), float(center[2])),
        normal=(float(normal[0]), float(normal[1]), float(normal[2])),
        diameter_mm=pump_mm[0],
        thickness_mm=pump_mm[1],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """A tomogram on even steps along the patient's axes, whatever the order of the file.

    Parameters
    ----------
    x, y, z : (X,), (Y,), (Z,) LPS mm
    step_mm : float
    points : (Z*Y*X, 3) LPS mm
    values : (Z, Y, X) float64
        In the image's unit; 0 beyond its field.
    """

    x: FloatArray
    y: FloatArray
    z: FloatArray
    step_mm: float
    points: FloatArray
    values: FloatArray


def lattice_of(image: Image) -> Lattice:
    """Lay a tomogram on such a lattice, each place with the nearest voxel's value."""
    grid = image.placed
    low, high = grid.corners().min(axis=0), grid.corners().max(axis=0)
    step = float(max(grid.spacing_mm))
    x, y, z = (np.arange(a, b, step) for a, b in zip(low, high, strict=True))
    points = np.stack(np.meshgrid(z, y, x, indexing="ij"), axis=-1)[..., ::-1].reshape(-1, 3)
    index = np.rint(grid.world_to_index(points)).astype(int)
    inside = ((index >= 0) & (index < np.array(grid.shape))).all(axis=1)
    values = np.zeros(len(index))
    values[inside] = image.voxels[tuple(index[inside].T)]
    return Lattice(x=x, y=y, z=z, step_mm=step, points=points, values=values.reshape(len(z), len(y), len(x)))


def without_reservoir(lattice: Lattice, disc: Reservoir) -> FloatArray:
    """What is left (Z, Y, X) where something is seen, without the reservoir and its tails; never less than nothing."""
    left = np.zeros(lattice.values.size)
    seen = np.flatnonzero(lattice.values.ravel() > 0.0)
    left[seen] = np.maximum(lattice.values.ravel()[seen] - disc.at(lattice.points[seen]), 0.0)
    return left.reshape(lattice.values.shape)


def tomogram_flat(
    scan: tuple[Image, float | None], seen: tuple[Lattice, FloatArray], disc: Reservoir, limits: NuclearLimits
) -> FlatScan:
    """Add up the part of a tomogram that lies behind the pump, without the reservoir's tails.

    Parameters
    ----------
    scan : Image and hours since injection
    seen : Lattice and (Z, Y, X)
        And of it what is left without the reservoir.
    disc : Reservoir
    limits : NuclearLimits

    Raises
    ------
    UnsuitableError
        When nothing lies behind the pump.

    Notes
    -----
    Rows run from head to feet and columns along the patient's x, whatever the order of the file.
    """
    image, hours = scan
    lattice, left = seen
    behind = lattice.y > disc.center_mm[1] + limits.flat_back_mm
    if not behind.any():
        raise UnsuitableError("nothing of the patient's back is in the tomogram", where=image.series_instance_uid)
    whole, step = lattice.values, lattice.step_mm
    return FlatScan(
        image=image,
        counts=left[:, behind].sum(axis=1)[::-1],
        front=whole.sum(axis=1)[::-1],
        pixel_mm=(step, step),
        hours=hours,
        seen="tomogram",
        reservoir=disc.total / step**3,
        canal_left=(0.5, 1.0),
    )


def planar_flat(
    image: Image, views: Sequence[str], pixel_mm: tuple[float, float], *, hours: float | None, limits: NuclearLimits
) -> FlatScan:
    """Put the frames of a planar image together: one view, or the back with the front's reservoir.

    Parameters
    ----------
    image : Image
        Frames of all views and energy windows.
    views : sequence of str
        Of each frame: ``anterior`` or ``posterior``.
    pixel_mm : (float, float)
    hours : float or None
    limits : NuclearLimits

    Raises
    ------
    UnsuitableError
        When no frame is a view from the front or the back.
    """
    front, back = (_added(image, views, name) for name in ("anterior", "posterior"))
    counts = back if back is not None else front
    if counts is None:
        raise UnsuitableError("no view from the front or the back", where=image.series_instance_uid)
    both = front is not None and back is not None
    return FlatScan(
        image=image,
        counts=counts,
        pixel_mm=pixel_mm,
        hours=hours,
        seen="front and back" if both else "back" if front is None else "front",
        reservoir=_reservoir(counts if front is None else front),
        canal_left=(limits.front_left, limits.front_most) if back is None else (limits.back_left, limits.back_most),
        front=front if both else None,
    )


def _added(image: Image, views: Sequence[str], name: str) -> FloatArray | None:
    """All energy windows of one view; None without."""
    frames = [n for n, view in enumerate(views) if view == name]
    return image.voxels[frames].sum(axis=0, dtype=np.float64) if frames else None


def _reservoir(counts: FloatArray) -> float:
    """Counts of the hottest region."""
    return float(counts[counts > 0.1 * counts.max()].sum())
