"""The brightest short way between two places: how a line passes what hides the tube from the ridge filter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.graph import MCP_Geometric

from catheterview.geometry import FloatArray, resample_polyline
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.resample import sample


def bridge(image: Image, ends: tuple[FloatArray, FloatArray], contrast_hu: float, limits: TraceLimits) -> FloatArray:
    """Find the cheapest way from one point to another through the voxels between and round them.

    Parameters
    ----------
    ends : two (3,) LPS mm
    contrast_hu : float
        Of the tube: what is that much over the surroundings costs least.

    Returns
    -------
    (N, 3) float64, LPS mm, from the first end to the second, both included
    """
    first, second = ends
    length = float(np.linalg.norm(second - first))
    if length < 2 * limits.bridge_step_mm:
        return np.stack([first, second])
    margin = max(limits.bridge_margin_mm, 0.35 * length)
    low = np.minimum(first, second) - margin
    count = np.ceil((np.maximum(first, second) + margin - low) / limits.bridge_step_mm).astype(int) + 1
    axes = [low[a] + limits.bridge_step_mm * np.arange(count[a]) for a in range(3)]
    value = sample(image, np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1))
    cost = cost_of(value, contrast_hu)
    places = [tuple(np.rint((end - low) / limits.bridge_step_mm).astype(int).tolist()) for end in ends]
    finder = MCP_Geometric(cost)
    finder.find_costs([places[0]], [places[1]])
    middle = low + limits.bridge_step_mm * np.array(finder.traceback(places[1]), dtype=np.float64)
    # The lattice zigzags; resampling takes out its corners, centring does the rest.
    inner = resample_polyline(middle, step=1.2)[1:-1]
    return np.concatenate([first[None], inner, second[None]])


def cost_of(value: NDArray[np.float32], contrast_hu: float) -> FloatArray:
    """Cost per mm: 1 on the tube, rising to about 30 where nothing stands out of the surroundings."""
    floor = float(np.median(value))
    stands = np.clip((value - floor) / max(contrast_hu, 1.0), 0.0, 1.0)
    return np.asarray(1.0 / (0.033 + 0.967 * stands**2), dtype=np.float64)
