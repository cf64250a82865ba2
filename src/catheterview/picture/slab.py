"""Slab projections from the front, the side and below: plain, with the device drawn on, and following the catheter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.model import Evidence, Finding, KeyImage
from catheterview.picture import draw, marks
from catheterview.picture.draw import Pixels
from catheterview.picture.follow import followed
from catheterview.picture.orient import AXIAL, VIEWS, View, axes_of_patient
from catheterview.picture.project import Box, Projection, box_around, brightest, projection
from catheterview.picture.window import slab_window

_FRAME_PX = (560, 760)  # three of them beside each other fill a page
_AXIAL_FRAME_PX = (760, 640)
_SLAB_MARGIN_MM = 12.0  # so that the whole tube and its neighbourhood lie within the slab
_FIELD_MARGIN_MM = 45.0  # so that the reader sees where in the body the device lies
_FOLLOWED_MM = 4.0  # half a slab that follows the catheter: thinner than a vertebra, thicker than a trace is wrong


def slab_images(evidence: Evidence, findings: Sequence[tuple[str, Finding]]) -> list[KeyImage]:
    """Return three pictures of a volume: from the front, from the side, from below."""
    return [_slab_image(evidence, findings, view) for view in VIEWS]


def _slab_image(evidence: Evidence, findings: Sequence[tuple[str, Finding]], view: View) -> KeyImage:
    """One direction: the projection as it is, with marks, and a thin slab that follows the catheter."""
    frame = _AXIAL_FRAME_PX if view is AXIAL else _FRAME_PX
    laid = projection(evidence.image.placed, view, box=slab_box(evidence, view), frame_px=frame)
    whole = laid.upright(brightest(evidence.image, laid.flat))
    plain = draw.windowed(whole, *slab_window(evidence.image, whole))
    shown = [_labelled(plain.copy(), laid, f"slab {laid.thickness_mm:.0f} mm")]
    if evidence.pumps or evidence.catheters or findings:
        shown.append(_labelled(_marked(plain, laid, evidence, findings), laid, "with marks"))
    thin = _followed(evidence, laid)
    if thin is not None:
        picture = draw.windowed(thin, *slab_window(evidence.image, thin))
        shown.append(_labelled(picture, laid, f"{2 * _FOLLOWED_MM:.0f} mm along the catheter"))
    return KeyImage(
        name=f"mip-{view.name}", caption=_caption(evidence, laid, len(shown)), png=draw.as_png(draw.beside(shown))
    )


def _followed(evidence: Evidence, laid: Projection) -> NDArray[np.float32] | None:
    """The thin slab; None without a catheter, and from below, where the catheter runs along the line of sight."""
    lines = [catheter.points for catheter in evidence.catheters if len(catheter.points) > 1]
    if not lines or laid.view is AXIAL:
        return None
    return laid.upright(followed(evidence.image, laid.flat, lines[0], half_mm=_FOLLOWED_MM))


def _marked(plain: Pixels, laid: Projection, evidence: Evidence, findings: Sequence[tuple[str, Finding]]) -> Pixels:
    """A copy of a projection with the device, the vertebral levels and the findings drawn on it."""
    picture = plain.copy()
    for level in evidence.anatomy.levels if laid.view is not AXIAL else ():
        x, y = laid.pixels_of(level.point)
        draw.text_centred(picture, (x, y), level.name, colour=draw.GREY, size=12)
    marks.mark_contrast(picture, laid, evidence.contrast.collections if evidence.contrast else ())
    for pump in evidence.pumps:
        marks.mark_pump(picture, laid, pump)
    for catheter in evidence.catheters:
        marks.mark_catheter(picture, laid, catheter)
    marks.mark_findings(picture, laid, findings)
    return picture


def _labelled(picture: Pixels, laid: Projection, title: str) -> Pixels:
    """The same picture with edge letters, scale and title written onto it."""
    draw.edge_letters(picture, laid.letters)
    draw.scale_bar(picture, px_per_mm=laid.px_per_mm)
    draw.text(picture, (8, 6), f"{laid.view.name} MIP, {title}", size=13)
    return picture


def _caption(evidence: Evidence, laid: Projection, panels: int) -> str:
    """What the picture shows, for readers and for those who cannot see it."""
    slab = f"{laid.view.name.capitalize()} maximum-intensity projection of a slab of {laid.thickness_mm:.0f} mm"
    if not (evidence.pumps or evidence.catheters):
        why = f" ({evidence.why_no_catheter})" if evidence.why_no_catheter else ""
        return f"{slab}. No pump or catheter is drawn, as none was found{why}."
    drawn = ["the pump outlined in yellow"] if evidence.pumps else []
    drawn += ["the catheter in blue"] if evidence.catheters else ["no catheter traced"]
    drawn += ["contrast outside it in orange"] if evidence.contrast and evidence.contrast.collections else []
    third = f" Third, {2 * _FOLLOWED_MM:.0f} mm that follow the catheter in depth." if panels > 2 else ""
    signs = "D dural entry, T tip, F findings"
    return f"{slab}. First as acquired, second with marks: {', '.join(drawn)}; {signs}.{third}"


def slab_box(evidence: Evidence, view: View) -> Box:
    """The device's slab with some of the body around it; without a device, the body; without a body, all."""
    grid = evidence.image.placed
    device = _device_points(evidence)
    body = evidence.anatomy.body
    if len(device) == 0:
        return box_around(grid, grid.corners() if body is None else body.grid.corners(), margin_mm=0.0)
    box = list(box_around(grid, device, margin_mm=_FIELD_MARGIN_MM))
    through = axes_of_patient(grid)[view.through]
    box[through] = box_around(grid, device, margin_mm=_SLAB_MARGIN_MM)[through]
    return box[0], box[1], box[2]


def _device_points(evidence: Evidence) -> FloatArray:
    """(N, 3) LPS points that the slab must hold: all of each catheter and each pump."""
    catheters = [catheter.points for catheter in evidence.catheters if catheter.points.shape[1] == 3]
    pumps = [rim for pump in evidence.pumps for rim in marks.pump_rims(pump)]
    return np.concatenate([np.zeros((0, 3)), *catheters, *pumps])
