"""Contrast in a CT, set by the dials of a recipe: what is full, what is empty, what is where it should not be.

`dye_of` gives the `FluidState` of a recipe's study (the same type that `catheterview.phantom.fluid` computes from a
flow, so that a film of the same recipe shows the same contrast), the solids and fluids that replace tissue, and the
truth of what is wrong. Signatures: clinical reference B.3 (CAP-CT), B.5 (lumbar puncture), B.7 (cautions), E.3 (HU).
"""

from __future__ import annotations

from catheterview.phantom.dye.paint import dye_hu, paint_dye, paint_solids
from catheterview.phantom.dye.solids import Solid
from catheterview.phantom.dye.state import Dye, dye_of

__all__ = ["Dye", "Solid", "dye_hu", "dye_of", "paint_dye", "paint_solids"]
