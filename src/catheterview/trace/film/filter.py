"""How much every place of a film looks like a tube of a known width, and in which direction it would run."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmTraceLimits
from catheterview.model.film import Film

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketch:
    """A film made small enough for tubes to be four pixels wide, and what looks like one on it.

    Parameters
    ----------
    density : (R, C) float32
    open_ : (R, C) bool
        Exposed, outside the pump.
    to_pump, to_border : (R, C) float32
        Pixels to the pump, and to where the film is not exposed.
    by : int
        Pixels of the film to one here.
    mm : float
        Of one pixel here, at the depth of the pump where that is known, else as well as it can be guessed.
    response : (R, C) float32
        Peak of the tube that fits best, in the film's own logarithm.
    angle : (R, C) float32
        Its direction: 0 along the rows to the right, growing downwards, modulo pi.
    noise : (R, C) float32
        What the filter answers to whatever else is there.
    """

    density: Map
    open_: NDArray[np.bool_]
    to_pump: Map
    to_border: Map
    by: int
    mm: float
    response: Map
    angle: Map
    noise: Map


def sketch_of(film: Film, tube_px: float, hidden: NDArray[np.bool_], limits: FilmTraceLimits) -> Sketch:
    """Shrink a film and look for tubes on it.

    Parameters
    ----------
    film : Film
    tube_px : float
        Width of a catheter on the film.
    hidden : (R, C) bool
        Where the pump is.
    limits : FilmTraceLimits

    Returns
    -------
    Sketch
    """
    by = max(1, round(tube_px / limits.tube_px))
    size = (-(-film.density.shape[1] // by), -(-film.density.shape[0] // by))
    closed = ~film.exposed | hidden
    level = np.float32(np.median(film.density[::4, ::4][film.exposed[::4, ::4]]))
    density = cv2.resize(np.where(film.exposed, film.density, level), size, interpolation=cv2.INTER_AREA)
    shut = cv2.resize(closed.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    width = tube_px / by
    response, angle, noise = _searched(_flat(density, shut, width), width, limits)
    edge = cv2.dilate(shut.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return Sketch(
        density=np.asarray(density, dtype=np.float32),
        open_=~edge,
        to_pump=_distance(cv2.resize(hidden.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0),
        to_border=_distance(cv2.resize((~film.exposed).astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0),
        by=by,
        mm=limits.outer_mm / width,
        response=response,
        angle=angle,
        noise=_local(noise, ~edge, limits.clutter_widths * width),
    )


def _distance(shut: NDArray[np.bool_]) -> Map:
    """Pixels from everywhere to a mask and to the film's own border, or to the mask alone where it is empty: far."""
    return np.asarray(cv2.distanceTransform((~shut).astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)


def _flat(density: Map, shut: NDArray[np.bool_], width: float) -> Map:
    """The film less its coarse shading, and nothing where it is shut."""
    weight = (~shut).astype(np.float32)
    sigma = 2.5 * width
    total = cv2.GaussianBlur(density * weight, (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    return np.asarray((density - total / np.maximum(share, 1e-3)) * weight, dtype=np.float32)


def _searched(flat: Map, width: float, limits: FilmTraceLimits) -> tuple[Map, Map, Map]:
    """Best response, its direction, and the mean square of all directions' responses."""
    best = np.full(flat.shape, -np.inf, dtype=np.float32)
    angle, power = np.zeros_like(best), np.zeros_like(best)
    count = limits.directions
    for n in range(count):
        turn = np.pi * n / count
        seen = cv2.filter2D(flat, cv2.CV_32F, tube_kernel(width, turn, limits.along_widths))
        better = seen > best
        np.copyto(best, seen, where=better)
        angle[better] = turn
        power += seen * seen
    return best, angle, power / np.float32(count)


def tube_kernel(width: float, turn: float, along_widths: float) -> NDArray[np.float32]:
    """A short piece of tube with its flanks, which answers the tube's peak to a tube and nothing to a slope.

    Parameters
    ----------
    width : float
        Of the tube, pixels.
    turn : float
        Its direction, radians.
    along_widths : float
        Standard deviation of its length, in widths.
    """
    reach = int(np.ceil(max(1.6 * width, 1.8 * along_widths * width)))
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    along = column * np.cos(turn) + row * np.sin(turn)
    across = -column * np.sin(turn) + row * np.cos(turn)
    tube = profile(across, width)
    window = np.exp(-0.5 * (along / (along_widths * width)) ** 2)
    side = np.clip(1.6 * width + 0.5 - np.abs(across), 0.0, 1.0)
    kernel = window * side * (tube - (window * side * tube).sum() / (window * side).sum())
    return np.asarray(kernel / (kernel * tube).sum(), dtype=np.float32)


def profile(across: FloatArray, width: float) -> FloatArray:
    """What a tube adds across its axis, 1 at the peak: a filled chord, softened by the film's blur."""
    return np.asarray(np.exp(-0.5 * (np.abs(across) / (0.42 * width)) ** 2.6))


def _local(power: Map, open_: NDArray[np.bool_], sigma: float) -> Map:
    """Root of the mean square round every pixel, of the open part only."""
    weight = open_.astype(np.float32)
    by = max(1, int(sigma / 3.0))
    size = (power.shape[1] // by, power.shape[0] // by)
    total = cv2.GaussianBlur(cv2.resize(power * weight, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / by)
    share = cv2.GaussianBlur(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / by)
    mean = total / np.maximum(share, 1e-3)
    out = np.sqrt(np.maximum(cv2.resize(mean, power.shape[::-1], interpolation=cv2.INTER_LINEAR), 1e-12))
    return np.asarray(out, dtype=np.float32)
