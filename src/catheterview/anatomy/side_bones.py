"""Bone that goes on sideways from a vertebra: ribs, and the wings of the sacrum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catheterview.anatomy.spine_frame import SpineFrame
from catheterview.limits import AnatomyLimits
from catheterview.model import Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideMap:
    """The spine unrolled and seen from the front.

    Parameters
    ----------
    hu : (N, 2, M) float32
        Height from feet to head; the patient's right and left; distance from the canal's middle.
    from_mm, step_mm : float
        The first distance, and the step between distances.
    height_mm : float
        Step between heights.
    """

    hu: NDArray[np.float32]
    from_mm: float
    step_mm: float
    height_mm: float


def side_map(
    image: Image, frame: SpineFrame, ahead_mm: tuple[float, float], *, mean: bool, limits: AnatomyLimits
) -> SideMap:
    """Take the largest or the mean HU of what lies between two depths from the canal.

    Parameters
    ----------
    image : Image
    frame : SpineFrame
    ahead_mm : (from, to)
        Negative behind the canal's middle.
    mean : bool
        The mean, of what is thick; else the largest value, of what is thin.
    limits : AnatomyLimits
    """
    step = limits.side_step_mm
    aside = np.arange(limits.side_from_mm, limits.side_to_mm + step / 2, step)
    depth = np.arange(ahead_mm[0], ahead_mm[1] + 1.0, limits.side_depth_mm)
    both = np.stack([-aside, aside])[None]
    layers = [frame.sampled(image, both, np.full((1, 1, 1), one)) for one in depth]
    hu = np.mean(layers, axis=0) if mean else np.maximum.reduce(layers)
    return SideMap(hu=hu, from_mm=limits.side_from_mm, step_mm=step, height_mm=frame.step_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far bone has to lead sideways to be what is looked for.

    Parameters
    ----------
    from_mm, to_mm : float
        Distances from the canal's middle that the bone has to join.
    bone_hu : float
        HU that it nowhere falls below.
    """

    from_mm: float
    to_mm: float
    bone_hu: float


def reaches_out(seen: SideMap, row: int, reach: Reach, limits: AnatomyLimits) -> tuple[bool, bool]:
    """Whether unbroken bone leads sideways from a vertebra, on the right and on the left.

    Parameters
    ----------
    seen : SideMap
    row : int
        Of the vertebra's pedicles.
    reach : Reach
    limits : AnatomyLimits

    Notes
    -----
    The way may sink as steeply as a rib does and rise as a rib's neck does; of all such ways the one whose darkest
    place is brightest counts.
    """
    first, last = (round((edge - seen.from_mm) / seen.step_mm) for edge in (reach.from_mm, reach.to_mm))
    near = round(limits.side_start_mm / seen.height_mm)
    down = max(1, round(limits.rib_fall * seen.step_mm / seen.height_mm))
    up = max(1, round(limits.rib_rise * seen.step_mm / seen.height_mm))
    out = []
    for side in (0, 1):
        plane = seen.hu[:, side]
        best = np.full(len(plane), -np.inf)
        start = slice(max(0, row - near), row + near + 1)
        best[start] = plane[start, first]
        for column in range(first + 1, last + 1):
            best = np.minimum(_best_around(best, down, up), plane[:, column])
        out.append(bool(best.max() >= reach.bone_hu))
    return out[0], out[1]


def _best_around(values: NDArray[np.float64], down: int, up: int) -> NDArray[np.float64]:
    """For each height the best value of the heights from `up` below to `down` above it."""
    padded = np.full(up + len(values) + down, -np.inf)
    padded[up : up + len(values)] = values
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, up + down + 1).max(axis=1))
