"""From attenuation to a film: scatter, quantum noise, blur, grid lines, shutters, markers, and what is stored."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.phantom.film.recipe import FilmRecipe

Plane = NDArray[np.float32]

_FWHM_PER_SIGMA = 2.354820045
_SCATTER_MM = 45.0  # spread of scattered radiation, standard deviation on the detector
_GRID_PER_MM = 1.37  # lines that a fixed grid leaves after sampling
_RANGE = (-2.4, 2.6)  # of the logarithm that a presentation shows, about the patient's middle
_THINNER = 1.5  # of the logarithm, by which the parts of a lateral trunk that are shown reach further down
_HIGHEST = 4095
_LEAK = 0.004  # of the open beam that goes through the shutters


def exposed(attenuation: Plane, recipe: FilmRecipe, rng: np.random.Generator, *, lateral: bool = False) -> Plane:
    """The logarithm of what the detector gets, negative: high where more is held back.

    Parameters
    ----------
    attenuation : (R, C) float32
        Of the primary beam along the ray.
    recipe : FilmRecipe
    rng : numpy.random.Generator
    lateral : bool
        Through a trunk that is far thicker in its middle than at belly and back: the exposure is set, and the share of
        scatter holds, behind the middle (the chamber's place), and what is shown reaches down to the thin parts.

    Returns
    -------
    (R, C) float32
        0 where the patient is of usual thickness.

    Notes
    -----
    Scatter is a wide blur of the primary beam; photons are Gaussian, with the variance of their number, before half of
    the blur, so that noise is correlated as a detector's is.
    """
    primary = np.exp(-attenuation)
    wide = _wide_blur(np.minimum(primary, _open_cap(primary)), recipe)
    if lateral:
        wide *= np.float32(min(_behind_middle(primary) / max(_behind_middle(wide), 1e-9), 1.0))
    signal = primary + recipe.scatter * wide
    middle = _behind_middle(signal) if lateral else float(np.median(signal[signal < np.percentile(signal, 80.0)]))
    sigma = recipe.blur_mm / _FWHM_PER_SIGMA / recipe.pitch_mm
    signal = cv2.GaussianBlur(signal, (0, 0), max(0.3, sigma * 0.9))
    photons = signal / middle * np.float32(recipe.photons_per_mm2 * recipe.pitch_mm**2)
    photons += np.sqrt(photons) * rng.standard_normal(photons.shape, dtype=np.float32)
    photons = cv2.GaussianBlur(photons, (0, 0), max(0.3, sigma * 0.44))
    least = np.float32(0.02 * recipe.photons_per_mm2 * recipe.pitch_mm**2)
    log = -np.log(np.maximum(photons, least) / np.float32(recipe.photons_per_mm2 * recipe.pitch_mm**2))
    shown = np.float32(_THINNER if lateral else 0.0)
    return np.asarray(log + shown + _grid(recipe, log.shape), dtype=np.float32)


def _behind_middle(plane: Plane) -> float:
    """The median behind the middle of the field, where a chamber measures."""
    rows, columns = (slice(round(0.38 * n), round(0.62 * n)) for n in plane.shape)
    return float(np.median(plane[rows, columns]))


def _open_cap(primary: Plane) -> float:
    """A share of the open beam: the field beside the patient scatters little, for it meets air."""
    return float(np.percentile(primary, 60.0))


def _wide_blur(plane: Plane, recipe: FilmRecipe) -> Plane:
    """Blur over centimetres, on a small copy."""
    by = max(1, round(6.0 / recipe.pitch_mm))
    small = cv2.resize(plane, None, fx=1.0 / by, fy=1.0 / by, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), _SCATTER_MM / 6.0)
    return np.asarray(cv2.resize(small, plane.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _grid(recipe: FilmRecipe, shape: tuple[int, ...]) -> Plane:
    """The lines that the anti-scatter grid leaves, along the columns."""
    at = np.arange(shape[1]) * recipe.pitch_mm
    return np.asarray(recipe.grid_lines * np.sin(2.0 * np.pi * _GRID_PER_MM * at), dtype=np.float32)[None]


def grain_of(recipe: FilmRecipe, shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Structure of 0.6 to 4 mm, as the trabeculae and vessels that the patient model leaves out, of unit strength."""
    by = 3
    rough = rng.standard_normal((-(-shape[0] // by), -(-shape[1] // by)), dtype=np.float32)
    total = np.zeros_like(rough)
    for size_mm in (0.6, 1.2, 2.4, 4.0):
        sigma = size_mm / (2.0 * recipe.pitch_mm * by)
        wave = cv2.GaussianBlur(rough, (0, 0), sigma) - cv2.GaussianBlur(rough, (0, 0), 2.0 * sigma)
        total += wave / max(float(wave.std()), 1e-9) * np.float32(size_mm**0.5)
    total /= max(float(total.std()), 1e-9)
    return np.asarray(cv2.resize(total, shape[::-1], interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def shuttered(log: Plane, recipe: FilmRecipe, rng: np.random.Generator) -> Plane:
    """Close the shutters, a little askew, round the middle, and lay the marker on; in the logarithm."""
    log = log.copy()
    rows, columns = log.shape
    if recipe.shutters:
        edge = rng.uniform(0.015, 0.05, 4) * (rows, columns, rows, columns)
        row, column = np.arange(rows)[:, None], np.arange(columns)[None]
        slope = rng.uniform(-0.01, 0.01)
        across, down = slope * (column - columns / 2.0), slope * (row - rows / 2.0)
        shut = (row + across < edge[0]) | (row + across > rows - edge[2])
        shut |= (column - down < edge[1]) | (column - down > columns - edge[3])
        log[shut] = -np.log(_LEAK) + 0.05 * rng.standard_normal(int(shut.sum()), dtype=np.float32)
    if recipe.marker:
        _lay_marker(log, recipe)
    return log


def _lay_marker(log: Plane, recipe: FilmRecipe) -> None:
    """A letter of lead in the upper right corner, in place."""
    mask = np.zeros(log.shape, dtype=np.uint8)
    size_px = 14.0 / recipe.pitch_mm
    at = (round(log.shape[1] - 30.0 / recipe.pitch_mm), round(34.0 / recipe.pitch_mm))
    thick = max(2, round(2.0 / recipe.pitch_mm))
    cv2.putText(mask, recipe.marker, at, cv2.FONT_HERSHEY_SIMPLEX, size_px / 22.0, 255, thick, cv2.LINE_AA)
    log += np.float32(3.0) * mask.astype(np.float32) / np.float32(255.0)


def stored(log: Plane, recipe: FilmRecipe) -> NDArray[np.uint16]:
    """What the file holds, 12 bits.

    ``presentation`` shows the logarithm, attenuating bright; ``log`` holds the same range with the other sign, as
    images for processing do; ``linear`` the exposure itself. `inverted` turns the values round (MONOCHROME1).
    """
    low, high = _RANGE
    share = (log - low) / (high - low)
    if recipe.written == "linear":
        share = np.exp(-(log - low)) * 0.9
    elif recipe.written == "log":
        share = 1.0 - share
    whole = np.clip(np.round(share * _HIGHEST), 0, _HIGHEST).astype(np.uint16)
    return np.asarray(_HIGHEST - whole if recipe.inverted else whole, dtype=np.uint16)
