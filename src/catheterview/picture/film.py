"""Pictures of a radiograph for a report: as it is, beside it what was found, below it how well that is seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.model import Centreline, Finding, KeyImage
from catheterview.model.film import Film
from catheterview.picture import draw
from catheterview.picture.draw import Pixels

SIDE_PX = 760  # of the longer side of a film
_CLOSE_PX = 380
_STRIP_PX = 26
_SEEN = 0.3  # confidence from which a course is drawn whole


def film_images(
    film: Film, outlines: Sequence[FloatArray], catheters: Sequence[Centreline], findings: Sequence[tuple[str, Finding]]
) -> tuple[KeyImage, ...]:
    """Make the pictures of one film.

    Parameters
    ----------
    film : Film
    outlines : sequence of (N, 2) (row, column)
        Of the pumps.
    catheters : sequence of Centreline
        Of this film.
    findings : sequence of (name, Finding)
        Of this film, as the report calls them.

    Returns
    -------
    tuple of KeyImage
        ``film-<view>``, then ``finding-<id>`` for each finding.
    """
    view = str(film.view).lower()
    plain = shown(film, SIDE_PX)
    marked, scale = plain.copy(), plain.shape[0] / film.density.shape[0]
    mark(marked, scale, outlines, catheters)
    for name, finding in findings:
        x, y = finding.point[1] * scale, finding.point[0] * scale
        draw.ring(marked, (x, y), 10, draw.FINDING)
        draw.text(marked, (x + 12, y - 20), name, colour=draw.FINDING, size=15)
    parts = [draw.beside([plain, marked])]
    parts += [_strip(catheter, parts[0].shape[1]) for catheter in catheters]
    what = f"{film.view} film" if film.view_from != "nothing" else "film of unknown view"
    caption = (
        f"{what}: as it is, and with pump, catheter and findings; below, how well the catheter is seen from pump to tip"
    )
    overview = KeyImage(name=f"film-{view}", caption=caption, png=draw.as_png(draw.below(parts)))
    return (overview, *(_close(film, name, finding, catheters) for name, finding in findings))


def mark(pixels: Pixels, scale: float, outlines: Sequence[FloatArray], catheters: Sequence[Centreline]) -> None:
    """Draw pumps and catheters with their tips, in place."""
    for outline in outlines:
        draw.polyline(pixels, outline[:, ::-1] * scale, draw.PUMP, closed=True)
    for catheter in catheters:
        path = catheter.points[:, ::-1] * scale
        _mark_course(pixels, path, catheter)
        if catheter.landmarks.tip is not None:
            x, y = path[catheter.landmarks.tip]
            draw.dot(pixels, (x, y), 2.5, draw.LANDMARK)
            draw.text(pixels, (x + 6, y - 16), "T", colour=draw.LANDMARK)


def _mark_course(pixels: Pixels, path: FloatArray, catheter: Centreline) -> None:
    """Draw a course, what is not seen of it broken, its gaps in the colour of findings, in place."""
    for first, last in catheter.pieces:
        for start, end, seen in _runs(catheter.confidence[first : last + 1] >= _SEEN):
            part = path[first + start : first + end + 1]
            if len(part) > 1 and seen:
                draw.polyline(pixels, part, draw.CATHETER)
            elif len(part) > 1:
                draw.dashes(pixels, part, draw.GREY, dash=3)
    for (_, end), (start, _) in pairwise(catheter.pieces):
        draw.dashes(pixels, path[[end, start]], draw.FINDING, dash=3)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int, bool]]:
    """Runs of equal flags as (first, last, flag), each reaching to the next."""
    edges = [0, *(np.flatnonzero(np.diff(flags.astype(np.int8))) + 1).tolist(), len(flags)]
    return [(a, min(b, len(flags) - 1), bool(flags[a])) for a, b in pairwise(edges) if b > a]


def shown(film: Film, side: int) -> Pixels:
    """The film by the file's own curve, where it has one, in a window of its exposed part, `side` pixels long."""
    scale = side / max(film.density.shape)
    size = (max(1, round(film.density.shape[1] * scale)), max(1, round(film.density.shape[0] * scale)))
    small = cv2.resize(film.density, size, interpolation=cv2.INTER_AREA)
    if film.tone is not None:
        small = np.interp(small, *film.tone).astype(np.float32)
    open_ = cv2.resize(film.exposed.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    inside = small[open_] if open_.any() else small.ravel()
    low, high = (float(v) for v in np.percentile(inside, (2.0, 99.7)))
    return draw.windowed(small, low, max(high, low + 1e-3))


def _strip(catheter: Centreline, width: int) -> Pixels:
    """How well the catheter is seen, from pump to tip: bright is seen, dark is not, orange is a gap."""
    made = draw.canvas(_STRIP_PX + 20, width)
    level = np.interp(
        np.linspace(0, len(catheter.points) - 1, width), np.arange(len(catheter.points)), catheter.confidence
    )
    colour = 40.0 + level[:, None] * (np.array(draw.CATHETER) - 40.0)
    made[:_STRIP_PX] = np.clip(colour, 0, 255).astype(np.uint8)[None]
    for (_, end), (start, _) in pairwise(catheter.pieces):
        a, b = (round(n / max(1, len(catheter.points) - 1) * width) for n in (end, start))
        made[:_STRIP_PX, a : max(b, a + 3)] = draw.FINDING
    draw.text(made, (4, _STRIP_PX + 2), "pump", size=12)
    draw.text(made, (width - 26, _STRIP_PX + 2), "tip", size=12)
    return made


def _close(film: Film, name: str, finding: Finding, catheters: Sequence[Centreline]) -> KeyImage:
    """A close-up of a finding, as it is and marked."""
    reach = max(60, round(0.06 * max(film.density.shape)))
    row, column = (round(v) for v in finding.point)
    padded = cv2.copyMakeBorder(film.density, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    row, column = (int(np.clip(v, 0, n - 1)) for v, n in zip((row, column), film.density.shape, strict=True))
    part = padded[row : row + 2 * reach, column : column + 2 * reach]
    low, high = (float(v) for v in np.percentile(part, (1.0, 99.5)))
    scale = _CLOSE_PX / (2.0 * reach)
    shown = draw.windowed(cv2.resize(part, (_CLOSE_PX, _CLOSE_PX), interpolation=cv2.INTER_CUBIC), low, high + 1e-3)
    marked = shown.copy()
    for catheter in catheters:
        path = (catheter.points[:, ::-1] - (column - reach, row - reach)) * scale
        for first, last in catheter.pieces:
            draw.polyline(marked, path[first : last + 1], draw.CATHETER)
    draw.ring(marked, (_CLOSE_PX / 2, _CLOSE_PX / 2), 24, draw.FINDING)
    draw.text(marked, (_CLOSE_PX / 2 + 24, _CLOSE_PX / 2 - 34), name, colour=draw.FINDING, size=15)
    caption = f"{name}: {finding.message}"
    return KeyImage(
        name=f"finding-{finding.id}",
        caption=caption,
        png=draw.as_png(draw.beside([shown, marked])),
        finding_id=finding.id,
    )
