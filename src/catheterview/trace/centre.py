"""Bringing a line onto the middle of the tube that it follows."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from catheterview.geometry import FloatArray, moving_frame, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample


def centre_on_tube(image: Image, points: FloatArray, limits: TraceLimits) -> FloatArray:
    """Move a line onto the weighted middle of the brightness across it, several times over.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm, within about a millimetre of the tube; N >= 2

    Returns
    -------
    (M, 3) float64, LPS mm, at steps of `limits.step_mm`
    """
    line = resample_polyline(points, step=limits.step_mm)
    for sigma_mm in limits.centre_smooth_mm:
        if len(line) < 4:
            return line
        line = smooth_line(line + _pull(image, line, limits), sigma_mm / limits.step_mm)
        line = resample_polyline(line, step=limits.step_mm)
    return line


def smooth_line(points: FloatArray, sigma: float) -> FloatArray:
    """Smooth a polyline by a Gaussian of `sigma` steps; both ends go on as their own mirror image, so they stay."""
    reach = min(len(points) - 1, int(np.ceil(4 * sigma)))
    if reach < 1:
        return points
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, points, after])
    return np.asarray(gaussian_filter1d(padded, sigma, axis=0)[reach : reach + len(points)])


def _pull(image: Image, line: FloatArray, limits: TraceLimits) -> FloatArray:
    """(N, 3) mm by which each point is off the brightness-weighted middle of a disc across the line.

    The weight is what stands over the disc's own rim, so that a slope of the surroundings does not pull; and it is
    bounded by the tube's own brightness, so that bone at the disc's edge does not either.
    """
    first, second = moving_frame(line)
    offset = _disc(limits.centre_disc_mm)
    across = offset[:, 0, None] * first[:, None] + offset[:, 1, None] * second[:, None]
    value = sample(image, line[:, None] + across).astype(np.float64)
    radius = np.linalg.norm(offset, axis=1)
    rim = radius > limits.centre_disc_mm - 0.45
    floor = np.median(value[:, rim], axis=1)[:, None]
    peak = value[:, radius < 0.8].max(axis=1, initial=-np.inf)[:, None]
    weight = np.clip(value - floor - 0.25 * (peak - floor), 0.0, np.maximum(peak - floor, 1.0))
    # Nearer counts more: a neighbour that touches the disc's edge must not win.
    weight *= np.exp(-0.5 * (radius / (0.6 * limits.centre_disc_mm)) ** 2)
    total = weight.sum(axis=1)
    pull = np.einsum("nd,ndc->nc", weight, across) / np.maximum(total, 1e-6)[:, None]
    return np.asarray(np.where(total[:, None] > 1e-6, pull, 0.0))


def _disc(radius_mm: float) -> FloatArray:
    """(D, 2) offsets in mm that fill a disc at steps of 0.35 mm."""
    at = np.arange(-radius_mm, radius_mm + 1e-6, 0.35)
    grid = np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.asarray(grid[np.linalg.norm(grid, axis=1) <= radius_mm])
