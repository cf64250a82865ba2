"""Evidence made by hand: a catheter of known shape in an empty image on an oblique grid."""

from __future__ import annotations

import numpy as np

from catheterview.geometry import FloatArray, Frame, Grid, grid_from_axes, resample_polyline
from catheterview.model import Anatomy, Centreline, Evidence, Image, Landmarks, Pump, Rung, VertebralLevel


def oblique_grid() -> Grid:
    """Feet first, turned by 20 degrees, three unequal spacings."""
    c, s = np.cos(np.radians(20.0)), np.sin(np.radians(20.0))
    return grid_from_axes(
        (90, 70, 80),
        origin=(60.0, -60.0, 210.0),
        axes_mm=((0, -2.5 * s, -2.5 * c), (0, 2.1 * c, -2.1 * s), (-1.7, 0, 0)),
    )


def loop_and_rise() -> FloatArray:
    """A strain-relief loop of 12 mm radius and a long gentle rise: nothing is wrong with it."""
    angle = np.linspace(0.0, 2 * np.pi, 200)[:, None]
    loop = 12.0 * (np.sin(angle) * [1, 0, 0] + (1 - np.cos(angle)) * [0, 1, 0]) + angle * [0, 0, 1.0]
    rise = loop[-1] + np.linspace(0.0, 90.0, 180)[1:, None] * np.array([0.8, 0.2, 0.566])
    return resample_polyline(np.concatenate([loop, rise]), step=0.5)


def bent(turn_deg: float, radius_mm: float) -> FloatArray:
    """Straight, an arc of given turn and radius, straight again."""
    turn = np.radians(turn_deg)
    angle = np.linspace(0.0, turn, 60)[1:, None]
    first = np.linspace(0.0, 50.0, 100)[:, None] * np.array([1.0, 0, 0])
    arc = first[-1] + radius_mm * (np.sin(angle) * [1, 0, 0] + (1 - np.cos(angle)) * [0, 0.6, 0.8])
    ahead = np.cos(turn) * np.array([1, 0, 0]) + np.sin(turn) * np.array([0, 0.6, 0.8])
    last = arc[-1] + np.linspace(0.0, 40.0, 80)[1:, None] * ahead
    return resample_polyline(np.concatenate([first, arc, last]), step=0.5)


def catheter_of(pieces: list[FloatArray], *, confidence: FloatArray | None = None) -> Centreline:
    """A centreline of these pieces, seen in full unless told otherwise."""
    points = np.concatenate(pieces)
    ends = np.cumsum([len(piece) for piece in pieces]).tolist()
    starts = [0, *ends[:-1]]
    return Centreline(
        series_instance_uid="1.2.3",
        frame=Frame.PATIENT,
        points=points,
        pieces=tuple((start, end - 1) for start, end in zip(starts, ends, strict=True)),
        radius=np.full(len(points), 0.8),
        confidence=np.ones(len(points)) if confidence is None else confidence,
        contrast=np.full(len(points), 400.0),
        noise=np.full(len(points), 20.0),
        landmarks=Landmarks(pump=0, tip=len(points) - 1),
    )


def evidence_of(catheters: list[Centreline], *, rung: Rung = Rung.CT, shift: FloatArray | None = None) -> Evidence:
    """Evidence with a pump beside the origin and, 100 mm to the left of it, a canal with two levels."""
    moved = np.zeros(3) if shift is None else shift
    x, y, z = (moved + np.array([-44.0, 0.0, 0.0])).tolist()
    grid = oblique_grid()
    canal = np.array([[100.0, 20.0, z] for z in np.linspace(-50.0, 120.0, 40)]) + moved
    return Evidence(
        image=Image(
            voxels=np.zeros(grid.shape, dtype=np.int16),
            grid=Grid(shape=grid.shape, affine=_shifted(grid.affine, moved)),
            frame=Frame.PATIENT,
            modality="CT",
            series_instance_uid="1.2.3",
            study_instance_uid="1.2",
            sop_instance_uids=tuple(f"1.2.3.{k}" for k in range(grid.shape[0])),
        ),
        rung=rung,
        pumps=(
            Pump(
                series_instance_uid="1.2.3",
                center_mm=(x, y, z),
                normal=(0.0, -1.0, 0.0),
                diameter_mm=87.5,
                thickness_mm=19.5,
            ),
        ),
        anatomy=Anatomy(
            series_instance_uid="1.2.3",
            canal=canal,
            canal_radius_mm=np.full(len(canal), 8.0),
            levels=(
                VertebralLevel(name="L2", point=_point(canal[10])),
                VertebralLevel(name="L1", point=_point(canal[25])),
            ),
            levels_from="sacrum",
        ),
        catheters=tuple(catheters),
        why_no_catheter="" if catheters else "nothing leads away from the pump",
    )


def _shifted(affine: FloatArray, by: FloatArray) -> FloatArray:
    moved = affine.copy()
    moved[:3, 3] += by
    return moved


def _point(values: FloatArray) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return x, y, z
