"""The pattern inside a pump: where it is turned, and whether it is seen from the back.

The arrangement is that of the catalogue's pump, drawn after radiographs; see `catheterview.limits.film` for what it
rests on. Poses are tried by drawing the parts as they would be seen and comparing (normalised correlation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.device.film.outline import Outline
from catheterview.geometry import FloatArray
from catheterview.limits.film import PUMP_PARTS, FilmLimits, PumpPart
from catheterview.model.film import Density, tilting

_CELLS = 72  # of the patch, across 1.1 diameters
_SPAN = 1.1
_STEP_MM, _TALL_STEP_MM = 1.3, 1.6
_TITANIUM_PER_MM = 0.348  # at 60 keV, from its mass attenuation coefficient and density
_SCATTER = 1.0  # over primary radiation behind a grid (clinical reference E.4): what is dense is not seen to be denser
_SHIFT = 3  # cells by which the pattern may be off the outline's middle


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How the pattern lies, as `catheterview.model.film.FilmPump`; `margin`: by how much the other side fits worse."""

    toward: tuple[float, float, float]
    turn_deg: float
    flipped: bool
    fit: float
    margin: float = 0.0


@lru_cache(maxsize=8)
def _cloud(thickness_mm: float) -> tuple[FloatArray, FloatArray]:
    """Points (N, 3) in the pump's own axes and their titanium (N,), over the radius."""
    half = thickness_mm / 2.0
    flat = np.arange(-43.0, 43.1, _STEP_MM)
    tall = np.arange(-half + 1.2, half, _TALL_STEP_MM)
    n, v, u = np.meshgrid(tall, flat, flat, indexing="ij")
    dense = np.zeros(n.shape)
    for part in PUMP_PARTS:
        dense[_within(part, (u, v, n), half)] = part.titanium
    keep = dense > 0.0
    return np.stack([u[keep], v[keep], n[keep]], axis=1), dense[keep]


def _within(part: PumpPart, at: tuple[FloatArray, FloatArray, FloatArray], half: float) -> NDArray[np.bool_]:
    """Which points a part holds; heights below zero count from the back, others from the face."""
    u, v, n = at
    low, high = (edge if part.from_middle else (edge + half if edge < 0.0 else edge - half) for edge in part.span_mm)
    tall = (n >= min(low, high)) & (n <= max(low, high))
    if len(part.size_mm) == 2:
        return tall & (np.abs(u - part.at_mm[0]) < part.size_mm[0]) & (np.abs(v - part.at_mm[1]) < part.size_mm[1])
    return tall & (np.hypot(u - part.at_mm[0], v - part.at_mm[1]) < part.size_mm[0])


def find_pose(density: Density, outline: Outline, limits: FilmLimits) -> Pose:
    """Find how the pattern is turned, of which side it is seen, and to which side it is tilted.

    Parameters
    ----------
    density : (R, C) float32
    outline : Outline
        Of the pump.
    limits : FilmLimits

    Returns
    -------
    Pose
        The best, with its correlation.
    """
    patch = _patch(density, outline)
    thickness = outline.thickness * limits.known_diameter_mm
    coarse = [
        _tried(patch, (outline, way, turn, flipped), thickness)
        for way in (0.0, 180.0)
        for flipped in (False, True)
        for turn in np.arange(-180.0, 180.0, limits.pose_step_deg)
    ]
    best = max(coarse, key=lambda pose: pose.fit)
    other = max(pose.fit for pose in coarse if pose.flipped != best.flipped)
    margin = best.fit - other
    for step in (limits.pose_step_deg / 3.0, limits.pose_step_deg / 9.0, limits.pose_step_deg / 18.0):
        way = 0.0 if _same_way(best, outline) else 180.0
        turns = best.turn_deg + step * np.arange(-2, 3)
        best = max(
            (_tried(patch, (outline, way, float(turn), best.flipped), thickness) for turn in turns),
            key=lambda pose: pose.fit,
        )
    return replace(best, margin=margin)


def _same_way(pose: Pose, outline: Outline) -> bool:
    """Whether a pose is tilted along the outline's way, not against it."""
    way = np.radians(outline.way_deg)
    return bool(pose.toward[0] * np.cos(way) + pose.toward[1] * np.sin(way) >= 0.0)


def toward_of(outline: Outline, way_deg: float) -> FloatArray:
    """The disc's axis as (right, up, to the viewer)."""
    tilt, way = np.radians(outline.tilt_deg), np.radians(outline.way_deg + way_deg)
    return np.array([np.sin(tilt) * np.cos(way), np.sin(tilt) * np.sin(way), np.cos(tilt)])


def _tried(patch: NDArray[np.float32], pose: tuple[Outline, float, float, bool], thickness_mm: float) -> Pose:
    """Draw the pattern in one pose and compare."""
    outline, way, turn, flipped = pose
    toward = toward_of(outline, way)
    angle = np.radians(turn)
    u = tilting(toward) @ np.array([np.cos(angle), np.sin(angle), 0.0])
    n = -toward if flipped else toward
    seen = _drawn(np.stack([u, np.cross(n, u)]), n, thickness_mm)
    inner = seen[_SHIFT:-_SHIFT, _SHIFT:-_SHIFT]
    fit = float(cv2.matchTemplate(patch, inner, cv2.TM_CCOEFF_NORMED).max())
    x, y, z = (float(a) for a in toward)
    return Pose(toward=(x, y, z), turn_deg=(turn + 180.0) % 360.0 - 180.0, flipped=flipped, fit=fit)


def _drawn(flat: FloatArray, normal: FloatArray, thickness_mm: float) -> NDArray[np.float32]:
    """The parts as they are seen: (cells, cells), row 0 at the top."""
    points, weight = _cloud(round(thickness_mm, 1))
    axes = np.stack([flat[0], flat[1], normal])
    right, up = points @ axes[:, 0], points @ axes[:, 1]
    cell = _SPAN * 87.5 / _CELLS
    i = np.floor(right / cell + _CELLS / 2.0).astype(np.int64)
    j = np.floor(-up / cell + _CELLS / 2.0).astype(np.int64)
    inside = (i >= 0) & (i < _CELLS) & (j >= 0) & (j < _CELLS)
    sums = np.bincount(j[inside] * _CELLS + i[inside], weights=weight[inside], minlength=_CELLS * _CELLS)
    metal_mm = sums.reshape(_CELLS, _CELLS) * _STEP_MM**2 * _TALL_STEP_MM / cell**2
    primary = np.exp(-_TITANIUM_PER_MM * metal_mm)
    return _flattened(-np.log((primary + _SCATTER) / (1.0 + _SCATTER)).astype(np.float32))


def _patch(density: Density, outline: Outline) -> NDArray[np.float32]:
    """The pump's part of the film on the same cells."""
    side = _SPAN * 2.0 * outline.radius
    at = (np.arange(_CELLS) + 0.5) / _CELLS - 0.5
    columns = np.tile(outline.column + side * at, (_CELLS, 1)).astype(np.float32)
    rows = np.tile((outline.row + side * at)[:, None], (1, _CELLS)).astype(np.float32)
    blurred = cv2.GaussianBlur(density, (0, 0), max(0.6, 0.4 * side / _CELLS))
    seen = cv2.remap(blurred, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    height, width = density.shape[:2]
    inside = cv2.remap(outline.mask((height, width)).astype(np.float32), columns, rows, cv2.INTER_LINEAR)
    level = float(np.median(seen[inside > 0.5])) if (inside > 0.5).any() else 0.0
    return _flattened(np.where(inside > 0.5, seen, level).astype(np.float32), inside)


def _flattened(seen: NDArray[np.float32], inside: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Take the coarse shading away, soften single cells, and fade what lies near the rim."""
    fine = cv2.GaussianBlur(seen, (0, 0), 0.8)
    out = fine - cv2.GaussianBlur(seen, (0, 0), 7.0)
    if inside is not None:
        core = cv2.erode((inside > 0.5).astype(np.uint8), np.ones((7, 7), np.uint8)).astype(np.float32)
        out = out * cv2.GaussianBlur(core, (0, 0), 1.5)
    spread = float(out.std())
    return np.asarray(np.clip(out, -2.5 * spread, 2.5 * spread), dtype=np.float32)
