"""The catheter straightened out: a stretched curved planar reformat in rows, as an electrocardiogram is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Finding, Image, KeyImage
from catheterview.picture import draw
from catheterview.picture.draw import Pixels
from catheterview.picture.window import window_of
from catheterview.resample import Reformat, reformat_planes, sample

_STEP_MM = 0.25
_HALF_WIDTH_MM = 10.0
_ROW_MM = 250.0
_LEFT_PX = 44
_RULER_PX = 26
_STRIP_PX = 30
_NEAR_MM = 20.0  # a finding further from the catheter than this is not a finding of the catheter's course


def curved_reformat(
    image: Image, centreline: Centreline, *, half_width_mm: float = _HALF_WIDTH_MM, step_mm: float = _STEP_MM
) -> tuple[Reformat, NDArray[np.float32]]:
    """Straighten a catheter out.

    Parameters
    ----------
    image : Image
        With a place in the patient frame.
    centreline : Centreline
        In the patient frame; gaps are crossed straight.
    half_width_mm : float
        How far to either side of the catheter one sees.
    step_mm : float
        Side of a pixel.

    Returns
    -------
    planes : Reformat
        Where each pixel lies in the patient.
    values : (2, W, N) float32
        Two cuts at right angles, in the image's unit; columns are distance along the catheter from its first point.

    Raises
    ------
    GeometryError
        When the image has no place in the patient frame.
    """
    planes = reformat_planes(centreline.points, half_width_mm=half_width_mm, step_mm=step_mm)
    return planes, np.stack([sample(image, planes.plane(cut)) for cut in (0, 1)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Course:
    """A straightened catheter and what is written along it, by distance in mm from the first point."""

    cuts: tuple[Pixels, Pixels]
    length_mm: float
    gaps: tuple[tuple[float, float], ...]
    landmarks: tuple[tuple[str, float], ...]
    findings: tuple[tuple[str, float], ...]
    arc_mm: FloatArray
    confidence: FloatArray


def straight_image(
    image: Image, catheter: Centreline, findings: Sequence[tuple[str, Finding]], *, name: str
) -> KeyImage:
    """Return one picture of the whole course, in rows of 25 cm."""
    planes, values = curved_reformat(image, catheter)
    low, high = window_of(image, values)
    along = catheter.arc_mm
    course = _Course(
        cuts=(draw.windowed(values[0], low, high), draw.windowed(values[1], low, high)),
        length_mm=float(planes.arc_mm[-1]),
        gaps=tuple(
            (float(along[end]), float(along[start]))
            for (_, end), (start, _) in zip(catheter.pieces, catheter.pieces[1:], strict=False)
        ),
        landmarks=_landmarks(catheter),
        findings=tuple((name, at) for name, finding in findings if (at := arc_of(catheter, finding.point)) is not None),
        arc_mm=along,
        confidence=catheter.confidence,
    )
    rows = [_row(course, start) for start in np.arange(0.0, course.length_mm, _ROW_MM)]
    return KeyImage(name=name, caption=_caption(catheter, course), png=draw.as_png(draw.below(rows, gap=16)))


def arc_of(catheter: Centreline, point: ArrayLike) -> float | None:
    """Distance along a catheter of its point nearest to a place, None when the place is not on its course."""
    place = np.asarray(point, dtype=np.float64)
    if place.shape != (catheter.points.shape[1],):
        return None
    distance = np.linalg.norm(catheter.points - place, axis=1)
    nearest = int(np.argmin(distance))
    return float(catheter.arc_mm[nearest]) if distance[nearest] <= _NEAR_MM else None


def _landmarks(catheter: Centreline) -> tuple[tuple[str, float], ...]:
    """Names and places of the landmarks that are known."""
    known = (
        ("pump", catheter.landmarks.pump),
        ("dural entry", catheter.landmarks.dural_entry),
        ("tip", catheter.landmarks.tip),
    )
    return tuple((name, float(catheter.arc_mm[at])) for name, at in known if at is not None)


def _caption(catheter: Centreline, course: _Course) -> str:
    """What the picture shows, in words."""
    gaps = f", with {len(course.gaps)} gap crossed straight" if course.gaps else ""
    low = float(np.mean(catheter.confidence < 0.5)) * 100
    return (
        f"The catheter straightened out over {course.length_mm / 10:.1f} cm from the pump end{gaps}: "
        "two cuts at right angles (A, B), ticks every cm, "
        f"confidence of the trace beneath (below 0.5 over {low:.0f} % of the course)."
    )


def _row(course: _Course, start_mm: float) -> Pixels:
    """One row: cut A, cut B, the strip of confidence, the ruler."""
    px_per_mm = 1.0 / _STEP_MM
    width = _LEFT_PX + round(_ROW_MM * px_per_mm) + 10
    cut_px = course.cuts[0].shape[0]
    row = draw.canvas(2 * cut_px + 4 + _STRIP_PX + _RULER_PX + 18, width)
    first = round(start_mm * px_per_mm)
    for number, cut in enumerate(course.cuts):
        part = cut[:, first : first + round(_ROW_MM * px_per_mm)]
        top = 18 + number * (cut_px + 4)
        row[top : top + cut_px, _LEFT_PX : _LEFT_PX + part.shape[1]] = part
        draw.text_centred(row, (_LEFT_PX / 2, top + cut_px / 2), "AB"[number], size=16)
    bottom = 18 + 2 * cut_px + 4
    _strip(row, course, start_mm, top=bottom + 4)
    _ruler(row, course, start_mm, top=bottom + _STRIP_PX)
    _signs(row, course, start_mm, bottom=bottom)
    return row


def _x(at_mm: float, start_mm: float) -> float:
    """Column of a distance along the catheter within the row that begins at `start_mm`."""
    return _LEFT_PX + (at_mm - start_mm) / _STEP_MM


def _within(at_mm: float, start_mm: float) -> bool:
    """Whether a distance along the catheter lies in the row that begins at `start_mm`."""
    return start_mm <= at_mm <= start_mm + _ROW_MM


def _strip(row: Pixels, course: _Course, start_mm: float, *, top: int) -> None:
    """Draw confidence as a filled curve, empty where the catheter is interrupted, in place."""
    end_mm = min(start_mm + _ROW_MM, course.length_mm)
    at = np.arange(start_mm, end_mm, _STEP_MM)
    height = np.interp(at, course.arc_mm, course.confidence) * (_STRIP_PX - 8)
    for first, last in course.gaps:
        height[(at > first) & (at < last)] = 0.0
    for x, tall in zip(_x_of(at, start_mm), height, strict=True):
        row[top + _STRIP_PX - 8 - round(tall) : top + _STRIP_PX - 8, x] = draw.CATHETER
    draw.text(row, (2, top + 4), "conf.", size=12, colour=draw.CATHETER)


def _x_of(at_mm: FloatArray, start_mm: float) -> list[int]:
    """Whole columns of distances along the catheter."""
    return [round(_x(float(at), start_mm)) for at in at_mm]


def _ruler(row: Pixels, course: _Course, start_mm: float, *, top: int) -> None:
    """Draw a tick at every centimetre and its number at every fifth, in place."""
    end_mm = min(start_mm + _ROW_MM, course.length_mm)
    draw.polyline(row, ((_x(start_mm, start_mm), top), (_x(end_mm, start_mm), top)), draw.GREY)
    for at in np.arange(np.ceil(start_mm / 10) * 10, end_mm + 1e-6, 10.0):
        x, tall = _x(float(at), start_mm), 8 if at % 50 == 0 else 4
        draw.polyline(row, ((x, top), (x, top + tall)), draw.GREY)
        if at % 50 == 0:
            draw.text_centred(row, (x, top + 17), f"{at / 10:.0f} cm", size=13)


def _signs(row: Pixels, course: _Course, start_mm: float, *, bottom: int) -> None:
    """Draw gaps, landmarks and findings across the cuts, in place."""
    for first, last in course.gaps:
        for at in (first, last):
            if _within(at, start_mm):
                draw.dashes(row, ((_x(at, start_mm), 18), (_x(at, start_mm), bottom)), draw.FINDING, dash=4)
    for name, at in course.landmarks:
        if _within(at, start_mm):
            draw.dashes(row, ((_x(at, start_mm), 18), (_x(at, start_mm), bottom)), draw.LANDMARK, dash=2)
            draw.text(row, (_x(at, start_mm) + 3, 0), name, colour=draw.LANDMARK, size=13)
    for name, at in course.findings:
        if _within(at, start_mm):
            x = _x(at, start_mm)
            draw.polyline(row, ((x - 6, 8), (x + 6, 8), (x, 17)), draw.FINDING, closed=True, width=2)
            draw.text(row, (x + 9, 1), name, colour=draw.FINDING, size=15)
