"""Where a film has something compact, at some level above its own surroundings."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.device.film.outline import Outline, from_mask
from catheterview.limits.film import FilmLimits
from catheterview.model.film import Density

_OPENING = 0.09  # over the smallest pump's diameter: a catheter that hangs on a pump is narrower
_WIDTHS = (0.2, 0.4, 0.75)  # over the largest diameter: a pump edge on, and one well tilted
_LEVELS = np.arange(0.06, 0.75, 0.09)  # shares of the range between the film's middle and its densest parts


def compact_bodies(
    small: Density, open_: NDArray[np.uint8], sizes: tuple[float, float], limits: FilmLimits
) -> Iterator[Outline]:
    """Compact bodies of a pump's size at many levels, like ones once: what is seen edge on is not round."""
    low, high = sizes
    opening = max(3, round(_OPENING * low)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (opening, opening))
    met: list[Outline] = []
    for wide in _WIDTHS:
        above = _above(small, wide * high)
        top = float(np.percentile(above[open_ > 0], 99.5))
        for level in _LEVELS:
            for body in _filled(((above > level * top) & (open_ > 0)).astype(np.uint8), kernel):
                _, _, across, tall = cv2.boundingRect(body)
                if low * 0.8 <= max(across, tall) <= high * 1.3 and _is_compact(body, limits):
                    start = from_mask(body, limits.thin_ratio)
                    if 0.45 * low <= start.radius <= 0.6 * high and not any(_is_like(start, one) for one in met):
                        met.append(start)
                        yield start


def _above(small: Density, width: float) -> Density:
    """What is denser than its surroundings over about `width` pixels."""
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0) - cv2.GaussianBlur(small, (0, 0), width), dtype=np.float32)


def _is_like(first: Outline, second: Outline) -> bool:
    """Whether two outlines would be fitted to the same one."""
    away = np.hypot(first.row - second.row, first.column - second.column)
    same = abs(first.radius - second.radius) < 0.06 * second.radius
    return bool(same and away < 0.06 * second.radius and abs(first.tilt_deg - second.tilt_deg) < 8.0)


def _filled(mask: NDArray[np.uint8], kernel: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Each connected body without holes, and without the thin things that hang on it."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        if cv2.contourArea(outline) < 2.0 * kernel.size:
            continue
        body = np.zeros(mask.shape, dtype=np.uint8)
        cv2.drawContours(body, [outline], -1, 1, -1)
        opened = cv2.morphologyEx(body, cv2.MORPH_OPEN, kernel)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
        if count > 1:
            yield (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)


def _is_compact(body: NDArray[np.uint8], limits: FilmLimits) -> bool:
    """Whether a body fills its own hull."""
    (outline,) = cv2.findContours(body, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][:1]
    hull = float(cv2.contourArea(cv2.convexHull(outline)))
    return hull > 0.0 and float(cv2.contourArea(outline)) / hull > limits.compact_share
