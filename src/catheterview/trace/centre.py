"""Bringing a line onto the middle of the tube that it follows."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, moving_frame, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample
from catheterview.trace.profile import profile_along


def centre_on_tube(
    image: Image, points: FloatArray, limits: TraceLimits, *, held: FloatArray | None = None
) -> FloatArray:
    """Move a line onto the crest of the brightness across it, several times over.

    Parameters
    ----------
    points : (N, 3) float64, LPS mm, within about a millimetre of the tube; N >= 2
    held : (M, 3) float64, LPS mm, optional
        Places of the tube where the crest is not its own, as turns of a coil touch there: the line stays on them.

    Returns
    -------
    (M, 3) float64, LPS mm, at steps of `limits.step_mm`
    """
    line = resample_polyline(points, step=limits.step_mm)
    if len(line) < 4:
        return line
    stiffness = _stiffness(image, line, limits)
    fixed = cKDTree(held) if held is not None and len(held) else None
    for sigma_mm in limits.centre_smooth_mm:
        pull = _pull(image, line, stiffness, limits)
        if fixed is not None:
            pull[fixed.query(line)[0] <= limits.strand_apart_mm / 2] = 0.0
        line = smooth_line(line + pull, stiffness * sigma_mm / limits.step_mm)
        line = resample_polyline(line, step=limits.step_mm)
    return line


def _stiffness(image: Image, line: FloatArray, limits: TraceLimits) -> float:
    """How much stiffer than usual the line is kept: 1 for a clear tube in thin slices, more for a faint or coarse one.

    Thick slices make a staircase of an oblique tube, with steps as long as a slice is thick.
    """
    profile = profile_along(image, line, limits)
    clarity = float(np.median(profile.contrast)) / max(float(np.median(profile.spread)), 1.0)
    coarse = limits.coarse_ratio * float(image.placed.spacing_mm.max())
    return float(np.clip(max(limits.clear_ratio / max(clarity, 0.1), coarse), 1.0, limits.stiffest))


def smooth_line(points: FloatArray, sigma: float) -> FloatArray:
    """Smooth a polyline by a Gaussian of `sigma` steps; both ends go on as their own mirror image, so they stay."""
    reach = min(len(points) - 1, int(np.ceil(4 * sigma)))
    if reach < 1:
        return points
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, points, after])
    return np.asarray(gaussian_filter1d(padded, sigma, axis=0)[reach : reach + len(points)])


def _pull(image: Image, line: FloatArray, stiffness: float, limits: TraceLimits) -> FloatArray:
    """(N, 3) mm by which each point is off the crest of the brightness across the line.

    Plan: a quadratic, Gaussian-weighted, is fitted to the brightness in the disc across the line at each point, after
    averaging along the line. Its summit is the tube's middle; unlike a centre of mass it is hardly drawn towards a
    muscle or bone beside the tube. Where it has no summit there is no tube to go to, and the point stays.
    """
    first, second = moving_frame(line)
    offset = _disc(limits.centre_disc_mm)
    across = offset[:, 0, None] * first[:, None] + offset[:, 1, None] * second[:, None]
    value = sample(image, line[:, None] + across).astype(np.float64)
    value = gaussian_filter1d(value, stiffness * limits.centre_along_mm / limits.step_mm, axis=0, mode="nearest")
    du, dv, uu, vv, uv = quadratic(offset, limits.facet_sigma_mm) @ value.T
    det = uu * vv - uv * uv
    summit = (det > 0.15 * uu * uu) & (det > 0.15 * vv * vv) & (uu < 0) & (vv < 0)
    shift = np.stack([uv * dv - vv * du, uv * du - uu * dv], axis=1) / np.where(summit, det, 1.0)[:, None]
    size = np.linalg.norm(shift, axis=1, keepdims=True)
    # A summit far off is another structure's: go there slowly, as the next round may think otherwise.
    shift *= np.minimum(1.0, limits.centre_step_mm / np.maximum(size, 1e-9))
    shift[~summit | (size[:, 0] > limits.centre_disc_mm)] = 0.0
    return np.asarray(shift[:, :1] * first + shift[:, 1:] * second)


def quadratic(offset: FloatArray, sigma_mm: float) -> FloatArray:
    """(5, D) weights that turn values at (D, 2) offsets into a gradient (u, v) and a Hessian (uu, vv, uv)."""
    u, v = offset.T
    root = np.exp(-0.25 * (u * u + v * v) / sigma_mm**2)[:, None]
    design = np.stack([np.ones_like(u), u, v, u * u / 2, v * v / 2, u * v], axis=1)
    return np.asarray((np.linalg.pinv(design * root) * root.T)[1:])


def _disc(radius_mm: float) -> FloatArray:
    """(D, 2) offsets in mm that fill a disc at steps of 0.35 mm."""
    at = np.arange(-radius_mm, radius_mm + 1e-6, 0.35)
    grid = np.stack(np.meshgrid(at, at, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.asarray(grid[np.linalg.norm(grid, axis=1) <= radius_mm])
