"""Where a film shows the column of vertebral bodies, and where beside it a catheter climbs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Map, Sketch

_STRIDE = 8  # rows from node to node of the column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spine:
    """The column on a sketch.

    Parameters
    ----------
    middle : (R,) float64
        Column of the bodies' middle in each row.
    canal : (R, C) bool
        Where the canal may be seen.
    bone : (R, C) bool
        Where edges of bone look like tubes.
    """

    middle: FloatArray
    canal: NDArray[np.bool_]
    bone: NDArray[np.bool_]


def spine_of(sketch: Sketch, side: int, limits: FilmTraceLimits) -> Spine | None:
    """Find the column by the end plates of its bodies.

    Parameters
    ----------
    sketch : Sketch
    side : int
        On a lateral film -1 or 1: where from the bodies the canal lies, away from the pump; 0 on a frontal one.
    limits : FilmTraceLimits

    Returns
    -------
    Spine or None
        None where too few level edges lie above each other.
    """
    plates = _plates(sketch, limits)
    path, strength = _path(plates)
    if strength < limits.least_plates or strength < limits.plates_ratio * float(np.median(plates)):
        return None
    rows = np.arange(sketch.best.shape[0])
    middle = np.interp(rows, np.arange(len(path)) * _STRIDE, path)
    away = (np.arange(sketch.best.shape[1])[None] - middle[:, None]) * sketch.mm
    if side:
        canal = (away * side > limits.canal_mm[0]) & (away * side < limits.canal_mm[1])
        return Spine(middle=middle, canal=canal, bone=np.abs(away) < limits.bodies_mm[1])
    return Spine(middle=middle, canal=np.abs(away) < limits.midline_mm, bone=np.abs(away) < limits.bodies_mm[0])


def _plates(sketch: Sketch, limits: FilmTraceLimits) -> Map:
    """How much level edges as long as an end plate there are, in a window as wide as a body and a few levels tall."""
    bank, mm, usable = sketch.bank, sketch.mm, sketch.usable
    level = np.maximum(np.maximum(bank[0], bank[1]), bank[15])
    steep = np.maximum(np.maximum(bank[8], bank[7]), bank[9])
    seen = np.where(usable & (level > steep), np.clip(level / sketch.noise, 0.0, 4.0), 0.0).astype(np.float32)
    seen = np.clip(cv2.blur(seen, (_odd(limits.plate_mm / mm), 1)) - 1.0, 0.0, 2.0)
    window = (_odd(limits.column_mm[0] / mm), _odd(limits.column_mm[1] / mm))
    share = cv2.blur(usable.astype(np.float32), window)
    return np.where(share > 0.25, cv2.blur(seen, window) / np.maximum(share, 0.05), 0.0).astype(np.float32)


def _odd(length: float) -> int:
    return int(length) | 1


def _path(plates: Map) -> tuple[FloatArray, float]:
    """The column from top to bottom that goes through most of them, every `_STRIDE` rows, and how many it meets."""
    rows = plates[::_STRIDE]
    total, choice = rows[0].copy(), []
    for row in rows[1:]:
        padded = np.pad(total, 1, constant_values=-np.inf)
        near = np.stack([padded[:-2], padded[1:-1], padded[2:]])
        choice.append(near.argmax(axis=0))
        total = near.max(axis=0) + row
    here = int(total.argmax())
    strength = float(total[here]) / len(rows)
    path = [here]
    for step in choice[::-1]:
        here += int(step[here]) - 1
        path.append(here)
    smooth = cv2.GaussianBlur(np.array(path[::-1], dtype=np.float64)[:, None], (1, 31), 8.0)[:, 0]
    return np.asarray(smooth), strength
