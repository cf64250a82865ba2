"""Find the pump on a radiograph, calibrate the film by it, and read how it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.device.film.bodies import compact_bodies
from catheterview.device.film.edge_on import FINE_PX, edges_of, find_edge_on, sharpness
from catheterview.device.film.face import Pose, find_pose, toward_of
from catheterview.device.film.outline import Outline, edge_points, fitted
from catheterview.device.film.rounds import round_bodies
from catheterview.device.film.slabs import slabs
from catheterview.device.film.slant import stretched
from catheterview.limits.film import FilmLimits
from catheterview.model.film import Density, Film, FilmPump, View

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


def find_film_pump(film: Film, limits: FilmLimits, *, frontal: FilmPump | None = None) -> FilmDevices:
    """Find the pump on a film.

    Parameters
    ----------
    film : Film
    limits : FilmLimits
    frontal : FilmPump, optional
        As the frontal film of the same detector has it; what is far above or below is left alone.

    Returns
    -------
    FilmDevices
        At most one pump: the body whose outline and pattern fit best.

    Notes
    -----
    With a frontal film, outlines of its size are tried at its height (`catheterview.device.film.edge_on`). Else the
    film is cut at many levels above its own surroundings; every compact body of a pump's size is fitted with the shadow
    of a tilted flat cylinder. What fits is a pump where the pattern inside is one as well, or where it is seen edge on,
    with a known pump's thickness, on a film whose scale is known.
    """
    by = max(1, round(film.density.shape[0] / limits.search_px))
    small, open_ = _reduced(film, by)
    if frontal is not None:
        near = ((frontal.center[0] + 0.5) / by - 0.5, frontal.radius_px / by)
        found = find_edge_on(edges_of(small, open_), near, limits)
        if found is not None:
            return _edge_on(film, (found[0], by), limits)
    seen = _discs(film, (small, open_), by, limits)
    if frontal is not None:
        reach = limits.other_view_share * small.shape[0]
        seen = [found for found in seen if abs(found.outline.row - frontal.center[0] / by) <= reach]
    if not seen:
        return FilmDevices(why="no body with the outline of a pump was found")
    best = max(seen, key=_merit)
    other = _fit(small, replace(best.outline, thickness=limits.thick_ratio), limits)
    best = max((best, other or best), key=_merit)
    return _judged(film, (small, by), replace(best, outline=_refined(film, best.outline, by, limits)), limits)


def _discs(film: Film, reduced: tuple[Density, NDArray[np.uint8]], by: int, limits: FilmLimits) -> list[_Seen]:
    """Every body that a pump's shadow fits and that has a shell."""
    small, open_ = reduced
    sizes = _sizes_px(film, small.shape, by, limits)
    starts = (
        *round_bodies(small, sizes, limits.thin_ratio),
        *compact_bodies(small, open_, sizes, limits),
        *slabs(small, open_, sizes, limits),
    )
    seen = [found for start in starts if (found := _fit(small, start, limits))]
    return [found for found in seen if _shell(small, open_, found.outline) >= limits.shell_least]


def _edge_on(film: Film, where: tuple[Outline, int], limits: FilmLimits) -> FilmDevices:
    """What a pump on its edge tells, whose outline was found on the coarse pixels."""
    outline = _refined(film, where[0], where[1], limits, sharp=True)
    scale = _magnification(film, outline, where[1], limits)
    if film.spacing_mm is not None and scale is None:
        return FilmDevices(why="a disc of another size than a known pump's was left alone")
    pump = replace(_pump(film, (outline, where[1]), None, limits), magnification=scale)
    return FilmDevices(pumps=(pump,), why=_sentence(pump, scale))


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


def _refined(film: Film, outline: Outline, by: int, limits: FilmLimits, *, sharp: bool = False) -> Outline:
    """Fit once more on finer pixels, with `sharp` to what is fine there; the outline stays in the coarse ones."""
    fine = max(1, by // 2)
    ratio = by / fine
    small, _ = _reduced(film, fine)
    start = replace(
        outline,
        row=(outline.row + 0.5) * ratio - 0.5,
        column=(outline.column + 0.5) * ratio - 0.5,
        radius=outline.radius * ratio,
    )
    plane = small - cv2.GaussianBlur(small, (0, 0), FINE_PX * ratio) if sharp else small
    points, fall = edge_points(cv2.GaussianBlur(plane, (0, 0), 1.0), start, reach=limits.fine_reach)
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


def _sizes_px(film: Film, shape: tuple[int, ...], by: int, limits: FilmLimits) -> tuple[float, float]:
    """Smallest and largest diameter of a pump on the reduced film."""
    if film.spacing_mm is None:
        return 0.12 * min(shape), 0.6 * min(shape)
    step = by * 0.5 * sum(film.spacing_mm)
    return limits.smallest_disc_mm / step, min(limits.largest_disc_mm / step, 0.95 * min(shape))


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
    open_ = _reduced(film, by)[1]
    if not known and _shell(small, open_, outline) < least:
        return FilmDevices(why="a disc without a shell of metal was left alone")
    rounded = replace(outline, rim=limits.rim_share)
    if not known and sharpness(edges_of(small, open_), rounded) < limits.edge_on_least:
        return FilmDevices(why="a disc whose edge is not sharp all round was left alone")
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
    scale = 2.0 * _straight(film, outline, by, limits) * 0.5 * sum(film.spacing_mm) / limits.known_diameter_mm
    return scale if limits.least_magnification <= scale <= limits.most_magnification else None


def _straight(film: Film, outline: Outline, by: int, limits: FilmLimits) -> float:
    """The radius in the film's pixels that the pump would show straight below the source."""
    at = ((outline.row + 0.5) * by - 0.5, (outline.column + 0.5) * by - 0.5)
    return outline.radius * by / stretched(film, at, toward_of(outline, 0.0), limits)


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
        mm_per_px=limits.known_diameter_mm / 2.0 / _straight(film, outline, by, limits),
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
