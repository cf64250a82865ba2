"""Fluid round a pump: where its face lies in fat, a layer of fluid over it shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from catheterview.detect.along import pump_clearance_mm
from catheterview.detect.contrast.pocket import beside_air, box_round, off_tubes, streaks_of
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray, Grid
from catheterview.limits import DetectLimits
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Evidence, Finding, Kind, Pump, Segment

Mask = NDArray[np.bool_]

_CAUTIONS = (
    "Serum, CSF and pus look alike: whether it is CSF, and whether it is infected, only a sample tells.",
    "Fluid is common in the first weeks after an implant.",
)
#: Fewer voxels than this of the face's first layer are too few to be judged.
_FEW = 100


def find_seromas(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report fluid that covers a pump's face.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        At most one for a pump. Measures: ``mean_hu``, ``volume_ml`` of what lies clear of the metal's blooming, and
        ``covered`` of the face.

    Notes
    -----
    Fluid of 0 to 20 HU round the pump (clinical reference B.3). Behind a pump the edge of muscle and fat has the same
    HU, and streaks do; so only the face is asked, which lies in fat, and only where it shows no streaks.
    """
    seen = [_fluid(evidence, pump, limits.contrast) for pump in evidence.pumps]
    return tuple(finding_of(evidence, one, limits) for one in seen if one is not None)


def _fluid(evidence: Evidence, pump: Pump, limits: ContrastLimits) -> Observation | None:
    """Fluid over one pump's face."""
    view, grid = box_round(evidence.image, pump, limits.pocket_reach_mm)
    fine = ndimage.gaussian_filter(view.astype(np.float32), limits.blur_mm / grid.spacing_mm, mode="nearest")
    if streaks_of(fine, grid, pump, limits) > limits.seroma_streak_hu:
        return None
    smooth = ndimage.gaussian_filter(view.astype(np.float32), limits.seroma_blur_mm / grid.spacing_mm, mode="nearest")
    fluid, away = _over_face(smooth, grid, pump, limits)
    index = np.argwhere(np.isfinite(away))
    free = off_tubes(grid.index_to_world(index), evidence.catheters, limits)
    index = index[free]
    layer = away[tuple(index.T)] < limits.seroma_layer_mm[1]
    if layer.sum() < _FEW:
        return None
    share = float(fluid[tuple(index[layer].T)].mean())
    beyond = away[tuple(index.T)] > limits.pocket_reach_mm - limits.seroma_layer_mm[1]
    goes_on = float(fluid[tuple(index[beyond].T)].mean()) if beyond.any() else 0.0
    if share < limits.seroma_share or goes_on > share / 2.0:
        return None  # what fills all of the neighbourhood is tissue and no collection
    inside = index[fluid[tuple(index.T)]]
    return _observed(grid, inside, smooth[tuple(inside.T)], share)


def _over_face(smooth: NDArray[np.float32], grid: Grid, pump: Pump, limits: ContrastLimits) -> tuple[Mask, FloatArray]:
    """Which voxels hold fluid that hangs together, and how far off the metal those over the face lie; nan elsewhere."""
    points = grid.index_to_world(np.moveaxis(np.indices(smooth.shape), 0, -1).reshape(-1, 3))
    off = points - np.array(pump.center_mm)
    height = off @ np.array(pump.normal)
    across = np.linalg.norm(off - height[:, None] * np.array(pump.normal), axis=1)
    over = (height > pump.thickness_mm / 2.0) & (across < pump.diameter_mm / 2.0)
    over &= height < pump.thickness_mm / 2.0 + limits.pocket_reach_mm
    over &= ~beside_air(smooth, grid.spacing_mm, limits).ravel()
    away = np.full(len(points), np.nan)
    away[over] = pump_clearance_mm(pump, points[over])
    far = np.where(away >= limits.seroma_layer_mm[0], away, np.nan).reshape(smooth.shape)
    low, high = limits.seroma_hu
    labels, count = ndimage.label((smooth > low) & (smooth < high) & np.isfinite(far))
    if not count:
        return np.zeros(smooth.shape, dtype=bool), far
    largest = int(np.argmax(np.bincount(labels.ravel())[1:])) + 1
    return np.asarray(labels == largest), far


def _observed(grid: Grid, inside: NDArray[np.intp], hu: NDArray[np.float32], share: float) -> Observation:
    """Put fluid into a detector's terms."""
    volume_ml = len(inside) * grid.voxel_volume_mm3 / 1000.0
    return Observation(
        kind=Kind.SEROMA,
        point=np.asarray(grid.index_to_world(inside).mean(axis=0)),
        arc_mm=None,
        score=float(np.clip(0.5 + 0.5 * share, 0.5, 0.9)),
        measures={
            "mean_hu": round(float(hu.mean()), 0),
            "volume_ml": round(volume_ml, 1),
            "covered": round(share, 2),
        },
        message=f"Fluid covers {100.0 * share:.0f} % of the pump's face ({volume_ml:.0f} ml clear of the metal)",
        cautions=_CAUTIONS,
        segment=Segment.POCKET,
    )
