"""The rotor study: by how much the roller in a pump's motor has turned between two films of the same pump.

A pump's motor turns an arm with rollers that press the drug on. A film taken before a programmed bolus and one taken
after it are laid over each other by everything else inside the pump, and the motor is compared by itself.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.film import PUMP_PARTS, FilmLimits
from catheterview.model.film import Density, Film, FilmPump, RotorTurn, tilting

Plane = NDArray[np.float32]

_CELL_MM, _HALF_MM = 0.3, 45.0
_COARSE = 4  # cells to one, where poses are tried
_MOTOR = next(part for part in PUMP_PARTS if part.name == "motor")
_ROOM_MM = next(part for part in PUMP_PARTS if part.name == "rotor's room").size_mm[0]
_MOTOR_OUT_MM = float(np.hypot(*_MOTOR.at_mm))
_INSIDE_MM = 41.0  # of the disc, where the shell's rim begins
_RADII_MM = np.arange(0.8, 5.9, 0.3)
_ARM_MM, _ROLLER_MM = 1.5, (3.8, 2.2)  # half of the arm's width as films blur it; its heavy end, how far and large
_FLOOR = 0.2  # of what stands still, that posture and the drawing's own error change
_EASE = 1e-6


def rotor_turn(film: Film, pump: FilmPump, before: tuple[Film, FilmPump], limits: FilmLimits) -> RotorTurn:
    """Measure how far the rotor has turned between two films.

    Parameters
    ----------
    film : Film
    pump : FilmPump
        As `film` shows it.
    before : (Film, FilmPump)
        The earlier film.
    limits : FilmLimits

    Returns
    -------
    RotorTurn

    Notes
    -----
    What stands still cancels in the difference of the two films, which shows the rotor twice, dense where it is now and
    thin where it was. Every pair of angles is fitted to the difference and, for less, to the mean of both films: an arm
    through the axis with one heavier end, of free densities.
    """
    then, earlier = before
    if pump.mm_per_px is None or earlier.mm_per_px is None:
        return RotorTurn(why="the films' scale is not known")
    later_leads = earlier.turn_deg is None and pump.turn_deg is not None
    first, second = ((film, pump), (then, earlier)) if later_leads else ((then, earlier), (film, pump))
    read = first[1].turn_deg is not None
    lead = first[1] if read else replace(first[1], turn_deg=0.0, flipped=False)
    fixed = rectified(first[0], lead)
    laid = _laid_over(fixed, second, lead, limits)
    if laid is None:
        return RotorTurn(why="the pumps on the two films could not be laid over each other")
    axis = _motor_axis(0.5 * (fixed + laid), limits, known=read)
    if axis is None:
        return RotorTurn(why="the motor is not seen inside the pump")
    one, other = (_round(plane, axis) for plane in (fixed, laid))
    return _told(other, one, limits) if later_leads else _told(one, other, limits)


def rectified(film: Film, pump: FilmPump) -> Plane:
    """The inside of a pump in its own axes: u to the right, v up, `_CELL_MM` a cell, the disc's middle in the middle.

    Parameters
    ----------
    film : Film
    pump : FilmPump
        With its turn, side and scale.
    """
    assert pump.mm_per_px is not None
    assert pump.turn_deg is not None
    toward, angle = np.array(pump.toward), np.radians(pump.turn_deg)
    u_axis = tilting(toward) @ np.array([np.cos(angle), np.sin(angle), 0.0])
    v_axis = np.cross(-toward if pump.flipped else toward, u_axis)
    at = np.arange(-_HALF_MM, _HALF_MM + 1e-6, _CELL_MM) / pump.mm_per_px
    u, v = np.meshgrid(at, at[::-1])
    columns = (pump.center[1] + u * u_axis[0] + v * v_axis[0]).astype(np.float32)
    rows = (pump.center[0] - u * u_axis[1] - v * v_axis[1]).astype(np.float32)
    left, top = int(np.floor(columns.min())) - 8, int(np.floor(rows.min())) - 8
    part = _cut(film.density, (top, int(np.ceil(rows.max())) + 8), (left, int(np.ceil(columns.max())) + 8))
    smooth = cv2.GaussianBlur(part, (0, 0), max(0.4, 0.4 * _CELL_MM / pump.mm_per_px))
    return np.asarray(cv2.remap(smooth, columns - left, rows - top, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _cut(density: Density, rows: tuple[int, int], columns: tuple[int, int]) -> Plane:
    """A part of a film, its border going on as it ends."""
    row = np.clip(np.arange(*rows), 0, density.shape[0] - 1)
    column = np.clip(np.arange(*columns), 0, density.shape[1] - 1)
    return np.ascontiguousarray(density[row[0] : row[-1] + 1][:, column[0] : column[-1] + 1])[
        np.ix_(row - row[0], column - column[0])
    ]


def _flat(plane: Plane) -> Plane:
    """Without coarse shading, strong edges held down."""
    fine = plane - cv2.GaussianBlur(plane, (0, 0), 6.0 / _CELL_MM)
    spread = float(fine.std())
    return np.asarray(np.clip(fine, -2.5 * spread, 2.5 * spread), dtype=np.float32)


def _mask(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """What may be compared to lay two pumps over each other: all inside the shell."""
    v, u = np.meshgrid(*((np.arange(n) - (n - 1) / 2.0) * _CELL_MM for n in shape), indexing="ij")
    return np.asarray(np.hypot(u, v) < _INSIDE_MM, dtype=np.uint8)


def _laid_over(fixed: Plane, other: tuple[Film, FilmPump], like: FilmPump, limits: FilmLimits) -> Plane | None:
    """The other film's pump, laid over the fixed one; None where they do not fit."""
    film, pump = other
    target, mask = _flat(fixed), _mask(fixed.shape)
    poses = [pump] if pump.turn_deg is not None else _poses(pump, like, limits)
    planes = [rectified(film, pose) for pose in poses] if len(poses) == 1 else _best(film, poses, (target, mask))
    warp = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5)
    try:
        for kind, blur in ((cv2.MOTION_EUCLIDEAN, 15), (cv2.MOTION_AFFINE, 5)):
            _, warp = cv2.findTransformECC(target, _flat(planes[0]), warp, kind, stop, mask, blur)
    except cv2.error:
        return None
    size = fixed.shape[::-1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(planes[0], warp, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid) if _fit(target, _flat(laid), mask) >= limits.rotor_fit else None


def _poses(pump: FilmPump, like: FilmPump, limits: FilmLimits) -> list[FilmPump]:
    """Every turn and either tilt of a pump whose pattern could not be read, the side that of the other film."""
    x, y, z = pump.toward
    turns = np.arange(-180.0, 180.0, limits.pose_step_deg)
    return [
        replace(pump, toward=toward, turn_deg=float(turn), flipped=like.flipped)
        for toward in ((x, y, z), (-x, -y, z))
        for turn in turns
    ]


def _best(film: Film, poses: list[FilmPump], to: tuple[Plane, NDArray[np.uint8]]) -> list[Plane]:
    """The plane of the pose that fits best on coarse cells."""
    by = 1.0 / _COARSE
    target, mask = (cv2.resize(one, None, fx=by, fy=by, interpolation=cv2.INTER_AREA) for one in to)
    fits = []
    for pose in poses:
        plane = cv2.resize(_flat(rectified(film, pose)), None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
        fits.append(_fit(np.asarray(target), plane, np.asarray(mask)))
    return [rectified(film, poses[int(np.argmax(fits))])]


def _fit(one: Plane, other: Plane, mask: NDArray[np.uint8]) -> float:
    """Correlation of two planes where the mask is."""
    inside = mask > 0
    return float(np.corrcoef(one[inside], other[inside])[0, 1])


def _motor_axis(plane: Plane, limits: FilmLimits, *, known: bool) -> tuple[float, float] | None:
    """Where (row, column) the motor's can, a ring, lies; None where none stands out.

    Near its place in the drawing where the pump's turn is `known`, else anywhere as far from the middle.
    """
    inner, outer = _ROOM_MM / _CELL_MM, _MOTOR.size_mm[0] / _CELL_MM
    half = round(outer + 1.5 / _CELL_MM)
    far = np.hypot(*np.mgrid[-half : half + 1, -half : half + 1])
    ring = cv2.GaussianBlur(((far > inner) & (far < outer)).astype(np.float32), (0, 0), 1.0)
    fit = cv2.matchTemplate(plane, ring, cv2.TM_CCOEFF_NORMED)
    middle = (plane.shape[0] - 1) / 2.0 - half
    row, column = np.ogrid[: fit.shape[0], : fit.shape[1]]
    v, u = (middle - row) * _CELL_MM, (column - middle) * _CELL_MM
    away = np.hypot(u - _MOTOR.at_mm[0], v - _MOTOR.at_mm[1]) if known else np.abs(np.hypot(u, v) - _MOTOR_OUT_MM)
    fit = np.where(away <= limits.rotor_off_mm, fit, -1.0)
    best = np.unravel_index(int(np.argmax(fit)), fit.shape)
    return None if fit[best] < limits.rotor_ring else (float(best[0]) + half, float(best[1]) + half)


def _round(plane: Plane, axis: tuple[float, float]) -> FloatArray:
    """What lies round the motor's axis (radii, degrees), u towards v, less its mean at each radius, weighed by it."""
    angle = np.radians(np.arange(360.0))
    radius = _RADII_MM[:, None] / _CELL_MM
    rows, columns = axis[0] - radius * np.sin(angle), axis[1] + radius * np.cos(angle)
    seen = cv2.remap(plane, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR).astype(np.float64)
    return np.asarray((seen - seen.mean(axis=1, keepdims=True)) * np.sqrt(radius))


@lru_cache(maxsize=1)
def _drawings() -> tuple[FloatArray, FloatArray]:
    """The rotor's arm, and the heavier of its two ends, as `_round` would have them at 0 degrees."""
    u = _RADII_MM[:, None] * np.cos(np.radians(np.arange(360.0)))
    v = _RADII_MM[:, None] * np.sin(np.radians(np.arange(360.0)))
    arm = np.clip(0.5 + (_ARM_MM - np.abs(v)) / _CELL_MM, 0.0, 1.0)
    end = np.clip(0.5 + (_ROLLER_MM[1] - np.hypot(u - _ROLLER_MM[0], v)) / _CELL_MM, 0.0, 1.0)
    first, second = ((one - one.mean(axis=1, keepdims=True)) * np.sqrt(_RADII_MM[:, None]) for one in (arm, end))
    return first, second


def _told(then: FloatArray, now: FloatArray, limits: FilmLimits) -> RotorTurn:
    """The turn that the surroundings of the axis tell, (radii, degrees) on either film."""
    fit, in_mean = _fits(then, now)
    best = np.unravel_index(int(np.argmax(fit)), fit.shape)
    turn = (int(best[1]) - int(best[0]) + 180) % 360 - 180
    turns = (np.arange(360)[None] - np.arange(360)[:, None] - turn + 180) % 360 - 180
    margin = 1.0 - float(fit[np.abs(turns) > limits.rotor_apart_deg].max()) / max(float(fit[best]), 1e-9)
    told = RotorTurn(margin=margin, fit=float(max(fit[best], in_mean[best])))
    if told.fit < limits.rotor_seen:
        return replace(told, why="no rotor is seen in the motor")
    if margin < limits.rotor_margin:
        return replace(told, why="the rotor's turn is ambiguous")
    return replace(told, turn_deg=float(turn))


def _fits(then: FloatArray, now: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What a rotor explains (360, 360) that stood at one angle then and at another now, 0 to 1.

    First of mean and difference of the films together, then of the mean alone. The mean holds all that stands still as
    well, so that it counts for less than the difference.
    """
    mean, change = _without_first_wave(0.5 * (then + now)), now - then
    still = float((mean**2).mean())
    moved = _FLOOR * still
    total = float((mean**2).sum()) / still + float((change**2).sum()) / moved
    grams, reach = [], []
    for plane, drawings, sign, power in (
        (mean, tuple(0.5 * _without_first_wave(one) for one in _drawings()), 1.0, still),
        (change, _drawings(), -1.0, moved),
    ):
        along = np.stack([_turned(plane, one) for one in drawings]) / power
        reach.append(along[:, None, :] + sign * along[:, :, None])
        grams.append(_gram(drawings, sign) / power)
    both = _explained(reach[0] + reach[1], grams[0] + grams[1]) / total
    return both, _explained(reach[0], grams[0]) / mean.size


def _without_first_wave(seen: FloatArray) -> FloatArray:
    """Less what goes once round the axis: shading."""
    waves = np.fft.fft(seen, axis=1)
    waves[:, [1, -1]] = 0.0
    return np.asarray(np.fft.ifft(waves, axis=1).real)


def _turned(seen: FloatArray, drawing: FloatArray) -> FloatArray:
    """The inner product (360,) of what is seen with a drawing at every angle."""
    product = np.fft.fft(seen, axis=1) * np.conj(np.fft.fft(drawing, axis=1))
    return np.asarray(np.fft.ifft(product.sum(axis=0)).real)


def _gram(drawings: tuple[FloatArray, ...], sign: float) -> FloatArray:
    """Inner products (2, 2, 360, 360) of the drawings at the later angle plus or minus those at the earlier."""
    after = (np.arange(360)[None] - np.arange(360)[:, None]) % 360
    out = np.empty((2, 2, 360, 360))
    for i, one in enumerate(drawings):
        for j, other in enumerate(drawings):
            shared = _turned(one, other)  # of `one` with `other` turned on by an angle
            out[i, j] = 2.0 * shared[0] + sign * (shared[after] + shared[-after % 360])
    return out


def _explained(reach: FloatArray, gram: FloatArray) -> FloatArray:
    """The sum of squares that arm and heavy end explain together, neither less dense than what is round it."""
    a, b = reach
    lone = [np.maximum(one, 0.0) ** 2 / (gram[n, n] + _EASE) for n, one in enumerate((a, b))]
    det = (gram[0, 0] + _EASE) * (gram[1, 1] + _EASE) - gram[0, 1] ** 2
    first, second = (gram[1, 1] + _EASE) * a - gram[0, 1] * b, (gram[0, 0] + _EASE) * b - gram[0, 1] * a
    both = np.where(
        (first > 0.0) & (second > 0.0) & (det > 0.0), (first * a + second * b) / np.maximum(det, 1e-12), 0.0
    )
    return np.asarray(np.maximum(both, lone[0]))
