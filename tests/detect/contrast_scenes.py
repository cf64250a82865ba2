"""A CT drawn round a catheter of known course: muscle, a bright tube, pools of contrast, bone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from detect_scenes import catheter_of, evidence_of
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catheterview.geometry import FloatArray, Grid, arc_length, grid_from_axes, resample_polyline
from catheterview.model import Evidence, Image, Rung

#: From the pump's rim at the origin under the skin to an elbow, and straight into the canal at x = 100, y = 20.
CORNERS = np.array(
    [[0.0, 0.0, 0.0], [14.0, 4.0, 2.0], [20.0, 60.0, 8.0], [62.0, 70.0, 4.0], [100.0, 22.0, 30.0], [100.0, 20.0, 96.0]]
)
MUSCLE_HU, FAT_HU, TUBE_HU = 50.0, -100.0, 900.0


def course() -> FloatArray:
    """The catheter's axis, its corners rounded."""
    line = resample_polyline(CORNERS, step=0.5)
    padded = np.pad(line, ((40, 40), (0, 0)), mode="edge")
    rounded = np.stack(
        [np.convolve(column, np.hanning(57) / np.hanning(57).sum(), mode="same") for column in padded.T], axis=1
    )
    return resample_polyline(rounded[40:-40], step=0.5)


@cache
def _stage() -> tuple[Grid, FloatArray, FloatArray, FloatArray, NDArray[np.intp]]:
    """Grid, its points, the catheter's axis, and each point's distance from it and nearest row within 15 mm."""
    grid = grid_from_axes((76, 90, 96), origin=(118.0, -14.0, 108.0), axes_mm=((0, 0, -1.5), (0, 1.2, 0), (-1.3, 0, 0)))
    points = grid.index_to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    line = course()
    away, row = cKDTree(line).query(points, distance_upper_bound=15.0)
    return grid, points, line, np.minimum(away, 15.0), np.minimum(row, len(line) - 1)


class Drawing:
    """Muscle with noise on an anisotropic grid that runs feet first, and what is drawn into it."""

    def __init__(self) -> None:
        self.grid, self.points, self.line, self.away, self.row = _stage()
        self.arc_mm = arc_length(self.line)
        self.hu = np.full(self.grid.shape, MUSCLE_HU)
        self.tube = np.exp(-0.5 * (self.away / 0.7) ** 2)

    def at(self, arc_mm: float) -> FloatArray:
        """The point of the catheter at an arc length."""
        return np.array([np.interp(arc_mm, self.arc_mm, column) for column in self.line.T])

    def beside(self, arc_mm: float, by_mm: tuple[float, float, float]) -> FloatArray:
        """A point that far from the catheter at an arc length."""
        return np.asarray(self.at(arc_mm) + np.array(by_mm))

    def blob(self, center: FloatArray, radius_mm: float, add_hu: float) -> Drawing:
        """Add a ball of contrast with a soft edge."""
        away = np.linalg.norm(self.points - center, axis=-1)
        self.hu += add_hu * np.clip(radius_mm + 0.5 - away, 0.0, 1.0)
        return self

    def sleeve(self, first_mm: float, last_mm: float, add_hu: FloatArray) -> Drawing:
        """Add contrast along the outside of the catheter, its density interpolated from the first to the last place."""
        arc = self.arc_mm[self.row]
        strength = np.interp(arc, np.linspace(first_mm, last_mm, len(add_hu)), add_hu)
        self.hu += strength * np.clip(4.5 - self.away, 0.0, 1.0) * ((arc >= first_mm) & (arc <= last_mm))
        return self

    def wider(self, first_mm: float, last_mm: float, radius_mm: float) -> Drawing:
        """Widen the tube between two arc lengths."""
        arc = self.arc_mm[self.row]
        self.tube = np.where((arc >= first_mm) & (arc <= last_mm), np.exp(-((self.away / radius_mm) ** 6)), self.tube)
        return self

    def bone(self, center: FloatArray, half_mm: FloatArray) -> Drawing:
        """Put a box of bone, spongy inside a shell."""
        away = np.abs(self.points - center) - half_mm
        inside = away.max(axis=-1) < 0.0
        self.hu[inside] = np.where(away.max(axis=-1)[inside] < -2.5, 200.0, 1000.0)
        return self

    def sac(self, add_hu: FloatArray) -> Drawing:
        """Fill the canal of `evidence_of` with CSF, and contrast whose density is interpolated from feet to head."""
        away = np.hypot(self.points[..., 0] - 100.0, self.points[..., 1] - 20.0)
        inside = np.clip(7.0 - away, 0.0, 1.0)
        fill = np.interp(self.points[..., 2], np.linspace(-40.0, 110.0, len(add_hu)), add_hu)
        self.hu += inside * (10.0 + fill - self.hu)
        return self

    def crescent(self, add_hu: float, half_deg: float = 70.0) -> Drawing:
        """Add contrast in the outer third of the sac, on the side of the patient's left only."""
        x, y = self.points[..., 0] - 100.0, self.points[..., 1] - 20.0
        off = np.abs((np.degrees(np.arctan2(x, y)) - 60.0 + 180.0) % 360.0 - 180.0)
        away = np.hypot(x, y)
        self.hu += add_hu * ((off < half_deg) & (away > 3.6) & (away < 7.0))
        return self

    def outside_dura(self, add_hu: float) -> Drawing:
        """Add contrast round the sac."""
        away = np.hypot(self.points[..., 0] - 100.0, self.points[..., 1] - 20.0)
        self.hu += add_hu * ((away > 6.8) & (away < 9.5))
        return self

    def mass(self, center: FloatArray, radius_mm: float) -> Drawing:
        """Put a ball of soft tissue in place of what is there."""
        share = np.clip(radius_mm + 0.5 - np.linalg.norm(self.points - center, axis=-1), 0.0, 1.0)
        self.hu += share * (45.0 - self.hu)
        return self

    def in_fat(self) -> Drawing:
        """Fat in place of all muscle that is drawn so far."""
        self.hu += FAT_HU - MUSCLE_HU
        return self

    def covered_pump(self, thick_mm: float, hu: float) -> Evidence:
        """The drawing with a pump that lies free of the catheter, and a layer over its face."""
        seen = self.evidence()
        pump = replace(seen.pumps[0], center_mm=(40.0, 32.0, 74.0), diameter_mm=56.0)
        off = self.points - np.array(pump.center_mm)
        height = off @ np.array(pump.normal)
        across = np.linalg.norm(off - height[..., None] * np.array(pump.normal), axis=-1)
        over = height - pump.thickness_mm / 2.0
        self.hu[(over > 0.0) & (over < thick_mm) & (across < pump.diameter_mm / 2.0 + 3.0)] = hu
        return replace(self.evidence(), pumps=(pump,))

    def evidence(self, rung: Rung = Rung.CAP_CT) -> Evidence:
        """The drawing with its tube, seen with noise."""
        hu = self.hu + (TUBE_HU - self.hu) * self.tube
        hu = hu + np.random.default_rng(3).normal(0.0, 12.0, hu.shape)
        image = Image(
            voxels=np.clip(np.round(hu), -1024, 3071).astype(np.int16),
            grid=self.grid,
            frame=evidence_of([]).image.frame,
            modality="CT",
            series_instance_uid="1.2.3",
            study_instance_uid="1.2",
        )
        return replace(evidence_of([catheter_of([self.line])], rung=rung), image=image)


def shorter(drawing: Drawing, z: float) -> Evidence:
    """The drawing with a catheter that ends at a height of the canal, and no tube above it."""
    keep = int(np.flatnonzero(drawing.line[:, 2] < z)[-1]) + 1
    gone = drawing.points[..., 2] > z
    drawing.away, drawing.tube = np.where(gone, 15.0, drawing.away), np.where(gone, 0.0, drawing.tube)
    evidence = drawing.evidence()
    (whole,) = evidence.catheters
    cut = replace(
        whole,
        points=whole.points[:keep],
        pieces=((0, keep - 1),),
        **{name: getattr(whole, name)[:keep] for name in ("radius", "confidence", "contrast", "noise")},
        landmarks=replace(whole.landmarks, tip=keep - 1),
    )
    return replace(evidence, catheters=(cut,))


def moved(evidence: Evidence, shift: FloatArray) -> Evidence:
    """The same patient elsewhere: image, pump, canal, levels and catheters shifted by a vector."""
    grid = evidence.image.placed
    affine = grid.affine.copy()
    affine[:3, 3] += shift
    anatomy = replace(
        evidence.anatomy,
        canal=evidence.anatomy.canal + shift,
        levels=tuple(replace(one, point=_sum(one.point, shift)) for one in evidence.anatomy.levels),
    )
    return replace(
        evidence,
        image=replace(evidence.image, grid=Grid(shape=grid.shape, affine=affine)),
        pumps=tuple(replace(pump, center_mm=_sum(pump.center_mm, shift)) for pump in evidence.pumps),
        anatomy=anatomy,
        catheters=tuple(replace(one, points=one.points + shift) for one in evidence.catheters),
    )


def _sum(point: tuple[float, float, float], shift: FloatArray) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in np.array(point) + shift)
    return x, y, z
