"""Scintigrams without a CT: whether tracer is in the middle of the back, and anywhere outside the reservoir."""

from __future__ import annotations

from catheterview.detect.nuclear.flat.lone import LoneReading, read_lone
from catheterview.detect.nuclear.flat.views import planar_flat

__all__ = ["LoneReading", "planar_flat", "read_lone"]
