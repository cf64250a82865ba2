"""Values of an image at places in the patient, and one image laid on another."""

from __future__ import annotations

from catheterview.resample.hot import hot_center_mm
from catheterview.resample.marks import Target
from catheterview.resample.mirror import exchanged_axes, mirrored_image
from catheterview.resample.points import (
    Reformat,
    plane_points,
    reformat_planes,
    sample,
    sample_at,
    sample_slab,
)
from catheterview.resample.rigid import Moved, register_rigid

__all__ = [
    "Moved",
    "Reformat",
    "Target",
    "exchanged_axes",
    "hot_center_mm",
    "mirrored_image",
    "plane_points",
    "reformat_planes",
    "register_rigid",
    "sample",
    "sample_at",
    "sample_slab",
]
