"""A column of tracer in the middle of the back, told from what lies beside it; and tracer outside the reservoir."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, gaussian_filter1d, label

from catheterview.geometry import FloatArray
from catheterview.limits import NuclearLimits
from catheterview.model import FlatScan

#: Of the hottest, from which on it is the reservoir; from the back CSF is as bright as a tenth of it.
_HOT: Final = MappingProxyType({"front": 0.1, "front and back": 0.1, "back": 0.5, "tomogram": 0.1})
_SMOOTH_MM = 5.0
_FEW = 20  # pixels of a ring


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """The longest column that was looked for along the middle.

    Parameters
    ----------
    seen : bool
        Whether it is there.
    length_mm : float
    share : float
        Of the reservoir's counts, in the column that was found.
    detectable : float
        Limit of detection of a whole column, as a share of the reservoir's counts.
    drop : Drop or None
        Of planar views, where it ends abruptly though more of the body is seen.
    """

    seen: bool
    length_mm: float
    share: float
    detectable: float
    drop: Drop | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drop:
    """Where a column ends abruptly: the pixel (row, column), and how many times more lies before it than beyond."""

    at: tuple[int, int]
    times: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Strip:
    """Counts of a column over what lies beside it, cell by cell, and their standard deviation."""

    over: FloatArray
    sd: FloatArray


def find_column(flat: FlatScan, limits: NuclearLimits) -> Column:
    """Look for CSF that holds tracer: upright, in the middle, longer than a bladder, brighter than both its sides.

    Parameters
    ----------
    flat : FlatScan
    limits : NuclearLimits
    """
    near = ~_close_to_reservoir(flat, limits)
    columns = _middle(flat, near, limits)
    strips = [_strip(flat, near, int(at), limits) for at in columns]
    runs = [_longest(strip, limits) for strip in strips]
    best = max(range(len(runs)), key=lambda n: (runs[n][1] - runs[n][0], strips[n].over[slice(*runs[n])].sum()))
    (first, last), strip = runs[best], strips[best]
    cell = _cell_px(flat, limits)
    held = np.array([flat.counts[n * cell : (n + 1) * cell].sum() for n in range(len(strip.over))])
    drop = None if flat.seen == "tomogram" else _drop(strip, held, limits)
    return Column(
        seen=last - first >= limits.flat_cells,
        length_mm=(last - first) * limits.flat_cell_mm,
        share=float(strip.over[first:last].sum()) / flat.reservoir,
        detectable=_detectable(strips[len(strips) // 2], flat, limits),
        drop=None if drop is None else Drop(at=(round((drop[0] + 0.5) * cell), int(columns[best])), times=drop[1]),
    )


def _drop(strip: _Strip, held: FloatArray, limits: NuclearLimits) -> tuple[int, float] | None:
    """The cell at which a strip ends abruptly, and by how many times; None where it does not.

    Notes
    -----
    The outermost cells of the body are left out, for the field ends there, and so is the lowest part for what is
    bright, for the bladder is. The cell at a drop is shared by both sides, and belongs to neither.
    """
    counted = held[held > 0.0]
    body = np.flatnonzero(held > limits.flat_body * float(np.median(counted if len(counted) else 1.0)))
    if len(body) < 2 * limits.flat_cells:
        return None
    known, cells = np.isfinite(strip.sd), np.arange(len(strip.sd))
    known &= (cells > body[0]) & (cells < body[-1])
    bright = known & (strip.over > limits.block_level * float(strip.over[known].max(initial=0.0)))
    bright &= strip.over > limits.flat_drop_sigmas * strip.sd
    bright &= cells < body[-1] - limits.bladder_up_mm / limits.flat_cell_mm
    most = np.where(known, strip.over + 0.5 * limits.detection_sigmas * np.where(known, strip.sd, 0.0), np.nan)
    drops = []
    for n in np.flatnonzero(bright):
        for way, beyond in ((1, most[n + 2 :]), (-1, most[: max(0, n - 1)][::-1])):
            seen = beyond[: int(np.argmax(np.isnan(beyond)))] if np.isnan(beyond).any() else beyond
            if len(seen):
                drops.append((int(n) + way, float(strip.over[n]) / max(float(seen.max()), 1.0)))
    sharpest = max(drops, key=lambda one: one[1], default=(0, 0.0))
    return sharpest if sharpest[1] > limits.flat_drop_times else None


def _detectable(strip: _Strip, flat: FlatScan, limits: NuclearLimits) -> float:
    """Limit of detection of a whole column; infinite where too little of it lies clear of the reservoir."""
    known = np.isfinite(strip.sd)
    if known.sum() < 2 * limits.flat_cells:
        return float("inf")
    return limits.detection_sigmas * float(np.sqrt((strip.sd[known] ** 2).sum())) / flat.reservoir


def outside(flat: FlatScan, limits: NuclearLimits) -> tuple[tuple[int, int], ...]:
    """Places (row, column) outside the reservoir that hold more than is usual at their distance from it, and enough.

    Notes
    -----
    What is usual is the middle of the counts at that distance: scatter goes all round, organs and lines do not.
    """
    smooth = gaussian_filter(flat.counts, _SMOOTH_MM / np.array(flat.pixel_mm))
    away = away_mm(flat)
    usual = _ringed(smooth, away)
    spread = _spread(flat, smooth, usual, away)
    smoothed = 4.0 * np.pi * _SMOOTH_MM**2 / float(np.prod(flat.pixel_mm))
    noise = np.maximum(usual, 1.0) * spread / smoothed
    sigmas = (smooth - usual) / np.sqrt(noise + (limits.model_error * usual) ** 2)
    sigmas[away < limits.flat_pump_mm] = 0.0
    marked, count = label(sigmas > limits.flat_places_sigmas)
    places = []
    for n in range(1, count + 1):
        inside = np.argwhere(marked == n)
        held = float((flat.counts - usual)[marked == n].sum()) / flat.reservoir
        if held > limits.csf_share * flat.canal_left[0]:
            best = inside[int(np.argmax(sigmas[marked == n]))]
            places.append((int(best[0]), int(best[1])))
    return tuple(places)


def away_mm(flat: FlatScan) -> FloatArray:
    """Distance of every pixel from the reservoir, which a view from the front shows best."""
    shown = flat.counts if flat.front is None or flat.seen == "tomogram" else flat.front[:, ::-1]
    marked, _ = label(shown > _HOT[flat.seen] * shown.max())
    brightest = marked[np.unravel_index(int(shown.argmax()), shown.shape)]
    return np.asarray(distance_transform_edt(marked != brightest, sampling=flat.pixel_mm))


def _close_to_reservoir(flat: FlatScan, limits: NuclearLimits) -> NDArray[np.bool_]:
    """Pixels in the reservoir's blur; a tomogram was added up behind the pump, and its tails were taken away."""
    if flat.seen == "tomogram":
        return np.zeros(flat.counts.shape, dtype=bool)
    return np.asarray(away_mm(flat) < limits.flat_pump_mm)


def _ringed(counts: FloatArray, away: FloatArray) -> FloatArray:
    """The middle of the counts at each distance."""
    ring = np.rint(away / 5.0).astype(int)
    usual = np.zeros(int(ring.max()) + 1)
    for n in np.unique(ring):
        usual[n] = float(np.median(counts[ring == n]))
    return np.asarray(usual[ring])


def _spread(flat: FlatScan, smooth: FloatArray, usual: FloatArray, away: FloatArray) -> float:
    """Variance over mean of single pixels far from the reservoir; at least that of counted photons."""
    far = (away > 2.0 * _SMOOTH_MM) & (usual > 0.5)
    if far.sum() < _FEW:
        return 1.0
    apart = (flat.counts - smooth)[far] / np.sqrt(np.maximum(smooth[far], 1.0))
    robust = float(np.median(np.abs(apart)) * 1.4826) ** 2
    return robust if flat.seen == "tomogram" else max(1.0, robust)


def _middle(flat: FlatScan, near: NDArray[np.bool_], limits: NuclearLimits) -> NDArray[np.intp]:
    """Columns near the middle of the body: of all that holds counts, reservoir aside."""
    total = np.where(near, np.minimum(flat.counts, np.percentile(flat.counts, 99.0)), 0.0).sum(axis=0)
    held = np.flatnonzero(gaussian_filter1d(total, 2.0) > 0.05 * total.max())
    middle = 0.5 * float(held[0] + held[-1])
    reach = limits.flat_midline_mm / flat.pixel_mm[1]
    wide = round(limits.flat_beside_mm / flat.pixel_mm[1]) + _half_px(flat, limits)
    low, high = max(wide, round(middle - reach)), min(flat.counts.shape[1] - wide - 1, round(middle + reach))
    return np.arange(low, max(low, high) + 1, dtype=np.intp)


def _half_px(flat: FlatScan, limits: NuclearLimits) -> int:
    return max(1, round(0.5 * limits.flat_width_mm / flat.pixel_mm[1]))


def _cell_px(flat: FlatScan, limits: NuclearLimits) -> int:
    return max(1, round(limits.flat_cell_mm / flat.pixel_mm[0]))


def _strip(flat: FlatScan, near: NDArray[np.bool_], at: int, limits: NuclearLimits) -> _Strip:
    """One upright strip against the mean of those to both sides of it."""
    half, away, cell = _half_px(flat, limits), round(limits.flat_beside_mm / flat.pixel_mm[1]), _cell_px(flat, limits)
    bands = [flat.counts[:, c - half : c + half + 1].sum(axis=1) for c in (at, at - away, at + away)]
    count = len(flat.counts) // cell
    sums = np.array([[band[n * cell : (n + 1) * cell].sum() for n in range(count)] for band in bands])
    clear = np.array([near[n * cell : (n + 1) * cell, at].all() for n in range(count)])
    over = np.where(clear, sums[0] - 0.5 * (sums[1] + sums[2]), 0.0)
    variance = np.maximum(sums[0] + 0.25 * (sums[1] + sums[2]), 1.0) * _noise(flat)
    uneven = 0.25 * np.abs(sums[1] - sums[2])  # a slope between both sides may be a curve
    sd = np.where(clear, np.sqrt(variance + uneven**2), np.inf)
    return _Strip(over=over, sd=sd)


def _noise(flat: FlatScan) -> float:
    """Variance over mean of sums of pixels: photons that were counted, or what a reconstruction makes of them."""
    if flat.seen != "tomogram":
        return 1.0
    smooth = gaussian_filter(flat.counts, 2.0)
    held = smooth > np.percentile(smooth, 50.0)
    apart = (flat.counts - smooth)[held] / np.sqrt(np.maximum(smooth[held], 1e-9))
    return 4.0 * float(np.median(np.abs(apart)) * 1.4826) ** 2  # neighbours are correlated


def _longest(strip: _Strip, limits: NuclearLimits) -> tuple[int, int]:
    """The longest run of cells that are seen, and bright enough against the brightest of the run."""
    seen = strip.over > limits.flat_sigmas * strip.sd
    best = (0, 0)
    marked, count = label(seen)
    for n in range(1, count + 1):
        run = np.flatnonzero(marked == n)
        bright = strip.over[run] > limits.flat_even * strip.over[run].max()
        inner, parts = label(bright)
        for part in range(1, parts + 1):
            here = run[inner == part]
            if here[-1] + 1 - here[0] > best[1] - best[0]:
                best = (int(here[0]), int(here[-1]) + 1)
    return best
