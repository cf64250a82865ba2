"""Fluid round a pump: where its face lies in fat, how thick fluid is over it shows."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from catheterview.detect.contrast.pocket import beside_air, box_round, off_tubes
from catheterview.detect.place import Observation, finding_of
from catheterview.geometry import FloatArray, moving_frame
from catheterview.limits import DetectLimits
from catheterview.limits.contrast import ContrastLimits
from catheterview.model import Evidence, Finding, Kind, Pump, Segment

_CAUTIONS = (
    "Serum, CSF and pus look alike: whether it is CSF, and whether it is infected, only a sample tells.",
    "Fluid is common in the first weeks after an implant.",
)
#: Depth of the layers of a cell, and the fewest voxels that tell one's HU.
_LAYER_MM, _FEW = 0.5, 6
#: What is judged of a face: clear of its rim, which blooms from two sides.
_RIM_MM = 4.0
_BINS_FROM_MM = 0.25
#: So many layers tell how far cells differ where nothing but noise makes them.
_EVEN_LAYERS = 5


def find_seromas(evidence: Evidence, limits: DetectLimits) -> tuple[Finding, ...]:
    """Report fluid that covers a pump's face.

    Parameters
    ----------
    evidence : Evidence
    limits : DetectLimits

    Returns
    -------
    tuple of Finding
        At most one for a pump. Measures: ``mean_hu``, ``thick_mm`` and ``volume_ml`` of the fluid over the face, and
        ``covered`` of the face.

    Notes
    -----
    Fluid of 0 to 20 HU round the pump (clinical reference B.3). How thick it is is read cell by cell of the face from
    where its HU falls to half way to fat; so a layer is told that is hardly thicker than the metal's blooming. Behind a
    pump the edge of muscle and fat has the same HU, and streaks do; so only the face is asked, which lies in fat, and
    only where it shows no streaks.
    """
    seen = [_fluid(evidence, pump, limits.contrast) for pump in evidence.pumps]
    return tuple(finding_of(evidence, one, limits) for one in seen if one is not None)


def _fluid(evidence: Evidence, pump: Pump, limits: ContrastLimits) -> Observation | None:
    """Fluid over one pump's face."""
    view, grid = box_round(evidence.image, pump, limits.pocket_reach_mm)
    fine = ndimage.gaussian_filter(view.astype(np.float32), limits.blur_mm / grid.spacing_mm, mode="nearest")
    points = grid.index_to_world(np.argwhere(~beside_air(fine, grid.spacing_mm, limits)))
    across, depth = _on_face(points, pump)
    over = (np.linalg.norm(across, axis=1) < pump.diameter_mm / 2.0 - _RIM_MM) & (depth > _BINS_FROM_MM)
    over &= depth < limits.pocket_reach_mm
    over[over] = off_tubes(points[over], evidence.catheters, limits)
    hu = view[tuple(np.rint(grid.world_to_index(points[over])).astype(int).T)]
    layers = _layers(across[over], depth[over], hu.astype(np.float64), limits)
    if len(layers) < limits.seroma_cells or _uneven_hu(layers, limits) > limits.seroma_streak_hu:
        return None
    read = [_thickness(one, limits) for one in layers]
    thick = np.array([mm for mm, _ in read])
    covered = (thick >= limits.seroma_mm) & (thick <= limits.seroma_goes_on_mm)
    share = float(covered.mean())
    if share < limits.seroma_share or float((thick > limits.seroma_goes_on_mm).mean()) > share / 2.0:
        return None  # what fills all of the neighbourhood is tissue and no collection
    return _observed(pump, thick[covered], np.array([hu for _, hu in read])[covered], share)


def _on_face(points: FloatArray, pump: Pump) -> tuple[FloatArray, FloatArray]:
    """(N, 2) mm in the plane of a pump's face, and (N,) mm in front of it."""
    off = points - np.array(pump.center_mm)
    normals = moving_frame(np.stack([np.zeros(3), np.array(pump.normal)]))
    first, second = (one[0] for one in normals)
    return np.stack([off @ first, off @ second], axis=1), off @ np.array(pump.normal) - pump.thickness_mm / 2.0


def _layers(across: FloatArray, depth: FloatArray, hu: FloatArray, limits: ContrastLimits) -> list[FloatArray]:
    """(D,) HU of the layers over each cell of the face, from the metal out; between known ones where too few are."""
    cell = np.floor(across / limits.seroma_cell_mm).astype(int)
    layer = ((depth - _BINS_FROM_MM) / _LAYER_MM).astype(int)
    count = int(layer.max(initial=0)) + 1
    out = []
    for one in np.unique(cell, axis=0):
        mine = (cell == one).all(axis=1)
        each = [hu[mine & (layer == n)] for n in range(count)]
        known = np.flatnonzero([len(values) >= _FEW for values in each])
        if len(known) >= count // 3:
            out.append(np.interp(np.arange(count), known, [float(np.median(each[n])) for n in known]))
    return out


def _uneven_hu(layers: list[FloatArray], limits: ContrastLimits) -> float:
    """How far cells differ at the depths at which they differ least: by noise, and by streaks, but not by fluid."""
    low, high = np.percentile(np.array(layers), (25, 75), axis=0)
    row = int(np.searchsorted(_BINS_FROM_MM + _LAYER_MM * np.arange(len(low)), limits.seroma_from_mm))
    return float(np.sort((high - low)[row:])[:_EVEN_LAYERS].mean())


def _thickness(layers_hu: FloatArray, limits: ContrastLimits) -> tuple[float, float]:
    """How far off the metal the fluid over one cell ends, 0 where there is none, and its HU."""
    depth = _BINS_FROM_MM + _LAYER_MM * (np.arange(len(layers_hu)) + 0.5)
    low, high = limits.seroma_hu
    edge_hu = 0.5 * (limits.seroma_fat_hu + 0.5 * (low + high))
    row = int(np.searchsorted(depth, limits.seroma_from_mm))
    below = np.flatnonzero(layers_hu[row:] < edge_hu)
    last = row + int(below[0]) if len(below) else len(depth)
    if last == row:
        return 0.0, 0.0
    inside = float(np.median(layers_hu[row : max(row + 1, last - 1)]))
    if not low < inside < high:
        return 0.0, 0.0
    if last == len(depth):
        return float(depth[-1]), inside
    part = (layers_hu[last - 1] - edge_hu) / max(layers_hu[last - 1] - layers_hu[last], 1.0)
    return float(depth[last - 1] + part * _LAYER_MM), inside


def _observed(pump: Pump, thick_mm: FloatArray, hu: FloatArray, share: float) -> Observation:
    """Put fluid into a detector's terms."""
    thick = float(np.median(thick_mm))
    face_ml_per_mm = np.pi * (pump.diameter_mm / 2.0) ** 2 / 1000.0
    volume_ml = share * face_ml_per_mm * float(thick_mm.mean())
    middle = np.array(pump.center_mm) + (pump.thickness_mm / 2.0 + 0.5 * thick) * np.array(pump.normal)
    return Observation(
        kind=Kind.SEROMA,
        point=middle,
        arc_mm=None,
        score=float(np.clip(0.5 + 0.5 * share, 0.5, 0.9)),
        measures={
            "mean_hu": round(float(np.median(hu)), 0),
            "thick_mm": round(thick, 1),
            "volume_ml": round(volume_ml, 1),
            "covered": round(share, 2),
        },
        message=f"Fluid covers {100.0 * share:.0f} % of the pump's face, {thick:.0f} mm thick "
        f"({volume_ml:.0f} ml over the face)",
        cautions=_CAUTIONS,
        segment=Segment.POCKET,
    )
