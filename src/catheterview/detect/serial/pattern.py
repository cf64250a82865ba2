"""The inside of a pump as a CT shows it, and how far it has turned or been turned over since another CT.

Nothing of what is inside a pump is published, and nothing of it is taken for known: a pump is held against itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, unit
from catheterview.limits.serial import SerialLimits
from catheterview.model import Image, Pump
from catheterview.resample import sample

_ANGLES = 120
_UP, _LEFT = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turn:
    """How a pump lies against an earlier scan of it.

    Parameters
    ----------
    turn_deg : float
        About its axis, counter-clockwise as seen from the skin, -180 to 180; of a pump that was turned over, twice the
        angle of the line about which it was.
    flipped : bool
    fit : float
        Correlation of its inside with that before.
    margin : float
        By how much the other way up fits worse.
    """

    turn_deg: float
    flipped: bool
    fit: float
    margin: float


def pattern_of(image: Image, pump: Pump, limits: SerialLimits) -> NDArray[np.float32]:
    """Sample the inside of a pump on rings.

    Parameters
    ----------
    image : Image
    pump : Pump
    limits : SerialLimits

    Returns
    -------
    (H, R, A) float32
        HU, at heights from the back to the skin, radii, and angles from the head counter-clockwise as seen from the
        skin.
    """
    normal = np.array(pump.normal)
    up = np.array(_UP) - normal * normal[2]
    up = unit(up if np.linalg.norm(up) > 0.2 else np.array(_LEFT) - normal * normal[0])
    aside = np.cross(normal, up)
    half = max(pump.thickness_mm / 2.0 - limits.face_mm, limits.ring_step_mm)
    heights = np.linspace(-half, half, max(3, round(2.0 * half / limits.ring_step_mm) + 1))
    radii = np.arange(2.0 * limits.ring_step_mm, pump.diameter_mm / 2.0 - limits.rim_mm, limits.ring_step_mm)
    angle = np.arange(_ANGLES) * (2.0 * np.pi / _ANGLES)
    ways = np.cos(angle)[:, None] * up + np.sin(angle)[:, None] * aside
    flat = radii[:, None, None] * ways
    at = np.array(pump.center_mm) + heights[:, None, None, None] * normal + flat
    return np.clip(sample(image, at), -1000.0, limits.metal_most_hu)


def turn_between(before: NDArray[np.float32], now: NDArray[np.float32]) -> Turn | None:
    """Hold a pump's inside against an earlier one.

    Parameters
    ----------
    before, now : (H, R, A)
        From `pattern_of`, of pumps of one size.

    Returns
    -------
    Turn or None
        None where the two are of different sizes.
    """
    rings = min(before.shape[1], now.shape[1])
    if abs(before.shape[1] - now.shape[1]) > 1 or abs(before.shape[0] - now.shape[0]) > 1:
        return None
    heights = min(before.shape[0], now.shape[0])
    a, b = _middle(now, heights)[:, :rings], _middle(before, heights)[:, :rings]
    mirrored = np.roll(b[::-1, :, ::-1], 1, axis=2)  # angle 0 stays angle 0
    (fit, turn), (other, crossed) = _best(a, b), _best(a, mirrored)
    if fit >= other:
        return Turn(turn_deg=turn, flipped=False, fit=fit, margin=fit - other)
    return Turn(turn_deg=crossed, flipped=True, fit=other, margin=other - fit)


def _middle(hu: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """As many layers round the middle."""
    first = (hu.shape[0] - count) // 2
    return hu[first : first + count]


def _best(now: NDArray[np.float32], before: NDArray[np.float32]) -> tuple[float, float]:
    """Highest correlation over all turns, and that turn in degrees; only what changes round the axis counts."""
    weight = np.sqrt(np.arange(2.0, now.shape[1] + 2.0))[None, :, None]
    a, b = (weight * (hu - hu.mean(axis=2, keepdims=True)) for hu in (now, before))
    along: FloatArray = np.fft.irfft(
        (np.fft.rfft(a, axis=2) * np.conj(np.fft.rfft(b, axis=2))).sum(axis=(0, 1)), _ANGLES
    )
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    if norm <= 0.0:
        return 0.0, 0.0
    top = int(np.argmax(along))
    low, mid, high = (float(along[(top + n) % _ANGLES]) for n in (-1, 0, 1))
    bend = low - 2.0 * mid + high
    part = 0.5 * (low - high) / bend if bend < 0.0 else 0.0
    turn = (top + part) * 360.0 / _ANGLES
    return mid / norm, (turn + 180.0) % 360.0 - 180.0
