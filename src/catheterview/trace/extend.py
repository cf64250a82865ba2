"""Following a tube on from the end of a line, step by step, until it is no longer there."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, unit
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.centre import centre_on_tube
from catheterview.trace.profile import profile_along


def follow_on(image: Image, line: FloatArray, contrast_hu: float, limits: TraceLimits) -> FloatArray:
    """Lengthen a line at its last point for as long as the tube goes on, then cut it where the tube ends.

    Parameters
    ----------
    line : (N, 3) float64, LPS mm, steps of `limits.step_mm`; one of less than 12 is left as it is
    contrast_hu : float
        Of the tube over its surroundings.

    Returns
    -------
    (M, 3) float64, LPS mm
        It ends where the contrast falls to half: the end face of a tube blurred by the scanner.
    """
    steps = round(limits.follow_step_mm / limits.step_mm)
    if len(line) <= 3 * steps:
        return line
    for _ in range(round(limits.follow_reach_mm / limits.follow_step_mm)):
        ahead = unit(line[-1] - line[-1 - min(4 * steps, len(line) - 1)])
        guess = line[-1] + np.arange(1, steps + 1)[:, None] * limits.step_mm * ahead
        longer = np.concatenate([line, guess])
        tail = centre_on_tube(image, longer[-6 * steps :], limits)
        longer = np.concatenate([longer[: -6 * steps], tail])
        seen = profile_along(image, longer[-4 * steps :], limits)
        beside_bone = seen.brightest[-steps:] > np.maximum(limits.soft_tissue_hu, seen.core[-steps:])
        # Beside bone its edge passes for half a tube, so that more of one has to be seen, and calm surroundings.
        hidden = beside_bone & (seen.spread[-steps:] > limits.clear_spread * contrast_hu)
        least = limits.follow_beside_bone if beside_bone.all() else limits.absent_edge
        if seen.contrast[-steps:].mean() < least * contrast_hu or hidden.all():
            line = longer
            break
        line = longer
    return cut_at_end(image, line, contrast_hu, limits)


def cut_at_end(image: Image, line: FloatArray, contrast_hu: float, limits: TraceLimits) -> FloatArray:
    """Drop the points after the last place where the tube is at least half there for a whole step."""
    window = min(len(line), round(60.0 / limits.step_mm))
    contrast = profile_along(image, line[-window:], limits).contrast
    kernel = np.ones(3) / 3.0
    smooth = np.convolve(np.pad(contrast, 1, mode="edge"), kernel, mode="valid")
    there = smooth >= limits.absent_edge * contrast_hu
    steady = there & np.concatenate([[False], there[:-1]]) & np.concatenate([[False, False], there[:-2]])
    last = int(np.nonzero(steady)[0][-1]) if steady.any() else len(there) - 1
    return np.asarray(line[: len(line) - window + last + 1])
