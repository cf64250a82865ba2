"""A tube between given seeds: what a person clicked, or what is known of a test object."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from catheterview.errors import UnsuitableError
from catheterview.geometry import read_only
from catheterview.limits import TraceLimits
from catheterview.model import Centreline, Image, Landmarks
from catheterview.resample import sample
from catheterview.trace.assemble import centreline_of
from catheterview.trace.bridge import bridge
from catheterview.trace.centre import centre_on_tube


def trace_between(image: Image, seeds: ArrayLike, *, limits: TraceLimits) -> Centreline:
    """Trace the tube that runs through seeds, in their order.

    Parameters
    ----------
    image : Image with a grid
    seeds : (N, 3) LPS mm, N >= 2, each on the tube to within about 2 mm
    limits : TraceLimits

    Returns
    -------
    Centreline
        From the first seed to the last.

    Raises
    ------
    UnsuitableError
        When there are fewer than two different seeds, or one lies outside the image.
    """
    points = read_only(seeds, ndim=2)
    if points.shape[1] != 3 or len(points) < 2 or np.linalg.norm(points[-1] - points[0]) == 0:
        raise UnsuitableError(f"two different seeds of three coordinates are needed, got shape {points.shape}")
    if not image.placed.contains(points).all():
        raise UnsuitableError("a seed lies outside the image", where=image.series_instance_uid)
    way = [points[:1]]
    for first, second in pairwise(points):
        near = sample(image, np.stack([first, second]))
        contrast = max(100.0, float(near.min()) - float(np.median(image.voxels[:: max(1, len(image.voxels) // 8)])))
        way.append(bridge(image, (first, second), contrast, limits)[1:])
    line = centre_on_tube(image, np.concatenate(way), limits)
    return centreline_of(image, [line], limits, landmarks=Landmarks())
