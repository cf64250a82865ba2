"""How much every place of a film looks like a tube of a known width, in each of sixteen directions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmTraceLimits
from catheterview.model.film import Film

Map = NDArray[np.float32]

#: (columns, rows) from pixel to pixel in each direction; the opposite ones are the same direction of a tube.
STEPS = np.array(
    [(1, 0), (4, 1), (2, 1), (3, 2), (1, 1), (2, 3), (1, 2), (1, 4), (0, 1), (-1, 4), (-1, 2), (-2, 3), (-1, 1),
     (-3, 2), (-2, 1), (-4, 1)]
)  # fmt: skip
TURNS = np.arctan2(STEPS[:, 1], STEPS[:, 0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketch:
    """A film made small enough for tubes to be a few pixels wide, and what looks like one on it.

    Parameters
    ----------
    density, flat : (R, C) float32
        The film, and the film less its coarse shading.
    hidden, shut : (R, C) bool
        Behind the pump's metal; where the detector was not exposed.
    to_pump, to_border : (R, C) float32
        Pixels to either.
    by : int
        Pixels of the film to one here.
    mm : float
        Of one pixel here at the pump's depth.
    width : float
        Of a tube, pixels.
    bank : (16, R, C) float32
        Peak of a tube that runs in each of `TURNS`, in the film's own logarithm: what the middle is denser by than the
        denser of its two sides, so that the edge of a bone gives nothing.
    best : (R, C) float32
        The highest of the bank.
    noise : (R, C) float32
        What the filter answers to whatever else is there.
    share : (R, C) float32
        How much of a tube's contrast is left at this density; scattered radiation takes more where less of the beam
        comes through.
    blob : (R, C) float32
        What stands out all round: a tube seen end on, a clip.
    slope : (2, R, C) float32
        How the coarse density rises along rows down and columns, shares of the film's range to a millimetre.
    """

    density: Map
    flat: Map
    hidden: NDArray[np.bool_]
    shut: NDArray[np.bool_]
    to_pump: Map
    to_border: Map
    by: int
    mm: float
    width: float
    bank: Map
    best: Map
    noise: Map
    share: Map
    blob: Map
    slope: Map

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Where something can be seen."""
        return ~(self.hidden | self.shut)


def sketch_of(film: Film, tube_px: float, covered: NDArray[np.bool_], limits: FilmTraceLimits) -> Sketch:
    """Shrink a film and look for tubes on it.

    Parameters
    ----------
    film : Film
    tube_px : float
        Width of a catheter on the film.
    covered : (R, C) bool
        Where the pump is.
    limits : FilmTraceLimits

    Returns
    -------
    Sketch
    """
    by = max(1, round(tube_px / limits.tube_px))
    width = tube_px / by
    density, shut = shrunken(film, by)
    size = (density.shape[1], density.shape[0])
    metal = cv2.resize(covered.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    flat = _flat(density, shut | metal, width)
    bank, power = _searched(flat, width, limits)
    hidden, unlit = _wider(metal), _wider(shut)
    usable = ~(hidden | unlit)
    return Sketch(
        density=density,
        flat=flat,
        hidden=hidden,
        shut=unlit,
        to_pump=_distance(hidden),
        to_border=_distance(_framed(unlit)),
        by=by,
        mm=limits.outer_mm / width,
        width=width,
        bank=bank,
        best=bank.max(axis=0),
        noise=_local(power, usable, limits.clutter_widths * width),
        share=_contrast_left(density, usable, width, limits),
        slope=_slope(density, usable, limits.slope_mm * width / limits.outer_mm) * np.float32(width / limits.outer_mm),
        blob=cv2.GaussianBlur(flat, (0, 0), 0.35 * width) - cv2.GaussianBlur(flat, (0, 0), 1.5 * width),
    )


def shrunken(film: Film, by: int) -> tuple[Map, NDArray[np.bool_]]:
    """The film with pixels `by` times as wide, and where it is not exposed; there it has the exposed part's middle."""
    size = (-(-film.density.shape[1] // by), -(-film.density.shape[0] // by))
    level = np.float32(np.median(film.density[::4, ::4][film.exposed[::4, ::4]]))
    density = cv2.resize(np.where(film.exposed, film.density, level), size, interpolation=cv2.INTER_AREA)
    shut = cv2.resize((~film.exposed).astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    return np.asarray(density, dtype=np.float32), shut


def _wider(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Two pixels more, which the filter's answer is wrong on."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)


def _framed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask with the film's own border."""
    out = mask.copy()
    out[0], out[-1], out[:, 0], out[:, -1] = True, True, True, True
    return out


def _distance(mask: NDArray[np.bool_]) -> Map:
    """Pixels from everywhere to a mask; far where it is empty."""
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5), dtype=np.float32)


def _flat(density: Map, shut: NDArray[np.bool_], width: float) -> Map:
    """The film less its coarse shading, and nothing where it is shut."""
    weight = (~shut).astype(np.float32)
    sigma = 3.0 * width
    total = cv2.GaussianBlur(density * weight, (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    return np.asarray((density - total / np.maximum(share, 1e-3)) * weight, dtype=np.float32)


def _searched(flat: Map, width: float, limits: FilmTraceLimits) -> tuple[Map, Map]:
    """The bank, and the mean square of its answers."""
    bank = np.empty((len(TURNS), *flat.shape), dtype=np.float32)
    power = np.zeros_like(flat)
    for n, turn in enumerate(TURNS):
        even, odd = tube_kernels(width, float(turn), limits.along_widths)
        middle = cv2.filter2D(flat, cv2.CV_32F, even)
        power += middle * middle
        cv2.absdiff(cv2.filter2D(flat, cv2.CV_32F, odd), 0.0, dst=bank[n])
        np.subtract(middle, bank[n], out=bank[n])
    return bank, power / np.float32(len(TURNS))


def tube_kernels(width: float, turn: float, along_widths: float) -> tuple[Map, Map]:
    """A short piece of tube less its sides, which answers its peak to a tube; and half the difference of the sides.

    Parameters
    ----------
    width : float
        Of the tube, pixels.
    turn : float
        Its direction, radians.
    along_widths : float
        Standard deviation of its length, in widths.
    """
    reach = int(np.ceil(max(1.7 * width, 1.8 * along_widths * width)))
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    along = column * np.cos(turn) + row * np.sin(turn)
    across = -column * np.sin(turn) + row * np.cos(turn)
    window = np.exp(-0.5 * (along / (along_widths * width)) ** 2)
    middle = window * np.clip(0.5 * width + 0.5 - np.abs(across), 0.0, 1.0)
    beside = window * np.clip(1.7 * width + 0.5 - np.abs(across), 0.0, 1.0)
    beside *= np.clip(np.abs(across) - 0.75 * width + 0.5, 0.0, 1.0)
    left, right = beside * (across < 0.0), beside * (across > 0.0)
    left, right = left / left.sum(), right / right.sum()
    even = middle / middle.sum() - 0.5 * (left + right)
    gain = float((even * profile(across, width)).sum())
    return (even / gain).astype(np.float32), (0.5 * (left - right) / gain).astype(np.float32)


def profile(across: FloatArray, width: float) -> FloatArray:
    """What a tube adds across its axis, 1 at the peak: a filled chord, softened by the film's blur."""
    return np.asarray(np.exp(-0.5 * (np.abs(across) / (0.42 * width)) ** 2.6))


def _local(power: Map, usable: NDArray[np.bool_], sigma: float) -> Map:
    """Root of the mean square round every pixel, of the open part only and without the few strongest answers."""
    weight = usable.astype(np.float32)
    most = float(np.percentile(power[usable][::7], 97.0)) if usable.any() else 1.0
    by = max(1, int(sigma / 3.0))
    size = (max(1, power.shape[1] // by), max(1, power.shape[0] // by))
    seen = cv2.resize(np.minimum(power, most) * weight, size, interpolation=cv2.INTER_AREA)
    share = cv2.GaussianBlur(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / by)
    mean = cv2.GaussianBlur(seen, (0, 0), sigma / by) / np.maximum(share, 1e-3)
    out = np.sqrt(np.maximum(cv2.resize(mean, power.shape[::-1], interpolation=cv2.INTER_LINEAR), 1e-12))
    return np.asarray(out, dtype=np.float32)


def _slope(density: Map, usable: NDArray[np.bool_], sigma: float) -> Map:
    """Gradient (2, R, C) of the blurred film, in shares of its range."""
    seen = density[usable][::7] if usable.any() else density
    low, high = (float(v) for v in np.percentile(seen, (2.0, 97.0)))
    smooth = cv2.GaussianBlur(density, (0, 0), sigma)
    scale = 0.125 / max(high - low, 1e-6)  # of Sobel's sums
    return np.stack(
        [cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=scale), cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=scale)]
    )


def _contrast_left(density: Map, usable: NDArray[np.bool_], width: float, limits: FilmTraceLimits) -> Map:
    """From 1 in the film's thinner parts down to `limits.dense_share` in its densest."""
    seen = density[usable][::7]
    if not len(seen):
        return np.ones_like(density)
    low, high = (float(v) for v in np.percentile(seen, (25.0, 97.0)))
    dense = np.clip((cv2.GaussianBlur(density, (0, 0), 3.0 * width) - low) / max(high - low, 1e-6), 0.0, 1.0)
    return np.asarray(1.0 - (1.0 - limits.dense_share) * dense, dtype=np.float32)
