"""How much of a tube the film shows along a given way, and how much anything else would look like it there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, tangents
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import profile


def sampled(plane: NDArray[np.float32], at: FloatArray) -> FloatArray:
    """Values of a plane at (..., 2) (row, column), its border beyond it."""
    flat = at.reshape(-1, 2)
    columns, rows = flat[:, 1].astype(np.float32), flat[:, 0].astype(np.float32)
    parts = [
        cv2.remap(
            plane, columns[n : n + 30000, None], rows[n : n + 30000, None], cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )[:, 0]
        for n in range(0, len(flat), 30000)
    ]  # fmt: skip
    return np.concatenate([np.zeros(0), *parts]).reshape(at.shape[:-1]).astype(np.float64)


def fitted_across(
    plane: NDArray[np.float32], points: FloatArray, width: float, limits: FilmTraceLimits, *, reach: int
) -> tuple[FloatArray, FloatArray]:
    """How much of a tube there is at offsets across a way, and how much the surroundings vary in the same measure.

    Parameters
    ----------
    plane : (R, C) float32
    points : (N, 2) (row, column), about a pixel apart
    width : float
        Of a tube, pixels.
    limits : FilmTraceLimits
    reach : int
        Offsets from -reach to reach are asked, a pixel apart.

    Returns
    -------
    peak : (N, 2 * reach + 1) float64
        Best fit of the tube's profile with a slope under it, averaged along by `limits.along_px`.
    noise : (N, 1) float64
        Standard deviation of the same fit beside the way, where no tube is.
    """
    along = tangents(points)
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    half = int(np.ceil(1.6 * width))
    far = max(int(np.ceil(limits.beside_widths * width)), reach + half)
    straight = sampled(plane, points[:, None] + np.arange(-far, far + 1.0)[None, :, None] * across[:, None])
    window = np.arange(-half, half + 1, dtype=np.float64)
    weight = profile(window, width) - profile(window, width).mean()
    weight -= window * (window @ weight) / (window @ window)
    weight /= weight @ profile(window, width)
    fitted = cv2.filter2D(straight, cv2.CV_64F, weight[None], borderType=cv2.BORDER_REPLICATE)
    kernel = np.exp(-0.5 * (np.arange(-8, 9) / limits.along_px) ** 2)
    fitted = cv2.filter2D(fitted, cv2.CV_64F, (kernel / kernel.sum())[:, None], borderType=cv2.BORDER_REPLICATE)
    offsets = np.arange(-far, far + 1)
    aside = (np.abs(offsets) > 1.5 * width) & (np.abs(offsets) <= far - half)
    noise = np.sqrt(cv2.blur((fitted[:, aside] ** 2).mean(axis=1)[:, None], (1, 9), borderType=cv2.BORDER_REPLICATE))
    return np.asarray(fitted[:, far - reach : far + reach + 1]), np.asarray(noise)


def presence(
    plane: NDArray[np.float32], points: FloatArray, width: float, limits: FilmTraceLimits
) -> tuple[FloatArray, FloatArray]:
    """The tube's peak at each point (N,) of a way, and how much the surroundings vary in the same measure (N,)."""
    peak, noise = fitted_across(plane, points, width, limits, reach=1)
    return np.asarray(peak.max(axis=1)), np.asarray(noise[:, 0])
