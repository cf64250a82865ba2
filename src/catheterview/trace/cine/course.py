"""The filled catheter along its arc: a kymograph, when contrast came to each point, how much and how wide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, map_coordinates

from catheterview.geometry import FloatArray, Frame, arc_length, tangents
from catheterview.limits.cine import CineLimits
from catheterview.model import Centreline, Landmarks
from catheterview.model.cine import Cine, FilledCourse, Opacified
from catheterview.trace.cine.change import late_of, series_at
from catheterview.trace.cine.follow import Way
from catheterview.trace.cine.front import Laid, front_along
from catheterview.trace.cine.ridges import across_weights

_SMOOTH_PX = 2.0  # of the course
_BACKWARDS = (
    12.0  # squares of the noise that the other direction of flow explains more: the way came in at the wrong end
)
_UPRIGHT = 0.8  # of its length, that a way in the canal climbs
_PROFILE = np.arange(-6.0, 6.01, 0.5)
_SURE = 4.0  # standard deviations of what a point's whole series shows, that are as good as any


def filled_course(cine: Cine, seen: Opacified, way: Way, limits: CineLimits, *, mm_per_px: float) -> FilledCourse:
    """Measure contrast along a way.

    Parameters
    ----------
    cine : Cine
    seen : Opacified
    way : Way
        In pixels of `seen`.
    limits : CineLimits
    mm_per_px : float
        Of `seen`, about where the catheter lies.
    """
    points, bridged = _resampled(way)
    series = _series(seen, points)
    noise = np.sqrt(np.maximum(np.median(np.diff(series, axis=0) ** 2, axis=0) / 0.91, 1e-9))
    laid = Laid(
        arc_mm=arc_length(points) * mm_per_px * limits.longer,
        bridged=bridged,
        swing=np.zeros((len(series), 0)) if seen.swing is None else seen.swing,
        frame_s=cine.frame_s,
    )
    front, other = front_along(series, laid, limits), front_along(series[:, ::-1], laid.reversed(), limits)
    if other.fit > front.fit + _BACKWARDS and not _climbs(points):
        front, points, bridged, series, noise = other, points[::-1], bridged[::-1], series[:, ::-1], noise[::-1]
    along = tangents(points)
    confidence = np.where(bridged, 0.1, np.clip(front.sure / noise / _SURE, 0.0, 1.0))
    by = seen.shrunk
    return FilledCourse(
        catheter=_catheter(cine, ((points + 0.5) * by - 0.5, confidence), (front.strength, noise), by),
        arrival=np.maximum.accumulate(front.arrival),
        spread=front.spread,
        kymograph=gaussian_filter1d(series, 1.5, axis=1, mode="nearest").astype(np.float32),
        strength=front.strength,
        width_px=_widths(late_of(seen), points, along) * by,
        start_frame=front.start,
        whole=_inside(points[-1], seen, limits),
    )


def _climbs(points: FloatArray) -> bool:
    """Whether a way goes up nearly straight: in the canal, where the tip is above."""
    return bool(points[0, 0] - points[-1, 0] > _UPRIGHT * arc_length(points)[-1])


def _series(seen: Opacified, points: FloatArray) -> FloatArray:
    """Contrast in the lumen (F, N) less what lies beside it."""
    rows, columns = seen.valid.shape
    return series_at(seen, across_weights(points, tangents(points), (rows, columns)))


def _resampled(way: Way) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Points a pixel apart, smoothed, and whether each lies in a gap."""
    arc = arc_length(way.at)
    keep = np.concatenate([[True], np.diff(arc) > 1e-9])
    at = np.arange(0.0, arc[-1] + 1e-9, 1.0)
    points = np.stack([np.interp(at, arc[keep], way.at[keep, n]) for n in (0, 1)], axis=1)
    smooth = gaussian_filter1d(points, _SMOOTH_PX, axis=0, mode="nearest")
    smooth[0], smooth[-1] = points[0], points[-1]
    part = np.clip(np.searchsorted(arc, at, side="left"), 0, len(arc) - 1)
    return smooth, way.bridged[part]


def _widths(late: NDArray[np.float32], points: FloatArray, along: FloatArray) -> FloatArray:
    """Full width at half maximum (N,) of the profile across, 0 where none stands out."""
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    at = points[:, None] + _PROFILE[None, :, None] * across[:, None]
    profile = map_coordinates(late, at.reshape(-1, 2).T, order=1, mode="nearest").reshape(len(points), -1)
    profile = gaussian_filter1d(profile.astype(np.float64), 4.0, axis=0, mode="nearest")
    profile -= np.median(np.concatenate([profile[:, :4], profile[:, -4:]], axis=1), axis=1)[:, None]
    middle = np.abs(_PROFILE) <= 2.0
    peak = profile[:, middle].max(axis=1)
    wide = (profile >= 0.5 * peak[:, None]) & (np.abs(_PROFILE) <= 5.0)
    return np.where(peak > 0.5, wide.sum(axis=1) * 0.5, 0.0)


def _inside(end: FloatArray, seen: Opacified, limits: CineLimits) -> bool:
    """Whether more could have been seen beyond an end."""
    row, column = np.rint(end).astype(int)
    reach = int(limits.border_px)
    rows, columns = seen.valid.shape
    if not (reach <= row < rows - reach and reach <= column < columns - reach):
        return False
    return bool(seen.valid[row - reach : row + reach + 1, column - reach : column + reach + 1].all())


def _catheter(
    cine: Cine, what: tuple[FloatArray, FloatArray], measured: tuple[FloatArray, FloatArray], by: int
) -> Centreline:
    """The course as the report names it."""
    (points, confidence), (strength, noise) = what, measured
    image = cine.film.image
    return Centreline(
        series_instance_uid=image.series_instance_uid,
        frame=image.frame if image.frame in (Frame.DETECTOR, Frame.PIXEL) else Frame.PIXEL,
        points=points,
        pieces=((0, len(points) - 1),),
        radius=np.full(len(points), 1.2 * by),
        confidence=confidence,
        contrast=np.maximum(strength, 0.0),
        noise=noise,
        landmarks=Landmarks(pump=0),
        sop_instance_uid=cine.film.sop_instance_uid,
    )
