"""Pictures of a dye study for a report: what contrast filled and when, key frames, the kymograph with its strip."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.model import Finding, KeyImage
from catheterview.model.cine import DyeReading, FilledCourse, Opacified, Stain
from catheterview.picture import draw
from catheterview.picture.draw import Pixels

_SIDE_PX = 560
_FRAME_PX = 280
_CLOSE_PX = 380
_KEYS = 4
_KYMO_PX = (240, 760)
_STRIP_PX = 22
_MARGIN_PX = 64
_SEEN = 0.3
_SOFT_PX = 1.8  # blur of a close-up: a patch is thin in each of its pixels


def cine_images(reading: DyeReading, findings: Sequence[tuple[str, Finding]]) -> tuple[KeyImage, ...]:
    """Make the pictures of one dye study.

    Parameters
    ----------
    reading : DyeReading
    findings : sequence of (name, Finding)
        Of this run, as the report calls them.

    Returns
    -------
    tuple of KeyImage
        ``dye-study``, ``dye-frames``, ``dye-kymograph`` where a catheter was seen filled, then ``finding-<id>``.
    """
    seen = reading.opacified
    if seen is None:
        return ()
    made = [_overview(reading, seen, findings), _key_frames(reading, seen)]
    if reading.course is not None:
        made.append(_kymograph(reading, reading.course))
    return (*made, *(_close(reading, seen, name, finding) for name, finding in findings))


def _overview(reading: DyeReading, seen: Opacified, findings: Sequence[tuple[str, Finding]]) -> KeyImage:
    """The run before contrast beside what contrast changed, with everything that was followed."""
    first = reading.cine.density[: max(1, seen.before)].mean(axis=0)
    plain, scale = _shown(first, _SIDE_PX)
    marked, small = _changed(_late(seen, len(seen.change)), seen, _SIDE_PX)
    small /= seen.shrunk
    for stain in reading.stains:
        draw.polyline(marked, stain.outline[:, ::-1] * small, draw.GREY, closed=True)
    for pump in reading.pumps:
        draw.ring(marked, np.array(pump.center[::-1]) * small, pump.radius_px * small, draw.PUMP, width=1)
    if reading.course is not None:
        _mark_course(marked, reading.course, small)
    for picture, size in ((plain, scale), (marked, small)):
        for name, finding in findings:
            x, y = finding.point[1] * size, finding.point[0] * size
            draw.ring(picture, (x, y), 12, draw.FINDING)
            draw.text(picture, (x + 13, y - 20), name, colour=draw.FINDING, size=15)
    draw.text(marked, (8, 8), "contrast: early blue, late red", size=13)
    caption = (
        "Dye study: before contrast, and what contrast changed (movement taken out), with the pump, the filled "
        "catheter coloured by when contrast came, and patches of contrast outside it"
    )
    return KeyImage(name="dye-study", caption=caption, png=draw.as_png(draw.beside([plain, marked])))


def _mark_course(pixels: Pixels, course: FilledCourse, scale: float) -> None:
    """Draw the filled catheter in the colours of its arrivals, broken where it was not seen, in place."""
    path = course.catheter.points[:, ::-1] * scale
    colours = _colours(course.arrival)
    for n in range(0, len(path) - 3, 3):
        if course.catheter.confidence[n] >= _SEEN:
            r, g, b = (int(v) for v in colours[n])
            draw.polyline(pixels, path[n : n + 4], (r, g, b), width=2)
        elif n % 6 == 0:
            draw.polyline(pixels, path[n : n + 3], draw.GREY)


def _colours(arrival: FloatArray) -> NDArray[np.uint8]:
    """Colours (N, 3) from blue, early, to red, late."""
    low, high = float(arrival.min()), float(arrival.max())
    level = np.round(255.0 * (arrival - low) / max(high - low, 1e-6)).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(level[:, None], cv2.COLORMAP_JET)[:, 0, ::-1])


def _late(seen: Opacified, end: int) -> NDArray[np.float32]:
    """Mean change over the few frames before one."""
    first = max(0, end - max(3, len(seen.change) // 8))
    return np.asarray(seen.change[first:end].mean(axis=0))


def _changed(plane: NDArray[np.float32], seen: Opacified, side: int) -> tuple[Pixels, float]:
    """A change as grey: what became denser is bright."""
    soft = cv2.GaussianBlur(plane / (1.0 + 2.0 * seen.edge), (0, 0), 0.8)
    spread = 1.4826 * float(np.median(np.abs(soft[seen.valid]))) if seen.valid.any() else 1.0
    scale = side / max(plane.shape)
    size = (max(1, round(plane.shape[1] * scale)), max(1, round(plane.shape[0] * scale)))
    small = cv2.resize(soft, size, interpolation=cv2.INTER_AREA)
    return draw.windowed(small, -4.0 * spread, 14.0 * spread + 1e-6), scale


def _shown(plane: NDArray[np.float32], side: int) -> tuple[Pixels, float]:
    """A frame in a window of its own."""
    scale = side / max(plane.shape)
    size = (max(1, round(plane.shape[1] * scale)), max(1, round(plane.shape[0] * scale)))
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    low, high = (float(v) for v in np.percentile(small, (5.0, 99.8)))
    return draw.windowed(small, low, max(high, low + 1e-3)), scale


def _key_frames(reading: DyeReading, seen: Opacified) -> KeyImage:
    """A few moments of the run: the last before contrast, and what came by the end of each third after it."""
    count = len(seen.change)
    ends = [max(3, seen.before), *(round(seen.before + (count - seen.before) * n / 3.0) for n in (1, 2, 3))]
    parts = []
    for end in ends[:_KEYS]:
        picture, _ = _changed(_late(seen, end), seen, _FRAME_PX)
        draw.text(picture, (6, 6), f"to {reading.cine.told(end - 1)}", size=13)
        parts.append(picture)
    caption = "Key frames of the dye study: what has changed since before contrast, a few frames taken together"
    return KeyImage(name="dye-frames", caption=caption, png=draw.as_png(draw.beside(parts)))


def _kymograph(reading: DyeReading, course: FilledCourse) -> KeyImage:
    """Contrast along the catheter (rightwards) over time (downwards), the arrivals, below it how well it was seen."""
    high, wide = _KYMO_PX
    share = course.kymograph / np.maximum(course.strength, 1.0)[None].astype(np.float32)
    grey = draw.windowed(cv2.resize(share, (wide, high), interpolation=cv2.INTER_LINEAR), -0.2, 1.1)
    count, frames = len(course.arrival), len(course.kymograph)
    x, y = np.arange(count) * (wide - 1) / max(count - 1, 1), course.arrival * (high - 1) / max(frames - 1, 1)
    sure = course.catheter.confidence >= _SEEN
    for first in range(0, count - 2, 2):
        colour = draw.LANDMARK if sure[first] else draw.GREY
        draw.polyline(grey, np.stack([x[first : first + 3], y[first : first + 3]], axis=1), colour, width=2)
    for stain in _near_course(reading):
        at = stain.arc_px / max(float(reading.course_px[-1]), 1e-6) * (wide - 1)
        draw.polyline(grey, ((at, 0), (at, high)), draw.FINDING)
        draw.dot(grey, (at, stain.onset * (high - 1) / max(frames - 1, 1)), 4.0, draw.FINDING)
    made = draw.canvas(high + _STRIP_PX + 40, wide + _MARGIN_PX)
    made[:high, _MARGIN_PX:] = grey
    made[high + 6 : high + 6 + _STRIP_PX, _MARGIN_PX:] = _strip(course, wide)
    for n in range(5):
        draw.text(made, (2, n / 4 * (high - 14)), reading.cine.told(n / 4 * (frames - 1)), size=12)
    draw.text(made, (2, high + 8), "seen", size=12)
    length = reading.mm_per_px
    end = f"end, {reading.course_px[-1] * length / 10:.0f} cm" if length else f"end, {reading.course_px[-1]:.0f} pixels"
    draw.text(made, (_MARGIN_PX, high + _STRIP_PX + 14), "pump", size=12)
    draw.text(made, (made.shape[1] - 90, high + _STRIP_PX + 14), end, size=12)
    caption = (
        "Kymograph: contrast along the filled catheter from the pump (left) to its end, time downwards; the line is "
        "when half of it had come, grey where the catheter was not seen; orange: where contrast lies beside it"
    )
    return KeyImage(name="dye-kymograph", caption=caption, png=draw.as_png(made))


def _near_course(reading: DyeReading) -> list[Stain]:
    """Patches that lie on the filled catheter."""
    return [one for one in reading.stains if one.arc_px >= 0.0 and one.away_px <= 12.0 * reading.opacified_px][:4]


def _strip(course: FilledCourse, wide: int) -> Pixels:
    """How well each part was seen: bright in the colour of its arrival, or dark."""
    at = np.round(np.linspace(0, len(course.arrival) - 1, wide)).astype(int)
    colour = _colours(course.arrival)[at] * np.clip(course.catheter.confidence[at], 0.15, 1.0)[:, None]
    return np.repeat(np.clip(colour, 0, 255).astype(np.uint8)[None], _STRIP_PX, axis=0)


def _close(reading: DyeReading, seen: Opacified, name: str, finding: Finding) -> KeyImage:
    """A close-up of a finding: before contrast, and what came, with the outlines of patches."""
    reach = max(30, round(0.1 * max(seen.valid.shape)))
    row, column = (round((v + 0.5) / seen.shrunk - 0.5) for v in finding.point)
    row, column = (int(np.clip(v, 0, n - 1)) for v, n in zip((row, column), seen.valid.shape, strict=True))
    first = cv2.resize(reading.cine.density[: max(1, seen.before)].mean(axis=0), seen.valid.shape[::-1])
    came = cv2.GaussianBlur(_late(seen, len(seen.change)) / (1.0 + 2.0 * seen.edge), (0, 0), _SOFT_PX)
    spread = 1.4826 * float(np.median(np.abs(came[seen.valid]))) if seen.valid.any() else 1.0
    parts = []
    for plane, changed in ((first, False), (came, True)):
        padded = cv2.copyMakeBorder(plane, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
        part = padded[row : row + 2 * reach, column : column + 2 * reach]
        low, high = (float(v) for v in np.percentile(part, (1.0, 99.7)))
        low, high = (-3.0 * spread, max(high, 8.0 * spread)) if changed else (low, high)
        big = cv2.resize(part, (_CLOSE_PX, _CLOSE_PX), interpolation=cv2.INTER_CUBIC)
        parts.append(draw.windowed(big, low, high + 1e-3))
    scale = _CLOSE_PX / (2.0 * reach)
    corner = np.array([row - reach, column - reach]) - 0.5
    for stain in reading.stains:
        path = ((stain.outline + 0.5) / seen.shrunk - 0.5 - corner) * scale
        draw.polyline(parts[1], path[:, ::-1], draw.FINDING, closed=True)
    draw.text(parts[1], (6, 6), name, colour=draw.FINDING, size=15)
    return KeyImage(
        name=f"finding-{finding.id}",
        caption=f"{name}: {finding.message}; before contrast, and what changed",
        png=draw.as_png(draw.beside(parts)),
        finding_id=finding.id,
    )
