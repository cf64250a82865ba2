"""A pump seen on its edge, on a film whose frontal partner tells its height and its size.

Beside the skin the film's density falls so steeply that a pump's level says nothing; its outline is sharp all the same,
all round. Outlines are tried everywhere at that height: a Hough transform for the shadow of a flat cylinder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from catheterview.device.film.outline import Outline, edge_points, fitted
from catheterview.geometry import FloatArray
from catheterview.limits.film import FilmLimits
from catheterview.model.film import Density

_WAYS = 16
_CORNERS = 28
#: What is coarser than the blur of an edge is taken away.
FINE_PX = 4.0
_MOST = 8.0  # of the film's own median: one very sharp edge does not stand for all
_STEP = (3, 2)  # rows and columns from try to try; an edge is looked for one pixel to each side
_KEPT = 3  # of each thickness


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """How sharply a film falls in each of 16 directions (16, R, C), in its own median, and the film's fine part."""

    falls: NDArray[np.float32]
    fine: Density

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.fine.shape[0], self.fine.shape[1]


def edges_of(small: Density, open_: NDArray[np.uint8]) -> Edges:
    """Look at a film with pixels of about a millimetre for its sharp edges; the shutters' are left out."""
    shut = cv2.dilate((open_ == 0).astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    fine = small - cv2.GaussianBlur(small, (0, 0), FINE_PX)
    fine[shut] = 0.0
    smooth = cv2.GaussianBlur(fine, (0, 0), 0.8)
    right = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125)
    usual = float(np.median(np.hypot(right, down)[~shut])) if not shut.all() else 1.0
    angles = 2.0 * np.pi * np.arange(_WAYS) / _WAYS
    falls = [cv2.dilate(-(right * np.cos(a) + down * np.sin(a)), np.ones((3, 3), np.uint8)) for a in angles]
    return Edges(falls=np.stack(falls).astype(np.float32) / np.float32(max(usual, 1e-9)), fine=fine)


def find_edge_on(edges: Edges, near: tuple[float, float], limits: FilmLimits) -> tuple[Outline, float] | None:
    """Find the outline of a pump that is turned away from the reader.

    Parameters
    ----------
    edges : Edges
    near : (row, radius)
        As the frontal film tells them, pixels of `edges`.
    limits : FilmLimits

    Returns
    -------
    outline : Outline
    score : float
        As `sharpness`; None where nothing reaches `limits.edge_on_least`.
    """
    reach = limits.other_view_share * edges.shape[0]
    rows = np.arange(max(0.0, near[0] - reach), min(edges.shape[0] - 1.0, near[0] + reach) + 1.0, _STEP[0]).astype(int)
    columns = np.arange(4, edges.shape[1] - 4, _STEP[1])
    tried = sorted(_tried(edges, (rows, columns), near[1], limits), key=lambda one: -one[1])[:_KEPT]
    settled = [
        (outline, sharpness(edges, outline)) for start, _ in tried for outline in (start, _settled(edges, start))
    ]
    best = max(settled, key=lambda one: one[1], default=None)
    return best if best is not None and best[1] >= limits.edge_on_least else None


def _tried(
    edges: Edges, at: tuple[NDArray[np.intp], NDArray[np.intp]], radius: float, limits: FilmLimits
) -> Iterator[tuple[Outline, float]]:
    """The best place for every shape that a known pump has on its edge."""
    rows, columns = at
    shares, tilts, ways = np.arange(0.82, 1.15, 0.04), np.arange(60.0, 91.0, 6.0), (-12.0, -6.0, 0.0, 6.0, 12.0)
    for thickness, share, tilt, way in product((limits.thin_ratio, limits.thick_ratio), shares, tilts, ways):
        shape = Outline(
            row=0.0, column=0.0, radius=share * radius, tilt_deg=tilt, way_deg=way, thickness=thickness,
            rim=limits.rim_share,
        )  # fmt: skip
        score = _scores(edges, shape, at)
        row, column = np.unravel_index(int(score.argmax()), score.shape)
        found = replace(shape, row=float(rows[row]), column=float(columns[column]))
        yield found, float(score.max())


def sharpness(edges: Edges, outline: Outline) -> float:
    """How sharp the film's edge is all round an outline: its mean, and twice what its weakest seventh reaches."""
    at = (np.array([round(outline.row)]), np.array([round(outline.column)]))
    return float(_scores(edges, outline, at)[0, 0])


def _scores(edges: Edges, shape: Outline, at: tuple[NDArray[np.intp], NDArray[np.intp]]) -> NDArray[np.float32]:
    """`sharpness` of one shape round every place (R, C)."""
    offsets, normals = _corners(shape)
    ways = np.round(np.arctan2(normals[:, 0], normals[:, 1]) / (2.0 * np.pi / _WAYS)).astype(int) % _WAYS
    seen = np.empty((_CORNERS, len(at[0]), len(at[1])), dtype=np.float32)
    for n, (row, column) in enumerate(np.round(offsets).astype(int)):
        rows = np.clip(at[0] + row, 0, edges.shape[0] - 1)
        seen[n] = edges.falls[ways[n]][rows[:, None], np.clip(at[1] + column, 0, edges.shape[1] - 1)[None]]
    weak = _CORNERS // 7
    return np.asarray(np.minimum(seen, _MOST).mean(axis=0) + 2.0 * np.partition(seen, weak, axis=0)[weak])


def _corners(shape: Outline) -> tuple[FloatArray, FloatArray]:
    """Points equally far apart round an outline, less its middle, and unit vectors outwards (N, 2) each."""
    points = shape.points - np.array([shape.row, shape.column])
    ring = np.concatenate([points, points[:1]])
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    at = np.linspace(0.0, arc[-1], _CORNERS, endpoint=False)
    here, ahead = (np.stack([np.interp(a % arc[-1], arc, axis) for axis in ring.T], axis=1) for a in (at, at + 0.5))
    along = ahead - here
    out = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.linalg.norm(along, axis=1)[:, None]
    return here, out * np.sign((out * here).sum(axis=1))[:, None]


def _settled(edges: Edges, start: Outline) -> Outline:
    """Fit to the edges near the outline."""
    points, fall = edge_points(edges.fine, start, reach=0.08)
    keep = fall > 0.3 * float(np.median(fall)) if len(fall) else np.zeros(0, dtype=bool)
    return fitted(points[keep], start)[0] if int(keep.sum()) >= 30 else start
