"""A SPECT laid on a CT: by its reservoir in the pump, tracer in catheter and canal, and the body's outline.

scipy does it: what has to be matched is one hot disc, two lines and one outline, some thousand points in all, so that
no library of image registration is needed, and which of these was matched how well is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial.transform import Rotation

from catheterview.errors import UnsuitableError
from catheterview.geometry import FloatArray, Grid, unit
from catheterview.model import Image
from catheterview.resample.hot import hot_disc
from catheterview.resample.marks import Marks, Target, marks_of
from catheterview.resample.patches import moves_of

_SHIFT_MM = 9.0  # unit of a shift; that of a turn is a tenth of a radian, so that both move the catheter alike
_TURN_COST = 0.002  # of a tenth of a radian, against correlations of up to 3: a patient turns little
_HEIGHT_MM, _HEIGHT_COST = 2.0, 0.005  # how far the reservoir's middle lies from the pump's
#: Of a square mm across the pump's axis, and of a square degree of tilt, from what the reservoir's own moments say.
_ACROSS_COST, _TILT_COST = 0.03, 0.09
_MOST_TILT = np.cos(np.radians(25.0))  # from the pump's axis: a patient tilts less, and more is no disc's axis
_DISC_WEIGHT, _LINE_WEIGHT, _OUTLINE_WEIGHT = 3.0, 6.0, 12.0
_KNOWN_MM, _LESS = 1.5, 0.3  # where lines tell the place so well, the outline, which is less exact, weighs less
_SPINS = np.radians(np.arange(-14.0, 14.1, 2.0)) * 10.0
_XTOL, _FTOL, _TRIES = 1e-3, 1e-6, 900  # the fit is flat near its top
_FLOOR = 0.0005  # of the hottest: what is fainter weighs nothing as a line
_FAINT, _FAINT_MM = 3e-5, 7.0  # of the hottest: what is fainter is no count; smoothed, so that few counts show a body
#: Standard deviations, in degrees, of the turns that reservoir and outline leave: two tilts of the disc, and its spin.
_LEFT_DEG = (0.4, 0.4, 4.0)
_LEFT_MM = 1.5  # of the reservoir's middle along the pump's axis: how full it is, and how it lies


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
    error_mm : float
        Standard error that is expected at the worst place of the catheter, from the tracer that is seen along catheter
        and canal; where there is none, nothing but the outline says how the SPECT is turned about the pump's axis.
    fit : float
        How well all marks fit, for comparing ways to lay one SPECT.
    """

    image: Image
    shift_mm: float
    turn_deg: float
    overlap: float
    error_mm: float
    fit: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spect:
    """What is compared of a SPECT.

    Parameters
    ----------
    middle, axis : (3,) LPS mm
        Of its reservoir.
    heat : (K, J, I) float32
        Counts on a logarithmic scale 0 to 1: the reservoir is thousands of times hotter than the rest.
    held : (K, J, I) float32
        How much of each neighbourhood holds any.
    """

    middle: FloatArray
    axis: FloatArray
    heat: NDArray[np.float32]
    held: NDArray[np.float32]
    grid: Grid


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

    Notes
    -----
    Where the reservoir lies and how it is tilted is told by its own moments; then the spin about its axis that lines
    and outline fit best is looked for; then all are fitted together, held to those moments. The outline tells the spin
    alone: far from the reservoir a body is darker, and seems smaller than it is on that side, which would pull the
    whole volume away.
    """
    marks, spect = marks_of(target), _spect_of(image)
    v, fit = _fitted(marks, spect)
    overlap = _overlap(v, marks, spect)
    if overlap < least_overlap:
        why = f"its reservoir fits the pump by {overlap:.2f} only"
        raise UnsuitableError(f"the SPECT could not be laid on the CT: {why}")
    shift, turn = _parts(v, marks)
    back = np.eye(4)
    back[:3, :3] = turn.T
    back[:3, 3] = marks.pivot - turn.T @ (marks.pivot + shift)
    moved = Grid(shape=spect.grid.shape, affine=back @ spect.grid.affine)
    return Moved(
        image=replace(image, grid=moved, frame_of_reference_uid=""),
        shift_mm=float(np.linalg.norm(shift)),
        turn_deg=float(np.degrees(Rotation.from_matrix(turn).magnitude())),
        overlap=overlap,
        error_mm=_error_mm(v, marks, spect),
        fit=fit,
    )


def _fitted(marks: Marks, spect: _Spect) -> tuple[FloatArray, float]:
    """Shift, tilt, spin and height in units of their own, and how well all marks fit."""
    from scipy.optimize import minimize  # noqa: PLC0415 - a tenth of a second that only registration needs

    def least(cost: Callable[[FloatArray], float], v: FloatArray) -> FloatArray:
        until = minimize(cost, v, method="Powell", options={"xtol": _XTOL, "ftol": _FTOL, "maxfev": _TRIES})
        return np.asarray(until.x)

    start = np.append((spect.middle - marks.pivot) / _SHIFT_MM, _tilt(marks, spect))
    spins = [np.append(start, (spin, 0.0)) for spin in _SPINS]
    outline = _outline_curve(spins, marks, spect)
    best = min(spins, key=lambda v: _cost(v, marks, spect, outline))
    found = least(lambda v: _cost(v, marks, spect, outline), best)
    if _error_mm(found, marks, spect) < _KNOWN_MM:
        found = least(lambda v: _cost(v, marks, spect, outline * _LESS), found)
    return found, -_cost(found, marks, spect, outline)


def _tilt(marks: Marks, spect: _Spect) -> FloatArray:
    """The tilt (2,) that takes the pump's axis to the reservoir's; none where that is no disc's."""
    normal = marks.axes[2]
    axis = spect.axis if spect.axis @ normal > 0.0 else -spect.axis
    if axis @ normal < _MOST_TILT:
        return np.zeros(2)
    way = unit(np.cross(normal, axis)) * np.arccos(min(1.0, float(axis @ normal)))
    return np.asarray(10.0 * (marks.axes[:2] @ way))


def _moments_cost(v: FloatArray, marks: Marks, spect: _Spect) -> float:
    """How far middle and axis lie from what the reservoir's own moments say; along the axis its height is not known."""
    shift, turn = _parts(v, marks)
    across = marks.axes[:2] @ (turn.T @ (marks.pivot + shift - spect.middle))
    away_deg = np.degrees(0.1 * (v[3:5] - _tilt(marks, spect)))
    return float(_ACROSS_COST * (across @ across) + _TILT_COST * (away_deg @ away_deg))


def _spect_of(image: Image) -> _Spect:
    voxels = image.voxels.astype(np.float32)
    top = float(voxels.max())
    sigma = _FAINT_MM / np.array(image.placed.spacing_mm)
    held = gaussian_filter((voxels > max(_FAINT * top, 0.5)).astype(np.float32), sigma)
    heat = np.log1p(voxels / (_FLOOR * top)) / np.log1p(1.0 / _FLOOR)
    middle, axis = hot_disc(image)
    return _Spect(
        middle=middle,
        axis=axis,
        heat=heat.astype(np.float32),
        held=np.asarray(held),
        grid=image.placed,
    )


def _parts(v: FloatArray, marks: Marks) -> tuple[FloatArray, FloatArray]:
    """Shift (3,) mm and turn (3, 3): the spin about the pump's axis first, then the axis is tilted."""
    tilt = Rotation.from_rotvec(v[3:5] / 10.0 @ marks.axes[:2])
    spin = Rotation.from_rotvec(v[5] / 10.0 * marks.axes[2]) if len(v) > 5 else Rotation.identity()
    return v[:3] * _SHIFT_MM, np.asarray((tilt * spin).as_matrix())


def _at(v: FloatArray, points: FloatArray, marks: Marks, spect: _Spect) -> FloatArray:
    """Where points (N, 3), from the pump's middle, lie in the SPECT: (3, N) voxels."""
    shift, turn = _parts(v, marks)
    affine = spect.grid.affine
    whole = np.linalg.solve(affine[:3, :3], turn)
    first = np.linalg.solve(affine[:3, :3], marks.pivot + shift - affine[:3, 3])
    return np.asarray(whole @ points.T + first[:, None])


def _seen(values: NDArray[np.float32], at: FloatArray) -> FloatArray:
    return np.asarray(map_coordinates(values, at, order=1, mode="constant"), dtype=np.float64)


def _overlap(v: FloatArray, marks: Marks, spect: _Spect) -> float:
    """Correlation of what is seen with the blurred disc, which may lie higher or lower in the pump."""
    height_mm = float(v[6]) * _HEIGHT_MM if len(v) > 6 else 0.0
    seen = _seen(spect.heat, _at(v, marks.disc + height_mm * marks.axes[2], marks, spect))
    seen -= seen.mean()
    wanted = marks.disc_value - marks.disc_value.mean()
    size = float(np.linalg.norm(seen) * np.linalg.norm(wanted))
    return float(seen @ wanted) / size if size > 0.0 else -1.0


def _outline_curve(spins: list[FloatArray], marks: Marks, spect: _Spect) -> FloatArray:
    """How much more is held within the skin than beyond it, as a parabola of the spin: its three coefficients."""
    count = len(marks.inside)
    if not count or not len(marks.outside):
        return np.zeros(3)
    points, more = np.concatenate([marks.inside, marks.outside]), []
    for v in spins:
        seen = _seen(spect.held, _at(v, points, marks, spect))
        more.append(float(seen[:count].mean() - seen[count:].mean()))
    found = np.polyfit(_SPINS, more, 2)
    return np.asarray(found) if found[0] < 0.0 else np.zeros(3)


def _cost(v: FloatArray, marks: Marks, spect: _Spect, outline: FloatArray) -> float:
    """How badly reservoir, catheter, canal and outline fit; lower is better."""
    cost = _TURN_COST * float((v[3:6] ** 2).sum()) + _HEIGHT_COST * float(v[6]) ** 2
    cost += _moments_cost(v, marks, spect)
    cost -= _DISC_WEIGHT * _overlap(v, marks, spect) + _OUTLINE_WEIGHT * float(np.polyval(outline, v[5]))
    if len(marks.lines):
        cost -= _LINE_WEIGHT * float(marks.lines.score(_lines(v, marks, spect)).mean())
    return cost


def _lines(v: FloatArray, marks: Marks, spect: _Spect) -> FloatArray:
    """What is seen on the planes across catheter and canal."""
    return _seen(spect.heat, _at(v, marks.lines.points.reshape(-1, 3), marks, spect))


def _error_mm(v: FloatArray, marks: Marks, spect: _Spect) -> float:
    """Standard error at the worst place of the course: of the turns and the depth, given what each plane says of them.

    Notes
    -----
    A spot that is seen by so many standard deviations lies where it seems to within its blur over that many; what
    planes say adds up (Fisher's information), and with it what reservoir and outline say.
    """
    normal = marks.axes[2]
    known = np.zeros((4, 4))
    known[:3, :3] = marks.axes.T @ np.diag(np.radians(_LEFT_DEG) ** -2.0) @ marks.axes
    known[3, 3] = _LEFT_MM**-2.0
    if len(marks.lines):
        known += marks.lines.information(_lines(v, marks, spect), normal)
    moves = moves_of(marks.course, normal)
    return float(np.sqrt(np.einsum("nai,ab,nbi->n", moves, np.linalg.inv(known), moves).max(initial=0.0)))
