"""Pictures of a tracer study: fused projections side by side in time, and activity along the catheter."""

from __future__ import annotations

from catheterview.picture.nuclear.along import along_image
from catheterview.picture.nuclear.flat import flat_image
from catheterview.picture.nuclear.fused import fused_image
from catheterview.picture.nuclear.study import tracer_images

__all__ = ["along_image", "flat_image", "fused_image", "tracer_images"]
