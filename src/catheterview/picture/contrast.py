"""The straightened catheter with the contrast found round it, and what was measured along it: width, lumen, sleeve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Evidence, Finding, KeyImage
from catheterview.model.contrast import ContrastMap, Course
from catheterview.picture import draw
from catheterview.picture.draw import Pixels
from catheterview.picture.straight import arc_of, curved_reformat
from catheterview.picture.window import cut_window

_STEP_MM = 0.25
_ROW_MM = 300.0
_LEFT_PX, _RIGHT_PX, _SIGNS_PX, _GRAPH_PX, _RULER_PX = 92, 24, 20, 56, 26


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Graph:
    """One measure along the course, between the ends of its scale."""

    label: str
    unit: str
    values: FloatArray
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sheet:
    """What every row of the picture is cut from."""

    cut: Pixels
    length_mm: float
    row_mm: float
    arc_mm: FloatArray
    graphs: tuple[_Graph, ...]
    findings: tuple[tuple[str, float], ...]


def contrast_image(
    evidence: Evidence, catheter: Centreline, findings: Sequence[tuple[str, Finding]], *, name: str
) -> KeyImage | None:
    """Draw one catheter's course with contrast in colour and three graphs beneath.

    Parameters
    ----------
    evidence : Evidence
    catheter : Centreline
        One of the evidence.
    findings : sequence of (name, Finding)
    name : str

    Returns
    -------
    KeyImage or None
        None where contrast was not looked for.
    """
    seen = evidence.contrast
    number = next((n for n, one in enumerate(evidence.catheters) if one is catheter), None)
    if seen is None or number is None or number >= len(seen.courses):
        return None
    sheet = _sheet(evidence, catheter, seen, (seen.courses[number], findings))
    rows = [_row(sheet, float(start)) for start in np.arange(0.0, sheet.length_mm, sheet.row_mm)]
    caption = (
        f"The catheter straightened out over {sheet.length_mm / 10:.1f} cm from the pump end, contrast found outside "
        "it in orange; beneath, along the same length: outer width at half height, HU in the lumen and just outside."
    )
    return KeyImage(name=name, caption=caption, png=draw.as_png(draw.below(rows, gap=14)))


def _sheet(
    evidence: Evidence,
    catheter: Centreline,
    seen: ContrastMap,
    along: tuple[Course, Sequence[tuple[str, Finding]]],
) -> _Sheet:
    """Straighten the catheter, colour what is contrast, and gather the graphs."""
    course, findings = along
    planes, values = curved_reformat(evidence.image, catheter, step_mm=_STEP_MM)
    cut = draw.windowed(values[0], *cut_window(evidence.image, catheter, values))
    at = planes.plane(0)
    for one in seen.collections:
        index = np.rint(one.region.grid.world_to_index(at.reshape(-1, 3))).astype(int)
        within = ((index >= 0) & (index < one.region.grid.shape)).all(axis=1)
        tinted = np.zeros(len(index), dtype=bool)
        tinted[within] = one.region.mask[tuple(index[within].T)]
        draw.tint(cut, tinted.reshape(cut.shape[:2]), draw.DYE)
    length = float(planes.arc_mm[-1])
    rows = int(np.ceil(length / _ROW_MM))
    places = [(label, arc_of(catheter, finding.point)) for label, finding in findings]
    return _Sheet(
        cut=cut,
        length_mm=length,
        row_mm=float(np.ceil(length / rows / 10.0) * 10.0),
        arc_mm=course.arc_mm,
        graphs=_graphs(course),
        findings=tuple((label, place) for label, place in places if place is not None),
    )


def _graphs(course: Course) -> tuple[_Graph, ...]:
    """Width, lumen and sleeve with scales that hold what a catheter can show."""
    lumen = float(np.clip(np.percentile(course.lumen_hu, 99), 500.0, 3100.0))
    sleeve = float(np.clip(np.percentile(course.sleeve_hu, 99), 200.0, 1500.0))
    return (
        _Graph(label="width", unit="mm", values=course.width_mm, low=0.0, high=6.0),
        _Graph(label="lumen", unit="HU", values=course.lumen_hu, low=-100.0, high=float(np.ceil(lumen / 500) * 500)),
        _Graph(label="sleeve", unit="HU", values=course.sleeve_hu, low=-150.0, high=float(np.ceil(sleeve / 100) * 100)),
    )


def _row(sheet: _Sheet, start_mm: float) -> Pixels:
    """One row: signs, the cut, three graphs, the ruler."""
    columns, cut_px = round(sheet.row_mm / _STEP_MM), sheet.cut.shape[0]
    bottom = _SIGNS_PX + cut_px + len(sheet.graphs) * _GRAPH_PX
    row = draw.canvas(bottom + _RULER_PX, _LEFT_PX + columns + _RIGHT_PX)
    first = round(start_mm / _STEP_MM)
    part = sheet.cut[:, first : first + columns]
    row[_SIGNS_PX : _SIGNS_PX + cut_px, _LEFT_PX : _LEFT_PX + part.shape[1]] = part
    end_mm = min(start_mm + sheet.row_mm, sheet.length_mm)
    for number, graph in enumerate(sheet.graphs):
        _curve(row, sheet, graph, (start_mm, end_mm), top=_SIGNS_PX + cut_px + number * _GRAPH_PX)
    for at in np.arange(np.ceil(start_mm / 10.0) * 10.0, end_mm + 1e-6, 10.0):
        x, tall = _x(float(at), start_mm), 8 if at % 50 == 0 else 4
        draw.polyline(row, ((x, bottom), (x, bottom + tall)), draw.GREY)
        if at % 50 == 0:
            draw.text_centred(row, (x, bottom + 17), f"{at / 10:.0f} cm", size=13)
    for label, place in sheet.findings:
        if start_mm <= place <= end_mm:
            x = _x(place, start_mm)
            draw.dashes(row, ((x, 18), (x, bottom)), draw.FINDING, dash=3)
            draw.text(row, (x + 4, 1), label, colour=draw.FINDING, size=15)
    return row


def _curve(row: Pixels, sheet: _Sheet, graph: _Graph, span_mm: tuple[float, float], *, top: int) -> None:
    """Draw one graph with the two ends of its scale and, where it is in it, its zero, in place."""
    tall = _GRAPH_PX - 10
    at = np.arange(span_mm[0], span_mm[1], 1.0)
    values = np.interp(at, sheet.arc_mm, graph.values)
    height = top + 5 + tall * (1.0 - np.clip((values - graph.low) / (graph.high - graph.low), 0.0, 1.0))
    zero = top + 5 + tall * (1.0 + graph.low / (graph.high - graph.low))
    draw.polyline(row, ((_x(span_mm[0], span_mm[0]), zero), (_x(span_mm[1], span_mm[0]), zero)), (60, 60, 60))
    draw.polyline(row, np.column_stack([_LEFT_PX + (at - span_mm[0]) / _STEP_MM, height]), draw.CATHETER)
    draw.text(row, (4, top + 18), graph.label, size=13)
    draw.text(row, (50, top + 2), f"{graph.high:.0f}", colour=draw.GREY, size=12)
    draw.text(row, (50, top + tall - 8), f"{graph.low:.0f} {graph.unit}", colour=draw.GREY, size=12)


def _x(at_mm: float, start_mm: float) -> float:
    """Column of a distance along the catheter."""
    return _LEFT_PX + (at_mm - start_mm) / _STEP_MM
