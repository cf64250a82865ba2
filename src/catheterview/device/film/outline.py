"""The outline of a flat cylinder on a film: what it must be, and the one that fits the edges best."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from catheterview.geometry import FloatArray
from catheterview.model.film import Density

_CORNERS = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The outline of a tilted flat cylinder, in pixels.

    Parameters
    ----------
    row, column : float
        Of its middle.
    radius : float
        Of the cylinder.
    tilt_deg : float, 0 to 90
    way_deg : float
        In which direction of the film it is foreshortened: 0 to the right, counter-clockwise, modulo 180.
    thickness : float
        Over the diameter.
    rim : float
        Radius to which the cylinder's edges are rounded, over its own; about 3 mm on pumps as radiographs show them.
    """

    row: float
    column: float
    radius: float
    tilt_deg: float
    way_deg: float
    thickness: float
    rim: float = 0.0

    @property
    def points(self) -> FloatArray:
        """(N, 2) (row, column) round the outline.

        The shadow of a cylinder is the shadow of its disc moved along the foreshortened way by that of its axis; that
        of one with rounded edges is the shadow of a smaller one, and a circle rolled round it.
        """
        angle = np.linspace(0.0, 2.0 * np.pi, _CORNERS, endpoint=False)
        tilt, way = np.radians(self.tilt_deg), np.radians(self.way_deg)
        cosine, sine = max(float(np.cos(tilt)), 0.03), float(np.sin(tilt))
        out = np.stack([np.cos(angle), cosine * np.sin(angle)])
        out = self.rim * out / np.linalg.norm(out, axis=0)
        half = max(self.thickness - self.rim, 0.0) * sine
        along = self.radius * ((1.0 - self.rim) * cosine * np.cos(angle) + half * np.sign(np.cos(angle)) + out[0])
        across = self.radius * ((1.0 - self.rim) * np.sin(angle) + out[1])
        right = along * np.cos(way) - across * np.sin(way)
        up = along * np.sin(way) + across * np.cos(way)
        return np.stack([self.row - up, self.column + right], axis=1)

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Which pixels (R, C) it covers."""
        filled = np.zeros(shape, dtype=np.uint8)
        corners = np.round(self.points[:, ::-1] * 16.0).astype(np.int32)
        cv2.fillPoly(filled, [corners.reshape(-1, 1, 2)], 1, shift=4)
        return np.asarray(filled, dtype=bool)


def from_mask(mask: NDArray[np.uint8], thickness: float) -> Outline:
    """The cylinder whose shadow has the area's middle, main axes and moments."""
    moments = cv2.moments(mask, binaryImage=True)
    spread = np.array([[moments["mu20"], moments["mu11"]], [moments["mu11"], moments["mu02"]]]) / moments["m00"]
    sizes, ways = np.linalg.eigh(spread)
    radius = 2.0 * float(np.sqrt(sizes[1]))
    ratio = float(np.sqrt(sizes[0] / sizes[1]))
    way = ways[:, 0]
    return Outline(
        row=moments["m01"] / moments["m00"],
        column=moments["m10"] / moments["m00"],
        radius=radius,
        tilt_deg=_tilt_of(ratio, thickness),
        way_deg=float(np.degrees(np.arctan2(-way[1], way[0]))) % 180.0,
        thickness=thickness,
    )


def _tilt_of(ratio: float, thickness: float) -> float:
    """The tilt at which the shadow is `ratio` as wide as long."""
    tilt = np.radians(np.arange(0.0, 90.5, 0.5))
    return float(np.degrees(tilt[np.argmin(np.abs(np.cos(tilt) + thickness * np.sin(tilt) - ratio))]))


def edge_points(density: Density, start: Outline, *, reach: float) -> tuple[FloatArray, FloatArray]:
    """Where the density falls most along rays outwards, near an outline.

    Parameters
    ----------
    density : (R, C) float32
    start : Outline
    reach : float
        How far to look, as a share of the radius.

    Returns
    -------
    points : (N, 2) (row, column)
    fall : (N,) float64
        How much the density falls there over a fiftieth of the radius.
    """
    outline = start.points
    middle = np.array([start.row, start.column])
    out = outline - middle
    length = np.linalg.norm(out, axis=1)
    out = out / length[:, None]
    step = max(0.5, start.radius / 150.0)
    offsets = np.arange(-reach * start.radius, reach * start.radius + step, step)
    at = middle + (length[:, None] + offsets)[..., None] * out[:, None]
    seen = cv2.remap(
        np.ascontiguousarray(density), at[..., 1].astype(np.float32), at[..., 0].astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    span = max(1, round(0.02 * start.radius / step))
    fall = seen[:, :-span] - seen[:, span:]
    best = np.argmax(fall, axis=1)
    points = at[np.arange(len(at)), best] + 0.5 * span * step * out
    inside = (points > 1.0).all(axis=1) & (points < np.array(density.shape) - 2.0).all(axis=1)
    return points[inside], fall[np.arange(len(at)), best][inside]


def fitted(points: FloatArray, start: Outline) -> tuple[Outline, float]:
    """Fit the outline to edge points; outliers, as where the catheter leaves, are drawn on little.

    Returns
    -------
    outline : Outline
    residual : float
        Median distance of the points from it, as a share of the radius.
    """
    scale = start.radius

    def outline_of(p: FloatArray) -> Outline:
        return Outline(
            row=start.row + p[0] * scale,
            column=start.column + p[1] * scale,
            radius=scale * (1.0 + p[2]),
            tilt_deg=float(np.clip(start.tilt_deg + 60.0 * p[3], 0.0, 90.0)),
            way_deg=start.way_deg + 60.0 * p[4],
            thickness=start.thickness,
            rim=start.rim,
        )

    def away(p: FloatArray) -> FloatArray:
        return _distance(points, outline_of(p).points) / scale

    found = least_squares(away, np.zeros(5), loss="soft_l1", f_scale=0.01, diff_step=[1e-3] * 5, max_nfev=14)
    best = outline_of(found.x)
    return best, float(np.median(np.abs(_distance(points, best.points))) / best.radius)


def _distance(points: FloatArray, polygon: FloatArray) -> FloatArray:
    """Distance (N,) of points from the sides of a closed polygon, positive outside."""
    start, side = polygon, np.roll(polygon, -1, axis=0) - polygon
    length2 = np.maximum((side**2).sum(axis=1), 1e-12)
    offset = points[:, None] - start
    along = np.clip((offset * side).sum(axis=2) / length2, 0.0, 1.0)
    away = offset - along[..., None] * side
    distance = np.sqrt((away**2).sum(axis=2))
    nearest = np.argmin(distance, axis=1)
    rows = np.arange(len(points))
    cross = side[nearest, 0] * away[rows, nearest, 1] - side[nearest, 1] * away[rows, nearest, 0]
    turning = np.sign((start[:, 0] * np.roll(start[:, 1], -1) - np.roll(start[:, 0], -1) * start[:, 1]).sum())
    return np.asarray(-turning * np.sign(cross) * distance[rows, nearest])
