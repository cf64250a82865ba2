"""Two pictures that move apart, seen through each other: a pump that breathes with the belly, before the spine."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits
from catheterview.model.cine import Frames
from catheterview.model.film import FilmPump
from catheterview.trace.cine.motion import brought, rigid, warped

Plane = NDArray[np.float32]

_ROUNDS = 4  # the pump's way is measured again once what lies behind it is known
_HELD = 2e-4  # of the frames, that keeps long waves, which cannot be told apart, from growing
_LEAST_SWING_PX = 0.15  # standard deviation; less, and one picture that moves as a whole says as much
_TAPER_PX = 12  # of the border, over which the picture fades out: a Fourier transform has no border


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layers:
    """What stands still and what goes with the pump, about a pump.

    Parameters
    ----------
    low : (row, column)
        Of the first pixel of both planes.
    still, going : (R, C) float32
        They add up to the run's first frames.
    still_px, going_px : (F, 2) float64
        How far each had moved (down, right) in each frame.
    weight, over : (R, C) float32
        1 about the pump and over it, 0 where the planes end.
    """

    low: tuple[int, int]
    still: Plane
    going: Plane
    still_px: FloatArray
    going_px: FloatArray
    weight: Plane
    over: Plane

    @property
    def box(self) -> tuple[slice, slice]:
        """Where the planes lie in the picture."""
        rows, columns = self.still.shape
        return slice(self.low[0], self.low[0] + rows), slice(self.low[1], self.low[1] + columns)

    def led(self, number: int, field: Plane) -> Plane:
        """A field (2, R, C) that goes with the pump over it."""
        off = self.going_px[number].astype(np.float32)[:, None, None] - field[:, *self.box]
        field[:, *self.box] += self.over * off
        return field

    def left(self, number: int, field: Plane) -> Plane:
        """What both leave (R, C) in a frame that was moved by a field (2, R, C) of the whole picture's pixels."""
        part = field[:, *self.box]
        out = np.zeros(self.still.shape, dtype=np.float32)
        for plane, way in ((self.still, self.still_px), (self.going, self.going_px)):
            off = part - way[number].astype(np.float32)[:, None, None]
            out += warped(plane, off) - plane
        return np.asarray(out * self.weight)


def layers_of(density: Frames, use: Plane, pump: FilmPump, limits: CineLimits) -> Layers | None:
    """Tell a pump apart from what lies behind it.

    Parameters
    ----------
    density : (F, R, C) float32
    use : (R, C) float32
        1 where there is a picture, 0 elsewhere.
    pump : FilmPump
        In pixels of `density`.
    limits : CineLimits

    Returns
    -------
    Layers or None
        None where both move as one.

    Notes
    -----
    Densities add up along a ray, so that every wave of a frame is a wave of one picture, shifted, and one of the other,
    shifted otherwise: two unknowns for each wave, and as many equations as frames (least squares, wave by wave).
    """
    row, column = np.ogrid[: use.shape[0], : use.shape[1]]
    away = np.hypot(row - pump.center[0], column - pump.center[1]) - pump.radius_px
    still_px = rigid(density, np.asarray(use * (away > limits.about_pump_px), dtype=np.float32), limits)
    over = np.asarray(use * (away < limits.rim_px + 2.0), dtype=np.float32)
    box = _box(pump, use.shape, limits)
    window = _window(box)
    going_px = rigid(density, over, limits)
    frames = [frame[box] - np.float32(np.median(frame[box])) for frame in density]
    still = going = window
    for number in range(_ROUNDS):
        if float(np.hypot(*(going_px - still_px).std(axis=0))) < _LEAST_SWING_PX:
            return None
        still, going = _apart(frames, (still_px, going_px), window)
        if number < _ROUNDS - 1:
            going_px = _followed(frames, (still, going), (still_px, going_px), over[box] * window)
    reach = np.asarray(1.0 - away[box] / limits.about_pump_px, dtype=np.float32)
    return Layers(
        low=(box[0].start, box[1].start),
        still=still,
        going=going,
        still_px=still_px,
        going_px=going_px,
        weight=np.clip(2.0 * reach, 0.0, 1.0) * window,
        over=np.clip(1.5 * reach - 0.5, 0.0, 1.0) * window,
    )


def _box(pump: FilmPump, shape: tuple[int, ...], limits: CineLimits) -> tuple[slice, slice]:
    """About the pump, with room for the border to fade out."""
    reach = pump.radius_px + limits.about_pump_px + _TAPER_PX
    low = [max(0, int(one - reach)) for one in pump.center]
    high = [min(size, int(one + reach) + 1) for one, size in zip(pump.center, shape, strict=True)]
    return slice(low[0], high[0]), slice(low[1], high[1])


def _window(box: tuple[slice, slice]) -> Plane:
    """1 inside, falling to 0 at the border of a box."""
    one, other = (
        np.minimum(1.0, np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5) / _TAPER_PX)
        for n in (part.stop - part.start for part in box)
    )
    return np.asarray(np.outer(one, other), dtype=np.float32)


def _apart(frames: list[Plane], ways: tuple[FloatArray, FloatArray], window: Plane) -> tuple[Plane, Plane]:
    """The still picture and the one that goes, both in the place of no movement."""
    down, right = np.fft.fftfreq(window.shape[0])[:, None], np.fft.rfftfreq(window.shape[1])[None]
    sums = [np.zeros((window.shape[0], right.shape[1]), dtype=np.complex128) for _ in range(3)]
    for frame, still, going in zip(frames, *ways, strict=True):
        wave = np.fft.rfft2(frame * window)
        turns = [np.exp(2j * np.pi * (down * way[0] + right * way[1])) for way in (still, going)]
        sums[0] += turns[0] * wave
        sums[1] += turns[1] * wave
        sums[2] += turns[0] * np.conj(turns[1])
    count = float(len(frames)) * (1.0 + _HELD)
    det = count**2 - np.abs(sums[2]) ** 2
    both = (
        (count * sums[0] - sums[2] * sums[1]) / det,
        (count * sums[1] - np.conj(sums[2]) * sums[0]) / det,
    )
    still, going = (np.fft.irfft2(one, s=window.shape).astype(np.float32) for one in both)
    return still, going


def _followed(
    frames: list[Plane], planes: tuple[Plane, Plane], ways: tuple[FloatArray, FloatArray], use: Plane
) -> FloatArray:
    """How far (F, 2) what goes has moved, given both pictures: one step of least squares a frame."""
    (still, going), out = planes, ways[1].copy()
    for number, frame in enumerate(frames):
        shown = brought(going, -ways[1][number])
        slope = np.stack([cv2.Sobel(shown, cv2.CV_32F, x, 1 - x, scale=0.125).ravel() for x in (0, 1)])
        off = (frame - brought(still, -ways[0][number]) - shown) * use
        weighted = slope * use.ravel()
        tensor = (weighted @ slope.T).astype(np.float64)
        out[number] -= np.linalg.solve(tensor + 1e-9 * np.eye(2), slope @ off.ravel())
    return out
