"""Ribs beside a straightened column: bands that go out and down from a vertebra, past its transverse processes."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, map_coordinates

from catheterview.anatomy.film.discs import filled, mean_of
from catheterview.anatomy.film.upright import Upright
from catheterview.geometry import FloatArray
from catheterview.limits.film_levels import FilmLevelLimits

_FALLS = (0.0, 0.2, 0.4, 0.7, 1.0)  # of a rib towards the side, mm for each mm


def ribs_at(straight: Upright, rows: FloatArray, side: float, limits: FilmLevelLimits) -> FloatArray:
    """How much a band goes out from each vertebra to one side, over what usually does.

    Parameters
    ----------
    straight : Upright
    rows : (N,)
        Of the bodies' middles.
    side : -1 or 1
        To the left or right of the film.
    limits : FilmLevelLimits

    Returns
    -------
    (N,)
        nan where that is not seen.
    """
    bands = np.stack([_bands(straight, side, fall, limits) for fall in _FALLS])
    known = np.isfinite(bands)
    if not known.any():
        return np.full(len(rows), np.nan)
    usual = float(np.percentile(np.abs(bands[known]), 50.0))
    best = np.where(known, bands, -np.inf).max(axis=0) / max(usual, 1e-12)
    first, last = (round(mm / limits.step_mm) for mm in limits.rib_start_mm)
    out = np.full(len(rows), np.nan)
    for n, row in enumerate(rows):
        part = best[max(0, round(row) + first) : round(row) + last + 1]
        if len(part) > (last - first) // 2 and np.isfinite(part).all():
            out[n] = float(part.max())
    return out


def _bands(straight: Upright, side: float, fall: float, limits: FilmLevelLimits) -> FloatArray:
    """At each row (H,): by how much a band that falls to the side is denser than what is above and below it."""
    across = np.arange(limits.rib_mm[0], limits.rib_mm[1], limits.step_mm)
    columns = np.interp(side * across, straight.beside_mm, np.arange(len(straight.beside_mm)))
    rows = np.arange(len(straight.seen))[:, None] + fall * (across - across[0])[None] / limits.step_mm
    known = np.isfinite(straight.seen)
    at = [rows, np.broadcast_to(columns, rows.shape)]
    values = map_coordinates(np.where(known, straight.seen, 0.0), at, order=1, cval=0.0)
    shown = map_coordinates(known.astype(np.float64), at, order=1, cval=0.0) > 0.99
    band = mean_of(np.where(shown, values, np.nan))
    seen = np.isfinite(band)
    out = -gaussian_filter1d(filled(band), limits.rib_tall_mm / limits.step_mm, order=2, mode="nearest")
    return np.where(seen, out, np.nan)
