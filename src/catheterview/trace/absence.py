"""Whether a tube could have passed unseen from where it was last seen to where it is seen again, by any way.

A line that was traced is one guess at the way, and where it is wrong the image says nothing of the tube along it. So
the way is looked for on which the tube would have to be seen least: along what looks like it, along the border of bone
and metal, which hide it, or through noise. What even that way must pass in the clear, the tube does not pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label, median_filter

from catheterview.geometry import FloatArray
from catheterview.limits import TraceLimits
from catheterview.model import Image
from catheterview.trace.bridge import Box, bare_box
from catheterview.trace.profile import Fade
from catheterview.trace.ridge import tubeness

BoolArray = NDArray[np.bool_]


def clear_mm(image: Image, ends: FloatArray, tube: tuple[Fade, float], limits: TraceLimits) -> float:
    """Measure how far a tube between two places must run where it would be seen, and is not.

    Parameters
    ----------
    ends : (2, 3) float64, LPS mm
        On the tube, a little before it is lost and a little after it is found.
    tube : Fade, float
        Its contrast over what surrounds it, and the HU above which all is bone or metal.

    Returns
    -------
    float
        mm, summed over stretches longer than `limits.way_run_mm` of the way on which that is least; 0 where the ends
        are too far apart for a way to mean anything.
    """
    apart = float(np.linalg.norm(ends[1] - ends[0]))
    if apart > limits.way_most_mm:
        return 0.0
    box = bare_box(image, ends, limits)
    clear = _clear(image, box, tube, limits)
    box.cost[:] = np.where(clear, 1.0, limits.way_hidden_cost)
    finder = box.finder()
    finder.find_costs([box.voxel(ends[0])], [box.voxel(ends[1])])
    way = np.array(finder.traceback(box.voxel(ends[1])))
    return _long_runs_mm(box.points([tuple(voxel) for voxel in way.tolist()]), clear[tuple(way.T)], limits)


def _clear(image: Image, box: Box, tube: tuple[Fade, float], limits: TraceLimits) -> BoolArray:
    """Voxels of a box in which a tube's middle would be seen, and is not; the inside of bone holds none either."""
    fade, bone_hu = tube
    spacing = image.placed.spacing_mm
    voxels = box.voxels
    size = [max(3, round(limits.way_around_mm / step) | 1) for step in spacing]
    usual = fade.contrast_over(median_filter(voxels, size=size).astype(np.float64))
    height = tubeness(image, box.first_kji, voxels.shape, limits) / limits.ridge_of_contrast
    bone = voxels > bone_hu
    hides = distance_transform_edt(~bone, sampling=spacing) <= limits.way_beside_bone_mm
    inside = distance_transform_edt(bone, sampling=spacing) > limits.way_in_bone_mm
    return np.asarray(((height < limits.way_clear * usual) & ~hides) | inside)


def _long_runs_mm(points: FloatArray, clear: BoolArray, limits: TraceLimits) -> float:
    """Length of a way's runs in the clear, of those that are long enough not to be noise."""
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    share = np.concatenate([step[:1], step]) / 2 + np.concatenate([step, step[-1:]]) / 2
    runs, count = label(clear)
    lengths = [float(share[runs == run].sum()) for run in range(1, count + 1)]
    return sum(length for length in lengths if length > limits.way_run_mm)
