"""What is in hand as layers: measures and the handles of a catheter. Pure functions to napari's layer tuples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.geometry import FloatArray
from napari_catheterview.hand.measure import Measured
from napari_catheterview.place import LayerData, Place

#: Kinds of layer; see `napari_catheterview.layers`.
MEASURE_LINES, MEASURE_WORDS, HANDLES = "measure lines", "measures", "handles"

MEASURE_COLOR = "#ffffff"
#: Diameter in mm of a handle, and the size of a measure's ends.
HANDLE_MM, END_MM = 3.0, 1.2


def measure_layers(measured: Sequence[Measured], place: Place) -> tuple[LayerData, LayerData]:
    """Return the lines of measures, and their ends with the words at the last one."""
    lines = np.concatenate([np.zeros((0, 2, 3)), *(one.lines for one in measured)]) / place.voxel_mm
    shown = place.attributes("measures", MEASURE_LINES)
    shown |= {
        "edge_color": MEASURE_COLOR,
        "edge_width": place.size(0.4),
        "vector_style": "line",
        "projection_mode": "none",
    }
    ends = np.concatenate([np.zeros((0, 3)), *(one.points for one in measured)]) / place.voxel_mm
    words = [text for one in measured for text in [*[""] * (len(one.points) - 1), one.words]]
    told = place.attributes("measures in words", MEASURE_WORDS)
    told |= {
        "size": place.size(END_MM),
        "face_color": MEASURE_COLOR,
        "border_width": 0.0,
        "projection_mode": "none",
        "features": {"words": words},
        "text": {"string": "{words}", "size": 11, "color": MEASURE_COLOR, "anchor": "upper_left"},
    }
    return (lines, shown, "vectors"), (ends, told, "points")


def handles_layer(places: FloatArray, place: Place) -> LayerData:
    """Return the handles of a catheter, (H, 3) LPS mm, as points that can be dragged."""
    shown = place.attributes("handles", HANDLES)
    shown |= {
        "size": place.size(HANDLE_MM),
        "face_color": "transparent",
        "border_color": "#ffd60a",
        "border_width": 0.15,
        "projection_mode": "none",
    }
    return place.data(places), shown, "points"
