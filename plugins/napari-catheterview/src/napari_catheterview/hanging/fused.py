"""A map of activity on the anatomy: the same reading frame, its own voxels wherever they lie straight in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catheterview.model import Image
from catheterview.resample import sample
from napari_catheterview.frame import HungImage, ReadingFrame, hang

#: Axes that differ by less than this cosine displace a voxel of a 1 m stack by less than 0.1 mm.
SAME_AXES = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fused:
    """A map as it lies in the reading frame of the volume that it hangs on."""

    image: Image
    hung: HungImage


def fused_on(image: Image, frame: ReadingFrame) -> Fused:
    """Lay a map out in the reading frame of another image; it is resampled only where its axes are not that frame's.

    Parameters
    ----------
    image : Image
        With a place in the patient, in the same frame of reference.
    frame : ReadingFrame

    Raises
    ------
    GeometryError
        When the image has no place in the patient.
    """
    hung = hang(image)
    if np.abs(hung.frame.axes - frame.axes).max() < SAME_AXES:
        return Fused(image=image, hung=hung)
    corners = frame.from_patient(image.placed.corners())
    step = float(image.placed.spacing_mm.min())
    first = corners.min(axis=0)
    count = np.ceil((corners.max(axis=0) - first) / step).astype(int) + 1
    turned = np.empty(tuple(count), dtype=np.int16)
    y, x = np.meshgrid(first[1] + step * np.arange(count[1]), first[2] + step * np.arange(count[2]), indexing="ij")
    for n in range(int(count[0])):
        world = np.stack([np.full_like(y, first[0] + step * n), y, x], axis=-1)
        turned[n] = np.rint(sample(image, frame.to_patient(world), outside=0.0))
    note = "Resampled to the planes of the volume that it hangs on."
    return Fused(
        image=image,
        hung=HungImage(voxels=turned, scale_mm=np.full(3, step), translate_mm=first, frame=frame, note=note),
    )
