"""Slab projections from the front, the side and below, each plain and with the device drawn on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Evidence, Finding, KeyImage
from catheterview.picture import draw, marks
from catheterview.picture.draw import Pixels
from catheterview.picture.orient import VIEWS, View, axes_of_patient
from catheterview.picture.project import Box, Projection, box_around, project
from catheterview.picture.window import window_of

_LONGEST_PX = 720
_SLAB_MARGIN_MM = 12.0  # so that the whole tube and its neighbourhood lie within the slab
_FIELD_MARGIN_MM = 45.0  # so that the reader sees where in the body the device lies


def slab_images(evidence: Evidence, findings: Sequence[tuple[str, Finding]]) -> list[KeyImage]:
    """Return three pictures of a volume: from the front, from the side, from below."""
    return [_slab_image(evidence, findings, view) for view in VIEWS]


def _slab_image(evidence: Evidence, findings: Sequence[tuple[str, Finding]], view: View) -> KeyImage:
    """One projection, plain on the left and marked on the right."""
    made = project(evidence.image, view, box=slab_box(evidence, view), longest_px=_LONGEST_PX)
    plain = draw.windowed(made.values, *window_of(evidence.image, made.values))
    marked = plain.copy()
    for pump in evidence.pumps:
        marks.mark_pump(marked, made, pump)
    for catheter in evidence.catheters:
        marks.mark_catheter(marked, made, catheter)
    marks.mark_findings(marked, made, findings)
    shown = [plain, marked] if evidence.pumps or evidence.catheters or findings else [plain]
    for picture in shown:
        _label(picture, made)
    return KeyImage(name=f"mip-{view.name}", caption=_caption(evidence, made), png=draw.as_png(draw.beside(shown)))


def _label(picture: Pixels, made: Projection) -> None:
    """Write edge letters, scale and slab onto a picture, in place."""
    draw.edge_letters(picture, made.letters)
    draw.scale_bar(picture, px_per_mm=made.px_per_mm)
    draw.text(picture, (8, 6), f"{made.view.name} MIP, slab {made.thickness_mm:.0f} mm", size=13)


def _caption(evidence: Evidence, made: Projection) -> str:
    """What the picture shows, for readers and for those who cannot see it."""
    slab = f"{made.view.name.capitalize()} maximum-intensity projection of a slab of {made.thickness_mm:.0f} mm"
    if not (evidence.pumps or evidence.catheters):
        why = f" ({evidence.why_no_catheter})" if evidence.why_no_catheter else ""
        return f"{slab}. No pump and no catheter is drawn, as none was traced{why}."
    drawn = [f"{len(evidence.pumps)} pump outlined in yellow"] if evidence.pumps else []
    drawn += [f"{len(evidence.catheters)} catheter in blue"] if evidence.catheters else ["no catheter traced"]
    return f"{slab}. Left as acquired, right with marks: {', '.join(drawn)}; D dural entry, T tip, F findings."


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
