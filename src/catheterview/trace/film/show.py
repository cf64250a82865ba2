"""How much of a tube the film shows along a given way, and how much anything else would look like it there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, tangents
from catheterview.limits.film import FilmTraceLimits
from catheterview.trace.film.filter import Sketch, profile

_PARTS = np.array([0.15, 0.3, 0.45, 0.55, 0.7, 0.85])


def shown_share(sketch: Sketch, begin: FloatArray, end: FloatArray, contrast: float) -> FloatArray:
    """Share of each straight way from (M, 2) to (M, 2) at which the film is as dense as a tube there, 0 to 1."""
    step = end - begin
    length = np.linalg.norm(step, axis=1)
    across = np.stack([step[:, 1], -step[:, 0]], axis=1) / np.maximum(length, 1e-9)[:, None]
    at = begin[None] + _PARTS[:, None, None] * step[None]
    width = 0.5 * 4.0 * 1.5
    middle = sampled(sketch.density, at)
    beside = 0.5 * (sampled(sketch.density, at + width * across) + sampled(sketch.density, at - width * across))
    return np.asarray(np.clip((middle - beside) / contrast, 0.0, 1.0).mean(axis=0))


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


def presence(
    sketch: Sketch, points: FloatArray, width: float, limits: FilmTraceLimits
) -> tuple[FloatArray, FloatArray]:
    """The tube's peak at each point of a way, and how much the surroundings vary in the same measure.

    Parameters
    ----------
    sketch : Sketch
    points : (N, 2) (row, column), about a pixel apart
    width : float
        Of a tube, pixels of the sketch.

    Returns
    -------
    peak : (N,) float64
        Best fit of the tube's profile with a slope under it, averaged along by `limits.along_px`.
    noise : (N,) float64
        Standard deviation of the same fit beside the way, where no tube is.
    """
    along = tangents(points)
    across = np.stack([along[:, 1], -along[:, 0]], axis=1)
    reach = limits.beside_widths * width
    offsets = np.arange(-reach, reach + 0.5, 1.0)
    straight = sampled(sketch.density, points[:, None] + offsets[None, :, None] * across[:, None])
    half = int(np.ceil(1.6 * width))
    window = np.arange(-half, half + 1, dtype=np.float64)
    weight = profile(window, width)
    weight = weight - weight.mean()
    weight -= window * (window @ weight) / (window @ window)
    weight /= weight @ profile(window, width)
    fitted = np.apply_along_axis(lambda row: np.correlate(row, weight, mode="valid"), 1, straight)
    kernel = np.exp(-0.5 * (np.arange(-8, 9) / limits.along_px) ** 2)
    fitted = cv2.filter2D(fitted, cv2.CV_64F, (kernel / kernel.sum())[:, None], borderType=cv2.BORDER_REPLICATE)
    middle = fitted.shape[1] // 2
    peak = fitted[:, middle - 1 : middle + 2].max(axis=1)
    aside = np.abs(np.arange(fitted.shape[1]) - middle) > 1.5 * width
    noise = np.sqrt((fitted[:, aside] ** 2).mean(axis=1))
    smooth = np.ones(9) / 9.0
    noise = np.sqrt(np.convolve(np.pad(noise**2, 4, mode="edge"), smooth, mode="valid"))
    return np.asarray(peak), np.asarray(noise)
