"""SPECT over CT: projections from the front and the side for every time, all on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.model import Finding, Image, KeyImage, Scintigram
from catheterview.picture import draw, marks
from catheterview.picture.draw import Pixels
from catheterview.picture.orient import CORONAL, SAGITTAL, View, axes_of_patient
from catheterview.picture.project import Flat, Projection, box_around, brightest, projection
from catheterview.picture.window import slab_window

_FRAME_PX = (400, 520)
_MARGIN_MM = 60.0
#: Decades below the hottest voxel that are shown: the reservoir is thousands of times hotter than the line.
_DECADES: Final = (-3.6, -0.6)
_OPAQUE = 0.85


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Laid:
    """A SPECT, and how a projection of its CT is laid out."""

    scan: Scintigram
    laid: Projection


def fused_image(scans: Sequence[Scintigram], findings: Sequence[tuple[str, Finding]]) -> KeyImage:
    """Lay every SPECT over its CT, from the front and from the side.

    Parameters
    ----------
    scans : sequence of Scintigram
        In order of time.
    findings : sequence of (name, Finding)
        Marked where they lie.

    Returns
    -------
    KeyImage
        ``spect-ct``: a column for each time; the same logarithmic scale for all, relative to the reservoir, which
        also takes decay out.
    """
    columns = [draw.below([_panel(scan, view, findings) for view in (CORONAL, SAGITTAL)]) for scan in scans]
    times = ", ".join(_time(scan) for scan in scans)
    caption = (
        f"SPECT (hot colours) over CT (grey), maximum-intensity projections from the front and the side, at {times}. "
        f"One logarithmic scale for all times: 1/4000 to 1/4 of the hottest voxel of each, which corrects for decay. "
        "The pump is outlined in yellow, the catheter in blue, F are findings."
    )
    placed = "; ".join(dict.fromkeys(scan.placed for scan in scans))
    return KeyImage(name="spect-ct", caption=f"{caption} Placed by: {placed}.", png=draw.as_png(draw.beside(columns)))


def _time(scan: Scintigram) -> str:
    return f"{scan.hours:.0f} h" if scan.hours is not None else "an unknown time after injection"


def _panel(scan: Scintigram, view: View, findings: Sequence[tuple[str, Finding]]) -> Pixels:
    """One direction at one time."""
    ct, grid = scan.ct.image, scan.ct.image.placed
    points = [np.array(pump.center_mm)[None] for pump in scan.ct.pumps] + [one.points for one in scan.ct.catheters]
    box = box_around(grid, np.concatenate(points), margin_mm=_MARGIN_MM)
    laid = projection(grid, view, box=box, frame_px=_FRAME_PX)
    whole = laid.upright(brightest(ct, laid.flat))
    picture = _over(draw.windowed(whole, *slab_window(ct, whole)), _heat(_Laid(scan=scan, laid=laid)))
    for pump in scan.ct.pumps:
        marks.mark_pump(picture, laid, pump)
    for catheter in scan.ct.catheters:
        marks.mark_catheter(picture, laid, catheter)
    marks.mark_findings(picture, laid, findings)
    draw.edge_letters(picture, laid.letters)
    draw.scale_bar(picture, px_per_mm=laid.px_per_mm)
    draw.text(picture, (8, 6), f"{view.name}, {_time(scan)}", size=13)
    return picture


def _heat(one: _Laid) -> NDArray[np.float32]:
    """How hot each pixel of a projection is, 0 to 1."""
    image, laid = one.scan.image, one.laid
    grid = image.placed
    whole = (slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2]))
    flat = Flat(box=whole, through=axes_of_patient(grid)[laid.view.through])
    values = brightest(image, flat)
    low, high = _DECADES
    decades = np.log10(np.maximum(values, 1e-6) / _hottest(image))
    shown = np.clip((decades - low) / (high - low), 0.0, 1.0).astype(np.float32)
    warp = _warp(image, flat, laid)
    return np.asarray(cv2.warpAffine(shown, warp, laid.size, flags=cv2.INTER_LINEAR), dtype=np.float32)


def _hottest(image: Image) -> float:
    return max(1.0, float(image.voxels.max()))


def _warp(image: Image, flat: Flat, laid: Projection) -> NDArray[np.float64]:
    """The (2, 3) matrix that takes (column, row) of a projected SPECT to pixels of a projected CT."""
    grid = image.placed
    middle = (np.array(grid.shape) - 1) / 2.0
    corners = np.tile(middle, (3, 1))
    corners[:, list(flat.kept)] = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
    origin, down, right = laid.pixels_of(grid.index_to_world(corners))
    return np.column_stack([right - origin, down - origin, origin])


def _over(grey: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """Lay hot colours over a grey picture: black, red, yellow, white."""
    colours = np.stack([np.clip(3.0 * heat - n, 0.0, 1.0) for n in range(3)], axis=-1) * 255.0
    share = np.clip(1.6 * heat, 0.0, _OPAQUE)[..., None]
    return np.asarray(np.rint(grey * (1.0 - share) + colours * share), dtype=np.uint8)
