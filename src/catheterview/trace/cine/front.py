"""When contrast came to each part of a course: one front that runs through one lumen, fitted to all frames at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.special import ndtr

from catheterview.geometry import FloatArray
from catheterview.limits.cine import CineLimits

_POOL_PX = 5.0  # of neighbours along the course that are taken together
_EVERY_PX = 6  # points of the course that are fitted: closer ones repeat each other
_REPEATED = 3.0  # times that each piece of evidence is met at these points, pooled as they are
_PART_PX = 40.0  # of the course, over which the front runs evenly
_DELAY = 6.0  # what a frame of delay beyond an even front costs, in squares of the noise
_AT_GAP = 0.3  # of it where a gap was bridged: more catheter may lie in it than was seen
_STEPS = (0.5, 0.25)  # frames from one candidate to the next: first round, second round
_STARTS, _RATES, _FINE = 13, 14, 7  # candidates: of the injection's start, of its speed, of each in the second round
_LAST = 0.4  # of the run, after which an injection would have been for nothing
_USUAL_S = 0.25  # from frame to frame, where the header is silent
_NEVER = -1e18


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Laid:
    """What is known of a course before its front is timed.

    Parameters
    ----------
    arc_mm : (N,) float64
        From the pump's rim along what is seen of it, a pixel from point to point.
    bridged : (N,) bool
        Whether a point lies in a gap.
    swing : (F, K) float64
        Time courses of movement; what it leaves is fitted beside contrast.
    frame_s : float or None
        From frame to frame.
    """

    arc_mm: FloatArray
    bridged: NDArray[np.bool_]
    swing: FloatArray
    frame_s: float | None

    def reversed(self) -> Laid:
        """The same course from its other end."""
        return replace(self, arc_mm=(self.arc_mm[-1] - self.arc_mm)[::-1], bridged=self.bridged[::-1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Front:
    """When contrast came along a course.

    Parameters
    ----------
    arrival, spread : (N,) float64
        Frame at which half of the full concentration came, and its standard deviation.
    strength : (N,) float64
        The full concentration, in the unit of the series.
    sure : (N,) float64
        The square root of what it explains, in the same unit.
    start : float
        Frame at which the injection began.
    fit : float
        The sum of squares that the best front explains, the noise being 1.
    """

    arrival: FloatArray
    spread: FloatArray
    strength: FloatArray
    sure: FloatArray
    start: float
    fit: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fitted:
    """Series (F, S) at some points, in units of their noise and without movement, with where they lie."""

    series: FloatArray
    arc_mm: FloatArray
    parts: tuple[tuple[int, int, bool], ...]
    still: FloatArray
    mixing: float
    frame_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tried:
    """One candidate: how well it fits, where it begins, how many frames a mm takes, arrivals (S,)."""

    fit: float
    start: float
    rate: float
    arrival: FloatArray


def front_along(series: FloatArray, laid: Laid, limits: CineLimits) -> Front:
    """Time the front along a course.

    Parameters
    ----------
    series : (F, N) float64
        Contrast at each point in each frame.
    laid : Laid
    limits : CineLimits

    Returns
    -------
    Front

    Notes
    -----
    A lumen of one bore, pressed on by an even hand, lets a front run evenly, and what fills the pump's own way first
    (`pump_side_ml`) tells how the first arrival and the speed hang together. Two unknowns, start and speed, are tried
    against all points; beyond that the front may fall behind, at a leak or where a gap hides some catheter, never get
    ahead. Laminar flow spreads a front by its way over the root of 3, and, once mixed across the lumen (after radius
    squared over 8 times the diffusion), as the root of time (Taylor 1953, Proc. R. Soc. A 219:186): see `curves`.
    """
    pooled = gaussian_filter1d(series, _POOL_PX, axis=1, mode="nearest")
    some = _some(len(laid.arc_mm))
    some = some[~laid.bridged[some]] if not laid.bridged[some].all() else some
    fitted = _fitted(pooled, some, laid, limits)
    tried = _tries(fitted, limits)
    best = max(one.fit for one in tried)
    weight = np.exp(0.5 / _REPEATED * (np.array([one.fit for one in tried]) - best))
    weight /= weight.sum()
    every = np.stack([one.arrival for one in tried])
    mean = weight @ every
    spread = np.sqrt(weight @ (every - mean) ** 2)
    start = float(weight @ np.array([one.start for one in tried]))
    arrival = np.interp(laid.arc_mm, laid.arc_mm[some], mean)
    strength, sure = _strengths(pooled, arrival, start, fitted)
    spread = np.maximum(np.interp(laid.arc_mm, laid.arc_mm[some], spread), _STEPS[1])
    return Front(arrival=arrival, spread=spread, strength=strength, sure=sure, start=start, fit=best)


def _some(count: int) -> NDArray[np.intp]:
    """Points that are fitted: the same from either end, so that both directions of flow can be compared."""
    half = np.arange(0, (count + 1) // 2, _EVERY_PX)
    return np.unique(np.concatenate([half, count - 1 - half]))


def curves(frames: int, start: float, late: FloatArray, mixing: float) -> FloatArray:
    """Concentration (T, F) in each frame at places that half of it reaches `late` (T,) frames after the start."""
    since = np.maximum(np.arange(frames) - start, 1e-3)
    wide = np.sqrt(np.minimum(1.0, mixing / since) / 3.0)
    risen = ndtr((1.0 - np.minimum(late[:, None] / since, 50.0)) / wide)
    return np.where(np.arange(frames) > start, risen, 0.0)


def _fitted(pooled: FloatArray, some: NDArray[np.intp], laid: Laid, limits: CineLimits) -> _Fitted:
    """Set the points up that are fitted."""
    frames = len(pooled)
    still = np.linalg.qr(np.concatenate([np.ones((frames, 1)), laid.swing], axis=1))[0]
    series = pooled[:, some]
    series = series / np.sqrt(np.maximum(np.median(np.diff(series, axis=0) ** 2, axis=0) / 0.91, 1e-9))
    cuts, last, gaps = [0], laid.arc_mm[some[0]] if len(some) else 0.0, {0: False}
    px_mm = float(np.median(np.diff(laid.arc_mm))) if len(laid.arc_mm) > 1 else 1.0
    for n in range(1, len(some)):
        gap = bool(laid.bridged[some[n - 1] : some[n]].any())
        if gap or laid.arc_mm[some[n]] - last > _PART_PX * px_mm:
            cuts.append(n)
            last, gaps[n] = laid.arc_mm[some[n]], gap
    ends = [*cuts[1:], len(some)]
    parts = tuple((a, b, gaps[a]) for a, b in zip(cuts, ends, strict=True))
    return _Fitted(
        series=series - still @ (still.T @ series),
        arc_mm=laid.arc_mm[some],
        parts=parts,
        still=still,
        mixing=np.inf if laid.frame_s is None else limits.mixing_s / laid.frame_s,
        frame_s=laid.frame_s or _USUAL_S,
    )


def _tries(fitted: _Fitted, limits: CineLimits) -> list[_Tried]:
    """All candidates near the best."""
    last = min(_LAST * len(fitted.series), limits.injection_s / fitted.frame_s)
    low, high = (
        limits.lumen_ml_per_mm / (one * fitted.frame_s) for one in (limits.most_ml_per_s, limits.least_ml_per_s)
    )
    way_mm = limits.pump_side_ml / limits.lumen_ml_per_mm
    starts, rates = np.linspace(0.0, last, _STARTS), np.geomspace(low, high, _RATES)
    best: list[_Tried] = []
    for step in _STEPS:
        best = [one for start in starts for one in _at_start(fitted, (float(start), step), rates, way_mm)]
        top = max(best, key=lambda one: one.fit)
        reach, ratio = last / (_STARTS - 1), (high / low) ** (1.0 / (_RATES - 1))
        starts = np.clip(np.linspace(top.start - reach, top.start + reach, _FINE), 0.0, last)
        rates = np.clip(top.rate * np.geomspace(1.0 / ratio, ratio, _FINE), low, high)
    return best


def _at_start(fitted: _Fitted, what: tuple[float, float], rates: FloatArray, way_mm: float) -> list[_Tried]:
    """All speeds for one start of the injection."""
    (start, step), frames = what, len(fitted.series)
    late = np.arange(step, frames - start, step)
    score = _scores(fitted, curves(frames, start, late, fitted.mixing))
    out = []
    for rate in rates:
        first = min(round(float(rate) * way_mm / step) - 1, len(late) - 1)
        fit, at = _run(score, fitted, (max(first, 0), float(rate) / step), step)
        out.append(_Tried(fit=fit, start=start, rate=float(rate), arrival=start + step * (at + 1.0)))
    return out


def _scores(fitted: _Fitted, curve: FloatArray) -> FloatArray:
    """How much of the sum of squares (S, T) each arrival explains at each point."""
    free = curve - (curve @ fitted.still) @ fitted.still.T
    energy = np.maximum((free**2).sum(axis=1), 0.05)
    return np.asarray((np.maximum(free @ fitted.series, 0.0) ** 2 / energy[:, None]).T)


def _run(score: FloatArray, fitted: _Fitted, even: tuple[int, float], step: float) -> tuple[float, FloatArray]:
    """The best arrivals (S,), as candidates' numbers, of a front that begins at one and runs so many to the mm.

    Dynamic programming over the parts: the state is the arrival at a part's first point, and to fall behind costs.
    """
    (first, pace), count = even, score.shape[1]
    number, behind, last = np.arange(count), [], fitted.arc_mm[0]
    best = np.full(count, _NEVER)
    best[first] = 0.0
    for a, b, gap in fitted.parts:
        ahead = round(pace * (fitted.arc_mm[a] - last))
        moved = np.full(count, _NEVER)
        moved[ahead:] = best[: count - ahead] if ahead < count else best[:0]
        cost = _DELAY * (_AT_GAP if gap else 1.0) * step * number
        most = np.maximum.accumulate(moved + cost)
        source = np.maximum.accumulate(np.where(moved + cost >= most, number, 0))
        off = np.rint(pace * (fitted.arc_mm[a:b] - fitted.arc_mm[a])).astype(int)
        at = np.minimum(off[:, None] + number, count - 1)
        best = score[np.arange(a, b)[:, None], at].sum(axis=0) + most - cost
        behind.append((source, ahead))
        last = fitted.arc_mm[a]
    return _traced(best, behind, fitted, pace)


def _traced(
    best: FloatArray, behind: list[tuple[NDArray[np.intp], int]], fitted: _Fitted, pace: float
) -> tuple[float, FloatArray]:
    """Go back from the best end."""
    at = np.zeros(len(fitted.arc_mm))
    number = int(np.argmax(best))
    fit = float(best[number])
    for (a, b, _), (source, ahead) in zip(reversed(fitted.parts), reversed(behind), strict=True):
        at[a:b] = number + pace * (fitted.arc_mm[a:b] - fitted.arc_mm[a])
        number = int(source[number]) - ahead
    return fit, at


def _strengths(pooled: FloatArray, arrival: FloatArray, start: float, fitted: _Fitted) -> tuple[FloatArray, FloatArray]:
    """The full concentration (N,) at each point, and the root of what it explains (N,)."""
    curve = curves(len(pooled), start, np.maximum(arrival - start, 0.25), fitted.mixing)
    free = curve - (curve @ fitted.still) @ fitted.still.T
    energy = np.maximum((free**2).sum(axis=1), 0.05)
    inner = np.maximum((free.T * pooled).sum(axis=0), 0.0)
    return inner / energy, np.sqrt(inner**2 / energy)
