"""Where a film has something narrow, upright and very dense, as a pump on its edge."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.device.film.outline import Outline, from_mask
from catheterview.limits.film import FilmLimits
from catheterview.model.film import Density

_SHARES = (0.3, 0.45, 0.6)  # of how much the densest narrow thing stands out


def slabs(
    small: Density, open_: NDArray[np.uint8], sizes_px: tuple[float, float], limits: FilmLimits
) -> Iterator[Outline]:
    """Guess pumps that are seen on their edge.

    Parameters
    ----------
    small : (R, C) float32
        A film with pixels of about a millimetre.
    open_ : (R, C) uint8
        Where it is exposed.
    sizes_px : (smallest, largest) diameter
    limits : FilmLimits

    Yields
    ------
    Outline

    Notes
    -----
    What is narrower than half the largest disc, along rows or along columns, is what an opening takes away; of that,
    the bodies that are as long as a disc is wide. A column of vertebrae is longer, a single one shorter.
    """
    low, high = sizes_px
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0)
    wide = int(0.55 * high) | 1
    for shape in ((wide, 1), (1, wide)):
        above = smooth - cv2.morphologyEx(smooth, cv2.MORPH_OPEN, np.ones(shape[::-1], np.uint8))
        inner = cv2.erode(open_, np.ones((7, 7), np.uint8)) > 0
        top = float(np.percentile(above[inner], 99.7)) if inner.any() else 0.0
        for share in _SHARES:
            body = ((above > share * top) & inner).astype(np.uint8)
            yield from _long_ones(
                cv2.morphologyEx(body, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), (low, high), limits
            )


def _long_ones(mask: NDArray[np.uint8], sizes_px: tuple[float, float], limits: FilmLimits) -> Iterator[Outline]:
    """The bodies of a mask that are as long as a disc is wide, filled, without what hangs on them."""
    low, high = sizes_px
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        _, size, _ = cv2.minAreaRect(outline)
        if not (0.85 * low <= max(size) <= 1.1 * high and max(size) >= 1.6 * min(size) > 0.0):
            continue
        body = np.zeros(mask.shape, dtype=np.uint8)
        cv2.drawContours(body, [outline], -1, 1, -1)
        yield from_mask(body, limits.thin_ratio)
