"""Oblique, feet-first, permuted, sheared and anisotropic grids, and small cases on them."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from catheterview.geometry import Frame, Grid, grid_from_axes
from catheterview.model import (
    Centreline,
    Decision,
    Examined,
    Finding,
    Image,
    Kind,
    Pump,
    Report,
    Rung,
    Segment,
    SeriesRecord,
    StudyRecord,
)

UID = "1.2.826.0.1.3680043.8.498.7"
SHAPE = (24, 30, 36)


def grid(name: str) -> Grid:
    """Return one of the grids that the tests run on; none is identity, isotropic or positive-diagonal."""
    step = {
        "head first": [[0, 0, 2.5], [0, 0.7, 0], [0.9, 0, 0]],
        "feet first": [[0, 0, -2.5], [0, 0.7, 0], [-0.9, 0, 0]],
        "prone": [[0, 0, 2.5], [0, -0.7, 0], [-0.9, 0, 0]],
        "sagittal": [[2.5, 0, 0], [0, 0, -0.7], [0, 0.9, 0]],
        "coronal": [[0, -2.5, 0], [0, 0, -0.7], [0.9, 0, 0]],
    }
    origin = (-31.5, 44.25, -612.0)
    if name in step:
        return grid_from_axes(SHAPE, origin=origin, axes_mm=step[name])
    straight = np.array(step["feet first"])
    if name == "oblique":
        return grid_from_axes(
            SHAPE, origin=origin, axes_mm=Rotation.from_euler("zyx", (25, -14, 8), degrees=True).apply(straight)
        )
    if name == "gantry tilt":
        sheared = np.array(step["head first"]) + np.array([[0, 2.5 * np.tan(np.radians(18.5)), 0], [0] * 3, [0] * 3])
        return grid_from_axes(SHAPE, origin=origin, axes_mm=sheared)
    raise ValueError(name)


GRIDS = ("head first", "feet first", "prone", "sagittal", "coronal", "oblique", "gantry tilt")


def catheter_points(on: Grid) -> np.ndarray:
    """Points in LPS mm of a bent line through the inside of a grid."""
    along = np.linspace(0, 1, 41)[:, None]
    index = np.concatenate([5 + 13 * along, 8 + 14 * along**2, 8 + 20 * along], axis=1)
    return on.index_to_world(index)


def image(name: str, *, modality: str = "CT") -> Image:
    """Return an image whose voxels are bright along the catheter, as the nearest voxels to its points."""
    on = grid(name)
    voxels = np.full(SHAPE, 20, dtype=np.int16)
    k, j, i = np.rint(on.world_to_index(catheter_points(on))).astype(int).T
    voxels[k, j, i] = 1500
    return Image(
        voxels=voxels,
        grid=on,
        frame=Frame.PATIENT,
        modality=modality,
        series_instance_uid=UID,
        study_instance_uid=UID + ".1",
    )


def report(name: str, *, case_id: str = "case-a") -> Report:
    """Return the report of a case with a gap and a kink on the same grid as `image`."""
    points = catheter_points(grid(name))
    ones = np.ones(len(points))
    catheter = Centreline(
        series_instance_uid=UID,
        frame=Frame.PATIENT,
        points=points,
        pieces=((0, 19), (20, 40)),
        radius=0.7 * ones,
        confidence=np.linspace(0.2, 1, len(points)),
        contrast=500 * ones,
        noise=20 * ones,
    )
    gap = _finding(Kind.DISCONTINUITY, points[19], Segment.PARASPINAL_TRACT, score=0.9, gap_mm=5.0)
    kink = _finding(Kind.KINK, points[30], Segment.INTRATHECAL, score=0.95, turn_deg=80.0)
    series = SeriesRecord(series_instance_uid=UID, modality="CT", role="volume")
    return Report(
        version="0.1.0",
        case_id=case_id,
        priority="urgent",
        studies=(StudyRecord(study_instance_uid=UID + ".1", date="2026-03-02", rung=Rung.CT, series=(series,)),),
        pumps=(_pump(points[0]),),
        catheters=(catheter,),
        findings=(kink, gap),
        examined=(Examined(detector="discontinuity", series_instance_uids=(UID,), outcome="RAN"),),
        decision=Decision(
            step="T1", action="Targeted revision", urgency="urgent", because=(gap.id,), ask=("vol.aspirated_ml",)
        ),
    )


def _finding(kind: Kind, point: np.ndarray, segment: Segment, *, score: float, **measures: float) -> Finding:
    return Finding(
        kind=kind,
        score=score,
        frame=Frame.PATIENT,
        point=tuple(float(v) for v in point),
        series_instance_uid=UID,
        message=f"A {kind} for the tests.",
        segment=segment,
        measures=measures,
        level="L3",
        cautions=("Streaks near the pump may hide it.",),
    )


def _pump(center: np.ndarray) -> Pump:
    x, y, z = (float(v) for v in center)
    return Pump(
        series_instance_uid=UID, center_mm=(x, y, z), normal=(0.0, -0.6, 0.8), diameter_mm=20.0, thickness_mm=6.0
    )
