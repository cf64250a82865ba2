"""From centred lines to a `Centreline`: joined to the pump, cut into pieces where the tube is shown to be absent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Frame, resample_polyline, unit
from catheterview.limits import TraceLimits
from catheterview.model import Centreline, Image, Landmarks, Pump
from catheterview.resample import sample
from catheterview.trace.absence import clear_mm
from catheterview.trace.bridge import box_round
from catheterview.trace.field import inside_pump, rim_of
from catheterview.trace.presence import Presence, presence_along
from catheterview.trace.profile import Profile, fade_of, profile_along, spokes_of

BoolArray = NDArray[np.bool_]


def assemble(
    image: Image,
    legs: list[FloatArray],
    pump_and_doubtful: tuple[Pump, FloatArray],
    limits: TraceLimits,
    *,
    unjudged: FloatArray | None = None,
) -> Centreline:
    """Make the centreline of a catheter from its legs.

    Parameters
    ----------
    legs : list of (N, 3) float64, LPS mm, pump end first
        Between two legs the catheter is severed.
    pump_and_doubtful : Pump, (D, 3) LPS mm
        Where the first leg begins, and places that were bridged unseen.
    unjudged : (N, 3) float64, LPS mm, optional
        Turns that touch, which have no free surroundings to stand out of, and a way that stands for loops that could
        not be followed: that these show no tube says nothing.

    Returns
    -------
    Centreline
        Points at steps of `limits.step_mm`; one piece for each run without a gap.
    """
    pump, doubtful = pump_and_doubtful
    first = _joined_to_pump(image, legs[0], pump, limits)
    guessed = first[: len(first) - len(legs[0])]
    if len(guessed) * limits.step_mm > limits.guessed_mm:
        doubtful = np.concatenate([doubtful, guessed])  # how it gets to the pump is not seen
    legs = [first, *legs[1:]]
    line = _to_edge(_centreline(image, legs, limits, (Landmarks(pump=0), unjudged)), pump, limits)
    if not len(doubtful):
        return line
    away = np.asarray(cKDTree(doubtful).query(line.points)[0])
    return replace(line, confidence=np.where(away <= limits.unseen_reach_mm, 0.5, 1.0) * line.confidence)


def _to_edge(line: Centreline, pump: Pump, limits: TraceLimits) -> Centreline:
    """A line that begins at the pump's rim led on to its edge: within the metal's blooming the tube is not seen."""
    away = line.points[0] - np.array(pump.center_mm)
    flat = away - np.array(pump.normal) * (away @ np.array(pump.normal))
    radial_mm = float(np.linalg.norm(flat))
    count = round((radial_mm - pump.diameter_mm / 2) / limits.step_mm)
    if not 0 < count * limits.step_mm <= limits.pump_margin_mm + 2 * limits.step_mm:
        return line
    points = line.points[0] - flat / radial_mm * limits.step_mm * np.arange(count, 0, -1)[:, None]
    first = slice(0, 1)
    return replace(
        line,
        points=np.concatenate([points, line.points]),
        pieces=tuple((first_n + count if n else 0, last_n + count) for n, (first_n, last_n) in enumerate(line.pieces)),
        radius=np.concatenate([np.repeat(line.radius[first], count), line.radius]),
        confidence=np.concatenate([np.repeat(line.confidence[first] / 2, count), line.confidence]),
        contrast=np.concatenate([np.repeat(line.contrast[first], count), line.contrast]),
        noise=np.concatenate([np.repeat(line.noise[first], count), line.noise]),
        landmarks=replace(line.landmarks, tip=len(line.points) - 1 + count),
    )


def centreline_of(image: Image, legs: list[FloatArray], limits: TraceLimits, *, landmarks: Landmarks) -> Centreline:
    """Measure lines and cut them where the tube is shown to be absent; the last point is the tip of a pump's catheter.

    Parameters
    ----------
    legs : list of (N, 3) float64, LPS mm, at steps of `limits.step_mm`
    landmarks : Landmarks
        With `pump` set when the first point is at the pump.
    """
    return _centreline(image, legs, limits, (landmarks, None))


def _centreline(
    image: Image, legs: list[FloatArray], limits: TraceLimits, how: tuple[Landmarks, FloatArray | None]
) -> Centreline:
    """The centreline of lines, cut where the tube is shown to be absent, but for what was not followed."""
    landmarks, unjudged = how
    parts = [part for leg in legs for part in _judged(image, leg, limits, unjudged)]
    parts = _without_islands([part for part in parts if len(part.points) >= 2], limits)
    last = np.cumsum([len(part.points) for part in parts])
    points = np.concatenate([part.points for part in parts])
    return Centreline(
        series_instance_uid=image.series_instance_uid,
        frame=Frame.PATIENT,
        points=points,
        pieces=tuple((int(end - len(part.points)), int(end) - 1) for end, part in zip(last, parts, strict=True)),
        radius=np.concatenate([part.radius for part in parts]),
        confidence=np.concatenate([part.confidence for part in parts]),
        contrast=np.concatenate([part.contrast for part in parts]),
        noise=np.concatenate([part.noise for part in parts]),
        landmarks=landmarks if landmarks.pump is None else replace(landmarks, tip=len(points) - 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """A run of points without a gap."""

    points: FloatArray
    radius: FloatArray
    confidence: FloatArray
    contrast: FloatArray
    noise: FloatArray


def gap_shown(image: Image, parts: tuple[FloatArray, FloatArray, FloatArray], limits: TraceLimits) -> bool:
    """Whether the image shows that there is no tube on the way between two lines.

    Parameters
    ----------
    parts : three (N, 3) float64, LPS mm, at steps of `limits.step_mm`
        The line before, the way, and the line after it; the tube's contrast is taken from the lines beside the way.
    """
    before, way, after = parts
    beside = round(limits.expected_window_mm / limits.step_mm)
    line = np.concatenate([before[-beside:], way[1:-1], after[:beside]])
    presence = _presence(image, line, profile_along(image, line, limits), limits)
    first = len(before[-beside:])
    return bool(presence.absent[first : first + len(way) - 2].any())


def _presence(image: Image, leg: FloatArray, profile: Profile, limits: TraceLimits) -> Presence:
    """What the image says of the tube along a leg, and round what of it was not seen."""
    resolution = max(float(image.placed.spacing_mm.max()), image.slice_thickness_mm or 0.0)
    depth = _depth(image, leg, limits)
    presence = presence_along(profile, resolution, limits, depth=depth)
    if depth is not None:
        return presence
    needed_mm = max(limits.way_clear_mm, limits.absent_resolutions * resolution)
    tube = (
        fade_of(profile, limits),
        max(float(np.median(profile.core)) + limits.tissue_range_hu, limits.soft_tissue_hu),
    )
    shown = np.zeros(len(leg), dtype=np.bool_)
    back = round(limits.way_back_mm / limits.step_mm)
    for run in _runs(presence.hidden):
        first, last = run.start - back, run.stop - 1 + back
        if first < 0 or last >= len(leg) or (run.stop - run.start) * limits.step_mm < limits.way_hidden_mm:
            continue
        shown[run] = clear_mm(image, leg[[first, last]], tube, limits) >= needed_mm
    return replace(presence, absent=presence.absent | shown, hidden=presence.hidden & ~shown)


def _judged(image: Image, leg: FloatArray, limits: TraceLimits, unjudged: FloatArray | None) -> list[_Part]:
    """Measure a leg, and cut it where the tube is shown to be absent."""
    profile = profile_along(image, leg, limits)
    presence = _presence(image, leg, profile, limits)
    absent = presence.absent
    if unjudged is not None and len(unjudged):
        absent = absent & (np.asarray(cKDTree(unjudged).query(leg)[0]) > limits.unseen_reach_mm)
    confidence = np.clip(presence.ratio, 0.0, 1.0) * np.where(presence.hidden, 0.5, 1.0)
    radius = _radius_along(image, leg, limits)
    return [
        _Part(
            points=leg[run],
            radius=radius[run],
            confidence=confidence[run],
            contrast=np.maximum(profile.contrast[run], 0.0),
            noise=profile.spread[run],
        )
        for run in _runs(~absent)
    ]


def _depth(image: Image, leg: FloatArray, limits: TraceLimits) -> FloatArray | None:
    """(N,) place of a line in units of slices, where slices leave tissue between them unseen; else None."""
    spacing_mm = float(image.placed.spacing_mm[0])
    if (image.slice_thickness_mm or spacing_mm) + limits.scanned_slack_mm >= spacing_mm:
        return None
    return np.asarray(image.placed.world_to_index(leg)[:, 0], dtype=np.float64)


def _without_islands(parts: list[_Part], limits: TraceLimits) -> list[_Part]:
    """Drop a short or doubtful run between two gaps: a chain of noise that links followed from end to end."""
    last = len(parts) - 1
    return [
        part
        for n, part in enumerate(parts)
        if n in (0, last)
        or len(part.points) * limits.step_mm
        >= (limits.island_mm if part.confidence.mean() >= limits.island_confidence else 2 * limits.island_mm)
    ]


def _runs(there: BoolArray) -> list[slice]:
    """The runs of True, as slices."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return [slice(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _radius_along(image: Image, line: FloatArray, limits: TraceLimits) -> FloatArray:
    """(N,) mm from the line at which the tube's brightness has fallen to half, between its core and its surroundings.

    It is the radius as it appears, blurred by the scanner, averaged over a centimetre.
    """
    radii = np.arange(0.0, limits.ring_mm + 0.1, 0.2)
    spokes = spokes_of(line)[:, ::2]
    value = sample(image, line[:, None, None] + radii[None, :, None, None] * spokes[:, None]).mean(axis=2)
    value = gaussian_filter1d(value.astype(np.float64), 5.0 / limits.step_mm, axis=0, mode="nearest")
    half = (value[:, :1] + value[:, -1:]) / 2
    below = value < half
    first = np.where(below.any(axis=1), below.argmax(axis=1), len(radii) - 1)
    first = np.maximum(first, 1)
    rows = np.arange(len(line))
    upper, lower = value[rows, first - 1], value[rows, first]
    part = np.clip((upper - half[:, 0]) / np.maximum(upper - lower, 1e-6), 0.0, 1.0)
    return np.asarray(radii[first - 1] + 0.2 * part)


def _joined_to_pump(image: Image, leg: FloatArray, pump: Pump, limits: TraceLimits) -> FloatArray:
    """Lead a leg back to the pump's rim by the brightest short way round the pump; from far off, straight."""
    rim = rim_of(pump, limits)
    nearest = rim[int(np.argmin(np.linalg.norm(rim - leg[0], axis=1)))]
    gap = float(np.linalg.norm(nearest - leg[0]))
    if gap <= 2 * limits.step_mm:
        return leg
    if gap > limits.past_bone_mm:
        return np.concatenate([resample_polyline(np.stack([nearest, leg[0]]), step=limits.step_mm)[:-1], leg])
    straight = _straight_to(rim, leg, gap, limits)
    if straight is not None and _as_bright(image, straight, leg, limits):
        return np.concatenate([straight[:-1], leg])
    way = _way_to_rim(image, leg[0], pump, (rim[np.linalg.norm(rim - leg[0], axis=1) <= 1.5 * gap + 5.0], limits))
    return np.concatenate([resample_polyline(way[::-1], step=limits.step_mm)[:-1], leg])


def _straight_to(rim: FloatArray, leg: FloatArray, gap: float, limits: TraceLimits) -> FloatArray | None:
    """(N, 3) LPS mm from the rim straight on to a leg: a connector is stiff. None where it would pass the rim by."""
    back = unit(leg[0] - leg[min(round(limits.connector_mm / limits.step_mm), len(leg) - 1)])
    ahead = (rim - leg[0]) @ back
    aside = np.linalg.norm(rim - leg[0] - ahead[:, None] * back, axis=1)
    met = (aside <= limits.ring_mm) & (ahead > 0) & (ahead <= limits.connector_share * gap)
    if gap > limits.at_rim_mm or not met.any():
        return None
    return resample_polyline(np.stack([leg[0] + float(ahead[met].min()) * back, leg[0]]), step=limits.step_mm)


def _as_bright(image: Image, way: FloatArray, leg: FloatArray, limits: TraceLimits) -> bool:
    """Whether a way is nowhere darker than the beginning of the leg that it leads to."""
    begun = leg[: round(4 * limits.connector_mm / limits.step_mm)]
    return bool(sample(image, way).min() >= limits.connector_seen * np.median(sample(image, begun)))


def _way_to_rim(image: Image, start: FloatArray, pump: Pump, towards: tuple[FloatArray, TraceLimits]) -> FloatArray:
    """The cheapest way through the voxels from a point to any of some points of the rim."""
    rim, limits = towards
    box = box_round(image, np.concatenate([start[None], rim]), limits.connector_contrast_hu, limits)
    grid = image.placed.cropped(box.first_kji, box.cost.shape)
    places = grid.index_to_world(np.moveaxis(np.indices(box.cost.shape), 0, -1))
    box.cost[inside_pump(pump, places, limits)] = box.cost.max()
    finder = box.finder()
    costs, _ = finder.find_costs([box.voxel(start)])
    ends = [box.voxel(point) for point in rim]
    best = ends[int(np.argmin([costs[end] for end in ends]))]
    way = box.points(finder.traceback(best))
    return np.concatenate([start[None], resample_polyline(way, step=1.5)[1:]])
