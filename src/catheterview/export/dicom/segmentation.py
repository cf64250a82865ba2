"""Segmentations: the traced catheter as a tube, the pump as a disc, and regions of contrast or tracer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from highdicom import AlgorithmIdentificationSequence
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import NDArray
from pydicom.sr.codedict import codes

from catheterview.export.dicom.codes import own
from catheterview.export.dicom.report_sr import SERIES_NUMBER, label
from catheterview.export.dicom.study import MANUFACTURER, StudyResults, stable_uid
from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes, resample_polyline
from catheterview.model import Centreline, Deposit, Pump, Region

Mask = NDArray[np.bool_]
_KINDS = {
    "catheter": (codes.SCT.PhysicalObject, codes.SCT.Catheter),
    "pump": (codes.SCT.PhysicalObject, own("pump")),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segmented:
    """One segment: a mask (K, J, I) on the sorted slices of a series.

    Parameters
    ----------
    name : str
        ``catheter``, ``pump``, ``contrast`` or ``tracer``.
    """

    name: str
    mask: Mask


def segmentation(
    study: StudyResults, series_instance_uid: str, deposits: tuple[Deposit, ...] = ()
) -> Segmentation | None:
    """Draw what was found in one CT series as a BINARY segmentation of it.

    Parameters
    ----------
    study : StudyResults
    series_instance_uid : str
    deposits : tuple of Deposit
        Contrast or tracer; LPS mm, on any grid.

    Returns
    -------
    Segmentation or None
        None where the series is no stack of single slices, or nothing was found in it.
    """
    slices = _sorted(study.series(series_instance_uid))
    if len(slices) < 2:
        return None
    grid = _grid(slices)
    drawn = [one for one in _drawn(study, series_instance_uid, deposits, grid) if one.mask.any()]
    if not drawn:
        return None
    name = ("seg", series_instance_uid)
    made = Segmentation(
        source_images=slices,
        pixel_array=np.stack([one.mask for one in drawn], axis=-1).astype(np.uint8),
        segmentation_type="BINARY",
        segment_descriptions=[_described(n, one.name, study) for n, one in enumerate(drawn, 1)],
        series_instance_uid=study.uid("series", *name),
        series_number=SERIES_NUMBER + 1,
        sop_instance_uid=study.uid(*name),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=study.report.version,
        device_serial_number="none",
        content_label="CATHETERVIEW",
    )
    _fix_dimension(made, study.uid("dimension", *name))
    return label(made, "catheterview segments", study)


def _fix_dimension(made: Any, uid: str) -> None:
    """Give the dimensions the same UID in every run."""
    made.DimensionOrganizationSequence[0].DimensionOrganizationUID = uid
    for index in made.DimensionIndexSequence:
        index.DimensionOrganizationUID = uid


def _described(number: int, name: str, study: StudyResults) -> SegmentDescription:
    category, kind = _KINDS.get(name, (codes.SCT.Substance, own("region")))
    algorithm = AlgorithmIdentificationSequence(
        name=MANUFACTURER, family=codes.DCM.ArtificialIntelligence, version=study.report.version
    )
    return SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=category,
        segmented_property_type=kind,
        algorithm_type="AUTOMATIC",
        algorithm_identification=algorithm,
        tracking_uid=stable_uid(study.record.study_instance_uid, f"{name} segment {number}"),
        tracking_id=f"{name} segment {number}",
    )


def _drawn(study: StudyResults, uid: str, deposits: tuple[Deposit, ...], grid: Grid) -> list[Segmented]:
    report = study.report
    lines = [one for one in report.catheters if one.series_instance_uid == uid and one.frame is Frame.PATIENT]
    pumps = [one for one in report.pumps if one.series_instance_uid == uid]
    return [
        *(Segmented(name="catheter", mask=_tube(one, grid)) for one in lines),
        *(Segmented(name="pump", mask=_disc(one, grid)) for one in pumps),
        *(Segmented(name=one.substance, mask=_resampled(one.region, grid)) for one in deposits),
    ]


def _tube(catheter: Centreline, grid: Grid) -> Mask:
    """Every voxel nearer to the line than the tube's radius, and at least the one that each point lies in."""
    mask = np.zeros(grid.shape, dtype=bool)
    for first, last in catheter.pieces:
        points = catheter.points[first : last + 1]
        if len(points) > 1:
            points = resample_polyline(points, step=float(grid.spacing_mm.min()) / 2.0)
        _stamp(mask, grid, points, radius_mm=float(np.median(catheter.radius[first : last + 1])))
    return mask


def _stamp(mask: Mask, grid: Grid, points: FloatArray, *, radius_mm: float) -> None:
    """Set the voxels within a radius of points."""
    reach = np.ceil(radius_mm / grid.spacing_mm).astype(int)
    offsets = np.stack(np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij"), axis=-1).reshape(-1, 3)
    near = np.round(grid.world_to_index(points)).astype(int)
    index = (near[:, None, :] + offsets[None]).reshape(-1, 3)
    away = np.linalg.norm(grid.index_to_world(index) - np.repeat(points, len(offsets), axis=0), axis=1)
    keep = (away <= radius_mm) | (np.tile((offsets == 0).all(axis=1), len(points)))
    keep &= ((index >= 0) & (index < np.array(grid.shape))).all(axis=1)
    mask[tuple(index[keep].T)] = True


def _disc(pump: Pump, grid: Grid) -> Mask:
    """The pump as a cylinder."""
    half_mm = float(np.hypot(pump.diameter_mm, pump.thickness_mm)) / 2.0
    middle, reach = grid.world_to_index(pump.center_mm), np.ceil(half_mm / grid.spacing_mm)
    low = np.maximum(np.floor(middle - reach).astype(int), 0)
    high = np.minimum(np.ceil(middle + reach).astype(int) + 1, grid.shape)
    mask = np.zeros(grid.shape, dtype=bool)
    if (low < high).all():
        box = np.stack(np.meshgrid(*[np.arange(a, b) for a, b in zip(low, high, strict=True)], indexing="ij"), axis=-1)
        away = grid.index_to_world(box) - np.array(pump.center_mm)
        along = away @ np.array(pump.normal)
        across = np.linalg.norm(away - along[..., None] * np.array(pump.normal), axis=-1)
        inside = (np.abs(along) <= pump.thickness_mm / 2.0) & (across <= pump.diameter_mm / 2.0)
        mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = inside
    return mask


def _resampled(region: Region, grid: Grid) -> Mask:
    """A region of any grid on this one, by the nearest voxel."""
    mask = np.zeros(grid.shape, dtype=bool)
    low, high = _reach(region.grid, grid)
    if (low < high).all():
        at = np.stack(np.meshgrid(*[np.arange(a, b) for a, b in zip(low, high, strict=True)], indexing="ij"), axis=-1)
        index = np.round(region.grid.world_to_index(grid.index_to_world(at))).astype(int)
        inside = ((index >= 0) & (index < np.array(region.grid.shape))).all(axis=-1)
        index = np.clip(index, 0, np.array(region.grid.shape) - 1)
        mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = (
            inside & region.mask[tuple(np.moveaxis(index, -1, 0))]
        )
    return mask


def _reach(one: Grid, grid: Grid) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """The first index of a grid within another's voxels, edges included, and the first beyond them."""
    extent = np.array(one.shape)
    edges = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]) * extent - 0.5
    box = grid.world_to_index(one.index_to_world(edges))
    low = np.maximum(np.floor(box.min(axis=0)).astype(int), 0)
    return low, np.minimum(np.ceil(box.max(axis=0)).astype(int) + 1, grid.shape)


def _sorted(headers: tuple[Any, ...]) -> list[Any]:
    """Slices by position along their normal; none where they are no single slices of one orientation."""
    if not headers or any("ImagePositionPatient" not in header for header in headers):
        return []
    if len({tuple(header.ImageOrientationPatient) for header in headers}) != 1:
        return []
    axes = np.array(headers[0].ImageOrientationPatient, dtype=np.float64)
    normal = np.cross(axes[:3], axes[3:])
    return sorted(headers, key=lambda header: float(normal @ np.array(header.ImagePositionPatient, dtype=np.float64)))


def _grid(slices: list[Any]) -> Grid:
    """The grid of sorted slices."""
    axes = np.array(slices[0].ImageOrientationPatient, dtype=np.float64)
    first, last = (np.array(slices[n].ImagePositionPatient, dtype=np.float64) for n in (0, -1))
    between_rows_mm, between_columns_mm = (float(value) for value in slices[0].PixelSpacing)
    steps = np.stack([(last - first) / (len(slices) - 1), axes[3:] * between_rows_mm, axes[:3] * between_columns_mm])
    return grid_from_axes((len(slices), int(slices[0].Rows), int(slices[0].Columns)), origin=first, axes_mm=steps)
