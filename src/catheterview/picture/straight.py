"""The catheter straightened out: a stretched curved planar reformat in rows, as an electrocardiogram is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Evidence, Finding, Image, KeyImage
from catheterview.picture import draw
from catheterview.picture.draw import Pixels
from catheterview.picture.window import cut_window
from catheterview.resample import Reformat, reformat_planes, sample

_STEP_MM = 0.25
_HALF_WIDTH_MM = 10.0
_LONGEST_ROW_MM = 300.0
_LEFT_PX = 44
_RIGHT_PX = 24
_SIGNS_PX = 20
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
    row_mm: float
    gaps: tuple[tuple[float, float], ...]
    landmarks: tuple[tuple[str, float], ...]
    levels: tuple[tuple[str, float], ...]
    findings: tuple[tuple[str, float], ...]
    arc_mm: FloatArray
    confidence: FloatArray


def straight_image(
    evidence: Evidence, catheter: Centreline, findings: Sequence[tuple[str, Finding]], *, name: str
) -> KeyImage:
    """Return one picture of the whole course, in rows of equal length."""
    course = _course(evidence, catheter, findings)
    picture = draw.below([_row(course, start) for start in np.arange(0.0, course.length_mm, course.row_mm)], gap=14)
    return KeyImage(name=name, caption=_caption(catheter, course), png=draw.as_png(picture))


def _course(evidence: Evidence, catheter: Centreline, findings: Sequence[tuple[str, Finding]]) -> _Course:
    """Straighten a catheter and find the place of everything along it."""
    planes, values = curved_reformat(evidence.image, catheter)
    window = cut_window(evidence.image, catheter, values)
    along, length = catheter.arc_mm, float(planes.arc_mm[-1])
    rows = int(np.ceil(length / _LONGEST_ROW_MM))
    levels = [(level.name, arc_of(catheter, level.point)) for level in evidence.anatomy.levels]
    found = [(name, arc_of(catheter, finding.point)) for name, finding in findings]
    return _Course(
        cuts=(draw.windowed(values[0], *window), draw.windowed(values[1], *window)),
        length_mm=length,
        row_mm=float(np.ceil(length / rows / 10.0) * 10.0),
        gaps=tuple((float(along[a]), float(along[b])) for (_, a), (b, _) in pairwise(catheter.pieces)),
        landmarks=_landmarks(catheter),
        levels=tuple((name, at) for name, at in levels if at is not None),
        findings=tuple((name, at) for name, at in found if at is not None),
        arc_mm=along,
        confidence=catheter.confidence,
    )


def arc_of(catheter: Centreline, point: ArrayLike) -> float | None:
    """Distance along a catheter of its place nearest to a point, gaps crossed straight; None when it is far away."""
    place = np.asarray(point, dtype=np.float64)
    if place.shape != (catheter.points.shape[1],) or len(catheter.points) < 2:
        return None
    start, step = catheter.points[:-1], np.diff(catheter.points, axis=0)
    length2 = np.maximum((step**2).sum(axis=1), 1e-12)
    part = np.clip(((place - start) * step).sum(axis=1) / length2, 0.0, 1.0)
    distance = np.linalg.norm(start + part[:, None] * step - place, axis=1)
    n = int(np.argmin(distance))
    at = catheter.arc_mm[n] + part[n] * np.sqrt(length2[n])
    return float(at) if distance[n] <= _NEAR_MM else None


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
    count = len(course.gaps)
    gaps = f", {count} {'gap' if count == 1 else 'gaps'} crossed straight" if count else ""
    low = float(np.mean(catheter.confidence < 0.5)) * 100
    return (
        f"The catheter straightened out over {course.length_mm / 10:.1f} cm from the pump end{gaps}: "
        "two cuts at right angles (A, B), ticks every cm, "
        f"confidence of the trace beneath (below 0.5 over {low:.0f} % of the course)."
    )


def _row(course: _Course, start_mm: float) -> Pixels:
    """One row: signs, cut A, cut B, the strip of confidence, the ruler."""
    columns = round(course.row_mm / _STEP_MM)
    cut_px = course.cuts[0].shape[0]
    bottom = _SIGNS_PX + 2 * cut_px + 4
    row = draw.canvas(bottom + _STRIP_PX + _RULER_PX, _LEFT_PX + columns + _RIGHT_PX)
    first = round(start_mm / _STEP_MM)
    for number, cut in enumerate(course.cuts):
        part = cut[:, first : first + columns]
        top = _SIGNS_PX + number * (cut_px + 4)
        row[top : top + cut_px, _LEFT_PX : _LEFT_PX + part.shape[1]] = part
        draw.text_centred(row, (_LEFT_PX / 2, top + cut_px / 2), "AB"[number], size=16)
    stretch = _Stretch(start_mm=start_mm, end_mm=min(start_mm + course.row_mm, course.length_mm))
    _strip(row, course, stretch, top=bottom + 4)
    _ruler(row, stretch, top=bottom + _STRIP_PX)
    _signs(row, course, stretch, bottom=bottom)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """The part of the course that one row shows."""

    start_mm: float
    end_mm: float

    def x(self, at_mm: float) -> float:
        """Column of a distance along the catheter."""
        return _LEFT_PX + (at_mm - self.start_mm) / _STEP_MM

    def inside(self, places: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
        """Names and columns of the places that lie in this row; a place on the seam belongs to the earlier row."""
        early = self.start_mm if self.start_mm > 0 else -1.0
        return [(name, self.x(at)) for name, at in places if early < at <= self.end_mm + 1e-6]


def _strip(row: Pixels, course: _Course, stretch: _Stretch, *, top: int) -> None:
    """Draw confidence as a filled curve, empty where the catheter is interrupted, in place."""
    at = np.arange(stretch.start_mm, stretch.end_mm, _STEP_MM)
    tall = _STRIP_PX - 8
    height = np.interp(at, course.arc_mm, course.confidence) * tall
    for first, last in course.gaps:
        height[(at > first) & (at < last)] = 0.0
    filled = np.arange(tall)[::-1, None] < np.round(height)[None]
    row[top : top + tall, _LEFT_PX : _LEFT_PX + len(at)][filled] = draw.CATHETER
    draw.text_centred(row, (_LEFT_PX / 2, top + tall / 2), "conf.", size=12, colour=draw.CATHETER)


def _ruler(row: Pixels, stretch: _Stretch, *, top: int) -> None:
    """Draw a tick at every centimetre and its number at every fifth, in place."""
    draw.polyline(row, ((stretch.x(stretch.start_mm), top), (stretch.x(stretch.end_mm), top)), draw.GREY)
    for at in np.arange(np.ceil(stretch.start_mm / 10) * 10, stretch.end_mm + 1e-6, 10.0):
        x, tall = stretch.x(float(at)), 8 if at % 50 == 0 else 4
        draw.polyline(row, ((x, top), (x, top + tall)), draw.GREY)
        if at % 50 == 0:
            draw.text_centred(row, (x, top + 17), f"{at / 10:.0f} cm", size=13)


def _signs(row: Pixels, course: _Course, stretch: _Stretch, *, bottom: int) -> None:
    """Draw gaps, landmarks, levels and findings across the cuts, in place."""
    for _, x in stretch.inside([("", at) for gap in course.gaps for at in gap]):
        draw.dashes(row, ((x, _SIGNS_PX), (x, bottom)), draw.FINDING, dash=4)
    for name, x in stretch.inside(course.levels):
        draw.text_centred(row, (x, bottom - 8), name, colour=draw.GREY, size=12)
    for name, x in stretch.inside(course.landmarks):
        draw.dashes(row, ((x, _SIGNS_PX), (x, bottom)), draw.LANDMARK, dash=2)
        beside = x - draw.text_width(name, size=13) - 3 if name == "tip" else x + 3
        draw.text(row, (beside, _SIGNS_PX + 2), name, colour=draw.LANDMARK, size=13)
    for name, x in stretch.inside(course.findings):
        draw.polyline(row, ((x - 6, 9), (x + 6, 9), (x, 18)), draw.FINDING, closed=True, width=2)
        draw.text(row, (x + 9, 1), name, colour=draw.FINDING, size=15)
