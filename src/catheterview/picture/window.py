"""Which values are shown black and which white; for display only, no algorithm reads them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catheterview.model import OUTSIDE_HU, Centreline, Image

#: Under a projection bone is everywhere: cortical bone light grey, dense walls and metal white.
_SLAB_WINDOW_HU = (-150.0, 1500.0)
#: On a cut: soft tissue dark grey; white is set by the catheter, within these bounds.
_CUT_LOW_HU = -160.0
_CUT_HIGH_HU = (450.0, 1500.0)
_USUAL_HIGH_HU = 900.0
_TISSUE_HU = 50.0


def slab_window(image: Image, values: NDArray[np.float32]) -> tuple[float, float]:
    """The (low, high) window of a projection: fixed for CT, from the values themselves for anything else."""
    return _SLAB_WINDOW_HU if image.modality == "CT" else _own_window(values)


def cut_window(image: Image, catheter: Centreline | None, values: NDArray[np.float32]) -> tuple[float, float]:
    """The (low, high) window of a cut: for CT such that most of this catheter is just not white."""
    if image.modality != "CT":
        return _own_window(values)
    measured = catheter.contrast[catheter.contrast > 0] if catheter is not None else np.zeros(0)
    wanted = 1.2 * float(np.percentile(measured, 75)) + _TISSUE_HU if measured.size else _USUAL_HIGH_HU
    return _CUT_LOW_HU, float(np.clip(wanted, *_CUT_HIGH_HU))


def _own_window(values: NDArray[np.float32]) -> tuple[float, float]:
    """A window that leaves out the faintest hundredth and the brightest few thousandths."""
    inside = values[values > OUTSIDE_HU]
    if inside.size == 0:
        return 0.0, 1.0
    low, high = (float(n) for n in np.percentile(inside, (1.0, 99.7)))
    return low, max(high, low + 1.0)
