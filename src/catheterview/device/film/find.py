"""Find the pump on a radiograph, calibrate the film by it, and read how it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.device.film.face import Pose, find_pose, toward_of
from catheterview.device.film.outline import Outline, edge_points, fitted, from_mask
from catheterview.device.film.rounds import round_bodies
from catheterview.device.film.slabs import slabs
from catheterview.limits.film import FilmLimits
from catheterview.model.film import Density, Film, FilmPump, View

_OPENING = 0.09  # over the smallest pump's diameter: a catheter that hangs on a pump is narrower
_WIDTHS = (0.2, 0.4, 0.75)  # over the largest diameter: a pump edge on, and one well tilted
_LEVELS = np.arange(0.06, 0.75, 0.09)  # shares of the range between the film's middle and its densest parts
_MODELS = ("8637-20", "8637-40")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDevices:
    """What was found on one film; `why` says what was looked at and not taken for a pump, or how sure the pump is."""

    pumps: tuple[FilmPump, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A disc-like body and how well it is one."""

    outline: Outline
    residual: float
    share: float
    strength: float


def find_film_pump(film: Film, limits: FilmLimits, *, near_row: float | None = None) -> FilmDevices:
    """Find the pump on a film.

    Parameters
    ----------
    film : Film
    limits : FilmLimits
    near_row : float, optional
        Row at which the other view of the study has the pump; what is far above or below is left alone.

    Returns
    -------
    FilmDevices
        At most one pump: the body whose outline and pattern fit best.

    Notes
    -----
    The film is cut at many levels above its own surroundings; every compact body of a pump's size is fitted with the
    shadow of a tilted flat cylinder. What fits is a pump where the pattern inside is one as well, or where it is seen
    edge on, with a known pump's thickness, on a film whose scale is known.
    """
    by = max(1, round(film.density.shape[0] / limits.search_px))
    small, open_ = _reduced(film, by)
    sizes = _sizes_px(film, small.shape, by, limits)
    starts = (
        *round_bodies(small, sizes, limits.thin_ratio),
        *_bodies(small, open_, sizes, limits),
        *slabs(small, open_, sizes, limits),
    )
    seen = [found for start in starts if (found := _fit(small, start, limits))]
    seen = [found for found in seen if _shell(small, open_, found.outline) >= limits.shell_least]
    if near_row is not None:
        reach = limits.other_view_share * small.shape[0]
        seen = [found for found in seen if abs(found.outline.row - near_row / by) <= reach]
    if not seen:
        return FilmDevices(why="no body with the outline of a pump was found")
    best = max(seen, key=_merit)
    other = _fit(small, replace(best.outline, thickness=limits.thick_ratio), limits)
    best = max((best, other or best), key=_merit)
    return _judged(film, (small, by), replace(best, outline=_refined(film, best.outline, by, limits)), limits)


def _shell(small: Density, open_: NDArray[np.uint8], outline: Outline) -> float:
    """By how much an outline is denser just within than just outside, at its weaker quarter; shares of the range.

    A pump's shell is of metal all round; of a row of vertebrae most of the outline is no edge at all.
    """
    points, middle = outline.points, np.array([outline.row, outline.column])
    out = (points - middle) / np.linalg.norm(points - middle, axis=1)[:, None]
    inner, outer = (
        cv2.remap(
            small, at[:, 1].astype(np.float32)[None], at[:, 0].astype(np.float32)[None], cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )[0]
        for at in (points - 4.0 * out, points + 5.0 * out)
    )  # fmt: skip
    low, high = np.percentile(small[open_ > 0], (30.0, 95.0))
    return float(np.percentile(inner - outer, 25.0)) / max(float(high - low), 1e-6)


def _refined(film: Film, outline: Outline, by: int, limits: FilmLimits) -> Outline:
    """Fit once more on finer pixels; the outline stays in the coarse ones."""
    fine = max(1, by // 2)
    ratio = by / fine
    small, _ = _reduced(film, fine)
    start = replace(
        outline,
        row=(outline.row + 0.5) * ratio - 0.5,
        column=(outline.column + 0.5) * ratio - 0.5,
        radius=outline.radius * ratio,
    )
    points, fall = edge_points(cv2.GaussianBlur(small, (0, 0), 1.0), start, reach=limits.fine_reach)
    keep = fall > 0.3 * float(np.median(fall))
    if int(keep.sum()) < 30:
        return outline
    best, _ = fitted(points[keep], start)
    return replace(
        best, row=(best.row + 0.5) / ratio - 0.5, column=(best.column + 0.5) / ratio - 0.5, radius=best.radius / ratio
    )


def _merit(seen: _Seen) -> float:
    """How well a body is a pump's shadow: strong edges all round that lie on the outline."""
    return seen.strength * seen.share * (1.0 - 12.0 * seen.residual)


def _reduced(film: Film, by: int) -> tuple[Density, NDArray[np.uint8]]:
    """The film with pixels `by` times as wide, and where it is exposed; elsewhere the exposed part's own middle."""
    size = (-(-film.density.shape[1] // by), -(-film.density.shape[0] // by))
    filled = np.where(film.exposed, film.density, np.float32(np.median(film.density[::4, ::4][film.exposed[::4, ::4]])))
    small = cv2.resize(filled, size, interpolation=cv2.INTER_AREA)
    open_ = cv2.resize(film.exposed.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(small, dtype=np.float32), np.asarray(open_, dtype=np.uint8)


def _bodies(
    small: Density, open_: NDArray[np.uint8], sizes: tuple[float, float], limits: FilmLimits
) -> Iterator[Outline]:
    """Compact bodies of a pump's size at many levels, like ones once: what is seen edge on is not round."""
    low, high = sizes
    opening = max(3, round(_OPENING * low)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (opening, opening))
    met: list[Outline] = []
    for wide in _WIDTHS:
        above = _above(small, wide * high)
        top = float(np.percentile(above[open_ > 0], 99.5))
        for level in _LEVELS:
            for body in _filled(((above > level * top) & (open_ > 0)).astype(np.uint8), kernel):
                _, _, across, tall = cv2.boundingRect(body)
                if low * 0.8 <= max(across, tall) <= high * 1.3 and _is_compact(body, limits):
                    start = from_mask(body, limits.thin_ratio)
                    if 0.45 * low <= start.radius <= 0.6 * high and not any(_is_like(start, one) for one in met):
                        met.append(start)
                        yield start


def _above(small: Density, width: float) -> Density:
    """What is denser than its surroundings over about `width` pixels."""
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0) - cv2.GaussianBlur(small, (0, 0), width), dtype=np.float32)


def _is_like(first: Outline, second: Outline) -> bool:
    """Whether two outlines would be fitted to the same one."""
    away = np.hypot(first.row - second.row, first.column - second.column)
    same = abs(first.radius - second.radius) < 0.06 * second.radius
    return bool(same and away < 0.06 * second.radius and abs(first.tilt_deg - second.tilt_deg) < 8.0)


def _sizes_px(film: Film, shape: tuple[int, ...], by: int, limits: FilmLimits) -> tuple[float, float]:
    """Smallest and largest diameter of a pump on the reduced film."""
    if film.spacing_mm is None:
        return 0.12 * min(shape), 0.6 * min(shape)
    step = by * 0.5 * sum(film.spacing_mm)
    return limits.smallest_disc_mm / step, min(limits.largest_disc_mm / step, 0.95 * min(shape))


def _filled(mask: NDArray[np.uint8], kernel: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Each connected body without holes, and without the thin things that hang on it."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        if cv2.contourArea(outline) < 2.0 * kernel.size:
            continue
        body = np.zeros(mask.shape, dtype=np.uint8)
        cv2.drawContours(body, [outline], -1, 1, -1)
        opened = cv2.morphologyEx(body, cv2.MORPH_OPEN, kernel)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
        if count > 1:
            yield (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)


def _is_compact(body: NDArray[np.uint8], limits: FilmLimits) -> bool:
    """Whether a body fills its own hull."""
    (outline,) = cv2.findContours(body, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][:1]
    hull = float(cv2.contourArea(cv2.convexHull(outline)))
    return hull > 0.0 and float(cv2.contourArea(outline)) / hull > limits.compact_share


def _fit(small: Density, start: Outline, limits: FilmLimits) -> _Seen | None:
    """Fit the cylinder to the edges; None where they are not its."""
    outline = start
    for reach in (2.0 * limits.edge_reach, limits.edge_reach):
        points, fall = edge_points(small, outline, reach=reach)
        if len(points) < 40:
            return None
        outline, residual = fitted(points, outline)
    if not 0.7 < outline.radius / start.radius < 1.4:
        return None
    strength = float(np.median(fall))
    share = float((fall > 0.4 * strength).mean())
    if residual > limits.outline_residual or share < limits.edge_share or strength <= 0.0:
        return None
    return _Seen(outline=outline, residual=residual, share=share, strength=strength)


def _judged(film: Film, reduced: tuple[Density, int], seen: _Seen, limits: FilmLimits) -> FilmDevices:
    """Say whether a disc is a pump, and what it tells."""
    small, by = reduced
    outline = seen.outline
    pose = find_pose(small, outline, limits) if outline.tilt_deg <= limits.pose_tilt_deg else None
    scale = _magnification(film, outline, by, limits)
    known = pose is not None and pose.fit >= limits.pose_fit
    least = limits.shell_least if film.view is View.LATERAL else limits.shell_face
    if not known and _shell(small, _reduced(film, by)[1], outline) < least:
        return FilmDevices(why="a disc without a shell of metal was left alone")
    if not known and not (scale is not None and (pose is None or seen.share >= limits.whole_share)):
        return FilmDevices(why=f"a disc without a known pump's pattern was left alone{_told(pose)}")
    if film.spacing_mm is not None and scale is None:
        return FilmDevices(why="a disc of another size than a known pump's was left alone")
    pump = _pump(film, (outline, by), pose if known else None, limits)
    return FilmDevices(pumps=(replace(pump, magnification=scale),), why=_sentence(pump, scale))


def _magnification(film: Film, outline: Outline, by: int, limits: FilmLimits) -> float | None:
    """How much the pump is magnified if it is a known one; None where that cannot be, or the spacing is not known."""
    if film.spacing_mm is None:
        return None
    scale = 2.0 * outline.radius * by * 0.5 * sum(film.spacing_mm) / limits.known_diameter_mm
    return scale if limits.least_magnification <= scale <= limits.most_magnification else None


def _pump(film: Film, where: tuple[Outline, int], pose: Pose | None, limits: FilmLimits) -> FilmPump:
    """Put what was found into the film's own pixels."""
    outline, by = where
    toward = pose.toward if pose else tuple(float(v) for v in toward_of(outline, 0.0))
    radius = outline.radius * by
    thick = abs(outline.thickness - limits.thick_ratio) < abs(outline.thickness - limits.thin_ratio)
    return FilmPump(
        series_instance_uid=film.image.series_instance_uid,
        sop_instance_uid=film.sop_instance_uid,
        center=((outline.row + 0.5) * by - 0.5, (outline.column + 0.5) * by - 0.5),
        radius_px=radius,
        toward=(toward[0], toward[1], toward[2]),
        turn_deg=pose.turn_deg if pose and pose.margin >= limits.flip_margin else None,
        flipped=pose.flipped if pose and pose.margin >= limits.flip_margin else None,
        mm_per_px=limits.known_diameter_mm / 2.0 / radius,
        models=_MODELS[::-1] if thick else _MODELS,
        pattern=pose.fit if pose else 0.0,
    )


def _told(pose: Pose | None) -> str:
    return f" (its parts fit by {pose.fit:.2f})" if pose else ""


def _sentence(pump: FilmPump, scale: float | None) -> str:
    """What was found, for the line of the report."""
    row, column = (round(v) for v in pump.center)
    size = f"magnified {scale:.2f} times" if scale else "which alone gives the film its scale"
    turned = "its pattern could not be read" if pump.turn_deg is None else f"turned by {pump.turn_deg:.0f} degrees"
    return f"a pump at row {row}, column {column}, tilted by {pump.tilt_deg:.0f} degrees, {turned}, {size}"


def outline_of(pump: FilmPump, limits: FilmLimits, *, margin_px: float = 0.0) -> Outline:
    """The outline of a pump that was found, `margin_px` wider."""
    x, y, _ = pump.toward
    thick = bool(pump.models) and pump.models[0] == _MODELS[1]
    return Outline(
        row=pump.center[0],
        column=pump.center[1],
        radius=pump.radius_px + margin_px,
        tilt_deg=pump.tilt_deg,
        way_deg=float(np.degrees(np.arctan2(y, x))),
        thickness=limits.thick_ratio if thick else limits.thin_ratio,
    )
