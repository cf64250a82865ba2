"""A SPECT laid on a CT: by its reservoir in the pump, tracer in catheter and canal, and the body's outline.

scipy does it: what has to be matched is one hot disc, two lines and one outline, some thousand points in all, so that
no library of image registration is needed, and which of these was matched how well is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial.transform import Rotation

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, Grid, resample_polyline, unit
from catheterview.model import Anatomy, Centreline, Image, Pump
from catheterview.resample.patches import Patches, joined, patches_of, sureness

_STEP_MM = 9.0  # of the lattice in which the reservoir is compared, and the unit of a shift
_BLUR_MM = 4.5
_TURN_COST = 0.01  # of a tenth of a radian, against correlations of up to 3
_HEIGHT_MM, _HEIGHT_COST = 2.0, 0.005  # how far the reservoir's middle lies from the pump's
_LINE_WEIGHT = 4.0
_LINE_BLUR_MM, _CANAL_BLUR_MM = 6.0, 8.0
_CLEAR_MM = 40.0  # of the pump's rim: the reservoir's blur is no line
_AXES = ("head and feet", "front and back", "left and right")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """What of a CT a SPECT is laid on."""

    pump: Pump
    anatomy: Anatomy
    catheters: tuple[Centreline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moved:
    """A SPECT whose grid takes voxels into the CT's frame.

    Parameters
    ----------
    image : Image
        Without a frame of reference of its own, since it was moved.
    shift_mm : float
        Of the pump.
    turn_deg : float
    overlap : float
        Correlation of the reservoir with the disc that is expected, -1 to 1.
    sureness : float
        By how many standard errors tracer is seen along catheter and canal; little, and nothing but the outline says
        how the SPECT is turned about the pump's axis.
    fit : float
        How well all marks fit, for comparing ways to lay one SPECT.
    """

    image: Image
    shift_mm: float
    turn_deg: float
    overlap: float
    sureness: float
    fit: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Marks:
    """Points on the CT (N, 3) LPS mm and what is expected there, in three groups that are scored apart."""

    disc: FloatArray
    disc_value: FloatArray
    canal: FloatArray
    beside: FloatArray
    inside: FloatArray
    outside: FloatArray
    normal: FloatArray
    lines: Patches


def hot_center_mm(image: Image) -> FloatArray:
    """Middle (3,) LPS mm of the hottest part of a volume: of its reservoir."""
    voxels = image.voxels.astype(np.float64)
    hot = voxels > 0.5 * voxels.max()
    index = np.argwhere(hot)
    return image.placed.index_to_world((index * voxels[hot][:, None]).sum(axis=0) / voxels[hot].sum())


def exchanged_axes(image: Image, pump: Pump, *, far_mm: float, near_mm: float) -> str:
    """Which axes of a SPECT are mirrored or exchanged against its CT; empty when that does not explain where it lies.

    Parameters
    ----------
    image : Image
        In the CT's frame of reference.
    pump : Pump
    far_mm : float
        Distance of the reservoir from the pump from which something is wrong.
    near_mm : float
        Distance within which an exchange explains it.
    """
    grid, wanted = image.placed, np.array(pump.center_mm)
    if np.linalg.norm(hot_center_mm(image) - wanted) < far_mm:
        return ""
    middle = (np.array(grid.shape) - 1) / 2.0
    from_middle = grid.world_to_index(hot_center_mm(image)) - middle
    found: list[tuple[int, float, str]] = []
    for order, signs in product(permutations(range(3)), product((1.0, -1.0), repeat=3)):
        turned = middle + from_middle[list(order)] * np.array(signs)
        away = float(np.linalg.norm(grid.index_to_world(turned) - wanted))
        if away < near_mm:
            changes = sum(n != axis for n, axis in enumerate(order)) + sum(sign < 0 for sign in signs)
            found.append((changes, away, _named(order, signs)))
    return min(found)[2] if found else ""


def _named(order: tuple[int, ...], signs: tuple[float, ...]) -> str:
    """What was mirrored or exchanged, in words; axes are slices, rows, columns of a transverse volume."""
    exchanged = [_AXES[n] for n, axis in enumerate(order) if n != axis]
    mirrored = [_AXES[n] for n, sign in enumerate(signs) if sign < 0]
    told = (("mirrored ", mirrored), ("exchanged axes: ", exchanged))
    return "; ".join(word + ", ".join(axes) for word, axes in told if axes)


def register_rigid(image: Image, target: Target, *, least_overlap: float) -> Moved:
    """Lay a SPECT on a CT.

    Parameters
    ----------
    image : Image
    target : Target
    least_overlap : float
        Correlation of reservoir and pump under which it has failed.

    Returns
    -------
    Moved

    Raises
    ------
    UnsuitableError
        When the hottest place does not look like a reservoir in this pump.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - a tenth of a second that only registration needs

    marks, pivot = _marks(target), np.array(target.pump.center_mm)
    heat, grid = _compressed(image), image.placed
    start = hot_center_mm(image) - pivot
    best: tuple[float, FloatArray] | None = None
    for turn_deg in (-8.0, 0.0, 8.0):
        first = np.concatenate([start / _STEP_MM, np.radians(turn_deg) * 10.0 * np.array(target.pump.normal)])
        found = minimize(_cost, first, args=(marks, pivot, (heat, grid)), method="Powell", options={"maxfev": 600})
        if best is None or float(found.fun) < best[0]:
            best = (float(found.fun), np.asarray(found.x))
    assert best is not None
    last = minimize(
        _fine_cost, np.append(best[1], 0.0), args=(marks, pivot, (heat, grid)), method="Powell", options={"maxfev": 900}
    )
    v, height_mm = np.asarray(last.x[:6]), float(last.x[6]) * _HEIGHT_MM
    overlap = _overlap(v, marks, pivot, (heat, grid), height_mm=height_mm)
    if overlap < least_overlap:
        why = f"its reservoir fits the pump by {overlap:.2f} only"
        raise UnsuitableError(f"the SPECT could not be laid on the CT: {why}")
    shift, turn = _parts(v)
    back = np.eye(4)
    back[:3, :3] = turn.T
    back[:3, 3] = pivot - turn.T @ (pivot + shift)
    moved = Grid(shape=grid.shape, affine=back @ grid.affine)
    return Moved(
        image=replace(image, grid=moved, frame_of_reference_uid=""),
        shift_mm=float(np.linalg.norm(shift)),
        turn_deg=float(np.degrees(np.linalg.norm(v[3:] / 10.0))),
        overlap=overlap,
        sureness=sureness(_line_scores(v, marks, pivot, (heat, grid))),
        fit=-float(last.fun),
    )


def mirrored_image(image: Image) -> Image:
    """The image with left and right exchanged about its own middle, as one workstation may hand it to another."""
    side = int(np.argmax(np.abs(image.placed.affine[0, :3])))
    return replace(image, voxels=np.ascontiguousarray(np.flip(image.voxels, side)))


def _parts(v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift (3,) mm and turn (3, 3) of a vector of parameters, whose entries are of one size."""
    return v[:3] * _STEP_MM, np.asarray(Rotation.from_rotvec(v[3:] / 10.0).as_matrix())


def _compressed(image: Image) -> NDArray[np.float32]:
    """Counts on a logarithmic scale, 0 to 1: the reservoir is thousands of times hotter than the rest."""
    voxels = image.voxels.astype(np.float32)
    floor = np.float32(0.0005 * voxels.max())
    return np.asarray(np.log1p(voxels / floor) / np.log1p(voxels.max() / floor), dtype=np.float32)


def _seen(v: FloatArray, points: FloatArray, pivot: FloatArray, where: tuple[NDArray[np.float32], Grid]) -> FloatArray:
    """What the SPECT shows at points of the CT, once these are moved onto it."""
    shift, turn = _parts(v)
    index = where[1].world_to_index((points - pivot) @ turn.T + pivot + shift)
    return np.asarray(map_coordinates(where[0], index.T, order=1, mode="constant"), dtype=np.float64)


def _overlap(
    v: FloatArray, marks: _Marks, pivot: FloatArray, where: tuple[NDArray[np.float32], Grid], *, height_mm: float = 0.0
) -> float:
    """Correlation of what is seen with the blurred disc, which may lie higher or lower in the pump."""
    seen = _seen(v, marks.disc + height_mm * marks.normal, pivot, where)
    return float(np.corrcoef(seen, marks.disc_value)[0, 1]) if seen.std() > 0.0 else -1.0


def _line_scores(
    v: FloatArray, marks: _Marks, pivot: FloatArray, where: tuple[NDArray[np.float32], Grid]
) -> FloatArray:
    """How much of a line each plane across catheter and canal shows."""
    return marks.lines.score(_seen(v, marks.lines.points.reshape(-1, 3), pivot, where))


def _fine_cost(v: FloatArray, marks: _Marks, pivot: FloatArray, where: tuple[NDArray[np.float32], Grid]) -> float:
    """The same with the lines across their planes, and with the reservoir's height in the pump left open."""
    cost = _TURN_COST * float((v[3:6] ** 2).sum()) + _HEIGHT_COST * float(v[6]) ** 2
    cost -= 3.0 * _overlap(v[:6], marks, pivot, where, height_mm=float(v[6]) * _HEIGHT_MM)
    if len(marks.lines):
        cost -= _LINE_WEIGHT * float(_line_scores(v[:6], marks, pivot, where).mean())
    if len(marks.inside) and len(marks.outside):
        inside, outside = (_seen(v[:6], points, pivot, where).mean() for points in (marks.inside, marks.outside))
        cost -= 2.0 * float(inside - outside)
    return cost


def _cost(v: FloatArray, marks: _Marks, pivot: FloatArray, where: tuple[NDArray[np.float32], Grid]) -> float:
    """How badly reservoir, canal and outline fit; lower is better."""
    # A patient turns little: without tracer in the canal nothing else says how the disc lies about its own axis.
    cost = _TURN_COST * float((v[3:] ** 2).sum()) - 3.0 * _overlap(v, marks, pivot, where)
    for bright, dark in ((marks.canal, marks.beside), (marks.inside, marks.outside)):
        if len(bright) and len(dark):
            cost -= 2.0 * float(_seen(v, bright, pivot, where).mean() - _seen(v, dark, pivot, where).mean())
    return cost


def _marks(target: Target) -> _Marks:
    """Choose the points on the CT."""
    disc, value = _disc(target.pump)
    canal, beside = _canal(target.anatomy)
    inside, outside = _outline(target.anatomy)
    lines = [patches_of(target.anatomy.canal, _CANAL_BLUR_MM)]
    reach = target.pump.diameter_mm / 2.0 + _CLEAR_MM
    for catheter in target.catheters:
        away = np.linalg.norm(catheter.points - np.array(target.pump.center_mm), axis=1)
        clear = np.flatnonzero(away < reach)
        lines.append(patches_of(catheter.points[int(clear[-1]) + 1 if len(clear) else 0 :], _LINE_BLUR_MM))
    return _Marks(
        disc=disc,
        disc_value=value,
        canal=canal,
        beside=beside,
        inside=inside,
        outside=outside,
        normal=unit(target.pump.normal),
        lines=joined(tuple(lines)),
    )


def _disc(pump: Pump) -> tuple[FloatArray, FloatArray]:
    """A lattice round the pump and the compressed, blurred disc there."""
    reach = pump.diameter_mm / 2.0 + 20.0
    at = np.arange(-reach, reach + 0.1, _STEP_MM)
    lattice = np.stack(np.meshgrid(at, at, at, indexing="ij"), axis=-1).reshape(-1, 3)
    lattice = lattice[np.linalg.norm(lattice, axis=1) < reach]
    height = lattice @ unit(pump.normal)
    out = np.sqrt(np.maximum((lattice**2).sum(axis=1) - height**2, 0.0))
    beyond = np.hypot(np.maximum(out - 0.4 * pump.diameter_mm, 0.0), np.maximum(np.abs(height) - 3.0, 0.0))
    value = np.log1p(np.exp(-0.5 * (beyond / _BLUR_MM) ** 2) / 0.0005) / np.log1p(1.0 / 0.0005)
    return lattice + np.array(pump.center_mm), np.asarray(value)


def _canal(anatomy: Anatomy) -> tuple[FloatArray, FloatArray]:
    """Points in the canal, and beside and behind it."""
    if len(anatomy.canal) < 2:
        return np.zeros((0, 3)), np.zeros((0, 3))
    canal = resample_polyline(anatomy.canal, step=8.0)
    offsets = np.array([(x, y, 0.0) for x, y in ((22.0, 0.0), (-22.0, 0.0), (0.0, 22.0), (0.0, -22.0))])
    return canal, (canal[:, None] + offsets[None]).reshape(-1, 3)


def _outline(anatomy: Anatomy) -> tuple[FloatArray, FloatArray]:
    """Points just inside and just outside the body."""
    if anatomy.body is None:
        return np.zeros((0, 3)), np.zeros((0, 3))
    grid, mask = anatomy.body.grid, anatomy.body.mask
    edge = mask & ~(
        np.roll(mask, 2, axis=1) & np.roll(mask, -2, axis=1) & np.roll(mask, 2, axis=2) & np.roll(mask, -2, axis=2)
    )
    index = np.argwhere(edge)
    index = index[:: max(1, len(index) // 500)]
    points = grid.index_to_world(index)
    out = unit((points - grid.index_to_world(np.argwhere(mask)).mean(axis=0)) * (1.0, 1.0, 0.0))
    return points - 4.0 * out, points + 14.0 * out
