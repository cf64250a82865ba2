"""The device and the findings, drawn on a projection."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from catheterview.geometry import FloatArray, moving_frame
from catheterview.model import Centreline, Finding, Pump
from catheterview.model.contrast import Collection
from catheterview.picture import draw
from catheterview.picture.draw import Pixels
from catheterview.picture.project import Projection


def mark_catheter(pixels: Pixels, projection: Projection, catheter: Centreline) -> None:
    """Draw a catheter piece by piece, its gaps broken in the colour of findings, and its landmarks, in place."""
    path = projection.pixels_of(catheter.points)
    for first, last in catheter.pieces:
        draw.polyline(pixels, path[first : last + 1], draw.CATHETER)
    for (_, end), (start, _) in zip(catheter.pieces, catheter.pieces[1:], strict=False):
        draw.dashes(pixels, path[[end, start]], draw.FINDING, dash=3)
    for name, at in (("D", catheter.landmarks.dural_entry), ("T", catheter.landmarks.tip)):
        if at is not None:
            draw.dot(pixels, path[at], 2.5, draw.LANDMARK)
            draw.text(pixels, (path[at][0] + 6, path[at][1] - 16), name, colour=draw.LANDMARK)


def mark_pump(pixels: Pixels, projection: Projection, pump: Pump) -> None:
    """Draw the two rims of a pump's disc, in place."""
    for rim in pump_rims(pump):
        draw.polyline(pixels, projection.pixels_of(rim), draw.PUMP, closed=True)


def mark_contrast(pixels: Pixels, projection: Projection, collections: Sequence[Collection]) -> None:
    """Tint where collections of contrast lie along the line of sight, in place."""
    shown = np.zeros(pixels.shape[:2], dtype=np.uint8)
    for one in collections:
        at = projection.pixels_of(one.region.grid.index_to_world(np.argwhere(one.region.mask)))
        size = max(1, int(np.ceil(projection.px_per_mm * float(one.region.grid.spacing_mm.max()) / 2.0)))
        for x, y in np.unique(np.rint(at).astype(int), axis=0):
            cv2.rectangle(shown, (int(x) - size, int(y) - size), (int(x) + size, int(y) + size), 1, -1)
    draw.tint(pixels, shown.astype(bool), draw.DYE)


def pump_rims(pump: Pump) -> tuple[FloatArray, FloatArray]:
    """Two rings of (72, 3) LPS points round the disc, at its two faces."""
    axis = np.asarray(pump.normal)
    first, second = (normal[0] for normal in moving_frame(np.stack([-axis, axis])))
    turn = np.linspace(0.0, 2 * np.pi, 72, endpoint=False)[:, None]
    rim = np.asarray(pump.center_mm) + 0.5 * pump.diameter_mm * (np.cos(turn) * first + np.sin(turn) * second)
    half = 0.5 * pump.thickness_mm * axis
    return np.asarray(rim - half), np.asarray(rim + half)


def mark_findings(pixels: Pixels, projection: Projection, findings: Sequence[tuple[str, Finding]]) -> None:
    """Draw a ring and a name at each finding that has a place in the patient, in place."""
    for name, finding in findings:
        if len(finding.point) == 3:
            x, y = projection.pixels_of(finding.point)
            draw.ring(pixels, (x, y), 9, draw.FINDING)
            draw.text(pixels, (x + 11, y - 20), name, colour=draw.FINDING, size=15)
