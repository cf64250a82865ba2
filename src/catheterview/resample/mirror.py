"""Whether a SPECT is mirrored against its CT, or its axes are exchanged, as happens between workstations."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np

from catheterview.model import Image, Pump
from catheterview.resample.hot import hot_center_mm

_AXES = ("head and feet", "front and back", "left and right")


def exchanged_axes(image: Image, pump: Pump, *, far_mm: float, near_mm: float) -> str:
    """Which axes of a SPECT are mirrored or exchanged against its CT; empty when that does not explain where it lies.

    Parameters
    ----------
    image : Image
        In the CT's frame of reference.
    pump : Pump
    far_mm : float
        Distance of the reservoir from the pump from which something is wrong.
    near_mm : float
        Distance within which an exchange explains it.
    """
    grid, wanted = image.placed, np.array(pump.center_mm)
    if np.linalg.norm(hot_center_mm(image) - wanted) < far_mm:
        return ""
    middle = (np.array(grid.shape) - 1) / 2.0
    from_middle = grid.world_to_index(hot_center_mm(image)) - middle
    found: list[tuple[int, float, str]] = []
    for order, signs in product(permutations(range(3)), product((1.0, -1.0), repeat=3)):
        turned = middle + from_middle[list(order)] * np.array(signs)
        away = float(np.linalg.norm(grid.index_to_world(turned) - wanted))
        if away < near_mm:
            changes = sum(n != axis for n, axis in enumerate(order)) + sum(sign < 0 for sign in signs)
            found.append((changes, away, _named(order, signs)))
    return min(found)[2] if found else ""


def _named(order: tuple[int, ...], signs: tuple[float, ...]) -> str:
    """What was mirrored or exchanged, in words; axes are slices, rows, columns of a transverse volume."""
    exchanged = [_AXES[n] for n, axis in enumerate(order) if n != axis]
    mirrored = [_AXES[n] for n, sign in enumerate(signs) if sign < 0]
    told = (("mirrored ", mirrored), ("exchanged axes: ", exchanged))
    return "; ".join(word + ", ".join(axes) for word, axes in told if axes)


def mirrored_image(image: Image) -> Image:
    """The image with left and right exchanged about its own middle, as one workstation may hand it to another."""
    side = int(np.argmax(np.abs(image.placed.affine[0, :3])))
    return replace(image, voxels=np.ascontiguousarray(np.flip(image.voxels, side)))
