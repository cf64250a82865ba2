"""Which values are shown black and which white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catheterview.model import OUTSIDE_HU, Image

#: Soft tissue dark grey, cortical bone light grey, a catheter's wall and metal white (display only; HU).
_CT_WINDOW_HU = (-180.0, 1200.0)


def window_of(image: Image, values: NDArray[np.float32]) -> tuple[float, float]:
    """The (low, high) window of a picture: fixed for CT, from the picture's own values for anything else."""
    if image.modality == "CT":
        return _CT_WINDOW_HU
    inside = values[values > OUTSIDE_HU]
    if inside.size == 0:
        return 0.0, 1.0
    low, high = (float(n) for n in np.percentile(inside, (1.0, 99.7)))
    return low, max(high, low + 1.0)
