"""Scintigrams without a CT, side by side in time on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray, Frame
from catheterview.model import Finding, FlatScan, KeyImage
from catheterview.picture import draw
from catheterview.picture.draw import Pixels

_HEIGHT_PX = 560
_SMOOTH_MM = 4.0
#: Decades below the hottest pixel that are shown.
_DECADES: Final = (-3.5, 0.0)


def flat_image(flats: Sequence[FlatScan], findings: Sequence[tuple[str, Finding]]) -> KeyImage | None:
    """Draw every scan of a study without a CT.

    Parameters
    ----------
    flats : sequence of FlatScan
        In order of time.
    findings : sequence of (name, Finding)
        Named where they lie on a planar view; those of a tomogram in the corner.

    Returns
    -------
    KeyImage or None
        ``scintigraphy``; None without a scan.
    """
    if not flats:
        return None
    caption = (
        "Scintigraphy without a CT, one column for each time, on one logarithmic scale: 1/3000 to 1 of the hottest "
        "pixel of each, which corrects for decay. From the back the patient's left is on the left. A tomogram is "
        "added up from front to back. F are findings."
    )
    columns = [draw.beside([_panel(flat, shown, findings) for shown in _shown(flat)]) for flat in flats]
    return KeyImage(name="scintigraphy", caption=caption, png=draw.as_png(draw.beside(columns)))


def _shown(flat: FlatScan) -> list[tuple[str, FloatArray]]:
    """What is drawn of one scan, with its name."""
    if flat.front is None:
        return [(flat.seen, flat.counts)]
    if flat.seen == "tomogram":
        return [("tomogram from the front", flat.front)]
    return [("front", flat.front), ("back", flat.counts)]


def _panel(flat: FlatScan, shown: tuple[str, FloatArray], findings: Sequence[tuple[str, Finding]]) -> Pixels:
    """One view at one time."""
    name, counts = shown
    px_per_mm = _HEIGHT_PX / (counts.shape[0] * flat.pixel_mm[0])
    size = (round(counts.shape[1] * flat.pixel_mm[1] * px_per_mm), _HEIGHT_PX)
    heat = cv2.resize(_heat(flat, counts), size, interpolation=cv2.INTER_LINEAR)
    colours = np.stack([np.clip(3.0 * heat - n, 0.0, 1.0) for n in range(3)], axis=-1) * 255.0
    picture: Pixels = np.ascontiguousarray(np.rint(colours).astype(np.uint8))
    time = "time not known" if flat.hours is None else f"{flat.hours:.0f} h"
    draw.text(picture, (8, 6), f"{name}, {time}", size=13)
    for mark, finding in findings:
        _mark(picture, flat, (mark, finding), name)
    return picture


def _mark(picture: Pixels, flat: FlatScan, named: tuple[str, Finding], view: str) -> None:
    """Name a finding of this scan, at its pixel where it has one."""
    mark, finding = named
    placed_on_it = view != "front" or flat.front is None  # points are those of `counts`
    if finding.series_instance_uid != flat.image.series_instance_uid or not placed_on_it:
        return
    at = (8.0, 26.0)
    if finding.frame is not Frame.PATIENT:
        row, column = finding.point[:2]
        x = (column + 0.5) * picture.shape[1] / flat.counts.shape[1]
        y = (row + 0.5) * picture.shape[0] / flat.counts.shape[0]
        draw.ring(picture, (x, y), 14.0, draw.FINDING)
        at = (x + 18.0, y - 8.0)
    draw.text(picture, at, mark, colour=draw.FINDING, size=14)


def _heat(flat: FlatScan, counts: FloatArray) -> NDArray[np.float32]:
    """How hot each pixel is, 0 to 1."""
    sigma = [_SMOOTH_MM / one for one in flat.pixel_mm]
    smooth = cv2.GaussianBlur(counts, (0, 0), sigmaX=sigma[1], sigmaY=sigma[0])
    low, high = _DECADES
    hottest = max(float(smooth.max()), 0.0 if flat.front is None else 0.5 * float(flat.front.max()), 1e-9)
    decades = np.log10(np.maximum(smooth, 1e-9) / hottest)
    return np.asarray(np.clip((decades - low) / (high - low), 0.0, 1.0), dtype=np.float32)
