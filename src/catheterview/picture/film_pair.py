"""Two films beside each other: the two views of one study, linked along the catheter, or a film and an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catheterview.geometry import FloatArray, arc_length
from catheterview.model import Centreline, KeyImage
from catheterview.model.film import Film, SkeletonShift
from catheterview.model.film_course import FilmCourse
from catheterview.picture import draw
from catheterview.picture.draw import Pixels
from catheterview.picture.film import SIDE_PX, mark, shown

_EVERY_MM = 50.0  # from mark to mark along the course


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A film with what is drawn on it: outlines (N, 2) (row, column) of pumps, and catheters."""

    film: Film
    outlines: Sequence[FloatArray]
    catheters: Sequence[Centreline]


def views_image(front: Drawn, side: Drawn, course: FilmCourse) -> KeyImage:
    """Draw the two views of a study with numbers at places that are the same on both.

    Parameters
    ----------
    front, side : Drawn
    course : FilmCourse

    Returns
    -------
    KeyImage
        ``film-views``; the numbers are centimetres along the course in space, from the pump.
    """
    arc = arc_length(course.points)
    stops = [int(np.argmin(np.abs(arc - mm))) for mm in np.arange(_EVERY_MM, arc[-1], _EVERY_MM)]
    parts = []
    for drawn, known in ((front, course.front), (side, course.side)):
        pixels, scale = _marked(drawn)
        for n in stops:
            row, column = drawn.catheters[0].points[known[n]] * scale
            draw.dot(pixels, (column, row), 3.0, draw.LANDMARK)
            draw.text(pixels, (column + 6, row - 8), f"{arc[n] / 10.0:.0f}", colour=draw.LANDMARK, size=13)
        parts.append(pixels)
    caption = "both views; equal numbers are the same place: cm along the catheter in space, from the pump"
    return KeyImage(name="film-views", caption=caption, png=draw.as_png(draw.beside(parts)))


def prior_image(now: Drawn, before: Drawn, shift: SkeletonShift | None) -> KeyImage:
    """Draw a film beside an earlier one, which is moved so that the skeletons are at the same height where known.

    Returns
    -------
    KeyImage
        ``film-prior-<view>``.
    """
    old, scale = _marked(before)
    new, _ = _marked(now)
    if shift is not None:
        move = (-round(shift.rows_px * scale), -round(shift.columns_px * scale))
        old = _moved(old, move)
    placed = ", laid over each other by the vertebrae" if shift is not None else ""
    caption = f"earlier film (left) and this one (right){placed}"
    name = f"film-prior-{str(now.film.view).lower()}"
    return KeyImage(name=name, caption=caption, png=draw.as_png(draw.beside([old, new])))


def _marked(drawn: Drawn) -> tuple[Pixels, float]:
    """A film with its pumps and catheters, and how much smaller it is."""
    pixels = shown(drawn.film, SIDE_PX)
    scale = pixels.shape[0] / drawn.film.density.shape[0]
    mark(pixels, scale, drawn.outlines, drawn.catheters)
    return pixels, scale


def _moved(pixels: Pixels, by: tuple[int, int]) -> Pixels:
    """A picture moved by whole pixels; black where it had none."""
    out = np.zeros_like(pixels)
    rows, columns = (slice(max(0, n), min(size, size + n)) for n, size in zip(by, pixels.shape[:2], strict=True))
    from_rows, from_columns = (
        slice(max(0, -n), min(size, size - n)) for n, size in zip(by, pixels.shape[:2], strict=True)
    )
    out[rows, columns] = pixels[from_rows, from_columns]
    return out
