"""Where a film has something round: edges vote for the middle that they are turned to."""

from __future__ import annotations

import cv2
import numpy as np

from catheterview.device.film.outline import Outline
from catheterview.geometry import FloatArray
from catheterview.model.film import Density

_EDGES = 9000  # of the strongest edge pixels; a pump's outline has a few hundred
_CANDIDATES = 4
_SLACK_PX = 2.5  # how far from round an outline's edges may be turned


def round_bodies(small: Density, sizes_px: tuple[float, float], thickness: float) -> list[Outline]:
    """Guess circles that are denser inside than outside.

    Parameters
    ----------
    small : (R, C) float32
        A film with pixels of about a millimetre.
    sizes_px : (smallest, largest) diameter
    thickness : float
        Of the cylinder, over its diameter; handed on.

    Returns
    -------
    list of Outline
        Best first, none within another.

    Notes
    -----
    A Hough transform by gradient direction. The shadow of a pump that is tilted by up to 50 degrees is within a few
    per cent of a circle, because its thickness makes up for the foreshortening.
    """
    smooth = cv2.GaussianBlur(small, (0, 0), 1.2)
    down, right = cv2.Sobel(smooth, cv2.CV_32F, 0, 1), cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    strength = np.hypot(down, right)
    strength[:3], strength[-3:], strength[:, :3], strength[:, -3:] = 0.0, 0.0, 0.0, 0.0
    count = min(_EDGES, strength.size // 4)
    strong = np.argpartition(strength.ravel(), -count)[-count:]
    at = np.stack(np.unravel_index(strong, strength.shape), axis=1).astype(np.float64)
    size = np.maximum(strength.ravel()[strong], 1e-9)
    way = np.stack([down.ravel()[strong] / size, right.ravel()[strong] / size], axis=1)
    return _peaks(at, way, np.sqrt(size), (small.shape, sizes_px, thickness))


def _peaks(
    at: FloatArray, way: FloatArray, weight: FloatArray, how: tuple[tuple[int, int], tuple[float, float], float]
) -> list[Outline]:
    """The middles with the most votes."""
    shape, (low, high), thickness = how
    found: list[tuple[float, Outline]] = []
    for radius in np.arange(0.5 * low, 0.5 * high + 1.0, 2.0):
        middle = np.round(at + radius * way).astype(np.int64)
        inside = ((middle >= 0) & (middle < shape)).all(axis=1)
        flat = middle[inside, 0] * shape[1] + middle[inside, 1]
        votes = np.bincount(flat, weights=weight[inside], minlength=shape[0] * shape[1]).reshape(shape)
        votes = cv2.GaussianBlur(votes.astype(np.float32), (0, 0), _SLACK_PX) / radius
        _, best, _, (column, row) = cv2.minMaxLoc(votes)
        outline = Outline(row=row, column=column, radius=float(radius), tilt_deg=15.0, way_deg=0.0, thickness=thickness)
        found.append((best, outline))
    chosen: list[Outline] = []
    for _, one in sorted(found, key=lambda item: -item[0]):
        if all(np.hypot(one.row - old.row, one.column - old.column) > 0.3 * old.radius for old in chosen):
            chosen.append(one)
    return chosen[:_CANDIDATES]
