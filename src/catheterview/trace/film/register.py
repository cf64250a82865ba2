"""An earlier film of the same view laid over a later one by the skeleton: how far to the sides, and up or down."""

from __future__ import annotations

import cv2
import numpy as np

from catheterview.model.film import Film, FilmPump, SkeletonShift
from catheterview.trace.film.filter import Map

_STEP_MM = 0.8  # on the detector
_REACH_MM = (45.0, 60.0)  # rows and columns: how far a patient may lie otherwise
_FINE_MM = (1.6, 8.0)  # structure that is kept: edges of bone, not grain, not shading
_MIDDLE = (0.28, 0.72)  # columns about the spine


def skeleton_shift(film: Film, before: Film, pumps: tuple[FilmPump, FilmPump]) -> SkeletonShift | None:
    """Find where the skeleton of one film lies on an earlier one.

    Parameters
    ----------
    film, before : Film
        Frontal both.
    pumps : (FilmPump, FilmPump)
        Of either; what they cover says nothing of the skeleton.

    Returns
    -------
    SkeletonShift or None
        None where a film's scale is not known.

    Notes
    -----
    Normalised correlation of the films' fine structure about the spine. Vertebrae are alike: among places that fit
    about as well, that nearest to no shift is taken.
    """
    if film.spacing_mm is None or before.spacing_mm is None:
        return None
    now, then = (_structure(one, pump) for one, pump in zip((film, before), pumps, strict=True))
    rows, columns = (min(a, b) for a, b in zip(now.shape, then.shape, strict=True))
    reach = (round(_REACH_MM[0] / _STEP_MM), round(_REACH_MM[1] / _STEP_MM))
    left, right = (round(share * columns) for share in _MIDDLE)
    part = now[reach[0] : rows - reach[0], left:right]
    around = cv2.copyMakeBorder(then, 0, 0, reach[1], reach[1], cv2.BORDER_CONSTANT, value=0.0)
    fit = cv2.matchTemplate(around[:rows, left : right + 2 * reach[1]], part, cv2.TM_CCOEFF_NORMED)
    at = np.stack(np.meshgrid(*(np.arange(n) for n in fit.shape), indexing="ij"), axis=-1) - reach
    likely = fit - 0.1 * np.linalg.norm(at * _STEP_MM, axis=-1) / _REACH_MM[1]
    row, column = (int(v) for v in np.unravel_index(int(likely.argmax()), fit.shape))
    scale = _STEP_MM / (0.5 * sum(before.spacing_mm))
    return SkeletonShift(
        rows_px=float(row - reach[0]) * scale, columns_px=float(column - reach[1]) * scale, fit=float(fit[row, column])
    )


def _structure(film: Film, pump: FilmPump) -> Map:
    """Edges of bone on pixels of `_STEP_MM`, of like strength everywhere, and nothing where the pump is."""
    assert film.spacing_mm is not None
    size = [max(32, round(n * mm / _STEP_MM)) for n, mm in zip(film.density.shape, film.spacing_mm, strict=True)]
    small = cv2.resize(film.density, size[::-1], interpolation=cv2.INTER_AREA)
    fine, coarse = (cv2.GaussianBlur(small, (0, 0), mm / _STEP_MM) for mm in _FINE_MM)
    seen = fine - coarse
    open_ = cv2.resize(film.exposed.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST)
    open_ = cv2.erode(open_, np.ones((25, 25), np.uint8))
    at = [round(v * n / whole) for v, n, whole in zip(pump.center, size, film.density.shape, strict=True)]
    radius = round(1.15 * pump.radius_px * size[0] / film.density.shape[0])
    cv2.circle(open_, (at[1], at[0]), radius, 0, -1)
    spread = float(seen[open_ > 0].std()) if open_.any() else 1.0
    return np.asarray(np.where(open_ > 0, np.clip(seen / max(spread, 1e-9), -2.5, 2.5), 0.0), dtype=np.float32)
