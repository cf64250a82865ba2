"""Whether what a way runs along is as thin as a tube: the rims of vertebrae are two to four times as wide."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from catheterview.detect.film.evidence import FilmEvidence
from catheterview.limits.film import FilmDetectLimits
from catheterview.model import Centreline

_LIMB_MM = (3.0, 8.0)  # from a bend or a gap: the stretch beside it that is looked at


def is_thin(evidence: FilmEvidence, catheter: Centreline, at: tuple[int, int], limits: FilmDetectLimits) -> bool:
    """Say whether the limbs on both sides of a place are as thin as a tube.

    Parameters
    ----------
    evidence : FilmEvidence
    catheter : Centreline
    at : (first, last)
        The points of the place: twice that of a bend, or the loose ends of a gap.
    limits : FilmDetectLimits
    """
    mm = evidence.mm_per_px
    if mm is None:
        return True
    near, far = (round(v / mm / max(step_px(catheter), 1e-6)) for v in _LIMB_MM)
    limbs = (slice(max(0, at[0] - far), max(0, at[0] - near)), slice(at[1] + near, at[1] + far))
    return all(_width(evidence, catheter, limb) < limits.kink_width for limb in limbs)


def step_px(catheter: Centreline) -> float:
    """Median distance from point to point, pixels of the film."""
    return float(np.median(np.linalg.norm(np.diff(catheter.points, axis=0), axis=1)))


def _width(evidence: FilmEvidence, catheter: Centreline, limb: slice) -> float:
    """Full width at half of its height of what runs along a limb, in tube widths; 0 where nothing stands out."""
    points, tube = catheter.points[limb], 2.0 * float(catheter.radius[limb.start])
    if len(points) < 3:
        return 0.0
    along = np.gradient(points, axis=0)
    across = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(np.linalg.norm(along, axis=1), 1e-9)[:, None]
    offsets = np.arange(-3.0, 3.01, 0.1)
    at = points[:, None] + tube * offsets[None, :, None] * across[:, None]
    shown = map_coordinates(evidence.film.density, at.reshape(-1, 2).T, order=1, mode="nearest")
    profile = shown.reshape(at.shape[:2]).mean(axis=0)
    outer = np.abs(offsets) > 2.2
    profile = profile - np.polyval(np.polyfit(offsets[outer], profile[outer], 1), offsets)
    middle = np.abs(offsets) < 0.6
    top = int(np.flatnonzero(middle)[np.argmax(profile[middle])])
    if profile[top] <= 0.0:
        return 0.0
    below = profile < 0.5 * profile[top]
    left, right = np.flatnonzero(below[:top]), np.flatnonzero(below[top:])
    low = offsets[left[-1]] if len(left) else offsets[0]
    return float((offsets[top + right[0]] if len(right) else offsets[-1]) - low)
